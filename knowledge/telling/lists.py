"""The lists of words by which units and places are known: data, joined for a pattern."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path

_FILE = Path(__file__).parents[1] / "data" / "words" / "telling.toml"


@cache
def _lists() -> dict[str, list[str]]:
    return tomllib.loads(_FILE.read_text(encoding="utf-8"))


def words(name: str) -> str:
    """Give a list as the alternatives of a pattern, the longest first; a space may be left out."""
    listed = sorted(_lists()[name], key=lambda word: (-len(word), word))
    return "|".join(re.escape(word).replace("\\ ", " ?") for word in listed)
