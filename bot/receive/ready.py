"""Ready answers and guesses from what the service knows: read from memory, the same for everyone."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.services import answers
from storage.errors import Busy

if TYPE_CHECKING:
    from bot.dialogs.replies import Reply
    from bot.services.answers import Answers
    from knowledge.faq import Answer


@dataclass(frozen=True, slots=True)
class Ready:
    """Finds answers for the receiver; never inside a transaction."""

    known: Answers

    def answer(self, text: str, _lang: str) -> tuple[Reply, ...] | None:
        """Find a ready answer, with where it was read; what nobody confirmed says so."""
        found = self.known.ask(text)
        if found.term is not None:
            return (answers.tell_term(found.term),)
        return (answers.tell(found.answer),) if found.answer is not None else None

    def near(self, text: str) -> tuple[Answer, ...]:
        """Find answers to what may have been meant, where none is sure."""
        return self.known.ask(text).near


def warm(known: Answers, *, now: bool = True) -> Ready:
    """Read and count everything once, before the first person has to wait for it.

    `now` False: nobody talks with this process.
    """
    if now:
        with suppress(Busy):  # the first who asks waits for it then
            known.known()
        guess("신고하고 싶어요")
    return Ready(known)


def guess(text: str) -> tuple[str, ...]:
    """Guess what somebody wants: one intent, three to ask back, none where a menu is better."""
    from knowledge import intents  # noqa: PLC0415 - numpy, where nobody talks for nothing

    found = intents.weigh(text)
    if found.road == "answer":
        return (found.top,)
    return found.choices if found.road == "ask" else ()
