"""A report's own words and its history, as labelled lines a person can read."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.dialogs.form import Form
from bot.dialogs.replies import Phrase
from bot.handlers.desk.pages import Pages
from bot.handlers.desk.parts import DeskParts
from bot.services import newer
from bot.services.facts import Asked
from bot.services.history import Happened
from bot.services.house import UnitRow
from bot.services.views import FilingView, Road, derivation_words
from knowledge.calendar import seoul_day

TOLD, RECOUNTED = "told", "recounted"
OPENED = {
    "viewed", "file_opened", "identity_opened", "printed", "fact_read", "exported",
    "printed_unredacted",
}  # fmt: skip
WORDS = {"supplement_reply", "message"}
"""Moves whose words are a conversation; what the office says is in `told` already."""
FROM_OUTSIDE = {"citizen", "anonymous"}
_APART = ("name", "address", "phone", "email", "reply_by", "call_time", "who", "share", "link")
"""Answers that stand elsewhere on the page, or are nobody's business there."""
_CONTENT = {
    **{
        name: f"field.{name}.ask"
        for name in ("matter", "place", "questions", "materials", "content", "text", "new_no")
    },
    **{name: f"desk.person.{name}" for name in ("name", "address", "phone", "email")},
    "due": "field.due.ask",
}
"""What a unit reads of a request, and under which words."""


