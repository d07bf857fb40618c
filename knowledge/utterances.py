"""What people say, by what they want: what `knowledge.intents` learned from."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).parent / "data" / "intents" / "utterances"

ABUSE = "abuse_or_threat"


@cache
def utterances() -> dict[str, list[str]]:
    """Give the shipped utterances by intent."""
    found: dict[str, list[str]] = {}
    for file in sorted(_FOLDER.glob("*.toml")):
        for name, texts in tomllib.loads(file.read_text(encoding="utf-8")).items():
            found.setdefault(name, []).extend(texts)
    return found
