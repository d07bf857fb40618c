"""What the receiver is given, and what is thought about an update before any lock is held."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from bot.catalogue import Book
from bot.channel import Inbound, Limits
from bot.dialogs import form as dialog
from bot.dialogs.commands import command_of
from bot.dialogs.events import Answer, Attach, Command
from bot.dialogs.form import Context, Lookups, NoLookups
from bot.dialogs.replies import Reply
from bot.services.base import Desk
from knowledge.calendar import seoul_day
from knowledge.slots import is_question, mask_numbers

MOST = 20_000
"""Signs of one message that are read at all; the longest answer keeps 4,000."""

FLOWN = "transfer"
"""The consent to keep words at a messenger abroad (개인정보 보호법 제28조의8)."""

ASKS = "info"
"""The third door: questions only, nothing about oneself."""


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything a turn may use beside the open transaction.

    `limits` are the channels' by name. `answer(text, lang)` finds a ready answer to a question,
    `guess(text)` what somebody wants (an intent); both are pure and read from memory.
    `refresh` reads what lookups hold anew if it is old: before a turn, never inside one.
    """

    svc: Desk
    book: Book
    limits: Mapping[str, Limits]
    site: Mapping[str, str]
    lookups: Lookups = field(default_factory=NoLookups)
    answer: Callable[[str, str], tuple[Reply, ...] | None] = lambda _text, _lang: None
    guess: Callable[[str], str | None] = lambda _text: None
    refresh: Callable[[], None] = lambda: None

    def context(
        self, inbound: Inbound, lang: str, thought: "Thought", *, may_write: bool
    ) -> Context:
        """Give what the engine may know. `may_write`: the consent of the messenger stands."""
        limits = self.limits[inbound.channel]
        personal = limits.personal
        if personal == "offer" and not may_write:
            personal = "no"
        return Context(
            now=inbound.at,
            texts=self.svc.texts,
            lang=lang,
            lookups=self.lookups,
            personal="yes" if personal == "yes" else "offer" if personal == "offer" else "no",
            limits=dialog.Limits(file_bytes=limits.file_bytes),
            aside=thought.aside,
            pages=inbound.pages,
            messenger=inbound.channel if limits.push else "",
            site=self.site,
        )


@dataclass(frozen=True, slots=True)
class Thought:
    """What the words of an update may mean; made without the database.

    `text` are the words without identity numbers, `masked` what was hidden. `intent` and `reply`
    are looked for only when no form is open (`pondered`), because they cost a search.
    """

    text: str = ""
    masked: tuple[str, ...] = ()
    command: Command | None = None
    aside: tuple[Reply, ...] | None = None
    pondered: bool = False
    intent: str | None = None
    reply: tuple[Reply, ...] | None = None


class Ponder(Exception):  # noqa: N818
    """Raised inside a transaction: nothing is open here, so the words must be searched first."""


def read(inbound: Inbound, parts: Parts, lang: str) -> tuple[Inbound, Thought]:
    """Cut and mask the words of an update; look for a ready answer if they are a question."""
    event = inbound.event
    if isinstance(event, Answer):
        text = event.text[:MOST]
        inbound = replace(inbound, event=Answer(text))
    elif isinstance(event, Attach):
        text = event.text[:MOST]
        inbound = replace(inbound, event=Attach(event.files, text))
    else:
        return inbound, Thought(command=event if isinstance(event, Command) else None)
    hidden = mask_numbers(text, seoul_day(inbound.at))
    aside = parts.answer(hidden.text, lang) if is_question(hidden.text) else None
    return inbound, Thought(hidden.text, hidden.found, command_of(hidden.text), aside)


def ponder(thought: Thought, parts: Parts, lang: str) -> Thought:
    """Search for what somebody wants, and for a ready answer."""
    intent = parts.guess(thought.text)
    reply = thought.aside or parts.answer(thought.text, lang)
    return replace(thought, pondered=True, intent=intent, reply=reply)
