"""What has happened to a filing, as its journal tells it; details are opened once."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from storage import journal
from storage.unit import Unit


@dataclass(frozen=True, slots=True)
class Happened:
    """One line of the journal; `detail` is empty where it was erased."""

    seq: int
    at: datetime
    actor: str
    kind: str
    detail: Mapping[str, Any]


class History:
    """The events of one subject, oldest first, read when they are first asked for."""

    def __init__(self, unit: Unit, sid: bytes) -> None:
        self._unit, self._sid = unit, sid

    @cached_property
    def all(self) -> tuple[Happened, ...]:
        return tuple(
            Happened(one.seq, one.at, one.actor, one.kind, one.detail or {})
            for one in journal.history(self._unit, self._sid)
        )

    def last(self, *kinds: str) -> Happened | None:
        """Give the newest event of these kinds."""
        return next((one for one in reversed(self.all) if one.kind in kinds), None)

    def count(self, *kinds: str, after: int = 0) -> int:
        return sum(one.kind in kinds and one.seq > after for one in self.all)

    def open(self, asked: str, *answered: str) -> Happened | None:
        """Give the last question of a kind that no answer has followed."""
        last = self.last(asked, *answered)
        return last if last is not None and last.kind == asked else None
