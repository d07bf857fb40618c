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
    """A notice as it is read; `roads` are the channels that show exactly this."""

    text: str
    buttons: tuple[tuple[str, ...], ...]
    roads: tuple[str, ...]


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
        """Give every notice as its roads show it; without a name it is read by number and code."""
        roads = found.roads or ("code",)
        letters: list[Letter] = []
        for say in found.told:
            shown: dict[tuple[str, tuple[tuple[str, ...], ...]], list[str]] = {}
            for road in roads:
                shown.setdefault(self._one(say, road, found.lang), []).append(road)
            letters += [Letter(*words, tuple(names)) for words, names in shown.items()]
        return tuple(letters)

    def _one(self, say: Say, road: str, lang: str) -> tuple[str, tuple[tuple[str, ...], ...]]:
        channel = self._parts.channels.get(road)
        if channel is not None:
            seen = channel.preview(Parcel("", say, lang))
            return seen.text, seen.buttons
        texts, site = self._parts.svc.texts, self._parts.svc.site.words()
        labels = tuple(texts.render(option.label, lang, site) for option in say.options)
        return texts.render(say.text, lang, site), (labels,) if labels else ()

    def to_unit(
        self, move: Move, raw: Mapping[str, Raw], ctx: Context, marked: Sequence[str]
    ) -> tuple[Line, ...]:
        """Give what a unit will read, with the words that it shares with the report marked."""
        if not any(field.overlap for field in move.fields):
            return ()
        quoted = [part for text in marked for part in text.split("\n") if part.strip()]
        return tuple(
            Line(self._label(move, field, ctx), pieces(self._words(field, raw), quoted))
            for field in move.fields
            if raw.get(field.name) and field.kind in {"long", "text", "day"}
        )

    def _words(self, field: Field, raw: Mapping[str, Raw]) -> str:
        words = str(raw.get(field.name) or "")
        if field.kind == "day":
            return self._pages.say(Phrase("desk.day", {"day": words}))
        return words

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
