"""The journal: a keyed and salted chain of events for each subject (security S4).

`hash = HMAC(journal key, prev, seq, subject, at, actor, kind, commitment)`, where
`commitment = SHA-256(salt, detail)` and the salt lives inside the sealed detail: once that is
erased, nobody can try out what it said, and the chain still holds. Tampering by the operator is
detectable by whoever kept a receipt's head, not impossible.
"""

import hashlib
import hmac
import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from storage.columns import to_micros
from storage.crypto import KeyRing, framed
from storage.errors import Closed, SealError
from storage.models import events, heads
from storage.quick import Quick
from storage.unit import Unit

SALT = 32
SHORT = 10
"""Bytes of a hash that a notice shows: to make another chain end so takes 2^80 tries."""
START = bytes(32)
ERASED = "erased"
PLACE = "events.detail"
WORDS_PLACE = "events.words"
WORDS = frozenset(
    {
        "demand_correction", "extension2_reply", "message", "pressure", "refer_reply",
        "request_call", "supplement_extend", "supplement_reply", "survey", "withdraw",
    }
)  # fmt: skip
"""Kinds in which a reporter speaks. Each has a data key of its own, wrapped to the key of the desk:
the public part writes what a reporter says later, and cannot read it again (security S7)."""
LEDGER = b"erasure ledger\0\0"  # owner of the key that outlives what was erased

_c, _h = events.c, heads.c
_lock_head = sa.select(_h.seq, _h.hash).where(_h.subject == sa.bindparam("of")).with_for_update()
_append = Quick(sa.insert(events))
_first_head = Quick(sa.insert(heads))
_next_head = Quick(sa.update(heads).where(_h.subject == sa.bindparam("of")))


class Head(NamedTuple):
    """The end of a chain: what a receipt carries."""

    seq: int
    hash: bytes

    def __str__(self) -> str:
        return f"{self.seq}:{self.hash.hex()}"

    @property
    def short(self) -> str:
        """Give what a person can compare: the same with the first 80 bits alone."""
        return f"{self.seq}:{self.hash[:SHORT].hex()}"

    @classmethod
    def parse(cls, text: str) -> "Head":
        """Read a head from a receipt, a short one from a notice; raises ValueError for others."""
        seq, _, digest = text.partition(":")
        head = cls(int(seq), bytes.fromhex(digest))
        if len(head.hash) not in {SHORT, hashlib.sha256().digest_size}:
            raise ValueError("not the head of a chain")
        return head


@dataclass(frozen=True, slots=True)
class Event:
    """`detail` is None once it was erased."""

    seq: int
    at: datetime
    actor: str
    kind: str
    detail: dict[str, Any] | None


class Fault(NamedTuple):
    """What is wrong with a chain, and where: 0 for the chain as a whole."""

    seq: int
    what: str  # gap, hash, commitment, sealed, erased, head, receipt, key


def append(
    unit: Unit, subject: bytes, at: datetime, actor: str, kind: str, detail: Mapping[str, Any]
) -> Head:
    """Add an event; personal values belong into `detail` only, which is sealed to the subject.

    Locks the subject's chain until the commit, so that `seq` has neither gaps nor twins.
    """
    last = _end(unit, subject)
    seq, prev = (1, START) if last is None else (last.seq + 1, last.hash)
    salt = unit.random(SALT)
    content = json.dumps(detail, ensure_ascii=False, sort_keys=True).encode()
    commitment = hashlib.sha256(salt + content).digest()
    ring = unit.keys.ring
    digest = _digest(ring, ring.first, prev, seq, subject, at, actor, kind, commitment)
    row = {
        "subject": subject,
        "seq": seq,
        "at": at,
        "actor": actor,
        "kind": kind,
        "commitment": commitment,
        "detail": unit.keys.seal(*_sealed_for(subject, kind, commitment), salt + content),
        "hash": digest,
        "key_id": ring.first.hex(),
    }
    _append.later(unit.conn, row)
    _move_head(unit, subject, Head(seq, digest), new=last is None)
    return Head(seq, digest)


