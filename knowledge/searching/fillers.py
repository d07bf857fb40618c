"""Words around what is looked for: 사례 찾아줘, 있나요. They weigh as much as what is meant."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path

from knowledge.korean import fold

_FILE = Path(__file__).parents[1] / "data" / "words" / "fillers.toml"


@cache
def _pattern() -> re.Pattern[str]:
    listed = tomllib.loads(_FILE.read_text(encoding="utf-8"))["words"]
    return re.compile(rf"(?<!\S)(?:{'|'.join(listed)})[?!.~]*(?!\S)")


def without(text: str) -> str:
    """Give a question without such words; as it is where nothing would be left of it."""
    left = _pattern().sub(" ", text)
    return left if left.strip() else text


def only(text: str) -> bool:
    """Tell whether a question holds nothing but such words: it does not say what is looked for."""
    return not fold(_pattern().sub(" ", text))
