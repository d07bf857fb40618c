"""What the receiver is given, and what is thought about an update before any lock is held."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property

from bot.catalogue import Book
from bot.channel import Inbound, Limits
from bot.dialogs import form as dialog
from bot.dialogs.commands import NONE, command_of
from bot.dialogs.events import Answer, Attach, Command
from bot.dialogs.form import Context, Lookups, NoLookups
from bot.dialogs.replies import Reply
from bot.services.base import Desk
from bot.services.finding import Sought
from knowledge import faq
from knowledge.calendar import seoul_day
from knowledge.slots import Masked, is_question, mask_numbers

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
    `near(text)` answers to what may have been meant, `guess(text)` what somebody wants: one
    intent, several that it may be, or none. All read from memory, never inside a transaction.
    `refresh` reads what lookups hold anew if it is old: before a turn, never inside one.
    `said` are settings that an official has turned since, by their names; it replaces `site`'s.
    `room` says what the disk still takes: enough, no_files, no_dialogs (S22).
    """

    svc: Desk
    book: Book
    limits: Mapping[str, Limits]
    site: Mapping[str, str]
    lookups: Lookups = field(default_factory=NoLookups)
    answer: Callable[[str, str], tuple[Reply, ...] | None] = lambda _text, _lang: None
    near: Callable[[str], tuple[faq.Answer, ...]] = lambda _text: ()
    guess: Callable[[str], tuple[str, ...]] = lambda _text: ()
    refresh: Callable[[], None] = lambda: None
    said: Callable[[], Mapping[str, str]] = dict
    room: Callable[[], str] = lambda: "enough"

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
            site=self._site(),
            opens=self.book.opens,
        )

    def _site(self) -> Mapping[str, str]:
        said = self.said()
        same = all(self.site.get(name) == value for name, value in said.items())
        return self.site if same else {**self.site, **said}


class Thought:
    """What the words of an update may mean; made without the database.

    Most words go straight into an open form, so nothing is looked for before somebody asks.
    `meant` and `reply` cost a search: they are found by `ponder`, outside of any transaction.
    """

    def __init__(
        self,
        said: str = "",
        today: date | None = None,
        opens: Mapping[str, str] = NONE,
    ) -> None:
        self.said = said
        self._today = today
        self._opens = opens
        self.aside: tuple[Reply, ...] | None = None
        self.pondered = False
        self.meant: tuple[str, ...] = ()
        self.reply: tuple[Reply, ...] | None = None
        self._sought: Sought | None = None
        self.near: tuple[faq.Answer, ...] = ()

    @cached_property
    def hidden(self) -> Masked:
        """The words without identity numbers, and what was hidden."""
        return mask_numbers(self.said, self._today)

    @property
    def text(self) -> str:
        return self.hidden.text

    @property
    def masked(self) -> tuple[str, ...]:
        return self.hidden.found

    @cached_property
    def command(self) -> Command | None:
        """The command that the words are, if they are nothing else."""
        return command_of(self.text, self._opens)

    def ponder(self, parts: Parts, lang: str) -> None:
        """Search for what somebody wants, and for a ready answer."""
        self.pondered = True
        self.meant = parts.guess(self.text)
        self.reply = self.aside or parts.answer(self.text, lang)
        self.near = () if self.reply else parts.near(self.text)

    def about(self, said: str) -> None:
        """Think about words that were said before, instead of those that came."""
        self.said = said
        self.__dict__.pop("hidden", None)

    def found(self, look: Callable[[], Sought]) -> Sought:
        """Give the cases that were found; raises `Ponder` for them to be looked for."""
        if self._sought is None:
            raise Ponder(look)
        return self._sought

    def seek(self, look: Callable[[], Sought]) -> None:
        """Look for cases."""
        self._sought = look()


class Ponder(Exception):  # noqa: N818
    """Raised inside a transaction: the words must be searched first, or `look` be done."""

    def __init__(self, look: Callable[[], Sought] | None = None) -> None:
        super().__init__()
        self.look = look


def read(inbound: Inbound, parts: Parts, lang: str) -> tuple[Inbound, Thought]:
    """Cut the words of an update; look for a ready answer if they are a question."""
    event = inbound.event
    if not isinstance(event, Answer | Attach):
        return inbound, Thought()
    if len(event.text) > MOST:
        event = replace(event, text=event.text[:MOST])
        inbound = replace(inbound, event=event)
    thought = Thought(event.text, seoul_day(inbound.at), parts.book.opens)
    if is_question(event.text):
        thought.aside = parts.answer(thought.text, lang)
    return inbound, thought