@dataclass(frozen=True, slots=True)
class Item:
    """One line: a label and what stands there."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Said:
    """Something that was said between the reporter and the office."""

    at: datetime
    who: str
    text: str
    ours: bool
    seq: int


@dataclass(frozen=True, slots=True)
class Line:
    """One event of the history."""

    at: datetime
    what: str
    who: str
    items: tuple[Item, ...]
    kind: str = ""  # of a move its action


@dataclass(frozen=True, slots=True)
class Told:
    """All of it: what was filed, what was added, the talk, the history, who looked."""

    report: tuple[Item, ...]
    head: tuple[Item, ...]
    talk: tuple[Said, ...]
    history: tuple[Line, ...]
    opened: tuple[Line, ...]
    derivation: tuple[str, ...]
    roads: tuple[Line, ...]
    both: str  # the date that was told and the date by law, once a new day off parted them


class Story:
    """Turns a view into words."""

    def __init__(self, parts: DeskParts, pages: Pages) -> None:
        self._parts = parts
        self._pages = pages

    def of(self, view: FilingView, units: Mapping[int, UnitRow]) -> Told:
        """Give a report for its page."""
        codes = {row.code: row.name for row in units.values()}
        events = [self._line(view, one, codes) for one in view.timeline if one.kind != TOLD]
        kinds = [one.kind for one in view.timeline if one.kind != TOLD]
        return Told(
            report=self.report(view),
            head=self._head(view),
            talk=tuple(said for one in view.timeline if (said := self._said(one))),
            history=tuple(
                line for line, kind in zip(events, kinds, strict=True) if kind not in OPENED
            )[::-1],
            opened=tuple(line for line, kind in zip(events, kinds, strict=True) if kind in OPENED)[
                ::-1
            ],
            derivation=tuple(self._pages.say(words) for words in derivation_words(view.lines)),
            roads=tuple(self._road(one) for one in view.roads)[::-1],
            both=self._both(view),
        )

    def _road(self, road: Road) -> Line:
        """Say how far a notice has come; the page of the reporter is pulled, not sent to."""
        there = road.status == "pending" and road.channel == "web"
        status = self._pages.text(f"desk.road.{'shown' if there else road.status}")
        return Line(road.at, status, self._pages.text(f"desk.channel.{road.channel}"), ())

    def _both(self, view: FilingView) -> str:
        last = next((one for one in reversed(view.timeline) if one.kind == RECOUNTED), None)
        due = view.row.due_at
        if last is None or due is None or last.detail.get("new") != seoul_day(due).isoformat():
            return ""
        return self._pages.text("desk.filing.both", **last.detail)

    def report(self, view: FilingView) -> tuple[Item, ...]:
        """Give what was filed, in the order it was asked, without who filed it."""
        form = self._parts.book.form(view.row.procedure)
        known = {name: value for name, value in view.answers.items() if name not in _APART}
        return tuple(self._items(form, known))

    def _items(self, form: Form[Any], values: Mapping[str, Any]) -> Iterable[Item]:
        texts = self._parts.svc.texts
        for step in form.steps:
            value = values.get(step.name)
            if step.transient or value is None or value in ("", [], {}):
                continue
            base = form.base(step)
            own = f"{base}.label"
            label = own if texts.has(own) else f"{base}.ask"
            yield Item(self._pages.text(label), self._pages.say(step.show(base, value)))

    def _head(self, view: FilingView) -> tuple[Item, ...]:
        say, row = self._pages.text, view.row
        lines = [
            ("procedure", self._parts.svc.title(row.procedure)),
            ("arrived", self._pages.moment(row.arrived_at)),
            ("received", self._pages.moment(view.received_at) if view.received_at else ""),
            ("unit", row.unit or say("desk.queue.no_unit")),
            ("assignee", row.assignee or say("desk.queue.nobody")),
            ("channel", say(f"desk.channel.{row.channel}")),
            ("share", say(f"desk.share.{view.share}") if view.share else ""),
            ("guards", ", ".join(view.guards)),
            ("first_read", self._pages.moment(view.first_read_at) if view.first_read_at else ""),
        ]
        return tuple(Item(say(f"desk.head.{name}"), value) for name, value in lines if value)

    def _said(self, event: Happened) -> Said | None:
        if event.kind == TOLD and event.detail:
            reply = newer.reply_of(self._parts.svc.texts, event.detail["reply"])
            who = self._pages.text("desk.who.office")
            return Said(event.at, who, self._pages.say(reply.text), True, event.seq)
        if event.kind in WORDS and event.actor in FROM_OUTSIDE and event.detail.get("text"):
            who = self._pages.text("desk.who.reporter")
            return Said(event.at, who, str(event.detail["text"]), False, event.seq)
        return None

    def _line(self, view: FilingView, event: Happened, codes: Mapping[str, str]) -> Line:
        texts = self._parts.svc.texts
        did = f"desk.did.{event.kind}"
        move, own = f"move.{event.kind}.name", texts.own(did, view.row.procedure)
        key = own if texts.has(own) else move if texts.has(move) else "desk.did.other"
        version = view.procedure_version
        form = self._parts.book.move_form(view.row.procedure, version, event.kind)
        items = list(self._items(form, self._named(view, event.detail, codes))) if form else []
        if event.detail.get("reason") and not form:
            label = self._pages.text("desk.head.reason")
            items.append(Item(label, str(event.detail["reason"])))
        items += self._moved(event.detail.get("moved"))
        items += self._call(event)
        who = self.who(view.actors, event.actor)
        return Line(event.at, self._pages.text(key), who, tuple(items), event.kind)

    def _call(self, event: Happened) -> Iterable[Item]:
        """Give a noted call: with whom, which way, the one line."""
        if event.kind != "call_noted" or not event.detail:
            return
        for name in ("with", "way"):
            words = self._pages.text(f"desk.call_note.options.{name}.{event.detail[name]}")
            yield Item(self._pages.text(f"desk.call_note.{name}"), words)
        yield Item(self._pages.text("desk.call_note.text"), str(event.detail["text"]))

    def _moved(self, moved: object) -> Iterable[Item]:
        """Give both days of every deadline that the calendar moved."""
        for name, (old, new) in moved.items() if isinstance(moved, dict) else ():
            both = self._pages.text("desk.head.moved", old=old, new=new)
            yield Item(self._pages.maybe(f"deadline.{name}") or name, both)

    @staticmethod
    def _named(
        view: FilingView, detail: Mapping[str, Any], codes: Mapping[str, str]
    ) -> dict[str, Any]:
        """Put names where the journal keeps an account's number or a unit's code."""
        named = dict(detail)
        if isinstance(named.get("unit"), str):
            named["unit"] = {"label": codes.get(named["unit"], named["unit"])}
        if isinstance(named.get("handler"), int):
            named["handler"] = {"label": view.actors.get(f"user:{named['handler']}", "")}
        return named

    def who(self, actors: Mapping[str, str], mark: str) -> str:
        """Name an actor of the journal."""
        if mark in actors:
            return actors[mark]
        key = f"desk.who.{mark}"
        return self._pages.text(key if self._parts.svc.texts.has(key) else "desk.who.user")

    def identity(self, procedure: str, who: Mapping[str, Any]) -> tuple[Item, ...]:
        """Give who filed as it was written: the summary's veil (홍*동) is for other eyes."""
        form = self._parts.book.form(procedure)
        steps = ((form.step(name), value) for name, value in who.items() if value)
        return tuple(
            Item(self._pages.text(f"{base}.label"), self._shown(base, value))
            for step, value in steps
            if step is not None and (base := form.base(step))
        )

    def _shown(self, base: str, value: Any) -> str:
        key = f"{base}.options.{value}"
        return self._pages.text(key) if self._parts.svc.texts.has(key) else str(value)

    def asked(
        self, requests: Iterable[Asked], units: Mapping[int, UnitRow]
    ) -> list[dict[str, Any]]:
        """Give what units were asked about a report, and what they answered.

        Who reported went along to a unit that was to answer him; here he stays closed (S7).
        """
        return [
            {
                "request": one,
                "unit": units[one.unit_id].name,
                "named": one.kind == "referred" and bool(one.content.get("name")),
                "asked": self.content({**one.content, "kind": ""}),
                "reply": self.content(one.reply),
            }
            for one in requests
        ]

    def content(self, values: Mapping[str, Any]) -> tuple[Item, ...]:
        """Give the words of a request or its answer, labelled as the fields were."""
        handed_over = values.get("kind") == "referred"
        return tuple(
            Item(self._pages.text(key), self._plain(values[name]))
            for name, key in _CONTENT.items()
            if values.get(name) and (handed_over or name not in _APART)
        )

    def _plain(self, value: Any) -> str:
        text = str(value)
        return self._pages.say(Phrase("desk.day", {"day": text})) if _is_day(text) else text


def _is_day(text: str) -> bool:
    return len(text) == 10 and text[4] == text[7] == "-" and text.replace("-", "").isdecimal()
