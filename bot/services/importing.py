"""Cases that were kept elsewhere come in: our number, their dates, our clock beside theirs.

A row is known by its old number: brought in twice it does nothing. Nothing is sent to anybody
because of an import, and a date that had passed already is not told again. The journal says who
brought it in, from which file (its SHA-256) and which row.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time

from bot.errors import Refused
from bot.services import accesses, clocks, filings, rights
from bot.services.base import CLOCK, Actor, Desk
from bot.services.filings import Prefs
from bot.services.rights import Right
from bot.services.uploads import Given, Mistake, Sheet, by_row
from bot.services.work import Work
from knowledge import clock
from knowledge.calendar import SEOUL, seoul_day
from knowledge.korean import fold
from knowledge.procedures import Procedure
from storage import journal
from storage.repositories import external_numbers, sent_keys, terms, units
from storage.repositories import filings as rows_of
from storage.repositories.filings import Filing
from storage.unit import Unit

MOST_ROWS, MOST_COLUMNS, LONGEST = 5000, 20, 4000
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "number": ("번호", "접수번호", "민원번호", "신청번호"),
    "arrived": ("접수일시", "접수일", "신청일시", "신청일"),
    "state": ("상태", "처리상태", "진행상태"),
    "subject": ("제목", "민원제목"),
    "text": ("내용", "민원내용", "신청내용"),
    "unit": ("부서", "대상부서", "관련부서"),
    "due": ("처리기한", "답변예정일", "기한"),
    "done": ("처리일", "답변일", "완료일"),
    "kind": ("유형", "민원유형"),
    "name": ("이름", "성명", "신청인", "민원인"),
    "phone": ("전화", "전화번호", "연락처"),
    "email": ("전자우편", "이메일"),
    "address": ("주소",),
}
HEAD = tuple(names[0] for names in COLUMNS.values())
NEEDED = ("number", "arrived", "state", "text")
STATES: Mapping[str, str] = {
    **dict.fromkeys(("접수", "접수완료", "신청", "배정"), "received"),
    **dict.fromkeys(("처리중", "진행중", "조사중", "검토중", "보완", "연장"), "investigating"),
    **dict.fromkeys(("완료", "처리완료", "답변완료", "종결", "답변"), "closed"),
    **dict.fromkeys(("취하", "취소"), "withdrawn"),
}
FINAL = ("closed", "withdrawn")
AT_DESK, AT_ONCE = 1000, 100
"""Rows of one file at the desk, and of one press: a transaction that keeps nobody waiting long."""


@dataclass(frozen=True, slots=True)
class Case:
    """A row that can be read; times aware (Asia/Seoul), `due` and `done` as days there."""

    row: int
    number: str
    arrived: datetime
    state: str
    said: str  # the state in their word
    text: str
    unit: str
    due: date | None
    done: date | None
    kind: str
    who: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Brought:
    """What became, or would become, of a row. `due` is ours, `theirs` is what the file says."""

    row: int
    external: str
    number: str  # "" when it was here before
    due: date | None
    theirs: date | None
    unit_unknown: bool

    @property
    def differs(self) -> bool:
        return self.theirs is not None and self.due is not None and self.due != self.theirs


@dataclass(frozen=True, slots=True)
class Plan:
    """What would come in: `cases` are new here, `known` were brought in before.

    `rows` tells of each new one what is to be looked at; `brought` is how many this press made.
    """

    cases: tuple[Case, ...]
    rows: tuple[Brought, ...]
    known: int
    mistakes: tuple[Mistake, ...]
    procedure: str
    file: str
    brought: int = 0

    @property
    def mark(self) -> str:
        numbers = "\n".join((self.procedure, self.file, *(one.number for one in self.cases)))
        return hashlib.sha256(numbers.encode()).hexdigest()

    @property
    def ready(self) -> bool:
        """Rows that cannot be read hinder no other: they come in with the next file."""
        return bool(self.cases)

    @property
    def left(self) -> int:
        return len(self.cases) if self.brought else 0


def procedures(svc: Desk) -> tuple[Procedure, ...]:
    """Give the procedures that cases kept elsewhere can come into: those that have their states."""
    wanted = {*STATES.values()}
    return tuple(one for one in svc.offered() if wanted <= one.states.keys())


def procedure_of(svc: Desk) -> str:
    """Give the name of the procedure that they come into. Raises `Refused` import.nowhere."""
    found = procedures(svc)
    if not found:
        raise Refused("import.nowhere")
    return found[0].id


def sheet(procedure: str) -> Sheet[Plan]:
    """Give the list of cases as it is uploaded at the desk."""

    def looked(svc: Desk, unit: Unit, _actor: Actor, given: Given) -> Plan:
        return plan(svc, unit, procedure, given)

    return Sheet("import", Right.IMPORT, looked, carry_out)


def plan(svc: Desk, unit: Unit, procedure: str, given: Given) -> Plan:
    """Say what would come in; nothing is changed. Raises `Refused` import.columns."""
    cases, mistakes = read([(line.number, line.cells) for line in given.lines])
    heads = given.lines[0].cells
    sums = [
        Mistake(line.number, heads[place] if place < len(heads) else "", "staff.wrong.formula")
        for line in given.lines[1:]
        for place in sorted(line.formulas)
    ]
    summed = {one.row for one in sums}
    later = seoul_day(svc.now())
    early = [
        Mistake(one.row, COLUMNS["arrived"][0], "import.future")
        for one in cases
        if seoul_day(one.arrived) > later
    ]
    out = summed | {one.row for one in early}
    good = [one for one in cases if one.row not in out]
    new = tuple(one for one in good if not external_numbers.find(unit, one.number))
    codes = _codes(unit)
    rows = tuple(_foreseen(svc, unit, procedure, one, codes) for one in new)
    wrong = by_row([*mistakes, *sums, *early])
    return Plan(new, rows, len(good) - len(new), wrong, procedure, given.file)


def carry_out(svc: Desk, unit: Unit, actor: Actor, shown: Plan) -> Plan:
    """Bring in the first rows of a plan; gives the plan of the others."""
    first, rest = shown.cases[:AT_ONCE], shown.cases[AT_ONCE:]
    bring(svc, unit, actor, shown.procedure, first, shown.file)
    return replace(
        shown,
        cases=rest,
        rows=shown.rows[AT_ONCE:],
        known=shown.known + len(first),
        brought=len(first),
    )


def _foreseen(
    svc: Desk, unit: Unit, procedure: str, case: Case, codes: Mapping[str, str]
) -> Brought:
    """Say what would become of a case: the date that our calendar gives it, and its unit."""
    rules = filings.rules_on(svc, procedure, seoul_day(case.arrived))
    calendar = svc.calendar(unit)
    received = clock.receipt(case.arrived, calendar).received
    due = None
    if not _hidden(case):
        due = clock.due(clocks.rule_of(svc, rules), received, calendar).at
    ours = seoul_day(due) if due else None
    return Brought(
        case.row, case.number, "", ours, case.due, bool(case.unit) and fold(case.unit) not in codes
    )


def read(lines: Sequence[tuple[int, Sequence[str]]]) -> tuple[list[Case], list[Mistake]]:
    """Read the rows under a line of names. Raises `Refused` import.columns (with `missing`)."""
    if not lines:
        raise Refused("import.columns", missing=", ".join(COLUMNS[one][0] for one in NEEDED))
    heads = [fold(cell) for cell in lines[0][1]]
    at = {
        name: heads.index(fold(word))
        for name, words in COLUMNS.items()
        for word in reversed(words)
        if fold(word) in heads
    }
    missing = [COLUMNS[name][0] for name in NEEDED if name not in at]
    if missing:
        raise Refused("import.columns", missing=", ".join(missing))
    cases: list[Case] = []
    mistakes: list[Mistake] = []
    seen: set[str] = set()
    for row, cells in lines[1:]:
        said = {name: cells[place] if place < len(cells) else "" for name, place in at.items()}
        wrong = _wrong(said, seen)
        if wrong:
            mistakes += [Mistake(row, COLUMNS[name][0], key) for name, key in wrong.items()]
        else:
            cases.append(_case(row, said))
        seen.add(fold(said["number"]))
    return cases, mistakes


def bring(
    svc: Desk, unit: Unit, actor: Actor, procedure: str, cases: Iterable[Case], file: str
) -> tuple[Brought, ...]:
    """Bring cases in; in a transaction that is taken back it shows what would happen.

    Raises `Refused` access.not_allowed.
    """
    if not rights.may(actor, Right.IMPORT):
        raise Refused("access.not_allowed")
    with unit.as_service():
        external_numbers.alone(unit)
    codes = _codes(unit)
    return tuple(_one(svc, unit, actor, procedure, case, file, codes) for case in cases)


def _one(
    svc: Desk,
    unit: Unit,
    actor: Actor,
    procedure: str,
    case: Case,
    file: str,
    codes: Mapping[str, str],
) -> Brought:
    code = codes.get(fold(case.unit), "")
    found = units.by_code(unit, code) if code else None
    unknown = bool(case.unit) and found is None
    if external_numbers.find(unit, case.number):
        return Brought(case.row, case.number, "", None, case.due, unknown)
    hidden = _hidden(case)
    road = "phone" if "phone" in case.who else "email" if "email" in case.who else "post"
    values: dict[str, object] = {
        "prior": "unknown",
        "what": case.text,
        "wish": "",
        "who": "anonymous" if hidden else "named",
        "unit": {"value": found.code if found else "", "label": case.unit} if case.unit else None,
        "share": "ask_first",
        **({} if hidden else {**case.who, "reply_by": road}),
    }
    prefs = Prefs("import", "import", "ko", case.arrived, by="import")
    filing = filings.bring(svc, unit, procedure, values, prefs)
    external_numbers.put(
        unit,
        filing,
        system=svc.site.other_system,
        number=case.number,
        due_at=clocks.end_of(case.due) if case.due else None,
        by=actor.user_id,
        now=svc.now(),
    )
    after, law = _dated(svc, unit, filing, case)
    detail = {"file": file, "row": case.row, "state": case.said, "kind": case.kind}
    journal.append(unit, filing.sid, svc.now(), actor.mark, "imported", detail)
    accesses.note(svc, unit, actor, "imported", after)
    ours = seoul_day(law) if law else None
    return Brought(case.row, case.number, after.number, ours, case.due, unknown)


def _hidden(case: Case) -> bool:
    """Tell whether it comes in without a name: nobody could be answered."""
    return not (case.who.get("name") and len(case.who) > 1)


def _dated(svc: Desk, unit: Unit, filing: Filing, case: Case) -> tuple[Filing, datetime | None]:
    """Put the case where it stood; give it with the date that our calendar counts."""
    rules = svc.procedures.version(filing.procedure, filing.procedure_version)
    work = Work(svc, unit, CLOCK, filing, rules, rules.moves["receive"], {}, svc.now())
    received = clock.receipt(filing.arrived_at, work.calendar).received
    counted = clocks.recount(work, received)
    changes = {**work.changes, "state": case.state, "received_at": received}
    main = rules.filing.deadline
    if case.state not in FINAL:
        _beside(work, received, case.state)
    if case.state in FINAL:
        done = datetime.combine(case.done or seoul_day(svc.now()), time(18), SEOUL)
        changes |= {"closed_at": done, "outcome": "withdrawn" if case.state == "withdrawn" else ""}
        terms.meet(unit, filing.id, main, done)
    rows_of.change(unit, filing.id, filing.version, **changes)
    due = changes.get("due_at")
    if isinstance(due, datetime) and due < svc.now():  # it was late before it came here
        day = seoul_day(due)
        for key in (f"overdue:{filing.id}:{day}", f"consent:{filing.id}:{day}"):
            sent_keys.first(unit, key, filing.id)
    after = rows_of.get(unit, filing.id)
    assert after is not None
    return after, counted.at if counted is not None else None


def _beside(work: Work, received: datetime, state: str) -> None:
    """Start what runs beside the main date; what passed before it came here is not told again.

    So the reporter has an interim notice at the next thirty days, and the handler his reminders.
    """
    for rule in work.procedure.started_by("received"):
        passed = state != "received" and "start" in rule.ends
        if rule.name == work.procedure.filing.deadline or passed:
            continue
        due = clocks.first_due(work, rule, received, {})
        while rule.repeats and due is not None and due < work.now:
            due = clocks.first_due(work, rule, due, {})
        if due is not None and due >= work.now:
            terms.set_deadline(work.unit, work.filing.id, rule.name, due)


def _wrong(said: Mapping[str, str], seen: set[str]) -> dict[str, str]:
    wrong = {name: "import.empty" for name in NEEDED if not said[name].strip()}
    if "number" not in wrong and fold(said["number"]) in seen:
        wrong["number"] = "import.twice"
    if "arrived" not in wrong and _moment(said["arrived"]) is None:
        wrong["arrived"] = "import.day"
    if "state" not in wrong and fold(said["state"]) not in STATES:
        wrong["state"] = "import.state"
    for name in ("due", "done"):
        if said.get(name) and _moment(said[name]) is None:
            wrong[name] = "import.day"
    return wrong


def _case(row: int, said: Mapping[str, str]) -> Case:
    arrived = _moment(said["arrived"])
    assert arrived is not None
    subject = said.get("subject", "").strip()
    text = said["text"].strip()
    who = {name: value for name in ("name", "phone", "email", "address")
           if (value := said.get(name, "").strip())}  # fmt: skip
    return Case(
        row,
        said["number"].strip(),
        arrived,
        STATES[fold(said["state"])],
        said["state"].strip(),
        f"{subject}\n{text}" if subject else text,
        said.get("unit", "").strip(),
        _day(said.get("due", "")),
        _day(said.get("done", "")),
        said.get("kind", "").strip(),
        who,
    )


_DIGITS = re.compile(r"(\d{4})\D+(\d{1,2})\D+(\d{1,2})(?:\D+(\d{1,2}):(\d{2}))?")


def _moment(text: str) -> datetime | None:
    """Read `2026-11-23 10:12`, `2026. 11. 23.` and their like; without a time it is nine."""
    found = _DIGITS.search(text)
    if found is None:
        return None
    year, month, day, hour, minute = (int(part) if part else None for part in found.groups())
    try:
        return datetime(
            year or 0, month or 0, day or 0, 9 if hour is None else hour, minute or 0, tzinfo=SEOUL
        )
    except ValueError:
        return None


def _day(text: str) -> date | None:
    found = _moment(text)
    return None if found is None else found.date()


def _codes(unit: Unit) -> Mapping[str, str]:
    """Give the codes of the units that stand, by their names."""
    return {fold(row.name): row.code for row in units.standing(unit, date.max)}
