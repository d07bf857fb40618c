"""A city small enough to know by heart, and people who write to it."""

import itertools
import os
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from bot.channel import Inbound, Limits, Source
from bot.dialogs.events import Answer, Attach, Attached, Command, Event, Press, Submit
from bot.dialogs.replies import Cards, Option, Page, Reply, Sheet, Summary, dump
from bot.locale import Texts
from bot.receive import Parts, Received, Receiver
from bot.services.base import Desk
from bot.services.library import Library
from bot.services.lookups import Lists
from bot.settings import Site
from knowledge import faq
from knowledge.calendar import WorkCalendar
from knowledge.procedures import Procedures
from storage.repositories import outbox, units
from storage.store import Store
from storage.unit import Unit
from tests import shipped

SITE = Path("bot/rehearsal/site.toml")
MONDAY = datetime(2026, 11, 23, 1, 12, tzinfo=UTC)  # 10:12 in Seoul
LIMITS = {
    "web": Limits(4000, 20 * 2**20, 1000, 1000, push=False),
    "telegram": Limits(4096, 20 * 2**20, 30, 1, personal="offer"),
}


@dataclass
class Clock:
    at: datetime = MONDAY

    def __call__(self) -> datetime:
        return self.at

    def goes(self, **span: float) -> None:
        self.at += timedelta(**span)


