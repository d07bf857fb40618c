"""Card news: four to six square pictures that tell a case, each with its words for who cannot see.

`pages` is what stands on each, `draw` makes the pictures. What is too long for a picture is cut at
a sentence or between two words; the template sets smaller, and cuts again, what still is too wide.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from bot.dialogs.replies import Phrase
from bot.documents import typeset
from bot.documents.qr import svg
from bot.errors import Refused
from knowledge.cases import told
from knowledge.korean import clean_line
from knowledge.standout import standout

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bot.documents.card_look import Look
    from knowledge.cases import Case

SIDE = 1080
"""Pixels of a side."""
FEWEST, MOST = 4, 6
ROOM = 130
"""So many signs of a text stand well on one picture; so much of an effect under its number."""
TITLE, LINE = 110, 90
CODE = 200
"""A longer address makes a QR code that a telephone hardly reads on a picture."""

Kind = Literal["cover", "problem", "action", "effect", "source"]
Say: TypeAlias = Callable[[Phrase], str]


@dataclass(frozen=True, slots=True)
class Page:
    """What stands on one picture, the `n`th of `of`.

    `large` stands large above `text`, with `before` for how it was; `code` is an address that is
    drawn as a QR code. `alt` says it all in words.
    """

    kind: Kind
    text: str
    alt: Phrase
    head: Phrase | None = None
    tags: tuple[Phrase | str, ...] = ()
    large: str = ""
    before: str = ""
    hedge: Phrase | None = None
    sign: str = ""
    small: tuple[Phrase | str, ...] = ()
    code: str = ""
    n: int = 1
    of: int = 1

    @property
    def number(self) -> bool:
        """Tell whether what stands large is a number."""
        return self.alt.key == "cards.alt.number"


@dataclass(frozen=True, slots=True)
class Drawn:
    """A picture as PNG, its words, its size in pixels."""

    png: bytes
    alt: str
    width: int = SIDE
    height: int = SIDE


def lacking(case: Case, permission: str) -> tuple[str, ...]:
    """Name what is missing for pictures of a case: words of `cards.lack.<name>`.

    `permission` is on what terms it is shown, its own or the agency's. Two of what was difficult,
    what was done and what came of it have to be told.
    """
    known = sum(bool(text) for _, text in _told(case))
    missing = {
        "state": case.status != "published",
        "title": not clean_line(case.title),
        "title_only": case.detail == "title_only",
        "told": case.detail != "title_only" and known < FEWEST - 2,
        "source": not clean_line(case.source),
        "permission": not clean_line(permission),
    }
    return tuple(name for name, is_so in missing.items() if is_so)


def pages(case: Case, permission: str, host: str = "") -> tuple[Page, ...]:
    """Plan the pictures of a case. `host` is where its source leads; "" where that is no address.

    Raises `Refused` cards.lack.<name> for what is missing.
    """
    for name in lacking(case, permission):
        raise Refused(f"cards.lack.{name}")
    parts = _told(case)
    spare = MOST - 2 - len(parts)
    longest = sorted((one for one in parts if one[0] != "effect"), key=lambda one: -len(one[1]))
    twice = {kind for kind, text in longest[:spare] if len(text) > ROOM}
    made = [_cover(case)]
    for kind, text in parts:
        if kind == "effect":
            made.append(_effect(case, text))
        else:
            made += _telling(case, kind, parted(text) if kind in twice else (cut(text, ROOM),))
    made.append(_source(case, permission, host))
    return tuple(
        replace(one, n=n, of=len(made), alt=_counted(one.alt, n, len(made)))
        for n, one in enumerate(made, 1)
    )


def draw(plan: Sequence[Page], look: Look, say: Say, lang: str = "ko") -> tuple[Drawn, ...]:
    """Draw what was planned, in the words of `say`; about 30 ms a picture."""
    made = typeset.pictures("cards.typ", values(plan, look, say, lang), 72)
    return tuple(
        Drawn(png, say(page.alt)) for png, page in zip(made, plan, strict=True)
    )  # fmt: skip


def values(plan: Sequence[Page], look: Look, say: Say, lang: str = "ko") -> Mapping[str, Any]:
    """Give what the template is given: texts, colours, the mark."""

    def words(one: Phrase | str | None) -> str:
        return say(one) if isinstance(one, Phrase) else one or ""

    told_ = [
        {
            "kind": page.kind, "sign": page.sign, "n": page.n, "of": page.of, "text": page.text, "large": page.large,
            "before": page.before, "head": words(page.head), "hedge": words(page.hedge),
            "tags": [words(one) for one in page.tags], "small": [words(one) for one in page.small],
            "code": svg(page.code) if page.code else "", "number": page.number,
        }
        for page in plan
    ]  # fmt: skip
    return {
        "cards": {
            "title": plan[0].text, "lang": lang, "agency": clean_line(look.agency),
            "palette": {name: getattr(look.palette, name) for name in look.palette.__slots__},
            "logo": look.logo, "pages": told_,
        }
    }  # fmt: skip


_END = re.compile(r"(?<=[^\d\s][.!?…])\s+")


def cut(text: str, most: int) -> str:
    """Cut a text at a sentence, or between two words, so that it has at most so many signs.

    A sentence that would leave more than half of the room empty does not count.
    """
    if len(text) <= most:
        return text
    head = text[: most - 2]
    ends = [one.start() for one in _END.finditer(text[:most]) if one.start() > most // 2]
    if ends:
        return f"{text[: ends[-1]]} …"
    words = head.rpartition(" ")[0] if text[most - 2] != " " else head
    return f"{(words or head).rstrip(' ,;:·')}…"


def parted(text: str, room: int = ROOM) -> tuple[str, ...]:
    """Part a text for two pictures: at a sentence if one ends well, otherwise between two words."""
    if len(text) <= room:
        return (text,)
    half = min(room, max(len(text) // 2 + 1, room // 2))
    ends = [one.start() for one in _END.finditer(text[: room + 1])]
    at = min(ends, key=lambda end: abs(end - half), default=0)
    if at < room // 3:
        at = text.rfind(" ", 0, room + 1) if " " in text[: room + 1] else room
    return (text[:at].strip(), cut(text[at:].strip(), room))


def _told(case: Case) -> tuple[tuple[Kind, str], ...]:
    """Give what a case tells, in one line each."""
    parts: tuple[tuple[Kind, str], ...] = (
        ("problem", case.problem),
        ("action", case.action),
        ("effect", case.effect),
    )
    return tuple((kind, line) for kind, text in parts if (line := clean_line(told(text))))


def _cover(case: Case) -> Page:
    title, kind = cut(clean_line(case.title), TITLE), Phrase(f"cards.kind.{case.kind}")
    whose = _line(clean_line(case.agency), f"{case.year}" if case.year else "")
    field = (cut(clean_line(case.field), 20),) if case.kind == "active" and case.field else ()
    alt = Phrase("cards.alt.cover", {"kind": kind, "title": title, "whose": whose or None})
    return Page("cover", title, alt, tags=(kind, *field), small=(whose,) if whose else ())


def _telling(case: Case, kind: Kind, texts: Sequence[str]) -> Iterator[Page]:
    for place, text in enumerate(texts):
        name = "passive" if case.kind == "passive" and kind == "problem" else kind
        head = Phrase(f"cards.head.{name}")
        if place:
            head = Phrase("cards.head.more", {"head": head})
        yield Page(kind, text, _said(head, text), head=head, sign=kind)


def _effect(case: Case, text: str) -> Page:
    """Put a number large where one was found; of a passive case none is shown off."""
    number = standout(text) if case.kind == "active" else None
    head = Phrase("cards.head.effect" if number else "cards.head.outcome")
    if number is None:
        first = _END.split(text, maxsplit=1)
        rest = cut(first[1], ROOM) if len(first) > 1 else ""
        large = cut(first[0], ROOM)
        sign = "effect" if case.kind == "active" else "record"
        alt = _said(head, _line(large, rest, " "))
        return Page("effect", rest, alt, head=head, large=large, sign=sign)
    said = cut(text, ROOM)
    hedge = Phrase(f"cards.hedge.{number.hedge}") if number.hedge else None
    alt = Phrase(
        "cards.alt.number",
        {"head": head, "number": number.shown, "hedge": hedge, "text": said},
    )
    return Page(
        "effect", said, alt, head=head, large=number.said, before=number.before, hedge=hedge,
        sign="effect",
    )  # fmt: skip


def _source(case: Case, permission: str, host: str) -> Page:
    head = Phrase("cards.head.source")
    title, source = cut(clean_line(case.title), LINE), clean_line(case.source)
    where = cut(host or source, LINE)
    terms = Phrase("cards.terms", {"terms": cut(clean_line(permission), LINE)})
    whose = cut(_line(clean_line(case.agency), clean_line(case.programme)), LINE)
    alt = Phrase(
        "cards.alt.source",
        {"head": head, "title": title, "whose": whose or None, "where": where, "terms": terms},
    )
    small = (whose, where, terms)
    return Page(
        "source",
        title,
        alt,
        head=head,
        small=small,
        code=source if host and len(source) <= CODE else "",
    )


def _said(head: Phrase, text: str) -> Phrase:
    return Phrase("cards.alt.text", {"head": head, "text": text})


def _counted(alt: Phrase, n: int, of: int) -> Phrase:
    return Phrase(alt.key, {**alt.params, "n": n, "of": of})


def _line(one: str, other: str, between: str = " · ") -> str:
    return between.join(part for part in (one, other) if part)
