"""People at the door: addresses, languages, the three doors and what was agreed to (wording.md §1)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from bot.services.base import Desk
from storage.unit import Unit


@dataclass(frozen=True, slots=True)
class Person:
    """An address on a channel, as the receiver needs it."""

    peer_id: int
    channel: str
    account: str
    lang: str
    turn: int
    door: str  # "" not chosen yet, "here" (agreed to the transfer abroad), "info"


def find(unit: Unit, channel: str, account: str, address: str) -> Person | None:
    """Find a peer by its address (under the blind index)."""
    raise NotImplementedError


def meet(svc: Desk, unit: Unit, channel: str, account: str, address: str, lang: str) -> Person:
    """Find a peer or make one; before any consent it is the hidden address and a language only."""
    raise NotImplementedError


def speak(unit: Unit, peer_id: int, lang: str) -> None:
    """Change the language of a peer."""
    raise NotImplementedError


def agree(svc: Desk, unit: Unit, peer_id: int, kind: str, version: str) -> None:
    """Record a consent (`transfer`, `sensitive`): version, time, channel."""
    raise NotImplementedError


def withdraw(svc: Desk, unit: Unit, peer_id: int, kind: str) -> bool:
    """Take a consent back; False when there was none."""
    raise NotImplementedError


def door(svc: Desk, unit: Unit, peer_id: int) -> Literal["", "here", "info"]:
    """Tell which door a messenger's peer went through."""
    raise NotImplementedError


def gone(svc: Desk, unit: Unit, peer_id: int, *, away: bool) -> None:
    """Note that the person blocked the bot or came back."""
    raise NotImplementedError


def forget_unused(svc: Desk, unit: Unit) -> int:
    """Forget peers that never went on within the site's hours; gives their count."""
    raise NotImplementedError


def my_data(svc: Desk, unit: Unit, peer_id: int) -> Mapping[str, Any]:
    """Everything kept about this peer, as plain values to show or to save as a file."""
    raise NotImplementedError


def erase_draft(svc: Desk, unit: Unit, peer_id: int) -> bool:
    """Erase what was not filed yet; False when there was nothing."""
    raise NotImplementedError


def unlink(svc: Desk, unit: Unit, peer_id: int) -> None:
    """Cut a messenger off: draft, consents and address go; filings stay as public records."""
    raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Exported:
    at: datetime
    data: Mapping[str, Any]
