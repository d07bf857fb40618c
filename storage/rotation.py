"""Which key writes, known to all processes in step; a key that goes (security S6).

A new key is announced first: every process reads it before anything is written with it. Then it
writes; then what is left of the old one is wrapped and indexed anew, in small pieces; then the old
one is retired. What a retired key once proved (codes that were given, the journal) stays provable:
the keys of those purposes are kept, sealed under the key that writes.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from storage.columns import db_now
from storage.crypto import KEPT, DeskKey, KeyRing
from storage.errors import StartRefused, UnknownKey
from storage.models import (
    desk_keys,
    external_numbers,
    finders,
    instance,
    key_checks,
    key_readers,
    keys,
    peers,
    sketches,
)
from storage.repositories import peers as peer_rows
from storage.repositories import turning
from storage.sealing import SealKey, seal, sealed_by, unseal
from storage.unit import Unit
from storage.upsert import insert

PLACE = "key_checks.kept"
REINDEX: tuple[Callable[[Unit], int], ...] = (peer_rows.reindex, turning.reindex)
"""Who makes blind indexes anew under the key that writes; each gives how many it made, 0: done."""

INDEXED = (
    peers.c.ix_key_id, finders.c.key_id, sketches.c.key_id, external_numbers.c.ix_key_id,
)  # fmt: skip
"""The columns that say under which key a blind index was made: none may name a retired one."""

_c, _d = key_checks.c, desk_keys.c


@dataclass(frozen=True, slots=True)
class Arranged:
    """The ring as the database wants it used; `waiting` are keys that do not write yet.

    `lacking` are those of them that this process does not have.
    """

    ring: KeyRing
    version: int
    waiting: frozenset[str]
    lacking: frozenset[str]


def version(conn: sa.Connection) -> int:
    """Give the number that moves whenever another key begins or ends."""
    return int(conn.scalar(sa.select(instance.c.ring_version)) or 0)


def moved(conn: sa.Connection) -> None:
    """Let every process look again."""
    conn.execute(sa.update(instance).values(ring_version=instance.c.ring_version + 1))


def arrange(conn: sa.Connection, source: KeyRing) -> Arranged:
    """Read which keys write and which are gone; raises UnknownKey for a ring that lacks them."""
    known = conn.execute(sa.select(key_checks).order_by(_c.added_at)).all()
    standing = [row for row in known if row.retired_at is None]
    writing = next((bytes.fromhex(row.key_id) for row in standing if row.writes), None)
    if writing is None or not source.has(writing):
        raise UnknownKey("the key that writes is not in the ring")
    desk_rows = conn.execute(sa.select(desk_keys).where(_d.retired_at.is_(None))).all()
    gone = frozenset(bytes.fromhex(row.key_id) for row in known if row.retired_at is not None)
    desk = [
        DeskKey(f"desk {row.key_id}", row.public, None, row.mark.encode()) for row in desk_rows
    ]
    kept = {
        (bytes.fromhex(row.key_id), purpose): (bytes.fromhex(secret), row.mark.encode())
        for row in known
        if row.kept is not None
        for purpose, secret in _read(source, row.key_id, row.kept).items()
    }
    ring = source.arranged(
        writing,
        desk,
        next((bytes.fromhex(row.key_id) for row in desk_rows if row.writes), None),
        kept,
        gone,
    )
    waiting = [row for row in (*standing, *desk_rows) if not row.writes]
    mine = {kid.hex() for kid, one in source.desk.items() if one.private is not None}
    lacking = {row.key_id for row in standing if not source.has(bytes.fromhex(row.key_id))}
    if mine:  # the public part has no private half, and shall have none
        lacking |= {row.key_id for row in desk_rows} - mine
    return Arranged(
        ring, version(conn), frozenset(row.key_id for row in waiting), frozenset(lacking)
    )


def acknowledge(unit: Unit, process: str, arranged: Arranged) -> None:
    """Say which of the waiting keys this process has."""
    for kid in arranged.waiting:
        row = {"process": process, "key_id": kid, "has": kid not in arranged.lacking}
        made = insert(unit.conn, key_readers).values(**row, at=db_now())
        unit.conn.execute(
            made.on_conflict_do_update(
                index_elements=[key_readers.c.process, key_readers.c.key_id],
                set_={"has": row["has"], "at": db_now()},
            )
        )


def without(unit: Unit) -> tuple[str, ...]:
    """Name the processes that lack a key that is about to write."""
    found = sa.select(key_readers.c.process).where(key_readers.c.has.is_(False)).distinct()
    return tuple(unit.conn.scalars(found))


def announce(unit: Unit, source: KeyRing) -> None:
    """Make new keys of the files known, and forget who had read the last ones."""
    unit.conn.execute(sa.delete(key_readers))
    known = set(unit.conn.scalars(sa.select(_c.key_id)))
    for key in source.keys:
        if key.id.hex() not in known:
            register(unit.conn, source, key.id)
    known = set(unit.conn.scalars(sa.select(_d.key_id)))
    for own in source.desk.values():
        if own.private is not None and own.id.hex() not in known:
            register_desk(unit.conn, source, own, unit.keys.ring.first)
    moved(unit.conn)


def register(conn: sa.Connection, ring: KeyRing, kid: bytes) -> None:
    """Make a key of the ring known to the database; it does not write yet."""
    row = {
        "key_id": kid.hex(),
        "name": ring.name(kid),
        "check_value": ring.check_value(kid),
        "mark": ring.mark(kid).decode(),
    }
    conn.execute(sa.insert(key_checks).values(**row, added_at=db_now()))


def register_desk(conn: sa.Connection, ring: KeyRing, key: DeskKey, under: bytes) -> None:
    """Make the public half of a key of the desk known; the ring key `under` vouches for it."""
    mac = ring.mac("desk", key.public, key.mark, kid=under)
    row = {"key_id": key.id.hex(), "public": key.public, "mark": key.mark.decode(), "mac": mac}
    conn.execute(sa.insert(desk_keys).values(**row, added_at=db_now()))


def promote(unit: Unit, source: KeyRing) -> bool:
    """Let the heads of the files write from now on; False where they do already."""
    changed = False
    heads = [(key_checks, source.keys[0].id)]
    if source.desk_first is not None:
        heads.append((desk_keys, source.desk_first))
    for table, kid in heads:
        writes = sa.select(table.c.key_id).where(table.c.writes)
        if unit.conn.scalar(writes) != kid.hex():
            changed = True
            write(unit.conn, table, kid.hex())
    if changed:
        moved(unit.conn)
    return changed


def write(conn: sa.Connection, table: sa.Table, kid: str) -> None:
    """Let one key write and no other."""
    conn.execute(sa.update(table).values(writes=table.c.key_id == kid))


def reseal(unit: Unit) -> int:
    """Put what is kept, and what vouches for the desk's keys, under the key that writes."""
    ring, count = unit.keys.ring, 0
    for row in unit.conn.execute(sa.select(key_checks).where(_c.kept.is_not(None))).all():
        if sealed_by(row.kept) != ring.first:
            content = _write(unit, row.key_id, _read(ring, row.key_id, row.kept))
            unit.conn.execute(
                sa.update(key_checks).where(_c.key_id == row.key_id).values(kept=content)
            )
            count += 1
    for row in unit.conn.execute(sa.select(desk_keys)).all():
        if not row.mac.startswith(ring.first):
            mac = ring.mac("desk", row.public, row.mark.encode())
            unit.conn.execute(sa.update(desk_keys).where(_d.key_id == row.key_id).values(mac=mac))
            count += 1
    return count


