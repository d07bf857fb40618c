"""S9: nothing leaves that one person alone has made and let go, however many accounts he has."""

from datetime import date

import pytest

from bot.errors import Refused
from bot.services import approval_attempts, approvals, broadcast_approvals, broadcasts
from bot.services.base import Actor
from bot.services.house import HOUSE
from bot.services.rights import GRAVE
from knowledge.newsletter import Segment
from storage import journal
from storage.repositories import deputies, users
from tests.newsletters.conftest import Press, at, refused

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def month(press: Press) -> int:
    """The clock's draft, with a case in it."""
    press.case(days=3)
    return press.draft(None)


def asked(press: Press, one: int, who: str = "min") -> int:
    press.ready(one, who)
    return press.ask(one, who)


def try_it(press: Press, approval: int, who: str | Actor) -> str:
    """Decide as the desk does: a refusal is written down after it."""
    actor = press.who(who)
    with pytest.raises(Refused) as caught:
        press.decide(approval, actor)
    told = caught.value
    press.do(lambda u: approval_attempts.tried(press.svc, u, actor, approval, told))
    return told.key


def watched(press: Press) -> list[str]:
    """Give why attempts were refused, as the house's journal and the inspector's mail have it."""
    events = press.office.see(lambda u: journal.history(u, HOUSE))
    noted = [one.detail["why"] for one in events if one.kind == "approval_tried" and one.detail]
    letters = [one for one in press.office.sent("mail") if one.text.key.endswith("tried")]
    assert len(letters) == len(noted)
    return noted


def test_a_second_person_lets_it_go_and_what_is_bound_is_what_was_seen(press: Press, month: int):
    approval = asked(press, month)
    assert press.one(month).state == "asked"
    assert press.decide(approval, "chae") == "done"
    one = press.one(month)
    assert (one.state, one.approved_by_id) == ("approved", press.who("chae").user_id)
    assert one.approved_hash == press.office.see(lambda u: broadcasts.bound(u, one))


def test_who_edited_the_clock_s_draft_cannot_approve_it_and_the_inspector_hears(
    press: Press, month: int
):
    approval = asked(press, month)
    assert try_it(press, approval, "min") == "approval.self"
    assert press.one(month).state == "asked"
    assert watched(press) == ["approval.self"]
    said = press.office.see(
        lambda u: broadcast_approvals.no(press.svc, u, press.who("min"), month)
    )
    assert said.key == "newsletter.self"
    assert "chae" in said.params["others"]
    assert "song" in said.params["others"]


def test_an_editor_who_left_it_to_another_to_ask_cannot_approve_it_either(
    press: Press, month: int
):
    press.edit(month, "song", lead="한 줄")
    approval = asked(press, month)
    assert try_it(press, approval, "song") == "approval.self"


def test_an_account_that_an_editor_made_is_the_editor(press: Press, month: int):
    approval = asked(press, month)
    second = press.add("min2", "editor", by=press.who("min").user_id)
    assert try_it(press, approval, second) == "approval.made_by_asker"
    press.edit(month, "song", lead="한 줄")
    again = asked(press, month)
    of_song = press.add("song2", "chief", by=press.who("song").user_id)
    assert try_it(press, again, of_song) == "approval.made_by_asker"
    assert watched(press) == ["approval.made_by_asker"] * 2


def test_an_account_with_the_same_employee_number_or_of_yesterday_is_refused(
    press: Press, month: int
):
    approval = asked(press, month)
    fresh = press.add("fresh", "chief")
    assert try_it(press, approval, fresh) == "approval.too_new"
    nobody = press.add("nobody", "chief")
    press.do(lambda u: users.change(u, nobody.user_id, staff_no=None))
    assert try_it(press, approval, nobody) == "approval.no_staff_no"


def test_who_reset_the_other_s_second_factor_holds_both_in_his_hand(press: Press, month: int):
    approval = asked(press, month)
    chae, min_ = press.who("chae").user_id, press.who("min").user_id
    press.do(lambda u: users.change(u, chae, reset_by_id=min_))
    assert try_it(press, approval, "chae") == "approval.made_by_asker"
    assert watched(press) == ["approval.made_by_asker"]


def test_a_deputy_of_an_editor_is_no_second_person(press: Press, month: int):
    approval = asked(press, month)
    chae = press.who("chae")
    stands = Actor(
        "official", chae.user_id, roles=chae.roles, stands_for=frozenset({press.who("min").user_id})
    )  # fmt: skip
    assert try_it(press, approval, stands) == "approval.self"


