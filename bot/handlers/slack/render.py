"""How Slack shows a `Reply`: pure functions, no network, no client.

Layout only; every word comes from the reply or from `bot/locale/*/slack.toml`. A button carries
`act:<what>` with its option's `arg`; what comes back is a command from outside and proves nothing.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import singledispatch
from itertools import groupby
from typing import Final, TypeAlias

from bot.channel import Shown
from bot.dialogs.replies import Card, Cards, News, Option, Part, Phrase, Picture, Reply, Say
from bot.handlers.cutting import cuts, units
from bot.handlers.news_words import alts, beside, gathered, own
from bot.handlers.slack.blocks import (
    BUTTON,
    ELEMENTS,
    FIELDS,
    HEADER,
    NOTHING,
    TEXT,
    Block,
    Speak,
    bold,
    button,
    escape,
    joined,
    line,
    paragraphs,
    plain,
    short,
)

BLOCKS: Final = 50  # of one message (docs.slack.dev/reference/block-kit/blocks)
JSON_SIGNS: Final = 10_000
"""Of the blocks of one message, as JSON. Slack refuses about 12,000 signs "with a buffer for block
containers" (`msg_blocks_too_long`, slackapi/bolt-js #2509 and #2867; no document says it)."""

ALT: Final = 2000  # of an image block (docs.slack.dev/reference/block-kit/blocks/image-block)
FACT: Final = 500  # a longer one stands alone: two columns are narrow
FALLBACK: Final = 4000  # `text` of a message (docs.slack.dev, chat.postMessage)


@dataclass(frozen=True, slots=True)
class Message:
    """One message as it goes out.

    `text` is what a notification says, escaped; `words` the same for a person to look at, whole.
    `bare` are the blocks for a Slack that could not get at our pictures.
    """

    text: str
    blocks: tuple[Block, ...] = ()
    words: str = ""
    picture: str | None = None
    bare: tuple[Block, ...] = ()
    pieces: tuple[Shown, ...] = ()


@dataclass(frozen=True, slots=True)
class _Piece:
    """A block and what it says; `picture` is the place of the one that it shows."""

    block: Block
    words: str
    picture: int | None = None


def render(reply: Reply, speak: Speak, *, again: bool = False) -> tuple[Message, ...]:
    """Lay a reply out as messages; the buttons stand under the last one.

    `again`: it was sent before and nobody knows whether it came. Raises `ValueError` when a
    button's value does not fit, `TypeError` for what officials are never sent.
    """
    before = line(speak(Phrase("slack.again"))) if again else ""
    if isinstance(reply, Picture):
        words = joined(speak(reply.caption if reply.caption is not None else reply.alt))
        return (_picture(reply.media, f"{before}\n{words}".strip()),)
    if isinstance(reply, News):
        return (_news(reply, _words(before), speak),)
    pieces = [*_words(before), *_lay(reply, speak)]
    return tuple(_message(some) for some in _packed(pieces))


def words_only(messages: Iterable[Message]) -> tuple[Message, ...]:
    """Give the same without any layout, for a second try."""
    whole = "\n\n".join(message.words for message in messages)
    return tuple(Message(escape(text), words=text) for text in _told(whole))


@singledispatch
def _lay(reply: object, _speak: Speak) -> Sequence[_Piece]:
    raise TypeError(f"no layout for {type(reply).__name__}")


@_lay.register
def _say(reply: Say, speak: Speak) -> Sequence[_Piece]:
    return [
        *(_words(joined(speak(reply.text))) or _words("…")),
        *_explained(reply.options, speak),
        *_buttons(reply.options, speak),
    ]


@_lay.register
def _cards(reply: Cards, speak: Speak) -> Sequence[_Piece]:
    """Cards without a button are facts: they stand together, label and value side by side."""
    made = _headed(joined(speak(reply.text)))
    for facts, cards in groupby(reply.cards, key=lambda card: not card.options):
        if facts:
            made += _facts(list(cards), speak)
        else:
            made += [piece for card in cards for piece in _card(card, speak)]
    return [*made, *_explained(reply.options, speak), *_buttons(reply.options, speak)]