def retire(unit: Unit, kid: bytes) -> None:
    """Let a key go; raises StartRefused while it writes, wraps or indexes anything."""
    ring, name = unit.keys.ring, kid.hex()
    writes = [sa.select(t.c.key_id).where(t.c.key_id == name, t.c.writes) for t in _TABLES]
    if used(unit, kid) or any(unit.conn.execute(one).first() is not None for one in writes):
        raise StartRefused(name, "key", "아직 쓰는 열쇠입니다. 먼저 keys rotate를 해 주세요")
    if ring.has(kid):
        content = {purpose: ring.derive(purpose, kid).hex() for purpose in KEPT}
        kept = _write(unit, name, content)
        unit.conn.execute(sa.update(key_checks).where(_c.key_id == name).values(kept=kept))
    for table in _TABLES:
        unit.conn.execute(
            sa.update(table).where(table.c.key_id == name).values(retired_at=db_now())
        )
    moved(unit.conn)


def used(unit: Unit, kid: bytes) -> bool:
    """Tell whether a key still wraps or indexes anything."""
    name = kid.hex()
    found = [sa.select(keys.c.owner).where(keys.c.key_id == name).limit(1)]
    found += [sa.select(column).where(column == name).limit(1) for column in INDEXED]
    return any(unit.conn.execute(one).first() is not None for one in found)


def old(unit: Unit) -> tuple[bytes, ...]:
    """Name the keys that stand and were there before the ones that write."""
    found: list[bytes] = []
    for table in _TABLES:
        since = sa.select(table.c.added_at).where(table.c.writes).scalar_subquery()
        before = sa.select(table.c.key_id).where(
            table.c.retired_at.is_(None), table.c.writes.is_(False), table.c.added_at <= since
        )
        found += [bytes.fromhex(kid) for kid in unit.conn.scalars(before)]
    return tuple(found)


def rotated_at(unit: Unit) -> datetime | None:
    """Say since when the key that writes has been known; None in an empty database."""
    found: datetime | None = unit.conn.scalar(sa.select(_c.added_at).where(_c.writes))
    return found


_TABLES = (key_checks, desk_keys)


def _key(ring: KeyRing, kid: bytes) -> SealKey:
    return ring.ready(ring.derive("kept", kid), kid)


def _owner(name: str) -> bytes:
    return bytes.fromhex(name).rjust(16, b"\0")


def _write(unit: Unit, name: str, content: dict[str, str]) -> bytes:
    ring = unit.keys.ring
    plain = json.dumps(content).encode()
    return seal(_key(ring, ring.first), PLACE, _owner(name), plain, unit.random)


def _read(ring: KeyRing, name: str, kept: bytes) -> dict[str, str]:
    key = _key(ring, sealed_by(kept))
    content: dict[str, str] = json.loads(unseal(key, PLACE, _owner(name), kept))
    return content
