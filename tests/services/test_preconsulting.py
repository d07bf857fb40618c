"""사전컨설팅 on both databases: from draft to close, and a revision that takes its place."""

import pytest

from bot.errors import Refused
from bot.services import applications, sight
from tests.services import applying
from tests.services.conftest import Office


@pytest.fixture
def unit_office(office: Office) -> Office:
    applying.staff(office)
    return office


def sees(office: Office, who: str, number: str) -> bool:
    try:
        office.see(lambda u: sight.find(u, office.people[who], number))
    except Refused:
        return False
    return True


def test_the_whole_life_from_draft_to_close(unit_office: Office):
    office = unit_office
    number = applying.apply(office)
    assert office.filing(number).state == "signing"
    assert not sees(office, "kim", number)
    applying.approve(office, number)
    assert office.filing(number).state == "handed"
    assert sees(office, "kim", number)
    office.act("kim", number, "receive")
    assert office.filing(number).due_at is None  # no period is set
    office.act("kim", number, "assign", handler="park")
    office.act("park", number, "promise", day="2026-12-11")
    office.act("park", number, "ask_supplement", items="도면", why="걸친 넓이", until="2026-12-01")
    office.act("lee", number, "supplement_reply", text="도면을 붙입니다.")
    office.act("park", number, "to_committee", question="주민에게 미치는 영향")
    office.act("park", number, "committee_reply", date="2026-11-23", opinion="영향이 작다")
    office.act("park", number, "to_superior", agency="도 감사위원회", question="같은 뜻인지")
    office.act("park", number, "superior_reply", date="2026-11-23", opinion="같다")
    applying.replied(office, number)
    assert office.filing(number).state == "replied"
    assert office.filing(number).outcome == "conditional"
    office.act("lee", number, "report_outcome", followed="as_advised", text="그대로 받았습니다.")
    office.act("park", number, "close")
    assert office.filing(number).state == "closed"
    assert office.filing(number).closed_at is not None


def test_nothing_of_it_is_changed_a_revision_takes_its_place(unit_office: Office):
    office = unit_office
    first = applying.apply(office)
    office.act("gil", first, "ask_revision", why="을설을 더 적어 주세요")
    known = office.see(
        lambda u: applications.known(office.svc, u, office.people["lee"], first, "preconsulting")
    )
    assert known["task"] == applying.words()["task"]
    assert "declare" not in known  # it is made anew
    second = applying.apply(office, after=first, view_b="을설을 더 적었습니다.")
    assert office.filing(first).state == "revised"
    assert office.filing(second).after_id == office.filing(first).id
    assert office.refused("lee", second, "revise") == "guard.has_successor"
    assert office.refused("nam", first, "revise") == "filing.unknown"
