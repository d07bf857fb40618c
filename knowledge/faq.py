"""Answers to what people ask about the procedures, each with where it was read."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from knowledge.searching.documents import Document
from knowledge.sources import Link, link

if TYPE_CHECKING:
    from collections.abc import Mapping

_FILE = Path(__file__).parent / "data" / "faq" / "faq.toml"

VERIFIED = "확인"
"""The one word that says that the source was read and says so."""
CITIZENS, OFFICIALS = "시민", "공무원"
AUDIENCES = (CITIZENS, OFFICIALS)
PUBLISHED = "published"

LIKELY, LIKELIEST = 0.9, 0.95
"""How likely the first has to be the right one (`knowledge.searching.sureness`) to be told: where
most of what was said stands in it (`SAID`), and where less does."""
ASKED, SAID = 0.4, 0.6
"""And which share of what was said has to stand in it: of a clear question, and of words that are
none. A report is told, never asked, so it needs the most. Measured by `jeokgeuk bench answers` on
questions that no answer was written by."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer. `confidence` other than 확인 means that the office in charge must check it.

    `also` are other ways to ask it; `status` is draft, published or withdrawn.
    """

    ref: str
    question: str
    text: str
    source: tuple[str, ...]
    confidence: str
    audience: str
    category: str
    also: tuple[str, ...] = ()
    lang: str = "ko"
    status: str = PUBLISHED

    @property
    def verified(self) -> bool:
        return self.confidence == VERIFIED

    @property
    def links(self) -> tuple[Link, ...]:
        """Give the pages among its sources that may be opened."""
        return tuple(found for one in self.source if (found := link(one)))


@cache
def shipped() -> Mapping[str, Answer]:
    """Give the answers that come with the service by their refs, in the order of their file."""
    items = tomllib.loads(_FILE.read_text(encoding="utf-8"))["item"]
    answers = (
        Answer(
            item["id"],
            item["question"],
            item["answer"],
            tuple(item["source"]),
            item["confidence"],
            item["audience"],
            item["category"],
            tuple(item["also"]),
        )
        for item in items
    )
    return MappingProxyType({answer.ref: answer for answer in answers})


def document(answer: Answer) -> Document:
    """Give what of an answer is searched."""
    return Document(answer.ref, answer.question, answer.text, answer.also)
