"""The queue: what an official may know of, narrowed by open columns, a page at a time.

What is asked for is a value (`Wanted`) of closed sets and dates; it is what a page's address, a
saved view and a statement are made of, and it has no room for a citizen's word (security S28).
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

import sqlalchemy as sa

from bot.errors import Refused
from bot.services import clocks, codes
from bot.services.base import Actor, Desk
from bot.services.sight import plain, visible_filings
from knowledge.calendar import seoul_day
from knowledge.korean import meant_day
from knowledge.procedures import Procedure
from storage import models
from storage.repositories import crowds
from storage.unit import Unit

SHOWS = ("mine", "new", "open", "closed", "all")
ORDERS = ("due", "oldest", "newest", "number")
SIZES = ("20", "50", "100")
DUES = ("overdue", "today", "three", "week", "none")
MODES = ("named", "anonymous")
NOBODY = "none"
MANY = 1000
"""So far rows are counted: a table that grows is never counted as a whole (S18)."""
_FAR = datetime(9999, 1, 1, tzinfo=UTC)
_DAYS = {"today": 0, "three": 3, "week": 7}
_CODE = re.compile(r"[a-z0-9_-]{1,40}")
_d, _g, _x = models.deadlines.c, models.guards.c, models.external_numbers.c
_n, _u = models.units.c, models.users.c


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the queue: open columns only, no citizen's word."""

    number: str
    procedure: str
    state: str
    mode: str
    unit: str
    assignee: str
    arrived_at: datetime
    due_at: datetime | None
    overdue: bool
    confirmed: bool  # the conflict guard was confirmed by intake
    version: int
    mine: bool
    channel: str
    answered: bool  # the main deadline was met: there is no due date any more
    kind: str
    theirs: bool  # the due date is that of the office's other system, which counts


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a page of the queue shows: values of closed sets, days as ISO, "" for all of it."""

    show: str = "open"
    procedure: str = ""
    state: str = ""
    unit: str = ""  # its code
    assignee: str = ""  # an account's number, or `none`
    due: str = ""
    since: str = ""  # arrived on this day or later
    until: str = ""
    kind: str = ""
    channel: str = ""
    mode: str = ""
    number: str = ""  # a part of it; then whether it is open or closed does not matter
    order: str = "due"
    size: str = "50"

    @classmethod
    def read(cls, svc: Desk, asked: Callable[[str], str], first: str = "open") -> "Wanted":
        """Take what an address or a saved view asks; whatever is in no set is as if not said."""
        known: Mapping[str, tuple[str, ...]] = {
            "show": SHOWS,
            "procedure": tuple(one.id for one in procedures(svc)),
            "state": tuple(states(svc)),
            "due": DUES,
            "kind": kinds(svc),
            "mode": MODES,
            "order": ORDERS,
            "size": SIZES,
        }
        given = {one.name: asked(one.name).strip() for one in fields(cls)}
        for name, values in known.items():
            given[name] = given[name] if given[name] in values else ""
        for name in ("since", "until"):
            given[name] = given[name] if meant_day(given[name]) else ""
        for name in ("unit", "channel"):
            given[name] = given[name] if _CODE.fullmatch(given[name]) else ""
        who = given["assignee"]
        fits = who == NOBODY or (who.isascii() and who.isdecimal() and len(who) <= 18)
        given["assignee"] = who if fits else ""
        given["number"] = "".join(c for c in given["number"] if c.isalnum() or c == "-")[:20]
        given["show"] = given["show"] or first
        given["order"] = given["order"] or _order_of(given["show"])
        return cls(**{name: value for name, value in given.items() if value})

    def query(self, **more: str) -> str:
        """Write it as the end of an address; what goes without saying is left out."""
        plain = Wanted(order=_order_of(self.show))
        said = {
            one.name: value
            for one in fields(self)
            if (value := getattr(self, one.name)) != getattr(plain, one.name) or one.name == "show"
        }
        return urlencode(said | more)

    def narrowed(self) -> bool:
        """Tell whether anything but tab, order and size was chosen."""
        return self.query() != Wanted(show=self.show, order=self.order, size=self.size).query()


def _order_of(show: str) -> str:
    """Give the order that goes without saying: what has ended has no date to go by any more."""
    return "newest" if show == "closed" else "due"


def procedures(svc: Desk) -> tuple[Procedure, ...]:
    """Give the procedures whose filings may come to the office."""
    return tuple(one for one in svc.procedures.values() if one.filing.reach != "own")


def states(svc: Desk) -> Mapping[str, str]:
    """Give the states of all procedures, each with the first procedure that has it."""
    every = [(name, one.id) for one in procedures(svc) for name in one.states]
    found: dict[str, str] = {}
    for name, of in every:
        found.setdefault(name, of)
    return found


def kinds(svc: Desk) -> tuple[str, ...]:
    """Give the kinds that a report may be found to be of."""
    every = [
        value
        for one in procedures(svc)
        for move in one.moves.values()
        for field in move.fields
        if field.name == "kind"
        for value in field.options
    ]
    return tuple(dict.fromkeys(every))


def rows(
    svc: Desk, unit: Unit, actor: Actor, wanted: Wanted, *, after: str = "", limit: int = 0
) -> tuple[Row, ...]:
    """Give a page; `after` is the number of the last row of the page before.

    Pages go by key: nothing is counted or skipped, and one statement gives the page whatever
    the length. `limit` 0 is the page's own size.
    """
    lines = _lines(svc, actor, wanted)
    page = _page(lines, wanted)
    if after:
        page = page.where(_beyond(unit, _lines(svc, actor), lines, wanted.order, after))
    values = {**_given(svc, wanted), "most": limit or int(wanted.size)}
    found = unit.conn.execute(page, values).mappings()
    now = svc.now()
    return tuple(_row(actor, one, now) for one in found)


def count(svc: Desk, unit: Unit, actor: Actor, wanted: Wanted) -> int:
    """Count what is wanted, up to `MANY` and one more."""
    counted = _count(_lines(svc, actor, wanted), wanted)
    return int(unit.conn.execute(counted, _given(svc, wanted)).scalar_one())


def row_of(svc: Desk, unit: Unit, actor: Actor, number: str) -> Row:
    """Give the line of one filing. Raises `Refused` filing.unknown."""
    found = rows_of(svc, unit, actor, [number])
    if number not in found:
        raise Refused("filing.unknown")
    return found[number]


def rows_of(svc: Desk, unit: Unit, actor: Actor, numbers: Sequence[str]) -> Mapping[str, Row]:
    """Give the lines of some filings, by number; those that are not for these eyes are not in it."""
    found = unit.conn.execute(_some(_lines(svc, actor)), {"numbers": list(numbers)}).mappings()
    now = svc.now()
    return {one["number"]: _row(actor, one, now) for one in found}


_Way = tuple[Any, bool]  # a column to order by, and whether downwards


def _lines(svc: Desk, actor: Actor, wanted: Wanted | None = None) -> "_Lines":
    main = frozenset(one.filing.deadline for one in svc.procedures.values())
    numbered = wanted is not None and _part(wanted) is not None
    theirs = svc.site.due_authority == clocks.THEIRS
    return _made(plain(actor), main, theirs=theirs, numbered=numbered)


def _part(wanted: Wanted) -> str | None:
    """Give the part of a number that is looked for; None without one, or when it is whole."""
    if not wanted.number or codes.read_number(wanted.number):
        return None
    return wanted.number.upper()


def _given(svc: Desk, wanted: Wanted) -> dict[str, Any]:
    """Give the times that a question about dates has room for, and the part of a number."""
    now, part = svc.now(), _part(wanted)
    given: dict[str, Any] = {} if part is None else {"part": part}
    if wanted.due in _DAYS:
        given["last"] = clocks.end_of(seoul_day(now) + timedelta(days=_DAYS[wanted.due]))
    return given | {"now": now} if wanted.due in {*_DAYS, "overdue"} else given


@lru_cache(maxsize=64)
def _made(actor: Actor, main: frozenset[str], *, theirs: bool, numbered: bool) -> "_Lines":
    """Build what an official's questions start from once: it takes longer than asking one."""
    return _Lines(actor, main, theirs=theirs, numbered=numbered)


