"""Who was written to a moment ago: one chat bears one message a second (security S18)."""

from collections.abc import Callable
from dataclasses import dataclass, field

BURST = 5
"""Messages to one chat at once; Telegram bears short bursts over its one a second."""
ANSWERS = 15
"""… of answers: who presses quickly for half a minute need not wait for them."""
FREE = 2
"""Messages that need not be counted for all processes, to who heard nothing for a while."""
MANY = 10_000


@dataclass
class Chats:
    """What this process knows of it, so that who is not written to often costs no commit.

    `clock` is monotonic. A chat that was silent here for as long as its whole burst takes to fill
    again may have `FREE` of them; each further one is asked of the rates that all share.
    """

    clock: Callable[[], float]
    _heard: dict[tuple[str, int], tuple[float, int]] = field(default_factory=dict)

    def free(self, channel: str, peer_id: int, per_second: float) -> bool:
        """Tell whether a message may go to a chat without asking; it is taken to go."""
        now, silent, key = self.clock(), BURST / per_second, (channel, peer_id)
        last, count = self._heard.pop(key, (float("-inf"), 0))
        count = 1 if now - last >= silent else count + 1
        self._heard[key] = (now, count)  # the newest at the end
        while len(self._heard) > MANY:
            del self._heard[next(iter(self._heard))]
        return count <= FREE
