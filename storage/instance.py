"""What this installation is, which keys it knows, and whether anything may leave it."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa

from storage.columns import db_now
from storage.crypto import KeyRing, Random
from storage.errors import StartRefused
from storage.files import keep
from storage.models import instance, key_checks, keys

MARKER = "generation"
KINDS = {"rehearsal": "연습", "service": "운영"}
ABSENT = timedelta(days=7)
"""A machine that is off over a long holiday is no restored backup (security S13)."""


@dataclass(frozen=True, slots=True)
class Found:
    kind: str
    generation: str
    clock_offset: int
    hold: str


def check_kind(conn: sa.Connection, kind: str, files: Path, random: Random) -> Found:
    """Make the instance, or refuse what was made as the other kind (security S32).

    A marker beside the blobs that tells another generation sets the hold; so does, where
    anybody outside could be reached, a long absence.
    """
    row = conn.execute(sa.select(instance, db_now().label("now"))).mappings().one_or_none()
    marker = files / MARKER
    if row is None:
        generation = random(16).hex()
        conn.execute(
            sa.insert(instance).values(
                id=1, kind=kind, generation=generation, created_at=db_now(), last_seen=db_now()
            )
        )
        hold = "generation" if marker.exists() else ""
        if not hold:
            keep(marker, generation.encode("ascii"))
        _hold(conn, hold)
        return Found(kind, generation, 0, hold)
    if row["kind"] != kind:
        reason = f"데이터베이스는 {KINDS[row['kind']]}의 것인데 지금은 {KINDS[kind]}입니다"
        raise StartRefused("JEOKGEUK_KIND", kind, reason)
    hold = row["hold"] or _suspect(row, marker)
    _hold(conn, hold)
    return Found(kind, row["generation"], row["clock_offset"], hold)


def _suspect(row: sa.RowMapping, marker: Path) -> str:
    if _marked(marker) != row["generation"]:
        return "generation"
    if row["kind"] == "service" and row["now"] - row["last_seen"] > ABSENT:
        return "absent"
    return ""


def _marked(marker: Path) -> str:
    """Read the marker; half of one, or what is none, is another generation."""
    try:
        return marker.read_bytes().decode("ascii", "replace").strip()
    except (FileNotFoundError, IsADirectoryError):
        return ""


def _hold(conn: sa.Connection, why: str) -> None:
    conn.execute(sa.update(instance).values(hold=why, last_seen=db_now()))


def release(conn: sa.Connection, files: Path) -> None:
    """End the hold after a person has looked: this database and these files go together."""
    generation = conn.execute(sa.select(instance.c.generation)).scalar_one()
    keep(files / MARKER, generation.encode("ascii"))
    _hold(conn, "")


def seen(conn: sa.Connection) -> None:
    """Note that the service lives."""
    conn.execute(sa.update(instance).values(last_seen=db_now()))


def move_clock(conn: sa.Connection, seconds: int) -> None:
    """Set how far a rehearsal's clock is ahead; raises StartRefused for a service."""
    moved = sa.update(instance).where(instance.c.kind == "rehearsal")
    if conn.execute(moved.values(clock_offset=seconds)).rowcount == 0:
        raise StartRefused("clock", "service", "시계는 연습에서만 옮길 수 있습니다")


def clock_offset(conn: sa.Connection) -> timedelta:
    return timedelta(seconds=conn.execute(sa.select(instance.c.clock_offset)).scalar_one())


def check_keys(conn: sa.Connection, ring: KeyRing) -> None:
    """Refuse a wrong, new or missing key by its name, before anything is written under it.

    The first start takes the ring as it is. Later a new key is taken only beside all those that
    the database knows, which is how a rotation begins; alone it could open nothing.
    """
    known = {row.key_id: row for row in conn.execute(sa.select(key_checks))}
    standing = {kid: row for kid, row in known.items() if row.retired_at is None}
    missing = [row for kid, row in standing.items() if not ring.has(bytes.fromhex(kid))]
    fresh = [key for key in ring.keys if key.id.hex() not in known]
    if missing and fresh:
        raise StartRefused(
            fresh[0].name,
            "key",
            f"이 데이터베이스의 열쇠가 아닙니다({missing[0].name} 없음)",
        )
    if missing:
        raise StartRefused(missing[0].name, "key", "열쇠가 없습니다")
    for kid, row in known.items():
        if ring.has(bytes.fromhex(kid)) and row.check_value != ring.check_value(
            bytes.fromhex(kid)
        ):
            raise StartRefused(row.name, "key", "전에 쓰던 그 열쇠가 아닙니다")
    for key in fresh:
        register(conn, ring, key.id)


def register(conn: sa.Connection, ring: KeyRing, kid: bytes) -> None:
    """Make a key of the ring known to the database."""
    conn.execute(
        sa.insert(key_checks).values(
            key_id=kid.hex(),
            name=ring.name(kid),
            check_value=ring.check_value(kid),
            added_at=db_now(),
        )
    )


def retire(conn: sa.Connection, kid: bytes) -> None:
    """Let a key go; raises StartRefused while a data key is still wrapped with it."""
    used = sa.select(keys.c.owner).where(keys.c.key_id == kid.hex()).limit(1)
    if conn.execute(used).first() is not None:
        raise StartRefused(kid.hex(), "key", "아직 쓰는 열쇠입니다. 먼저 keys rotate를 해 주세요")
    gone = sa.update(key_checks).where(key_checks.c.key_id == kid.hex())
    conn.execute(gone.values(retired_at=db_now()))