@lru_cache(maxsize=128)
def _page(lines: "_Lines", wanted: Wanted) -> sa.Select[Any]:
    ways = (key.desc() if down else key for key, down in lines.order(wanted.order))
    page = lines.select().where(*lines.conditions(wanted)).order_by(*ways)
    return page.limit(sa.bindparam("most", type_=sa.Integer))


@lru_cache(maxsize=128)
def _count(lines: "_Lines", wanted: Wanted) -> sa.Select[Any]:
    found = lines.select(lines.f.id).where(*lines.conditions(wanted))
    return sa.select(sa.func.count()).select_from(found.limit(MANY + 1).subquery())


@lru_cache(maxsize=64)
def _some(lines: "_Lines") -> sa.Select[Any]:
    return lines.select().where(lines.f.number.in_(sa.bindparam("numbers", expanding=True)))


class _Lines:
    """The statement behind the queue; it starts from what the actor may know of (S8)."""

    def __init__(
        self, actor: Actor, main: frozenset[str], *, theirs: bool, numbered: bool
    ) -> None:
        self.actor = actor
        seen = visible_filings(actor)
        self.f: Any = (_numbered(seen) if numbered else seen.subquery("f")).c
        self._main = main
        self.theirs = self.f.due_at == _x.due_at if theirs else sa.false()
        self.due: Any = sa.case((_d.done_at.is_(None), self.f.due_at), else_=None)

    def select(self, *columns: Any) -> sa.Select[Any]:
        f = self.f
        waiting = sa.select(_g.id).where(_g.filing_id == f.id, _g.confirmed_at.is_(None)).exists()
        whole = (
            *f,
            _n.name.label("unit"),
            _u.name.label("assignee"),
            _d.done_at.label("answered_at"),
            (~waiting).label("confirmed"),
            self.due.label("counts_at"),
            self.theirs.label("theirs"),
        )
        return (
            sa.select(*(columns or whole))
            .select_from(f.id.table)
            .outerjoin(models.units, _n.id == f.unit_id)
            .outerjoin(models.users, _u.id == f.assignee_id)
            .outerjoin(models.deadlines, sa.and_(_d.filing_id == f.id, _d.name.in_(self._main)))
            .outerjoin(models.external_numbers, _x.filing_id == f.id)
        )

    def order(self, name: str) -> tuple[_Way, ...]:
        f = self.f
        last = sa.func.coalesce(self.due, sa.literal(_FAR, f.due_at.type))
        ways: Mapping[str, tuple[_Way, ...]] = {
            "due": ((last, False), (f.arrived_at, False), (f.id, False)),
            "oldest": ((f.arrived_at, False), (f.id, False)),
            "newest": ((f.arrived_at, True), (f.id, True)),
            "number": ((f.number, False),),
        }
        return ways[name]

    def conditions(self, wanted: Wanted) -> list[Any]:
        f = self.f
        asked = [*self._tab(wanted), *self._window(wanted)]
        plain = {
            f.procedure: wanted.procedure,
            f.state: wanted.state,
            _n.code: wanted.unit,
            f.kind: wanted.kind,
            f.channel: wanted.channel,
            f.mode: wanted.mode,
        }
        asked += [column == value for column, value in plain.items() if value]
        if wanted.assignee == NOBODY:
            asked.append(f.assignee_id.is_(None))
        elif wanted.assignee:
            asked.append(f.assignee_id == int(wanted.assignee))
        if wanted.number:
            whole = codes.read_number(wanted.number)
            if whole:
                asked.append(f.number == whole)
        return asked

    def _tab(self, wanted: Wanted) -> list[Any]:
        f = self.f
        ended = f.closed_at.is_not(None)
        asked = [f.assignee_id.in_(self.actor.hands)] if wanted.show == "mine" else []
        if wanted.show == "new":
            asked.append(f.assignee_id.is_(None))
        if wanted.show != "all" and not wanted.number:
            asked.append(ended if wanted.show == "closed" else ~ended)
            asked.append(f.id.not_in(crowds.waiting()))  # they have a page of their own (S34)
        return asked

    def _window(self, wanted: Wanted) -> list[Any]:
        asked = []
        now, last = (sa.bindparam(name, type_=self.f.due_at.type) for name in ("now", "last"))
        if wanted.due == "overdue":
            asked.append(self.due < now)
        elif wanted.due == "none":
            asked.append(self.due.is_(None))
        elif wanted.due:
            asked.append(self.due.between(now, last))
        since, until = meant_day(wanted.since), meant_day(wanted.until)
        if since:
            asked.append(self.f.arrived_at > clocks.end_of(since - timedelta(days=1)))
        if until:
            asked.append(self.f.arrived_at <= clocks.end_of(until))
        return asked


