"""Data keys of owners: made, wrapped by the ring, cached, rewrapped and destroyed (security S6)."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable

import sqlalchemy as sa

from storage import crypto
from storage.columns import db_now
from storage.crypto import KeyRing, Random, SealKey
from storage.errors import Closed, Erased, SealError
from storage.models import keys
from storage.upsert import NewRow

CONTENT = "content"
IDENTITY = "identity"
PURPOSES = {
    "filings.identity": IDENTITY,
    "filings.exact": IDENTITY,
    "peers.name": IDENTITY,
    "events.words": IDENTITY,
    "relay_items.content": IDENTITY,
}
"""Who it was is sealed with a key of its own, which is wrapped to the key of the desk: the public
part makes it, and once it is committed cannot open it again (security S7)."""

_Slot = tuple[bytes, str]
_new = NewRow(keys, created_at=db_now())
_of = (keys.c.owner == sa.bindparam("of_owner"), keys.c.purpose == sa.bindparam("of_purpose"))
_wrapped = sa.select(keys.c.wrapped).where(*_of)
_again = sa.update(keys).where(*_of)


class Cache:
    """The data keys used last, in memory; forgotten after a minute so that erasing spreads."""

    def __init__(
        self, size: int = 2048, age: float = 60.0, ticks: Callable[[], float] = time.monotonic
    ) -> None:
        self._slots: OrderedDict[_Slot, tuple[float, SealKey]] = OrderedDict()
        self._size, self._age, self._ticks = size, age, ticks
        self._lock = threading.Lock()

    def get(self, slot: _Slot) -> SealKey | None:
        with self._lock:
            found = self._slots.get(slot)
            if found is None:
                return None
            if self._ticks() - found[0] > self._age:
                del self._slots[slot]
                return None
            self._slots.move_to_end(slot)
            return found[1]

    def put(self, slot: _Slot, key: SealKey) -> None:
        with self._lock:
            self._slots[slot] = (self._ticks(), key)
            self._slots.move_to_end(slot)
            while len(self._slots) > self._size:
                self._slots.popitem(last=False)

    def drop(self, owner: bytes) -> None:
        with self._lock:
            for slot in [slot for slot in self._slots if slot[0] == owner]:
                del self._slots[slot]

    def clear(self) -> None:
        with self._lock:
            self._slots.clear()


class Keychain:
    """Sealing inside one transaction.

    A data key made here is known to others only after the commit: a key whose row was rolled
    back must never seal anything again.
    """

    def __init__(self, conn: sa.Connection, ring: KeyRing, cache: Cache, random: Random) -> None:
        self.conn, self.ring, self.random = conn, ring, random
        self._cache = cache
        self._fresh: dict[_Slot, SealKey] = {}
        self._gone: set[bytes] = set()
        self.born: set[bytes] = (
            set()
        )  # owners of this transaction: nobody else has made their keys

    def seal(self, place: str, owner: bytes, plain: bytes) -> bytes:
        """Seal for "table.column" of the row of `owner`; makes the owner's data key at need."""
        key = self._data_key(place, owner, make=True)
        return crypto.seal(key, place, owner, plain, self.random)

    def open(self, place: str, owner: bytes, sealed: bytes) -> bytes:
        """Open; raises Erased when the data key was destroyed, SealError for anything moved."""
        key = self._data_key(place, owner, make=False)
        return crypto.unseal(key, place, owner, sealed)

    def opener(self, place: str) -> Callable[[bytes, bytes, bytes | None], bytes]:
        """Give `open(owner, sealed, wrapped)` for many owners whose wrapped keys were read along.

        Their keys are not kept: a hundred thousand of them would push out those of the people who
        are talking now. Raises as `open` does.
        """
        purpose = PURPOSES.get(place, CONTENT)
        ready: dict[bytes, SealKey] = {}

        def open_one(owner: bytes, sealed: bytes, wrapped: bytes | None) -> bytes:
            if wrapped is None:
                raise Erased(purpose)
            kid = crypto.sealed_by(wrapped)
            if kid not in ready:
                ready[kid] = self.ring.ready(self.ring.derive(f"wrap.{purpose}", kid), kid)
            bound = owner + purpose.encode()
            secret = crypto.unseal(ready[kid], crypto.WRAPPED, bound, wrapped)
            # Which key it was, the seal says itself: with another one it does not open.
            key = self.ring.ready(secret, crypto.sealed_by(sealed))
            return crypto.unseal(key, place, owner, sealed)

        return open_one

    def mac(self, place: str, owner: bytes, content: bytes) -> bytes:
        """Give the integrity code of a blob with its owner's key (security S25)."""
        return self._data_key(place, owner, make=True).tag(place, content)

    def mac_holds(self, place: str, owner: bytes, content: bytes, mac: bytes) -> bool:
        """Tell whether a blob is the one whose integrity code this is."""
        return self._data_key(place, owner, make=False).tagged(place, content, mac)

    def may_open(self, place: str) -> bool:
        """Tell whether this process has the keys that open a place at all (security S7)."""
        return PURPOSES.get(place) != IDENTITY or self.ring.discloses

    def destroy(self, owner: bytes) -> int:
        """Erase every data key of an owner for ever; gives how many there were."""
        live = keys.c.wrapped.is_not(None)
        gone = (
            sa.update(keys)
            .where(keys.c.owner == owner, live)
            .values(wrapped=None, key_id="", destroyed_at=db_now())
        )
        count = self.conn.execute(gone).rowcount
        for slot in [slot for slot in self._fresh if slot[0] == owner]:
            del self._fresh[slot]
        self._gone.add(owner)
        self.born.discard(owner)
        self._cache.drop(owner)
        return count

    def forget(self, owner: bytes) -> None:
        """Take back the key of an owner that was not made after all."""
        self.conn.execute(sa.delete(keys).where(keys.c.owner == owner))
        self.born.discard(owner)
        for slot in [slot for slot in self._fresh if slot[0] == owner]:
            del self._fresh[slot]

    def rewrap(self, limit: int = 1000) -> int:
        """Wrap up to `limit` data keys anew under the first key; 0: the rotation is complete."""
        k = keys.c
        who, rest = (self._writes(purpose).hex() for purpose in (IDENTITY, CONTENT))
        old = sa.case((k.purpose == IDENTITY, k.key_id != who), else_=k.key_id != rest)
        rows = self.conn.execute(
            sa.select(k.owner, k.purpose, k.wrapped)
            .where(k.key_id != "", old)
            .limit(limit)
            .with_for_update(skip_locked=True)
        ).all()
        for owner, purpose, wrapped in rows:
            plain = self._unwrap((owner, purpose), wrapped)
            self._rewrite((owner, purpose), plain)
        return len(rows)

    def committed(self) -> None:
        """Let others use what this transaction made."""
        for slot, key in self._fresh.items():
            if slot[1] != IDENTITY or self.ring.discloses:
                self._cache.put(slot, key)
        for owner in self._gone:
            self._cache.drop(owner)

    def _data_key(self, place: str, owner: bytes, *, make: bool) -> SealKey:
        slot = (owner, PURPOSES.get(place, CONTENT))
        key = self._fresh.get(slot)
        if key is None and owner not in self._gone:
            key = self._cache.get(slot)
        if key is None and not (make and owner in self.born):
            key = self._load(slot, make=make)
        if key is None and make:
            key = self._make(slot)
        if key is None:
            raise SealError(f"{place}: its owner has no key")
        return key

    def _load(self, slot: _Slot, *, make: bool) -> SealKey | None:
        named = {"of_owner": slot[0], "of_purpose": slot[1]}
        row = self.conn.execute(_wrapped, named).one_or_none()
        if row is None:
            return None
        if row.wrapped is None:
            raise Erased(slot[1])
        try:
            key = self.ring.ready(self._unwrap(slot, row.wrapped))
        except Closed:
            if not make:
                raise
            return self._replace(slot)
        if slot not in self._fresh:
            self._cache.put(slot, key)
        return key

    def _make(self, slot: _Slot) -> SealKey | None:
        secret = self.random(crypto.KEY_BYTES)
        row = {
            "owner": slot[0],
            "purpose": slot[1],
            "key_id": self._writes(slot[1]).hex(),
            "wrapped": self._wrap(slot, secret),
        }
        if slot[0] in self.born:
            _new.later(self.conn, row)
        elif not _new(self.conn, row):  # another transaction was faster
            return self._load(slot, make=True)
        key = self._fresh[slot] = self.ring.ready(secret)
        return key

    def _replace(self, slot: _Slot) -> SealKey:
        """Give a new key to who is written anew by somebody who cannot read what stood there.

        Right because an owner has one sealed identity at most: what the old key sealed is what
        is being written over.
        """
        secret = self.random(crypto.KEY_BYTES)
        self._rewrite(slot, secret)
        key = self._fresh[slot] = self.ring.ready(secret)
        return key

    def _rewrite(self, slot: _Slot, secret: bytes) -> None:
        values = {"wrapped": self._wrap(slot, secret), "key_id": self._writes(slot[1]).hex()}
        named = {"of_owner": slot[0], "of_purpose": slot[1]}
        self.conn.execute(_again.values(values), named)

    def _writes(self, purpose: str) -> bytes:
        """Name the key that wraps for a purpose: the desk's for who reported, where there is one."""
        desk = self.ring.desk_first if purpose == IDENTITY else None
        return self.ring.first if desk is None else desk

    def _wrap(self, slot: _Slot, secret: bytes) -> bytes:
        owner, purpose = slot
        if purpose == IDENTITY and self.ring.desk_first is not None:
            return self.ring.enclose(purpose, owner, secret)
        return self.ring.wrap(purpose, owner, secret, self.random)

    def _unwrap(self, slot: _Slot, wrapped: bytes) -> bytes:
        owner, purpose = slot
        if self.ring.has(crypto.sealed_by(wrapped)):
            return self.ring.unwrap(purpose, owner, wrapped)
        return self.ring.disclose(purpose, owner, wrapped)
