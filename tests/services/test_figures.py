"""Cases become figures; what everybody sees of them has no small number in it."""

from datetime import date

from bot.services.figures import (
    WHOLE,
    Case,
    Middle,
    figures,
    for_everybody,
    middle,
    of_large_units,
    table,
)
from knowledge.elapsed import Span


def case(month=9, unit="road", law=5, **more) -> Case:
    known = {
        "month": date(2026, month, 1), "procedure": "passive_report", "unit": unit,
        "open": False, "overdue": False, "late": False, "read": Span(1, 0),
        "result": Span(law, law + 2), "outcome": "upheld", "survey": "",
    }  # fmt: skip
    return Case(**{**known, **more})


WAITING = {"open": True, "read": None, "result": None, "outcome": ""}


def test_a_group_is_counted_once_for_each_question():
    made = figures([
        case(law=3, survey="yes"), case(law=9, late=True, extensions=1, survey="no"),
        case(**WAITING, overdue=True), case(outcome="withdrawn", result=None, transfers=2),
    ])  # fmt: skip
    assert (made.received, made.open, made.overdue, made.done, made.late) == (4, 1, 1, 2, 1)
    assert (made.extensions, made.transfers, made.often) == (1, 2, 1)
    assert (made.asked, made.met, made.partly, made.unmet) == (2, 1, 0, 1)
    assert made.outcomes == {"upheld": 2, "withdrawn": 1}
    assert made.result == Middle(2, 6.0, 8.0)


def test_a_median_is_the_middle_and_of_none_there_is_none():
    assert middle([Span(1, 1), None, Span(2, 3), Span(30, 44)]) == Middle(3, 2, 3)
    assert middle([None]) == Middle(0, None, None)


def test_months_stand_in_their_order_with_the_empty_ones():
    made = table([case(11), case(9)], "month")
    assert list(made.rows) == ["2026-09", "2026-10", "2026-11"]
    assert made.rows["2026-10"].received == 0
    assert table([], "month").rows == {}


def test_the_others_stand_by_how_many_and_those_of_no_unit_last():
    made = table(
        [case(unit=""), case(unit=""), case(unit="a"), case(unit="b"), case(unit="b")], "unit"
    )
    assert list(made.rows) == ["b", "a", ""]


def test_units_with_few_results_are_in_no_sum():
    """The difference to what somebody sees at the desk would tell him how many there are (S8)."""
    few = [case(unit="small") for _ in range(4)] + [case(unit="small", **WAITING)]
    many = [case(unit="road") for _ in range(5)] + [case(unit="road", **WAITING)]
    assert {one.unit for one in of_large_units(few + many)} == {"road"}
    assert len(of_large_units(few + many)) == 5


def test_a_small_month_is_hidden_whole_and_another_with_it():
    cases = [*[case(8)] * 3, *[case(9)] * 6, *[case(10)] * 20]
    told, _ = for_everybody(table(cases, "month"))
    assert set(told["2026-08"].counts.values()) == {None}
    assert told["2026-08"].result is None
    assert told[WHOLE].counts["done"] == 29
    shown = [one for name, one in told.items() if name != WHOLE and one.counts["done"] is not None]
    assert [one.counts["done"] for one in shown] == [20]


def test_large_numbers_are_told_with_their_medians():
    told, _ = for_everybody(table([*[case(8)] * 30, *[case(9, late=True)] * 30], "month"))
    assert told["2026-09"].counts["late"] == 30
    assert told["2026-08"].result == Middle(30, 5, 7)
    assert told["2026-08"].read == Middle(30, 1, 0)


def test_a_median_of_few_is_not_told():
    cases = [*[case(8, read=None)] * 30, *[case(8)] * 2]
    assert for_everybody(table(cases, "month"))[0]["2026-08"].read is None


def test_a_rare_outcome_is_hidden_with_the_next_one():
    cases = [case()] * 9 + [case(outcome="partly")] * 2 + [case(outcome="unclear")] * 6
    *_, told = for_everybody(table(cases, "month"))
    counts = {name: one.counts["done"] for name, one in told.items()}
    assert counts == {"upheld": 9, "unclear": None, "partly": None, WHOLE: 17}


def test_two_tables_of_the_same_filings_do_not_betray_each_other():
    """What one hides of the sum, the other does not tell."""
    cases = [*[case(8)] * 6, *[case(9)] * 7, case(9, late=True)]
    cases += [case(10, procedure="personal_data", outcome="fulfilled")] * 20
    months, procedures, outcomes = for_everybody(table(cases, "month"), table(cases, "procedure"))
    assert months[WHOLE] == procedures[WHOLE] == outcomes[WHOLE]
    for lines in (months, procedures):
        late = {name: one.counts["late"] for name, one in lines.items()}
        assert 1 not in late.values()
        known = [n for name, n in late.items() if name != WHOLE and n is not None]
        assert late[WHOLE] is None or late[WHOLE] - sum(known) >= 5 or None not in late.values()


def test_with_nothing_at_all_there_is_a_sum_of_nothing():
    months, _ = for_everybody(table([], "month"))
    assert months[WHOLE].counts["done"] == 0
