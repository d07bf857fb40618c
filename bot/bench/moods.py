"""How vendors treat people badly: what the fakes of `bot.bench.vendors` answer, by a seed.

A part of the chats and mailboxes is gone or refused for ever; others meet a trouble once and are
well afterwards. Now and then a proxy answers in the vendor's place.
"""

import json
import zlib
from collections import Counter
from dataclasses import dataclass, field

SHARES = (
    ("blocked", 0.006),  # 403, 550: gone
    ("nobody", 0.003),  # 400 "chat not found", 553: gone
    ("malformed", 0.0015),  # 400, 554: dead
    ("forbidden", 0.0015),  # a 403 that is about us: dead
    ("flood", 0.01),  # 429, 450: later
    ("server", 0.01),  # 500 in the vendor's own JSON, 451: later
    ("cut_before", 0.01),  # the connection breaks, nothing was accepted: nobody knows
    ("cut_after", 0.01),  # … it was accepted: nobody knows
    ("hang_before", 0.001),  # no answer at all, until the sender gives up
    ("hang_after", 0.001),
)
"""Refusals stay below the share at which a broadcast pauses by itself (S10): nobody looks here."""

FOREVER = frozenset({"blocked", "nobody", "malformed", "forbidden"})
ACCEPTS = frozenset({"ok", "cut_after", "hang_after"})
HANG = frozenset({"hang_before", "hang_after"})
SILENT = frozenset({"cut_before", "cut_after"})
PROXIES = 4
"""How often a proxy stands between, spread over the run."""


def _said(code: int, words: str, **more: object) -> tuple[int, bytes]:
    said = {"ok": False, "error_code": code, "description": words, **more}
    return code, json.dumps(said).encode()


ANSWERS = {
    "blocked": _said(403, "Forbidden: bot was blocked by the user"),
    "nobody": _said(400, "Bad Request: chat not found"),
    "malformed": _said(400, "Bad Request: can't parse entities"),
    "forbidden": _said(403, "Forbidden: bot is not a member of the channel chat"),
    "flood": _said(429, "Too Many Requests: retry after 1", parameters={"retry_after": 1}),
    "server": _said(500, "Internal Server Error"),
    "proxy": (403, b"<html><body>Forbidden by the firewall</body></html>"),
}


@dataclass
class Moods:
    """What each meets, the same for the same seed; `of`: about how many will come in all."""

    seed: int
    of: int
    shares: tuple[tuple[str, float], ...] = SHARES
    met: Counter[str] = field(default_factory=Counter)
    _proxies: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._proxies = [self.of * (n + 1) // (PROXIES + 1) for n in range(PROXIES)]

    def of_one(self, whom: str) -> str:
        """Say what somebody meets the first time."""
        at = zlib.crc32(f"{self.seed}:{whom}".encode()) / 2**32
        for mood, share in self.shares:
            if at < share:
                return mood
            at -= share
        return "ok"

    def next(self, whom: str, asked: int) -> str:
        """Say what somebody meets now; `asked` counts all requests so far."""
        if self.of and self._proxies and asked >= self._proxies[0]:
            self._proxies.pop(0)
            return "proxy"
        mood = self.of_one(whom)
        if mood in FOREVER:
            return mood
        self.met[whom] += 1
        return mood if self.met[whom] == 1 else "ok"
