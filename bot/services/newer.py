"""What a later release wrote and this one does not know: it waits, and is never lost (S23)."""

import json
from dataclasses import fields, is_dataclass
from typing import Any

from bot.dialogs import replies
from bot.dialogs.replies import Phrase, Reply, Say
from bot.locale import Texts
from bot.services.base import Desk
from knowledge.release import RELEASE
from storage.repositories.claims import Claimed

KINDS = frozenset(
    {
        "answer", "card", "delete", "digest", "draft", "figures", "morning", "news", "news_far",
        "news_test", "notice", "official", "private", "receipt", "reminder", "thread",
    }
)  # fmt: skip
"""What a row of the outbox may be."""

VALID = frozenset({"", "due", "open", "runs", "state"})
"""What a row may depend on, before its colon (`notices.still_valid`)."""

UNREAD = Say(Phrase("newer.told"))
"""In the place of a notice that only a later release can read."""


def strange(svc: Desk, row: Claimed, *, made: bool) -> bool:
    """Tell whether a row is of a later release and says what this one cannot say.

    `made`: its words are made when it leaves, of something else than a reply.
    """
    if row.release <= RELEASE:
        return False
    if row.kind not in KINDS or depends(row.valid_rule):
        return True
    return not (made or row.kind == "delete" or readable(svc.texts, row.payload) is not None)


def depends(rule: str) -> bool:
    """Tell whether what a row depends on is none of ours."""
    return rule.partition(":")[0] not in VALID


def readable(texts: Texts, payload: bytes) -> Reply | None:
    """Read a reply; None where this release cannot, or has no words for it."""
    try:
        reply = replies.load(payload)
    except ValueError:
        return None
    return reply if _says(texts, reply) else None


def reply_of(texts: Texts, reply: Any) -> Say:
    """Give what the journal says was told; what this release cannot read says so itself."""
    found = readable(texts, json.dumps(reply).encode())
    return found if isinstance(found, Say) else UNREAD


def _says(texts: Texts, said: object) -> bool:
    """Tell whether every sentence in a value is one of ours."""
    if isinstance(said, Phrase):
        return texts.has(said.key) and all(_says(texts, one) for one in said.params.values())
    if isinstance(said, tuple | list):
        return all(_says(texts, one) for one in said)
    if is_dataclass(said):
        return all(_says(texts, getattr(said, one.name)) for one in fields(said))
    return True
