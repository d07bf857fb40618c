"""What an issue is made of."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Literal, get_args

if TYPE_CHECKING:
    from collections.abc import Mapping

ItemKind = Literal["case", "last_year", "question", "figures", "dates", "text", "correction"]
ITEM_KINDS: tuple[ItemKind, ...] = get_args(ItemKind)


@dataclass(frozen=True, slots=True)
class Item:
    """One piece of an issue. `ref` is the case or the answer that it tells of, as it stood then.

    `picture` counts in the pictures of the broadcast; a link without `url` is the case's own page.
    """

    kind: ItemKind
    title: str
    text: str = ""
    ref: str = ""
    url: str = ""
    picture: int | None = None


@dataclass(frozen=True, slots=True)
class Issue:
    """What is read: a headline, what stands under it, and the pieces in their order.

    Pictures are kept beside it; those that no item points at stand before everything (card news).
    """

    title: str
    lead: str = ""
    items: tuple[Item, ...] = ()
    lang: str = "ko"


def from_plain(plain: Mapping[str, Any]) -> Issue:
    """Make an issue of JSON values; raises TypeError for a name that is none of an issue.

    And ValueError for a kind of item that there is not.
    """
    items = tuple(Item(**one) for one in plain.get("items", ()))
    if any(one.kind not in ITEM_KINDS for one in items):
        raise ValueError("items")
    return Issue(**{**plain, "items": items})


def to_plain(issue: Issue) -> dict[str, Any]:
    """Give an issue as JSON has it."""
    names = [one.name for one in fields(Issue)]
    values = {name: getattr(issue, name) for name in names}
    values["items"] = [
        {one.name: getattr(item, one.name) for one in fields(Item)} for item in issue.items
    ]
    return values


@dataclass(frozen=True, slots=True)
class Segment:
    """Who gets a broadcast, of those who asked for its kind.

    Nothing named is everybody: `fields` and `regions` of `knowledge.subjects`, `channels`, `langs`
    of the reader. `got`: those alone who were sent that broadcast (a correction). `any_of` are
    fields with regions ("": any): one of them at least has to fit.
    """

    kind: str
    fields: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    langs: tuple[str, ...] = ()
    got: int | None = None
    any_of: tuple[tuple[str, str], ...] = ()


def segment_from(plain: Mapping[str, Any]) -> Segment:
    """Make a segment of JSON values; raises TypeError for a name that is none of a segment."""
    lists: dict[str, Any] = {
        name: tuple(plain.get(name, ())) for name in ("fields", "regions", "channels", "langs")
    }
    lists["any_of"] = tuple((field, region) for field, region in plain.get("any_of", ()))
    return Segment(**{**plain, **lists})
