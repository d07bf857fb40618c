"""What waits for an official, as his page at the messenger shows it: open columns only."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.dialogs.replies import Option, Phrase, Words
from bot.services import cards, digests, facts, listing, rights, said
from bot.services.base import Actor, Desk
from bot.services.listing import Row, Wanted
from bot.services.rights import Right
from storage.unit import Unit

MOST = 20
STARTS: tuple[tuple[str, str, Right], ...] = (
    ("queue", "/filings", Right.QUEUE),
    ("write", "/write", Right.WRITE_IN),
    ("tasks", "/tasks", Right.TASKS),
    ("facts", "/facts", Right.FACTS_SEEN),
    ("approvals", "/approvals", Right.APPROVALS),
)
"""What may be begun at the desk: words, path and the right without which it is not shown."""


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that waits; `number` is "" for what is no filing."""

    number: str
    text: Words
    options: tuple[Option, ...] = ()


@dataclass(frozen=True, slots=True)
class Shelf:
    """Things of one kind; `more` did not fit and stand at `url`, `empty` is said where none is."""

    title: Words
    lines: tuple[Line, ...]
    more: int
    url: str
    empty: Words


@dataclass(frozen=True, slots=True)
class Home:
    """The whole page: whose it is, the shelves, and what he may begin."""

    name: str
    shelves: tuple[Shelf, ...]
    options: tuple[Option, ...]


def home(svc: Desk, unit: Unit, actor: Actor) -> Home:
    """Give what waits for this official: mine, overdue, new, to decide, asked of my unit."""
    made = (_mine, _overdue, _new, _deciding, _asked)
    shelves = tuple(shelf for make in made if (shelf := make(svc, unit, actor)) is not None)
    return Home(actor.name, shelves, starts(svc, actor))


def starts(svc: Desk, actor: Actor) -> tuple[Option, ...]:
    """Give the ways to what this official may begin."""
    return tuple(
        Option(Phrase(f"office.start.{name}"), url=svc.desk_url + path)
        for name, path, right in STARTS
        if rights.may(actor, right)
    )


def shelf(svc: Desk, unit: Unit, actor: Actor, name: str, wanted: Wanted) -> Shelf:
    """Give a page of the queue as a shelf; what does not fit is counted."""
    rows = listing.rows(svc, unit, actor, wanted, limit=MOST + 1)
    more = listing.count(svc, unit, actor, wanted) - MOST if len(rows) > MOST else 0
    lines = tuple(_line(svc, row) for row in rows[:MOST])
    return _shelf(name, lines, more, f"{svc.desk_url}/filings?{wanted.query()}")


def mine(svc: Desk, unit: Unit, actor: Actor) -> Shelf:
    """Give what is assigned to this official or whom he stands for, by due date."""
    return shelf(svc, unit, actor, "mine", Wanted(show="mine"))


def overdue(svc: Desk, unit: Unit, actor: Actor) -> Shelf:
    """Give what is late: of the office for who assigns or watches it, else one's own."""
    whole = rights.scope(actor, Right.QUEUE) is not rights.Scope.OWN
    wanted = Wanted(show="open" if whole else "mine", due="overdue")
    return shelf(svc, unit, actor, "overdue", wanted)


def new(svc: Desk, unit: Unit, actor: Actor) -> Shelf:
    """Give what nobody handles yet."""
    return shelf(svc, unit, actor, "new", Wanted(show="new"))


def _mine(svc: Desk, unit: Unit, actor: Actor) -> Shelf | None:
    return mine(svc, unit, actor) if rights.may(actor, Right.QUEUE) else None


def _overdue(svc: Desk, unit: Unit, actor: Actor) -> Shelf | None:
    return overdue(svc, unit, actor) if rights.may(actor, Right.QUEUE) else None


def _new(svc: Desk, unit: Unit, actor: Actor) -> Shelf | None:
    return new(svc, unit, actor) if rights.may(actor, Right.ASSIGN) else None


def _deciding(svc: Desk, unit: Unit, actor: Actor) -> Shelf | None:
    """Give what waits for this official's own yes or no: its kind, never whom it is about."""
    if not rights.may(actor, Right.APPROVALS):
        return None
    found = digests.waiting(svc, unit, actor)
    lines = tuple(
        Line("", Phrase(f"approval.kind.{one.kind}"), (_way(svc, f"/approvals/{one.id}"),))
        for one in found
    )
    return _shelf("deciding", lines[:MOST], len(lines) - MOST, f"{svc.desk_url}/approvals")


def _asked(svc: Desk, unit: Unit, actor: Actor) -> Shelf | None:
    """Give what the official's unit is to answer: the day, no number and no word."""
    if not rights.may(actor, Right.FACTS):
        return None
    found = [one for one in facts.listed(unit, actor) if one.state == "open"]
    lines = tuple(
        Line("", Phrase("office.fact", {"day": said.day(one.due_at)}), (_way(svc, "/facts"),))
        for one in found
    )
    return _shelf("facts", lines[:MOST], len(lines) - MOST, f"{svc.desk_url}/facts")


def _shelf(name: str, lines: Sequence[Line], more: int, url: str) -> Shelf:
    title, empty = Phrase(f"office.shelf.{name}"), Phrase(f"office.empty.{name}")
    return Shelf(title, tuple(lines), max(0, more), url, empty)


def _line(svc: Desk, row: Row) -> Line:
    return Line(row.number, digests.words(svc, row), (cards.link(svc, row.number),))


def _way(svc: Desk, path: str) -> Option:
    return Option(Phrase("office.open"), url=svc.desk_url + path)