def head(unit: Unit, subject: bytes) -> Head | None:
    """Give the end of a subject's chain."""
    if subject in unit.heads:
        return Head(*unit.heads[subject])
    row = unit.conn.execute(sa.select(_h.seq, _h.hash).where(_h.subject == subject)).one_or_none()
    return None if row is None else Head(row.seq, row.hash)


def ends(unit: Unit, subject: bytes) -> dict[int, Head]:
    """Give what the end of a chain was after each of its events, by number."""
    found = sa.select(_c.seq, _c.hash).where(_c.subject == subject)
    return {row.seq: Head(row.seq, row.hash) for row in unit.conn.execute(found)}


def history(unit: Unit, subject: bytes) -> list[Event]:
    """Read a subject's events in order; erased details are None, those of others' {}."""
    found = sa.select(events).where(_c.subject == subject).order_by(_c.seq)
    return [
        Event(row.seq, row.at, row.actor, row.kind, _detail(unit, row))
        for row in unit.conn.execute(found)
    ]


_last = (
    sa.select(events)
    .where(_c.subject == sa.bindparam("of"), _c.kind == sa.bindparam("what"))
    .order_by(_c.seq.desc())
    .limit(1)
)


def last(unit: Unit, subject: bytes, kind: str) -> Event | None:
    """Read a subject's newest event of a kind; erased details are None."""
    row = unit.conn.execute(_last, {"of": subject, "what": kind}).one_or_none()
    return Event(row.seq, row.at, row.actor, row.kind, _detail(unit, row)) if row else None


def last_by_officials(
    unit: Unit, subjects: Collection[bytes], but: Collection[str]
) -> dict[bytes, datetime]:
    """Tell when an official last did something to each subject, kinds in `but` left aside."""
    done = (_c.actor.startswith("user:"), _c.kind.not_in(but))
    found: dict[bytes, datetime] = {}
    every = list(subjects)
    for at in range(0, len(every), 500):
        some = sa.select(_c.subject, sa.func.max(_c.at, type_=_c.at.type).label("last"))
        some = some.where(_c.subject.in_(every[at : at + 500]), *done).group_by(_c.subject)
        found |= {row.subject: row.last for row in unit.conn.execute(some)}
    return found


def erase(
    unit: Unit, subject: bytes, at: datetime, actor: str, counts: Mapping[str, int]
) -> Head | None:
    """Take a subject's details away and say so; None when there was nothing left to take.

    The event `erased` is sealed to the service itself, because the subject's key is gone.
    """
    gone = sa.update(events).where(
        _c.subject == subject, _c.detail.is_not(None), _c.kind != ERASED
    )
    if unit.conn.execute(gone.values(detail=None)).rowcount == 0:
        return None
    return append(unit, subject, at, actor, ERASED, counts)


def reaches(unit: Unit, subject: bytes, head: Head) -> bool:
    """Tell whether a chain once ended like this: whether a receipt is of this very subject."""
    there = sa.select(_c.hash).where(_c.subject == subject, _c.seq == head.seq)
    found = unit.conn.scalar(there)
    return found is not None and hmac.compare_digest(found, head.hash)


def named(name: str) -> bytes:
    """Give the subject of what is no filing: an account, the settings, the days off."""
    return hashlib.sha256(f"subject|{name}".encode()).digest()[:16]


def verify(unit: Unit, subject: bytes, receipt: Head | None = None) -> list[Fault]:
    """Check a chain; [] when it holds, up to the head that a receipt carries."""
    found = sa.select(events).where(_c.subject == subject).order_by(_c.seq)
    rows = unit.conn.execute(found).all()
    faults: list[Fault] = []
    prev = START
    for expected, row in enumerate(rows, 1):
        if row.seq != expected:
            faults.append(Fault(expected, "gap"))
            break
        faults += _check(unit, prev, row)
        prev = row.hash
    faults += _check_end(unit, subject, rows, receipt)
    return faults


