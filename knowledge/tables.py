"""Reads a table from a file that somebody gave: XLSX, CSV, JSON, JSON Lines; row by row, bounded.

What a file is, its first bytes tell, never its name. Nothing is calculated (a formula is told as
one), nothing is believed that a file says of its own size, and no more than a row is in memory.
"""

from __future__ import annotations

import codecs
import contextlib
import csv
import io
import zipfile
import zlib
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, Any, Literal

import openpyxl
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException

from knowledge.json_items import BrokenItem, Pairs, decode, items

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

Format = Literal["xlsx", "csv", "json", "jsonl"]
_MB = 1024 * 1024
_CHUNK = 1 << 20
_PARTS, _RATIO = 2000, 200
_SHARED = 128 * _MB  # words that a workbook keeps apart: a library holds them all
_LONGEST = 256 * 1024  # signs of one line or one object of JSON
_COLUMNS = 60
_BLANK = 10_000  # so many rows of a sheet may be empty
_BROKEN = (
    ValueError, KeyError, TypeError, AttributeError, IndexError, OSError, SyntaxError, EOFError,
    RuntimeError, OverflowError, zipfile.BadZipFile, zlib.error, InvalidFileException,
)  # fmt: skip
"""Whatever a library makes of a broken file: it is the file, and the person has it at hand."""


