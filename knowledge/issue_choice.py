"""What a month's issue holds: chosen out of what is published, the same from the same each time.

What was published here since the last issue goes first, then what was left over, then what came
with the service and was in no issue yet: a city that has written nothing itself still has
something to tell.
"""

from __future__ import annotations

import re
from collections import Counter, deque
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Literal

from knowledge.cases import told
from knowledge.faq import CITIZENS
from knowledge.subjects import FIELDS, field_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import date

    from knowledge.cases import Case
    from knowledge.faq import Answer

MOST = 5
"""Cases of one issue, beside last year's."""
LATELY = timedelta(days=92)
"""What counts as new for a first issue."""
SENTENCES, SENTENCE, SUMMARY, ANSWER = 3, 120, 240, 400
"""Sentences of a case that are told, signs of the longest, of all of them, of an answer."""

_END = re.compile(r"(?<=[.!?])\s+")

Unfit = Literal["gone", "passive", "title_only", "silent", "source", "permission", "held"]
"""Why a case is not in what the agency sends: no more published; 소극행정 is no model; its source
tells the title alone, or nothing; nobody knows whence it is or whether it may be shown; the audit
office keeps it back."""


@dataclass(frozen=True, slots=True)
class Known:
    """A case and the day (Seoul) on which it was published here; None: it came with the service."""

    case: Case
    day: date | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """What an issue is chosen for: its day, what was told before, what may not be told.

    `since` is the day of the last issue, `used` are refs of every earlier one, `then` those of
    last year's issue of the same month. `permission` stands in for a case that has none of its
    own; cases of `region` go first.
    """

    today: date
    since: date | None = None
    used: Collection[str] = frozenset()
    then: Collection[str] = frozenset()
    held: Collection[str] = frozenset()
    permission: str = ""
    region: str = ""
    most: int = MOST


@dataclass(frozen=True, slots=True)
class Chosen:
    """`cases` stand in the order of an issue."""

    cases: tuple[Case, ...] = ()
    last_year: Case | None = None


def unfit(
    case: Case, held: Collection[str] = (), permission: str = "", *, model: bool = True
) -> Unfit | None:
    """Tell why a case may not be sent; None: it may. Not as a `model`, a passive one may be too."""
    reasons: Mapping[Unfit, bool] = {
        "gone": case.status != "published",
        "held": case.ref in held,
        "passive": model and case.kind == "passive",
        "title_only": case.detail == "title_only",
        "source": not case.source.strip(),
        "permission": not (case.permission or permission).strip(),
        "silent": not summary(case),
    }
    return next((why for why, is_so in reasons.items() if is_so), None)


def choose(known: Iterable[Known], asked: Asked) -> Chosen:
    """Choose the cases of an issue: spread over the fields of work, one's own region first."""
    fits = [one for one in known if unfit(one.case, asked.held, asked.permission) is None]
    free = [one for one in fits if one.case.ref not in asked.used]
    own = [one for one in free if one.day is not None]
    since = asked.since or asked.today - LATELY
    new = [one for one in own if one.day is not None and one.day >= since]
    found = _spread(new, asked, (), asked.most)
    then = _last_year(fits, asked, {one.ref for one in found})
    left = [one for one in own if one not in new and one.case != then]
    came = [one for one in free if one.day is None and one.case != then]
    for pool in (left, came):
        found += _spread(pool, asked, found, asked.most - len(found))
    return Chosen(tuple(found), then)


def question(
    answers: Iterable[Answer],
    used: Collection[str] = (),
    times: Mapping[str, int] | None = None,
    lang: str = "ko",
) -> Answer | None:
    """Choose the question of the month: the most asked of those that no issue had yet.

    Only for citizens, only what its source was read for, and short enough to be told whole.
    """
    fits = [
        one
        for one in answers
        if one.verified and one.audience == CITIZENS and one.lang == lang
        if one.ref not in used and len(one.text) <= ANSWER
    ]
    asked = times or {}
    return max(fits, key=lambda one: asked.get(one.ref, 0), default=None)


def by_field(cases: Iterable[Case]) -> tuple[tuple[str, int], ...]:
    """Count cases of 적극행정 by field of work, the most first."""
    count = Counter(field_of(one.field) for one in cases if one.kind == "active")
    return tuple(sorted(count.items(), key=lambda item: (-item[1], FIELDS.index(item[0]))))


def summary(case: Case) -> str:
    """Tell a case in two or three plain sentences: what was wrong, what was done, what came of it.

    "" where the source tells none of it. What is too long ends between two words.
    """
    parts = [told(case.problem), told(case.action), told(case.effect)]
    firsts = [sentences(part)[0] for part in parts if part]
    return shortened(" ".join(shortened(one, SENTENCE) for one in firsts[:SENTENCES]), SUMMARY)


def sentences(text: str) -> Sequence[str]:
    """Take a text apart; a line break ends a sentence too."""
    plain = [" ".join(line.split()) for line in text.splitlines()]
    return [one for line in plain for one in _END.split(line) if one]


def shortened(text: str, most: int) -> str:
    """Cut a text between two words; what has no space in it is cut anywhere."""
    if len(text) <= most:
        return text
    head = text[: most - 1]
    return f"{(head.rpartition(' ')[0] or head).rstrip(' ,.')}…"


def _spread(pool: Iterable[Known], asked: Asked, there: Sequence[Case], most: int) -> list[Case]:
    """Take one of each field in turn; which field begins moves on with every month."""
    lines: dict[str, deque[Case]] = {}
    for one in sorted(pool, key=lambda one: _rank(one, asked)):
        lines.setdefault(field_of(one.case.field), deque()).append(one.case)
    at = (asked.today.year * 12 + asked.today.month) % len(FIELDS)
    told_of = Counter(field_of(one.field) for one in there)
    turns = sorted((*FIELDS[at:], *FIELDS[:at]), key=lambda name: told_of[name])
    order = [name for name in turns if name in lines]
    found: list[Case] = []
    while len(found) < most and any(lines.values()):
        for name in order:
            if lines[name] and len(found) < most:
                found.append(lines[name].popleft())
    return found


def _rank(one: Known, asked: Asked) -> tuple[bool, int, int, str]:
    """Order the cases of one field: one's own region, then the newest, then by name."""
    elsewhere = bool(asked.region) and one.case.region != asked.region
    newest = one.day.toordinal() if one.day is not None else 0
    return elsewhere, -newest, -(one.case.year or 0), one.case.ref


def _last_year(fits: Iterable[Known], asked: Asked, there: Collection[str]) -> Case | None:
    """Give one of the same month last year: published then, or told in that month's issue."""
    month = (asked.today.year - 1, asked.today.month)
    found = [
        one
        for one in fits
        if one.case.ref not in there
        if (one.day is not None and (one.day.year, one.day.month) == month)
        or one.case.ref in asked.then
    ]
    best = min(found, key=lambda one: _rank(one, asked), default=None)
    return best.case if best is not None else None
