"""되풀이 민원: only the same person's, everything new shown, two answers before a close."""

from datetime import date

import pytest

from bot.errors import Refused
from bot.services import comparing, moves, repeats, views
from bot.services.base import CLOCK
from bot.services.comparing import Repeats
from storage.repositories import guards
from tests.services.conftest import WHAT, Office, answers, nameless

ENDED = {"ground": "private", "reason": "r", "remedy": "r"}


def compare(office: Office, number: str, login: str = "choi") -> Repeats:
    actor = office.people[login]

    def work(unit: object) -> Repeats:
        for one in {
            number,
            *(e.number for e in repeats.before(unit, office.filing(number), CLOCK)),
        }:
            if views.unasked(unit, actor, one):
                views.declare(office.svc, unit, actor, one, conflict=False)
        return comparing.compare(office.svc, unit, actor, number)

    return office.do(work)


def test_the_same_person_is_known_by_peer_or_by_name_and_contact(office: Office):
    first = office.file()
    here = office.file()
    elsewhere = office.file(address="b")
    namesake = office.file(
        answers(name="홍길동", email="other@example.com", address="나래시 1"), address="c"
    )

    def before(number: str) -> list[str]:
        filing = office.filing(number)
        return [one.number for one in office.see(lambda u: repeats.before(u, filing, CLOCK))]

    assert before(here.number) == [first.number]
    assert before(elsewhere.number) == [first.number, here.number]
    assert before(namesake.number) == []
    assert before(office.file(nameless()).number) == []


def test_four_digits_alone_are_not_the_same_person(office: Office):
    one = {"reply_by": "phone", "email": None, "address": "가온시 1"}
    office.file(answers(phone="010-1111-5678", **one))
    other = office.file(
        answers(**{**one, "address": "가온시 2"}, phone="010-2222-5678"), address="b"
    )
    filing = office.filing(other.number)
    assert office.see(lambda u: repeats.before(u, filing, CLOCK)) == ()


def test_what_is_new_is_shown_whatever_else_is_the_same(office: Office):
    first = office.investigating()
    office.act("choi", first.number, "close_excluded", **ENDED)
    fresh = "11월 20일에는 아내가 넘어져 다쳤어요."
    again = office.investigating(answers(what=f"{WHAT} {fresh}"))
    found = compare(office, again.number)
    assert found.new == (fresh,)
    assert found.answered == (date(2026, 11, 23),)
    assert found.count == 2
    (earlier,) = found.earlier
    assert earlier.alike
    assert [one.text for one in earlier.now if one.new] == [fresh]
    assert not any(one.new for one in earlier.then)


def test_a_number_that_changed_is_new(office: Office):
    office.investigating(answers(what="10월 3일에 전화했어요."))
    again = office.investigating(answers(what="11월 9일에 전화했어요."))
    assert "11월 9일에 전화했어요." in compare(office, again.number).new


def test_what_others_wrote_alike_is_a_number_only(office: Office):
    office.investigating(
        answers(name="김영희", email="kim@example.com", address="x 1"), address="b"
    )
    mine = office.investigating()
    found = compare(office, mine.number)
    assert found.earlier == ()
    assert found.count == 1
    assert found.others == 1


def test_a_third_is_closed_after_two_answers_and_the_form_knows_them(office: Office):
    for n in range(2):
        one = office.investigating(address=f"p{n}")  # by another device each time
        office.act("choi", one.number, "close_excluded", **ENDED)
    third = office.investigating(address="p9")
    filing = office.filing(third.number)
    given = office.see(lambda u: repeats.proposal(u, filing, CLOCK))
    assert given == {"count": "3", "dates": "2026. 11. 23., 2026. 11. 23."}
    found = office.see(
        lambda u: moves.available(office.svc, u, office.people["choi"], third.number)
    )
    form = next(one for one in found if one.action == "close_repeat")
    assert not form.blocked
    assert "같은 내용이고" in form.prefill["reason"]
    office.act("choi", third.number, "close_repeat", **form.prefill)
    assert office.filing(third.number).outcome == "closed_repeat"


def test_what_is_guarded_against_a_reader_is_not_counted_either(office: Office):
    choi = office.people["choi"]
    about_him, waiting = office.investigating(), office.file()
    office.do(lambda u: guards.confirm(u, office.filing(waiting.number).id, office.clock()))
    office.act("choi", about_him.number, "close_excluded", **ENDED)
    third = office.investigating()
    assert (compare(office, third.number).count, len(compare(office, third.number).answered)) == (
        3,
        1,
    )
    filing = office.filing(about_him.number)
    office.do(lambda u: guards.add(
        u, filing.id, user_id=choi.user_id, confirmed_at=office.clock()
    ))  # fmt: skip
    office.do(lambda u: guards.add(
        u, office.filing(waiting.number).id, user_id=choi.user_id, proposed=True
    ))  # fmt: skip
    found = compare(office, third.number)
    assert (found.count, found.answered, found.earlier) == (1, (), ())
    given = office.see(lambda u: moves.available(office.svc, u, choi, third.number))
    form = next(one for one in given if one.action == "close_repeat")
    assert "dates" not in form.prefill
    assert form.blocked


def test_what_another_handles_is_counted_all_the_same(office: Office):
    first = office.investigating()
    office.act("choi", first.number, "close_excluded", **ENDED)
    again = office.file()
    office.act("kim", again.number, "assign", handler="lim", unit="road")
    office.act("lim", again.number, "start")
    found = compare(office, again.number, "lim")
    assert (found.earlier, found.count, found.answered) == ((), 2, (date(2026, 11, 23),))


def test_who_may_not_see_a_report_compares_nothing(office: Office):
    mine = office.investigating()
    with pytest.raises(Refused, match=r"filing\.unknown"):
        office.do(lambda u: comparing.compare(
            office.svc, u, office.people["lim"], mine.number
        ))  # fmt: skip
