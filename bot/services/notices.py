"""Telling people: words go into the outbox as phrases, never as finished sentences."""

from collections.abc import Mapping
from datetime import datetime

from bot.dialogs.replies import Option, Param, Reply
from bot.services.base import Actor, Desk
from storage.unit import Unit


def say(
    svc: Desk,
    unit: Unit,
    filing_id: int,
    key: str,
    params: Mapping[str, Param],
    *,
    options: tuple[Option, ...] = (),
    rank: int = 1,
    once: str | None = None,
    expires_at: datetime | None = None,
    valid: str | None = None,
) -> int:
    """Tell the reporter on every road chosen; gives the number of rows, 0 = a task on the desk.

    `once` is the key of repetition: the second call with it does nothing. `valid` is the rule
    that must still hold when it is sent (S14).
    """
    raise NotImplementedError


def tell_officials(svc: Desk, unit: Unit, filing_id: int, key: str, *, once: str) -> int:
    """Mail the assignee (or the intake): number, kind, due date, a desk link; no citizen's word."""
    raise NotImplementedError


def still_valid(svc: Desk, unit: Unit, filing_id: int | None, rule: str | None) -> bool:
    """Decide at the claim whether a waiting row is still true (S14)."""
    raise NotImplementedError


def done_by_hand(svc: Desk, unit: Unit, actor: Actor, row_id: int) -> None:
    """Mark a letter as posted, a call as made."""
    raise NotImplementedError


def reply_of(svc: Desk, unit: Unit, row_id: int) -> Reply:
    """Give a row's reply, to print it as a letter."""
    raise NotImplementedError
