"""How well long first messages are read: precision and recall of each slot, of two halves.

`seen` was read while the patterns were written, `unseen` never: only its figures count.
"""

import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from knowledge import telling
from knowledge.korean import fold

HALVES = ("seen", "unseen")
SLOTS = ("unit", "date", "place", "prior_no", "phone", "wish", "what")
_DATA = Path(__file__).parent / "data"


def measure(files: Mapping[str, Path] | None = None) -> dict[str, Any]:
    """Measure each half (or the given files) slot by slot."""
    files = files or {half: _DATA / f"long_messages_{half}.toml" for half in HALVES}
    return {name: _half(path) for name, path in files.items()}


def _half(path: Path) -> dict[str, Any]:
    messages = tomllib.loads(path.read_text(encoding="utf-8"))["message"]
    pairs = [(one, _found(one["text"])) for one in messages]
    slots = {slot: _slot([(_gold(m, slot), f[slot]) for m, f in pairs]) for slot in SLOTS}
    return {"messages": len(messages), "slots": slots}


def _gold(message: Mapping[str, Any], slot: str) -> tuple[str, ...]:
    right = message.get(slot, ())
    return (right,) if isinstance(right, str) else tuple(right)


def _found(text: str) -> dict[str, tuple[str, ...]]:
    told = telling.read(text)
    lists = {"unit": told.units, "date": told.dates, "place": told.places, "what": told.what}
    single = {"prior_no": told.prior_no, "phone": told.phone, "wish": told.wish}
    return {**lists, **{name: (one,) if one else () for name, one in single.items()}}


def _slot(pairs: list[tuple[tuple[str, ...], tuple[str, ...]]]) -> dict[str, float | int]:
    """Count whole answers alike, and answers of which one holds the other."""
    gold = sum(len(right) for right, _ in pairs)
    found = sum(len(ours) for _, ours in pairs)
    exact = sum(one in right for right, ours in pairs for one in ours)
    near_found = sum(_near(one, right) for right, ours in pairs for one in ours)
    near_gold = sum(_near(one, ours) for right, ours in pairs for one in right)
    return {
        "gold": gold,
        "found": found,
        "precision": _share(exact, found),
        "recall": _share(exact, gold),
        "precision_overlap": _share(near_found, found),
        "recall_overlap": _share(near_gold, gold),
    }


def _near(one: str, others: Iterable[str]) -> bool:
    return any(fold(one) in fold(other) or fold(other) in fold(one) for other in others)


def _share(part: int, whole: int) -> float:
    return round(part / whole, 3) if whole else 1.0


def words(found: Mapping[str, Any]) -> str:
    """Write the figures as a table."""
    lines = []
    for half, figures in found.items():
        lines.append(f"{half} ({figures['messages']})")
        lines += [
            f"  {slot:<9} 정답 {one['gold']:>3}  찾음 {one['found']:>3}"
            f"  정밀도 {one['precision']:.2f}  재현율 {one['recall']:.2f}"
            f"  (겹침 {one['precision_overlap']:.2f}, {one['recall_overlap']:.2f})"
            for slot, one in figures["slots"].items()
        ]
    return "\n".join(lines)
