"""Replies as the public JSON: every key always there, texts finished in the reader's language."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from typing_extensions import TypedDict

from bot.dialogs.replies import (
    Ask,
    Called,
    Card,
    Cards,
    Elsewhere,
    Item,
    News,
    Option,
    Page,
    Phrase,
    Picture,
    Receipt,
    Reply,
    Role,
    Sheet,
    Summary,
    Words,
)
from bot.documents import qr
from bot.handlers.chat.news_shape import NewsOut, news_out
from bot.handlers.cutting import clean
from bot.handlers.taking_away import as_text

if TYPE_CHECKING:
    from bot.locale import Texts


@dataclass(frozen=True, slots=True)
class Say:
    """Renders words in one language; calling it gives plain text."""

    texts: "Texts"
    lang: str
    site: Mapping[str, str]

    def __call__(self, words: Words) -> str:
        return self.texts.render(words, self.lang, self.site)

    def marked(self, words: Words) -> tuple[str, list[tuple[int, int]]]:
        """Give plain text and where our own bold stands in it, as (begin, end)."""
        text, marks = "", []
        for span in self.texts.spans(words, self.lang, self.site):
            if span.bold:
                marks.append((len(text), len(text) + len(span.text)))
            text += span.text
        return text, marks


PublicRole = Literal["answer", "skip", "back", "cancel", "done", "confirm", "edit", "retry"]
_ROLES: Mapping[Role, PublicRole] = {
    "answer": "answer",
    "skip": "skip",
    "back": "back",
    "cancel": "cancel",
    "done": "done",
    "confirm": "confirm",
    "edit": "edit",
    "retry": "retry",
    "info": "answer",
}


class PressOut(TypedDict):
    turn: int
    index: int


class Pressable(TypedDict):
    """Something to press.

    `press` goes back as it is; `command` stands where no turn is open; on a page `value` is what
    a field submits. `info`: shows words and changes nothing.
    """

    label: str
    role: PublicRole
    press: PressOut | None
    hint: str | None
    command: str | None
    url: str | None
    value: str | None
    danger: bool
    info: bool


class ShownIf(TypedDict):
    """A field of a page that is there only while another one has one of these values."""

    field: str
    values: list[str]


class ItemOut(TypedDict):
    """A line of the summary; `edit` is the press that changes it (in `options` too)."""

    step: str
    label: str
    value: str
    full: str | None
    edit: PressOut | None


class QrOut(TypedDict):
    """A QR code as an SVG path."""

    size: int
    path: str


class ReceiptOut(TypedDict):
    """`label` is what the number is called: before 접수, after it, without a name (`reference`).

    `code` is given once, in the live answer only; `due_on` is null while there is no date.
    `proof` is the signed line of the receipt, `qr` the same to be drawn: a square of `size`
    modules and the `path` of the dark ones.
    """

    number: str
    called: Called
    label: str
    code: str | None
    due_on: str | None
    spoken: str | None
    proof: str | None
    qr: QrOut | None


class CardOut(TypedDict):
    """One finding; its options stand in the reply's `options` too."""

    title: str
    text: str
    options: list[Pressable]


class BlockOut(TypedDict):
    """One part of a sheet, to be copied by itself."""

    label: str
    text: str


class SheetOut(TypedDict):
    """Words to take away: parts to copy, and all of them as the file `name` holds them."""

    blocks: list[BlockOut]
    name: str
    file: str


class ReplyOut(TypedDict):
    """One thing that the service says; what does not apply is null or empty.

    `marks` are the places of `text` that stand out, as (begin, end), counted in code points.
    """

    kind: Literal[
        "ask",
        "page",
        "say",
        "summary",
        "cards",
        "picture",
        "receipt",
        "elsewhere",
        "sheet",
        "news",
    ]
    text: str
    marks: list[tuple[int, int]]
    step: str | None
    input: (
        Literal[
            "text", "long", "choice", "many", "day", "place", "phone", "email", "address",
            "lookup", "files", "consent", "notice", "none",
        ]
        | None
    )  # fmt: skip
    optional: bool
    turn: int | None
    progress: list[int] | None
    error: str | None
    hint: str | None
    value: Any
    most: int | None
    shown_if: ShownIf | None
    options: list[Pressable]
    items: list[ItemOut]
    fields: list["ReplyOut"]
    cards: list[CardOut]
    receipt: ReceiptOut | None
    sheet: SheetOut | None
    news: NewsOut | None
    notice: str | None
    media: str | None
    url: str | None
    label: str | None


