"""Cases out of a file: what would become of each row, and the same done, all or nothing.

Nothing is merged: a row that tells what was told before is shown, and a person decides. Nothing is
published: what comes in is a draft, what was published and is changed becomes one again, and
`services.cases` asks for a second person.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING, Any, Literal

from bot.errors import Refused
from bot.services import house
from bot.services.cases import AS_SHIPPED, new_ref, new_row
from knowledge.cases import NAMES, Case
from knowledge.doubles import Doubles
from knowledge.importing import Mistake, Row, normal
from storage.repositories import cases

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from bot.services.base import Actor, Desk
    from storage.unit import Unit

How = Literal["show", "skip", "take"]
"""What to do with a case that was told before: ask, leave the row out, take it as another case."""
HOWS: tuple[How, ...] = ("show", "skip", "take")
TAKEN: tuple[Literal["draft", "reviewed"], ...] = ("draft", "reviewed")
_AT_ONCE = 500
NEW, CHANGED, SAME, LEFT = "ncsl"


@dataclass(frozen=True, slots=True)
class Twin:
    """A row that tells what was told before: by the case `ref`, or by another `row` of the file.

    `percent` says how alike they are; `exact`: title, agency and year are the same.
    """

    number: int
    title: str
    ref: str
    row: int
    other: str
    percent: int
    exact: bool


@dataclass(frozen=True, slots=True)
class Change:
    """A row that changes a case: `columns` are what is different, `status` is what it was."""

    number: int
    ref: str
    version: int
    status: str
    columns: tuple[str, ...]

    @property
    def shipped(self) -> bool:
        return self.version == AS_SHIPPED


@dataclass(frozen=True, slots=True)
class Plan:
    """What would happen. `fates` has a sign for each row that can be taken, in their order."""

    fates: str
    changes: tuple[Change, ...]
    twins: tuple[Twin, ...]
    mistakes: tuple[Mistake, ...]
    how: How = "show"

    @property
    def counts(self) -> Mapping[str, int]:
        found = Counter(self.fates)
        names = {"new": NEW, "changed": CHANGED, "unchanged": SAME, "left_out": LEFT}
        return {name: found[sign] for name, sign in names.items()}

    @property
    def hidden(self) -> int:
        """Tell how many are published now and would be found by nobody until published anew."""
        return sum(one.status == "published" for one in self.changes)

    @property
    def undecided(self) -> int:
        return len(self.twins) if self.how == "show" else 0

    @property
    def stirs(self) -> bool:
        return NEW in self.fates or CHANGED in self.fates


def compare(svc: Desk, unit: Unit, rows: Iterable[Row], how: How) -> Plan:
    """Say what the rows would do; they are taken twice."""
    return _Comparison(svc, unit).of(rows, how)


class _Comparison:
    def __init__(self, svc: Desk, unit: Unit) -> None:
        self._svc = svc
        self._unit = unit
        self._doubles = Doubles()
        self._refs: list[str] = []
        self._fates: list[str] = []
        self._new: list[tuple[int, int]] = []  # by their place: the row, and where its fate stands
        self._changes: list[Change] = []
        self._mistakes: list[Mistake] = []

    def of(self, rows: Iterable[Row], how: How) -> Plan:
        for one in every(self._svc, self._unit):
            self._doubles.add(one)
            self._refs.append(one.ref)
        source = iter(rows)
        while some := list(islice(source, _AT_ONCE)):
            self._take(some)
        twins = self._twins(rows)
        if how == "skip":
            places = dict(self._new)
            for twin in twins:
                self._fates[places[twin.number]] = LEFT
        return Plan("".join(self._fates), tuple(self._changes), twins, tuple(self._mistakes), how)

    def _take(self, some: Sequence[Row]) -> None:
        named = {row.number: row.ref or self._told_by(row) for row in some}
        there = present(self._svc, self._unit, {ref for ref in named.values() if ref})
        for row in some:
            before = there.get(named[row.number])
            if before is None or (not row.ref and not _equal(before.case, row)):
                self._new.append((row.number, len(self._fates)))
                self._doubles.add(row.onto(None))
                self._fates.append(NEW)
            elif _equal(before.case, row):
                self._fates.append(SAME)
            elif before.origin == "filing" or before.case.status == "withdrawn":
                what = "of_filing" if before.origin == "filing" else "withdrawn"
                self._mistakes.append(Mistake(row.number, "ref", what))
            else:
                self._changes.append(_change(before, row))
                self._fates.append(CHANGED)

    def _told_by(self, row: Row) -> str:
        """Name the case that a row without a number means: title, agency and year are its own."""
        place = self._doubles.where(row.onto(None))
        return self._refs[place] if place is not None and place < len(self._refs) else ""

    def _twins(self, rows: Iterable[Row]) -> tuple[Twin, ...]:
        first = len(self._refs)
        found = list(self._doubles.find(first))
        if not found:
            return ()
        numbers = {self._new[one.place - first][0] for one in found}
        numbers |= {self._new[one.other - first][0] for one in found if one.other >= first}
        titles = {row.number: str(row.values["title"]) for row in rows if row.number in numbers}
        before = self._titles({self._refs[one.other] for one in found if one.other < first})
        twins = []
        for one in found:
            number, here = self._new[one.place - first][0], one.other >= first
            row = self._new[one.other - first][0] if here else 0
            ref = "" if here else self._refs[one.other]
            other = titles[row] if here else before[ref]
            percent = min(100, round(one.score * 100))
            twins.append(Twin(number, titles[number], ref, row, other, percent, one.exact))
        return tuple(twins)

    def _titles(self, refs: set[str]) -> dict[str, str]:
        source, found = iter(sorted(refs)), dict[str, str]()
        while some := set(islice(source, _AT_ONCE)):
            there = present(self._svc, self._unit, some)
            found |= {ref: one.case.title for ref, one in there.items()}
        return found


@dataclass(frozen=True, slots=True)
class Present:
    """A case as it stands now."""

    case: Case
    version: int
    origin: str


def present(svc: Desk, unit: Unit, refs: set[str]) -> dict[str, Present]:
    """Read cases as they stand, those that were shipped and not changed too."""
    own = cases.rows(unit, refs) if refs else {}
    found = {ref: Present(cases.to_case(row), row.version, row.origin) for ref, row in own.items()}
    came = svc.library.shipped()
    return found | {
        ref: Present(came[ref], AS_SHIPPED, "shipped")
        for ref in refs
        if ref not in found and ref in came
    }


def every(svc: Desk, unit: Unit) -> Iterator[Case]:
    """Give all cases whatever their status, each once: what was shipped and not changed first."""
    own = cases.own_refs(unit)
    yield from (one for ref, one in svc.library.shipped().items() if ref not in own)
    yield from cases.every(unit)


def carry_out(
    svc: Desk,
    unit: Unit,
    actor: Actor | None,
    rows: Iterable[Row],
    now: Plan,
    *,
    status: Literal["draft", "reviewed"] = "draft",
    file: str = "",
) -> None:
    """Do what a plan says, all or nothing; `file` is its SHA-256, for the journal.

    `actor` None is the command line. Raises `Refused` desk.case_import.moved when a case was changed
    since, desk.case_import.twins_text when nobody has decided yet.
    """
    if now.undecided:
        raise Refused("desk.case_import.twins_text")
    writer = _Writer(svc, unit, actor, status)
    changes = {one.number: one for one in now.changes}
    source = ((row, fate) for row, fate in zip(_sound(rows, now), now.fates, strict=True)
              if fate in {NEW, CHANGED})  # fmt: skip
    while some := list(islice(source, _AT_ONCE)):
        writer.add([row for row, fate in some if fate == NEW])
        for row, fate in some:
            if fate == CHANGED:
                writer.change(row, changes[row.number])
    if now.hidden:
        cases.touched(unit)
    counts = {"new": now.counts["new"], "changed": now.counts["changed"]}
    house.note(svc, unit, actor, "cases_imported", {**counts, "status": status, "file": file})


class _Writer:
    def __init__(self, svc: Desk, unit: Unit, actor: Actor | None, status: str) -> None:
        self._svc = svc
        self._unit = unit
        now = svc.now()
        self._now = now
        self._said: dict[str, Any] = {
            "status": status,
            "author_id": actor.user_id if actor else None,
            "reviewed_at": now if status == "reviewed" else None,
        }

    def add(self, rows: Sequence[Row]) -> None:
        """Keep new cases."""
        if cases.rows(self._unit, {row.ref for row in rows if row.ref}):
            raise Refused("desk.case_import.moved")
        cases.add(self._unit, [self._row(self._named(row.onto(None)), "imported") for row in rows])

    def change(self, row: Row, change: Change) -> None:
        """Change a case that is here, or put a row in the place of a shipped one."""
        before = present(self._svc, self._unit, {change.ref}).get(change.ref)
        if before is None or before.version != change.version:
            raise Refused("desk.case_import.moved")
        made = row.onto(before.case)
        if change.shipped:
            cases.add(self._unit, [self._row(made, "shipped")])
            return
        values = {**cases.to_row(made), **self._said, "reviewer_id": None}
        if not cases.change(self._unit, change.ref, change.version, values, self._now):
            raise Refused("desk.case_import.moved")

    def _named(self, case: Case) -> Case:
        return case if case.ref else replace(case, ref=new_ref(self._svc))

    def _row(self, case: Case, origin: str) -> dict[str, Any]:
        author = self._said["author_id"]
        return {**new_row(self._svc, case, origin, author), **self._said}


def _sound(rows: Iterable[Row], now: Plan) -> Iterator[Row]:
    """Leave out what the comparison found wrong: it has no fate."""
    wrong = {one.number for one in now.mistakes}
    return (row for row in rows if row.number not in wrong)


def _equal(before: Case, row: Row) -> bool:
    made = replace(row.onto(before), ref=before.ref)
    return made == before or not _different(before, row)  # nearly always the first


def _different(before: Case, row: Row) -> tuple[str, ...]:
    """Name what a row would change, whatever differs only in spaces left out."""
    old, new = normal(before), normal(row.onto(before))
    return tuple(
        name for name in NAMES if name != "ref" and getattr(old, name) != getattr(new, name)
    )


def _change(before: Present, row: Row) -> Change:
    columns = _different(before.case, row)
    return Change(row.number, before.case.ref, before.version, before.case.status, columns)
