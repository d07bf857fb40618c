"""One sentence, once, after certain words: danger, despair, corruption, abuse, injury."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.dialogs.board import Offer
from bot.dialogs.replies import Phrase
from knowledge.slots import signals

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bot.dialogs.replies import Words

# The order in which they are said: what saves a life comes first.
EVERYWHERE = ("self_harm", "danger", "corruption", "abuse")


@dataclass(frozen=True, slots=True)
class Remark:
    """Words to be said above the question, with their buttons."""

    text: Words
    offers: tuple[Offer, ...] = ()


def remarks(
    text: str, kinds: tuple[str, ...], seen: list[str], site: Mapping[str, str], *, kept: bool
) -> Iterator[tuple[str, Remark]]:
    """Give what is to be said after these words, each kind once in a dialog.

    `kept`: the words are an answer and were saved, which somebody angry should hear.
    """
    found = signals(text)
    for kind in (*EVERYWHERE, *kinds):
        if kind in found and f"said:{kind}" not in seen:
            key = f"remark.{kind}_kept" if kept and kind == "abuse" else f"remark.{kind}"
            yield f"said:{kind}", Remark(Phrase(key), tuple(_links(kind, site)))


def _links(kind: str, site: Mapping[str, str]) -> Iterator[Offer]:
    """Give the buttons of a remark; an address that the site does not know makes none."""
    if kind == "injury" and site.get("damage_url"):
        yield Offer(Phrase("remark.injury_link"), "link", url=site["damage_url"])
    if kind == "corruption":
        if site.get("corruption_url"):
            yield Offer(Phrase("remark.corruption_link"), "link", url=site["corruption_url"])
        yield Offer(Phrase("remark.corruption_here"), "stay", role="answer")
