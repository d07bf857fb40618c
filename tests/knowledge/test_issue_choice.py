"""What a month's issue holds: nothing that may not leave, and the same from the same."""

from dataclasses import replace
from datetime import date

import pytest

from knowledge import cases, faq
from knowledge.cases import Case
from knowledge.faq import Answer
from knowledge.issue_choice import (
    SUMMARY,
    Asked,
    Known,
    by_field,
    choose,
    question,
    summary,
    unfit,
)
from knowledge.subjects import field_of

TODAY = date(2026, 11, 2)
GOOD = Case(
    "A", "버스 노선을 고쳤어요", field="교통·도로", region="부산", year=2025, status="published",
    problem="버스가 오지 않았다. 자세한 말.", action="노선을 고쳤다.", effect="편해졌다.",
    source="https://example.org/1", permission="출처 표시",
)  # fmt: skip


def case(ref: str, **own: object) -> Case:
    return replace(GOOD, ref=ref, **own)


def asked(**own: object) -> Asked:
    return replace(Asked(TODAY), **own)


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"status": "withdrawn"}, "gone"),
        ({"status": "draft"}, "gone"),
        ({"kind": "passive"}, "passive"),
        ({"detail": "title_only"}, "title_only"),
        ({"source": " "}, "source"),
        ({"permission": ""}, "permission"),
        ({"ref": "H"}, "held"),
        ({"problem": "", "action": cases.UNSAID, "effect": ""}, "silent"),
    ],
)
def test_what_may_not_leave_is_never_chosen_and_says_why(changed, why):
    bad = replace(GOOD, **changed)
    assert unfit(bad, {"H"}) == why
    chosen = choose([Known(bad, TODAY), Known(replace(bad, ref="B"))], asked(held={"H", "B"}))
    assert chosen.cases == ()
    assert chosen.last_year is None


def test_a_standing_permission_serves_a_case_without_one_and_an_editor_may_add_a_passive_one():
    bare = replace(GOOD, permission="")
    assert unfit(bare, (), "사실만 다시 씀") is None
    assert unfit(replace(GOOD, kind="passive"), (), model=False) is None


def test_new_ones_go_first_then_what_was_left_over_then_what_came_with_the_service():
    new = Known(case("new", field="안전·재난"), date(2026, 10, 20))
    left = Known(case("left"), date(2026, 7, 1))
    came = Known(case("came", field="복지·보건"))
    told = Known(case("told"), date(2026, 10, 21))
    chosen = choose([came, left, told, new], asked(since=date(2026, 10, 2), used={"told"}))
    assert [one.ref for one in chosen.cases] == ["new", "left", "came"]


def test_a_first_issue_is_full_spread_over_fields_and_begins_at_home():
    shipped = [Known(one) for one in cases.shipped().values() if one.status == "published"]
    wish = asked(region="부산", permission="사실만")
    chosen = choose(shipped, wish)
    assert len(chosen.cases) == wish.most
    assert len({field_of(one.field) for one in chosen.cases}) == wish.most
    assert sum(one.region == "부산" for one in chosen.cases) >= 3
    assert choose(reversed(shipped), wish) == chosen
    after = choose(shipped, replace(wish, used={one.ref for one in chosen.cases}))
    assert not set(after.cases) & set(chosen.cases)


def test_twelve_issues_never_tell_a_case_twice():
    shipped = [Known(one) for one in cases.shipped().values()]
    used: list[str] = []
    for month in range(1, 13):
        wish = asked(today=date(2026, month, 1), used=set(used), permission="사실만")
        used += [one.ref for one in choose(shipped, wish).cases]
    assert len(used) == len(set(used)) == 60


def test_last_year_s_is_of_the_same_month_published_then_or_told_then():
    then = Known(case("then"), date(2025, 11, 30))
    other = Known(case("other"), date(2025, 10, 30))
    wish = asked(used={"then", "other", "came"})
    assert choose([other, then], wish).last_year == then.case
    came = Known(case("came"))
    assert choose([other, came], replace(wish, then={"came"})).last_year == came.case
    assert choose([other], wish).last_year is None


def test_the_question_of_the_month_is_the_most_asked_that_its_source_answers():
    answers = list(faq.shipped().values())
    first = question(answers)
    assert first is not None
    assert first.verified
    assert first.audience == faq.CITIZENS
    second = question(answers, {first.ref})
    assert second is not None
    assert second.ref != first.ref
    assert question(answers, times={second.ref: 3}) == second
    doubtful = Answer("Q", "?", "!", (), "미확인", faq.CITIZENS, "")
    assert question([doubtful]) is None


def test_a_case_is_told_in_a_few_sentences_and_silence_is_left_out():
    assert summary(GOOD) == "버스가 오지 않았다. 노선을 고쳤다. 편해졌다."
    assert summary(replace(GOOD, action=f"{cases.UNSAID}.")) == "버스가 오지 않았다. 편해졌다."
    long = summary(replace(GOOD, problem="말 " * 400, action="끊을데없는말" * 80))
    assert len(long) <= SUMMARY
    assert long.endswith("…")


def test_cases_are_counted_by_field_the_most_first():
    many = [case("1"), case("2"), case("3", field="복지·장사"), case("4", kind="passive")]
    assert by_field(many) == (("교통·도로", 2), ("복지·보건", 1))
