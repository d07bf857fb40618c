"""Counting what becomes of dialogs outside a turn: left until they were swept, moved elsewhere."""

import json
from collections.abc import Iterable

from bot.dialogs import tally
from bot.dialogs.state import State
from bot.services.base import Desk
from knowledge.calendar import seoul_day
from storage.repositories import dialog_counts
from storage.unit import Unit


def forms(svc: Desk) -> frozenset[str]:
    """Name the forms that are counted: those that are filed."""
    return frozenset(one.id for one in svc.procedures.values())


def count(svc: Desk, unit: Unit, states: Iterable[bytes], what: str) -> None:
    """Count one thing of each dialog; the states are as the dialogs were kept."""
    known = forms(svc)
    found = [
        one
        for state in filter(None, map(_read, states))
        for one in tally.resting(state, known, what)
    ]
    dialog_counts.add(unit, seoul_day(svc.now()), found)


def _read(state: bytes) -> State | None:
    """Read a state; one that nobody can read any more stops no sweep (security S10)."""
    try:
        return State.from_json(json.loads(state))
    except (TypeError, ValueError):
        return None
