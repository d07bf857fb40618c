"""Files that people send: kept sealed as they came, shown as clean copies (S25, S34)."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from bot.dialogs.events import Attached
from bot.documents import clean
from bot.errors import Refused
from bot.services import accesses, sight, views
from bot.services.base import Actor, Desk, stamp
from storage import journal
from storage.blobs import Blobs
from storage.repositories import attachments, peers
from storage.repositories.attachments import Attachment
from storage.repositories.filings import Filing
from storage.store import Store
from storage.unit import Unit

MOST = 20 * 1024 * 1024
A_DAY = 30 * 1024 * 1024  # per peer and day (S34)
KINDS = {"photo", "document", "voice"}


@dataclass(frozen=True, slots=True)
class Opened:
    """A file for download; `name` tells nothing of where it came from."""

    name: str
    mime: str
    data: bytes


def put(
    svc: Desk,
    unit: Unit,
    blobs: Blobs,
    peer_id: int | None,
    name: str,
    data: bytes,
    *,
    voice: bool = False,
) -> Attached:
    """Keep a file that was uploaded; its `ref` goes into the dialog. `peer_id` None: the desk.

    Raises `Refused` file.full (the disk: S22), file.kind, file.size (with `size` and `max`),
    file.budget (30 MB a day).
    """
    if blobs.full():
        raise Refused("file.full")
    kind = _checked(svc, unit, peer_id, data, voice=voice)
    shape = _shape(kind)
    file = attachments.add(
        unit, kind=shape, now=svc.now(), peer_id=peer_id, name=name[:200], mime=clean.MIMES[kind]
    )
    attachments.store(unit, file, data)
    return Attached(file.ref, shape, name[:200], len(data), clean.MIMES[kind])


def expect(svc: Desk, unit: Unit, peer_id: int, attached: Attached, locator: str) -> None:
    """Note a file that still lies at the vendor; it is fetched after the commit."""
    if attachments.by_ref(unit, attached.ref) is not None:
        return
    attachments.add(
        unit,
        kind=attached.kind if attached.kind in KINDS else "document",
        now=svc.now(),
        peer_id=peer_id,
        name=attached.name[:200],
        mime=attached.mime[:100],
        size=attached.size,
        # With its channel: until it is fetched the dialog may have moved to the page (S2).
        locator=f"{peers.get(unit, peer_id).channel} {locator}",
        sid=bytes.fromhex(attached.ref),
    )


def waiting(unit: Unit, limit: int = 20) -> tuple[tuple[str, str, str], ...]:
    """Give (ref, channel, locator) of files that have to be fetched, the oldest first."""
    found = []
    for file in attachments.in_status(unit, "waiting", limit):
        channel, _, where = attachments.locator(unit, file).partition(" ")
        if where:
            found.append((file.ref, channel, where))
    return tuple(found)


def arrived(svc: Desk, unit: Unit, ref: str, data: bytes) -> bool:
    """Keep a fetched file; False when it is of a kind that is not taken, or too much."""
    file = attachments.by_ref(unit, ref)
    if file is None or file.status != "waiting":
        return True
    try:
        kind = _checked(svc, unit, file.peer_id, data, voice=file.kind == "voice", known=file.size)
    except Refused:
        attachments.set_status(unit, file, "failed")
        return False
    attachments.store(unit, file, data)
    attachments.set_status(unit, file, "stored", clean.MIMES[kind])
    return True


def lost(unit: Unit, ref: str) -> None:
    """Note that a file cannot be fetched any more."""
    file = attachments.by_ref(unit, ref)
    if file is not None and file.status == "waiting":
        attachments.set_status(unit, file, "failed")


def clean_next(store: Store) -> bool:
    """Make the clean copy of one stored file in a child process; False when none waits.

    The file is read, cleaned with no transaction open, then the copy is written.
    """

    def next_one(unit: Unit) -> tuple[Attachment, bytes] | None:
        found = attachments.in_status(unit, "stored", 1)
        return (found[0], attachments.original(unit, found[0])) if found else None

    taken = store.read(next_one)
    if taken is None:
        return False
    file, data = taken
    kind = clean.kind_of(data, voice=file.kind == "voice")
    copy = clean.clean(data, kind) if kind is not None else None

    def keep(unit: Unit) -> None:
        fresh = attachments.by_ref(unit, file.ref)
        if fresh is None or fresh.status != "stored":
            return
        if copy is None:
            attachments.set_status(unit, fresh, "no_preview")
        else:
            attachments.store_clean(unit, fresh, copy.data)

    store.transact(keep, None)
    return True


def open_clean(svc: Desk, unit: Unit, actor: Actor, ref: str) -> Opened:
    """Open the clean copy, noted first. Raises `Refused` file.unknown, file.no_preview."""
    file, filing, name = _found(unit, actor, ref)
    if file.status != "clean":
        raise Refused("file.no_preview")
    accesses.note(svc, unit, actor, "file", filing)
    return Opened(name, file.mime, attachments.clean(unit, file))


def open_original(svc: Desk, unit: Unit, actor: Actor, ref: str, reason: str) -> Opened:
    """Open the original: the audit side only, with a reason, noted first.

    Raises `Refused` file.unknown, file.reason.
    """
    if not actor.may("intake", "auditor", "audit_head"):
        raise Refused("file.unknown")
    if not reason.strip():
        raise Refused("file.reason")
    file, filing, name = _found(unit, actor, ref)
    at = stamp(filing.mode, svc.now(), actor)
    detail = {"ref": ref, "reason": reason.strip()[:500]}
    journal.append(unit, filing.sid, at, actor.mark, "file_opened", detail)
    accesses.note(svc, unit, actor, "original", filing, reason=reason.strip()[:500])
    return Opened(name, file.mime, attachments.original(unit, file))


def _found(unit: Unit, actor: Actor, ref: str) -> tuple[Attachment, Filing, str]:
    file = attachments.by_ref(unit, ref)
    if file is None or file.filing_id is None:
        raise Refused("file.unknown")
    try:
        filing = sight.get(unit, file.filing_id, actor)
    except Refused:
        raise Refused("file.unknown") from None
    names = {one.ref: one.name for one in views.files_of(unit, filing)}
    return file, filing, names[file.ref]


def _checked(
    svc: Desk, unit: Unit, peer_id: int | None, data: bytes, *, voice: bool, known: int = 0
) -> clean.Kind:
    if len(data) > MOST:
        raise Refused("file.size", size=_size(len(data)), max=_size(MOST))
    kind = clean.kind_of(data, voice=voice)
    if kind is None:
        raise Refused("file.kind")
    if peer_id is not None:
        since = svc.now() - timedelta(days=1)
        if attachments.bytes_since(unit, peer_id, since) - known + len(data) > A_DAY:
            raise Refused("file.budget")
    return kind


def _shape(kind: clean.Kind) -> Literal["photo", "document", "voice"]:
    if kind == "voice":
        return "voice"
    return "photo" if kind in {"jpg", "png"} else "document"


def _size(count: int) -> str:
    return f"{count / 1024 / 1024:.1f} MB"
