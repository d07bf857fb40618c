"""How others find the same passages: the same questions, the same run."""

import importlib.util
import sqlite3
from collections.abc import Callable, Sequence

from rapidfuzz import fuzz, process

Rank = Callable[[str], list[str]]
"""Gives the keys of the ten best."""
MOST = 10


def missing(*modules: str) -> bool:
    return any(importlib.util.find_spec(one) is None for one in modules)


def bm25s_of(keys: Sequence[str], texts: Sequence[str], apart: Callable[[str], list[str]]) -> Rank:
    """BM25 as bm25s has it, on given tokens."""
    import bm25s  # noqa: PLC0415 - only where it is installed

    words = [apart(text) for text in texts]
    index = bm25s.BM25(k1=1.2, b=0.75)
    index.index(words, show_progress=False)
    known = {word for one in words for word in one}

    def rank(text: str) -> list[str]:
        asked = [word for word in apart(text) if word in known]
        if not asked:
            return []
        found, scores = index.retrieve([asked], k=min(MOST, len(keys)), show_progress=False)
        return [keys[at] for at, score in zip(found[0], scores[0], strict=True) if score > 0]

    return rank


def fts5(keys: Sequence[str], texts: Sequence[str]) -> Rank:
    """SQLite FTS5 as it comes (unicode61), any of the words, ranked by its bm25."""
    base = sqlite3.connect(":memory:")
    base.execute("CREATE VIRTUAL TABLE passages USING fts5(text, tokenize='unicode61')")
    base.executemany("INSERT INTO passages(rowid, text) VALUES (?, ?)", enumerate(texts))
    select = "SELECT rowid FROM passages WHERE passages MATCH ? ORDER BY bm25(passages) LIMIT ?"

    def rank(text: str) -> list[str]:
        words = ["".join(sign for sign in word if sign.isalnum()) for word in text.split()]
        asked = " OR ".join(f'"{word}"' for word in words if word)
        if not asked:
            return []
        return [keys[row] for (row,) in base.execute(select, (asked, MOST))]

    return rank


def fuzzy(keys: Sequence[str], texts: Sequence[str], name: str) -> Rank:
    """`rapidfuzz` alone: every passage is compared."""
    scorer = getattr(fuzz, name)

    def rank(text: str) -> list[str]:
        found = process.extract(text, texts, scorer=scorer, limit=MOST)
        return [keys[at] for _, score, at in found if score > 0]

    return rank
