"""Tables as XLSX and CSV: every cell is text or a number, none a formula (security S31; P14)."""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import chain

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.utils import get_column_letter

from knowledge.calendar import SEOUL

MIME = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV_MIME = "text/csv; charset=utf-8"
Cell = str | int | float | None
Leaf = tuple[str, Sequence[str], Iterable[Sequence[Cell]]]
"""A table of a book: its title (31 signs at most), its head, its rows."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
_WIDEST = 60


def sheet(title: str, head: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """Write one table; `title` names its leaf (31 signs at most)."""
    return book([(title, head, rows)])


def book(leaves: Iterable[Leaf]) -> bytes:
    """Write several tables, a leaf each."""
    made = Workbook(write_only=True)
    for title, head, rows in leaves:
        leaf = made.create_sheet(title[:31])
        leaf.freeze_panes = "A2"
        for place, words in enumerate(head, 1):
            wide = min(_WIDEST, len(words) * 2 + 8)
            leaf.column_dimensions[get_column_letter(place)].width = wide
        for row in chain([head], rows):
            leaf.append([_cell(leaf, value) for value in row])
    held = io.BytesIO()
    made.save(held)
    return held.getvalue()


def lines(head: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """Write one table as CSV: UTF-8 with a mark in front, which a spreadsheet asks for."""
    held = io.StringIO()
    writer = csv.writer(held)
    for row in chain([head], rows):
        writer.writerow([plain(cell) if isinstance(cell, str) else cell for cell in row])
    return held.getvalue().encode("utf-8-sig")


def at(moment: datetime) -> str:
    """Write a time as tables sort it: `2026-11-23 10:12:05`, in Seoul."""
    return f"{moment.astimezone(SEOUL):%Y-%m-%d %H:%M:%S}"


def plain(text: str) -> str:
    """Take from a text what a spreadsheet would run, and the signs that XML forbids.

    Who reads it back takes one sign away: what began with it already has one more.
    """
    kept = "".join(sign for sign in text if sign in "\n\t" or sign >= " ")
    return f"'{kept}" if kept.lstrip("'").startswith(_FORMULA) else kept


def _cell(leaf: object, value: Cell) -> WriteOnlyCell:
    if value is None or isinstance(value, int | float):
        return WriteOnlyCell(leaf, value)
    made = WriteOnlyCell(leaf, plain(value))
    made.data_type = "s"
    return made