def test_whoever_sent_himself_a_test_of_this_version_is_no_second_person(press: Press, month: int):
    press.do(lambda u: broadcast_approvals.tested(press.svc, u, press.who("chae"), month))
    approval = asked(press, month)  # the draft that he had tested is another version by now
    assert press.office.see(
        lambda u: broadcast_approvals.no(press.svc, u, press.who("chae"), month)
    ) is None  # fmt: skip
    press.do(lambda u: broadcast_approvals.tested(press.svc, u, press.who("chae"), month))
    assert try_it(press, approval, "chae") == "approval.self"
    assert press.decide(approval, "song") == "done"


@pytest.mark.parametrize(
    "change",
    [
        {"lead": "다른 말"},
        {"segment": Segment("news", fields=("교통·도로",))},
        {"send_at": at("2026-11-26 11:00")},
        {"nature": "results"},
        {"doc_no": "감사-2"},
    ],
)
def test_any_change_after_the_approval_voids_it(press: Press, month: int, change):
    approval = asked(press, month)
    press.decide(approval, "chae")
    press.edit(month, **change)
    one = press.one(month)
    assert (one.state, one.approved_hash, one.approved_by_id) == ("draft", "", None)


def test_a_change_while_it_is_asked_for_ends_the_asking(press: Press, month: int):
    approval = asked(press, month)
    press.edit(month, lead="다른 말")
    assert press.one(month).state == "draft"
    assert refused(lambda: press.decide(approval, "chae")) == "approval.decided"


def test_a_picture_that_changes_behind_the_desk_is_found_when_it_is_decided(
    press: Press, month: int
):
    approval = asked(press, month)
    from storage.repositories import broadcasts as rows  # noqa: PLC0415

    press.do(lambda u: rows.put_pictures(u, month, ()))
    assert press.decide(approval, "chae") == "void"
    assert press.one(month).state == "draft"


def test_who_has_an_older_version_before_him_lets_nothing_go(press: Press, month: int):
    def yes(version: int, who: str = "chae") -> str:
        return press.do(
            lambda u: broadcast_approvals.decide(
                press.svc, u, press.who(who), month, version, True, "다 살펴보았습니다"
            )
        ).state

    asked(press, month)
    seen = press.one(month).version
    press.edit(month, lead="다른 말")
    press.ask(month)
    assert refused(lambda: yes(seen)) == "newsletter.stale"
    now = press.one(month).version
    assert refused(lambda: yes(now, "min")) == "newsletter.self"
    assert yes(now) == "done"
    assert refused(lambda: yes(now)) == "newsletter.state"


def test_what_is_refused_is_a_draft_again_with_the_reason(press: Press, month: int):
    approval = asked(press, month)
    assert press.decide(approval, "chae", yes=False) == "refused"
    one = press.one(month)
    assert (one.state, one.why) == ("draft", "다 살펴보았습니다")
    again = press.ask(month)
    press.do(lambda u: approvals.stop(press.svc, u, press.who("min"), again, "다시 보겠습니다"))
    assert press.one(month).state == "draft"


def test_a_withdrawn_case_in_what_was_asked_for_is_found_when_it_is_decided(
    press: Press, month: int
):
    from storage.repositories import cases  # noqa: PLC0415

    approval = asked(press, month)
    press.do(lambda u: cases.change(u, "C-1", 0, {"status": "withdrawn"}, press.svc.now()))
    assert refused(lambda: press.decide(approval, "chae")) == "newsletter.case.gone"
    assert press.one(month).state == "asked"


def test_who_may_neither_make_nor_approve_is_refused(press: Press, month: int):
    assert refused(lambda: press.edit(month, "chae", lead="나")) == "access.not_allowed"
    assert refused(lambda: press.draft("kim")) == "access.not_allowed"
    assert refused(lambda: press.ask(month, "chae")) == "access.not_allowed"
    approval = asked(press, month)
    assert refused(lambda: press.decide(approval, "park")) == "approval.unknown"
    assert refused(lambda: press.decide(approval, "seo")) == "access.not_allowed"


def test_a_deputy_is_one_from_the_table_of_deputies_too(press: Press, month: int):
    from bot.services import officials  # noqa: PLC0415

    approval = asked(press, month)
    chae, day = press.who("chae"), date(2026, 11, 23)
    press.do(
        lambda u: deputies.add(
            u, press.who("min").user_id, chae.user_id, day, day, chae.user_id, press.svc.now()
        )
    )
    who = press.office.see(lambda u: officials.official(u, chae.user_id))
    stands = press.office.see(lambda u: officials.at_desk(press.svc, u, who))
    assert stands.stands_for
    assert try_it(press, approval, stands) == "approval.self"


def test_nobody_becomes_a_second_person_by_one_person_s_hand(press: Press):
    assert approvals.KINDS["newsletter"].deciders <= GRAVE
