"""Questions that nobody could answer, sealed and without who asked, and who waits to be told."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from hmac import compare_digest

import sqlalchemy as sa

from knowledge.korean import fold
from storage.models import faqs, question_askers, questions
from storage.unit import Unit
from storage.upsert import insert

PURPOSE = "questions"
"""Of the mark by which the same words are known again (keyed: it tells nothing of them)."""
PLACE = "questions.text"

_c, _a = questions.c, question_askers.c


@dataclass(frozen=True, slots=True)
class Left:
    """A question as the desk reads it."""

    id: int
    text: str
    lang: str
    times: int
    first_at: datetime
    last_at: datetime
    faq_id: int | None


def add(unit: Unit, text: str, lang: str, now: datetime) -> str:
    """Keep a question, or count it once more; gives the name by which its asker may wait."""
    ring, words = unit.keys.ring, fold(text).encode()
    marks = [ring.mac(PURPOSE, words, kid=key.id) for key in ring.keys]
    known = unit.conn.execute(sa.select(_c.mark).where(_c.mark.in_(marks))).scalar()
    if known is None:
        known, sid = ring.mac(PURPOSE, words), unit.sid()
        row = {
            "sid": sid,
            "mark": known,
            "text": unit.keys.seal(PLACE, sid, text.encode()),
            "lang": lang,
            "state": "open",
            "first_at": now,
            "last_at": now,
        }
        made = insert(unit.conn, questions).values(row).on_conflict_do_nothing().returning(_c.id)
        if unit.conn.execute(made).first() is not None:
            return _name(unit, known)
        unit.keys.destroy(sid)  # somebody asked the same at the same moment
    again = sa.update(questions).where(_c.mark == known)
    unit.conn.execute(again.values(times=_c.times + 1, last_at=now))
    return _name(unit, known)


def times(unit: Unit) -> dict[str, int]:
    """Tell how often each answer of the agency's own had been asked for before there was one."""
    counted = (
        sa.select(faqs.c.ref, sa.func.sum(_c.times).label("n"))
        .join(faqs, faqs.c.id == _c.faq_id)
        .group_by(faqs.c.ref)
    )
    return {row.ref: int(row.n) for row in unit.conn.execute(counted)}


def named(unit: Unit, name: str) -> int | None:
    """Find a question by the name that `add` gave; nobody can make one up."""
    number, _, tail = name.partition(".")
    if not (number.isascii() and number.isdigit() and len(number) < 16):
        return None
    mark = unit.conn.execute(sa.select(_c.mark).where(_c.id == int(number))).scalar()
    fits = mark is not None and compare_digest(_tail(mark).encode(), tail.encode())
    return int(number) if fits else None


def _name(unit: Unit, mark: bytes) -> str:
    found = unit.conn.execute(sa.select(_c.id).where(_c.mark == mark)).scalar_one()
    return f"{found}.{_tail(mark)}"


def _tail(mark: bytes) -> str:
    """Give so much of a mark as a button of a messenger takes (64 bytes in Telegram)."""
    return mark[-8:].hex()


def ask(unit: Unit, question_id: int, peer_id: int, now: datetime) -> None:
    """Note who wants to be told; once is enough."""
    row = {"question_id": question_id, "peer_id": peer_id, "asked_at": now}
    unit.conn.execute(insert(unit.conn, question_askers).values(row).on_conflict_do_nothing())


def asks(unit: Unit, peer_id: int) -> int:
    """Count the answers that a peer waits for."""
    found = sa.select(sa.func.count()).select_from(question_askers).where(_a.peer_id == peer_id)
    return int(unit.conn.execute(found).scalar_one())


def forget_peer(unit: Unit, peer_id: int, before: datetime | None = None) -> int:
    """Forget what a peer waits for, or what it asked for until then; gives how many."""
    mine = sa.delete(question_askers).where(_a.peer_id == peer_id)
    if before is not None:
        mine = mine.where(_a.asked_at <= before)
    return unit.conn.execute(mine).rowcount


def take(unit: Unit, question_id: int, peer_id: int) -> bool:
    """Take who waits off the list; False when another was faster."""
    mine = (_a.question_id == question_id, _a.peer_id == peer_id)
    return unit.conn.execute(sa.delete(question_askers).where(*mine)).rowcount == 1


def to_tell(unit: Unit, limit: int) -> list[tuple[int, int, datetime, str]]:
    """List who waits for an answer that is published: question, peer, since when, its ref."""
    found = (
        sa.select(_a.question_id, _a.peer_id, _a.asked_at, faqs.c.ref)
        .join(questions, _c.id == _a.question_id)
        .join(faqs, faqs.c.id == _c.faq_id)
        .where(_c.state == "answered", faqs.c.status == "published")
        .order_by(_a.asked_at, _a.peer_id)
        .limit(limit)
    )
    rows = unit.conn.execute(found)
    return [(row.question_id, row.peer_id, row.asked_at, row.ref) for row in rows]


# At the desk alone


def waiting(unit: Unit, limit: int, ids: Collection[int] | None = None) -> list[Left]:
    """Read what waits for an answer, what was asked most often first; at most `limit`.

    What was asked again after its answer waits anew.
    """
    rows = sa.select(questions).where(_waits()).order_by(_c.times.desc(), _c.id).limit(limit)
    if ids is not None:
        rows = rows.where(_c.id.in_(ids))
    return [
        Left(
            row.id,
            unit.keys.open(PLACE, row.sid, row.text).decode(),
            row.lang,
            row.times,
            row.first_at,
            row.last_at,
            row.faq_id,
        )
        for row in unit.conn.execute(rows)
    ]


def of_answer(unit: Unit, faq_id: int) -> list[int]:
    """List what waits for this answer."""
    return list(unit.conn.scalars(sa.select(_c.id).where(_c.faq_id == faq_id, _waits())))


def give(unit: Unit, ids: Sequence[int], faq_id: int) -> None:
    """Say which answer these shall get."""
    unit.conn.execute(sa.update(questions).where(_c.id.in_(ids), _waits()).values(faq_id=faq_id))


def let_go(unit: Unit, faq_id: int) -> None:
    """Let what waited for an answer that will not come wait for another."""
    unit.conn.execute(
        sa.update(questions).where(_c.faq_id == faq_id, _waits()).values(faq_id=None)
    )


def close(unit: Unit, ids: Sequence[int], state: str, now: datetime, reason: str = "") -> int:
    """End questions; gives how many were waiting."""
    done = sa.update(questions).where(_c.id.in_(ids), _waits())
    closed = done.values(state=state, closed_at=now, reason=reason)
    return unit.conn.execute(closed).rowcount


def sweep(unit: Unit, before: datetime, limit: int = 500) -> int:
    """Destroy what was last asked before, with its key and who waits; gives how many."""
    old = sa.select(_c.id, _c.sid).where(_c.last_at < before).limit(limit)
    rows = unit.conn.execute(old).all()
    for row in rows:
        unit.keys.destroy(row.sid)
        unit.conn.execute(sa.delete(question_askers).where(_a.question_id == row.id))
        unit.conn.execute(sa.delete(questions).where(_c.id == row.id))
    return len(rows)


def _waits() -> sa.ColumnElement[bool]:
    again = sa.and_(_c.state == "answered", _c.last_at > _c.closed_at)
    return sa.or_(_c.state == "open", again)
