"""What an event is about: a door, an open form, a menu, a command, free words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.dialogs.commands import OWN
from bot.dialogs.engine import MENU
from bot.dialogs.events import Answer, Attach, Command, Press, Submit
from bot.receive import cases, commands, dialogs, doors, words
from knowledge.slots import mask_numbers

if TYPE_CHECKING:
    from bot.errors import Refused
    from bot.receive.walk import Walk

OUTSIDE = frozenset(
    {"start", "web", "here", "agree", "under14", "info", "ask", "help", "human", "lang", "revoke"}
    | {"cases", "case", "found", "like", "faq", "news", "news_stop"}
)
"""Commands that are open to whoever has gone through no door yet."""


def refuse(walk: Walk, refusal: Refused) -> None:
    """Say why something could not be done, and where the person stands."""
    known = walk.parts.svc.texts.has(refusal.key)
    walk.say(refusal.key if known else "talk.refused", doors.HOME, **refusal.params)
    walk.ask_again()


def take(walk: Walk) -> None:
    """Find out what the event is about, and do it."""
    if walk.inbound.edited:
        edited(walk)
    elif not walk.door and not _opens(walk):
        if not _of_same_album(walk):
            words.turn_away(walk)
            doors.outside(walk)
    elif walk.form() is not None and not walk.may_write and _writes(walk):
        # The consent was taken back while a form was open: it goes on at the agency's page.
        words.turn_away(walk)
        walk.next = ("web", "")
    elif walk.state is not None:
        _opened(walk)
    else:
        _idle(walk)
    if walk.next is not None:
        name, arg = walk.next
        commands.run(walk, name, arg)


def _opens(walk: Walk) -> bool:
    """Tell whether the event may be answered before a door was chosen."""
    event = walk.inbound.event
    command = event if isinstance(event, Command) else walk.thought.command
    if command is not None:
        return command.name in OUTSIDE
    if isinstance(event, Answer) and cases.waits(walk):
        return True
    return isinstance(event, Press) and walk.state is not None


def _writes(walk: Walk) -> bool:
    """Tell whether the event would go on with the form; it may always be stopped and deleted."""
    event = walk.inbound.event
    if walk.state is not None and walk.state.hold == "cancel":
        return False
    return not isinstance(event, Command) or event.name in OWN - {"stop", "later"}


def _opened(walk: Walk) -> None:
    """Let what is open hear the event first, a form or a menu."""
    count = len(walk.replies)
    was = walk.state
    left = dialogs.go_on(walk)
    if left is not None:
        commands.run(walk, left.command, left.arg)
    elif was is not None and was.form == MENU and len(walk.replies) == count:
        _idle(walk)


def _idle(walk: Walk) -> None:
    """Nothing is open that could hear the event."""
    match walk.inbound.event:
        case Command(name=name, arg=arg):
            commands.run(walk, name, arg)
        case Answer():
            words.hear(walk)
        case Attach(text=text) if text.strip():
            words.turn_away(walk)
            words.hear(walk)
        case Press() | Submit():
            walk.say("dialog.stale_menu", doors.HOME)
        case _:
            if not _of_same_album(walk) and not words.turn_away(walk, *words.ways(walk)):
                words.unreadable(walk)


def _of_same_album(walk: Walk) -> bool:
    """Keep silent at a further picture of an album that no form took: the first was answered."""
    event, was = walk.inbound.event, walk.was
    if not isinstance(event, Attach) or event.text.strip() or walk.inbound.album is None:
        return False
    walk.silent = was is not None and was.drafts.get("album") == walk.inbound.album
    return walk.silent


def edited(walk: Walk) -> None:
    """Look at an edited message for identity numbers; what was answered stays answered.

    Who corrects a message in the middle of a form is told so, and that it can be written anew.
    """
    event = walk.inbound.event
    text = event.text if isinstance(event, Answer) else ""
    found = mask_numbers(text).found
    if found:
        walk.say("masked.text", shown=", ".join(found))
        walk.hidden()
    elif text.strip() and walk.form() is not None:
        walk.say("talk.edited")
