"""Signed receipts: what proves a filing where the database has lost it (security S4, S13).

A receipt is one line of ASCII, `JKR1.number.time.procedure.head.key.signature`. The signature
(Ed25519, base64url) is over everything before its dot, so whoever has the public key can check it.
What a notice carries is the same with `JKN1` before it: its time is that of the notice.
"""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from storage.crypto import KeyRing
from storage.journal import Head

MOST = 400
"""Signs of a receipt, with the blanks of a line that was broken."""

_TIME = "%Y%m%dT%H%M%SZ"
_LINE = re.compile(
    r"(JK([RN])1\.([0-9A-Z-]{12})\.(\d{8}T\d{6}Z)\.([a-z][a-z0-9_]{0,39})"
    r"\.(\d{1,9})-([\w-]{43})\.([0-9a-f]{8}))\.([\w-]{86})",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Receipt:
    """What is signed: `at` is when it arrived (UTC, whole seconds; the hour without a name).

    `head` is the end of the filing's chain, `key_id` (hex) names the key. `notice`: it is no
    receipt but of a notice, said at `at`, and nothing is filed again with it.
    """

    text: str
    number: str
    at: datetime
    procedure: str
    head: Head
    key_id: str
    signature: bytes
    notice: bool = False

    def signed(self) -> bytes:
        return self.text.rpartition(".")[0].encode()


def sign(
    ring: KeyRing, number: str, at: datetime, procedure: str, head: Head, *, notice: bool = False
) -> str:
    """Give the receipt of a filing, or what one of its notices carries, as its line."""
    when = at.astimezone(UTC).strftime(_TIME)
    end = f"{head.seq}-{text_of(head.hash)}"
    line = f"JK{'N' if notice else 'R'}1.{number}.{when}.{procedure}.{end}.{ring.first.hex()}"
    return f"{line}.{text_of(ring.signer().sign(line.encode()))}"


def read(typed: str) -> Receipt | None:
    """Read a line as it was copied, blanks and all; None for what has another shape."""
    found = _LINE.fullmatch("".join(typed[:MOST].split()))
    if found is None:
        return None
    _, kind, number, when, procedure, seq, end, key_id, signature = found.groups()
    try:
        at = datetime.strptime(when, _TIME).replace(tzinfo=UTC)
        head = Head(int(seq), bytes_of(end))
        notice = kind == "N"
        signed = bytes_of(signature)
        return Receipt(found[0], number, at, procedure, head, key_id, signed, notice)
    except (ValueError, Error):
        return None


def holds(receipt: Receipt, public: Ed25519PublicKey) -> bool:
    """Check a receipt with the public key alone: nothing of ours is needed."""
    try:
        public.verify(receipt.signature, receipt.signed())
    except InvalidSignature:
        return False
    return True


def genuine(ring: KeyRing, typed: str) -> Receipt | None:
    """Give a receipt that this installation signed, under any key it ever had; else None."""
    receipt = read(typed)
    if receipt is None:
        return None
    kid = bytes.fromhex(receipt.key_id)
    if not ring.knows("roots", kid) or not holds(receipt, ring.signer(kid).public_key()):
        return None
    return receipt


def public_keys(ring: KeyRing) -> dict[str, str]:
    """Give what outsiders check with: key id (hex) to public key (base64url, 32 bytes)."""
    return {
        kid.hex(): text_of(ring.signer(kid).public_key().public_bytes_raw())
        for kid in ring.knowing("roots")
    }


def public_key(text: str) -> Ed25519PublicKey:
    """Read a public key as `public_keys` writes it; raises ValueError."""
    return Ed25519PublicKey.from_public_bytes(bytes_of(text.strip()))


def text_of(raw: bytes) -> str:
    """Write bytes as base64url without its padding (RFC 4648)."""
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def bytes_of(text: str) -> bytes:
    """Read what `text_of` wrote; raises binascii.Error."""
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
