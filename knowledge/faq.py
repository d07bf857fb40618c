"""Answers to what people ask about the procedure itself, each with where it was read."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from knowledge.likeness import Nearest

_FILE = Path(__file__).parent / "data" / "faq" / "faq.toml"

# Below this likeness an answer is more often beside the point than not.
THRESHOLD = 0.4
SURE = "확인"


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer. `confidence` other than 확인 means that the office in charge must check it."""

    id: str
    question: str
    text: str
    source: tuple[str, ...]
    confidence: str
    audience: str
    category: str

    @property
    def verified(self) -> bool:
        return self.confidence == SURE


@cache
def every() -> tuple[Answer, ...]:
    """Give all answers, in the order of their file."""
    return tuple(answer for answer, _ in _items())


@cache
def _items() -> tuple[tuple[Answer, tuple[str, ...]], ...]:
    items = tomllib.loads(_FILE.read_text(encoding="utf-8"))["item"]
    return tuple(
        (
            Answer(
                item["id"],
                item["question"],
                item["answer"],
                tuple(item["source"]),
                item["confidence"],
                item["audience"],
                item["category"],
            ),
            (item["question"], *item["also"]),
        )
        for item in items
    )


@cache
def _index() -> tuple[Nearest, tuple[Answer, ...]]:
    asked = [(text, answer) for answer, texts in _items() for text in texts]
    return Nearest([text for text, _ in asked]), tuple(answer for _, answer in asked)


def answer(text: str, threshold: float = THRESHOLD) -> Answer | None:
    """Give the answer to a question, None if none is near enough."""
    nearest, answers = _index()
    found = nearest.find(text)
    if found is None or found[1] < threshold:
        return None
    return answers[found[0]]
