"""A picture that an editor adds: painted anew from its pixels, so that nothing hidden comes along."""

from bot.documents.clean import clean
from bot.documents.kinds import COPIES, kind_of
from bot.errors import Refused
from bot.services import broadcast_drafts
from bot.services.base import Actor, Desk
from bot.services.broadcast_drafts import Edit
from knowledge.korean import clean_line
from storage.repositories import broadcasts
from storage.repositories.broadcasts import Picture
from storage.unit import Unit

MOST = 10
"""Pictures of one broadcast: an album of Telegram takes ten (platforms.md §1)."""


def painted(data: bytes) -> bytes:
    """Give the picture as a PNG of ours; never inside a transaction.

    Raises `Refused` newsletter.picture_kind for what is no PNG, GIF or WebP.
    """
    kind = kind_of(data)
    made = clean(data, kind) if kind is not None and COPIES.get(kind) == "png" else None
    if made is None:
        raise Refused("newsletter.picture_kind")
    return made.data


def add(
    svc: Desk, unit: Unit, actor: Actor, broadcast_id: int, version: int, png: bytes, alt: str
) -> int:
    """Add it at the end; gives the new version. Raises `Refused` as `edit`, newsletter.pictures."""
    after = broadcast_drafts.edit(svc, unit, actor, broadcast_id, version, Edit())
    there = broadcasts.pictures(unit, broadcast_id)
    if len(there) >= MOST:
        raise Refused("newsletter.pictures", most=MOST)
    wide, high = (int.from_bytes(png[at : at + 4], "big") for at in (16, 20))  # of its IHDR
    added = Picture(len(there), png, clean_line(alt), wide, high)
    broadcasts.put_pictures(unit, broadcast_id, [*there, added])
    return after
