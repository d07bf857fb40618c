"""Files that people send: kept sealed as they came, shown as clean copies (S25, S34)."""

import errno
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from bot.dialogs.events import Attached
from bot.documents import clean, kinds
from bot.documents.scan import Scan
from bot.errors import Refused
from bot.services import accesses, crowd, rights, sight, unfit, views
from bot.services.base import Actor, Desk, citizen, stamp
from bot.services.rights import Right
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
    file.budget (30 MB a day), file.crowded (the channel's hour is spent: after a number only).
    """
    if blobs.full():
        raise Refused("file.full")
    kind = _checked(svc, unit, peer_id, data, voice=voice)
    if peer_id is not None and _crowded(svc, unit, peer_id, len(data)):
        raise Refused("file.crowded")
    shape = _shape(kind)
    file = attachments.add(
        unit, kind=shape, now=svc.now(), peer_id=peer_id, name=name[:200], mime=kinds.MIMES[kind]
    )
    _store(unit, file, data)
    return Attached(file.ref, shape, name[:200], len(data), kinds.MIMES[kind])


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


def left(svc: Desk, unit: Unit, peer_id: int) -> int:
    """Give the bytes that somebody may still send today (S34)."""
    since = svc.now() - timedelta(days=1)
    return max(0, A_DAY - attachments.bytes_since(unit, peer_id, since))


def waiting(svc: Desk, unit: Unit, limit: int = 20) -> tuple[tuple[str, str, str], ...]:
    """Give (ref, channel, locator) of files that have to be fetched, those of reports first.

    While a channel's hour is spent, who has no number yet waits until he has one (S34).
    """
    found = []
    for file in attachments.to_fetch(unit, limit):
        channel, _, where = attachments.locator(unit, file).partition(" ")
        size = max(1, file.size // 1024)
        if where and (
            file.filing_id is not None
            or not crowd.spent(unit, _bytes(channel), _budget(svc), size)
            or _has_number(unit, file.peer_id)
        ):
            found.append((file.ref, channel, where))
    return tuple(found)


def arrived(svc: Desk, unit: Unit, ref: str, data: bytes) -> bool:
    """Keep a fetched file; False when it is of a kind that is not taken, or too much.

    Whoever sent it is told so: he was answered before anybody could look at it.
    """
    file = attachments.by_ref(unit, ref)
    if file is None or file.status != "waiting":
        return True
    try:
        kind = _checked(svc, unit, file.peer_id, data, voice=file.kind == "voice", known=file.size)
    except Refused as why:
        attachments.set_status(unit, file, "failed")
        unfit.not_taken(svc, unit, file, why)
        return False
    if file.peer_id is not None:
        channel = attachments.locator(unit, file).partition(" ")[0]
        crowd.use(unit, _bytes(channel), _budget(svc), max(1, len(data) // 1024))
    _store(unit, file, data)
    attachments.set_status(unit, file, "stored", kinds.MIMES[kind])
    return True


def lost(svc: Desk, unit: Unit, ref: str, why: Refused) -> None:
    """Note that a file cannot be fetched any more, and tell whoever sent it."""
    file = attachments.by_ref(unit, ref)
    if file is not None and file.status == "waiting":
        attachments.set_status(unit, file, "failed")
        unfit.not_taken(svc, unit, file, why)


def clean_next(store: Store, scan: Scan | None = None) -> bool:
    """Scan one stored file and make its clean copy; False when none waits.

    The file is read, scanned and cleaned with no transaction open, then what came of it is
    written. What the scanner finds has no copy; while it is away the copy is made all the same,
    because a copy is drawn anew from pixels and bare text.
    """
    taken = store.read(lambda unit: _first(unit, attachments.in_status(unit, "stored", 1)))
    if taken is None:
        return False
    file, data = taken
    verdict = scan(data) if scan is not None else ""
    kind = kinds.kind_of(data, voice=file.kind == "voice")
    copy = clean.clean(data, kind) if kind is not None and verdict != "found" else None

    def keep(unit: Unit) -> None:
        fresh = attachments.by_ref(unit, file.ref)
        if fresh is None or fresh.status != "stored":
            return
        if copy is None:
            attachments.set_status(unit, fresh, "no_preview")
        else:
            attachments.store_clean(unit, fresh, copy.data)
        if verdict:
            attachments.set_scan(unit, fresh, verdict)

    store.transact(keep, None)
    return True


def scan_again(store: Store, scan: Scan) -> bool:
    """Scan one file that came while the scanner was away; False when there is no more to do."""
    taken = store.read(lambda unit: _first(unit, attachments.unscanned(unit, 1)))
    verdict = scan(taken[1]) if taken is not None else "away"
    if taken is None or verdict == "away":
        return False

    def keep(unit: Unit) -> str:
        fresh = attachments.by_ref(unit, taken[0].ref)
        if fresh is None or fresh.scan != "away":
            return ""
        attachments.set_scan(unit, fresh, verdict)
        return attachments.drop_clean(unit, fresh) if verdict == "found" else ""

    blob = store.transact(keep, None)
    if blob:
        store.blobs.delete(blob)
    return True


def open_clean(svc: Desk, unit: Unit, actor: Actor, ref: str) -> Opened:
    """Open the clean copy, noted first. Raises `Refused` file.unknown, file.no_preview."""
    file, filing, name = _found(unit, actor, ref)
    if not rights.may(sight.acting(actor, filing), Right.CONTENT):
        raise Refused("file.unknown")
    if file.status != "clean":
        raise Refused("file.no_preview")
    accesses.note(svc, unit, actor, "file", filing)
    mime = kinds.copy_mime(file.mime)
    stem = name.partition(".")[0]
    return Opened(f"{stem}{kinds.ENDINGS[mime]}", mime, attachments.clean(unit, file))


def risky(unit: Unit, actor: Actor, ref: str) -> bool:
    """Tell whether nobody has looked for malicious code in a file. Raises file.unknown."""
    return _found(unit, actor, ref)[0].scan != "clean"


def open_original(
    svc: Desk, unit: Unit, actor: Actor, ref: str, reason: str, *, risk: bool = False
) -> Opened:
    """Open the original: the audit side only, with a reason, noted first.

    `risk`: who opens it knows that it was not scanned. Raises `Refused` file.unknown,
    file.reason, file.risk, file.quarantined.
    """
    if not actor.may("intake", "auditor", "audit_head"):
        raise Refused("file.unknown")
    file, filing, name = _found(unit, actor, ref)
    if file.status in {"found", "quarantined"}:
        raise Refused("file.quarantined")
    if not reason.strip():
        raise Refused("file.reason")
    if file.scan != "clean" and not risk:
        raise Refused("file.risk")
    at = stamp(filing.mode, svc.now(), actor)
    detail = {"ref": ref, "reason": reason.strip()[:500]}
    journal.append(unit, filing.sid, at, actor.mark, "file_opened", detail)
    accesses.note(svc, unit, actor, "original", filing, reason=reason.strip()[:500])
    return Opened(name, file.mime, attachments.original(unit, file))


def _store(unit: Unit, file: Attachment, data: bytes) -> None:
    """Keep a file, or say that the disk is full (S22): it may be sent again later."""
    try:
        attachments.store(unit, file, data)
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise Refused("file.full") from None
        raise


def _first(unit: Unit, files: list[Attachment]) -> tuple[Attachment, bytes] | None:
    return (files[0], attachments.original(unit, files[0])) if files else None


def _found(unit: Unit, actor: Actor, ref: str) -> tuple[Attachment, Filing, str]:
    """Find a file by way of the reports its reader may know of: refused is like not there (S8)."""
    seen = sight.visible_filings(actor)
    owner = attachments.owner(ref)
    found = sight.several(unit, seen.where(seen.selected_columns.id.in_(owner)))
    file = attachments.by_ref(unit, ref) if found else None
    if file is None:
        raise Refused("file.unknown")
    (filing,) = found
    names = {one.ref: one.name for one in views.files_of(unit, filing)}
    return file, filing, names[file.ref]


def _crowded(svc: Desk, unit: Unit, peer_id: int, size: int) -> bool:
    """Tell whether a file has to wait until its sender has a number (S34)."""
    name = _bytes(peers.get(unit, peer_id).channel)
    if not crowd.over(unit, name, _budget(svc), count=max(1, size // 1024)):
        return False
    return not _has_number(unit, peer_id)


def _bytes(channel: str) -> str:
    return f"bytes:{channel}"


def _budget(svc: Desk) -> int:
    """Give the kilobytes of a channel's hour."""
    return svc.site.budget_megabytes * 1024


def _has_number(unit: Unit, peer_id: int | None) -> bool:
    mine = sight.visible_filings(citizen(peer_id)).limit(1)
    return peer_id is not None and bool(sight.several(unit, mine))


def _checked(
    svc: Desk, unit: Unit, peer_id: int | None, data: bytes, *, voice: bool, known: int = 0
) -> kinds.Kind:
    if len(data) > MOST:
        raise Refused("file.size", size=_size(len(data)), max=_size(MOST))
    kind = kinds.kind_of(data, voice=voice)
    if kind is None:
        raise Refused("file.kind")
    if peer_id is not None:
        since = svc.now() - timedelta(days=1)
        if attachments.bytes_since(unit, peer_id, since) - known + len(data) > A_DAY:
            raise Refused("file.budget")
    return kind


def _shape(kind: kinds.Kind) -> Literal["photo", "document", "voice"]:
    if kind in kinds.SOUNDS:
        return "voice"
    return "photo" if kind in kinds.PICTURES else "document"


def _size(count: int) -> str:
    return f"{count / 1024 / 1024:.1f} MB"
