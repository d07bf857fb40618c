"""What search finds beside others in the same run, how sure it is, how fast and how large."""

import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bot.bench import search_sets as sets
from bot.bench import search_speed as speed
from bot.bench.peers import searching as peers
from bot.bench.search_sets import Question
from knowledge.search import CaseIndex, Document
from knowledge.searching import morphemes

OURS = "적극톡"
SAMPLE = 100
"""So many questions for those who compare every passage: a hundred times as slow."""
MOST = 10

Rank = Callable[[str], list[str]]


def measure(
    passages: Path | None,
    questions: Path | None,
    sizes: Sequence[int],
    *,
    kiwi: bool,
    seed: int,
) -> dict[str, Any]:
    """Measure all; without a set of one's own the shipped one and its questions."""
    documents = sets.passages(passages) if passages else sets.shipped()
    asked = sets.questions(questions) if questions else sets.shipped_questions(documents, seed)
    rows, absent = [], []
    for name, build, few in _systems(documents, kiwi=kiwi):
        rank = build()
        if rank is None:
            absent.append(name)
            continue
        some = asked[:: max(1, len(asked) // SAMPLE)] if few else asked
        rows.append({"name": name, **_row(rank, some)})
    found: dict[str, Any] = {
        "documents": len(documents),
        "questions": len(asked),
        "seed": seed,
        "rows": rows,
        "missing": absent,
    }
    if not passages:
        index = CaseIndex.build(documents)
        # How sure it is was learnt from the first half; the second is the one to believe.
        found["sure"] = [
            {"learnt_from": not half, "spelling": name}
            | _sure(index, asked[half::2], sets.nothing()[half::2], name)
            for half in (0, 1)
            for name in (sets.CLEAN, "typo", "both")
        ]
        found["first_answer_s"] = speed.first_answer()
    found["sizes"] = [speed.of_size(size, seed) for size in sizes]
    return found


def _systems(
    documents: Sequence[Document], *, kiwi: bool
) -> list[tuple[str, Callable[[], Rank | None], bool]]:
    """Give every system by name, what builds it (None: not installed), whether few are asked."""
    keys = [one.key for one in documents]
    texts = ["\n".join((one.title, *one.variants, one.body)) for one in documents]
    bare = kiwi and morphemes.installed()

    def ours(words: bool) -> Rank:
        index = CaseIndex.build(documents, words=morphemes.morphemes if words else None)
        return lambda text: index.rank(text, MOST)

    def with_bm25s(apart: Callable[[str], list[str]], *needed: str) -> Rank | None:
        if peers.missing("bm25s", *needed):
            return None
        return peers.bm25s_of(keys, texts, apart)

    def words_of(text: str) -> list[str]:
        return list(morphemes.morphemes(text))

    return [
        (OURS, lambda: ours(words=False), False),
        *([(f"{OURS} + Kiwi", lambda: ours(words=True) if bare else None, False)] if kiwi else []),
        ("bm25s, whitespace", lambda: with_bm25s(str.split), False),
        *([("bm25s, Kiwi", lambda: with_bm25s(words_of, "kiwipiepy"), False)] if kiwi else []),
        ("SQLite FTS5 (unicode61)", lambda: peers.fts5(keys, texts), False),
        ("rapidfuzz token_set_ratio", lambda: peers.fuzzy(keys, texts, "token_set_ratio"), True),
        ("rapidfuzz WRatio", lambda: peers.fuzzy(keys, texts, "WRatio"), True),
    ]


def _row(rank: Rank, asked: Sequence[Question]) -> dict[str, Any]:
    """Measure one system in every spelling, and how long it takes to answer as it is spelled right."""
    names = dict.fromkeys(name for one in asked for name in one.spellings)
    clean = [next(iter(one.spellings.values())) for one in asked if one.spellings]
    return {
        "questions": len(asked),
        **speed.latency(rank, clean),
        "spellings": {
            name: scores(
                [(rank(one.spellings[name]), one.gold) for one in asked if name in one.spellings]
            )
            for name in names
        },
    }


def scores(ranked: Sequence[tuple[Sequence[str], frozenset[str]]]) -> dict[str, float]:
    """Give how well what was found fits what is right.

    recall@k: the share of questions with a right one among the first k. MRR: one by the place of
    the first right one. nDCG: Järvelin and Kekäläinen 2002, every right one counting the same.
    """
    sums = {"recall@1": 0.0, "recall@5": 0.0, "mrr@10": 0.0, "ndcg@10": 0.0}
    for found, gold in ranked:
        right = [place for place, one in enumerate(found[:MOST]) if one in gold]
        if not right:
            continue
        sums["recall@1"] += right[0] < 1
        sums["recall@5"] += right[0] < 5
        sums["mrr@10"] += 1 / (right[0] + 1)
        ideal = sum(_gain(place) for place in range(min(len(gold), MOST)))
        sums["ndcg@10"] += sum(map(_gain, right)) / ideal
    return {name: value / max(1, len(ranked)) for name, value in sums.items()}


def _gain(place: int) -> float:
    return 1 / math.log2(place + 2)


def _sure(
    index: CaseIndex, asked: Sequence[Question], nothing: Sequence[str], name: str
) -> dict[str, float]:
    """Tell how often it is sure, how often rightly, and what it says to what nothing answers."""
    found = [(index.search(one.spellings[name]), one.gold) for one in asked]
    sure = [one.hits[0].key in gold for one, gold in found if one.hits]
    near = [any(hit.key in gold for hit in one.near) for one, gold in found if one.near]
    wrongly = [index.search(text) for text in nothing]
    return {
        "questions": len(asked),
        "answered": len(sure) / len(asked),
        "right": sum(sure) / max(1, len(sure)),
        "asked_back": len(near) / len(asked),
        "right_among_asked_back": sum(near) / max(1, len(near)),
        "nothing": len(nothing),
        "nothing_answered": sum(bool(one.hits) for one in wrongly) / len(nothing),
        "nothing_asked_back": sum(bool(one.near) for one in wrongly) / len(nothing),
    }


def show(found: Mapping[str, Any]) -> None:
    """Print the figures as tables for people."""
    console = Console()
    table = Table(title=f"{found['documents']} documents, {found['questions']} questions")
    names = list(found["rows"][0]["spellings"])
    for column in ("R@1 / nDCG@10", *names, "p50 ms", "p95 ms", "CPU"):
        table.add_column(column)
    for row in found["rows"]:
        cells = [
            f"{row['spellings'][name]['recall@1']:.3f} / {row['spellings'][name]['ndcg@10']:.3f}"
            for name in names
        ]
        table.add_row(
            row["name"],
            *cells,
            f"{row['p50_ms']:.2f}",
            f"{row['p95_ms']:.2f}",
            f"{row['cpu_p95_ms']:.2f}",
        )
    console.print(table)
    for name in found["missing"]:
        console.print(f"not installed: {name}")
    for one in (*found.get("sure", ()), *found["sizes"]):
        console.print({k: v if isinstance(v, str) else round(v, 3) for k, v in one.items()})
    if "first_answer_s" in found:
        console.print(f"first answer after {found['first_answer_s']:.2f} s")
