"""What somebody will read, before it is sent: the reporter's notice, the unit's letter."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.channel import Parcel
from bot.dialogs.events import Raw
from bot.dialogs.form import Context
from bot.dialogs.replies import Phrase, Say
from bot.handlers.desk.pages import Pages
from bot.handlers.desk.parts import DeskParts
from bot.services.preview import Preview
from knowledge.procedures import Field, Move


@dataclass(frozen=True, slots=True)
class Letter:
    """A notice as one channel shows it; `channel` "" is the page that a code opens."""

    channel: str
    text: str
    buttons: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of words; `same` where it also stands in the report."""

    text: str
    same: bool


@dataclass(frozen=True, slots=True)
class Line:
    label: str
    pieces: tuple[Piece, ...]


class Letters:
    """Renders what goes out."""

    def __init__(self, parts: DeskParts, pages: Pages) -> None:
        self._parts = parts
        self._pages = pages

    def told(self, found: Preview) -> tuple[Letter, ...]:
        """Give every notice as each of its roads shows it."""
        roads = found.roads or ("",)
        return tuple(self._one(say, road, found.lang) for say in found.told for road in roads)

    def _one(self, say: Say, road: str, lang: str) -> Letter:
        channel = self._parts.channels.get(road)
        if channel is not None:
            seen = channel.preview(Parcel("", say, lang))
            return Letter(road, seen.text, seen.buttons)
        svc = self._parts.svc
        text = svc.texts.render(say.text, lang, svc.site.words())
        labels = tuple(
            svc.texts.render(option.label, lang, svc.site.words()) for option in say.options
        )
        return Letter(road, text, (labels,) if labels else ())

    def to_unit(
        self, move: Move, raw: Mapping[str, Raw], ctx: Context, marked: Sequence[str]
    ) -> tuple[Line, ...]:
        """Give what a unit will read, with the words that it shares with the report marked."""
        if not any(field.overlap for field in move.fields):
            return ()
        quoted = [part for text in marked for part in text.split("\n") if part.strip()]
        return tuple(
            Line(self._label(move, field, ctx), pieces(str(raw.get(field.name) or ""), quoted))
            for field in move.fields
            if raw.get(field.name) and field.kind in {"long", "text", "day"}
        )

    def _label(self, move: Move, field: Field, ctx: Context) -> str:
        own = f"move.{move.action}.{field.name}.ask"
        return self._pages.say(Phrase(own if ctx.texts.has(own) else f"field.{field.name}.ask"))


def pieces(text: str, quoted: Sequence[str]) -> tuple[Piece, ...]:
    """Cut a text where quoted words begin and end."""
    same = [False] * len(text)
    for words in quoted:
        at = text.find(words)
        while at >= 0:
            same[at : at + len(words)] = [True] * len(words)
            at = text.find(words, at + len(words))
    found: list[Piece] = []
    start = 0
    for end in range(1, len(text) + 1):
        if end == len(text) or same[end] != same[start]:
            found.append(Piece(text[start:end], same[start]))
            start = end
    return tuple(found)
