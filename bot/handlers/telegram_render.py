"""How Telegram shows a `Reply`: pure functions, no network, no PTB.

Layout only; every word comes from the reply or from `bot/locale/*/telegram.toml`. Buttons carry
`d:<turn>:<index>` inside a dialog and `c:<command>:<arg>` on notices; both are commands from
outside when they come back and prove nothing.
"""

import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache, singledispatch
from typing import Final, TypeAlias

from bot.dialogs.replies import (
    Ask,
    Cards,
    Elsewhere,
    News,
    Option,
    Page,
    Phrase,
    Picture,
    Receipt,
    Reply,
    Say,
    Sheet,
    Summary,
    Words,
)
from bot.handlers.cutting import clean
from bot.handlers.news_words import alts, beside, host
from bot.handlers.taking_away import as_text
from bot.handlers.telegram_text import MESSAGE_UNITS, Draft, Part
from bot.locale import Span

Speak: TypeAlias = Callable[[Words], tuple[Span, ...]]
"""Words → plain text with our own bold kept apart; language and site are bound already."""

DATA_BYTES: Final = 64  # callback_data (`telegram.constants.InlineKeyboardButtonLimit`)
MOST_KEYS: Final = 100  # buttons of one message (`InlineKeyboardMarkupLimit`)
CAPTION_UNITS: Final = 1024
ALBUM: Final = 10  # pictures of a media group (`telegram.constants.MediaGroupLimit`), two at least
NAME: Final = 100  # letters of a file's name: it travels in a header
LABEL: Final = 20  # letters on a button, a rule of the house
PAIR: Final = 16  # columns up to which two buttons stand side by side on a small telephone
NAVIGATION: Final = frozenset({"skip", "back", "cancel"})


@dataclass(frozen=True, slots=True)
class Key:
    """A button: comes back as `data`, or opens `url`."""

    label: str
    data: str | None = None
    url: str | None = None


Keys: TypeAlias = tuple[tuple[Key, ...], ...]


