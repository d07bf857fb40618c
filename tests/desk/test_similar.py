"""Beside a report: what is like it among what one may see, what is new in it, cases that fit."""

from typing import Any

import pytest

from bot.errors import Refused
from bot.services import beside, house, views
from bot.services.beside import Beside
from bot.services.history import History
from bot.services.search import Searches
from storage.models import accesses
from storage.repositories import guards
from tests.desk.conftest import Desk
from tests.guards.test_confirming import confirm
from tests.services.conftest import Office, answers, nameless

HOLE = "중앙시장 앞 도로가 깊게 파여 자전거가 넘어질 뻔했어요. 세 번 전화했는데 답이 없어요."
AGAIN = HOLE + " 이번에는 아이가 넘어져서 다쳤어요."
LAMP = "가로등이 두 달째 꺼져 있어 밤길이 무섭습니다. 언제 고치는지 알려 주세요."


@pytest.fixture
def searches() -> Searches:
    return Searches(lambda _seconds, _work: None)


def look(office: Office, searches: Searches, who: str, number: str) -> Beside:
    return beside.of(office.svc, office.store, searches, office.people[who], number)


def opened(office: Office, who: str, *numbers: str) -> None:
    actor = office.people[who]
    for number in numbers:
        office.do(lambda u, n=number: views.declare(office.svc, u, actor, n, conflict=False))


def filed(office: Office, what: str, address: str, **changes: Any) -> str:
    person = {"name": f"김{address}", "email": f"{address}@example.com"}
    return office.investigating(
        answers(what=what, **{**person, **changes}), address=address
    ).number


def test_a_report_like_it_stands_beside_and_another_matter_does_not(office: Office, searches):
    first, lamp, second = (
        filed(office, words, name) for words, name in ((HOLE, "a"), (LAMP, "b"), (HOLE, "c"))
    )
    opened(office, "choi", second, first)
    (like,) = look(office, searches, "choi", second).likes
    assert (like.row.number, like.again, like.alike, like.new) == (first, False, True, ())
    assert like.share > 90
    opened(office, "choi", lamp)
    assert look(office, searches, "choi", lamp).likes == ()


def test_of_a_repeat_it_is_told_what_is_new(office: Office, searches):
    first = office.investigating(answers(what=HOLE), address="a").number
    second = office.investigating(answers(what=AGAIN), address="a").number
    opened(office, "choi", second)
    (like,) = look(office, searches, "choi", second).likes
    assert (like.again, like.readable, like.new) == (
        True,
        False,
        (),
    )  # the earlier is not open yet
    opened(office, "choi", first)
    (like,) = look(office, searches, "choi", second).likes
    assert like.new == ("이번에는 아이가 넘어져서 다쳤어요.",)
    (back,) = look(office, searches, "choi", first).likes
    assert not back.again  # what came later is no earlier report


def test_a_report_that_is_named_as_the_earlier_one_is_shown_as_such(office: Office, searches):
    first = filed(office, HOLE, "a")
    second = filed(office, LAMP, "b", prior_no=f"앞의 번호 {first}")
    third = filed(office, HOLE + " " + LAMP, "c", prior_no=f"앞의 번호 {first}")
    opened(office, "choi", first, second, third)
    found = {like.row.number: like.again for like in look(office, searches, "choi", third).likes}
    assert found == {first: True, second: False}


def test_who_wrote_without_a_name_is_tied_to_nobody(office: Office, searches):
    first = office.investigating(answers(what=HOLE), address="a").number
    second = office.file(nameless(what=AGAIN), address="a").number
    confirm(office, second, "road")
    opened(office, "choi", first, second)
    (like,) = look(office, searches, "choi", second).likes
    assert not like.again


def test_who_is_kept_out_finds_nothing_and_an_auditor_only_his_own(office: Office, searches):
    first, second = filed(office, HOLE, "a"), filed(office, HOLE, "b")
    opened(office, "park", second)
    assert len(look(office, searches, "park", second).likes) == 1
    office.act("kim", first, "reassign", handler="lim")
    assert look(office, searches, "park", second).likes == ()
    opened(office, "choi", second)
    assert len(look(office, searches, "choi", second).likes) == 1
    choi, filing = office.people["choi"], office.filing(first)
    office.do(
        lambda u: guards.add(u, filing.id, user_id=choi.user_id, confirmed_at=office.clock())
    )
    assert look(office, searches, "choi", second).likes == ()
    for who, number in (("choi", first), ("park", first), ("lee", second), ("seo", second)):
        with pytest.raises(Refused, match=r"filing\.unknown"):
            look(office, searches, who, number)


def test_what_was_looked_for_is_noted_with_a_count_and_no_words(office: Office, searches):
    first, second = filed(office, HOLE, "a"), filed(office, HOLE, "b")
    opened(office, "choi", second, first)
    look(office, searches, "choi", second)
    event = office.see(lambda u: dict(History(u, house.HOUSE).last("searched").detail))
    assert event == {"hits": 1}
    rows = office.see(lambda u: u.conn.execute(accesses.select()).all())
    noted = [(row.what, row.count) for row in rows if row.filing_id == office.filing(second).id]
    assert ("similar_found", 1) in noted
    sid = office.filing(first).sid
    assert (
        office.see(lambda u: History(u, sid).last("compared")) is not None
    )  # whose words were read says so


def test_cases_that_are_published_stand_beside(office: Office, searches):
    number = filed(office, "도로에 파인 곳을 신고했는데 보수가 늦어 사고가 났습니다.", "a")
    opened(office, "park", number)
    found = look(office, searches, "park", number).cases
    assert all(case.status == "published" for case in found)
    assert len(found) <= beside.CASES


def test_the_page_says_it_all_and_hostile_words_do_nothing(room: Desk, office: Office):
    hostile = (
        '<script>alert(1)</script> 도로가 파였습니다. "><img src=x onerror=alert(2)> 고쳐 주세요.'
    )
    first = office.investigating(answers(what=hostile), address="a").number
    second = office.investigating(
        answers(what=hostile + " <b>새 말</b>입니다."), address="a"
    ).number
    seat = room.seat("park")
    seat.open(first)
    seat.open(second)
    answer = seat.get(f"/filings/{second}/similar")
    assert first in answer.text
    assert "이번에 새로 쓰신 것" in answer.text
    raw = seat.client.get(f"https://desk.gaon.example/desk/filings/{second}/similar").text
    assert "<b>새 말" not in raw
    assert "<script>alert" not in raw
