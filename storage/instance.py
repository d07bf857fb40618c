"""What this installation is, which keys it knows, and whether anything may leave it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal

import sqlalchemy as sa

from storage import rotation
from storage.columns import db_now
from storage.crypto import DESK_SETTING, KeyRing, Random
from storage.errors import StartRefused
from storage.files import keep
from storage.models import desk_keys, instance, key_checks
from storage.provider import SETTING

Part = Literal["all", "public", "desk", "work"]
"""What a process is: everything, or one of the parts that stand apart (security S7)."""

DESK_FIRST = "직원 열쇠가 아직 등록되지 않았습니다. 직원 화면(desk)을 먼저 한 번 켜 주세요"
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


RESTORING, RESTORED = "restoring", "restored"
"""Why nothing leaves: a restore that is not finished (nothing starts at all), and one that is."""


def check_kind(
    conn: sa.Connection, kind: str, files: Path, random: Random, *, restoring: bool = False
) -> Found:
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
    if row["hold"] == RESTORING and not restoring:
        reason = "되살리기가 끝나지 않았습니다. jeokgeuk restore를 다시 해 주세요"
        raise StartRefused("DATABASE_URL", "restore", reason)
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


def restored(conn: sa.Connection, files: Path, generation: str, why: str) -> None:
    """Make of what came out of a backup a new generation that sends nothing (security S13)."""
    (files / MARKER).unlink(missing_ok=True)
    # `last_seen` stays: it says when this data lived.
    conn.execute(sa.update(instance).values(generation=generation, hold=why))


def finish_restore(conn: sa.Connection) -> None:
    """Let a service start on what was restored; it sends nothing yet."""
    conn.execute(sa.update(instance).values(hold=RESTORED))


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


def check_keys(conn: sa.Connection, ring: KeyRing, part: Part = "all") -> rotation.Arranged:
    """Refuse a wrong, new or missing key by its name, before anything is written under it.

    The first start takes the ring as it is. Later a new key is taken only beside all those that
    the database knows, which is how a rotation begins; alone it could open nothing. The public
    part takes none: it waits until the others know it.
    """
    known = {row.key_id: row for row in conn.execute(sa.select(key_checks))}
    standing = [row for row in known.values() if row.retired_at is None]
    missing = [row for row in _needed(standing) if not ring.has(bytes.fromhex(row.key_id))]
    fresh = [key for key in ring.keys if key.id.hex() not in known]
    _modules(known.values(), ring)
    if missing:
        _missing(missing[0].name, [key.name for key in fresh])
    for row in known.values():
        kid = bytes.fromhex(row.key_id)
        if ring.has(kid) and row.check_value != ring.check_value(kid):
            raise StartRefused(row.name, "key", "전에 쓰던 그 열쇠가 아닙니다")
    if part == "public" and not known:
        raise StartRefused(DESK_SETTING, "key", DESK_FIRST)
    if part != "public":
        for key in fresh:
            rotation.register(conn, ring, key.id)
    if not any(row.writes for row in standing):
        first = next((key for key in ring.keys if key.id.hex() in known), ring.keys[0])
        rotation.write(conn, key_checks, first.id.hex())
    _check_desk(conn, ring, part)
    if fresh:
        rotation.moved(conn)
    return rotation.arrange(conn, ring)


def _needed(standing: Sequence[sa.Row[Any]]) -> list[sa.Row[Any]]:
    """Give the keys that something may be sealed with: all but those that wait to write.

    Who lacks one of these only has not got it yet; a rotation does not begin before he has.
    """
    since = next((row.added_at for row in standing if row.writes), None)
    return [row for row in standing if row.writes or since is None or row.added_at <= since]


def _missing(name: str, fresh: list[str]) -> None:
    if fresh:
        raise StartRefused(fresh[0], "key", f"이 데이터베이스의 열쇠가 아닙니다({name} 없음)")
    raise StartRefused(name, "key", "열쇠가 없습니다")


def _modules(known: Iterable[sa.Row[Any]], ring: KeyRing) -> None:
    """Refuse where something was sealed by a module that this process does not have."""
    for row in known:
        if row.mark.encode() not in ring.providers:
            reason = f"암호모듈 {row.mark}로 봉한 자료가 있는데 그 모듈이 없습니다"
            raise StartRefused(SETTING, row.mark, reason)


def _check_desk(conn: sa.Connection, ring: KeyRing, part: Part) -> None:
    """Refuse a part that lacks what it needs to write, or to read, who reported (security S7)."""
    known = conn.execute(sa.select(desk_keys)).all()
    standing = [row for row in known if row.retired_at is None]
    for row in standing:
        if not ring.mac_holds("desk", row.mac, row.public, row.mark.encode()):
            reason = "데이터베이스에 있는 공개 열쇠가 이 설치의 것이 아닙니다"
            raise StartRefused("desk_keys", row.key_id, reason)
    own = {kid.hex(): key for kid, key in ring.desk.items() if key.private is not None}
    fresh = [key for kid, key in own.items() if kid not in {row.key_id for row in known}]
    missing = [row.key_id for row in _needed(standing) if row.key_id not in own]
    if part == "public":
        if not standing:
            raise StartRefused(DESK_SETTING, "key", DESK_FIRST)
        return
    if missing:
        _missing(DESK_SETTING, [key.name for key in fresh])
    for key in fresh:
        writes = conn.scalar(sa.select(key_checks.c.key_id).where(key_checks.c.writes))
        rotation.register_desk(conn, ring, key, bytes.fromhex(writes or ""))
    if fresh and not standing:
        rotation.write(conn, desk_keys, fresh[0].id.hex())
