"""Cases as the desk shows them: the list, with what was shipped in it, and one with its history."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bot.errors import Refused
from bot.services import case_words, cases, officials, rights
from bot.services.base import Actor, Desk
from bot.services.case_words import Link, Place
from bot.services.rights import Right
from knowledge.cases import Case
from knowledge.doubles import Doubles
from knowledge.korean import fold
from storage.repositories import cases as stored
from storage.store import Store
from storage.unit import Unit

PER_PAGE = 30
MOST = 50
"""So many are looked through of what the words find, in the index and in the table."""
NARROWED = ("status", "kind", "region", "year", "field")
SHIPPED = "shipped"


@dataclass(frozen=True, slots=True)
class Line:
    """A case in the list; `changed_at` is None of one that is as it was shipped."""

    case: Case
    origin: str
    held: bool
    changed_at: datetime | None
    version: int = cases.AS_SHIPPED


@dataclass(frozen=True, slots=True)
class Listed:
    lines: tuple[Line, ...]
    total: int
    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class Done:
    """What was done to a case, by whom; `who` is "" for the service."""

    kind: str
    at: datetime
    who: str
    reason: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A case with all that the desk knows of it. `no` says of a move why it is not this one's."""

    case: Case
    version: int
    origin: str
    held: bool
    author: str
    reviewer: str
    reason: str
    link: Link | None
    lacking: tuple[str, ...]
    places: tuple[Place, ...]
    history: tuple[Done, ...]
    moves: tuple[str, ...]
    no: Mapping[str, Refused]
    may_hold: bool


def near(svc: Desk, words: str) -> tuple[str, ...]:
    """Name the published cases that words find, the best first. Never inside a transaction."""
    found = svc.library.cases().search(words, most=MOST) if words else None
    return tuple(hit.key for hit in found.hits or found.near) if found else ()


def listed(
    svc: Desk, unit: Unit, actor: Actor, only: Mapping[str, Any], page: int = 1,
    words: str = "", found: Sequence[str] = (),
) -> Listed:  # fmt: skip
    """List cases by what is chosen (`NARROWED`); with words those `found` by `near` first.

    Raises `Refused` access.not_allowed.
    """
    _may(actor)
    lines = _said(svc, unit, only, words, found) if words else None
    if lines is not None:
        total, lines = len(lines), lines[(page - 1) * PER_PAGE : page * PER_PAGE]
    else:
        total, lines = _paged(svc, unit, only, (page - 1) * PER_PAGE)
    return Listed(tuple(lines), total, page, max(1, math.ceil(total / PER_PAGE)))


def choices(svc: Desk, unit: Unit) -> dict[str, tuple[Any, ...]]:
    """Give by which regions, fields and years there is something to choose."""
    every = [*stored.places(unit), *svc.library.shipped().values()]
    return {
        name: tuple(
            sorted({getattr(one, name) for one in every} - {"", None}, reverse=name == "year")
        )
        for name in ("region", "field", "year")
    }


def one(svc: Desk, unit: Unit, actor: Actor, ref: str) -> Shown:
    """Read a case. Raises `Refused` access.not_allowed, case.unknown."""
    _may(actor)
    row = stored.get(unit, ref)
    case = svc.library.shipped().get(ref) if row is None else stored.to_case(row)
    if case is None:
        raise Refused("case.unknown")
    names = cases.staff(unit)
    moves = tuple(name for name, states in cases.FROM.items() if case.status in states)
    no = cases.may_review(svc, unit, actor, ref, row) if "review" in moves else None
    origin = SHIPPED if row is None else row.origin
    refused = {"review": no} if no else {}
    if origin == "filing":
        refused["change"] = Refused("case.of_filing")
        moves = tuple(name for name in moves if name not in {"change", "send_back"})
    return Shown(
        case=case,
        version=cases.AS_SHIPPED if row is None else row.version,
        origin=origin,
        held=row is not None and row.held,
        author=_name(unit, row and row.author_id),
        reviewer=_name(unit, row and row.reviewer_id),
        reason=row.reason if row is not None else "",
        link=case_words.link(case.source),
        lacking=case_words.lacking(svc, case, names),
        places=case_words.places(svc, case, names),
        history=tuple(_history(unit, ref)),
        moves=moves,
        no=refused,
        may_hold=rights.may(actor, Right.CASE_HOLD),
    )


