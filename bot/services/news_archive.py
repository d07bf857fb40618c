"""What went out, as everybody may read it later: the archive, one issue, what the feed says.

It reads no more than the public part may. A case that is published no more is not told here
either, and the agency's own results rest before an election (공직선거법 제86조).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from bot.services import agency_dates, finding
from bot.services.base import Desk
from bot.services.case_words import Link, link
from knowledge.calendar import seoul_day
from knowledge.cases import Case
from knowledge.newsletter import Item
from storage.repositories import broadcasts
from storage.repositories.broadcasts import Broadcast
from storage.unit import Unit

LISTED = ("news", "cards", "notice", "correction")
"""What stands in the list; an alert has its page alone."""
RESULTS = "results"
HELD = ("", "guide")
"""What may be shown while results rest."""
OF_CASE = frozenset({"case", "last_year"})


@dataclass(frozen=True, slots=True)
class Line:
    """One issue in the list; `corrected` is when it was put right."""

    number: str
    kind: str
    title: str
    lead: str
    lang: str
    at: datetime
    items: tuple[Item, ...] = ()
    corrected: datetime | None = None


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece of an issue; `gone`: its case is published no more, and its words are not here."""

    item: Item
    gone: bool = False
    case: str = ""
    source: Link | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """A picture without its bytes."""

    n: int
    alt: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Page:
    """One issue. `held`: until that election it is not shown; `gone`: its case was withdrawn."""

    number: str
    kind: str = ""
    title: str = ""
    lead: str = ""
    lang: str = "ko"
    at: datetime | None = None
    pieces: tuple[Piece, ...] = ()
    pictures: tuple[Seen, ...] = ()
    corrected: tuple[Line, ...] = ()
    corrects: Line | None = None
    held: date | None = None
    gone: bool = False


def listed(svc: Desk, unit: Unit, first: int, most: int) -> tuple[Line, ...]:
    """List what went out, the newest first, without what may not be shown now."""
    natures = HELD if _held(svc, unit) else ()
    found = broadcasts.published(unit, LISTED, natures, most=most, skip=first)
    told = _told(svc, unit, found)
    right = {one.corrects_id: one.begun_at for one in _corrections(svc, unit, found)}
    return tuple(
        _line(one, told, right.get(one.id))
        for one in found
        if not (one.kind == "cards" and _gone(one, told))
    )


def page(svc: Desk, unit: Unit, number: str) -> Page | None:
    """Give one issue; None when there is none."""
    one = broadcasts.published_one(unit, number)
    if one is None:
        return None
    held = _held(svc, unit)
    if held is not None and one.nature == RESULTS:
        return Page(number, one.kind, held=held)
    told = _told(svc, unit, (one,))
    if one.kind == "cards" and _gone(one, told):
        return Page(number, one.kind, gone=True)
    pieces = tuple(_piece(item, told) for item in one.issue.items)
    hidden = {piece.item.picture for piece in pieces if piece.gone}
    pieces = tuple(Piece(_bare(one.item), gone=True) if one.gone else one for one in pieces)
    pictures = tuple(
        Seen(made.n, made.alt, made.width, made.height)
        for made in broadcasts.pictures(unit, one.id)
        if made.n not in hidden
    )
    shown = [line for line in _corrections(svc, unit, (one,)) if line.begun_at]
    return Page(
        number, one.kind, one.title, one.issue.lead, one.lang, one.begun_at, pieces, pictures,
        corrected=tuple(_line(line, {}) for line in shown),
        corrects=_corrects(svc, unit, one),
    )  # fmt: skip


def picture(svc: Desk, unit: Unit, number: str, n: int) -> bytes | None:
    """Give a picture (PNG) of an issue, as long as the page shows it."""
    shown = page(svc, unit, number)
    if shown is None or all(made.n != n for made in shown.pictures):
        return None
    one = broadcasts.published_one(unit, number)
    assert one is not None
    return next(made.png for made in broadcasts.pictures(unit, one.id) if made.n == n)


def _held(svc: Desk, unit: Unit) -> date | None:
    return agency_dates.held_back(svc, unit, seoul_day(svc.now()))


def _corrections(svc: Desk, unit: Unit, found: Sequence[Broadcast]) -> tuple[Broadcast, ...]:
    every = broadcasts.corrections(unit, [one.id for one in found])
    held = _held(svc, unit) is not None
    return tuple(one for one in every if not (held and one.nature == RESULTS))


def _corrects(svc: Desk, unit: Unit, one: Broadcast) -> Line | None:
    """Give the issue that this one puts right, where it is shown itself."""
    old = broadcasts.published_of_id(unit, one.corrects_id) if one.corrects_id else None
    hidden = old is None or (old.nature == RESULTS and _held(svc, unit) is not None)
    return None if old is None or hidden else _line(old, _told(svc, unit, (old,)))


def _told(svc: Desk, unit: Unit, found: Sequence[Broadcast]) -> Mapping[str, Case]:
    """Give the cases of these issues that are published now."""
    refs = {item.ref for one in found for item in one.issue.items if _of_case(item)}
    return {case.ref: case for case in finding.shown(svc, unit, sorted(refs))}


def _of_case(item: Item) -> bool:
    return bool(item.ref) and item.kind in OF_CASE


def _gone(one: Broadcast, told: Mapping[str, Case]) -> bool:
    """Tell whether a case of it was withdrawn: its words may stand in pictures and title too."""
    return any(_of_case(item) and item.ref not in told for item in one.issue.items)


def _line(one: Broadcast, told: Mapping[str, Case], corrected: datetime | None = None) -> Line:
    assert one.begun_at is not None
    items = tuple(item for item in one.issue.items if not _of_case(item) or item.ref in told)
    return Line(
        one.number, one.kind, one.title, one.issue.lead, one.lang, one.begun_at, items, corrected
    )


def _piece(item: Item, told: Mapping[str, Case]) -> Piece:
    if not _of_case(item):
        return Piece(item)
    case = told.get(item.ref)
    return (
        Piece(item, gone=True) if case is None else Piece(item, False, case.ref, link(case.source))
    )


def _bare(item: Item) -> Item:
    return Item(item.kind, "")
