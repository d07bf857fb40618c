"""What an editor has typed about a broadcast, beside what is kept: read, compared, drawn again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time
from typing import cast

from bot.errors import Refused
from bot.handlers.desk.visit import Sent
from bot.services.broadcast_drafts import Edit
from knowledge.korean import SEOUL, meant_day
from knowledge.newsletter import ITEM_KINDS, Item, ItemKind
from storage.repositories.broadcasts import Broadcast

MOST_ITEMS = 20
"""Pieces that one form may carry; how many may be sent is asked before it is let go."""
MOST_PICTURES = 20
LISTS = ("fields", "regions", "channels", "langs")
"""How it may be narrowed who gets it."""


@dataclass(frozen=True, slots=True)
class Typed:
    """The form as it stands in the browser; `alts` by picture, `confirmed` with its remark."""

    title: str
    lead: str
    items: tuple[Item, ...]
    nature: str
    day: str
    hour: str
    doc_no: str
    lists: Mapping[str, tuple[str, ...]]
    alts: Mapping[int, str]
    confirmed: Mapping[str, str]

    @property
    def plain(self) -> list[object]:
        """Give it as JSON values, to tell one form from another."""
        items = [
            [one.kind, one.title, one.text, one.ref, one.url, one.picture] for one in self.items
        ]
        lists = {name: list(values) for name, values in self.lists.items()}
        return [
            self.title, self.lead, items, self.nature, self.day, self.hour, self.doc_no, lists,
            {str(n): alt for n, alt in self.alts.items()}, dict(self.confirmed),
        ]  # fmt: skip


def of(one: Broadcast, alts: Mapping[int, str]) -> Typed:
    """Give the form as it is kept."""
    at = one.send_at.astimezone(SEOUL) if one.send_at else None
    return Typed(
        one.issue.title,
        one.issue.lead,
        one.issue.items,
        one.nature,
        at.date().isoformat() if at else "",
        f"{at:%H:%M}" if at else "",
        one.doc_no,
        {name: getattr(one.segment, name) for name in LISTS},
        dict(alts),
        {},
    )


def read(sent: Sent) -> Typed:
    """Read what was sent; what cannot stand there is nothing."""
    count = min(_number(sent.get("items")) or 0, MOST_ITEMS)
    confirmed = {name: sent.get(f"remark-{name}").strip() for name in sent.all("confirmed")}
    alts = {n: sent.get(f"alt-{n}") for n in range(MOST_PICTURES) if sent.all(f"alt-{n}")}
    return Typed(
        sent.get("title"),
        sent.get("lead"),
        tuple(_item(sent, n) for n in range(count)),
        sent.get("nature"),
        sent.get("send_day").strip(),
        sent.get("send_hour").strip(),
        sent.get("doc_no").strip(),
        {name: sent.all(name) for name in LISTS},
        alts,
        confirmed,
    )


def stepped(typed: Typed, step: str) -> Typed:
    """Give the form after a button that changes its pieces: `up:2`, `down:0`, `remove:1`, `text`."""
    items = list(typed.items)
    act, _, place = step.partition(":")
    n = _number(place)
    if act == "text":
        items.append(Item("text", ""))
    elif n is not None and n < len(items):
        if act == "remove":
            del items[n]
        elif act in {"up", "down"}:
            to = min(max(0, n + (1 if act == "down" else -1)), len(items) - 1)
            items.insert(to, items.pop(n))
    return replace(typed, items=tuple(items))


def change(one: Broadcast, was: Typed, typed: Typed) -> Edit | None:
    """Give what of it is new; None when nothing is. Raises `Refused` error.day for a time."""
    given: dict[str, object] = {}
    for name in ("title", "lead", "items", "doc_no"):
        if getattr(typed, name) != getattr(was, name):
            given[name] = getattr(typed, name)
    if typed.nature and typed.nature != was.nature:
        given["nature"] = typed.nature
    if (typed.day, typed.hour) != (was.day, was.hour) and typed.day:
        given["send_at"] = moment(typed.day, typed.hour)
    if typed.lists != was.lists:
        fields, regions, channels, langs = (typed.lists[name] for name in LISTS)
        given["segment"] = replace(
            one.segment, fields=fields, regions=regions, channels=channels, langs=langs
        )
    alts = {n: alt for n, alt in typed.alts.items() if was.alts.get(n, alt) != alt}
    if alts:
        given["alts"] = alts
    if typed.confirmed:
        given["confirmed"] = dict(typed.confirmed)
    return Edit(**given) if given else None  # type: ignore[arg-type]


def differences(was: Typed, typed: Typed) -> Sequence[tuple[str, str]]:
    """Tell what stands there now and is otherwise in the form: a name, and the words."""
    found = [
        (name, getattr(was, name))
        for name in ("title", "lead", "nature", "day", "hour", "doc_no")
        if getattr(was, name) != getattr(typed, name)
    ]
    if was.items != typed.items:
        found.append(("items", "\n\n".join(f"{one.title}\n{one.text}" for one in was.items)))
    return found


def moment(day: str, hour: str) -> datetime:
    """Read a day and an hour of Seoul; raises `Refused` error.day."""
    on = meant_day(day)
    try:
        at = time.fromisoformat(hour)
    except ValueError:
        raise Refused("error.day") from None
    if on is None:
        raise Refused("error.day")
    return datetime.combine(on, at.replace(second=0, microsecond=0, tzinfo=None), SEOUL)


def _item(sent: Sent, n: int) -> Item:
    def part(name: str) -> str:
        return sent.get(f"item-{n}-{name}")

    kind = part("kind") if part("kind") in ITEM_KINDS else "text"
    return Item(
        cast("ItemKind", kind), part("title"), part("text"), part("ref")[:60], part("url").strip(),
        _number(part("picture")),
    )  # fmt: skip


def _number(typed: str) -> int | None:
    return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 4 else None
