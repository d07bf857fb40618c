"""What is sent to many, as it is read: one way for the preview, the test and the sending."""

import hashlib
import json
from dataclasses import asdict
from typing import Any

from bot.dialogs.replies import News, Option, Part, Phrase, Picture
from bot.services import news_links
from bot.services.base import Desk
from knowledge import newsletter
from knowledge.newsletter import Item
from storage.repositories import broadcasts
from storage.repositories.broadcasts import Broadcast
from storage.unit import Unit

STOP = "news_stop"
"""The command behind the one press that ends it."""


def bound(unit: Unit, one: Broadcast) -> str:
    """Give the hash of all that an approval stands for (security S9)."""
    pictures = [
        [made.n, made.alt, hashlib.sha256(made.png).hexdigest()]
        for made in broadcasts.pictures(unit, one.id)
    ]
    said: dict[str, Any] = {
        "number": one.number,
        "kind": one.kind,
        "nature": one.nature,
        "issue": newsletter.to_plain(one.issue),
        "segment": asdict(one.segment),
        "send_at": one.send_at and one.send_at.isoformat(),
        "pictures": pictures,
        "doc_no": one.doc_no,
    }
    text = json.dumps(said, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def news(svc: Desk, unit: Unit, one: Broadcast) -> News:
    """Give what everybody reads; wording and language of our own words are the channel's."""
    pictures = tuple(
        Picture(f"news:{one.number}:{made.n}", made.alt)
        for made in broadcasts.pictures(unit, one.id)
    )
    page = news_links.page(svc.public_url, one.number)
    return News(
        number=one.number,
        text=one.issue.title,
        lead=one.issue.lead,
        parts=tuple(_part(svc, item) for item in one.issue.items),
        pictures=pictures,
        page=page,
        options=(
            Option(Phrase("news.button.page"), url=page),
            Option(Phrase("news.button.stop"), command=STOP, arg=one.number),
        ),
    )


def _part(svc: Desk, item: Item) -> Part:
    url = item.url or (f"{svc.public_url}/cases/{item.ref}" if _case(item) else "")
    return Part(item.title, item.text, url or None, item.picture)


def _case(item: Item) -> bool:
    return bool(item.ref) and item.kind in {"case", "last_year"}
