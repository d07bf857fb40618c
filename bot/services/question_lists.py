"""Questions that wait for an answer, as the desk reads them: what is alike together (S28).

Compared in memory, at most `MOST` of them, and forgotten when the page is shown; nothing of the
words is ever indexed. Whoever reads them stands in the access log.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rapidfuzz import fuzz, process

from bot.errors import Refused
from bot.services import accesses, house, rights
from bot.services.rights import Right
from knowledge.korean import clean_line, fold, jamo
from storage.repositories import questions

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from bot.services.base import Actor, Desk
    from storage.repositories.questions import Left
    from storage.unit import Unit

MOST = 500
ALIKE = 78
"""Per cent of letters that two questions share, from which on they stand together."""
LONGEST = 300


@dataclass(frozen=True, slots=True)
class Group:
    """Questions that are alike, what was asked most often first."""

    members: tuple[Left, ...]

    @property
    def id(self) -> int:
        return self.members[0].id

    @property
    def ids(self) -> tuple[int, ...]:
        return tuple(one.id for one in self.members)

    @property
    def text(self) -> str:
        return self.members[0].text

    @property
    def times(self) -> int:
        return sum(one.times for one in self.members)

    @property
    def first_at(self) -> datetime:
        return min(one.first_at for one in self.members)

    @property
    def last_at(self) -> datetime:
        return max(one.last_at for one in self.members)

    @property
    def written(self) -> bool:
        """Tell whether somebody has begun to write the answer."""
        return any(one.faq_id is not None for one in self.members)


def listed(svc: Desk, unit: Unit, actor: Actor) -> tuple[Group, ...]:
    """Give what waits, the most asked first; notes who reads. Raises `Refused`."""
    _may(actor)
    found = groups(questions.waiting(unit, MOST))
    _note(svc, unit, actor, sum(len(one.members) for one in found))
    return found


def one(svc: Desk, unit: Unit, actor: Actor, question_id: int) -> Group:
    """Give the group that a question stands in. Raises `Refused` answers.unknown."""
    _may(actor)
    every = groups(questions.waiting(unit, MOST))
    found = next((group for group in every if question_id in group.ids), None)
    if found is None:
        raise Refused("answers.unknown")
    _note(svc, unit, actor, len(found.members))
    return found


def drop(svc: Desk, unit: Unit, actor: Actor, ids: Sequence[int], reason: str) -> int:
    """End questions without an answer; gives how many were waiting.

    Raises `Refused` access.not_allowed, answers.reason.
    """
    _may(actor)
    why = clean_line(reason)[:LONGEST]
    if not why:
        raise Refused("answers.reason")
    done = questions.close(unit, ids, "dropped", svc.now(), why)
    if done:
        house.note(svc, unit, actor, "question_dropped", {"count": done, "reason": why})
    return done


def groups(found: Sequence[Left]) -> tuple[Group, ...]:
    """Put together what is alike: each joins the first before it that it is like."""
    letters = [jamo(fold(one.text)) for one in found]
    leaders: list[int] = []
    members: dict[int, list[Left]] = {}
    for at, one in enumerate(found):
        near = process.extractOne(
            letters[at],
            {leader: letters[leader] for leader in leaders},
            scorer=fuzz.ratio,
            score_cutoff=ALIKE,
        )
        leader = near[2] if near else at
        if near is None:
            leaders.append(at)
        members.setdefault(leader, []).append(one)
    made = [Group(tuple(members[leader])) for leader in leaders]
    return tuple(sorted(made, key=lambda group: (-group.times, group.id)))


def _note(svc: Desk, unit: Unit, actor: Actor, count: int) -> None:
    if count:
        accesses.note(svc, unit, actor, "questions_read", count=count)


def _may(actor: Actor) -> None:
    if not rights.may(actor, Right.ANSWERS):
        raise Refused("access.not_allowed")
