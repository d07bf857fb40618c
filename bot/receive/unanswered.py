"""Questions in a chat: an answer by its name, what is only near, and what nobody could answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.dialogs.replies import Option, Phrase, Say
from bot.receive import menu, triage
from bot.receive.doors import HOME, WEB
from bot.receive.triage import HUMAN, WITH_WORDS
from bot.receive.walk import offers
from bot.services import answers, questions
from knowledge.slots import is_question

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.receive.walk import Choice, Walk
    from knowledge.faq import Answer

LEAVE: Choice = ("answers.leave", "question", WITH_WORDS)
ASKING = frozenset({"definition_faq", "deadline_question"})
"""Intents of somebody who wants to know something and to do nothing."""


def unknown(walk: Walk, intent: str | None, text: str) -> None:
    """Answer words that no answer was found for: near ones, or honestly none, or the roads."""
    near = walk.thought.near
    if near:
        _ask_back(walk, near)
    elif intent in ASKING or is_question(text):
        walk.say("answers.none", *_leave(walk), *menu.first(walk), HUMAN, HOME)
    else:
        triage.unclear(walk, text)
        return
    triage.keep(walk, text)


def _ask_back(walk: Walk, near: Sequence[Answer]) -> None:
    """Ask whether one of these was meant; none of them is told before it is chosen."""
    found = tuple(
        Option(Phrase("answers.question", {"text": one.question}), command="faq", arg=one.ref)
        for one in near
    )
    beside = offers((*_leave(walk), *menu.first(walk), HUMAN, HOME))
    walk.replies.append(Say(Phrase("answers.near"), (*found, *beside)))


def _leave(walk: Walk) -> tuple[Choice, ...]:
    """Offer to leave the question; words that may not be kept here are left on our own page."""
    return (LEAVE,) if walk.may_write else (WEB,)


def show(walk: Walk, ref: str = "") -> None:
    """Give an answer by its ref."""
    found = walk.parts.svc.library.answers.present(walk.unit, [ref]).get(ref)
    if found is None:
        walk.say("answers.gone", HUMAN, HOME)
        return
    walk.replies.append(answers.tell(found))
    if walk.form() is None:
        walk.say("answers.more", *menu.first(walk), HUMAN, HOME)
    walk.ask_again()


def leave(walk: Walk, arg: str, told: str) -> None:
    """Leave for the officials what was `told` a moment ago."""
    if not walk.may_write:
        walk.next = ("web", "")
    elif arg != WITH_WORDS or not told:
        walk.say("answers.write", HUMAN, HOME)
        walk.ask_again()
    else:
        name = questions.leave(walk.parts.svc, walk.unit, walk.peer.id, told, walk.lang)
        walk.say("answers.left", ("answers.tell_me", "question_tell", name), HOME)


def tell_me(walk: Walk, name: str) -> None:
    """Note that the answer is waited for."""
    known = questions.want(walk.parts.svc, walk.unit, walk.peer.id, name)
    walk.say("answers.will_tell" if known else "answers.gone", HOME)
    walk.ask_again()


def forget(walk: Walk, _: str = "") -> None:
    """Wait for no answer any more."""
    gone = questions.forget(walk.parts.svc, walk.unit, walk.peer.id)
    walk.say("answers.forgotten" if gone else "talk.data.nothing", HOME)
    walk.ask_again()
