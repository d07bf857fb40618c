"""Everybody before an application: at the desk and at the messenger, before and after approval."""

import pytest

from bot.errors import Refused
from bot.services import cards, office_apply, rights, sight, views
from bot.services import office as acts
from bot.services.rights import Right
from storage.unit import Unit
from tests.desk.conftest import Desk
from tests.office.conftest import with_messenger
from tests.services import applying
from tests.services.conftest import Office

OWN = {"lee", "gil"}
OFFICE = {"kim", "choi", "park"}
READ = {"signing": OWN, "reviewing": OWN | OFFICE}
KNOW = {"signing": OWN, "reviewing": OWN | OFFICE | {"seo", "oh"}}
APPLY = {"kim", "park", "lim", "choi", "yoon", "lee", "jung", "oh", "gil", "nam"}


@pytest.fixture
def numbers(office: Office) -> dict[str, str]:
    return {"signing": applying.apply(office), "reviewing": applying.reviewing(office)}


def known(office: Office, who: str, number: str) -> bool:
    try:
        office.see(lambda u: cards.board(office.svc, u, office.people[who], number))
    except Refused as no:
        return no.key != "filing.unknown"
    return True


def read(office: Office, who: str, number: str) -> str:
    actor = office.people[who]

    def work(unit: Unit) -> str:
        if views.unasked(unit, actor, number):
            views.declare(office.svc, unit, actor, number, conflict=False)
        return str(acts.words(office.svc, unit, actor, number))

    try:
        return str(office.do(work))
    except Refused as no:
        return no.key


@pytest.mark.parametrize("state", ["signing", "reviewing"])
def test_who_knows_of_it_and_who_reads_it(office: Office, numbers: dict[str, str], state: str):
    with_messenger(office, "full")
    number, word = numbers[state], "창고의 용도변경"
    everybody = set(office.people)
    assert {who for who in everybody if known(office, who, number)} == KNOW[state]
    assert {who for who in everybody if word in read(office, who, number)} == READ[state]
    with_messenger(office, "numbers")
    assert not [who for who in everybody if word in read(office, who, number)]


@pytest.mark.parametrize("state", ["signing", "reviewing"])
def test_who_opens_its_pages(office: Office, room: Desk, numbers: dict[str, str], state: str):
    number = numbers[state]
    opened = {who: room.seat(who).status(f"/applications/{number}") for who in office.people}
    assert {who for who, status in opened.items() if status == 200} == OWN
    away = {who for who, status in opened.items() if status == 303}  # to the office's own page
    assert away <= KNOW[state] - OWN
    approve = {who: room.seat(who).status(f"/applications/{number}/approve") for who in OWN}
    assert approve == {"lee": 303, "gil": 200 if state == "signing" else 303}


def test_who_may_apply_and_where(office: Office, numbers: dict[str, str]):
    def may(who: str) -> str:
        actor = office.people[who]
        try:
            office.see(
                lambda u: acts.form(office.svc, u, actor, office_apply.APPLY, "preconsulting")
            )
        except Refused as no:
            return no.key
        return "yes"

    with_messenger(office, "numbers")
    assert {may(who) for who in APPLY} == {"office.desk_only"}
    with_messenger(office, "full")
    found = {who: may(who) for who in office.people}
    assert {who for who, what in found.items() if what == "yes"} == {"lee", "gil", "nam", "yoon"}
    others = {what for who, what in found.items() if who in APPLY and what != "yes"}
    assert others == {"application.no_head"}  # their units have none here
    assert {found[who] for who in ("han", "seo")} == {"access.not_allowed"}


def test_what_nobody_approves_at_the_messenger(office: Office, numbers: dict[str, str]):
    with_messenger(office, "full")
    number = numbers["signing"]
    board = office.see(lambda u: cards.board(office.svc, u, office.people["gil"], number))
    assert [one.url for one in board.options if one.command is None]
    assert "approve" not in str(board.options)
    with pytest.raises(Refused, match=r"office\.unknown_act"):
        office.do(lambda u: acts.do(
            office.svc, u, office.people["gil"], "approve", number, None, {"declare": "yes"}
        ))  # fmt: skip


def test_the_roles_in_one_filing_are_no_roles_elsewhere(office: Office, numbers: dict[str, str]):
    gil = office.people["gil"]
    assert not rights.may(gil, Right.CONTENT)
    here = sight.acting(gil, office.filing(numbers["signing"]))
    assert rights.may(here, Right.CONTENT)
    assert not rights.may(here, Right.IDENTITY)
