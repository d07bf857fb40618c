"""What was done to a broadcast and by whom: its journal says who may be the second person (S9)."""

from typing import Any

from bot.services.base import Actor, Desk
from storage import journal
from storage.unit import Unit

MADE, EDITED, TESTED = "broadcast_made", "broadcast_edited", "broadcast_tested"
ASKED, APPROVED, RETURNED = "broadcast_asked", "broadcast_approved", "broadcast_returned"


def note(
    svc: Desk, unit: Unit, actor: Actor | None, kind: str, broadcast_id: int, **detail: Any
) -> None:
    """Write down what was done; `actor` None is the clock."""
    mark = actor.mark if actor is not None else "clock"
    journal.append(unit, subject(broadcast_id), svc.now(), mark, kind, detail)


def history(unit: Unit, broadcast_id: int) -> list[journal.Event]:
    """Read what was done to a broadcast, in order."""
    return journal.history(unit, subject(broadcast_id))


def writers(unit: Unit, broadcast_id: int) -> frozenset[int]:
    """Name who made or edited it, ever, and who sent a test of it as it is now."""
    wrote, tested = set[int](), set[int]()
    for event in history(unit, broadcast_id):
        if event.kind == EDITED:
            tested.clear()
        if event.actor.startswith("user:") and event.kind in {MADE, EDITED, TESTED}:
            who = tested if event.kind == TESTED else wrote
            who.add(int(event.actor.removeprefix("user:")))
    return frozenset(wrote | tested)


def subject(broadcast_id: int) -> bytes:
    """Name its journal."""
    return journal.named(f"broadcast:{broadcast_id}")
