"""Words outside any form: what may save a life, what is wanted, a ready answer, or a way on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.dialogs.engine import MENU
from bot.dialogs.events import Attach, Located
from bot.dialogs.replies import Phrase
from bot.receive import menu, triage
from bot.receive.doors import HOME, urgent
from bot.receive.parts import Ponder
from bot.receive.triage import HUMAN

if TYPE_CHECKING:
    from bot.receive.walk import Choice, Walk


def hear(walk: Walk) -> None:
    """Answer words that came while no form was open."""
    text = walk.thought.text
    urgent(walk)
    if walk.thought.masked:
        walk.say("masked.text", shown=", ".join(walk.thought.masked))
        walk.hidden()
    if not text.strip():
        unreadable(walk)
        return
    if walk.thought.command is not None:
        walk.next = (walk.thought.command.name, walk.thought.command.arg)
        return
    if not walk.thought.pondered:
        raise Ponder
    intent = walk.thought.intent
    rules = triage.meant(walk, intent)
    if rules is not None:
        triage.guess(walk, rules, text)
    elif intent in triage.ELSEWHERE and walk.thought.aside is None:
        triage.elsewhere(walk, intent, text)
    elif walk.thought.reply is not None:
        walk.replies += walk.thought.reply
        walk.say("talk.anything_else", *menu.first(walk), HUMAN, HOME)
    elif intent in triage.LEADS_TO:
        walk.next = (triage.LEADS_TO[intent], "")
    elif intent == "abuse_or_threat":
        walk.say("remark.abuse", *menu.first(walk), HUMAN)
    else:
        triage.unclear(walk, text)


def kept_words(walk: Walk) -> str:
    """Give the words that were kept when the report was guessed."""
    state = walk.was
    if state is None or state.form != MENU:
        return ""
    return str(state.drafts.get("words") or "")


def unreadable(walk: Walk) -> None:
    """Say kindly what can be read here: a sticker, an empty message, a place came."""
    walk.tell(Phrase("talk.unreadable"), *ways(walk))


def ways(walk: Walk) -> tuple[Choice, ...]:
    """Give the way on for somebody who is lost."""
    return (*menu.first(walk), menu.MY, HOME)


def turn_away(walk: Walk, *choices: Choice) -> bool:
    """Say of a file or a place that came while no form asks that it was not kept, and its way.

    Nothing is fetched for it (S26), and what the page had stored is deleted again. False for
    anything else, and for what a messenger could not show us as a file.
    """
    event = walk.inbound.event
    if isinstance(event, Located):
        walk.say("talk.place_not_kept", *choices)
    elif isinstance(event, Attach) and _files(walk, event):
        walk.discard(event.files)
        walk.say("talk.file_not_kept", *choices)
    else:
        return False
    return True


def _files(walk: Walk, event: Attach) -> bool:
    """Tell real files from a sticker, a poll, somebody else's number."""
    real = any(file.kind != "sticker" for file in event.files)
    return real and (bool(walk.inbound.sources) or not walk.limits.push)
