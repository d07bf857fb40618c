"""Files that people send: kept sealed as they came, shown as clean copies (S25)."""

from dataclasses import dataclass

from bot.dialogs.events import Attached
from bot.services.base import Actor, Desk
from storage.blobs import Blobs
from storage.store import Store
from storage.unit import Unit


@dataclass(frozen=True, slots=True)
class Opened:
    name: str
    mime: str
    data: bytes


def put(
    svc: Desk,
    unit: Unit,
    blobs: Blobs,
    peer_id: int,
    name: str,
    data: bytes,
    *,
    voice: bool = False,
) -> Attached:
    """Keep a file that was uploaded; its `ref` goes into the dialog.

    Raises `Refused` file.kind, file.size (with `size` and `max`), file.budget (30 MB a day, S34).
    """
    raise NotImplementedError


def expect(svc: Desk, unit: Unit, peer_id: int, attached: Attached, locator: str) -> None:
    """Note a file that still lies at the vendor; it is fetched after the commit."""
    raise NotImplementedError


def waiting(unit: Unit, limit: int = 20) -> tuple[tuple[str, str, str], ...]:
    """Give (ref, channel, locator) of files that have to be fetched."""
    raise NotImplementedError


def arrived(svc: Desk, unit: Unit, blobs: Blobs, ref: str, data: bytes) -> None:
    """Keep a fetched file; a wrong kind marks it failed."""
    raise NotImplementedError


def clean_next(svc: Desk, store: Store, blobs: Blobs) -> bool:
    """Make the clean copy of one stored file in a child process; False when none waits."""
    raise NotImplementedError


def open_clean(svc: Desk, unit: Unit, blobs: Blobs, actor: Actor, ref: str) -> Opened:
    """Open the clean copy. Raises `Refused` file.unknown, file.no_preview."""
    raise NotImplementedError


def open_original(
    svc: Desk, unit: Unit, blobs: Blobs, actor: Actor, ref: str, reason: str
) -> Opened:
    """Open the original: the audit side only, with a reason, noted. Raises `Refused`."""
    raise NotImplementedError
