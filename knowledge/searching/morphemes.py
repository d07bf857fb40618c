"""Words as Kiwi takes them apart: an optional extra, half a gigabyte and seconds to load."""

from __future__ import annotations

import importlib
import importlib.util
from functools import cache, lru_cache
from typing import Any

_NAME = "kiwipiepy"
# What carries meaning (세종 tags): nouns, verbs and adjectives, roots, adverbs, foreign, numbers.
_MEANING = ("N", "V", "MAG", "XR", "SL", "SN", "SH")


def installed() -> bool:
    """Tell whether the extra `kiwi` is there; nothing is loaded."""
    return importlib.util.find_spec(_NAME) is not None


@cache
def _kiwi() -> Any:
    return importlib.import_module(_NAME).Kiwi()


def morphemes(text: str) -> tuple[str, ...]:
    """Give the words of meaning of a text; loads Kiwi the first time."""
    tokens = _kiwi().tokenize(text)
    return tuple(f"{one.form}/{one.tag[0]}" for one in tokens if one.tag.startswith(_MEANING))


remembered = lru_cache(maxsize=20_000)(morphemes)
"""The same, for texts that are asked for again each time an index is built."""