class Unreadable(Exception):  # noqa: N818 - it is an answer, not an accident
    """A file is none that can be read as a whole; `what` says why, `told` fills the sentence."""

    def __init__(self, what: str, **told: str | int) -> None:
        super().__init__(what)
        self.what = what
        self.told: Mapping[str, str | int] = told


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much may be read: bytes of the file, bytes of it unpacked, rows."""

    size: int
    unpacked: int
    rows: int


CONSOLE = Bounds(512 * _MB, 1024 * _MB, 200_000)
UPLOAD = Bounds(4 * _MB, 96 * _MB, 2_000)


@dataclass(frozen=True, slots=True)
class Record:
    """A row as it stands there: `number` as a spreadsheet counts, or the line, or the object.

    `values` holds every column the row has; `formulas` are those that hold no value. `wide` is
    the column of something that stands under no name; `broken` says why the row cannot be read.
    """

    number: int
    values: Mapping[str, Any]
    formulas: frozenset[str] = frozenset()
    wide: str = ""
    broken: str = ""


@dataclass(slots=True)
class Table:
    """A file being read. `letters` are the columns of a sheet by their names, "" in JSON.

    `unknown` names what stands there under a name that nobody knows: it is not read.
    """

    format: Format
    records: Iterator[Record] = field(default_factory=lambda: iter(()))
    letters: dict[str, str] = field(default_factory=dict)
    unknown: dict[str, None] = field(default_factory=dict)

    def place(self, number: int, column: str) -> str:
        """Name a place as a spreadsheet does (C12), "" where there are no columns."""
        letter = self.letters.get(column, "")
        return f"{letter}{number}" if letter else ""


def read(file: IO[bytes], known: Callable[[str], str], bounds: Bounds = CONSOLE) -> Table:
    """Open a table; `known` gives the column that a name stands for, "" when it is none.

    `file` can be sought. Raises `Unreadable`, also while rows are taken.
    """
    size = file.seek(0, io.SEEK_END)
    if size > bounds.size:
        raise Unreadable("size", most=bounds.size // _MB)
    file.seek(0)
    head = file.read(4096)
    file.seek(0)
    made = Table(_format(head))
    reading = {"xlsx": _sheet, "csv": _lines, "json": _objects, "jsonl": _objects_by_line}
    rows = reading[made.format](file, made, known, bounds)
    made.records = _counted(rows, bounds.rows)
    return made


def _format(head: bytes) -> Format:
    bare = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not bare:
        raise Unreadable("empty")
    if head.startswith(b"PK"):
        return "xlsx"
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        raise Unreadable("old")
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Unreadable("coding")
    if b"\0" in head or head.startswith((b"%PDF", b"\x1f\x8b", b"\x89PNG", b"\xff\xd8")):
        raise Unreadable("kind")
    return "json" if bare.startswith(b"[") else "jsonl" if bare.startswith(b"{") else "csv"


def _counted(rows: Iterator[Record], most: int) -> Iterator[Record]:
    found = 0
    for found, row in enumerate(rows, 1):
        if found > most:
            raise Unreadable("rows", most=most)
        yield row
    if not found:
        raise Unreadable("no_rows")


# Sheets: names in the first row that has something in it.


def _sheet(
    file: IO[bytes], made: Table, known: Callable[[str], str], bounds: Bounds
) -> Iterator[Record]:
    try:
        _safe(file, bounds)
        book = openpyxl.load_workbook(file, read_only=True, keep_links=False)
        try:
            yield from _named(_cells(book, bounds.rows), made, known)
        finally:
            book.close()
    except _BROKEN:
        raise Unreadable("xlsx") from None


def _safe(file: IO[bytes], bounds: Bounds) -> None:
    """Look through a workbook before a library opens it: no bomb, no DTD, no entity."""
    with zipfile.ZipFile(file) as archive:
        parts = archive.infolist()
        if not any(one.filename == "[Content_Types].xml" for one in parts):
            raise Unreadable("xlsx")
        shared = sum(one.file_size for one in parts if one.filename.endswith("sharedStrings.xml"))
        whole = sum(one.file_size for one in parts)
        if len(parts) > _PARTS or whole > bounds.unpacked or shared > _SHARED:
            raise Unreadable("bomb")
        for one in parts:
            if one.file_size > _RATIO * max(one.compress_size, 1024):
                raise Unreadable("bomb")
            if one.filename.endswith((".xml", ".rels")):
                with archive.open(one) as part:
                    _plain(part)
    file.seek(0)


def _plain(part: IO[bytes]) -> None:
    """Refuse what an office file never has: an entity may read a file of ours."""
    tail = b""
    while piece := part.read(_CHUNK):
        if any(mark in tail + piece for mark in (b"<!DOCTYPE", b"<!ENTITY", b"\0")):
            raise Unreadable("xlsx")
        tail = piece[-16:]


def _cells(book: Any, most: int) -> Iterator[tuple[int, Sequence[Any], frozenset[int]]]:
    """Give the rows of the first leaf that have something in them."""
    leaf = book.worksheets[0]
    leaf.reset_dimensions()  # what the file claims of its size is not believed
    for number, row in enumerate(leaf.iter_rows(max_col=_COLUMNS), 1):
        if number > most + _BLANK:  # Excel counts to 1,048,576, a file may claim more
            raise Unreadable("rows", most=most)
        values = [cell.value for cell in row]
        if any(value is not None and value != "" for value in values):
            wrong = (at for at, cell in enumerate(row) if cell.data_type in {"f", "e"})
            yield number, values, frozenset(wrong)


def _lines(
    file: IO[bytes], made: Table, known: Callable[[str], str], _bounds: Bounds
) -> Iterator[Record]:
    with _text(file, _coding(file)) as text:
        first = text.readline(_LONGEST)
        text.seek(0)
        comma = max(",\t;", key=first.count)
        reader = csv.reader(text, delimiter=comma, strict=True)
        yield from _named(_split(reader), made, known)


@contextlib.contextmanager
def _text(file: IO[bytes], coding: str) -> Iterator[IO[str]]:
    """Read a file as text; it stays open, unless it was closed meanwhile."""
    text = io.TextIOWrapper(file, encoding=coding, newline="")
    try:
        yield text
    finally:
        with contextlib.suppress(ValueError):
            text.detach()


def _split(reader: Iterator[Sequence[str]]) -> Iterator[tuple[int, Sequence[str], frozenset[int]]]:
    number = 0
    while True:
        number += 1
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error:
            raise Unreadable("quotes", row=number) from None
        if any(cell.strip() for cell in row):
            yield number, row, frozenset()


def _coding(file: IO[bytes]) -> str:
    """Tell how a text was saved: UTF-8, or what Korean editors did before."""
    for coding in ("utf-8-sig", "cp949"):
        file.seek(0)
        decoder = codecs.getincrementaldecoder(coding)()
        try:
            while piece := file.read(_CHUNK):
                decoder.decode(piece)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            continue
        file.seek(0)
        return coding
    raise Unreadable("coding")


def _named(
    rows: Iterable[tuple[int, Sequence[Any], frozenset[int]]],
    made: Table,
    known: Callable[[str], str],
) -> Iterator[Record]:
    """Put values under the names of the first row. Raises `Unreadable` head, twice."""
    source = iter(rows)
    number, heads, _ = next(source, (0, (), frozenset()))
    if not number:
        raise Unreadable("empty")
    at: dict[int, str] = {}
    for place, head in enumerate(heads):
        said = "" if head is None else " ".join(str(head).split())
        name, letter = known(said) if said else "", get_column_letter(place + 1)
        if name in made.letters:
            raise Unreadable("twice", one=f"{made.letters[name]}{number}", two=f"{letter}{number}")
        if name:
            at[place], made.letters[name] = name, letter
        elif said:
            at[place] = ""
            made.unknown[said[:40]] = None
    if not made.letters:
        raise Unreadable("head", row=number)
    for row, values, formulas in source:
        beyond = [place for place, value in enumerate(values) if place not in at and value]
        yield Record(
            row,
            {name: values[place] if place < len(values) else None
             for place, name in at.items() if name},
            frozenset(name for place in formulas if (name := at.get(place, ""))),
            get_column_letter(beyond[0] + 1) if beyond else "",
        )  # fmt: skip


# JSON: an array of objects, or an object on each line.


def _objects(
    file: IO[bytes], made: Table, known: Callable[[str], str], _bounds: Bounds
) -> Iterator[Record]:
    with _text(file, _utf(file)) as text:
        try:
            for number, one in enumerate(items(text, _LONGEST), 1):
                yield _object(number, one, made, known)
        except BrokenItem as broken:
            raise Unreadable("json", item=broken.number) from None


def _utf(file: IO[bytes]) -> str:
    """Tell that JSON is UTF-8 (RFC 8259), a mark in front forgiven."""
    coding = _coding(file)
    if coding != "utf-8-sig":
        raise Unreadable("json_coding")
    return coding


def _objects_by_line(
    file: IO[bytes], made: Table, known: Callable[[str], str], _bounds: Bounds
) -> Iterator[Record]:
    with _text(file, _utf(file)) as text:
        number = 0
        while line := text.readline(_LONGEST):
            number += 1
            if len(line) == _LONGEST and not line.endswith("\n"):
                raise Unreadable("json", item=number)
            if line.strip():
                yield _line(number, line.strip(), made, known)


def _line(number: int, line: str, made: Table, known: Callable[[str], str]) -> Record:
    try:
        one, end = decode(line)
    except (ValueError, RecursionError):
        end = 0
    return (
        _object(number, one, made, known)
        if end == len(line)
        else Record(number, {}, broken="json")
    )


def _object(number: int, one: Any, made: Table, known: Callable[[str], str]) -> Record:
    if not isinstance(one, Pairs):
        return Record(number, {}, broken="object")
    values: dict[str, Any] = {}
    for said, value in one:
        name = known(said)
        if name in values:
            return Record(number, {}, broken="twice")
        if name:
            values[name] = value
        elif len(made.unknown) < _COLUMNS:
            made.unknown[said[:40]] = None
    return Record(number, values)
