"""Hiding small numbers so that they cannot be computed either (security S8).

A table is cells that hold whole numbers and sums that bind them. Whoever reads it knows the sums
and everything that is shown. A small cell is hidden; then as many others as it takes until no
hidden cell can be told from four others that it might be just as well.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

SMALL = 5
"""Whoever is one of fewer than five is not counted in public."""

Key = Any
"""The name of a cell: anything that a mapping takes."""

_MOST = 10**9


@dataclass(frozen=True, slots=True)
class Sum:
    """`whole` is what the parts come to."""

    whole: Key
    parts: tuple[Key, ...]

    @property
    def cells(self) -> tuple[Key, ...]:
        return (self.whole, *self.parts)


def small(n: int) -> bool:
    """Tell whether a number is too small to be shown; none at all is no secret."""
    return 0 < n < SMALL


def hidden(
    cells: Mapping[Key, int], sums: Sequence[Sum], also: Iterable[Key] = ()
) -> frozenset[Key]:
    """Name the cells that must not be shown: the small ones, `also`, and what would betray them."""
    found = {key for key, n in cells.items() if small(n)} | set(also)
    while True:
        alone = next((one for one in sums if len(found.intersection(one.cells)) == 1), None)
        if alone is not None:
            found.add(_least(cells, sums, [cell for cell in alone.cells if cell not in found]))
            continue
        exposed = _exposed(cells, sums, found)
        if exposed is None:
            return frozenset(found)
        found.add(_next(cells, sums, found, exposed))


def _exposed(cells: Mapping[Key, int], sums: Sequence[Sum], found: set[Key]) -> Key | None:
    """Find a hidden cell that can be computed, exactly or nearly."""
    bound = {cell for one in sums for cell in one.cells} & found
    low, high = _bounds(cells, sums, found)
    order = sorted(bound, key=lambda key: (cells[key], repr(key)))
    for key in order:
        if high[key] - low[key] < SMALL - 1:
            return key
    told = _determined(sums, found)
    return next((key for key in order if key in told), None)


def _next(cells: Mapping[Key, int], sums: Sequence[Sum], found: set[Key], exposed: Key) -> Key:
    """Choose what is hidden beside it: the least that is shown in a sum with it."""
    near = [one for one in sums if exposed in one.cells]
    seen = [cell for one in near for cell in one.cells if cell not in found]
    if not seen:  # every sum it stands in is hidden already: go on with what hangs on those
        linked = {cell for one in near for cell in one.cells}
        seen = [
            cell
            for one in sums
            if linked.intersection(one.cells)
            for cell in one.cells
            if cell not in found
        ]
    if not seen:
        seen = [cell for one in sums for cell in one.cells if cell not in found]
    return _least(cells, sums, seen)


def _least(cells: Mapping[Key, int], sums: Sequence[Sum], of: Sequence[Key]) -> Key:
    """Give the least of some cells: the sum of all last; that there is none of it hides nobody."""
    top = {one.whole for one in sums}.difference(*(one.parts for one in sums))
    return min(of, key=lambda key: (cells[key] == 0, key in top, cells[key], repr(key)))


def _bounds(
    cells: Mapping[Key, int], sums: Sequence[Sum], found: set[Key]
) -> tuple[dict[Key, int], dict[Key, int]]:
    """Give between what every cell must lie, for who knows what is shown and that none is below 0."""
    low = {key: 0 if key in found else n for key, n in cells.items()}
    high = {key: _MOST if key in found else n for key, n in cells.items()}
    moved = True
    while moved:
        moved = False
        for one in sums:
            least = sum(low[part] for part in one.parts)
            most = sum(high[part] for part in one.parts)
            moved |= _narrow(low, high, one.whole, least, most)
            for part in one.parts:
                others_least = least - low[part]
                others_most = most - high[part]
                moved |= _narrow(
                    low, high, part, low[one.whole] - others_most, high[one.whole] - others_least
                )
                least = others_least + low[part]
                most = others_most + high[part]
    return low, high


def _narrow(low: dict[Key, int], high: dict[Key, int], key: Key, least: int, most: int) -> bool:
    before = low[key], high[key]
    low[key], high[key] = max(low[key], least), min(high[key], most)
    return (low[key], high[key]) != before


def _determined(sums: Sequence[Sum], found: set[Key]) -> set[Key]:
    """Name the hidden cells that the sums give exactly (Gauss-Jordan over the hidden ones)."""
    rows: list[dict[Key, Fraction]] = []
    for one in sums:
        row: dict[Key, Fraction] = {}
        for cell, sign in ((one.whole, 1), *((part, -1) for part in one.parts)):
            if cell in found:
                row[cell] = row.get(cell, Fraction(0)) + sign
        rows.append({key: n for key, n in row.items() if n})
    done: list[dict[Key, Fraction]] = []
    while rows:
        row = rows.pop()
        if not row:
            continue
        pivot = min(row, key=repr)
        lead = row[pivot]
        row = {key: n / lead for key, n in row.items()}
        rows = [_without(other, row, pivot) for other in rows]
        done = [_without(other, row, pivot) for other in done]
        done.append(row)
    return {next(iter(row)) for row in done if len(row) == 1}


def _without(row: dict[Key, Fraction], by: dict[Key, Fraction], pivot: Key) -> dict[Key, Fraction]:
    """Take one row off another so often that the pivot is gone from it."""
    times = row.get(pivot)
    if not times:
        return row
    left = {key: row.get(key, Fraction(0)) - times * by.get(key, 0) for key in {*row, *by}}
    return {key: n for key, n in left.items() if n}
