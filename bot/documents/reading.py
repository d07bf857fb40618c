"""Reads a table from an XLSX file that somebody uploaded: values only, bounded (security S25).

A formula is not calculated and not read: its place is told, so that the person can put the value
there. What is no workbook, packed too tightly or too large is refused before a library opens it.
"""

import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from bot.documents.clean_child import unpacked
from bot.errors import Refused
from knowledge.korean import clean_line, clean_text

MOST_BYTES = 4 * 1024 * 1024
LONGEST = 200  # signs of a cell


@dataclass(frozen=True, slots=True)
class Line:
    """A row with something in it; `number` as the spreadsheet counts, `formulas` are columns."""

    number: int
    cells: tuple[str, ...]
    formulas: frozenset[int]


def lines(
    content: bytes, *, rows: int, columns: int, longest: int = LONGEST, times: bool = False
) -> tuple[Line, ...]:
    """Read the first leaf; with `times` a moment keeps its time of day. Raises `Refused` sheet.size, sheet.unreadable, sheet.rows."""
    if len(content) > MOST_BYTES:
        raise Refused("sheet.size", most=MOST_BYTES // 1024 // 1024)
    try:
        return tuple(_lines(content, rows, columns, longest, times))
    except (
        ValueError, KeyError, TypeError, AttributeError, IndexError, OSError, SyntaxError,
        zipfile.BadZipFile, InvalidFileException,
    ):  # fmt: skip
        # Whatever a library makes of a broken file: it is the file, and the person has it at hand.
        raise Refused("sheet.unreadable") from None


def _lines(content: bytes, rows: int, columns: int, longest: int, times: bool) -> Iterator[Line]:
    book = openpyxl.load_workbook(unpacked(content), read_only=True, keep_links=False)
    try:
        leaf = book.worksheets[0]
        leaf.reset_dimensions()  # what the file claims of its size is not believed
        found = 0
        for number, row in enumerate(leaf.iter_rows(max_col=columns), 1):
            cells = tuple(_text(cell.value, longest, times) for cell in row)
            if not any(cells):
                if number > rows * 10:
                    raise Refused("sheet.rows", most=rows)
                continue
            found += 1
            if found > rows + 1:  # and the line of names
                raise Refused("sheet.rows", most=rows)
            formulas = (place for place, cell in enumerate(row) if cell.data_type == "f")
            yield Line(number, cells, frozenset(formulas))
    finally:
        book.close()


def _text(value: Any, longest: int, times: bool) -> str:
    if value is None:
        return ""
    if times and isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    if isinstance(value, datetime | date):
        return value.isoformat()[:10]
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    clean = clean_line if longest == LONGEST else clean_text
    return clean(str(value))[:longest]
