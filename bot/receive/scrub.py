"""What may be kept of an answer for a repeated update: nobody's words, name, telephone or code (S3).

Texts are phrases, so what is left of one is its key and those parameters that are numbers and
dates of ours. Every plain string in a reply is somebody's own words, or a name of a unit.
"""

from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from typing import Any

from bot.dialogs.replies import Ask, Elsewhere, Option, Phrase, Receipt, Reply, Sheet, Summary

OPEN = frozenset({
    "number", "due", "received", "opens", "latest", "date", "day", "days", "n", "left", "until",
    "new_due", "old_due", "supplement_due", "first_due", "max", "size", "most", "of", "now", "spoken",
    "published", "everyday", "official",
})  # fmt: skip
"""Parameters that may be kept for a repeat: numbers and dates of ours, words of published cases
and of our lexicon; nobody's words (S3)."""

LITERAL = frozenset({
    "step", "input", "kind", "number", "called", "due_on", "media", "role", "command", "arg", "shown_if",
    "proof",
})  # fmt: skip
"""Fields of replies that hold plain strings of ours."""

DROPPED: Mapping[type, frozenset[str]] = {
    Ask: frozenset({"value"}),
    Option: frozenset({"value", "url"}),
    Receipt: frozenset({"code"}),
    Elsewhere: frozenset({"url"}),
}
"""Fields that are left out whatever they hold."""


def private(reply: Reply) -> bool:
    """Tell whether a reply repeats what the person told: cheaper than to scrub it and compare."""
    if isinstance(reply, Summary | Sheet) or getattr(reply, "value", None) is not None:
        return True
    words = [getattr(reply, name, None) for name in ("text", "error", "hint")]
    words += [option.label for option in getattr(reply, "options", ())]
    return any(_told(one) for one in words)


def _told(words: Any) -> bool:
    """Tell somebody's words from ours."""
    if isinstance(words, Phrase):
        return any(_told(value) for key, value in words.params.items() if key not in OPEN)
    if isinstance(words, list):
        return any(_told(one) for one in words)
    return bool(words) and isinstance(words, str)


def scrub_all(replies: Sequence[Reply]) -> tuple[Reply, ...]:
    """Scrub the replies of one turn."""
    return tuple(scrub(reply) for reply in replies)


def scrub(reply: Reply) -> Reply:
    """Give a reply that may be kept; the very same one if all of it may."""
    kept: Reply = _record(reply)
    return kept


def _record(value: Any) -> Any:
    """Scrub the fields of a reply, an option, a card, a line of a summary."""
    changes: dict[str, Any] = {}
    dropped = DROPPED.get(type(value), frozenset())
    for one in fields(value):
        before = getattr(value, one.name)
        after = None if one.name in dropped else _scrubbed(before, one.name)
        if after is not before and one.name not in LITERAL:
            changes[one.name] = after
    return replace(value, **changes) if changes else value


def _scrubbed(value: Any, name: str) -> Any:
    if name in LITERAL:
        return value
    if isinstance(value, Phrase):
        kept = {key: _param(param, key) for key, param in value.params.items()}
        return value if kept == dict(value.params) else Phrase(value.key, kept)
    if isinstance(value, str):
        return Phrase("talk.not_kept") if value else value
    if isinstance(value, tuple):
        items = tuple(_scrubbed(item, name) for item in value)
        return value if all(a is b for a, b in zip(items, value, strict=True)) else items
    return _record(value) if is_dataclass(value) else value


def _param(value: Any, key: str) -> Any:
    if isinstance(value, str):
        return value if key in OPEN or not value else Phrase("talk.not_kept")
    if isinstance(value, list):
        return [_param(item, key) for item in value]
    return _scrubbed(value, "")
