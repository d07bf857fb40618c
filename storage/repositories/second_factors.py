"""Second factors: the sealed secret, the last step that was used, and the codes on paper."""

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa

from storage.crypto import token_hash
from storage.models import recovery_codes, second_factors
from storage.repositories import users
from storage.unit import Unit

PLACE = "second_factors.secret"
_f, _c = second_factors.c, recovery_codes.c


def has(unit: Unit, user_id: int) -> bool:
    found = sa.select(_f.user_id).where(_f.user_id == user_id)
    return unit.conn.execute(found).first() is not None


def secret(unit: Unit, user_id: int) -> tuple[str, int] | None:
    """Give the secret (base32) and the last step that was used; the row is held until the end."""
    found = sa.select(_f.secret, _f.last_step).where(_f.user_id == user_id).with_for_update()
    row = unit.conn.execute(found).one_or_none()
    if row is None:
        return None
    plain = unit.keys.open(PLACE, users.sid(unit, user_id), row.secret)
    return plain.decode(), int(row.last_step)


def put(unit: Unit, user_id: int, plain: str, step: int, now: datetime) -> None:
    """Store a secret whose code of `step` was shown."""
    remove(unit, user_id)
    sealed = unit.keys.seal(PLACE, users.sid(unit, user_id), plain.encode())
    row = {"user_id": user_id, "secret": sealed, "last_step": step, "enrolled_at": now}
    unit.conn.execute(sa.insert(second_factors).values(row))


def used(unit: Unit, user_id: int, step: int) -> bool:
    """Move the last step on; False: this one, or a later one, was used already."""
    on = sa.update(second_factors).where(_f.user_id == user_id, _f.last_step < step)
    return unit.conn.execute(on.values(last_step=step)).rowcount == 1


def remove(unit: Unit, user_id: int) -> bool:
    """Take the factor and its codes on paper away."""
    unit.conn.execute(sa.delete(recovery_codes).where(_c.user_id == user_id))
    gone = sa.delete(second_factors).where(_f.user_id == user_id)
    return unit.conn.execute(gone).rowcount == 1


def put_codes(unit: Unit, user_id: int, codes: Iterable[str], now: datetime) -> None:
    """Store the hashes of new codes on paper; the old ones are void."""
    unit.conn.execute(sa.delete(recovery_codes).where(_c.user_id == user_id))
    rows = [{"hash": token_hash(code), "user_id": user_id, "made_at": now} for code in codes]
    unit.conn.execute(sa.insert(recovery_codes), rows)


def use_code(unit: Unit, user_id: int, code: str, now: datetime) -> bool:
    """Use a code on paper up; False: unknown, somebody else's, or used."""
    mine = (_c.hash == token_hash(code), _c.user_id == user_id, _c.used_at.is_(None))
    return unit.conn.execute(
        sa.update(recovery_codes).where(*mine).values(used_at=now)
    ).rowcount == 1  # fmt: skip


def codes_left(unit: Unit, user_id: int) -> int:
    left = sa.select(sa.func.count()).where(_c.user_id == user_id, _c.used_at.is_(None))
    return int(unit.conn.execute(left).scalar_one())
