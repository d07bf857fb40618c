"""Figures for everybody, where the agency wishes it: made once a month, small numbers hidden.

Of twelve whole months, what has a result; units with fewer than five of them are in no sum, so
that whoever knows what he may see at the desk cannot take it off these and learn of the rest (S8).
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any

from bot.services import figures, statistics
from bot.services.base import CLOCK, Desk
from bot.services.figures import WHOLE, Middle, Shown
from bot.services.sight import visible_filings
from bot.services.statistics import back
from knowledge.calendar import seoul_day
from storage.repositories import publications
from storage.unit import Unit

MONTHS = 12


@dataclass(frozen=True, slots=True)
class Published:
    """What everybody may read: lines by month, procedure and outcome; `WHOLE` is all of them."""

    since: date
    until: date
    months: Mapping[str, Shown]
    procedures: Mapping[str, Shown]
    outcomes: Mapping[str, Shown]
    made_at: datetime

    @property
    def empty(self) -> bool:
        return set(self.months) == {WHOLE}


def due(svc: Desk, unit: Unit) -> Iterator[tuple[str, int | None, Callable[[Unit], None]]]:
    """Say what is due: once a month, and when the agency begins to publish."""
    if not svc.site.public_statistics:
        return
    month = _last(svc)
    known = publications.latest(unit)
    if known is None or known.month < month:
        yield f"publish:{month}", None, partial(make, svc)


def make(svc: Desk, unit: Unit) -> None:
    """Count, hide, and put it where the public part may read it."""
    month = _last(svc)
    until = statistics.last_day(month)
    found = statistics.cases(svc, unit, visible_filings(CLOCK), back(month, MONTHS - 1), until)
    told = figures.of_large_units(found)
    tables = [figures.table(told, by) for by in ("month", "procedure")]
    names = ("months", "procedures", "outcomes")
    made = {
        name: _lines(shown)
        for name, shown in zip(names, figures.for_everybody(*tables), strict=True)
    }
    publications.put(unit, month, json.dumps(made), svc.now())


def published(svc: Desk, unit: Unit) -> Published | None:
    """Give what is published; None where the agency does not, or nothing is made yet."""
    known = publications.latest(unit) if svc.site.public_statistics else None
    if known is None:
        return None
    made = json.loads(known.figures)
    return Published(
        back(known.month, MONTHS - 1),
        known.month,
        _read(made["months"]),
        _read(made["procedures"]),
        _read(made["outcomes"]),
        known.made_at,
    )


def _last(svc: Desk) -> date:
    """Give the last month that is over."""
    return back(seoul_day(svc.now()).replace(day=1), 1)


def _lines(shown: Mapping[str, Shown]) -> dict[str, Any]:
    return {
        name: [dict(one.counts), _middle(one.read), _middle(one.result)]
        for name, one in shown.items()
    }


def _middle(one: Middle | None) -> list[float | None] | None:
    """Write a median without of how many it is: that may be hidden."""
    return None if one is None else [one.law, one.calendar]


def _read(lines: Mapping[str, Any]) -> dict[str, Shown]:
    return {
        name: Shown(counts, *(None if one is None else Middle(0, *one) for one in spans))
        for name, (counts, *spans) in lines.items()
    }
