"""Two `work` through 2026 and 2027 on a moved clock, killed at random, off at 09:00 of each 1st.

The processes are forked from one that is warm, as in `bot.bench.crash`; both tick and send at the
same moments. The clock jumps from one moment at which something may be due to the next. What the
post was given is written down outside of what is killed. Leases run on the database's clock,
which nobody can move: where a real service would wait for them to end, they are ended here while
nobody works.
"""

import asyncio
import heapq
import json
import mmap
import os
import random
import select
import signal
import struct
import traceback
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from bot import log
from bot.channel import Delivered, Delivery, Limits, Parcel, Preview
from bot.dialogs.replies import Phrase
from bot.services import agency_dates, reminders
from bot.worker import Worker
from knowledge.calendar import SEOUL, WorkCalendar
from storage import models
from storage.columns import db_later
from storage.repositories import sent_keys
from storage.unit import Unit
from tests.conftest import Database
from tests.services.conftest import Office, answers, calendar

FIRST, LAST = date(2026, 1, 5), date(2027, 12, 31)
NINE, BACK = time(9), time(13)
"""When the office opens; when the machine is there again on a first."""
DAYS = (3, 1, 0)
"""Working days before the answer on which the handler is reminded (passive_report.toml)."""
DYING = 0.08
"""Seconds of work after which a process is killed at the latest."""
TRIES = 5
_AT = struct.Struct("d")


class SharedClock:
    """A clock that every process forked from here reads; moved by hand."""

    def __init__(self) -> None:
        self._page = mmap.mmap(-1, _AT.size)

    def set(self, at: datetime) -> None:
        self._page[:] = _AT.pack(at.timestamp())

    def __call__(self) -> datetime:
        return datetime.fromtimestamp(_AT.unpack(self._page[:])[0], UTC)


class Post:
    """The agency's post: takes every letter and writes it down, whatever becomes of the sender."""

    name = "mail"
    limits = Limits(text=100_000, file_bytes=0, per_second=1e6, per_chat=1e6, personal="no")

    def __init__(self, path: Path, clock: SharedClock) -> None:
        self._fd = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        self._clock = clock

    def preview(self, parcel: Parcel) -> Preview:
        return Preview(parcel.address)

    async def deliver(self, parcel: Parcel) -> Delivery:
        text = getattr(parcel.reply, "text", None)
        params = text.params if isinstance(text, Phrase) else {}
        inner = params.get("text") if isinstance(params.get("text"), Phrase) else text
        what = params.get("what")
        line = {
            "at": self._clock().isoformat(),
            "to": parcel.address,
            "key": getattr(inner, "key", ""),
            "what": getattr(what, "key", ""),
            "number": str(params.get("number") or getattr(inner, "params", {}).get("number", "")),
            "of": str(params.get("of", "")),
            "late": bool(params.get("late")),
            "lines": len(getattr(parcel.reply, "cards", ())),
        }
        os.write(self._fd, json.dumps(line).encode() + b"\n")
        await asyncio.sleep(0)
        return Delivered("1")

    async def fetch(self, locator: str, most: int) -> bytes:
        raise LookupError(locator, most)


@dataclass
class Letter:
    """What somebody was given, and when by the moved clock."""

    at: datetime
    to: str
    key: str
    what: str
    number: str
    of: str
    late: bool
    lines: int


@dataclass
class Case:
    """A report, what is done with it, and what its handler must be told: day, due day, how many."""

    number: str
    fate: str
    due: date
    closed: datetime | None = None
    wanted: set[tuple[date, date]] = field(default_factory=set)  # on which day, of which date


@dataclass
class Found:
    """What came of it all."""

    moments: int = 0
    kills: int = 0
    cases: int = 0
    letters: int = 0
    reminders: int = 0
    late: int = 0
    again: int = 0
    faults: list[str] = field(default_factory=list)


@dataclass
class Process:
    """One `work`: it is told to go on, and says when there is nothing left to do."""

    pid: int
    tell: int
    hear: int

    def go(self) -> None:
        os.write(self.tell, b"g")

    def done(self, seconds: float | None) -> bool | None:
        """Wait; True: it is idle, None: it has died, False: it still works."""
        if not select.select([self.hear], [], [], seconds)[0]:
            return False
        return True if os.read(self.hear, 1) else None

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)

    def bury(self) -> None:
        os.close(self.tell)
        os.close(self.hear)
        self.tell = self.hear = -1  # the numbers are somebody else's soon
        os.waitpid(self.pid, 0)


