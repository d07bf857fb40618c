"""What can be found, and what a question found: without numpy, which only who searches loads."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from knowledge.lexicon import Meant

Tag = str | int


@dataclass(frozen=True, slots=True)
class Document:
    """What can be found. `variants` are other ways to say the title: questions, keywords."""

    key: str
    title: str
    body: str
    variants: tuple[str, ...] = ()
    tags: Mapping[str, Tag] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Hit:
    """One that fits. `score` is the share of what was asked that stands in it, 0 to 1."""

    key: str
    score: float


@dataclass(frozen=True, slots=True)
class Found:
    """What a question found: `hits` when it is sure, `near` ("혹시 이것을 찾으셨나요?") when not.

    One of the two is always empty; both are, when nothing fits. `meant` is what was also looked
    for, because an everyday word stood in the question; `chance` how likely the first is right.
    """

    hits: tuple[Hit, ...] = ()
    near: tuple[Hit, ...] = ()
    meant: tuple[Meant, ...] = ()
    chance: float = 0.0

    @property
    def best(self) -> Hit | None:
        """Give the first, sure or not."""
        return next(iter(self.hits or self.near), None)
