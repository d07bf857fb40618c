"""The only place where the parts meet."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bot.channel import Channel
from bot.receive import Receiver
from bot.settings import Settings
from bot.worker import Worker

PARTS = ("public", "hooks", "desk")


@dataclass(frozen=True, slots=True)
class App:
    """Everything that one process holds; made by `build`, given to handlers and commands."""

    settings: Settings
    store: Any  # storage.store.Store
    svc: Any  # bot.services.Desk
    receiver: Receiver
    worker: Worker
    channels: Mapping[str, Channel]

    def asgi(self, parts: Collection[str] = PARTS, *, work: bool = True) -> Any:
        """Give the ASGI application of these parts; `work` runs the worker in its lifespan."""
        raise NotImplementedError

    def close(self) -> None:
        """Close the database."""
        raise NotImplementedError


def wall_clock() -> datetime:
    """Tell the time of this machine (aware, UTC)."""
    return datetime.now(UTC)


def build(
    settings: Settings,
    *,
    now: Callable[[], datetime] = wall_clock,
    wire: Callable[[Channel], Channel] = lambda channel: channel,
) -> App:
    """Put the parts together; raises `BadStart` naming what is wrong.

    `now` is every part's clock; a rehearsal gives one that can be moved, tests a frozen one.
    `wire` is laid in front of every channel that is pushed (a rehearsal's line can be cut).
    """
    raise NotImplementedError