def _check(unit: Unit, prev: bytes, row: sa.Row[Any]) -> Iterable[Fault]:
    kid = bytes.fromhex(row.key_id)
    if not unit.keys.ring.knows("journal", kid):
        yield Fault(row.seq, "key")
        return
    parts = (prev, row.seq, row.subject, row.at, row.actor, row.kind, row.commitment)
    if not hmac.compare_digest(_digest(unit.keys.ring, kid, *parts), row.hash):
        yield Fault(row.seq, "hash")
    if row.detail is not None:
        try:
            opened = _open(unit, row)
        except Closed:
            return  # the chain is looked at here, what was said only where it can be opened
        except SealError:
            yield Fault(row.seq, "sealed")
        else:
            if hashlib.sha256(opened).digest() != row.commitment:
                yield Fault(row.seq, "commitment")


def _check_end(
    unit: Unit, subject: bytes, rows: list[sa.Row[Any]] | Any, receipt: Head | None
) -> Iterable[Fault]:
    end = head(unit, subject)
    last = Head(rows[-1].seq, rows[-1].hash) if rows else None
    if end != last:
        yield Fault(0, "head")
    bare = [row.seq for row in rows if row.detail is None]
    if bare and not any(row.kind == ERASED and row.seq > bare[0] for row in rows):
        yield Fault(bare[0], "erased")  # taken away without saying so
    if receipt is not None:
        there = [row.hash[: len(receipt.hash)] for row in rows if row.seq == receipt.seq]
        if there != [receipt.hash]:
            yield Fault(receipt.seq, "receipt")


def _digest(
    ring: KeyRing,
    kid: bytes,
    prev: bytes,
    seq: int,
    subject: bytes,
    at: datetime,
    actor: str,
    kind: str,
    commitment: bytes,
) -> bytes:
    parts = (
        prev, seq.to_bytes(8, "big"), subject, to_micros(at).to_bytes(8, "big"), actor.encode(),
        kind.encode(), commitment,
    )  # fmt: skip
    return ring.tag("journal", framed(*parts), kid)


def _end(unit: Unit, subject: bytes) -> Head | None:
    """Lock the end of a chain and give it; what this transaction holds already is not asked."""
    if subject in unit.heads or subject in unit.keys.born:
        known = unit.heads.get(subject)
        return None if known is None else Head(*known)
    row = unit.conn.execute(_lock_head, {"of": subject}).one_or_none()
    return None if row is None else Head(row.seq, row.hash)


def _move_head(unit: Unit, subject: bytes, to: Head, *, new: bool) -> None:
    values = {"seq": to.seq, "hash": to.hash}
    if new:
        # A race for the first event ends in a unique violation, and transact runs again.
        _first_head.later(unit.conn, {"subject": subject, **values})
    else:
        _next_head.later(unit.conn, {"of": subject, **values})
    unit.heads[subject] = to


def destroy_words(unit: Unit, subject: bytes) -> int:
    """Destroy the data keys of what a reporter said later; gives how many there were."""
    said = sa.select(_c.commitment).where(_c.subject == subject, _c.kind.in_(WORDS))
    return sum(unit.keys.destroy(_own(one)) for one in list(unit.conn.scalars(said)))


def _sealed_for(subject: bytes, kind: str, commitment: bytes) -> tuple[str, bytes]:
    """Name the place and the owner that an event's detail is sealed for."""
    if kind in WORDS:
        return WORDS_PLACE, _own(commitment)
    return PLACE, LEDGER if kind == ERASED else subject


def _own(commitment: bytes) -> bytes:
    """Name an event as an owner: its commitment is random, and was made before it was sealed."""
    return commitment[:16]


def _open(unit: Unit, row: sa.Row[Any]) -> bytes:
    return unit.keys.open(*_sealed_for(row.subject, row.kind, row.commitment), row.detail)


def _detail(unit: Unit, row: sa.Row[Any]) -> dict[str, Any] | None:
    if row.detail is None:
        return None
    if row.kind in WORDS and not unit.keys.may_open(WORDS_PLACE):
        return {}
    opened: dict[str, Any] = json.loads(_open(unit, row)[SALT:])
    return opened
