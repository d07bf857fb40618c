"""How a dialog went, read off where it stood before a turn and after: nothing about whom."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.dialogs.state import State

if TYPE_CHECKING:
    from collections.abc import Collection

STARTED, FINISHED, STOPPED, FORGOTTEN, SWITCHED, RETURNED, MOVED = (
    "started", "finished", "stopped", "forgotten", "switched", "returned", "moved",
)  # fmt: skip
"""What is counted. Stopped: ended by the person; forgotten: left until it was swept; switched: left
for another form, returned: come back from there; moved: taken to another channel, where it goes on.
"""

SUMMARY = "summary"
"""The step of a dialog that stands at its last look."""

WAITS = "waits"
"""Where a small form holds the dialog that waits under it."""

Count = tuple[str, int, str, str]
"""Form, version, what, step."""


def tally(
    before: State | None, after: State | None, forms: Collection[str], *, finished: bool = False
) -> list[Count]:
    """Tell what a turn did to the dialogs of these forms; `finished`: `before` was filed."""
    was, now = _top(before, forms), _top(after, forms)
    if was is not None and now is not None and _same(was, now):
        return []
    found: list[Count] = []
    if was is not None:
        if finished:
            found.append((was.form, was.version, FINISHED, ""))
        else:
            left = SWITCHED if was.key in _parked(after) else STOPPED
            found.append((was.form, was.version, left, at(was)))
    if now is not None:
        came = now.key in _parked(before)
        found.append((now.form, now.version, RETURNED if came else STARTED, ""))
    return found


def at(state: State) -> str:
    """Give the step at which a dialog stands."""
    return state.at or SUMMARY


def resting(state: State, forms: Collection[str], what: str) -> list[Count]:
    """Count one thing of the dialog that a state holds, if it is of one of these forms."""
    top = _top(state, forms)
    return [] if top is None else [(top.form, top.version, what, at(top))]


def _top(state: State | None, forms: Collection[str]) -> State | None:
    """Give the dialog that a person is at, also where it waits under a small form."""
    if state is None or state.form in forms:
        return state
    under: Any = state.drafts.get(WAITS)
    return _top(State.from_json(under), forms) if isinstance(under, dict) else None


def _same(was: State, now: State) -> bool:
    return (was.form, was.started) == (now.form, now.started)


def _parked(state: State | None) -> Collection[str]:
    """Name the dialogs that were left for the one that is open (`State.key`)."""
    return () if state is None else state.parked
