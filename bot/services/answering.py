"""Answers as the desk keeps them: one person writes, another lets out, both stand in the journal.

What is published stays as it is until the second person has let the new words out; an answer that
came with the service is changed by a row that stands in its place.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from bot.errors import Refused
from bot.services import house, officials, rights
from bot.services.rights import Right
from bot.services.veil import Veil
from knowledge import faq
from knowledge.faq import Answer
from knowledge.identity import mask_numbers
from knowledge.korean import clean_line, clean_text
from storage.repositories import faqs, questions

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    import sqlalchemy as sa

    from bot.services.base import Actor, Desk
    from storage.unit import Unit

SHIPPED, WRITTEN = "shipped", "written"
DRAFT, WITHDRAWN = "draft", "withdrawn"
UNSURE = "확인 필요"
SURE = (faq.VERIFIED, UNSURE)
"""How sure an answer may be said to be; what was shipped has finer words of its own."""
LONGEST: Mapping[str, int] = {"question": 200, "also": 2000, "text": 2000, "source": 1000}
LINE = 200
"""Signs of one line among several: an alternate question, a source."""
FIELDS = ("question", "also", "text", "source", "confidence", "audience", "category")


@dataclass(frozen=True, slots=True)
class Entry:
    """An answer at the desk: as it is published or was, and the words that wait beside it.

    `version` 0: it came with the service and nobody has touched it.
    """

    answer: Answer
    proposed: Answer | None
    origin: str
    version: int
    author_id: int | None = None
    author: str = ""
    changed_at: datetime | None = None
    waits: int = 0  # questions that this answer is written for

    @property
    def newest(self) -> Answer:
        return self.proposed or self.answer


def listed(svc: Desk, unit: Unit, actor: Actor) -> tuple[Entry, ...]:
    """Give every answer, what waits for a second person first. Raises `Refused`."""
    _may(actor)
    rows = {row.ref: row for row in faqs.rows(unit)}
    people = {who.id: who.name for who in officials.everybody(unit)}
    came = svc.library.answers.shipped()
    found = [_entry(unit, row, people) for row in rows.values()]
    found += [Entry(one, None, SHIPPED, 0) for ref, one in came.items() if ref not in rows]
    return tuple(sorted(found, key=lambda one: (one.proposed is None, one.answer.ref)))


def entry(svc: Desk, unit: Unit, actor: Actor, ref: str) -> Entry:
    """Give one. Raises `Refused` access.not_allowed, answers.unknown."""
    _may(actor)
    row = faqs.get(unit, ref)
    if row is not None:
        return _entry(unit, row, {who.id: who.name for who in officials.everybody(unit)})
    came = svc.library.answers.shipped().get(ref)
    if came is None:
        raise Refused("answers.unknown")
    return Entry(came, None, SHIPPED, 0)


def read(given: Mapping[str, str], before: Answer | None = None) -> tuple[Answer, dict[str, str]]:
    """Read what was typed; gives the answer and, by field, the key of what is wrong with it."""
    several = {
        name: tuple(filter(None, (clean_line(one) for one in given[name].splitlines())))
        for name in ("also", "source")
    }
    made = Answer(
        before.ref if before else "",
        clean_line(given["question"]),
        clean_text(given["text"]),
        several["source"],
        clean_line(given["confidence"]),
        given["audience"],
        clean_line(given["category"])[:40],
        several["also"],
        before.lang if before else "ko",
        before.status if before else DRAFT,
    )
    known = (*SURE, *((before.confidence,) if before else ()))
    wrong = {
        name: "answers.long" for name, most in LONGEST.items() if len(given[name].strip()) > most
    }
    wrong |= {
        name: "answers.line" for name in several if any(len(one) > LINE for one in several[name])
    }
    wrong |= {name: "answers.personal" for name in LONGEST if _personal(given[name])}
    missing = {"question": made.question, "text": made.text, "source": made.source}
    wrong |= {name: "error.required" for name, value in missing.items() if not value}
    if made.confidence not in known:
        wrong["confidence"] = "error.required"
    if made.audience not in faq.AUDIENCES:
        wrong["audience"] = "error.required"
    return made, wrong


def write(
    svc: Desk,
    unit: Unit,
    actor: Actor,
    answer: Answer,
    version: int,
    asked: Sequence[int] = (),
) -> str:
    """Propose words; gives the ref. `asked` are the questions that they are written for.

    Raises `Refused` access.not_allowed, answers.unknown, answers.stale: somebody else wrote
    meanwhile.
    """
    _may(actor)
    now, ref = svc.now(), answer.ref or f"A-{svc.random(4).hex()}"
    row = faqs.get(unit, ref)
    ours = {"proposed": _dump(replace(answer, ref=ref)), "author_id": actor.user_id}
    if row is None:
        came = svc.library.answers.shipped().get(ref)
        if (answer.ref and came is None) or version:
            raise Refused("answers.unknown")
        first = came or replace(answer, ref=ref, status=DRAFT)
        origin = SHIPPED if came else WRITTEN
        row_id = faqs.add(
            unit,
            {
                **faqs.to_row(first),
                **ours,
                "origin": origin,
                "version": 1,
                "made_at": now,
                "changed_at": now,
            },
        )
    else:
        row_id = row.id
        if not faqs.change(unit, ref, version, ours, now):
            raise Refused("answers.stale")
    questions.give(unit, asked, row_id)
    house.note(svc, unit, actor, "answer_written", {"ref": ref})
    return ref


def publish(svc: Desk, unit: Unit, actor: Actor, ref: str, version: int) -> int:
    """Let the proposed words out; gives how many questions they answer.

    Raises `Refused` answers.own (by whoever wrote them), answers.stale, answers.unknown.
    """
    one = entry(svc, unit, actor, ref)
    if one.proposed is None:
        raise Refused("answers.stale")
    if one.author_id == actor.user_id:
        raise Refused("answers.own")
    now = svc.now()
    out = {
        **faqs.to_row(replace(one.proposed, status=faq.PUBLISHED)),
        "proposed": "",
        "reviewer_id": actor.user_id,
        "published_at": now,
    }
    if not faqs.change(unit, ref, version, out, now):
        raise Refused("answers.stale")
    faqs.touched(unit)
    row = faqs.get(unit, ref)
    assert row is not None
    answered = questions.of_answer(unit, row.id)
    questions.close(unit, answered, "answered", now)
    house.note(svc, unit, actor, "answer_published", {"ref": ref, "questions": len(answered)})
    return len(answered)


def withdraw(svc: Desk, unit: Unit, actor: Actor, ref: str, version: int) -> None:
    """Take an answer, or a draft of one, away from everybody; one person may, for it can do harm.

    Raises `Refused` answers.stale, answers.unknown.
    """
    one, now = entry(svc, unit, actor, ref), svc.now()
    gone = {"status": WITHDRAWN, "proposed": "", "author_id": actor.user_id}
    if one.answer.status == WITHDRAWN and one.proposed is None:
        raise Refused("answers.stale")
    if one.version == 0:
        row = {**faqs.to_row(one.answer), **gone, "origin": SHIPPED, "version": 1}
        faqs.add(unit, {**row, "made_at": now, "changed_at": now})
    elif not faqs.change(unit, ref, version, gone, now):
        raise Refused("answers.stale")
    row_now = faqs.get(unit, ref)
    assert row_now is not None
    questions.let_go(unit, row_now.id)
    faqs.touched(unit)
    house.note(svc, unit, actor, "answer_withdrawn", {"ref": ref})


def to_given(answer: Answer) -> dict[str, str]:
    """Give an answer as its form shows it."""
    lines = {"also": "\n".join(answer.also), "source": "\n".join(answer.source)}
    return {name: lines.get(name, "") or str(getattr(answer, name)) for name in FIELDS} | lines


def _entry(unit: Unit, row: sa.Row[Any], people: Mapping[int, str]) -> Entry:
    return Entry(
        faqs.to_answer(row),
        _load(row.proposed),
        row.origin,
        row.version,
        row.author_id,
        people.get(row.author_id, ""),
        row.changed_at,
        len(questions.of_answer(unit, row.id)),
    )


def _dump(answer: Answer) -> str:
    return json.dumps(asdict(answer), ensure_ascii=False)


def _load(text: str) -> Answer | None:
    if not text:
        return None
    values = json.loads(text)
    several = {name: tuple(values[name]) for name in ("also", "source")}
    return Answer(**{**values, **several})


def _personal(text: str) -> bool:
    """Tell whether an identity number or a mobile telephone stands in a text; offices may."""
    mobile = "010" in text and Veil().over(text) != text
    return mobile or bool(mask_numbers(text).found)


def _may(actor: Actor) -> None:
    if not rights.may(actor, Right.ANSWERS):
        raise Refused("access.not_allowed")
