"""Sentences put together from parts: they teach what decides, whatever the topic is."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from knowledge.korean import with_josa

if TYPE_CHECKING:
    import random
    from collections.abc import Mapping, Sequence

_FILE = Path(__file__).parent / "data" / "intents" / "patterns.toml"
_PART = re.compile(r"\{(\w+)(?::([^}]+))?\}")
_TRIES = 20


@cache
def shipped() -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """Give the parts by name and the frames by intent."""
    table = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    return table["parts"], table["frames"]


def spoken(
    parts: Mapping[str, Sequence[str]], frames: Sequence[str], most: int, chance: random.Random
) -> list[str]:
    """Give up to `most` different sentences of the frames."""

    def put(hit: re.Match[str]) -> str:
        word = chance.choice(parts[hit[1]])
        return with_josa(word, hit[2]) if hit[2] else word

    found: dict[str, None] = {}
    for _ in range(most * _TRIES):
        if len(found) == most:
            break
        found[" ".join(_PART.sub(put, chance.choice(frames)).split())] = None
    return list(found)
