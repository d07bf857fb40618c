"""How likely it is that the first is what was meant.

Learnt (logistic regression) from every second question of bot/bench/data, as written and with a
typing error in every eighth letter; `jeokgeuk bench search` measures both halves.
"""

from __future__ import annotations

import math

SURE, NEAR = 0.95, 0.4
"""Above the first it is shown as what was asked for, above the second as a question back."""
_NOT_SURE = 0.94
ALL_OF_IT = 0.8
"""A document in which so much of what was asked stands fits, however many others do as well."""
MUCH = 0.36
"""With so much of it the first is asked back at least: many fit then, and any of them may be meant."""
SOME, LITTLE = 0.25, 0.1
"""With less than the first it is never sure, with less than the second nothing fits."""
_SHARE, _OTHERS, _LENGTH, _BASE = 8.1, -8.0, 4.3, -10.7
_LONGEST = 60  # letters: nothing longer was learnt from
_ALWAYS = 0.5  # among a handful of documents, or when only some are asked for, no other fits


def chance(letters: int, share: float, others: float) -> float:
    """Give how likely the first is right, 0 to 1.

    `letters` is how many were asked, `share` how much of it stands in the first, `others` how
    much of it stands in the next best.
    """
    if share < LITTLE:
        return 0.0
    if share >= ALL_OF_IT:
        return SURE
    length = math.log(max(1, min(letters, _LONGEST)))
    beside = min(1.0, max(_ALWAYS, others / share))
    likely = 1 / (1 + math.exp(-(_SHARE * share + _OTHERS * beside + _LENGTH * length + _BASE)))
    if share >= MUCH:
        likely = max(likely, NEAR)
    return likely if share >= SOME else min(likely, _NOT_SURE)
