"""How long the fan-out of a broadcast takes, beside one object for each row (`add_all`)."""

import time
from collections.abc import Callable
from functools import partial
from typing import Any

from sqlmodel import Session

from bot.app import App
from bot.bench import readers
from knowledge.newsletter import Segment
from storage.models.newsletters import Sending
from storage.repositories import sendings
from storage.transactions import Store
from storage.unit import Unit

SECONDS = {"sqlite": 0.3, "postgresql": 1.5}
"""What 100,000 rows may take."""

PEERS = 5_000
"""Rows of the peer, so that nobody waits half a minute for it; read as so many for each second."""


def measure(app: App, rows: int, rounds: int, step: Callable[[], None]) -> dict[str, Any]:
    """Make the rows of an issue for all readers, and take them away again, some times."""
    took = []
    for _ in range(rounds):
        broadcast_id = readers.issue(app)
        begun = time.perf_counter()
        made = fan_out(app.store, broadcast_id)
        took.append(time.perf_counter() - begun)
        assert made == rows, (made, rows)
        readers.drop(app, broadcast_id)
        step()
    peer = _add_all(app)
    step()
    seconds, limit = min(took), SECONDS[app.store.engine.dialect.name] * rows / 100_000
    return {
        "rows": rows,
        "seconds": [round(one, 3) for one in took],
        "best_s": round(seconds, 3),
        "rows_per_s": round(rows / seconds),
        "add_all_rows": PEERS,
        "add_all_s": round(peer, 2),
        "add_all_extrapolated_s": round(peer * rows / PEERS, 1),
        "ratio": round(peer * rows / PEERS / seconds, 1),
        "target_s": limit,
        "within": seconds <= limit,
    }


def fan_out(store: Store, broadcast_id: int) -> int:
    """Make all rows, each chunk with a commit of its own, as the worker does."""
    cursor: int | None = 0
    made = 0
    while cursor is not None:
        fanned = store.transact(partial(_chunk, broadcast_id=broadcast_id, cursor=cursor), None)
        cursor = fanned.cursor
        made += sum(fanned.added.values())
    store.transact(sendings.analyze, None)
    return made


def _chunk(unit: Unit, broadcast_id: int, cursor: int) -> sendings.Fanned:
    return sendings.fan_out(unit, broadcast_id, Segment(readers.KIND), cursor)


def _add_all(app: App) -> float:
    """Make rows as objects, in one commit; gives seconds."""
    broadcast_id = readers.issue(app)

    def work(unit: Unit) -> None:
        with Session(unit.conn) as session:
            session.add_all(
                Sending(
                    broadcast_id=broadcast_id,
                    channel="telegram",
                    who=-number - 1,
                    peer_id=number + 1,
                    subscription_id=number + 1,
                    status=0,
                    claims=0,
                )
                for number in range(PEERS)
            )
            session.flush()

    begun = time.perf_counter()
    app.store.transact(work, None)
    took = time.perf_counter() - begun
    readers.drop(app, broadcast_id)
    return took
