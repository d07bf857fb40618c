"""A small proof of work, asked only of newcomers and only while too many come (security S34).

A machine looks for a number whose SHA-256 begins with so many zero bits: about a second for one
person, hours for ten thousand accounts. Whoever has no script waits a little, or telephones.
"""

import hashlib
import re
from dataclasses import dataclass

from bot.handlers.chat.parts import WebParts

BITS = 14
"""16,384 tries on average: under two seconds in a browser of an old telephone."""
LIVES = 600  # seconds
_SHAPE = re.compile(r"(\d{1,12}\.[0-9a-f]{16})\.([0-9a-f]{8,128}):(\d{1,12})")
_PURPOSE = "proof"


@dataclass(frozen=True, slots=True)
class Proofs:
    """Asks for proofs and reads them; any process may read what another asked for."""

    parts: WebParts

    def ask(self) -> dict[str, str | int]:
        """Give a new question, good for ten minutes."""
        until = int(self.parts.now().timestamp()) + LIVES
        text = f"{until}.{self.parts.random(8).hex()}"
        return {"challenge": f"{text}.{self.parts.back.seal(_PURPOSE, text)}", "bits": BITS}

    def read(self, given: str) -> str:
        """Give the name of a proof that holds, so that it opens once only; "" for any other."""
        found = _SHAPE.fullmatch(given[:200])
        if found is None:
            return ""
        text, mark, _ = found.groups()
        until = int(text.partition(".")[0])
        if until < self.parts.now().timestamp() or zeros(given) < BITS:
            return ""
        if not self.parts.back.sealed(_PURPOSE, text, mark):
            return ""
        return hashlib.sha256(text.encode()).hexdigest()[:32]


def zeros(text: str) -> int:
    """Count the zero bits at the head of a text's SHA-256."""
    number = int.from_bytes(hashlib.sha256(text.encode()).digest(), "big")
    return 256 - number.bit_length()
