"""Ready answers and guesses from what the service knows: read from memory, the same for everyone."""

from bot.dialogs.replies import Phrase, Reply, Say
from knowledge import faq, intents


def answer(text: str, _lang: str) -> tuple[Reply, ...] | None:
    """Find a ready answer, with where it was read; what nobody confirmed says so."""
    found = faq.answer(text)
    if found is None:
        return None
    words = found.text if found.verified else Phrase("help.unverified", {"text": found.text})
    source = Phrase("help.source", {"source": ", ".join(found.source)})
    return (Say(Phrase("talk.answer", {"text": words, "source": source})),)


def guess(text: str) -> str | None:
    """Guess what somebody wants; None where a menu is better than a guess."""
    found = intents.guess(text)
    return found[0] if found else None


def warm() -> None:
    """Read and count everything once, before the first person has to wait for it."""
    answer("소극행정이 뭐예요?", "ko")
    guess("신고하고 싶어요")