class Year:
    """The whole of it: the office as officials and citizens use it, two processes, the letters."""

    def __init__(self, office: Office, database: Database, seed: int, killing: float) -> None:
        self.office, self.database = office, database
        self.chance, self.killing = random.Random(seed), killing
        clock = office.clock
        assert isinstance(clock, SharedClock)
        self.clock = clock
        self.path = database.folder / "post.jsonl"
        self.calendar: WorkCalendar = office.see(calendar)
        self.found = Found()
        self.cases: list[Case] = []
        self.works: list[Process] = []
        self._heap: list[tuple[datetime, int, Any]] = []
        self._turn = 0
        self.looked: set[tuple[int, int]] = set()  # months in whose working hours somebody worked

    def at(self, when: datetime, act: Any = None) -> None:
        """Plan a moment: something is done then, or may be due. On a first nobody is there at nine."""
        away = when.day == 1 and when.time() < BACK
        if away:
            when = datetime.combine(when.date(), BACK, SEOUL)
        self._turn += 1
        heapq.heappush(self._heap, (when, self._turn, act))

    def run(self) -> Found:
        """Go through every moment, then compare what was sent with what had to be."""
        self.works = [self._fork(), self._fork()]
        try:
            while self._heap:
                when, _, act = heapq.heappop(self._heap)
                acts = [act]
                while self._heap and self._heap[0][0] == when:
                    acts.append(heapq.heappop(self._heap)[2])
                if when.date() > LAST:
                    break
                self.clock.set(when)
                self._moment()
                for one in acts:
                    if one is not None:
                        one(when)
                if any(one is not None for one in acts):
                    self._moment()
        finally:
            for one in self.works:
                one.kill()
                one.bury()
        self._compare()
        return self.found

    def _look(self) -> None:
        """Note that somebody worked in this month once its duties had come."""
        self.found.moments += 1
        now = self.clock().astimezone(SEOUL)
        first = datetime.combine(self.calendar.shift(now.date().replace(day=1), 0), NINE, SEOUL)
        if self.calendar.is_open(now) and now >= first:
            self.looked.add((now.year, now.month))

    def _moment(self) -> None:
        """Let both work until nothing is left; perhaps one dies over it, and another is begun."""
        self._look()
        for one in self.works:
            one.go()
        if self.chance.random() < self.killing:
            victim = self.chance.randrange(2)
            self.works[victim].done(self.chance.uniform(0, DYING))  # at work, or just idle
            self.works[victim].kill()
            self.found.kills += 1
            while self.works[victim].done(None) is not None:
                pass
        died = False
        for place, one in enumerate(self.works):
            if one.done(None) is None:
                one.bury()
                self.works[place] = self._fork()
                died = True
        if died:
            self._leases_end()
            for one in self.works:
                one.go()
            for one in self.works:
                assert one.done(None)

    def _leases_end(self) -> None:
        o, lease = models.outbox.c, models.leases.c
        past = db_later(-1)

        def work(unit: Unit) -> None:
            held = sa.update(models.outbox).where(o.lease_until.is_not(None))
            unit.conn.execute(held.values(lease_until=past))
            unit.conn.execute(
                sa.update(models.leases).where(lease.until > past).values(until=past)
            )

        self.office.do(work)

    def _fork(self) -> Process:
        reading, tell = os.pipe()
        hear, writing = os.pipe()
        pid = os.fork()
        if pid:
            os.close(reading)
            os.close(writing)
            return Process(pid, tell, hear)
        try:
            os.close(tell)
            os.close(hear)
            for other in self.works:  # so that nobody keeps a dead one's line open
                for line in (other.tell, other.hear):
                    if line >= 0:
                        os.close(line)
            self._live(reading, writing)
        except BaseException:  # noqa: BLE001 - a fork must never run on as its parent
            traceback.print_exc()
        finally:
            os._exit(1)

    def _live(self, reading: int, writing: int) -> None:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        log.set_up([], level="error")
        store = self.database.open()
        mail = Post(self.path, self.clock)
        worker = Worker(store, self.office.svc, {"mail": mail}, settle_after=0.0, idle=0.01)

        async def go() -> None:
            """Work as long as there is anything: what failed for once comes again, as in life.

            What a dead one holds comes free later, so nobody waits for it here.
            """
            idle = tries = 0
            while idle < 2 or (tries < TRIES and store.read(left)):
                tries += idle >= 2
                busy = worker.tick() + await worker.round()
                idle = 0 if busy else idle + 1
            worker.ledger.let_go()

        def left(unit: Unit) -> bool:
            o = models.outbox.c
            rows = sa.select(o.id).where(o.channel == "mail", o.due_at <= self.clock())
            waits = unit.conn.execute(rows.where(o.status.in_(("pending", "sending")))).first()
            return bool(reminders.due_work(self.office.svc, unit)) or waits is not None

        with asyncio.Runner() as loop:  # what the worker holds belongs to one loop
            while os.read(reading, 1):
                loop.run(go())
                os.write(writing, b"d")

    # ------------------------------------------------------------------ what happens in the city

    def file(self, when: datetime, fate: str) -> None:
        """File a report, give it to a handler, and plan what becomes of it."""
        office = self.office
        unit = {"value": "build", "label": "건축과"}
        number = office.investigating(answers(unit=unit), address=f"c{len(self.cases)}").number
        due = self._due(number)
        case = Case(number, fate, due)
        self.cases.append(case)
        self.found.cases += 1
        self._plan(case, due, when)
        first = self.calendar.shift(due, -3)
        if fate == "extended":
            self.at(_on(first, time(16)), lambda at: self._extend(case, at))
        elif fate == "closed":
            self.at(_on(first, time(16)), lambda at: self._close(case, at))
        elif fate == "late":
            day = self.calendar.shift(due, 3)
            self.at(_on(self.calendar.shift(due, 1)))
            self.at(_on(day, time(16)), lambda at: self._close(case, at))
        else:
            self.at(_on(due, time(16)), lambda at: self._close(case, at))

    def _due(self, number: str) -> date:
        at = self.office.filing(number).due_at
        assert at is not None
        return at.astimezone(SEOUL).date()

    def _plan(self, case: Case, due: date, since: datetime) -> None:
        """Plan when the handler is to hear of a date, and look at those days."""
        case.due = due
        for n in DAYS:
            day = self.calendar.shift(due, -n) if n else due
            told = _on(day, BACK if day.day == 1 else NINE)
            if told >= since and day <= LAST:
                case.wanted.add((day, due))
                self.at(_on(day))

    def _forget(self, case: Case, now: datetime) -> None:
        """What was to come is not wanted any more."""
        case.wanted = {one for one in case.wanted if _on(one[0], NINE) <= now}

    def _extend(self, case: Case, now: datetime) -> None:
        self._forget(case, now)
        self.office.act("park", case.number, "extend", days="7", reason="r", done="d")
        self._plan(case, self._due(case.number), now)
        last = _on(case.due, time(16))
        self.at(last, lambda at: self._close(case, at))

    def _close(self, case: Case, now: datetime) -> None:
        self._forget(case, now)
        self.office.act(
            self.office.reporter(self.office.filing(case.number)), case.number, "withdraw"
        )
        case.closed = now
        for later in (1, 2, 5):  # nobody hears of it again
            self.at(_on(self.calendar.shift(now.date(), later)))

    # ------------------------------------------------------------------ what came of it

    def _on_time(self, one: Letter) -> bool:
        """Tell whether a duty came in the hour in which it was to come."""
        first = one.at.date().replace(day=1)
        over = (first + timedelta(days=32)).replace(day=1)
        days = {self.calendar.shift(first, 0), self.calendar.shift(over, -5)}
        ours = one.of.startswith("date:") or one.at.date() in days
        return ours and one.at.time() <= time(10)

    def letters(self) -> Iterator[Letter]:
        for line in self.path.read_text().splitlines():
            said = json.loads(line)
            yield Letter(**{**said, "at": datetime.fromisoformat(said["at"]).astimezone(SEOUL)})

    def _compare(self) -> None:
        letters = list(self.letters())
        self.found.letters = len(letters)
        told = [one for one in letters if one.what == "notice.desk.answer_due"]
        self.found.reminders = len(told)
        self.found.late = sum(one.late for one in told)
        assert not any(one.lines for one in letters), "letters of several"
        sent = Counter((one.number, one.at.date(), one.of.rpartition(":")[2]) for one in told)
        wanted = {(case.number, day, str(due)) for case in self.cases for day, due in case.wanted}
        fault = self.found.faults.append
        for one in sorted(wanted - set(sent)):
            fault(f"never told {one}")
        for one in sorted(set(sent) - wanted):
            fault(f"told without cause {one}")
        for one in told:
            on_first = one.at.day == 1
            if one.late is not on_first:
                fault(f"late={one.late} on {one.at}")
            if not (time(9) <= one.at.time() < time(18)) or not self.calendar.is_working(
                one.at.date()
            ):
                fault(f"out of hours {one.at}")
        closed = {case.number: case.closed for case in self.cases if case.closed}
        for one in letters:
            over = closed.get(one.number)
            if over is not None and one.at > over and one.of:
                fault(f"after the end {one}")
        self._duties(letters, fault)
        extra = [count - 1 for count in sent.values()]
        duties = Counter(
            (one.to, one.of, one.at.date()) for one in letters if one.key == "official.duty"
        )
        extra += [count - 1 for count in duties.values()]
        late = Counter((one.number, one.at.date()) for one in letters if "overdue" in one.key)
        extra += [count - 1 for count in late.values()]
        self.found.again = sum(extra)
        if self.found.again > self.found.kills:
            fault(f"doubled {self.found.again} by {self.found.kills} kills")

    def _duties(self, letters: list[Letter], fault: Any) -> None:
        """Each month's duties came once, late where the first was a working day."""
        asked: dict[tuple[str, str], set[date]] = defaultdict(set)
        for one in letters:
            if one.key == "official.duty":
                asked[one.to, one.of].add(one.at.date())
                if one.late is self._on_time(one):
                    fault(f"duty late={one.late} on {one.at}")
        for (to, of), on in asked.items():
            if of.startswith("date:") and len(on) != 2:
                fault(f"{to} was told of {of} on {sorted(on)}")
        values = asked.get(("choi@gaon.example", "values:"), set())
        monthly = [day for day in values if (day.year, day.month) in self.looked]
        if len(monthly) != len(self.looked):
            fault(f"values asked for on {sorted(values)}, looked in {sorted(self.looked)}")
        for case in self.cases:
            late = case.fate == "late"
            apologies = [
                one for one in letters if one.number == case.number and "overdue" in one.key
            ]
            if bool(apologies) is not late:
                fault(f"{case.fate} {case.number}: {len(apologies)} apologies")


