"""An audit office in a small city: units, officials, a site, a clock that is moved by hand."""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from bot import catalogue
from bot.dialogs.passive_report import PassiveReport
from bot.dialogs.replies import Phrase, Reply, Say, load
from bot.errors import Refused
from bot.locale import Texts
from bot.services import filings, moves, officials, peers, reminders, sight, views
from bot.services.base import CLOCK, Actor, Desk, citizen
from bot.settings import Site, read_site
from knowledge.calendar import DayChange, WorkCalendar
from storage import models
from storage.repositories import days_off, outbox, sent_keys, units, users
from storage.repositories.filings import Filing
from storage.store import Store
from storage.unit import Unit
from tests import shipped
from tests.fakes.clock import FrozenClock

SEOUL = ZoneInfo("Asia/Seoul")
SITE = Path("bot/rehearsal/site.toml")
WHAT = "10월부터 중앙시장 앞 길이 파여서 구청에 세 번 전화했는데 아직 그대로예요."
STAFF = {
    "kim": ("김접수", "minwon", ("intake",)),
    "park": ("박감사", "audit", ("auditor",)),
    "lim": ("임감사", "audit", ("auditor",)),
    "choi": ("최과장", "audit", ("audit_head",)),
    "lee": ("이도로", "road", ("unit_member",)),
    "yoon": ("윤도로", "road", ("auditor", "unit_member")),
    "jung": ("정건축", "build", ("unit_member",)),
    "han": ("한관리", "audit", ("admin",)),
    "seo": ("서점검", "audit", ("inspector",)),
    "oh": ("오심사", "minwon", ("examiner",)),
}


def at(text: str) -> datetime:
    """Read a time of day in Seoul: `2026-11-23 10:12`."""
    return datetime.fromisoformat(text).replace(tzinfo=SEOUL)


def calendar(unit: Unit) -> WorkCalendar:
    return WorkCalendar(DayChange(row.day, row.name) for row in days_off.listed(unit))


def answers(**changes: Any) -> PassiveReport:
    known: dict[str, Any] = {
        "prior": "answered",
        "prior_no": "10월 전화",
        "what": WHAT,
        "wish": "길을 고치고 왜 미뤘는지 알고 싶어요.",
        "unit": {"value": "road", "label": "도로과"},
        "who": "named",
        "name": "홍길동",
        "address": "가온시 중앙로 12",
        "reply_by": "email",
        "email": "hong@example.com",
        "share": "ask_first",
    }
    return PassiveReport.model_validate({**known, **changes})


def nameless(**changes: Any) -> PassiveReport:
    none = {"name": None, "address": None, "reply_by": None, "email": None}
    return answers(who="anonymous", **none, **changes)


@dataclass
class Office:
    store: Store
    clock: FrozenClock
    svc: Desk
    texts: Texts
    people: dict[str, Actor] = field(default_factory=dict)
    runs: int = 0

    def do(self, work: Callable[[Unit], Any]) -> Any:
        return self.store.transact(work, None)

    def see(self, work: Callable[[Unit], Any]) -> Any:
        return self.store.read(work)

    def peer(self, channel: str = "web", address: str = "a", lang: str = "ko") -> int:
        return self.do(lambda u: peers.meet(self.svc, u, channel, channel, address, lang)).id

    def file(
        self,
        form: PassiveReport | None = None,
        channel: str = "web",
        lang: str = "ko",
        address: str = "a",
        **prefs: Any,
    ) -> filings.Filed:
        peer = self.peer(channel, address, lang)
        own = channel == "web"
        given = filings.Prefs(channel, channel, lang, self.clock(), own_page=own, **prefs)
        form = form or answers()
        return self.do(lambda u: filings.file(self.svc, u, "passive_report", form, peer, given))

    def act(
        self, who: str | Actor, number: str, move: str, /, confirmed: bool = False, **fields: Any
    ) -> moves.Performed:
        actor = self.people[who] if isinstance(who, str) else who
        return self.do(
            lambda u: moves.perform(
                self.svc, u, actor, number, None, move, fields, confirmed=confirmed
            )
        )

    def refused(self, who: str | Actor, number: str, move: str, /, **fields: Any) -> str:
        with pytest.raises(Refused) as caught:
            self.act(who, number, move, **fields)
        return caught.value.key

    def can(self, who: str | Actor, number: str, *, blocked: bool = False) -> set[str]:
        actor = self.people[who] if isinstance(who, str) else who
        found = self.see(lambda u: moves.available(self.svc, u, actor, number))
        return {move.action for move in found if bool(move.blocked) == blocked}

    def reporter(self, filed: filings.Filed) -> Actor:
        return citizen(self.filing(filed.number).peer_id)

    def filing(self, number: str) -> Filing:
        return self.see(lambda u: sight.find(u, CLOCK, number))

    def tick(self) -> list[str]:
        """Do what is due, as the worker does."""
        done = []
        for due in self.see(lambda u: reminders.due_work(self.svc, u)):
            self.store.transact(due.work, due.run_key)
            done.append(due.run_key)
        return done

    def goes(self, text: str) -> list[str]:
        """Move the clock and tick."""
        self.clock.set(at(text))
        return self.tick()

    def told(self, filed: filings.Filed | str) -> list[str]:
        """Give the keys of what the reporter was told; every hole in the words must be filled."""
        number = filed if isinstance(filed, str) else filed.number
        status = self.see(lambda u: views.by_number(self.svc, u, CLOCK, number))
        for words in status.notices:
            assert all(self.say(words, lang) for lang in self.texts.languages)
        return [words.key for words in reversed(status.notices)]

    def words(self, filed: filings.Filed, key: str, lang: str = "ko") -> str:
        status = self.see(lambda u: views.by_number(self.svc, u, CLOCK, filed.number))
        found = next(words for words in status.notices if words.key == key)
        return self.say(found, lang)

    def say(self, words: Any, lang: str = "ko") -> str:
        return self.texts.render(words, lang, self.svc.site.words())

    def sent(self, channel: str) -> list[Reply]:
        """Give what waits in the outbox of a channel."""
        c = models.outbox.c

        def look(unit: Unit) -> list[Reply]:
            rows = unit.conn.execute(
                models.outbox.select().where(c.channel == channel).order_by(c.id)
            ).all()
            return [load(outbox.read_payload(unit, row.id) or b"") for row in rows]

        return self.see(look)

    def rows(self, channel: str) -> list[Any]:
        c = models.outbox.c
        wanted = models.outbox.select().where(c.channel == channel).order_by(c.id)
        return self.see(lambda u: list(u.conn.execute(wanted)))

    def tasks(self, who: str) -> list[str]:
        return [task.kind for task in self.see(lambda u: views.tasks_for(u, self.people[who]))]

    def investigating(self, form: PassiveReport | None = None, **kw: Any) -> filings.Filed:
        """File, receive, assign, start."""
        filed = self.file(form, **kw)
        self.act("kim", filed.number, "assign", handler="park", unit="road")
        self.act("park", filed.number, "start")
        return filed


