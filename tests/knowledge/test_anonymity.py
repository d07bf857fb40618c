"""k-anonymity on place, period, unit and field, beside a slow and obvious count."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from knowledge.anonymity import FEW, PARTS, Other, Told, people, too_narrow, wider

others = st.lists(
    st.builds(
        Other,
        st.integers(0, 6),
        st.frozensets(st.sampled_from(["신촌동", "물금읍"]), max_size=2),
        st.sampled_from([2025, 2026]),
        st.sampled_from([1, 2]),
        st.sampled_from(["도로과", "건축과"]),
        st.sampled_from(["", "avoidance"]),
    ),
    max_size=14,
)
tolds = st.builds(
    Told,
    st.sampled_from(["", "신촌동"]),
    st.sampled_from([None, 2026]),
    st.sampled_from([None, 2]),
    st.sampled_from(["", "도로과"]),
    st.sampled_from(["", "avoidance"]),
)


@given(tolds, others)
def test_people_are_counted_once_each(told: Told, known: list[Other]):
    seen = set()
    for one in known:
        same = told.place in {"", *one.places} and told.unit in {"", one.unit}
        same = same and told.field in {"", one.field}
        if told.year is not None:
            same = same and told.year == one.year and told.half in {None, one.half}
        if same:
            seen.add(one.who)
    assert people(told, known) == len(seen)


@given(tolds, others, st.integers(1, 7))
def test_it_is_enough_exactly_where_nothing_has_to_be_wider(told, known, k):
    assert (too_narrow(told, known, k) == ()) == (people(told, known) >= k)


@given(tolds, others, st.integers(1, 7))
def test_whoever_does_what_is_said_comes_to_an_end(told, known, k):
    steps = 0
    while (parts := too_narrow(told, known, k)) not in {(), (FEW,)}:
        assert set(parts) <= set(PARTS)
        told, steps = wider(told, parts[0]), steps + 1
    assert steps <= 5
    if too_narrow(told, known, k):
        assert told == Told()
        assert people(told, known) < k


@given(tolds, others)
def test_to_say_less_never_leaves_fewer_people(told, known):
    for part in PARTS:
        assert people(wider(told, part), known) >= people(told, known)


def report(who: int, **changes: object) -> Other:
    plain = Other(who, frozenset({"신촌동"}), 2026, 2, "도로과", "avoidance")
    return replace(plain, **changes)  # type: ignore[arg-type]


FULL = Told("신촌동", 2026, 2, "도로과", "avoidance")


def test_just_k_is_enough_and_one_less_is_not():
    known = [report(who) for who in range(5)]
    assert too_narrow(FULL, known, 5) == ()
    assert too_narrow(FULL, known[:4], 5) == ("place", "period", "unit", "field")


def test_the_one_part_that_gives_somebody_away_is_named():
    known = [report(who, half=1) for who in range(4)] + [report(9)]
    assert too_narrow(FULL, known, 5) == ("period",)
    apart = [report(who, places=frozenset[str]()) for who in range(4)] + [report(9)]
    assert too_narrow(FULL, apart, 5) == ("place",)


def test_one_person_who_wrote_five_times_hides_nobody():
    assert too_narrow(Told(), [report(1)] * 5, 2) == (FEW,)


def test_an_empty_house_lets_nothing_out():
    assert too_narrow(Told(), [], 1) == (FEW,)
    assert too_narrow(FULL, [], 1) == PARTS
