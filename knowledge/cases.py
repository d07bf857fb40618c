"""Cases of 적극행정 and 소극행정: what one is made of, and those that come with the service."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SHIPPED = Path(__file__).parent / "data" / "cases"

Kind = Literal["active", "passive"]
"""적극행정, or 소극행정 that an audit has recognised as such."""
Detail = Literal["full", "partial", "title_only"]
"""How much the source tells: problem, action and effect; some of them; title and award alone."""
Status = Literal["draft", "reviewed", "published", "withdrawn"]
KINDS: tuple[Kind, ...] = get_args(Kind)
DETAILS: tuple[Detail, ...] = get_args(Detail)
STATUSES: tuple[Status, ...] = get_args(Status)

UNSAID = "출처에 적혀 있지 않음"
"""How the shipped cases say that their source is silent."""


@dataclass(frozen=True, slots=True)
class Case:
    """One case. `ref` names it for good; `year` None: the source does not tell.

    `programme` is under which name the source lists it, `permission` on what terms its words may
    be shown, `law` what it rests on. `field` is the field of work; of a passive case which of the
    four kinds of 소극행정 it seems to be.
    """

    ref: str
    title: str
    kind: Kind = "active"
    agency: str = ""
    unit: str = ""
    region: str = ""
    year: int | None = None
    field: str = ""
    problem: str = ""
    action: str = ""
    effect: str = ""
    keywords: tuple[str, ...] = ()
    law: str = ""
    source: str = ""
    permission: str = ""
    programme: str = ""
    note: str = ""
    detail: Detail = "full"
    lang: str = "ko"
    status: Status = "draft"

    @property
    def body(self) -> str:
        """Give what it tells, in one piece."""
        return "\n".join(part for part in (self.problem, self.action, self.effect) if part)


NAMES = tuple(one.name for one in fields(Case))


def from_plain(plain: Mapping[str, Any], **given: Any) -> Case:
    """Make a case of plain values; raises TypeError for a name that is none of a case."""
    values = {**plain, **given}
    values["keywords"] = tuple(values.get("keywords", ()))
    return Case(**values)


def to_plain(case: Case) -> dict[str, Any]:
    """Give the values of a case as JSON has them, the empty ones left out."""
    values = {name: getattr(case, name) for name in NAMES}
    values["keywords"] = list(case.keywords)
    return {name: value for name, value in values.items() if value not in ("", None, [])}


def told(text: str) -> str:
    """Give a part of a case; "" where its source is silent."""
    return "" if UNSAID in text else text.strip()


@cache
def shipped() -> Mapping[str, Case]:
    """Give the cases that come with the service, by ref; those in doubt are drafts."""
    return {case.ref: case for case in _read()}


def _read() -> Iterator[Case]:
    for path in sorted(SHIPPED.glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            plain = json.loads(line)
            yield from_plain(plain, status=plain.get("status", "published"))