def keys_of(replies: tuple[Reply, ...]) -> list[str]:
    found = []
    for reply in replies:
        words = getattr(reply, "text", None)
        assert isinstance(words, Phrase) or isinstance(reply, Say)
        found.append(words.key if isinstance(words, Phrase) else str(words))
    return found


def settle_city(svc: Desk, unit: Unit) -> dict[str, int]:
    first = date(2020, 1, 1)
    root = units.add(unit, "city", "가온시", valid_from=first)
    bureau = units.add(unit, "infra", "건설교통국", valid_from=first, parent_id=root)
    units.add(
        unit, "road", "도로과", valid_from=first, parent_id=bureau, aliases=("도로",),
        email="road@gaon.example",
    )  # fmt: skip
    units.add(unit, "build", "건축과", valid_from=first, parent_id=bureau)
    units.add(unit, "audit", "감사담당관", valid_from=first, parent_id=root, kind="audit")
    units.add(unit, "minwon", "민원실", valid_from=first, parent_id=root, kind="intake")
    ids = {}
    for login, (name, place, roles) in STAFF.items():
        row = units.by_code(unit, place)
        assert row is not None
        made = users.add(
            unit, login, name, svc.now(), unit_id=row.id, phone="031-000-0100",
            email=f"{login}@gaon.example", staff_no=f"G{len(ids) + 1:03}",
        )  # fmt: skip
        assert made is not None
        for role in roles:
            users.grant(unit, made, role, svc.now())
        ids[login] = made
    return ids


CITY = (models.units, models.users, models.user_roles, models.postings)
"""What settling the city writes to."""
_settled: dict[tuple[str, datetime], list[list[dict[str, Any]]]] = {}


def settle(office: Office) -> None:
    """Settle the city; after the first time by the rows that it left then."""
    at = (office.store.engine.dialect.name, office.clock())
    if at in _settled:
        office.do(lambda u: put_back(u, _settled[at]))
    else:
        office.do(lambda u: settle_city(office.svc, u))
        _settled[at] = office.see(rows_of_city)
    for who in office.see(officials.everybody):
        office.people[who.login] = officials.actor(who)


def rows_of_city(unit: Unit) -> list[list[dict[str, Any]]]:
    asked = [t.select().order_by(*t.primary_key.columns) for t in CITY]
    return [[dict(row) for row in unit.conn.execute(one).mappings()] for one in asked]


def put_back(unit: Unit, city: list[list[dict[str, Any]]]) -> None:
    for table, rows in zip(CITY, city, strict=True):
        unit.conn.execute(table.insert(), rows)
        if unit.dialect == "postgresql" and "id" in table.c:  # ids were given, count them
            each = sa.func.generate_series(1, len(rows)).table_valued()
            counted = sa.func.max(sa.func.nextval(f"{table.name}_id_seq"))
            unit.conn.execute(sa.select(counted).select_from(each))


@pytest.fixture(scope="session")
def texts() -> Texts:
    return shipped.texts()


@pytest.fixture(scope="session")
def site() -> Site:
    return read_site(SITE)


@pytest.fixture
def clock() -> FrozenClock:
    return FrozenClock(at("2026-11-23 10:12"))


@pytest.fixture(scope="session")
def catalog() -> catalogue.Book:
    return shipped.book()


@pytest.fixture
def build(
    store: Store, clock: FrozenClock, site: Site, texts: Texts, catalog: catalogue.Book
) -> Callable[..., Office]:
    def make(**changes: Any) -> Office:
        book = catalog
        svc = Desk(
            texts=texts,
            procedures=book.procedures,
            catalogue=book,
            site=site.model_copy(update=changes),
            calendar=calendar,
            now=clock,
            random=os.urandom,
            public_url="https://talk.gaon.example",
            desk_url="https://desk.gaon.example",
        )
        office = Office(store, clock, svc, texts)
        settle(office)
        return office

    return make


@pytest.fixture
def office(build: Callable[..., Office]) -> Office:
    return build()


__all__ = ["Office", "answers", "at", "keys_of", "nameless", "sent_keys"]
