"""사전컨설팅: from a unit's draft over its head to the audit office, and to what came of it."""

from collections.abc import Callable

import pytest

from bot.dialogs.form import Context, Errors
from bot.dialogs.preconsulting import FORM, GROUNDS
from bot.errors import Refused
from bot.services import applications, clocks, sight, views
from bot.services.base import CLOCK
from bot.services.history import History
from bot.settings_site import PreconsultingSite
from tests.services import applying
from tests.services.conftest import Office, at


def history(office: Office, number: str) -> list[str]:
    sid = office.filing(number).sid
    return [one.kind for one in office.see(lambda u: History(u, sid).all)]


def sees(office: Office, who: str, number: str) -> bool:
    try:
        office.see(lambda u: sight.find(u, office.people[who], number))
    except Refused:
        return False
    return True


def test_each_question_that_was_asked_wants_an_answer_and_no_other(office: Office):
    number = applying.reviewing(office)
    with pytest.raises(Refused) as caught:
        applying.replied(office, number, basis_2="")
    assert "basis_2" in caught.value.errors  # type: ignore[attr-defined]
    done = applying.replied(office, number, opinion_3="possible", basis_3="없는 질문")
    assert done.state == "replied"
    sid = office.filing(number).sid
    reply = office.see(lambda u: History(u, sid).last("reply"))
    assert not [name for name in reply.detail if name.endswith("_3")]


def test_a_reply_that_it_is_not_for_this_ends_it_and_names_another_road(office: Office):
    number = applying.reviewing(office)
    applying.replied(
        office, number, conclusion="excluded", ground="clear",
        reason="법 제19조가 분명합니다.", road="그대로 처리하면 됩니다.",
    )  # fmt: skip
    filing = office.filing(number)
    assert (filing.state, filing.outcome) == ("excluded", "excluded")
    assert filing.closed_at is not None


def test_somebody_elses_application_is_not_gone_on_from(office: Office):
    first = applying.apply(office)
    with pytest.raises(Refused, match=r"filing\.unknown"):
        applying.apply(office, "nam", after=first)


def test_the_head_may_approve_what_he_wrote_a_deputy_may_not(office: Office):
    own = applying.apply(office, "gil")
    assert applying.approve(office, own).state == "handed"
    number = applying.apply(office, "nam")
    stands = applying.deputy(office, "nam", "gil")
    assert office.refused(stands, number, "approve", declare=True) == "guard.not_own_draft"
    other = applying.deputy(office, "lee", "gil")
    assert applying.approve(office, number, other).state == "handed"


def test_who_approves_declares_it_too(office: Office):
    number = applying.apply(office)
    assert office.refused("gil", number, "approve") == "move.fields"
    refused = office.refused("gil", number, "approve", declare="no")
    assert refused == "guard.declared"


def test_an_agency_may_want_the_number_of_the_signed_paper(build: Callable[..., Office]):
    strict = build(preconsulting=PreconsultingSite(doc_no_required=True))
    applying.staff(strict)
    number = applying.apply(strict)
    assert strict.refused("gil", number, "approve", declare=True) == "guard.doc_no"
    assert strict.act("gil", number, "approve", declare=True, doc_no="도로과-9").state == "handed"


def test_the_head_may_send_it_away(office: Office):
    number = applying.apply(office)
    office.act("gil", number, "reject", reason="그대로 처리하기로 했습니다.")
    assert office.filing(number).outcome == "rejected"
    assert not sees(office, "kim", number)


def test_without_a_head_nothing_can_be_handed_up(build: Callable[..., Office]):
    with pytest.raises(Refused, match=r"application\.no_head"):
        applying.apply(build())


def test_the_audit_office_does_not_act_before_it_has_it(office: Office):
    number = applying.apply(office)
    assert office.refused("kim", number, "receive") == "filing.unknown"
    assert office.tasks("kim") == []
    applying.approve(office, number)
    assert "desk.application" in office.tasks("kim")


def test_whoever_wrote_it_does_not_handle_it(office: Office):
    number = applying.apply(office, "yoon")  # an auditor who sits in the road division
    applying.approve(office, number)
    office.act("kim", number, "receive")
    handler = str(office.people["yoon"].user_id)
    assert office.refused("kim", number, "assign", handler=handler) == "guard.conflict"


