"""What somebody's first message tells of the questions that follow: shown, kept or corrected there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from knowledge import telling

if TYPE_CHECKING:
    from bot.dialogs.events import Json


def read(text: str) -> dict[str, Json]:
    """Give answers by the names that steps have; a form takes those that it asks.

    The unit is not among them: it is looked for when it is asked, and asked back.
    """
    told = telling.read(text)
    spot = ", ".join((*told.dates[:1], *told.places[:1]))
    found: dict[str, Json] = {
        "prior_no": told.prior_no,
        "when_where": {"text": spot, "lat": None, "lon": None} if spot else None,
        "wish": told.wish,
        "phone": told.phone,
    }
    return {name: value for name, value in found.items() if value is not None}
