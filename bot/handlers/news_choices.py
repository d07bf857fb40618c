"""What can be ticked of the news, as the forms of both kinds of pages show it."""

from collections.abc import Collection, Sequence
from typing import Any

from bot.services.subscriptions import KNOWN, name_of

Tick = tuple[str, str, bool]
"""Value, the key of its name, whether it is ticked."""


def choices(
    kinds: Collection[str], fields: Collection[str], regions: Collection[str], lang: str
) -> dict[str, Any]:
    """Give the values of `news_choices.html`."""
    return {
        "kinds": [(one, name_of("kinds", one), one in kinds) for one in KNOWN["kinds"]],
        "fields": _ticks("fields", fields),
        "regions": _ticks("regions", regions),
        "wished": lang,
    }


def named(what: str, places: Sequence[str]) -> tuple[str, ...]:
    """Give the names of what was ticked, by their places in the list."""
    return tuple(name for place, name in enumerate(KNOWN[what]) if str(place) in places)


def _ticks(what: str, chosen: Collection[str]) -> list[Tick]:
    return [
        (str(place), name_of(what, name), name in chosen) for place, name in enumerate(KNOWN[what])
    ]
