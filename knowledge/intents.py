"""What somebody wants, from free words: a guess that only saves a menu, never an act.

Complement naive Bayes on runs of letters, beside a list of words that point to an intent.
Measured in tests/knowledge/test_intents.py.
"""

from __future__ import annotations

import math
import re
import tomllib
from collections import defaultdict
from functools import cache
from pathlib import Path

from knowledge.likeness import Weights, grams, softmax
from knowledge.slots import signals

_DATA = Path(__file__).parent / "data" / "intents"

ABUSE = "abuse_or_threat"
_SMOOTHING = 0.2
_CUE = 2.5
# Under this share the guess is more often wrong than a menu is tiresome.
THRESHOLD = 0.5
# Under this familiarity there is nothing to guess from, unless a cue was found.
_FAMILIAR = 0.25


class Model:
    """Learns from utterances by intent; everything is counted, nothing is kept of a text."""

    def __init__(self, utterances: dict[str, list[str]]) -> None:
        documents = [(name, grams(text)) for name, texts in utterances.items() for text in texts]
        self._weights = Weights([document for _, document in documents])
        self._whole: defaultdict[str, float] = defaultdict(float)
        self._own = {name: defaultdict[str, float](float) for name in utterances}
        for name, document in documents:
            for gram, value in self._weights.vector(document).items():
                self._whole[gram] += value
                self._own[name][gram] += value
        self._names_of: defaultdict[str, list[str]] = defaultdict(list)
        for name, own in self._own.items():
            for gram in own:
                self._names_of[gram].append(name)
        total = sum(self._whole.values())
        vocabulary = _SMOOTHING * len(self._whole)
        self._rest = {
            name: math.log(total - sum(own.values()) + vocabulary)
            for name, own in self._own.items()
        }
        logs = {gram: math.log(whole + _SMOOTHING) for gram, whole in self._whole.items()}
        self._scale = {name: self._length(name, logs) for name in self._own}

    def _length(self, name: str, logs: dict[str, float]) -> float:
        """Bring intents with many and with few utterances to the same scale."""
        rest = self._rest[name]
        size = sum(abs(rest - log) for log in logs.values())
        for gram, value in self._own[name].items():  # the few where taking it out changes the log
            without = math.log(max(0.0, self._whole[gram] - value) + _SMOOTHING)
            size += abs(rest - without) - abs(rest - logs[gram])
        return len(self._whole) / size

    def familiar(self, text: str) -> float:
        """Give how much of a text was ever seen, 0 to 1."""
        worth = self._weights.vector(grams(text))
        return sum(value * value for gram, value in worth.items() if gram in self._whole)

    def scores(self, text: str) -> dict[str, float]:
        """Give how far each intent lies from the middle, in standard deviations."""
        base, adjust, known = 0.0, dict.fromkeys(self._own, 0.0), 0.0
        for gram, value in self._weights.vector(grams(text), known=True).items():
            whole = self._whole[gram]
            base += value * math.log(whole + _SMOOTHING)
            known += value
            for name in self._names_of[gram]:
                rest = math.log(max(0.0, whole - self._own[name][gram]) + _SMOOTHING)
                adjust[name] += value * (math.log(whole + _SMOOTHING) - rest)
        raw = {
            name: self._scale[name] * (self._rest[name] * known - base + adjust[name])
            for name in self._own
        }
        middle = sum(raw.values()) / len(raw)
        spread = math.sqrt(sum((value - middle) ** 2 for value in raw.values()) / len(raw)) or 1.0
        return {name: (value - middle) / spread for name, value in raw.items()}


@cache
def _cues() -> dict[str, re.Pattern[str]]:
    table = tomllib.loads((_DATA / "cues.toml").read_text(encoding="utf-8"))
    return {name: re.compile(pattern) for name, pattern in table.items()}


def cued(text: str) -> frozenset[str]:
    """Give the intents that certain words point to."""
    close = "".join(text.lower().split())
    found = {name for name, pattern in _cues().items() if pattern.search(close)}
    if signals(text) & {"abuse", "self_harm", "danger"}:
        found.add(ABUSE)
    return frozenset(found)


@cache
def utterances() -> dict[str, list[str]]:
    """Give the shipped utterances by intent."""
    return tomllib.loads((_DATA / "utterances.toml").read_text(encoding="utf-8"))


@cache
def _model() -> Model:
    return Model(utterances())


def rank(text: str, model: Model | None = None) -> list[tuple[str, float]]:
    """Give all intents, likeliest first, with shares that add up to one."""
    cues = cued(text)
    scores = (model or _model()).scores(text)
    shares = softmax({name: s + (_CUE if name in cues else 0.0) for name, s in scores.items()})
    return sorted(shares.items(), key=lambda item: -item[1])


def guess(text: str, threshold: float = THRESHOLD) -> tuple[str, float] | None:
    """Give the intent and its share, None if it is not clear or nothing was said."""
    if not any(sign.isalnum() for sign in text) or len(text) > 300:
        return None
    if not cued(text) and _model().familiar(text) < _FAMILIAR:
        return None
    name, share = rank(text)[0]
    return (name, share) if share >= threshold else None
