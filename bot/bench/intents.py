"""How well it is understood what somebody wants, beside two others in the same run."""

import json
import math
import time
import tomllib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from knowledge import intents
from knowledge.likeness import Nearest

UNTOUCHED = Path(__file__).parent / "data" / "intents_untouched.json"
"""Nothing is learned or tuned on these; what is read of them are the figures below alone."""

TUNING = UNTOUCHED.with_name("intents_tuning.toml")
"""The thresholds are looked at with these; nothing is learned from them."""

Ranked = Sequence[tuple[str, float]]
Rank = Callable[[str], Ranked]


class Unreadable(Exception):  # noqa: N818 - it is an answer, not an accident
    """A file is no set of utterances; says why, in Korean."""


@dataclass(frozen=True, slots=True)
class Asked:
    """An utterance, what is meant by it, and how it is spoken, if that is said."""

    text: str
    intent: str
    style: str = ""


def kept_apart() -> list[str]:
    """Give what is measured with: nothing of it may be learned from."""
    items = json.loads(UNTOUCHED.read_text(encoding="utf-8"))["items"]
    tuning = tomllib.loads(TUNING.read_text(encoding="utf-8"))
    return [one["utterance"] for one in items] + [t for texts in tuning.values() for t in texts]


def read(file: Path) -> list[Asked]:
    """Read `{"items": [{"utterance", "intent", "style"}]}` or TOML of `intent = [utterances]`.

    Raises Unreadable: the file is neither, or names an intent that nobody knows.
    """
    try:
        text = file.read_text(encoding="utf-8")
        if file.suffix == ".toml":
            table = tomllib.loads(text)
            found = [Asked(said, name) for name, texts in table.items() for said in texts]
        else:
            given = json.loads(text)
            items = given["items"]
            found = [Asked(i["utterance"], i["intent"], i.get("style", "")) for i in items]
    except (ValueError, KeyError, TypeError) as wrong:
        raise Unreadable(f"{file.name}: 읽을 수 없는 꼴입니다") from wrong
    strange = sorted({one.intent for one in found} - set(intents.shipped().names))
    if strange or not found:
        raise Unreadable(f"{file.name}: 모르는 뜻이거나 빈 파일입니다 {', '.join(strange)}")
    return found


def measure(asked: Sequence[Asked]) -> dict[str, Any]:
    """Measure all; `rows` are the shipped model and its peers, the rest is of the shipped one."""
    intents.shipped()
    ours = [(one, intents.weigh(one.text)) for one in asked]
    took = sorted(_seconds(one.text) for one in asked)
    return {
        "utterances": len(asked),
        "rows": [
            _row("적극톡", asked, lambda text: intents.weigh(text).ranked),
            _row("가장 비슷한 말 하나", asked, _nearest()),
            _row("가장 많은 뜻", asked, _majority(asked)),
        ],
        "threshold": intents.SURE,
        "lower_threshold": intents.MAYBE,
        **_roads(ours),
        "styles": _styles(ours),
        "intents": _each(ours),
        "confusion": _confusion(ours),
        "cpu_p50_ms": _at(took, 0.5) * 1000,
        "cpu_p95_ms": _at(took, 0.95) * 1000,
    }


def _seconds(text: str) -> float:
    """Give the time of the processor: others may work on the same machine."""
    start = time.thread_time()
    intents.weigh(text)
    return time.thread_time() - start


def _at(sorted_values: Sequence[float], share: float) -> float:
    return sorted_values[max(0, math.ceil(len(sorted_values) * share) - 1)]


def _row(name: str, asked: Sequence[Asked], rank: Rank) -> dict[str, Any]:
    found = [(one.intent, [intent for intent, _ in rank(one.text)[:3]]) for one in asked]
    return {
        "name": name,
        "accuracy": _share(top[0] == wanted for wanted, top in found),
        "top3": _share(wanted in top for wanted, top in found),
        "macro_f1": macro_f1([(wanted, top[0]) for wanted, top in found]),
    }


def _share(given: Iterable[bool]) -> float:
    all_ = list(given)
    return sum(all_) / len(all_) if all_ else 0.0


def macro_f1(pairs: Sequence[tuple[str, str]]) -> float:
    """Give the mean over the intents that were wanted of F1 (van Rijsbergen 1979)."""
    wanted = Counter(name for name, _ in pairs)
    said = Counter(name for _, name in pairs)
    right = Counter(name for name, found in pairs if name == found)
    return sum(2 * right[name] / (wanted[name] + said[name]) for name in wanted) / len(wanted)


