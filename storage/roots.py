"""Signed hours of the journal: the anchor outside the reach of who can write rows (security S4)."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from storage.columns import to_micros
from storage.crypto import framed
from storage.models import heads, roots
from storage.unit import Unit

START = bytes(32)
PIECE = 5_000
"""Heads that are read at once."""
_h, _r = heads.c, roots.c
_latest = sa.select(roots).order_by(_r.id.desc()).limit(1)
_heads = sa.select(_h.subject, _h.seq, _h.hash).order_by(_h.subject)
_add = sa.insert(roots).returning(roots)


@dataclass(frozen=True, slots=True)
class Root:
    """What is mailed and printed: enough to check the next one against it."""

    id: int
    at: datetime
    subjects: int
    events: int
    merkle: bytes
    prev: bytes
    key_id: str
    signature: bytes

    def message(self) -> bytes:
        """Give the bytes that are signed."""
        numbers = (to_micros(self.at), self.subjects, self.events)
        return framed(
            b"root1", *(number.to_bytes(8, "big") for number in numbers), self.merkle, self.prev
        )

    def digest(self) -> bytes:
        """Give what the next root is chained to."""
        return hashlib.sha256(framed(self.message(), self.signature)).digest()


def merkle(leaves: Iterable[bytes]) -> bytes:
    """Give the Merkle root as RFC 6962 defines it: leaves and nodes hashed apart.

    Read once and not kept: a million subjects take no more memory than a few.
    """
    whole: list[tuple[int, bytes]] = []  # full trees from the left: how high each, and its root
    for leaf in leaves:
        high, node = 0, hashlib.sha256(b"\0" + leaf).digest()
        while whole and whole[-1][0] == high:
            node = hashlib.sha256(b"\1" + whole.pop()[1] + node).digest()
            high += 1
        whole.append((high, node))
    if not whole:
        return hashlib.sha256(b"").digest()
    _, top = whole.pop()
    while whole:
        top = hashlib.sha256(b"\1" + whole.pop()[1] + top).digest()
    return top


def sign(unit: Unit, at: datetime) -> Root:
    """Write the root of this moment, under a lease: two at once would fork the chain."""
    count, total, top = _state(unit)
    last = latest(unit)
    ring = unit.keys.ring
    prev = START if last is None else last.digest()
    root = Root(0, at, count, total, top, prev, ring.first.hex(), b"")
    signature = ring.signer().sign(root.message())
    row = {
        "at": at,
        "subjects": count,
        "events": total,
        "merkle": top,
        "prev": prev,
        "key_id": root.key_id,
        "signature": signature,
    }
    made = unit.conn.execute(_add, row).mappings().one()
    return Root(**made)


def latest(unit: Unit) -> Root | None:
    row = unit.conn.execute(_latest).mappings().one_or_none()
    return None if row is None else Root(**row)


def verify(unit: Unit) -> list[str]:
    """Check the chain of roots and their signatures; names what does not hold, [] if all does."""
    faults: list[str] = []
    prev: bytes = START
    for row in unit.conn.execute(sa.select(roots).order_by(_r.id)).mappings():
        root = Root(**row)
        if root.prev != prev:
            faults.append(f"root {root.id}: not chained")
        public = unit.keys.ring.signer(bytes.fromhex(root.key_id)).public_key()
        if not holds(root, public):
            faults.append(f"root {root.id}: signature")
        prev = root.digest()
    return faults


def holds(root: Root, public: Ed25519PublicKey) -> bool:
    """Check one root with the public key alone: nothing of ours is needed."""
    try:
        public.verify(root.signature, root.message())
    except InvalidSignature:
        return False
    return True


def now_matches(unit: Unit, root: Root) -> bool:
    """Tell whether the journal still ends exactly where a root says (nothing was added since)."""
    return _state(unit) == (root.subjects, root.events, root.merkle)


def _state(unit: Unit) -> tuple[int, int, bytes]:
    count = events = 0

    def leaves() -> Iterator[bytes]:
        nonlocal count, events
        rows = unit.conn.execute(_heads, execution_options={"yield_per": PIECE})
        for row in rows:
            count += 1
            events += row.seq
            yield framed(row.subject, row.seq.to_bytes(8, "big"), row.hash)

    top = merkle(leaves())
    return count, events, top