def _news(reply: News, before: list[_Piece], speak: Speak) -> Message:
    """Lay an issue out as one message; what does not fit is read on our pages.

    Slack fetches the pictures from there, where it can: only a public page has an https address.
    """
    after = [*_explained(reply.options, speak), *_buttons(reply.options, speak)]
    rest = plain(line(speak(Phrase("news.rest"))), TEXT)
    more = _Piece({"type": "context", "elements": [rest]}, rest["text"])

    def whole(*, pictures: bool) -> list[_Piece]:
        pieces = [*before, *_issue(reply, speak, pictures=pictures)]
        kept, *left = _packed(pieces, _room([more, *after]))
        return [*kept, *([more] if left else []), *after]

    made = whole(pictures=False)
    bare = tuple(one.block for one in made)
    if reply.pictures and reply.page and reply.page.startswith("https://"):
        made = whole(pictures=True)
    return replace(_message(made), bare=bare, pieces=gathered(map(_shown, made)))


def _shown(piece: _Piece) -> Shown:
    return Shown(piece.words) if piece.picture is None else Shown(pictures=(piece.picture,))


def _issue(reply: News, speak: Speak, *, pictures: bool) -> list[_Piece]:
    told = list(alts(reply))
    beside_parts = {part.picture for part in reply.parts}

    def shown(*places: int | None) -> list[_Piece]:
        found = {
            place: line(speak(told[place]))
            for place in places
            if place is not None and place < len(told)
        }
        if pictures:
            named = line(speak(reply.text)) or NOTHING
            return [_image(reply.page, n, said or named) for n, said in found.items()]
        return [piece for said in found.values() for piece in _words(said)]

    made = [*_headed(line(speak(reply.text))), *_words(joined(speak(reply.lead)))]
    made += shown(*(place for place in range(len(told)) if place not in beside_parts))
    for part in reply.parts:
        made += [_titled(part, reply.page, speak)] if line(speak(part.title)) else []
        made += [*_words(joined(speak(part.text))), *shown(part.picture)]
    return made


def _titled(part: Part, page: str | None, speak: Speak) -> _Piece:
    """Name a part; only a link that stays on our pages is one here (security S31)."""
    spans = speak(part.title)
    link = part.url if part.url and own(part.url, page) else None
    if part.url and not link:
        spans = (*spans, *speak(beside(part.url, page)))
    title = line(spans)
    return _Piece({"type": "section", "text": bold(title, FACT, link)}, title)


def _image(page: str | None, place: int, alt: str) -> _Piece:
    url = f"{page}/{place}.png"
    return _Piece({"type": "image", "image_url": url, "alt_text": short(alt, ALT)}, alt, place)


def _words(text: str) -> list[_Piece]:
    """Say a text, unless there is nothing of it to be seen."""
    if not _visible(text):
        return []
    return [_Piece(block, block["text"]["text"]) for block in paragraphs(text)]


def _headed(text: str) -> list[_Piece]:
    """Head what follows with a line; words that are longer are said as words."""
    if not _visible(text) or "\n" in text or units(text) > HEADER:
        return _words(text)
    return [_Piece({"type": "header", "text": plain(text, HEADER)}, text)]


def _facts(cards: Sequence[Card], speak: Speak) -> list[_Piece]:
    made: list[_Piece] = []
    fields: list[tuple[str, str]] = []

    def flush() -> None:
        if fields:
            made.append(_fields(fields))
            fields.clear()

    for card in cards:
        label, value = line(speak(card.title)), joined(speak(card.text))
        if len(value) > FACT:
            flush()
            made += _long(label, value)
            continue
        fields.append((label, value))
        if len(fields) == FIELDS // 2:
            flush()
    flush()
    return made


def _fields(pairs: Sequence[tuple[str, str]]) -> _Piece:
    fields = [text for label, value in pairs for text in (bold(label, FACT), plain(value, FACT))]
    words = "\n".join(f"{label}: {value}" for label, value in pairs)
    return _Piece({"type": "section", "fields": fields}, words)


def _long(label: str, value: str) -> list[_Piece]:
    return [_Piece({"type": "section", "text": bold(label, FACT)}, label), *_words(value)]