def _nearest() -> Rank:
    """Give the intents of the most alike shipped utterances."""
    shipped = [(text, name) for name, texts in intents.utterances().items() for text in texts]
    nearest = Nearest([text for text, _ in shipped])

    def rank(text: str) -> Ranked:
        found = [(shipped[at][1], like) for at, like in nearest.several(text, 20)]
        first = dict(reversed(found))
        return sorted(first.items(), key=lambda one: -one[1]) or [("", 0.0)]

    return rank


def _majority(asked: Sequence[Asked]) -> Rank:
    """Give the intents that are wanted most, whatever was said."""
    most = Counter(one.intent for one in asked).most_common(3)
    return lambda _text: [(name, 0.0) for name, _ in most]


def _roads(found: Sequence[tuple[Asked, intents.Guess]]) -> dict[str, Any]:
    """Tell what is answered, asked back and led to the menu, and how often rightly."""
    taken = [(one, guess) for one, guess in found if guess.road == "answer"]
    back = [(one, guess) for one, guess in found if guess.road == "ask"]
    return {
        "answered": len(taken) / len(found),
        "precision": _share(guess.top == one.intent for one, guess in taken),
        "asked_back": len(back) / len(found),
        "right_among_asked_back": _share(one.intent in guess.choices for one, guess in back),
        "menu": 1 - (len(taken) + len(back)) / len(found),
    }


def _styles(found: Sequence[tuple[Asked, intents.Guess]]) -> dict[str, dict[str, float]]:
    ordered = sorted((one for one in found if one[0].style), key=lambda one: one[0].style)
    return {
        style: {"utterances": len(some), **_right(some), **_roads(some)}
        for style, some in (
            (style, list(group)) for style, group in groupby(ordered, lambda one: one[0].style)
        )
    }


def _right(found: Sequence[tuple[Asked, intents.Guess]]) -> dict[str, float]:
    return {
        "accuracy": _share(guess.top == one.intent for one, guess in found),
        "top3": _share(one.intent in guess.choices for one, guess in found),
    }


def _each(found: Sequence[tuple[Asked, intents.Guess]]) -> dict[str, dict[str, float]]:
    """Give precision and recall of each intent."""
    wanted = Counter(one.intent for one, _ in found)
    said = Counter(guess.top for _, guess in found)
    right = Counter(one.intent for one, guess in found if guess.top == one.intent)
    return {
        name: {
            "utterances": wanted[name],
            "precision": right[name] / said[name] if said[name] else 0.0,
            "recall": right[name] / wanted[name],
        }
        for name in sorted(wanted)
    }


def _confusion(found: Sequence[tuple[Asked, intents.Guess]]) -> dict[str, dict[str, int]]:
    """Count what was said for what was wanted."""
    counted: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for one, guess in found:
        counted[one.intent][guess.top] += 1
    return {name: dict(counted[name].most_common()) for name in sorted(counted)}


def show(found: Mapping[str, Any]) -> None:
    """Print the figures as tables for people."""
    console = Console()
    table = Table(title=f"말 {found['utterances']}개")
    for column in ("", "맞음", "셋 안에", "macro-F1"):
        table.add_column(column)
    for row in found["rows"]:
        figures = (f"{row[name]:.3f}" for name in ("accuracy", "top3", "macro_f1"))
        table.add_row(row["name"], *figures)
    console.print(table)
    console.print(
        f"묻지 않고 답함({found['threshold']:.2f} 이상) {found['answered']:.3f}, "
        f"그 가운데 맞음 {found['precision']:.3f} · 셋을 되물음 {found['asked_back']:.3f}, "
        f"그 안에 있음 {found['right_among_asked_back']:.3f} · 메뉴 {found['menu']:.3f}"
    )
    for style, one in found["styles"].items():
        console.print(f"{style}: {one['utterances']}개, 맞음 {one['accuracy']:.3f}")
    console.print(
        f"한 마디에 CPU 시간 p50 {found['cpu_p50_ms']:.2f} ms · p95 {found['cpu_p95_ms']:.2f} ms"
    )
    wrong = [
        (count, wanted, said)
        for wanted, row in found["confusion"].items()
        for said, count in row.items()
        if said != wanted
    ]
    for count, wanted, said in sorted(wrong, reverse=True)[:10]:
        console.print(f"{wanted} → {said}: {count}")
