"""What keeps a draft from being let out: whom, where and when it tells, what it copies, how few fit.

Nothing here is decided by a person: what is found goes away only when the words are changed.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bot.services import matter, sight
from bot.services.base import ANONYMOUS, Actor, Desk
from bot.services.history import History
from bot.services.sight import Filing
from knowledge import anonymity, exposing, naming
from knowledge.anonymity import Other, Told
from knowledge.calendar import seoul_day
from knowledge.generalise import Known, copied, find, half_of, towns
from knowledge.korean import SEOUL, has_hangul
from storage.models import peers, units, users
from storage.repositories import case_drafts, external_numbers, filings
from storage.unit import Unit

MOST = 1000
"""Reports among which it is counted who could be meant, the newest of the period."""
UPHELD = frozenset({"upheld", "partly"})
"""Judgements after which it may be called a case of 소극행정: an audit has said so."""
LEAST_NAME = 3  # signs of a unit's name that is looked for
NARROW = {
    "place": "narrow_place",
    "period": "narrow_period",
    "unit": "narrow_unit",
    "field": "narrow_field",
    anonymity.FEW: "narrow_few",
}
_CALLED = ("씨", "님", "군", "양", "이가", "이는", "이를", "이의", "이에게")
_HALF = re.compile(r"((?:19|20)\d\d)\s*년\s*(상|하)\s*반기")
_n, _u, _p = units.c, users.c, peers.c


@dataclass(frozen=True, slots=True)
class Words:
    """A case in the making. `unit`: its unit is named; `year`: the year is shown.

    `told`: whoever reported was told that it may become a case without his name.
    """

    title: str = ""
    problem: str = ""
    action: str = ""
    effect: str = ""
    keywords: str = ""
    kind: str = "active"
    field: str = ""
    year: bool = True
    unit: bool = False
    told: bool = False

    def parts(self) -> Iterator[tuple[str, str]]:
        """Give what everybody would read, by the name of its field."""
        yield from ((name, getattr(self, name)) for name in TEXTS)


TEXTS = ("title", "problem", "action", "effect", "keywords", "field")
NAMES = tuple(one.name for one in fields(Words))


@dataclass(frozen=True, slots=True)
class Fault:
    """`key` is a word of `desk.case_draft.fault.<key>`; `said` is how it stands in the field."""

    key: str
    field: str = ""
    said: str = ""


def known(unit: Unit, filing: Filing) -> Known:
    """Give the names and numbers that lead to whoever is in a report."""
    who = filings.identity(unit, filing)
    answers = filings.answers(unit, filing)
    name = "".join(str(who.get("name") or "").split())
    telling = [str(who.get(key) or "") for key in ("name", "address", "phone", "email")]
    other = external_numbers.of(unit, filing)
    numbers = [filing.number, str(answers.get("prior_no") or "")]
    named = {
        one.name for one in naming.people(str(answers.get("what") or "")) if len(one.name) > 1
    }
    rows = unit.conn.execute(sa.select(_n.name, _n.parent_id)).all()
    return Known(
        reporter=tuple(one for one in (*telling, *_called(name)) if one),
        people=(*unit.conn.scalars(sa.select(_u.name)), *sorted(named)),
        units=tuple(
            row.name for row in rows if row.parent_id is not None and len(row.name) >= LEAST_NAME
        ),
        numbers=tuple(one for one in (*numbers, other.number if other else "") if one),
        filed=seoul_day(filing.arrived_at),
    )


def _called(name: str) -> tuple[str, ...]:
    """Give how people call each other; the given name alone may be any word (도로, 수리)."""
    given = name[1:] if len(name) > 2 and has_hangul(name) else ""
    return tuple(given + end for end in _CALLED) if given else ()


def reported(svc: Desk, unit: Unit, filing: Filing) -> str:
    """Give everything that the reporter wrote, also later."""
    first = matter.words(svc, filing.procedure, filings.answers(unit, filing))
    return f"{first}\n{added(unit, filing)}"


def added(unit: Unit, filing: Filing) -> str:
    """Give what the reporter wrote after filing."""
    said = [
        str(one.detail.get(name) or "")
        for one in History(unit, filing.sid).all
        if one.actor in {"citizen", ANONYMOUS}
        for name in ("text", "left", "reason")
    ]
    return "\n".join(one for one in said if one)


def unit_name(unit: Unit, filing: Filing) -> str:
    """Give the name of the unit that a report is about, "" without one."""
    found = unit.conn.execute(sa.select(_n.name).where(_n.id == filing.unit_id)).scalar()
    return str(found or "")


def faults(svc: Desk, unit: Unit, actor: Actor, filing: Filing, words: Words) -> tuple[Fault, ...]:
    """Say all that keeps a draft from being let out; () where nothing does."""
    rules = svc.site.knowledge
    names, source = known(unit, filing), reported(svc, unit, filing)
    found = [Fault("empty", name) for name in TEXTS[:3] if not getattr(words, name).strip()]
    for name, text in words.parts():
        found += [
            Fault(one.kind, name, one.said) for one in find(text, names) if one.kind != "town"
        ]
        found += [Fault("copied", name, one) for one in copied(text, source, rules.copied)]
        if words.kind == "passive":
            found += [Fault("blame", name, one.said) for one in exposing.blamed(text)]
    if words.kind == "passive" and filing.outcome not in UPHELD:
        found.append(Fault("not_upheld", "kind"))
    if words.kind == "passive" and words.unit:
        found.append(Fault("passive_unit", "unit"))
    if rules.reporter == "told" and not words.told:
        found.append(Fault("not_told", "told"))
    return (*found, *_narrow(svc, unit, actor, filing, words, names))


def _narrow(
    svc: Desk, unit: Unit, actor: Actor, filing: Filing, words: Words, names: Known
) -> Iterator[Fault]:
    """Say which parts tell too much of who it was, where more than one is told of a kind too."""
    text = "\n".join(part for _, part in words.parts())
    places, halves = sorted(towns(text, names)), sorted(set(_HALF.findall(text)))
    if len(places) > 1:
        yield Fault("places", "", ", ".join(places))
    if len(halves) > 1:
        yield Fault("halves", "", ", ".join(f"{year}년 {half}반기" for year, half in halves))
    if len(places) > 1 or len(halves) > 1:
        return
    told = _told(filing, words, places, halves)
    others = _others(svc, unit, actor, filing, told)
    for part in anonymity.too_narrow(told, others, svc.site.knowledge.k):
        yield Fault(NARROW[part])


def _told(
    filing: Filing, words: Words, places: Sequence[str], halves: Sequence[tuple[str, str]]
) -> Told:
    year: int | None = seoul_day(filing.arrived_at).year if words.year else None
    half = None
    if halves:
        year, half = int(halves[0][0]), 1 if halves[0][1] == "상" else 2
    unit = str(filing.unit_id or "") if words.unit else ""
    return Told(places[0] if places else "", year, half, unit, words.field.strip())


def _others(svc: Desk, unit: Unit, actor: Actor, filing: Filing, told: Told) -> list[Other]:
    """Give among whom it is counted: reports that no guard keeps from this official, and cases.

    Of which field of work a report was is not known: those of the same unit are taken for it.
    """
    seen = sight.not_kept_from(actor)
    c = seen.selected_columns
    every = seen.where(c.reach == sight.AUDIT)
    if told.year is not None:
        first, end = (datetime(year, 1, 1, tzinfo=SEOUL) for year in (told.year, told.year + 1))
        every = every.where(c.arrived_at >= first, c.arrived_at < end)
    rows = sight.several(unit, every.order_by(c.id.desc()).limit(MOST))
    whose = _people(unit, rows)
    found = []
    for one in rows:
        year, half = half_of(seoul_day(one.arrived_at))
        field = told.field if one.unit_id == filing.unit_id else ""
        plain = Other(whose[one.id], frozenset(), year, half, str(one.unit_id or ""), field)
        if told.place and anonymity.fits(replace(told, place=""), plain):
            text = matter.words(svc, one.procedure, filings.answers(unit, one))
            plain = replace(plain, places=towns(text))
        found.append(plain)
    name = unit_name(unit, filing)
    for row in case_drafts.published(unit, svc.site.agency):
        where = str(filing.unit_id) if row.unit and row.unit == name else ""
        found.append(Other(f"case:{row.ref}", frozenset(), row.year, None, where, row.field))
    return found


def _people(unit: Unit, rows: Sequence[Filing]) -> dict[int, str]:
    """Name who filed each as far as is known; all without a name may be one and the same."""
    ids = {one.peer_id for one in rows if one.peer_id is not None}
    found = unit.conn.execute(sa.select(_p.id, _p.person_id).where(_p.id.in_(ids)))
    person: dict[Any, str] = {
        row.id: f"person:{row.person_id}" if row.person_id else f"peer:{row.id}" for row in found
    }
    return {
        one.id: ANONYMOUS
        if one.mode == ANONYMOUS
        else person.get(one.peer_id) or f"filing:{one.id}"
        for one in rows
    }