def similar(svc: Desk, store: Store, case: Case) -> tuple[Case, ...]:
    """Show cases that may be the same one: found by its title, and those called just so.

    Never inside a transaction; nothing is ever merged by itself.
    """
    if not case.title:
        return ()
    hits = [hit.key for hit in svc.library.cases().search(case.title, most=6).hits]

    def look(unit: Unit) -> tuple[Case, ...]:
        own = stored.of_refs(unit, stored.titled(unit, case.title)[:MOST])
        found = {**own, **svc.library.present(unit, hits)}
        return tuple(one for ref, one in found.items() if ref != case.ref)[:5]

    return store.read(look)


def told_before(case: Case, alike: Sequence[Case]) -> bool:
    """Tell whether one of those `similar` found is the same case by its title or its words."""
    if any(fold(one.title) == fold(case.title) for one in alike):
        return True
    known = Doubles()
    for one in alike:
        known.add(one)
    return bool(alike) and next(known.find(known.add(case)), None) is not None


def _paged(svc: Desk, unit: Unit, only: Mapping[str, Any], skip: int) -> tuple[int, list[Line]]:
    """Give a page: those with a row first, then what is as it was shipped."""
    own = stored.count(unit, only)
    lines = [_line(row) for row in stored.page(unit, only, skip=skip, most=PER_PAGE)]
    came = [case for case in _untouched(svc, unit) if _fits(case, only)]
    at = max(0, skip - own)
    lines += [Line(case, SHIPPED, held=False, changed_at=None) for case in came[at:]]
    return own + len(came), lines[:PER_PAGE]


def _said(
    svc: Desk, unit: Unit, only: Mapping[str, Any], words: str, found: Sequence[str]
) -> list[Line]:
    """Give what the index finds, in its order, then what else has these very words."""
    came = svc.library.shipped()
    rows = stored.rows(unit, found)
    lines = {ref: line for ref in found if (line := _of(ref, rows, came))}
    for row in stored.page(unit, only, words, most=MOST):
        lines.setdefault(row.ref, _line(row))
    for case in _untouched(svc, unit):  # those in doubt are in no index
        if words in f"{case.ref} {case.title} {case.body}":
            lines.setdefault(case.ref, Line(case, SHIPPED, held=False, changed_at=None))
    return [line for line in lines.values() if _fits(line.case, only)]


def _untouched(svc: Desk, unit: Unit) -> list[Case]:
    """Give what is as it was shipped."""
    came = svc.library.shipped()
    changed = stored.rows(unit, list(came))
    return [case for ref, case in came.items() if ref not in changed]


def _of(ref: str, rows: Mapping[str, sa.Row[Any]], came: Mapping[str, Case]) -> Line | None:
    if ref in rows:
        return _line(rows[ref])
    return Line(came[ref], SHIPPED, held=False, changed_at=None) if ref in came else None


def _line(row: sa.Row[Any]) -> Line:
    return Line(stored.to_case(row), row.origin, row.held, row.changed_at, row.version)


def _fits(case: Case, only: Mapping[str, Any]) -> bool:
    return all(getattr(case, name) == value for name, value in only.items())


def _history(unit: Unit, ref: str) -> Iterable[Done]:
    for event in cases.history(unit, ref):
        by = event.actor.removeprefix("user:")
        who = _name(unit, int(by)) if by.isdecimal() else ""
        yield Done(event.kind, event.at, who, (event.detail or {}).get("reason", ""))


def _name(unit: Unit, user_id: int | None) -> str:
    who = officials.official(unit, user_id) if user_id else None
    return f"{who.unit} {who.name}".strip() if who else ""


def _may(actor: Actor) -> None:
    if not rights.may(actor, Right.CASES):
        raise Refused("access.not_allowed")
