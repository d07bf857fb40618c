"""What a person did, as values: the only things a dialog ever hears."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

Json: TypeAlias = "str | int | float | bool | list[Json] | dict[str, Json] | None"
Raw: TypeAlias = Json
"""An answer as it arrived: JSON values only, never checked yet."""


@dataclass(frozen=True, slots=True)
class Attached:
    """One file that came with a message; `ref` names it in our own storage, never at the vendor."""

    ref: str
    kind: Literal["photo", "document", "voice", "video", "sticker"]
    name: str = ""
    size: int = 0
    mime: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """Words that were typed."""

    text: str


@dataclass(frozen=True, slots=True)
class Press:
    """A button of the reply that was shown at `turn`."""

    turn: int
    index: int


@dataclass(frozen=True, slots=True)
class Command:
    """A command (`/report`, a deep link, a button of a notice); `arg` is what followed it."""

    name: str
    arg: str = ""


@dataclass(frozen=True, slots=True)
class Attach:
    """Files, an album counting as one message; `text` is the caption."""

    files: tuple[Attached, ...]
    text: str = ""


@dataclass(frozen=True, slots=True)
class Located:
    """A place on the map, in WGS 84 degrees."""

    lat: float
    lon: float


@dataclass(frozen=True, slots=True)
class Submit:
    """A page of fields at once: a group of steps, or a whole form."""

    turn: int
    answers: Mapping[str, Raw]


Event: TypeAlias = Answer | Press | Command | Attach | Located | Submit