def _card(card: Card, speak: Speak) -> list[_Piece]:
    """Show a finding with its buttons; a single one stands beside it."""
    title, text = line(speak(card.title)), joined(speak(card.text))
    if len(text) > FACT:
        return [*_long(title, text), *_buttons(card.options, speak, about=title)]
    said = (
        {"fields": [bold(title, FACT), plain(text, FACT)]}
        if title
        else {"text": plain(text, FACT)}
    )
    block: dict[str, object] = {"type": "section", **said}
    piece = _Piece(block, f"{title}\n{text}".strip())
    if len(card.options) > 1:
        return [piece, *_buttons(card.options, speak, about=title or text)]
    block["accessory"] = _button(card.options[0], 0, speak, title or text)
    return [piece]


def _explained(options: Sequence[Option], speak: Speak) -> list[_Piece]:
    """Say in words what a button has no room for."""
    told: list[str] = []
    for option in options:
        label = line(speak(option.label))
        if option.hint is not None:
            told.append(f"· {label}: {joined(speak(option.hint))}")
        elif units(label) > BUTTON:
            told.append(f"· {label}")
    return _words("\n".join(told))


def _buttons(options: Sequence[Option], speak: Speak, *, about: str = "") -> list[_Piece]:
    """Give the buttons, what cannot be undone last; an id stands once in a block."""
    rows: list[dict[str, Block]] = [{}]
    for number, option in enumerate(sorted(options, key=lambda one: one.danger)):
        made = _button(option, number, speak, about)
        if made["action_id"] in rows[-1] or len(rows[-1]) == ELEMENTS:
            rows.append({})
        rows[-1][made["action_id"]] = made
    return [_Piece({"type": "actions", "elements": [*row.values()]}, "") for row in rows if row]


def _button(option: Option, number: int, speak: Speak, about: str) -> Block:
    label = line(speak(option.label))
    if option.url:
        # Slack tells us of such a press too; there is nothing to do but to say that it came.
        return button(label, f"open:{number}", url=option.url, about=about)
    style = "danger" if option.danger else "primary" if option.role == "confirm" else None
    what = option.arg.partition(" ")[0] if option.command == "act" else option.command or "none"
    name = f"act:{what}" if option.command == "act" else f"say:{what}"
    return button(label, name, value=option.arg, style=style, about=about)


_Room: TypeAlias = tuple[int, int]
"""How many blocks, and how many signs of them as JSON."""


def _room(taken: Sequence[_Piece]) -> _Room:
    return BLOCKS - len(taken), JSON_SIGNS - sum(map(_size, taken))


def _size(piece: _Piece) -> int:
    return len(json.dumps(piece.block, ensure_ascii=False))


def _packed(pieces: Sequence[_Piece], room: _Room = (BLOCKS, JSON_SIGNS)) -> list[list[_Piece]]:
    """Share blocks out over messages, none of them over Slack's limits."""
    packed: list[list[_Piece]] = [[]]
    signs = 0
    for piece in pieces:
        size = _size(piece)
        if packed[-1] and (len(packed[-1]) == room[0] or signs + size > room[1]):
            packed.append([])
            signs = 0
        packed[-1].append(piece)
        signs += size
    return packed


def _message(pieces: Sequence[_Piece]) -> Message:
    words = "\n\n".join(piece.words for piece in pieces if piece.words)
    return Message(_fallback(words), tuple(piece.block for piece in pieces), words)


def _picture(media: str, words: str) -> Message:
    return Message(_fallback(words), words=words, picture=media)


def _fallback(words: str) -> str:
    """Give what a notification says; Slack shows no more than its beginning."""
    return escape(next(_told(words)))


def _told(words: str) -> Iterator[str]:
    """Cut into pieces that are short enough when they are escaped; at least one."""
    some = False
    for start, end in cuts(words, FALLBACK):
        piece = words[start:end]
        # "&amp;" is five signs where a person sees one.
        fits = FALLBACK if len(escape(piece)) <= FALLBACK else FALLBACK // 5
        for low, high in cuts(piece, fits):
            some = True
            yield piece[low:high]
    if not some:
        yield NOTHING


def _visible(text: str) -> bool:
    return any(char.isprintable() and not char.isspace() for char in text)
