"""Charts as pictures, drawn by Typst: our template, our font, numbers as JSON.

A picture is told by what it is drawn from (`name`), so that a messenger's row in the outbox holds
numbers and labels, and nothing lies in a folder. Whoever shows one shows its table as well.
"""

import json
from dataclasses import asdict, dataclass
from typing import Literal

from bot.documents import typeset

MIME = "image/png"
PIXELS = 192.0
"""Pixels an inch: sharp on a screen of twice the usual density; 1,280 of them across."""

Number = float | int | None
_MARK = "chart:"


@dataclass(frozen=True, slots=True)
class Series:
    name: str
    values: tuple[Number, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """`columns` stand side by side, thirteen at most, for a course of time; `bars` lie.

    One value for each label in each series (two at most); None is a number that there is not, or
    that is not told. `note` says what is counted.
    """

    kind: Literal["columns", "bars"]
    title: str
    labels: tuple[str, ...]
    series: tuple[Series, ...]
    note: str = ""

    @property
    def empty(self) -> bool:
        """Tell whether there is nothing to be seen in it."""
        return not any(value for one in self.series for value in one.values)


def png(chart: Chart) -> bytes:
    """Draw it."""
    return typeset.pictures("chart.typ", {"chart": asdict(chart)}, PIXELS)[0]


def size(png: bytes) -> tuple[int, int]:
    """Give width and height of a PNG in pixels: they stand in its header (PNG 3rd ed., 11.2.1)."""
    return int.from_bytes(png[16:20], "big"), int.from_bytes(png[20:24], "big")


def name(chart: Chart) -> str:
    """Give the name by which `picture` draws it: all of it, in one line."""
    return _MARK + json.dumps(asdict(chart), ensure_ascii=False, separators=(",", ":"))


def picture(named: str) -> bytes:
    """Draw what a name tells. Raises ValueError for any other."""
    if not named.startswith(_MARK):
        raise ValueError("not the name of a chart")
    told = json.loads(named.removeprefix(_MARK))
    lines = tuple(Series(one["name"], tuple(one["values"])) for one in told["series"])
    return png(Chart(told["kind"], told["title"], tuple(told["labels"]), lines, told["note"]))
