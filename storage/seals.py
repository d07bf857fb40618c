"""Seals of bundles: what proves that a bundle left here as it is, and when (security S4).

A seal is one line of ASCII, `JKB1.number.time.manifest.head.key.signature`: the SHA-256 of the
bundle's manifest, the end of the filing's chain, and an Ed25519 signature (base64url) over
everything before its dot. Whoever has the public key can check it without us.
"""

import hashlib
import re
from binascii import Error
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from storage.crypto import KeyRing
from storage.journal import Head
from storage.receipts import bytes_of, text_of

_TIME = "%Y%m%dT%H%M%SZ"
_LINE = re.compile(
    r"(JKB1\.([0-9A-Z-]{12})\.(\d{8}T\d{6}Z)\.([\w-]{43})"
    r"\.(\d{1,9})-([\w-]{43})\.([0-9a-f]{8}))\.([\w-]{86})",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Seal:
    """What is signed: `at` is when the bundle was made (UTC, whole seconds)."""

    text: str
    number: str
    at: datetime
    manifest: bytes
    head: Head
    key_id: str
    signature: bytes


def sign(ring: KeyRing, number: str, at: datetime, manifest: bytes, head: Head) -> str:
    """Give the seal of a bundle whose manifest reads like this."""
    when = at.astimezone(UTC).strftime(_TIME)
    digest = text_of(hashlib.sha256(manifest).digest())
    line = f"JKB1.{number}.{when}.{digest}.{head.seq}-{text_of(head.hash)}.{ring.first.hex()}"
    return f"{line}.{text_of(ring.signer().sign(line.encode()))}"


def read(line: str) -> Seal | None:
    """Read a seal; None for what has another shape."""
    found = _LINE.fullmatch(line.strip())
    if found is None:
        return None
    _, number, when, digest, seq, end, key_id, signature = found.groups()
    try:
        at = datetime.strptime(when, _TIME).replace(tzinfo=UTC)
        head = Head(int(seq), bytes_of(end))
        return Seal(found[0], number, at, bytes_of(digest), head, key_id, bytes_of(signature))
    except (ValueError, Error):
        return None


def holds(seal: Seal, manifest: bytes, public: Ed25519PublicKey) -> bool:
    """Check a seal and the manifest that it is of with the public key alone."""
    if hashlib.sha256(manifest).digest() != seal.manifest:
        return False
    try:
        public.verify(seal.signature, seal.text.rpartition(".")[0].encode())
    except InvalidSignature:
        return False
    return True


def ours(ring: KeyRing, seal: Seal) -> Ed25519PublicKey | None:
    """Give the key under which this installation made a seal; None where it has no such key."""
    kid = bytes.fromhex(seal.key_id)
    return ring.signer(kid).public_key() if ring.knows("roots", kid) else None
