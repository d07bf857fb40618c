"""What somebody wants, from free words: a guess that only saves a menu, never an act.

Linear weights on runs of letters and syllables (`knowledge.pieces`), learned from the shipped
utterances by `knowledge.training` and kept as one file of numbers. Measured by
`jeokgeuk bench intents`; the figures are in docs/decisions/0023-what-somebody-wants.md.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np

from knowledge import patterns
from knowledge.pieces import pieces
from knowledge.slots import self_harm
from knowledge.utterances import ABUSE, utterances

__all__ = [
    "ABUSE",
    "Guess",
    "Model",
    "digest",
    "guess",
    "rank",
    "share",
    "shipped",
    "utterances",
    "weigh",
]

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from knowledge.pieces import Hashes

WEIGHTS = Path(__file__).parent / "data" / "intents" / "weights.npz"

Utterances: TypeAlias = "Mapping[str, Sequence[str]]"
Road: TypeAlias = Literal["answer", "ask", "menu"]

SURE = 0.996
"""From this share on a guess is taken without asking which of three. Of what was held out of
learning hardly any is wrong at half of it; of what others write far more is, so it lies where of
those, too, 95 in 100 were right. The rest is asked back."""
MAYBE = 0.25
"""Under this share it is none of the first three more often than not."""
CHOICES = 3


class Model:
    """Weights of the pieces, one column for each intent; nothing is kept of a text."""

    def __init__(
        self,
        names: Sequence[str],
        keys: Hashes,
        worth: NDArray[np.float32],
        weights: NDArray[np.int8],
        scale: NDArray[np.float32],
        base: NDArray[np.float32],
        times: float = 1.0,
        made_of: str = "",
    ) -> None:
        """`keys` rise; a weight is `weights` by the column's `scale`; `base` is added.

        `times` turns margins into shares; `made_of` is the digest of what was learned from.
        """
        self.names = tuple(names)
        self.times = times
        self.made_of = made_of
        self._keys, self._worth = keys, worth
        self._packed = weights, scale
        self._weights = weights.astype(np.float32) * scale
        self._base = base
        self._unknown = float(worth.max(initial=1.0))

    @classmethod
    def blank(cls, names: Sequence[str], keys: Hashes, worth: NDArray[np.float32]) -> Model:
        """Give a model that knows the pieces and has learned nothing."""
        none = np.zeros((keys.size, 0), np.int8)
        empty = np.zeros(0, np.float32)
        return cls(names, keys, worth.astype(np.float16).astype(np.float32), none, empty, empty)

    @classmethod
    def packed(
        cls,
        names: Sequence[str],
        keys: Hashes,
        worth: NDArray[np.float32],
        weights: NDArray[np.float64],
        base: NDArray[np.float64],
        times: float,
        made_of: str,
    ) -> Model:
        """Keep each weight as one byte."""
        scale = (np.abs(weights).max(axis=0) / 127).astype(np.float32)
        small = np.rint(weights / scale).astype(np.int8)
        worth = worth.astype(np.float16).astype(np.float32)
        return cls(names, keys, worth, small, scale, base.astype(np.float32), times, made_of)

    @classmethod
    def read(cls, file: Path) -> Model:
        """Read what `write` wrote."""
        with np.load(file, allow_pickle=False) as kept:
            return cls(
                tuple(str(name) for name in kept["names"]),
                kept["keys"],
                kept["worth"].astype(np.float32),
                kept["weights"],
                kept["scale"],
                kept["base"],
                float(kept["times"]),
                str(kept["made_of"]),
            )

    def write(self, file: Path) -> None:
        """Write the weights as numbers alone; the same weights give the same bytes."""
        weights, scale = self._packed
        with file.open("wb") as opened:
            np.savez_compressed(
                opened,
                names=np.array(self.names),
                keys=self._keys,
                worth=self._worth.astype(np.float16),
                weights=weights,
                scale=scale,
                base=self._base,
                times=np.array(self.times),
                made_of=np.array(self.made_of),
            )

    @property
    def size(self) -> int:
        """How many pieces are known."""
        return int(self._keys.size)

    def vector(self, views: tuple[Hashes, Hashes]) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
        """Give the known pieces by their places, each view as a vector of length one at most.

        What was never seen takes its part of the length: strange words make weak margins.
        """
        places, values = [], []
        for view in views:
            found, counts = np.unique(view, return_counts=True)
            at = np.searchsorted(self._keys, found)
            at[at == self._keys.size] = 0
            known = self._keys[at] == found if self.size else np.zeros(found.size, bool)
            value = 1 + np.log(counts)
            value = value * np.where(known, self._worth[at] if self.size else 0, self._unknown)
            length = float(np.sqrt((value * value).sum())) or 1.0
            places.append(at[known])
            values.append((value[known] / length).astype(np.float32))
        return np.concatenate(places), np.concatenate(values)

    def margins(self, text: str) -> NDArray[np.float64]:
        """Give how far a text lies on the side of each intent."""
        places, values = self.vector(pieces(text))
        return (values @ self._weights[places] + self._base).astype(np.float64)

    def shares(self, text: str) -> NDArray[np.float64]:
        """Give the intents' shares, which add up to one."""
        found: NDArray[np.float64] = share(self.margins(text), self.times)
        return found


def share(margins: NDArray[np.float64], times: float) -> Any:
    """Turn margins into shares that add up to one."""
    powers = np.exp(times * (margins - margins.max(axis=-1, keepdims=True)))
    return powers / powers.sum(axis=-1, keepdims=True)


def digest() -> str:
    """Name what is learned from, utterances and patterns, by its content."""
    given = [utterances(), *patterns.shipped()]
    plain = json.dumps(given, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(plain.encode()).hexdigest()


@cache
def shipped() -> Model:
    """Give the model that is shipped."""
    return Model.read(WEIGHTS)


@dataclass(frozen=True, slots=True)
class Guess:
    """What somebody may want: intents with their shares, likeliest first, and what to do.

    `answer`: the first is taken; `ask`: the first three are asked back; `menu`: nothing is clear.
    """

    road: Road
    ranked: tuple[tuple[str, float], ...]

    @property
    def top(self) -> str:
        return self.ranked[0][0]

    @property
    def choices(self) -> tuple[str, ...]:
        """What is asked back."""
        return tuple(name for name, _ in self.ranked[:CHOICES])


def rank(text: str, model: Model | None = None) -> list[tuple[str, float]]:
    """Give all intents, likeliest first, with shares that add up to one."""
    model = model or shipped()
    found = zip(model.names, model.shares(text).tolist(), strict=True)
    return sorted(found, key=lambda item: -item[1])


def weigh(text: str) -> Guess:
    """Say what somebody wants, which three it may be, or that nothing is clear.

    Whoever may think of ending his or her life is heard by rule, whatever the weights say.
    """
    ranked = tuple(rank(text))
    if self_harm(text):
        rest = ((name, 0.0) for name, _ in ranked if name != ABUSE)
        return Guess("answer", ((ABUSE, 1.0), *rest))
    best = ranked[0][1]
    if not any(sign.isalpha() for sign in text) or best < MAYBE:
        return Guess("menu", ranked)
    return Guess("answer" if best >= SURE else "ask", ranked)


def guess(text: str) -> tuple[str, float] | None:
    """Give the intent and its share, None if it is not clear."""
    found = weigh(text)
    return found.ranked[0] if found.road == "answer" else None