def shape(reply: Reply, say: Say) -> ReplyOut:
    """Give one reply as the JSON of the API."""
    turn = getattr(reply, "turn", None)
    out = _blank(reply, say, turn)
    if isinstance(reply, Ask):
        _ask(out, reply, say)
    elif isinstance(reply, Page):
        out |= {
            "step": reply.step,
            "error": _some(reply.error, say),
            "progress": list(reply.progress) if reply.progress else None,
            "fields": [shape(field, say) for field in reply.fields],
        }
    elif isinstance(reply, Summary):
        out |= {
            "items": [_item(item, turn, say) for item in reply.items],
            "notice": _some(reply.notice, say),
        }
    elif isinstance(reply, Cards):
        out["cards"] = [_card(card, turn, say) for card in reply.cards]
    elif isinstance(reply, Receipt):
        out["receipt"] = {
            "number": reply.number,
            "called": reply.called,
            "label": say(Phrase(f"number.{reply.called}")),
            "code": reply.code,
            "due_on": reply.due_on,
            "spoken": _some(reply.spoken, say),
            "proof": reply.proof,
            "qr": _qr(reply.proof),
        }
    elif isinstance(reply, Picture):
        out |= {"hint": _some(reply.caption, say), "media": reply.media}
    elif isinstance(reply, Elsewhere):
        out |= {"step": reply.step, "url": reply.url, "label": _some(reply.label, say)}
    elif isinstance(reply, Sheet):
        out |= {"step": reply.step, "sheet": _sheet(reply, say)}
    elif isinstance(reply, News):
        out |= {"text": clean(out["text"]), "news": news_out(reply, say)}
    return out


def _sheet(reply: Sheet, say: Say) -> SheetOut:
    blocks: list[BlockOut] = [
        {"label": say(block.label), "text": say(block.text)} for block in reply.blocks
    ]
    return {"blocks": blocks, "name": say(reply.file), "file": as_text(reply.blocks, say)}


def _qr(proof: str | None) -> QrOut | None:
    if proof is None:
        return None
    code = qr.drawn(proof)
    return {"size": code.size, "path": code.path}


def shape_all(replies: Sequence[Reply], say: Say) -> list[ReplyOut]:
    """Give the replies of one turn."""
    return [shape(reply, say) for reply in replies]


def _blank(reply: Reply, say: Say, turn: int | None) -> ReplyOut:
    text, marks = say.marked(reply.alt if isinstance(reply, Picture) else reply.text)
    return {
        "kind": reply.kind,
        "text": text,
        "marks": marks,
        "step": None,
        "input": None,
        "optional": False,
        "turn": turn,
        "progress": None,
        "error": None,
        "hint": None,
        "value": None,
        "most": None,
        "shown_if": None,
        "options": [_option(option, turn, say) for option in _pressable(reply)],
        "items": [],
        "fields": [],
        "cards": [],
        "receipt": None,
        "sheet": None,
        "news": None,
        "notice": None,
        "media": None,
        "url": None,
        "label": None,
    }


def _pressable(reply: Reply) -> tuple[Option, ...]:
    """Give everything that may be pressed, wherever it is shown: one list for every client."""
    if isinstance(reply, Picture):
        return ()
    more: tuple[Option, ...] = ()
    if isinstance(reply, Cards):
        more = tuple(option for card in reply.cards for option in card.options)
    elif isinstance(reply, Summary):
        more = tuple(
            Option(item.label, "edit", item.edit) for item in reply.items if item.edit is not None
        )
    return reply.options + more


def _ask(out: ReplyOut, reply: Ask, say: Say) -> None:
    out |= {
        "step": reply.step,
        "input": reply.input,
        "optional": reply.optional,
        "progress": list(reply.progress) if reply.progress else None,
        "error": _some(reply.error, say),
        "hint": _some(reply.hint, say),
        "value": reply.value,
        "most": reply.most,
    }
    if reply.shown_if is not None:
        field, values = reply.shown_if
        out["shown_if"] = {"field": field, "values": list(values)}


def _option(option: Option, turn: int | None, say: Say) -> Pressable:
    command = f"{option.command} {option.arg}".strip() if option.command else None
    return {
        "label": say(option.label),
        "role": _ROLES[option.role],
        "press": _press(turn, option.index),
        "hint": _some(option.hint, say),
        "command": command,
        "url": option.url,
        "value": option.value,
        "danger": option.danger,
        "info": option.role == "info",
    }


def _item(item: Item, turn: int | None, say: Say) -> ItemOut:
    return {
        "step": item.step,
        "label": say(item.label),
        "value": say(item.value),
        "full": _some(item.full, say),
        "edit": _press(turn, item.edit),
    }


def _card(card: Card, turn: int | None, say: Say) -> CardOut:
    return {
        "title": say(card.title),
        "text": say(card.text),
        "options": [_option(option, turn, say) for option in card.options],
    }


def _press(turn: int | None, index: int | None) -> PressOut | None:
    return None if turn is None or index is None else {"turn": turn, "index": index}


def _some(words: Words | None, say: Say) -> str | None:
    return None if words is None else say(words)