@dataclass(frozen=True, slots=True)
class File:
    """A text file that goes out with a message."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Message:
    """One message as it goes out. `place` adds the messenger's own button for where one is.

    `pictures` are those of an issue by their places: several are an album, which takes no words.
    """

    part: Part
    keys: Keys = ()
    place: str | None = None
    picture: str | None = None
    file: File | None = None
    pictures: tuple[int, ...] = ()


def render(reply: Reply, speak: Speak, *, again: bool = False) -> tuple[Message, ...]:
    """Lay a reply out as messages; the buttons stand under the last one.

    `again`: it was sent before and nobody knows whether it came. Raises `ValueError` when a button
    does not fit into the vendor's 64 bytes.
    """
    draft = Draft()
    if again:
        draft.add(speak(Phrase("telegram.again")))
    return _lay(reply, draft, speak)


@singledispatch
def _lay(reply: object, _draft: Draft, _speak: Speak) -> tuple[Message, ...]:
    raise TypeError(f"no layout for {type(reply).__name__}")


@_lay.register
def _say(reply: Say, draft: Draft, speak: Speak) -> tuple[Message, ...]:
    draft.paragraph(speak(reply.text))
    _explain(draft, reply.options, speak)
    return _messages(draft, _keys(reply.options, reply.turn, speak))


@_lay.register
def _ask(reply: Ask, draft: Draft, speak: Speak) -> tuple[Message, ...]:
    if reply.error is not None:
        draft.paragraph(speak(reply.error))
    if reply.progress is not None:
        now, of = reply.progress
        draft.paragraph(speak(Phrase("telegram.progress", {"now": now, "of": of})))
        draft.line(speak(reply.text))
    else:
        draft.paragraph(speak(reply.text))
    if reply.hint is not None:
        draft.paragraph(speak(reply.hint))
    _explain(draft, reply.options, speak)
    place = _plain(speak(Phrase("telegram.place"))) if reply.input == "place" else None
    return _messages(draft, _keys(reply.options, reply.turn, speak), place=place)


@_lay.register
def _page(reply: Page, draft: Draft, speak: Speak) -> tuple[Message, ...]:
    """Nobody is asked a page here: the dialog gives Telegram one question after the other."""
    if reply.error is not None:
        draft.paragraph(speak(reply.error))
    draft.paragraph(speak(reply.text))
    for ask in reply.fields:
        draft.line((Span("· "), *speak(ask.text)))
    return _messages(draft, _keys(reply.options, reply.turn, speak))


@_lay.register
def _summary(reply: Summary, draft: Draft, speak: Speak) -> tuple[Message, ...]:
    draft.paragraph(speak(reply.text))
    for number, item in enumerate(reply.items):
        label = Span(f"{_plain(speak(item.label))}:", bold=True)
        (draft.line if number else draft.paragraph)((label, Span(" ")))
        if item.full is not None:
            # A quotation that Telegram folds is our [모두 보기].
            draft.line(_nothing_bold(speak(item.full)), kind="expandable_blockquote")
        else:
            draft.add(_nothing_bold(speak(item.value)))
    if reply.notice is not None:
        draft.paragraph(_nothing_bold(speak(reply.notice)), kind="expandable_blockquote")
    return _messages(draft, _keys(reply.options, reply.turn, speak))


@_lay.register
def _cards(reply: Cards, draft: Draft, speak: Speak) -> tuple[Message, ...]:
    draft.paragraph(speak(reply.text))
    rows: list[tuple[Key, ...]] = []
    many = len(reply.cards) > 1
    for number, card in enumerate(reply.cards, 1):
        before = f"{number}. " if many else ""
        draft.paragraph((Span(before), *speak(card.title)), kind="bold")
        draft.line(speak(card.text))
        rows += _keys(card.options, reply.turn, speak, before=before)
    return _messages(draft, (*rows, *_keys(reply.options, reply.turn, speak)))


@_lay.register
def _picture(reply: Picture, draft: Draft, speak: Speak) -> tuple[Message, ...]:
    draft.paragraph(speak(reply.caption if reply.caption is not None else reply.alt))
    first, *more = draft.parts(CAPTION_UNITS) or (Part(""),)
    return (Message(first, picture=reply.media), *(Message(part) for part in more))


@_lay.register
def _receipt(reply: Receipt, draft: Draft, speak: Speak) -> tuple[Message, ...]:
    spans = speak(reply.text)
    if reply.code:
        # The code is shown by the agency's own page and by nobody else (security S24), whatever
        # the words of a site's own texts say.
        spans = tuple(Span(span.text.replace(reply.code, "····"), span.bold) for span in spans)
    draft.paragraph(spans)
    return _messages(draft, _keys(reply.options, reply.turn, speak))


@_lay.register
def _elsewhere(reply: Elsewhere, draft: Draft, speak: Speak) -> tuple[Message, ...]:
    draft.paragraph(speak(reply.text))
    keys = _keys(reply.options, reply.turn, speak)
    if reply.url:
        label = reply.label if reply.label is not None else Phrase("telegram.go")
        keys = ((Key(_short(_plain(speak(label))), url=reply.url),), *keys)
    return _messages(draft, keys)


@_lay.register
def _sheet(reply: Sheet, draft: Draft, speak: Speak) -> tuple[Message, ...]:
    """Send the file first, then the words with their blocks: the buttons stand under those.

    A tap on what is set as `pre` copies it, by itself.
    """
    file = File(
        " ".join(_plain(speak(reply.file)).split())[:NAME],
        as_text(reply.blocks, lambda words: "".join(span.text for span in speak(words))),
    )
    caption = Draft().add(speak(Phrase("telegram.file"))).parts(CAPTION_UNITS)[0]
    draft.paragraph(speak(reply.text))
    for block in reply.blocks:
        draft.paragraph((Span(_plain(speak(block.label)), bold=True),))
        draft.line(_nothing_bold(speak(block.text)), kind="pre")
    keys = _keys(reply.options, reply.turn, speak)
    return (Message(caption, file=file), *_messages(draft, keys))


@_lay.register
def _news(reply: News, draft: Draft, speak: Speak) -> tuple[Message, ...]:
    """Show the pictures first, then the words with the buttons: an album can carry none.

    What the pictures show is told under the words, folded: there a screen reader finds it.
    """
    draft.paragraph(speak(reply.text), kind="bold")
    draft.paragraph(speak(reply.lead))
    for part in reply.parts:
        title = _plain(speak(part.title))
        if part.url is None or not _opens(part.url):
            draft.paragraph((Span(title),), kind="bold")
        else:
            draft.link(title, part.url)
            draft.add(speak(beside(part.url, reply.page)))
        (draft.line if title else draft.paragraph)(speak(part.text))
    told = tuple(_plain(speak(alt)) for alt in alts(reply))
    draft.paragraph((Span("\n".join(told)),), kind="expandable_blockquote")
    keys = _keys([one for one in reply.options if _opens(one.url)], reply.turn, speak)
    albums = tuple(Message(Part(""), pictures=some) for some in _albums(len(reply.pictures)))
    if len(reply.pictures) == 1 and len(caption := draft.parts(CAPTION_UNITS)) == 1:
        return (Message(caption[0], keys, pictures=(0,)),)
    return (*albums, *_messages(draft, keys))


def _albums(pictures: int) -> Iterable[tuple[int, ...]]:
    """Share pictures out over albums of two to ten; a single one stands alone."""
    albums = -(-pictures // ALBUM)
    for number in range(albums):
        low, high = (pictures * at // albums for at in (number, number + 1))
        yield tuple(range(low, high))


def _opens(url: str | None) -> bool:
    """Tell whether Telegram takes the address of a button: it refuses a bare name of a host."""
    return url is None or "." in host(url)


def _messages(draft: Draft, keys: Keys, *, place: str | None = None) -> tuple[Message, ...]:
    # A message without a visible sign is refused; what people send may have none.
    parts = [part for part in draft.parts(MESSAGE_UNITS) if _visible(part.text)] or [Part("…")]
    return (
        *(Message(part) for part in parts[:-1]),
        Message(parts[-1], _at_most(keys), place),
    )


def _keys(options: Sequence[Option], turn: int | None, speak: Speak, *, before: str = "") -> Keys:
    """Give the rows: answers, then the ways back and out, then what cannot be undone, alone."""
    made = [(option, _key(option, turn, speak, before)) for option in options]
    calm = [pair for pair in made if not pair[0].danger]
    return (
        *_rows(key for option, key in calm if option.role not in NAVIGATION),
        *_rows(key for option, key in calm if option.role in NAVIGATION),
        *((key,) for option, key in made if option.danger),
    )


def _key(option: Option, turn: int | None, speak: Speak, before: str) -> Key:
    label = _short(before + _plain(speak(option.label)))
    if option.url:
        return Key(label, url=option.url)
    if option.index is not None and turn is not None:
        return Key(label, data=_data(f"d:{turn}:{option.index}"))
    return Key(label, data=_data(f"c:{option.command or ''}:{option.arg}"))


def _data(text: str) -> str:
    if len(text.encode()) > DATA_BYTES:
        raise ValueError("a button's data is longer than 64 bytes")
    return text


def _rows(keys: Iterable[Key]) -> Keys:
    """Put two short buttons side by side, in their order."""
    rows: list[tuple[Key, ...]] = []
    for key in keys:
        last = rows[-1] if rows else ()
        if len(last) == 1 and _columns(last[0].label) <= PAIR and _columns(key.label) <= PAIR:
            rows[-1] = (*last, key)
        else:
            rows.append((key,))
    return tuple(rows)


def _at_most(keys: Keys) -> Keys:
    """Keep to a hundred buttons: what cannot be undone stands last and stays."""
    over = sum(map(len, keys)) - MOST_KEYS
    kept = list(keys)
    while over > 0 and len(kept) > 1:
        over -= len(kept.pop(-2))
    return tuple(kept)


def _explain(draft: Draft, options: Sequence[Option], speak: Speak) -> None:
    """Say in words what a button has no room for."""
    start = draft.paragraph
    for option in options:
        label = _plain(speak(option.label))
        if option.hint is not None:
            start((Span(f"· {label}: "), *speak(option.hint)))
        elif len(label) > LABEL:
            start((Span(f"· {label}"),))
        else:
            continue
        start = draft.line


def _short(label: str) -> str:
    label = " ".join(label.split()) or "…"
    return label if len(label) <= LABEL else f"{label[: LABEL - 1].rstrip()}…"


def _plain(spans: Iterable[Span]) -> str:
    return _tidied("".join(span.text for span in spans))


@lru_cache(4096)
def _tidied(label: str) -> str:
    """Buttons say the same all day."""
    return clean(label).strip()


def _nothing_bold(spans: Iterable[Span]) -> tuple[Span, ...]:
    return tuple(Span(span.text) for span in spans)


@lru_cache(4096)
def _columns(label: str) -> int:
    """Count columns: Hangul takes two."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in label)


def _visible(text: str) -> bool:
    return any(unicodedata.category(char)[0] not in "ZC" for char in text)