def through(
    office: Office, database: Database, *, seed: int, a_month: int, months: Iterable[int],
    killing: float, every_day: bool = False,
) -> Found:  # fmt: skip
    """Let both years pass, with so many reports in each of these months (0 is January 2026).

    `every_day`: look four times a day, not only when something is due.
    """
    year = Year(office, database, seed, killing)
    chance = random.Random(seed)
    choi = office.people["choi"]
    office.do(
        lambda u: agency_dates.add(
            office.svc, u, choi, kind="plan", title="실행계획", day=date(2026, 1, 20),
            repeats="yearly", ahead=(7, 0), role="audit_head",
        )
    )  # fmt: skip
    for its in (2026, 2027):  # a week before, and the day itself
        for day in (date(its, 1, 13), date(its, 1, 20)):
            year.at(_on(day if year.calendar.is_working(day) else year.calendar.shift(day, -1)))
    fates = ("late", "extended", "closed", "answered")
    for n in months:
        first = date(2026 + n // 12, n % 12 + 1, 1)
        again = (first + timedelta(days=32)).replace(day=1)
        begins = (year.calendar.shift(one, 0) for one in (first, again))
        for day in (*begins, year.calendar.shift(again, -5)):
            year.at(_on(day))
        for m in range(a_month):
            day = first + timedelta(days=chance.choice((8, 12, 19, 21, 22, 23)))
            day = year.calendar.shift(day, 0)
            if m == 0:  # due on the first, when nobody is there at nine
                day = year.calendar.shift(year.calendar.shift(again, 0), -6)
            day = max(day, FIRST)
            hour = time(chance.randrange(10, 17), chance.randrange(60))
            fate = fates[(n + m) % len(fates)]
            year.at(_on(day, hour), lambda at, fate=fate: year.file(at, fate))
    day = FIRST
    while every_day and day <= LAST:
        for hour in (time(0, 10), NINE, BACK, time(18, 30)):
            if day.day != 1 or hour >= BACK:
                year.at(_on(day, hour))
        day += timedelta(days=1)
    return year.run()


def begun(office: Office) -> Office:
    """Give the office a clock that all processes share, and hours that the clock has run."""
    clock = SharedClock()
    clock.set(_on(FIRST - timedelta(days=3), time(17)))
    site = office.svc.site.model_copy(update={"morning_mail": False, "idle_days": 0})
    office.clock = clock  # type: ignore[assignment]
    office.svc = replace(office.svc, now=clock, site=site)
    office.do(lambda u: sent_keys.first(u, "upkeep:2025-12-31T17"))
    return office


def _on(day: date, hour: time = NINE) -> datetime:
    return datetime.combine(day, hour, SEOUL)
