"""What the service says, never how: channels render these values, the outbox keeps them as JSON.

Texts are phrases (a key of `bot/locale/*.toml` and its parameters), so that wording and language
are applied when a reply is sent, not when it is made. A plain `str` is somebody's own words.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import Field, TypeAdapter
from typing_extensions import TypeAliasType


@dataclass(frozen=True, slots=True)
class Phrase:
    """A sentence by its key; a parameter may itself be a phrase."""

    key: str
    params: Mapping[str, "Param"] = field(default_factory=dict)


Words: TypeAlias = str | Phrase
# A named alias, because pydantic cannot resolve one that contains itself by inlining.
Param = TypeAliasType("Param", "str | int | Phrase | list[Param] | None")

Role = Literal["answer", "skip", "back", "cancel", "done", "confirm", "edit", "retry", "info"]
Input = Literal[
    "text", "long", "choice", "many", "day", "place", "phone", "email", "address", "lookup",
    "files", "consent", "notice", "none",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Option:
    """Something to press.

    `index` counts the pressable things of one turn. `command` (with `arg`) stands on notices that
    are sent outside any turn; `url` makes it a link that leaves the chat.
    """

    label: Words
    role: Role = "answer"
    index: int | None = None
    hint: Words | None = None
    command: str | None = None
    arg: str = ""
    url: str | None = None
    danger: bool = False
    value: str | None = None  # what a page or a whole form submits for it


@dataclass(frozen=True, slots=True)
class Say:
    """Plain words; `forget` asks the channel to take the reply away once the dialog is over."""

    text: Words
    options: tuple[Option, ...] = ()
    turn: int | None = None
    forget: bool = False
    kind: Literal["say"] = "say"


@dataclass(frozen=True, slots=True)
class Ask:
    """One question, at `turn`; `error` says what was wrong with the last answer."""

    step: str
    input: Input
    text: Words
    turn: int
    hint: Words | None = None
    error: Words | None = None
    optional: bool = False
    progress: tuple[int, int] | None = None
    options: tuple[Option, ...] = ()
    value: Any = None
    most: int | None = None
    shown_if: tuple[str, tuple[str, ...]] | None = None  # on a page: field and its values
    kind: Literal["ask"] = "ask"


@dataclass(frozen=True, slots=True)
class Page:
    """Several questions on one page; only where the client asked for pages."""

    step: str
    text: Words
    fields: tuple[Ask, ...]
    turn: int
    error: Words | None = None
    progress: tuple[int, int] | None = None
    options: tuple[Option, ...] = ()
    kind: Literal["page"] = "page"


@dataclass(frozen=True, slots=True)
class Item:
    """One line of a summary."""

    step: str
    label: Words
    value: Words
    edit: int | None = None  # index of the press that changes it
    full: Words | None = None  # the whole of a shortened value


@dataclass(frozen=True, slots=True)
class Summary:
    """Everything that will be filed, for the last look."""

    text: Words
    items: tuple[Item, ...]
    turn: int
    options: tuple[Option, ...] = ()
    notice: Words | None = None
    kind: Literal["summary"] = "summary"


@dataclass(frozen=True, slots=True)
class Card:
    title: Words
    text: Words
    options: tuple[Option, ...] = ()


@dataclass(frozen=True, slots=True)
class Cards:
    """A few findings beside each other: cases, answers, my filings."""

    text: Words
    cards: tuple[Card, ...]
    options: tuple[Option, ...] = ()
    turn: int | None = None
    kind: Literal["cards"] = "cards"


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture of ours by its blob name, with the words for who cannot see it."""

    media: str
    alt: Words
    caption: Words | None = None
    kind: Literal["picture"] = "picture"


Called: TypeAlias = Literal["received", "submitted", "reference"]
"""What the number of a filing is: of one that is received, of one that will be, without a name."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """A filing was received. `code` is never stored and never shown by a messenger (S24).

    `proof` is the signed line that stands for the filing where the database has lost it (S13).
    """

    number: str
    text: Words
    due_on: str | None = None  # ISO date in Asia/Seoul; None without a name
    code: str | None = None
    spoken: Words | None = None  # the number as one reads it over the telephone
    options: tuple[Option, ...] = ()
    turn: int | None = None
    called: Called = "received"
    proof: str | None = None
    kind: Literal["receipt"] = "receipt"


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Go on at the agency's own page; `url` is filled in by who mints the one-time link."""

    text: Words
    url: str | None = None
    label: Words | None = None
    options: tuple[Option, ...] = ()
    turn: int | None = None
    step: str | None = None
    kind: Literal["elsewhere"] = "elsewhere"


@dataclass(frozen=True, slots=True)
class Block:
    """One part of a sheet, to be copied by itself: what it is, and the words."""

    label: Words
    text: Words


@dataclass(frozen=True, slots=True)
class Sheet:
    """Words to take away: each block can be copied, and all of them come as one text file.

    `file` is what the file is called, without anything that was told.
    """

    text: Words
    blocks: tuple[Block, ...]
    file: Words
    options: tuple[Option, ...] = ()
    turn: int | None = None
    step: str | None = None
    kind: Literal["sheet"] = "sheet"


@dataclass(frozen=True, slots=True)
class Part:
    """One piece of an issue: a case, a question, coming dates. `url` is where there is more.

    `picture` counts in the pictures of the issue.
    """

    title: Words
    text: Words = ""
    url: str | None = None
    picture: int | None = None


@dataclass(frozen=True, slots=True)
class News:
    """What goes to everybody who asked for it: the same words for all who read one language.

    `text` is the headline. `page` is where it stands in the archive; `options` have the one press
    that stops it.
    """

    number: str
    text: Words
    lead: Words = ""
    parts: tuple[Part, ...] = ()
    pictures: tuple[Picture, ...] = ()
    page: str | None = None
    options: tuple[Option, ...] = ()
    turn: int | None = None
    kind: Literal["news"] = "news"


Reply: TypeAlias = (
    Say | Ask | Page | Summary | Cards | Picture | Receipt | Elsewhere | Sheet | News
)

_codec: TypeAdapter[Reply] = TypeAdapter(Annotated[Reply, Field(discriminator="kind")])
_codecs: TypeAdapter[tuple[Reply, ...]] = TypeAdapter(
    tuple[Annotated[Reply, Field(discriminator="kind")], ...]
)


def dump(reply: Reply) -> bytes:
    """Give a reply as JSON, for the outbox."""
    return _codec.dump_json(reply, exclude_defaults=False)


def load(data: bytes) -> Reply:
    """Read a reply back; raises `pydantic.ValidationError` on anything else."""
    return _codec.validate_json(data)


def dump_all(replies: tuple[Reply, ...]) -> bytes:
    """Give the replies of one turn as JSON, for the inbox."""
    return _codecs.dump_json(replies)


def load_all(data: bytes) -> tuple[Reply, ...]:
    """Read the replies of one turn back."""
    return _codecs.validate_json(data)