@dataclass
class City:
    """Everything a receiver needs, on one database."""

    store: Store
    clock: Clock
    site: Site
    texts: Texts
    receiver: Receiver = field(init=False)
    svc: Desk = field(init=False)
    waits: list[float] = field(default_factory=list)
    answers: dict[str, tuple[Reply, ...]] = field(default_factory=dict)
    intents: dict[str, str] = field(default_factory=dict)
    near: dict[str, tuple[faq.Answer, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        book = shipped.book()
        self.svc = Desk(
            texts=self.texts,
            procedures=book.procedures,
            catalogue=book,
            site=self.site,
            calendar=lambda _unit: WorkCalendar(),
            now=self.clock,
            random=os.urandom,
            public_url="https://talk.gaon.example",
            desk_url="https://desk.gaon.example",
            library=Library(self.store),
        )
        self.store.transact(self._found, "city")
        lookups = self.store.read(lambda unit: Lists.load(unit, self.clock()))
        parts = Parts(
            svc=self.svc,
            book=book,
            limits=LIMITS,
            site=self.site.words(),
            lookups=lookups,
            answer=lambda text, _lang: self.answers.get(text),
            near=lambda text: self.near.get(text, ()),
            guess=lambda text: tuple(self.intents.get(text, "").split()),
        )
        self.receiver = Receiver(parts, self.store, waited=self.waits.append)

    def settles(self, **changes: Any) -> None:
        """Change what the agency's settings say."""
        site = self.site.model_copy(update=changes)
        self.svc = replace(self.svc, site=site)
        self.receiver.parts = replace(self.receiver.parts, svc=self.svc, site=site.words())

    def rules(self, procedure: str, **filing: Any) -> None:
        """Change what the file of a procedure says of its filing."""
        every = [
            replace(one, filing=replace(one.filing, **filing)) if one.id == procedure else one
            for one in self.svc.procedures.every()
        ]
        self.svc = replace(self.svc, procedures=Procedures(every))
        self.receiver.parts = replace(self.receiver.parts, svc=self.svc)

    @staticmethod
    def _found(unit: Unit) -> None:
        day = date(2020, 1, 1)
        units.add(unit, "road", "도로과", valid_from=day, aliases=("도로",))
        units.add(unit, "audit", "감사담당관", valid_from=day, kind="audit")

    def sent(self, received: Received) -> None:
        """Settle what was born leased, as the worker does once it is sent."""
        verdicts = [
            outbox.Verdict(row.id, row.token, "sent", message_id=f"m{row.id}")
            for row in received.rows
        ]
        if verdicts:
            self.store.transact(lambda unit: outbox.settle(unit, verdicts), None)

    def person(self, channel: str = "web", name: str = "a", **kw: Any) -> "Somebody":
        account = {"web": "web", "telegram": "77"}.get(channel, channel)
        return Somebody(self, channel, account, f"{channel}-{name}", **kw)


@dataclass
class Somebody:
    """A person with a device: types, presses, and reads what comes."""

    city: City
    channel: str
    account: str
    address: str
    lang: str | None = "ko"
    pages: bool = False
    last: Received | None = None
    seen: tuple[Reply, ...] = ()
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def inbound(self, event: Event, **kw: Any) -> Inbound:
        number = str(next(self.numbers))
        known: dict[str, Any] = {
            "channel": self.channel, "account": self.account, "address": self.address,
            "update_id": number, "body": repr(event).encode(), "event": event,
            "at": self.city.clock(), "lang": self.lang, "pages": self.pages,
        }  # fmt: skip
        return Inbound(**{**known, **kw})

    def send(self, inbound: Inbound) -> Received:
        self.last = self.city.receiver.receive(inbound)
        self.city.sent(self.last)
        shown = self.last.replies or tuple(row.reply for row in self.last.rows if row.reply)
        self.seen = shown or self.seen
        return self.last

    def does(self, event: Event, **kw: Any) -> Received:
        return self.send(self.inbound(event, **kw))

    def types(self, text: str, **kw: Any) -> Received:
        return self.does(Answer(text), **kw)

    def commands(self, name: str, arg: str = "") -> Received:
        return self.does(Command(name, arg))

    def sends(self, *kinds: str, text: str = "", size: int = 10, **kw: Any) -> Received:
        files = tuple(
            Attached(os.urandom(16).hex(), kind, name="사진.jpg", size=size)  # type: ignore[arg-type]
            for kind in kinds
        )
        sources = tuple(Source(file.ref, f"vendor-{file.ref}") for file in files)
        return self.does(Attach(files, text), **{"sources": sources, **kw})

    def fills(self, **answers: Any) -> Received:
        page = next(reply for reply in self.seen if isinstance(reply, Page))
        return self.does(Submit(page.turn, answers))

    def event_of(self, label: str) -> Event:
        """Find a button by a part of its label, the newest reply first."""
        for reply in reversed(self.seen):
            for option in options_of(reply):
                if label in self.words(option.label):
                    if option.index is not None:
                        turn = getattr(reply, "turn", None)
                        assert turn is not None
                        return Press(turn, option.index)
                    assert option.command is not None
                    return Command(option.command, option.arg)
        raise AssertionError(f"no button {label!r} in:\n{self.text}")

    def press(self, label: str, **kw: Any) -> Received:
        return self.does(self.event_of(label), **kw)

    def words(self, words: Any) -> str:
        return self.city.texts.render(words, "ko", self.city.site.words())

    @property
    def text(self) -> str:
        """Everything that is shown now, buttons in brackets."""
        lines = []
        for reply in self.seen:
            lines += [self.words(one) for one in said(reply)]
            lines += [f"[{self.words(option.label)}]" for option in options_of(reply)]
        return "\n".join(lines)

    @property
    def buttons(self) -> list[str]:
        return [self.words(one.label) for reply in self.seen for one in options_of(reply)]

    def report(self, *, named: bool = True, begin: bool = True) -> None:
        """Write a whole report, up to the summary, on the agency's page."""
        if begin:
            self.commands("report")
        self.press("답을 들었는데")
        self.press("없어요")
        self.types("10월부터 중앙시장 앞 길이 파여서 세 번 전화했는데 그대로예요.")
        self.press("다 썼어요")
        self.types("길을 고치고 왜 미뤘는지 알고 싶어요.")
        self.press("맞아요" if "맞아요" in self.text else "모르겠어요")
        self.press("없어요")
        self.press("이름을 밝히고" if named else "이름 없이")
        if named and self.pages:
            self.fills(
                name="홍길동", address="가온시 중앙로 12", reply_by="post", share="ask_first"
            )
        elif named:
            self.types("홍길동")
            self.types("가온시 중앙로 12")
            self.press("우편(종이)")
            self.press("먼저 저에게")

    def row(self, what: str, *args: Any) -> Any:
        raise NotImplementedError


def options_of(reply: Reply) -> list[Option]:
    found = list(getattr(reply, "options", ()))
    if isinstance(reply, Cards):
        found = [one for card in reply.cards for one in card.options] + found
    if isinstance(reply, Summary):
        found += [Option(item.label, "edit", item.edit) for item in reply.items if item.edit]
    return found


def said(reply: Reply) -> list[Any]:
    names = ("error", "text", "hint", "alt", "notice")
    found = [w for name in names if (w := getattr(reply, name, None)) is not None]
    if isinstance(reply, Summary):
        found += [part for item in reply.items for part in (item.label, item.value)]
    if isinstance(reply, Cards):
        found += [part for card in reply.cards for part in (card.title, card.text)]
    if isinstance(reply, Sheet):
        found += [part for block in reply.blocks for part in (block.label, block.text)]
    if isinstance(reply, Page):
        found += [field.text for field in reply.fields]
    return found


def bytes_of(replies: tuple[Reply, ...]) -> bytes:
    return b"".join(dump(reply) for reply in replies)
