"""What can be pressed in one turn, numbered in the order in which it is shown."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from bot.dialogs.replies import Option, Phrase

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.dialogs.events import Json
    from bot.dialogs.replies import Role, Words


@dataclass(slots=True)  # not frozen: made by the dozen in every turn, and never changed
class Offer:
    """One pressable thing: `act` is what the engine does, with `value`. A link only leads out."""

    label: Words
    act: str
    value: Json = None
    role: Role = "answer"
    hint: Words | None = None
    url: str | None = None
    danger: bool = False
    word: Literal["", "yes", "no"] = ""


@dataclass(slots=True)
class Board:
    """The offers of one turn."""

    offers: list[Offer] = field(default_factory=list)

    def put(self, offer: Offer) -> Option:
        """Give an offer its number, as it is shown."""
        if offer.url:
            return Option(offer.label, "info", url=offer.url)
        self.offers.append(offer)
        return Option(
            offer.label,
            offer.role,
            len(self.offers) - 1,
            offer.hint,
            danger=offer.danger,
            value=submitted(offer.value) if offer.act == "answer" else None,
        )

    def put_all(self, offers: Iterable[Offer]) -> tuple[Option, ...]:
        return tuple(self.put(offer) for offer in offers)

    def json(self) -> list[list[Json]]:
        """Give the offers as a state keeps them."""
        return [[offer.act, offer.value] for offer in self.offers]


def submitted(value: Json) -> str | None:
    """Give what a page sends for a value."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return str(value.get("value") or value.get("label") or "")
    return value if isinstance(value, str) else None


BACK = Offer(Phrase("dialog.back"), "back", role="back")
CANCEL = Offer(Phrase("dialog.cancel"), "cancel", role="cancel", danger=True)
LATER = Offer(Phrase("dialog.later"), "later", role="cancel")
HUMAN = Offer(Phrase("dialog.human"), "command", "human", role="info")
