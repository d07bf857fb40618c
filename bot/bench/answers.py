"""How often a question is answered rightly, wrongly or honestly not, and whether reports are let be.

The questions are those of the search (`questions.jsonl`): no answer was written by them. The
thresholds were chosen by the even ones; the odd ones are the figures that count. `others` are
questions about cases, beside what an answer says, and about nothing that is known here: there a
plain "I do not know" is right. `telling` are words of somebody who tells or wants something done: no answer may stand in
the way of that, whatever it says.
"""

import json
import tomllib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import knowledge
from bot.receive.ready import guess
from bot.services.answers import Answers
from knowledge.slots import is_question

_DATA = Path(__file__).parent / "data"
_SPOKEN = Path(knowledge.__file__).parent / "data" / "intents" / "utterances"
TELLING = ("report_passive", "supplement_submit", "withdraw", "abuse_or_threat")
"""Intents of somebody who tells something or wants something done."""


def measure(*, telling: bool = True) -> dict[str, Any]:
    """Measure the shipped answers and terms; without `telling` in a second."""
    known = Answers()
    asked = [(one["clean"], _gold(one["gold"])) for one in _lines("questions.jsonl")]
    ours = [one for one in asked if one[1]]
    beside = [one["clean"] for one in _lines("beside.jsonl")]
    nothing = [one["clean"] for one in _lines("nothing.jsonl")]
    spoken = _utterances() if telling else {}
    return {
        "answers": len(known.shipped()),
        "even": _asked(known, ours[::2]),
        "odd": _asked(known, ours[1::2]),
        "others": {
            "cases": _other(known, (text for text, gold in asked if not gold)),
            "beside": _other(known, beside),
            "nothing": _other(known, nothing),
        },
        "telling": {name: _told(known, texts) for name, texts in spoken.items()},
    }


def _asked(known: Answers, asked: Iterable[tuple[str, frozenset[str]]]) -> dict[str, Any]:
    counts = dict.fromkeys(("right", "wrong", "term", "near_right", "near_wrong", "not_known"), 0)
    for text, gold in asked:
        found = known.ask(text)
        if found.answer is not None:
            counts["right" if found.answer.ref in gold else "wrong"] += 1
        elif found.term is not None:
            counts["term"] += 1
        elif found.near:
            refs = {one.ref for one in found.near}
            counts["near_right" if refs & gold else "near_wrong"] += 1
        else:
            counts["not_known"] += 1
    return _shares(counts)


def _other(known: Answers, texts: Iterable[str]) -> dict[str, Any]:
    """Count what is said to questions that no answer fits: anything but not_known is wrong."""
    counts = dict.fromkeys(("wrong", "term", "near_wrong", "not_known"), 0)
    for text in texts:
        found = known.ask(text)
        kind = "wrong" if found.answer else "term" if found.term else "near_wrong"
        counts[kind if found else "not_known"] += 1
    return _shares(counts)


def _told(known: Answers, texts: list[str]) -> dict[str, Any]:
    """Count answers to what is no question, and those that stand before what is wanted."""
    told = [text for text in texts if not is_question(text)]
    answered = [text for text in told if known.ask(text).answer or known.ask(text).term]
    before = [text for text in answered if guess(text) is None]
    return {"said": len(told), "answered": len(answered), "in_the_way": len(before)}


def _shares(counts: dict[str, int]) -> dict[str, Any]:
    total = sum(counts.values())
    shares = {f"{name}_share": round(n / total, 3) for name, n in counts.items() if total}
    return {"asked": total, **counts, **shares}


def _gold(keys: Iterable[str]) -> frozenset[str]:
    return frozenset(key for key in keys if key.startswith("F"))


def _lines(name: str) -> list[dict[str, Any]]:
    text = (_DATA / name).read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines() if line.strip()]


def _utterances() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {name: [] for name in TELLING}
    for path in sorted(_SPOKEN.glob("*.toml")):
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        for name in TELLING:
            found[name] += table.get(name, [])
    return found


def show(found: dict[str, Any], say: Callable[[str], None]) -> None:
    """Write the figures as lines."""
    for half in ("even", "odd"):
        one = found[half]
        say(
            f"{half}: {one['asked']}개 가운데 맞게 {one['right']}, 틀리게 {one['wrong']}, 낱말 뜻 "
            f"{one['term']}, 되물음에 있음 {one['near_right']}, 되물음에 없음 {one['near_wrong']}, "
            f"모른다고 함 {one['not_known']}"
        )
    for name, one in found["others"].items():
        say(
            f"{name}: {one['asked']}개 가운데 잘못 답함 {one['wrong']}, 되물음 {one['near_wrong']}"
        )
    for name, one in found["telling"].items():
        say(f"{name}: {one['said']}개 가운데 답 {one['answered']}, 길을 막음 {one['in_the_way']}")
