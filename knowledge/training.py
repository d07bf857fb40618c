"""Learns the weights of the intents from the shipped utterances; the only part with scikit-learn.

One linear rule for each intent (a support vector machine, one against the rest) on the pieces of
a text, then one temperature that turns margins into shares. Learned also from copies without
spaces, with typing errors and with loose endings, because people write so, and from sentences
that are put together from parts (`knowledge.patterns`).
"""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from knowledge import noise, patterns
from knowledge.intents import Model, digest, share
from knowledge.korean import fold
from knowledge.pieces import pieces

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence

    from numpy.typing import NDArray

    from knowledge.intents import Utterances
    from knowledge.pieces import Hashes

SEED = 20261122
FOLDS = 5
KEPT = 60_000
"""Pieces that are kept: what weighs least is left out, so that the file stays small."""
_SEEN = 2  # a piece of one utterance alone says who wrote it, not what is wanted
_C = 0.5
PUT_TOGETHER = 300
"""Sentences put together for each intent."""
_LIGHTER = 0.5  # what a sentence put together weighs beside one that somebody wrote
_STEPS = np.geomspace(0.5, 12.0, 60)

Pair = tuple[str, str]


class NotInstalledError(Exception):
    """scikit-learn is missing: it belongs to the extra `train`."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What was held out of learning: the intents' numbers, and each one's margins."""

    wanted: NDArray[np.int64]
    margins: NDArray[np.float64]


def train(
    utterances: Utterances,
    step: Callable[[int, int], None] = lambda _done, _of: None,
    without: Collection[str] = (),
) -> tuple[Model, Measured]:
    """Learn from all utterances; the temperature from those held out, fold by fold.

    `step(done, of)` is told after each of the models that are learned. What is measured with,
    `without`, is not learned from. Raises NotInstalledError.
    """
    pairs = written(utterances, without)
    beside = put_together(without)
    names = tuple(sorted(utterances))
    held = held_out(pairs, names, beside, lambda done: step(done, FOLDS + 1))
    model = fit(pairs, names, beside, temperature(held), digest())
    step(FOLDS + 1, FOLDS + 1)
    return model, held


def written(utterances: Utterances, without: Collection[str] = ()) -> list[Pair]:
    """Give the utterances with their intents, without those that are measured with."""
    not_these = {fold(text) for text in without}
    pairs = [(text, name) for name, texts in utterances.items() for text in texts]
    return [pair for pair in pairs if fold(pair[0]) not in not_these]


def put_together(without: Collection[str] = ()) -> list[Pair]:
    """Give the sentences made of parts with their intents; the same ones every time."""
    chance = random.Random(SEED)  # noqa: S311
    parts, frames = patterns.shipped()
    made = {
        name: patterns.spoken(parts, frames[name], PUT_TOGETHER, chance) for name in sorted(frames)
    }
    return written(made, without)


def held_out(
    pairs: Sequence[Pair],
    names: Sequence[str],
    beside: Sequence[Pair] = (),
    step: Callable[[int], None] = lambda _done: None,
) -> Measured:
    """Give what models say of utterances that they did not learn from."""
    order = list(range(len(pairs)))
    random.Random(SEED).shuffle(order)  # noqa: S311 - the same folds every time
    wanted, margins = [], []
    for part in range(FOLDS):
        learned = [pairs[at] for place, at in enumerate(order) if place % FOLDS != part]
        model = fit(learned, names, beside)
        for at in order[part::FOLDS]:
            text, name = pairs[at]
            wanted.append(names.index(name))
            margins.append(model.margins(text))
        step(part + 1)
    return Measured(np.array(wanted), np.array(margins))


def temperature(held: Measured) -> float:
    """Give what margins are multiplied with so that shares are as often right as they say."""

    def loss(times: float) -> float:
        given = share(held.margins, times)[np.arange(held.wanted.size), held.wanted]
        return float(-np.log(np.maximum(given, 1e-12)).mean())

    return float(min(_STEPS, key=loss))


def fit(
    pairs: Sequence[Pair],
    names: Sequence[str],
    beside: Sequence[Pair] = (),
    times: float = 1.0,
    made_of: str = "",
) -> Model:
    """Learn the weights from utterances and their noisy copies, and from what lies beside.

    Raises NotInstalledError.
    """
    try:
        from scipy.sparse import csr_matrix  # noqa: PLC0415 - an extra
        from sklearn.svm import LinearSVC  # noqa: PLC0415
    except ImportError as missing:
        raise NotInstalledError from missing
    copied = _copies(pairs)
    said, copies, made = ([pieces(text) for text, _ in some] for some in (pairs, copied, beside))
    wanted = np.array([names.index(name) for _, name in (*pairs, *copied, *beside)])
    weight = np.concatenate([np.ones(len(said) + len(copies)), np.full(len(made), _LIGHTER)])
    keys, worth = _vocabulary([*said, *made])
    blank = Model.blank(names, keys, worth)
    learner: Any = LinearSVC(C=_C, random_state=SEED)
    learner.fit(_matrix(csr_matrix, blank, [*said, *copies, *made]), wanted, sample_weight=weight)
    weights = learner.coef_.T
    top = np.sort(np.argsort(-np.linalg.norm(weights, axis=1), kind="stable")[:KEPT])
    return Model.packed(
        names, keys[top], worth[top], weights[top], learner.intercept_, times, made_of
    )


def _copies(pairs: Sequence[Pair]) -> list[Pair]:
    """Give each utterance once more without spaces, with typing errors, with loose endings."""
    chance = random.Random(SEED)  # noqa: S311
    return [
        (copy, name)
        for text, name in pairs
        for copy in (
            text.replace(" ", ""),
            noise.typed(text, chance),
            noise.loosened(text, chance),
        )
        if copy != text
    ]


def _vocabulary(taken: Iterable[tuple[Hashes, Hashes]]) -> tuple[Hashes, NDArray[np.float32]]:
    """Give the pieces that several utterances have, and what each is worth: the rarer the more."""
    counts: Counter[int] = Counter()
    documents = 0
    for views in taken:
        documents += 1
        for view in views:
            counts.update(np.unique(view).tolist())
    kept = sorted(key for key, count in counts.items() if count >= _SEEN)
    keys = np.array(kept, dtype=np.uint32)
    often = np.array([counts[key] for key in kept], dtype=np.float64)
    return keys, (1 + np.log((1 + documents) / (1 + often))).astype(np.float32)


def _matrix(make: Any, blank: Model, rows: Sequence[tuple[Hashes, Hashes]]) -> Any:
    places, values, ends = [], [], [0]
    for row in rows:
        at, value = blank.vector(row)
        places.append(at)
        values.append(value)
        ends.append(ends[-1] + at.size)
    given = (np.concatenate(values), np.concatenate(places), np.array(ends))
    return make(given, shape=(len(rows), blank.size))
