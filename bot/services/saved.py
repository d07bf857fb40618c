"""Saved views: a filter of the queue under a name, for oneself."""

from dataclasses import dataclass
from urllib.parse import parse_qs

from bot.errors import Refused
from bot.services.base import Actor, Desk
from bot.services.listing import Wanted
from knowledge.korean import clean_line
from storage.repositories import saved_views
from storage.unit import Unit

MOST = 30
LONGEST = 30


@dataclass(frozen=True, slots=True)
class View:
    id: int
    name: str
    wanted: Wanted


def listed(svc: Desk, unit: Unit, actor: Actor) -> tuple[View, ...]:
    """Give an official's own views; one that an older version wrote loses what is gone."""
    assert actor.user_id is not None
    return tuple(
        View(row.id, row.name, _wanted(svc, row.query))
        for row in saved_views.of(unit, actor.user_id)
    )


def keep(svc: Desk, unit: Unit, actor: Actor, name: str, wanted: Wanted) -> str:
    """Keep a view; the same name takes the place of the old one. Gives the name as it is kept.

    Raises `Refused` saved.name, saved.long (with `most`), saved.many (with `most`).
    """
    assert actor.user_id is not None
    plain = clean_line(name)
    if not plain:
        raise Refused("saved.name")
    if len(plain) > LONGEST:
        raise Refused("saved.long", most=LONGEST)
    known = {row.name for row in saved_views.of(unit, actor.user_id)}
    if plain not in known and len(known) >= MOST:
        raise Refused("saved.many", most=MOST)
    saved_views.put(unit, actor.user_id, plain, wanted.query(), svc.now())
    return plain


def drop(unit: Unit, actor: Actor, view_id: int) -> None:
    """Take a view away. Raises `Refused` saved.unknown."""
    assert actor.user_id is not None
    if not saved_views.drop(unit, actor.user_id, view_id):
        raise Refused("saved.unknown")


def _wanted(svc: Desk, query: str) -> Wanted:
    said = parse_qs(query)
    return Wanted.read(svc, lambda name: said.get(name, [""])[-1])
