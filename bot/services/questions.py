"""A question that nobody could answer is left for the officials, without who asked it.

What names somebody is masked before it is sealed; the same words again only count. Whoever wants
to hear of the answer is told once, and the link between him and the question is gone with that.
"""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

from bot.dialogs.replies import Option, Phrase, Say
from bot.errors import Refused
from bot.services import crowd, roads
from bot.services.veil import Veil
from knowledge import naming
from knowledge.korean import clean_text
from knowledge.slots import mask_numbers
from storage.repositories import peers, questions, rates

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bot.services.base import Desk
    from storage.unit import Unit

LONGEST = 500
"""Signs that are kept of a question."""
A_DAY, MOST = 86_400.0, 5
"""So many questions a person leaves in a day; each peer pays alone, the site's hour is for all."""
AT_ONCE = 200
HIDDEN = "○○○"


def masked(text: str) -> str:
    """Take out of a question who it names: numbers, names beside titles, telephones, mail."""
    plain = clean_text(mask_numbers(text[: LONGEST * 2]).text)
    for one in naming.people(plain):
        plain = plain.replace(one.said, one.said.replace(one.name, HIDDEN, 1))
    return re.sub(r"\s+", " ", Veil().over(plain))[:LONGEST].strip()


def leave(svc: Desk, unit: Unit, peer_id: int, text: str, lang: str) -> str:
    """Leave a question; gives the name by which its asker may wait for the answer.

    Raises `Refused` answers.often, answers.crowd, answers.empty.
    """
    words = masked(text)
    if not any(sign.isalnum() for sign in words):
        raise Refused("answers.empty")
    if rates.take(unit, f"question:{peer_id}", every=A_DAY / MOST, burst=MOST):
        raise Refused("answers.often")
    if crowd.over(unit, "questions", svc.site.budget_questions):
        raise Refused("answers.crowd")
    return questions.add(unit, words, lang, svc.now())


def want(svc: Desk, unit: Unit, peer_id: int, name: str) -> bool:
    """Note that somebody wants to hear of the answer; False when the question is gone."""
    found = questions.named(unit, name)
    if found is not None:
        questions.ask(unit, found, peer_id, svc.now())
    return found is not None


def forget(svc: Desk, unit: Unit, peer_id: int) -> int:
    """Cut a peer off from what it asked; gives how many answers it had waited for.

    A restore does it again (S13).
    """
    gone = questions.forget_peer(unit, peer_id)
    if gone:
        unit.note_gone(FORGOTTEN, peers.get(unit, peer_id).sid, svc.now())
    return gone


FORGOTTEN = "questions"
"""What the erasure ledger calls it."""


def due(svc: Desk, unit: Unit) -> Iterator[tuple[str, None, Callable[[Unit], None]]]:
    """Give whom to tell that there is an answer now, each once."""
    for question, peer, since, ref in questions.to_tell(unit, AT_ONCE):
        work = partial(_tell, svc, question, peer, ref)
        yield f"answered:{question}:{peer}:{since.timestamp():.0f}", None, work


def _tell(svc: Desk, question: int, peer: int, ref: str, unit: Unit) -> None:
    """Say it, without the question: a messenger shows it to whoever looks at the telephone."""
    if not questions.take(unit, question, peer):
        return
    look = Option(Phrase("answers.look"), command="faq", arg=ref)
    peers.lock(unit, peer)
    words = Say(Phrase("answers.answered"), (look,))
    roads.to_peer(svc, unit, peer, roads.Parcel(words, roads.BESIDE, None))
