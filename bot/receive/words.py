"""Words outside any form: what may save a life, what is wanted, a ready answer, or a way on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.dialogs.engine import MENU
from bot.dialogs.events import Attach, Located
from bot.dialogs.replies import Phrase
from bot.receive import cases, menu, triage, unanswered
from bot.receive.doors import HOME, urgent
from bot.receive.parts import Ponder
from bot.receive.triage import HUMAN
from knowledge import utterances

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
    if cases.waits(walk):
        if not walk.door:
            cases.search(walk, text)
            return
        if cases.hears(walk, text):
            return
    if not walk.thought.pondered:
        raise Ponder
    meant = walk.thought.meant
    if len(meant) > 1 and walk.thought.reply is None:
        _perhaps(walk, text, meant)
    else:
        _meant(walk, text, meant[0] if len(meant) == 1 else None)


def _perhaps(walk: Walk, text: str, meant: tuple[str, ...]) -> None:
    """Ask back what may be meant: answers that are near to a question, or three roads."""
    if meant[0] in unanswered.ASKING and walk.thought.near:
        unanswered.unknown(walk, meant[0], text)
    else:
        triage.perhaps(walk, meant, text)


def chosen(walk: Walk, intent: str) -> None:
    """Go the road that was chosen of three, with the words that were kept."""
    text = kept_words(walk)
    rules = triage.meant(walk, intent)
    if rules is not None:
        keep = triage.WITH_WORDS if text else ""
        walk.next = (rules.filing.command, keep)
        return
    if intent in unanswered.ASKING and not text:
        walk.next = ("ask", "")
        return
    if intent in unanswered.ASKING and not walk.thought.pondered:
        walk.thought.about(text)
        raise Ponder
    _meant(walk, text, intent)


def _meant(walk: Walk, text: str, intent: str | None) -> None:
    """Go the road of what is meant, or offer every one."""
    rules = triage.meant(walk, intent)
    if rules is not None:
        triage.guess(walk, rules, text)
    elif intent in triage.ELSEWHERE and walk.thought.aside is None:
        triage.elsewhere(walk, intent, text)
    elif intent in triage.NEWS and walk.thought.aside is None:
        walk.next = (triage.NEWS[intent], "")
    elif intent == "case_search":
        cases.search(walk, text)
    elif walk.thought.reply is not None:
        walk.replies += walk.thought.reply
        leave = (unanswered.LEAVE,) if walk.may_write else ()
        walk.say("talk.anything_else", *leave, *menu.first(walk), HUMAN, HOME)
        triage.keep(walk, text)
    elif intent in triage.LEADS_TO:
        walk.next = (triage.LEADS_TO[intent], "")
    elif intent == utterances.ABUSE:
        triage.calmly(walk, text)
    else:
        unanswered.unknown(walk, intent, text)


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
