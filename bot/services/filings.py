"""A report is filed: number, code, legal due date, journal, receipt (wording.md §3.2; S1, S24)."""

from dataclasses import dataclass
from datetime import datetime

from pydantic import BaseModel

from bot.dialogs.replies import Reply
from bot.services.base import Desk
from knowledge.derivation import DerivationLine
from storage.unit import Unit


@dataclass(frozen=True, slots=True)
class Prefs:
    """What the channel knows beside the answers.

    `by` says how it came: dialog, or oral (an official wrote it down at the desk). `link` is the
    separate choice of somebody without a name on a messenger ("새 소식만 받기").
    """

    channel: str
    account: str
    lang: str
    at: datetime
    link: bool = False
    by: str = "dialog"
    own_page: bool = False  # the agency's own page: the code may be shown here


@dataclass(frozen=True, slots=True)
class Filed:
    """What came out. `replies` are for whoever filed, now; `code` only where it may be shown.

    `anonymous`: the receiver deletes the dialog row and keeps only a hash in the inbox (S1).
    """

    filing_id: int
    number: str
    code: str | None
    due_at: datetime | None
    lines: tuple[DerivationLine, ...]
    replies: tuple[Reply, ...]
    anonymous: bool


def file(
    svc: Desk, unit: Unit, procedure: str, answers: BaseModel, peer_id: int | None, prefs: Prefs
) -> Filed:
    """File the answers of a finished dialog; everything happens in the open transaction."""
    raise NotImplementedError


def new_code(svc: Desk, unit: Unit, filing_id: int) -> str:
    """Make a new code; the old one dies. Only for the agency's own page."""
    raise NotImplementedError