def _numbered(seen: sa.Select[Any]) -> sa.CTE:
    """Narrow to a part of the number before all else: no index answers, every number is read.

    On its own, because beside that cost PostgreSQL takes any way to the rest of a row for as good
    as another: it read all deadlines once for each row that it found.
    """
    part = sa.bindparam("part", type_=sa.String)
    found = seen.where(seen.selected_columns.number.contains(part))  # `Wanted` has no % and no _
    return found.cte("f").prefix_with("MATERIALIZED")


def _beyond(
    unit: Unit, every: _Lines, lines: _Lines, order: str, after: str
) -> sa.ColumnElement[bool]:
    """Give what comes after a row in this order; everything, if it is gone."""
    ways = lines.order(order)
    keys = [key for key, _ in ways]
    its = every.select(*(key for key, _ in every.order(order))).where(every.f.number == after)
    last = unit.conn.execute(its).one_or_none()
    if last is None:
        return sa.true()
    at = [sa.literal(value, key.type) for key, value in zip(keys, last, strict=True)]
    # The first key alone narrows what an index has to walk; the rest says where in it.
    first, down = ways[0]
    bound = first <= at[0] if down else first >= at[0]
    steps = []
    for place, (key, down) in enumerate(ways):
        same = [keys[i] == at[i] for i in range(place)]
        steps.append(sa.and_(*same, key < at[place] if down else key > at[place]))
    return sa.and_(bound, sa.or_(*steps))


def _row(actor: Actor, one: Mapping[Any, Any], now: datetime) -> Row:
    due = one["counts_at"]
    return Row(
        one["number"],
        one["procedure"],
        one["state"],
        one["mode"],
        one["unit"] or "",
        one["assignee"] or "",
        one["arrived_at"],
        due,
        due is not None and due < now,
        one["confirmed"],
        one["version"],
        one["assignee_id"] in actor.hands,
        one["channel"],
        one["answered_at"] is not None,
        one["kind"],
        bool(one["theirs"]) and due is not None,
    )
