"""How Slack refuses, and what may happen to a call on its way."""

from dataclasses import dataclass
from typing import Any

from tests.fakes.telegram_rules import Cut, Drop, Hang, Page

__all__ = ["JSON", "Bad", "Call", "Cut", "Drop", "Fault", "Hang", "Page", "Slow", "invalid"]

JSON = dict[str, Any]


class Bad(Exception):  # noqa: N818 - the vendor's word
    """Slack's refusal: a 200 with `ok: false`, or what `status` says."""

    def __init__(
        self, error: str, status: int = 200, retry_after: str | None = None, **more: Any
    ) -> None:
        super().__init__(error)
        self.status = status
        self.headers = {} if retry_after is None else {"Retry-After": retry_after}
        self.body = {"ok": False, "error": error, **more}


@dataclass(frozen=True)
class Slow:
    """Slack's own clock goes on so many seconds before the call is looked at."""

    seconds: float


Fault = Page | Hang | Drop | Cut | Bad | Slow


@dataclass
class Call:
    """One call of ours: `params` with their JSON read, the time on Slack's clock."""

    method: str
    params: JSON
    at: float
    body: bytes = b""


def invalid(why: str) -> Bad:
    return Bad("invalid_blocks", response_metadata={"messages": [f"[ERROR] {why}"]})