def test_a_promised_day_counts_where_no_period_is_set(office: Office):
    number = applying.reviewing(office)
    office.act("park", number, "promise", day="2026-12-11")
    filing = office.filing(number)
    assert filing.due_at == at("2026-12-11 23:59:59")
    assert [line.kind for line in clocks.lines(filing)] == ["promised"]
    office.act("park", number, "ask_supplement", items="도면", why="넓이", until="2026-12-01")
    assert office.filing(number).due_at == filing.due_at
    office.goes("2026-12-08 09:30")
    assert "desk.answer_due" in office.tasks("park")
    office.act("lee", number, "supplement_reply", text="냅니다.")
    office.goes("2026-12-14 10:00")
    assert "overdue" in history(office, number)


def test_an_agency_s_own_period_counts_and_is_not_promised_away(build: Callable[..., Office]):
    office = build(preconsulting=PreconsultingSite(days=14))
    applying.staff(office)
    number = applying.reviewing(office)
    assert office.filing(number).due_at == at("2026-12-10 23:59:59")
    assert office.refused("park", number, "promise", day="2026-12-24") == "guard.no_period"
    office.act("park", number, "ask_supplement", items="도면", why="넓이", until="2026-12-01")
    assert office.filing(number).due_at is None  # it stands still


def test_the_unit_is_reminded_of_papers_and_of_the_outcome(office: Office):
    number = applying.reviewing(office)
    office.act("park", number, "ask_supplement", items="도면", why="넓이", until="2026-12-01")
    keys = office.goes("2026-11-30 09:10")
    assert any(key.startswith("remind:") and ":supplement:" in key for key in keys)
    office.act("lee", number, "supplement_reply", text="냅니다.")
    applying.replied(office, number)
    keys = office.goes("2027-01-26 09:10")
    assert any(key.startswith("remind:") and ":outcome:" in key for key in keys)
    office.goes("2027-02-01 09:10")
    assert "desk.outcome_over" in office.tasks("park")


def test_what_the_audit_office_notes_for_itself_is_not_the_unit_s(office: Office):
    number = applying.reviewing(office)
    office.act("park", number, "note", text="선례를 더 찾아볼 것")
    office.act("park", number, "ask_about", text="도로 사업은 언제입니까?")
    seen = office.do(lambda u: views.view(office.svc, u, office.people["lee"], number))
    kinds = {one.kind for one in seen.timeline}
    assert "ask_about" in kinds
    assert "note" not in kinds
    assert seen.answers["task"] == applying.words()["task"]


def test_withdrawing_tells_the_other_one_and_ends_it(office: Office):
    number = applying.apply(office)
    office.act("lee", number, "withdraw")
    assert office.filing(number).state == "withdrawn"
    assert office.see(lambda u: sight.find(u, CLOCK, number)).closed_at is not None


def test_who_steps_back_hands_it_to_the_head_of_the_audit_office(office: Office):
    number = applying.reviewing(office)
    office.act("park", number, "recuse")
    assert office.filing(number).assignee_id is None
    assert not sees(office, "park", number)
    assert "desk.recused" in office.tasks("choi")


def test_a_list_shows_first_what_waits_for_oneself(office: Office):
    first, second = applying.apply(office), applying.apply(office)
    office.act("gil", first, "ask_revision", why="더 적어 주세요")

    def lines(who: str) -> list[tuple[str, bool]]:
        found = office.see(lambda u: applications.listed(office.svc, u, office.people[who]))
        return [(line.row.number, line.waits) for line in found]

    assert lines("lee") == [(first, True), (second, False)]
    assert lines("gil") == [(second, True), (first, False)]
    assert lines("nam") == []


@pytest.mark.parametrize("ground", GROUNDS)
def test_each_ground_leads_to_another_road_and_costs_no_word(office: Office, ground: str):
    ctx = Context(now=office.clock(), texts=office.texts)
    wrong = FORM.validate(applying.words(**{ground: "yes"}), ctx)
    assert isinstance(wrong, Errors)
    assert {name: why.key for name, why in wrong.by.items()} == {
        ground: f"preconsulting.{ground}.error.road"
    }


def test_one_view_alone_wants_its_reason(office: Office):
    ctx = Context(now=office.clock(), texts=office.texts)
    wrong = FORM.validate(applying.words(sides="one"), ctx)
    assert isinstance(wrong, Errors)
    assert set(wrong.by) == {"only_why"}
    undeclared = FORM.validate(applying.words(declare=None), ctx)
    assert isinstance(undeclared, Errors)
    assert set(undeclared.by) == {"declare"}
