"""What search is measured with: passages, questions in several spellings, and made-up masses."""

import json
import random
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.services import library
from knowledge import cases
from knowledge.korean import FINALS, INITIALS, MEDIALS
from knowledge.search import Document

DATA = Path(__file__).parent / "data"
QUESTIONS, NOTHING = DATA / "questions.jsonl", DATA / "nothing.jsonl"
_ANSWERS = Path(cases.__file__).parent / "data" / "faq" / "faq.toml"
CLEAN = "clean"
_NO_SPELLING = {"id", "gold"}
_EACH = 8  # one typing error in so many letters
_SPACED = 0.3  # after so many letters a space, when spaces fall at random
_LEAST = 230  # letters of a made-up passage: as long as a case
_SENTENCE = re.compile(r"(?<=[.!?])\s+")
_FIRST, _LAST = 0xAC00, 0xD7A3
# Which keys lie beside each other (두벌식, KS X 5002).
_ROWS = ("ㅂㅈㄷㄱㅅㅛㅕㅑㅐㅔ", "ㅁㄴㅇㄹㅎㅗㅓㅏㅣ", "ㅋㅌㅊㅍㅠㅜㅡ")


@dataclass(frozen=True, slots=True)
class Question:
    """A question, the passages that answer it, and how it may be spelled."""

    id: str
    gold: frozenset[str]
    spellings: Mapping[str, str]


def shipped() -> tuple[Document, ...]:
    """Give what comes with the service: published cases and answers."""
    known = [one for one in cases.shipped().values() if one.status == "published"]
    return (*map(library.document, known), *_answers())


def _answers() -> Iterator[Document]:
    for one in tomllib.loads(_ANSWERS.read_text(encoding="utf-8"))["item"]:
        yield Document(one["id"], one["question"], one["answer"], tuple(one["also"]))


def passages(path: Path) -> tuple[Document, ...]:
    """Read passages: `{"id", "title", "text"}` on each line."""
    return tuple(
        Document(str(one["id"]), one.get("title") or "", one["text"]) for one in _lines(path)
    )


def questions(path: Path, seed: int | None = None) -> tuple[Question, ...]:
    """Read questions: `{"id", "gold": […], "clean": …}`, every other string being a spelling.

    With a `seed` the spellings are made of `clean`.
    """
    return tuple(
        Question(
            str(one["id"]),
            _right(one["gold"]),
            _given(one) if seed is None else spelled(one[CLEAN], f"{seed}:{one['id']}"),
        )
        for one in _lines(path)
    )


def shipped_questions(documents: Sequence[Document], seed: int) -> tuple[Question, ...]:
    """Give the questions about what is shipped; those about a case that is a draft are left out."""
    known = {one.key for one in documents}
    return tuple(one for one in questions(QUESTIONS, seed) if one.gold & known)


def nothing(path: Path = NOTHING) -> tuple[str, ...]:
    """Read questions that nothing answers."""
    return tuple(one[CLEAN] for one in _lines(path))


def _right(gold: object) -> frozenset[str]:
    return frozenset(map(str, gold)) if isinstance(gold, list) else frozenset({str(gold)})


def _given(one: Mapping[str, Any]) -> dict[str, str]:
    return {
        name: text
        for name, text in one.items()
        if name not in _NO_SPELLING and isinstance(text, str)
    }


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            if line.strip():
                yield json.loads(line)


def spelled(text: str, seed: str) -> dict[str, str]:
    """Give a question as people type it; the same for the same seed."""
    rng = random.Random(seed)
    slipped = typos(text, rng)
    return {
        CLEAN: text,
        "typo": slipped,
        "nospace": "".join(text.split()),
        "randspace": _spaced(text, rng),
        "both": "".join(slipped.split()),
    }


def typos(text: str, rng: random.Random) -> str:
    """Hit the key beside the right one once in eight letters, at least once."""
    signs = list(text)
    places = [place for place, sign in enumerate(signs) if _FIRST <= ord(sign) <= _LAST]
    for place in rng.sample(places, min(len(places), max(1, round(len(places) / _EACH)))):
        signs[place] = _slip(signs[place], rng)
    return "".join(signs)


def _slip(sign: str, rng: random.Random) -> str:
    code = ord(sign) - _FIRST
    parts = [code // 588, code % 588 // 28, code % 28]
    which = rng.randrange(3 if parts[2] else 2)
    letters = (INITIALS, MEDIALS, FINALS)[which]
    near = [one for one in _beside(letters[parts[which]]) if one in letters]
    parts[which] = letters.index(rng.choice(near)) if near else rng.randrange(len(letters))
    return chr(_FIRST + parts[0] * 588 + parts[1] * 28 + parts[2])


def _beside(letter: str) -> list[str]:
    for row, keys in enumerate(_ROWS):
        at = keys.find(letter)
        if at >= 0:
            rows = _ROWS[max(0, row - 1) : row + 2]
            near = [keys[max(0, at - 1) : at + 2] for keys in rows]
            return [one for one in "".join(near) if one != letter]
    return []


def _spaced(text: str, rng: random.Random) -> str:
    signs = "".join(text.split())
    return "".join(sign + " " * (rng.random() < _SPACED) for sign in signs).strip()


def recombined(documents: Sequence[Document], count: int, seed: int) -> Iterator[Document]:
    """Make so many passages of the sentences of given ones, drawn at random.

    Their words are those of the few, so a word stands in more of them than in real ones: slower
    to look up than what it stands for.
    """
    rng = random.Random(seed)
    sentences = [part for one in documents for part in _SENTENCE.split(one.body) if part]
    titles = [one.title for one in documents]
    for number in range(count):
        text = rng.choice(sentences)
        while len(text) < _LEAST:
            text = f"{text} {rng.choice(sentences)}"
        yield Document(str(number), rng.choice(titles), text)
