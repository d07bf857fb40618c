"""`/civic` with a question: the ready answer for an official in the messenger, or none.

What is published is everybody's. The search runs before the transaction; who asks is judged
inside (`linking.actor`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.dialogs.replies import Option, Phrase, Say
from bot.services import answers, civic, linking

if TYPE_CHECKING:
    from bot.dialogs.replies import Param
    from bot.services.answers import Asked
    from bot.services.base import Desk
    from storage.unit import Unit


def seek(svc: Desk, text: str) -> Asked | None:
    """Look for an answer to what is no command; None where there is none. Never in a transaction.

    What is nearly a command is proposed as one, unless it is answered for sure.
    """
    wish = civic.understand(svc.texts, text)
    if wish.what != civic.UNKNOWN:
        return None
    found = svc.library.answers.ask(wish.rest)
    return found if found and (not wish.near or not found.near) else None


def answer(svc: Desk, unit: Unit, account: str, address: str, found: Asked) -> Say:
    """Say what was found. Raises `Refused` office.*."""
    linking.actor(svc, unit, account, address)
    if found.term is not None:
        return answers.tell_term(found.term)
    if found.answer is not None:
        return answers.tell(found.answer)
    near: list[Param] = [one.question for one in found.near]
    every = Option(Phrase("office.answers.all"), url=f"{svc.public_url}/faq")
    return Say(Phrase("office.answers.near", {"near": near}), (every,))
