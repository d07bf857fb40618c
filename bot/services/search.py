"""Finding reports by their words, on the desk alone (security S28).

An index holds what one official may see and nothing else, so that neither a hit nor the weight
of a word tells him of a report that is not for his eyes. It lives in memory, is made when it is
asked for, and goes after a quarter of an hour of rest. Who reported is not in it. What is found
is looked up again in SQL before it is shown, in the transaction that notes the search.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from bot.errors import Refused
from bot.services import accesses, house, listing, matter, rights, sight, views
from bot.services.base import Actor, Desk
from bot.services.listing import Row
from bot.services.rights import Right
from bot.services.sight import Filing, several, visible_filings
from knowledge.korean import clean_line
from knowledge.postings import Postings, letters, window
from storage.errors import Erased
from storage.repositories import filings
from storage.store import Store
from storage.unit import Unit

MOST = 20_000
CLOSED = timedelta(days=365)
IDLE = timedelta(minutes=15)
AGE = timedelta(hours=8)
"""However much it is used, an index is made anew each working day: what was erased is gone."""
SHOWN = 30
PIECE = 200
LONGEST = 100
_NEAR = 0.1  # so different two scopes may be for one index to be brought from one to the other
_WASTE = 0.2

Later = Callable[[float, Callable[[], None]], None]
"""Does something after so many seconds."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A report that fits; `snippet` is "" for whoever has not opened it yet."""

    row: Row
    snippet: str


@dataclass(frozen=True, slots=True)
class Found:
    hits: tuple[Hit, ...]
    more: bool  # there are more than are shown


@dataclass
class _Index:
    born: datetime
    used: datetime
    scope: frozenset[int] = frozenset()  # what it holds, or is being brought to
    postings: Postings = field(default_factory=Postings)
    lock: threading.Lock = field(default_factory=threading.Lock)


def _later(seconds: float, work: Callable[[], None]) -> None:
    timer = threading.Timer(seconds, work)
    timer.daemon = True
    timer.start()


class Searches:
    """The indexes of this process; one for all parts of the desk."""

    def __init__(self, later: Later = _later) -> None:
        self._later = later
        self._kept: list[_Index] = []
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._kept)

    def find(self, svc: Desk, store: Store, actor: Actor, words: str) -> Found:
        """Search what this official may see; the event of it has who and how many, never words.

        Raises `Refused` search.short.
        """
        asked = clean_line(words)[:LONGEST]
        if len(letters(asked)) < 3:
            raise Refused("search.short")
        with self._own(svc, store, actor) as postings:
            hits = postings.find(asked, SHOWN + 1)
        return store.transact(
            lambda unit: _look(svc, unit, actor, hits, asked),
            f"desk-search:{svc.random(16).hex()}",
        )

    def like(
        self, svc: Desk, store: Store, actor: Actor, text: str, most: int
    ) -> list[tuple[int, float]]:
        """Give the ids that are most like a text among what this official may see, and how much.

        Whoever shows them looks them up again, and notes it.
        """
        with self._own(svc, store, actor) as postings:
            return postings.like(text, most)

    @contextmanager
    def _own(self, svc: Desk, store: Store, actor: Actor) -> Iterator[Postings]:
        """Give the index of exactly what this official may see, to him alone for that long."""
        ids = store.read(lambda unit: _scope(svc, unit, actor))
        index = self._take(svc, frozenset(ids))
        with index.lock:
            _bring(svc, store, actor, index, ids)
            yield index.postings
        self._rest(svc)

    def sweep(self, now: datetime) -> None:
        """Drop what has rested long enough, and what is too old."""
        with self._lock:
            self._kept = [
                one for one in self._kept if now - one.used < IDLE and now - one.born < AGE
            ]

    def _take(self, svc: Desk, ids: frozenset[int]) -> _Index:
        """Give the index that is nearest to a scope, or an empty one."""
        now = svc.now()
        self.sweep(now)
        with self._lock:
            near = [(len(one.scope ^ ids), place) for place, one in enumerate(self._kept)]
            apart, place = min(near, default=(len(ids) + 1, -1))
            if place < 0 or apart > len(ids) * _NEAR or self._kept[place].postings.waste > _WASTE:
                self._kept.append(_Index(now, now))
                place = -1
            found = self._kept[place]
            found.used, found.scope = now, ids
            return found

    def _rest(self, svc: Desk) -> None:
        self._later(IDLE.total_seconds() + 1, lambda: self.sweep(svc.now()))


def _scope(svc: Desk, unit: Unit, actor: Actor) -> tuple[int, ...]:
    """Give what this official may read: what is open, and what ended within a year.

    To know of a report is less than to read it: an inspector's hit would be a word of it.
    """
    seen = visible_filings(actor)
    c = seen.selected_columns
    recent = (c.closed_at.is_(None)) | (c.closed_at > svc.now() - CLOSED)
    only = (c.id, *(c[name] for name in sight.HANDLED))
    found = seen.where(recent).with_only_columns(*only, maintain_column_froms=True)
    reads: dict[tuple[Any, ...], bool] = {}
    kept = []
    for row in unit.conn.execute(found.order_by(c.id.desc()).limit(MOST)):
        who = tuple(row[1:])
        if who not in reads:
            reads[who] = rights.may(sight.acting(actor, row), Right.SEARCH)
        if reads[who]:
            kept.append(row.id)
    return tuple(kept)


def _bring(svc: Desk, store: Store, actor: Actor, index: _Index, ids: Sequence[int]) -> None:
    """Bring an index to exactly this scope, a piece at a time: no long reads (S22)."""
    known = index.postings.keys()
    for gone in known - frozenset(ids):
        index.postings.remove(gone)
    missing = [one for one in ids if one not in known]
    for start in range(0, len(missing), PIECE):
        piece = missing[start : start + PIECE]
        for key, text in store.read(partial(_texts, svc, actor, piece)):
            index.postings.add(key, text)


def _texts(svc: Desk, actor: Actor, ids: Sequence[int], unit: Unit) -> list[tuple[int, str]]:
    seen = visible_filings(actor)
    found = several(unit, seen.where(seen.selected_columns.id.in_(ids)))
    return [(filing.id, text_of(svc, unit, filing)) for filing in found]


def text_of(svc: Desk, unit: Unit, filing: Filing) -> str:
    """Give what was written, without who wrote it and without numbers of earlier petitions."""
    try:
        filed: dict[str, Any] = filings.answers(unit, filing)
    except Erased:
        return ""
    return matter.words(svc, filing.procedure, filed)


def _look(svc: Desk, unit: Unit, actor: Actor, ids: Sequence[int], asked: str) -> Found:
    """Show what is still to be seen of the hits, and write the search down first."""
    seen = visible_filings(actor)
    here = several(unit, seen.where(seen.selected_columns.id.in_(ids)))
    order = {key: place for place, key in enumerate(ids)}
    mine = [one for one in here if rights.may(sight.acting(actor, one), Right.SEARCH)]
    kept = sorted(mine, key=lambda one: order[one.id])
    house.note(svc, unit, actor, "searched", {"hits": len(kept)})
    accesses.note(svc, unit, actor, "searched", count=len(kept))
    hits = []
    rows = listing.rows_of(svc, unit, actor, [filing.number for filing in kept[:SHOWN]])
    for filing in kept[:SHOWN]:
        snippet = ""
        if views.answered(unit, actor, filing):
            accesses.note(svc, unit, actor, "search_hit", filing)
            snippet = window(text_of(svc, unit, filing), asked)
        hits.append(Hit(rows[filing.number], snippet))
    return Found(tuple(hits), len(kept) > SHOWN)
