"""Answers of the agency's own, and shipped ones that it changed."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from knowledge.faq import Answer
from storage.models import faqs
from storage.repositories import versions
from storage.unit import Unit

VERSION = "faqs"
"""Moves with every change of what is published."""
SHOWN = (
    "id", "ref", "status", "origin", "lang", "audience", "category", "question", "also", "answer",
    "source", "confidence",
)  # fmt: skip
"""What the public part reads; what is proposed and by whom is the desk's."""
_c = faqs.c
_shown = [_c[name] for name in SHOWN]


def to_row(answer: Answer) -> dict[str, Any]:
    """Give the columns of an answer."""
    return {
        "ref": answer.ref,
        "status": answer.status,
        "lang": answer.lang,
        "audience": answer.audience,
        "category": answer.category,
        "question": answer.question,
        "also": "\n".join(answer.also),
        "answer": answer.text,
        "source": "\n".join(answer.source),
        "confidence": answer.confidence,
    }


def to_answer(row: sa.Row[Any]) -> Answer:
    """Read an answer from a row that has its columns."""
    return Answer(
        row.ref,
        row.question,
        row.answer,
        _lines(row.source),
        row.confidence,
        row.audience,
        row.category,
        _lines(row.also),
        row.lang,
        row.status,
    )


def add(unit: Unit, values: Mapping[str, Any]) -> int:
    made = sa.insert(faqs).values(**values).returning(_c.id)
    return int(unit.conn.execute(made).scalar_one())


def get(unit: Unit, ref: str) -> sa.Row[Any] | None:
    """Read the whole row of an answer, whatever its status."""
    return unit.conn.execute(sa.select(faqs).where(_c.ref == ref)).one_or_none()


def rows(unit: Unit) -> list[sa.Row[Any]]:
    """Read the whole of all rows, whatever their status, in order."""
    return list(unit.conn.execute(sa.select(faqs).order_by(_c.id)))


def change(unit: Unit, ref: str, version: int, values: Mapping[str, Any], now: datetime) -> bool:
    """Change an answer as it was at `version`; False: somebody changed it meanwhile."""
    still = sa.update(faqs).where(_c.ref == ref, _c.version == version)
    done = still.values(version=version + 1, changed_at=now, **values)
    return unit.conn.execute(done).rowcount == 1


def touched(unit: Unit) -> None:
    """Tell every process, with this commit, to read what is published anew."""
    versions.move(unit, VERSION)


def every(unit: Unit) -> list[Answer]:
    """Read all of them in order; on the public part those that are, or came, published."""
    return [to_answer(row) for row in unit.conn.execute(sa.select(*_shown).order_by(_c.id))]


def of_refs(unit: Unit, refs: Collection[str]) -> dict[str, Answer]:
    """Read the rows of these refs, whatever their status; on the public part as `every`."""
    found = unit.conn.execute(sa.select(*_shown).where(_c.ref.in_(refs)))
    return {row.ref: to_answer(row) for row in found}


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line for line in text.split("\n") if line)
