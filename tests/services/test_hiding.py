"""What is hidden cannot be computed: tried by whoever knows all that is shown."""

from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.services.hiding import SMALL, Sum, hidden


def one_line(*parts):
    cells = dict(zip("abcdefgh", parts, strict=False))
    return {**cells, "*": sum(parts)}, [Sum("*", tuple(cells))]


def test_nothing_small_nothing_hidden():
    assert hidden(*one_line(5, 9, 0, 40)) == frozenset()


def test_the_only_small_one_takes_the_least_of_the_others_with_it():
    assert hidden(*one_line(3, 9, 7, 40)) == {"a", "c"}


def test_two_that_are_small_together_take_a_third():
    assert hidden(*one_line(1, 2, 7, 40)) == {"a", "b", "c"}


def test_two_small_ones_that_come_to_enough_hide_each_other():
    assert hidden(*one_line(3, 4, 7, 40)) == {"a", "b"}


def test_a_table_of_one_line_hides_its_sum_as_well():
    assert hidden(*one_line(3)) == {"a", "*"}


def test_none_at_all_is_no_secret_and_hides_nobody():
    assert hidden(*one_line(3, 0, 0, 40)) == {"a", "d"}


def test_what_is_asked_to_be_hidden_is_guarded_like_the_small():
    cells, sums = one_line(0, 9, 7, 40)
    assert {"a", "c"} <= hidden(cells, sums, ["a"])


@settings(max_examples=12, deadline=None)
@given(st.lists(st.lists(st.integers(0, 7), min_size=2, max_size=2), min_size=2, max_size=3))
def test_no_hidden_cell_of_a_crossed_table_can_be_computed(rows):
    cells = {(i, j): n for i, row in enumerate(rows) for j, n in enumerate(row)}
    cells |= {(i, "*"): sum(row) for i, row in enumerate(rows)}
    cells |= {("*", j): sum(row[j] for row in rows) for j in range(2)}
    cells["*", "*"] = sum(map(sum, rows))
    lines = [*range(len(rows)), "*"]
    sums = [Sum((i, "*"), ((i, 0), (i, 1))) for i in lines]
    sums += [Sum(("*", j), tuple((i, j) for i in range(len(rows)))) for j in (0, 1, "*")]
    away = hidden(cells, sums)
    assert {key for key, n in cells.items() if 0 < n < SMALL} <= away
    free = [key for key in away if "*" not in key]
    if len(free) > 3:  # too many tables to try them all: they are not determined anyway
        return
    told = []
    for values in product(range(16), repeat=len(free)):
        inner = {
            **{k: n for k, n in cells.items() if "*" not in k},
            **dict(zip(free, values, strict=True)),
        }
        whole = {(i, "*"): inner[i, 0] + inner[i, 1] for i in range(len(rows))}
        whole |= {("*", j): sum(inner[i, j] for i in range(len(rows))) for j in range(2)}
        whole["*", "*"] = sum(inner.values())
        full = {**inner, **whole}
        if all(full[key] == cells[key] for key in cells if key not in away):
            told.append(full)
    for key in away:
        assert len({one[key] for one in told}) > 1
