"""The four roles of PostgreSQL: what each can do, and what it cannot (security S7, S8, P10)."""

import os
from contextlib import contextmanager
from datetime import date

import pytest
import sqlalchemy as sa

from bot.dialogs.call_back import CallBack
from bot.services import (
    barred,
    calls,
    errands,
    guarding,
    house,
    letters,
    moves,
    officials,
    peers,
    reminders,
    sight,
    status,
    views,
    writing,
)
from bot.services.base import CLOCK, Actor, Desk, citizen
from bot.services.writing import Oral
from bot.settings import read_site
from storage import acting, journal, models, roles
from storage.acting import SERVICE, WHO, Acting
from storage.errors import Closed, SealError, StartRefused
from storage.models import filings, guards, keys, metadata
from storage.quick import Quick
from storage.repositories import errands as errand_rows
from storage.repositories import filings as filing_rows
from tests.fakes.clock import FrozenClock
from tests.services.conftest import SITE, Office, answers, at, calendar, nameless, settle_city
from tests.storage.rows import a_filing


def refused(store, act) -> str:
    """Run something that the database itself refuses; gives its code."""
    with pytest.raises(sa.exc.DBAPIError) as caught:
        store.transact(act, None)
    return caught.value.orig.sqlstate


NOT_ALLOWED = "42501"


@pytest.fixture
def desk_first(part):
    """Open the desk once, so that its key is known, then the public part."""
    return part("desk"), part("public")


# --- what a role may not do ---


def test_the_public_role_reads_neither_the_answers_nor_who_reported(part, desk_first):
    _desk, public = desk_first
    row = a_filing(public)
    for column in ("answers", "identity", "exact"):
        taken = refused(public, lambda u, c=column: u.conn.execute(sa.select(filings.c[c])))
        assert taken == NOT_ALLOWED
    assert public.read(lambda u: filing_rows.get(u, row.id)) == row
    assert not public.ring.discloses


def test_with_all_that_the_public_part_has_an_identity_cannot_be_opened(part, desk_first, walls):
    desk, public = desk_first
    row = a_filing(public)
    sealed = part("work").read(
        lambda u: u.conn.execute(sa.select(filings.c.identity)).scalar_one()
    )
    stolen = part("work", secrets=walls.desk)  # the rows of another role, the keys of the public
    stolen.ring = public.ring
    with pytest.raises(Closed):
        stolen.read(lambda u: u.keys.open("filings.identity", row.sid, bytes(sealed)))
    with asked_by(SERVICE):
        assert desk.read(lambda u: filing_rows.identity(u, row)) == {"name": "홍길동"}
    gone = sa.update(keys).where(keys.c.purpose == "identity").values(wrapped=None)
    older = sa.text("UPDATE keys SET created_at = created_at - interval '1 hour'")
    part("work").transact(lambda u: u.conn.execute(older), None)
    assert public.transact(lambda u: u.conn.execute(gone).rowcount, None) == 0


@pytest.mark.parametrize("table", sorted({"users", "sessions", "roots", "runs"}))
def test_the_public_role_does_not_read_what_it_does_not_need(desk_first, table):
    _desk, public = desk_first
    found = metadata.tables[table]
    assert refused(public, lambda u: u.conn.execute(sa.select(found))) == NOT_ALLOWED


@pytest.mark.parametrize("name", ["public", "desk", "work"])
@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE events SET actor = 'x'",
        "DELETE FROM events",
        "TRUNCATE events",
        "UPDATE schema_revisions SET min_code = 9",
        "DROP TABLE tasks",
        "CREATE TABLE mine (a int)",
        "ALTER TABLE filings DISABLE ROW LEVEL SECURITY",
        "SET ROLE jt_owner",
    ],
)
def test_no_part_rewrites_the_journal_or_the_schema(part, desk_first, name, sql):
    store = part(name)
    assert refused(store, lambda u: u.conn.exec_driver_sql(sql)) == NOT_ALLOWED


def test_the_owner_sees_no_row_outside_a_migration(part, desk_first, walls):
    a_filing(desk_first[1])
    engine = sa.create_engine(walls.url(roles.OWNER), poolclass=sa.NullPool)
    with engine.begin() as conn:
        assert conn.execute(sa.select(filings.c.id)).all() == []
        assert conn.execute(sa.text("UPDATE filings SET state = 'x'")).rowcount == 0
        roles.see_all(conn)  # as a backup does
        assert len(conn.execute(sa.select(filings.c.id)).all()) == 1
    with engine.begin() as conn:
        assert conn.execute(sa.select(filings.c.id)).all() == []


@pytest.mark.parametrize(
    ("name", "role", "why"),
    [
        ("public", roles.OWNER, "주인 계정"),
        ("work", roles.OWNER, "주인 계정"),
        ("desk", roles.PUBLIC, "jt_desk"),
        ("work", roles.DESK, "jt_work"),
        ("public", roles.DESK, "jt_public"),
        ("all", roles.DESK, "jt_work"),
    ],
)
def test_a_part_does_not_start_with_an_account_that_is_not_its_own(
    walls, desk_first, name, role, why
):
    with pytest.raises(StartRefused, match=why) as caught:
        walls.open(name, role=role)
    assert caught.value.where == "DATABASE_URL"


def test_where_all_parts_use_one_role_everything_works(part):
    store = part("all")
    row = a_filing(store)
    assert store.read(lambda u: filing_rows.identity(u, row)) == {"name": "홍길동"}
    found = store.read(lambda u: roles.standing(u.conn))
    assert (found.role, found.walled, found.owns) == (roles.WORK, True, False)


# --- the second wall of the desk ---


def test_a_query_that_forgets_the_guard_finds_nothing_guarded(part, desk_first):
    desk, public = desk_first
    free, kept = a_filing(public, "2026-AAAA-A2"), a_filing(public, "2026-AAAA-A3")
    work = part("work")
    ids = work.transact(lambda u: settle(u, kept.id), None)
    forgetful = sa.select(filings.c.id).order_by(filings.c.id)

    def seen(who):
        with asked_by(who):
            rows = desk.read(lambda u: list(u.conn.scalars(forgetful)))
            past = desk.read(lambda u: journal_of(u, kept))
        return rows, past

    def at_the_desk(login):
        return work.read(lambda u: barred.behind_the_wall(u, ids[login]))

    assert seen(None) == ([], 0)
    assert seen(at_the_desk("park")) == ([free.id, kept.id], 1)
    assert seen(at_the_desk("lee")) == ([free.id], 0)
    assert seen(at_the_desk("choi")) == ([free.id], 0)  # guarded by name
    assert seen(SERVICE) == ([free.id, kept.id], 1)


def journal_of(unit, filing) -> int:
    return len(journal.history(unit, filing.sid))


def settle(unit, kept):
    clock = FrozenClock(at("2026-11-23 10:12"))
    ids = settle_city(Desk(None, None, None, None, calendar, clock, os.urandom, "", ""), unit)
    places = unit.conn.execute(sa.text("SELECT code, id FROM units")).all()
    ids |= {row.code: row.id for row in places}
    unit.conn.execute(sa.insert(guards).values(filing_id=kept, unit_id=ids["road"]))
    unit.conn.execute(sa.insert(guards).values(filing_id=kept, user_id=ids["choi"]))
    filing = filing_rows.get(unit, kept)
    journal.append(unit, filing.sid, clock(), "service", "filed", {})
    return ids


def test_on_whose_behalf_a_transaction_ran_is_forgotten_with_it(part, desk_first):
    desk, public = desk_first
    a_filing(public)
    ask = sa.text("SELECT current_setting('jt.user', true), current_setting('jt.as', true)")
    with asked_by(Acting(7)):
        assert desk.read(lambda u: u.conn.execute(ask).one()) == ("7", "official")
        with pytest.raises(ZeroDivisionError):
            desk.transact(lambda _u: 1 / 0, None)
    for _ in range(12):  # every connection of the pool
        after = desk.read(lambda u: u.conn.execute(ask).one())
        assert not any(after)


WHOM = sa.text("SELECT current_setting('jt.as', true), current_setting('jt.user', true)")


def test_what_is_asked_for_another_says_nothing_of_the_next_statement(part, desk_first):
    desk, public = desk_first
    free, kept = a_filing(public, "2026-AAAA-A2"), a_filing(public, "2026-AAAA-A3")
    ids = part("work").transact(lambda u: settle(u, kept.id), None)
    other = Actor("official", ids["kim"], roles=frozenset({"intake"}))
    forgetful = sa.select(filings.c.id).order_by(filings.c.id)
    rows: list[list[int]] = []

    def page(u):
        assert sight.get(u, kept.id, CLOCK).id == kept.id
        rows.append(list(u.conn.scalars(forgetful)))
        assert sight.get(u, free.id, other).id == free.id
        rows.append(list(u.conn.scalars(forgetful)))
        with u.as_service():
            rows.append(list(u.conn.scalars(forgetful)))
        with pytest.raises(ZeroDivisionError), u.as_service():
            _ = 1 / 0
        return list(u.conn.scalars(forgetful))

    with asked_by(Acting(ids["choi"])):  # guarded by name
        assert desk.read(page) == [free.id]
    assert rows == [[free.id], [free.id], [free.id, kept.id]]


def test_what_the_hot_path_runs_is_walled_too(part, desk_first):
    desk, public = desk_first
    kept = a_filing(public)
    ids = part("work").transact(lambda u: settle(u, kept.id), None)
    forgetful = Quick(sa.select(filings.c.id).where(filings.c.id == sa.bindparam("n")))

    def page(u):
        with u.as_service():
            u.conn.execute(sa.select(filings.c.id))
        return forgetful(u.conn, {"n": kept.id}).rows

    with asked_by(Acting(ids["choi"])):
        assert desk.read(page) == []
    with asked_by(SERVICE):
        assert desk.read(page) == [(kept.id,)]


def test_a_savepoint_that_is_taken_back_leaves_nobody_in_the_other_s_place(part, desk_first):
    desk, _ = desk_first

    def page(u):
        with u.as_service():
            u.conn.execute(WHOM)
            inner = u.conn.begin_nested()
        u.conn.execute(WHOM)
        inner.rollback()
        return tuple(u.conn.execute(WHOM).one())

    with asked_by(Acting(7)):
        assert desk.read(page) == ("official", "7")


def test_the_service_hands_over_to_one_official_and_he_to_nobody(part, desk_first):
    desk, _ = desk_first

    def page(u):
        before = tuple(u.conn.execute(WHOM).one())
        acting.sit(u.conn, Acting(7))
        after = tuple(u.conn.execute(WHOM).one())
        for other in (Acting(8), SERVICE):
            with pytest.raises(RuntimeError):
                acting.sit(u.conn, other)
        return before, after

    with asked_by(SERVICE):
        assert desk.read(page) == (("service", ""), ("official", "7"))
    desk.read(lambda u: acting.sit(u.conn, Acting(7)))  # nobody is asked for where nobody says so
    assert not any(desk.read(lambda u: u.conn.execute(WHOM).one()))


def test_a_statement_that_fails_does_not_hide_behind_the_wall(part, desk_first):
    desk, _ = desk_first

    def page(u):
        with u.as_service():
            u.conn.execute(sa.text("SELECT 1/0"))

    with asked_by(Acting(7)), pytest.raises(sa.exc.DBAPIError) as caught:
        desk.read(page)
    assert caught.value.orig.sqlstate == "22012"


# --- a whole report, each part with its own role and keys ---


@pytest.fixture
def offices(part, texts, catalog):
    clock = FrozenClock(at("2026-11-23 10:12"))
    svc = Desk(
        texts, catalog.procedures, catalog, read_site(SITE), calendar, clock, os.urandom,
        "https://talk.gaon.example", "https://desk.gaon.example",
    )  # fmt: skip
    desk, work, public = part("desk"), part("work"), part("public")
    made = {
        name: Office(store, clock, svc, texts)
        for name, store in (("public", public), ("desk", desk), ("work", work))
    }
    ids = made["work"].do(lambda u: settle_city(svc, u))
    people = made["work"].see(lambda u: everybody(u, ids))
    for office in made.values():
        office.people.update(people)
    return made


def everybody(unit, ids):
    return {
        login: officials.actor(officials.official(unit, user_id)) for login, user_id in ids.items()
    }


@contextmanager
def asked_by(who):
    token = WHO.set(who)
    try:
        yield
    finally:
        WHO.reset(token)


@contextmanager
def at_the_desk(office, who):
    """Sit somebody down at the desk, as its reception does."""
    wall = office.see(lambda u: barred.behind_the_wall(u, office.people[who].user_id))
    with asked_by(wall):
        yield office.people[who]


def on_behalf(office, who, work):
    with at_the_desk(office, who):
        return office.do(work)


def on_the_desk(office, who, number, move, **fields):
    with at_the_desk(office, who):
        return office.act(who, number, move, **fields)


def what_was_said(office, number):
    sid = office.filing(number).sid
    past = office.see(lambda u: journal.history(u, sid))
    return next(one.detail for one in past if one.kind == "supplement_reply")


def twice(office, actor, number, move, **fields):
    """Make a move, go back and make it again: tell each time whether something was done."""

    def press(u):
        version = sight.find(u, actor, number).version
        return moves.perform_once(office.svc, u, actor, number, version, move, fields)

    return [office.do(press) is not None for _ in range(2)]


def tick(office):
    svc = office.svc
    for due in office.see(lambda u: (*errands.due(svc, u), *reminders.due_work(svc, u))):
        office.store.transact(due.work, due.run_key)


def test_a_report_lives_its_whole_life_across_the_parts(offices):
    public, desk, work = offices["public"], offices["desk"], offices["work"]
    filed = public.file(answers())
    assert [row.kind for row in work.see(lambda u: errand_rows.waiting(u, errands.KINDS))] == [
        "case",
        "told",
    ]
    assert {row.kind for row in public.rows("mail")} == {"official"}  # no address of a citizen
    assert public.see(lambda u: errands.due(public.svc, u)) == ()
    tick(work)
    assert {row.kind for row in work.rows("mail")} == {"official", "notice", "morning"}
    assert {row.kind for row in public.rows("mail")} == {"official", "morning"}
    number = filed.number
    on_the_desk(desk, "kim", number, "assign", handler="park", unit="road")
    on_the_desk(desk, "park", number, "start")
    on_the_desk(
        desk, "park", number, "ask_supplement", items="사진", why="확인하려고 합니다.", days="7"
    )
    reporter = public.reporter(filed)
    said = "사진은 없고 주소는 앞집입니다."
    public.act(reporter, number, "supplement_reply", text=said)
    assert what_was_said(public, number) == {}
    assert what_was_said(work, number)["text"] == said
    assert twice(public, reporter, number, "message", text="언제 오시나요?") == [True, False]
    mine = public.see(lambda u: status.mine(public.svc, u, reporter.peer_id))
    assert [one.number for one in mine] == [number]
    opened = status.by_code(public.svc, public.store, number, filed.code, "net")
    assert opened.number == number
    paper = public.see(
        lambda u: letters.of_notice(public.svc, u, citizen(None, filed.filing_id), number)
    )
    assert "기관이 따로 보관" in paper.to
    assert paper.address == ""
    kept = public.see(lambda u: peers.my_data(u, reporter.peer_id))
    assert kept["filings"][0]["identity"] == "kept"
    whose = work.see(lambda u: letters.of_notice(work.svc, u, CLOCK, number))
    assert "홍길동" in whose.to
    tick(work)
    assert work.see(lambda u: errand_rows.waiting(u, errands.KINDS)) == []


def test_whoever_wants_the_answer_by_post_alone_reports_through_the_public_part(offices):
    filed = offices["public"].file(answers(reply_by="post", email=None))
    assert filed.number


def test_with_all_that_the_public_part_has_later_words_cannot_be_opened(offices, part, walls):
    public, desk, work = offices["public"], offices["desk"], offices["work"]
    filed = public.file(answers())
    public.act(public.reporter(filed), filed.number, "message", text="저는 앞집의 홍길동입니다.")
    stolen = part("work", secrets=walls.desk)  # the rows of another role, the keys of the public
    stolen.ring = public.store.ring
    sid = work.filing(filed.number).sid
    row = stolen.read(lambda u: u.conn.execute(
        sa.select(models.events).where(models.events.c.subject == sid, models.events.c.kind == "message")
    ).one())  # fmt: skip
    for place in (journal.PLACE, journal.WORDS_PLACE):
        for owner in (sid, row.commitment[:16]):
            with pytest.raises(SealError):
                stolen.read(lambda u, p=place, o=owner: u.keys.open(p, o, row.detail))
    assert stolen.read(lambda u: journal.verify(u, sid)) == []
    seen = on_behalf(desk, "kim", lambda u: journal.history(u, sid))
    assert (
        next(one for one in seen if one.kind == "message").detail["text"].endswith("홍길동입니다.")
    )


def test_what_happens_in_the_house_is_not_read_by_the_public_part(offices):
    public, work = offices["public"], offices["work"]
    count = sa.select(sa.func.count()).select_from(models.events)
    work.do(lambda u: house.note(work.svc, u, None, "user_left", {"user": 1}))
    public.file(answers())
    assert (
        0 < public.see(lambda u: u.conn.scalar(count)) < work.see(lambda u: u.conn.scalar(count))
    )
    inner = count.where(models.events.c.subject == house.HOUSE)
    assert public.see(lambda u: u.conn.scalar(inner)) == 0


def test_a_report_without_a_name_hears_of_news_across_the_parts(offices):
    public, desk, work = offices["public"], offices["desk"], offices["work"]
    filed = public.file(nameless(), channel="telegram", link=True)
    number = filed.number
    on_the_desk(desk, "kim", number, "assign", handler="park", unit="road")
    on_the_desk(desk, "park", number, "start")
    tick(work)
    assert [row.kind for row in work.rows("telegram")] == ["news"]
    one = work.filing(number)
    work.do(lambda u: errand_rows.put(u, one.id, "news", 1, work.clock(), rank=1))
    tick(work)
    assert [row.kind for row in work.rows("telegram")] == ["news", "news"]


def test_a_call_is_asked_for_outside_and_its_number_is_opened_inside(offices):
    public, desk = offices["public"], offices["desk"]
    filed = public.file(answers())
    peer = public.filing(filed.number).peer_id
    for phone in ("010-1111-2222", "010-1234-5678"):
        wanted = CallBack(phone=phone, wish="any", about="언제 답이 오나요")
        public.do(
            lambda u, wanted=wanted: calls.ask(public.svc, u, peer, "ko", wanted, filed.number)
        )
    numbers = sa.select(models.calls.c.phone)
    assert refused(public.store, lambda u: u.conn.execute(numbers).all()) == NOT_ALLOWED
    with at_the_desk(desk, "kim") as kim:
        (one,) = desk.see(lambda u: calls.waiting(u, kim))
        opened = desk.do(lambda u: calls.open_(desk.svc, u, kim, one.id))
    assert opened.phone == "010-1234-5678"


def test_a_report_that_was_written_in_prints_although_it_is_closed_to_its_writer(offices):
    desk = offices["desk"]
    oral = Oral("counter", "ko", ("intro",), "box", with_code=True)
    form = answers(unit={"value": "minwon", "label": "민원실"})
    with at_the_desk(desk, "kim") as kim:
        done = desk.do(lambda u: writing.write_in(desk.svc, u, kim, "passive_report", form, oral))
        paper = desk.do(lambda u: writing.print_receipt(
            desk.svc, u, kim, done.code, with_code=True
        ))  # fmt: skip
    assert not done.visible
    assert paper.code


def test_whoever_keeps_himself_out_behind_the_second_wall_is_heard(offices):
    """The guard that he sets hides the report from him, and not from what he just said."""
    public, desk = offices["public"], offices["desk"]
    number = public.file(answers()).number
    kim, park = desk.people["kim"], desk.people["park"]
    on_behalf(desk, "kim", lambda u: guarding.confirm(
        desk.svc, u, kim, number, sight.find(u, kim, number).version, units=["road"],
        people=[], since=date(2026, 10, 1), unknown=False,
    ))  # fmt: skip
    on_the_desk(desk, "kim", number, "assign", handler="park")
    on_behalf(desk, "park", lambda u: views.declare(desk.svc, u, park, number, conflict=True))
    assert on_behalf(desk, "kim", lambda u: sight.find(u, kim, number)).assignee_id is None
    stays = on_behalf(desk, "kim", lambda u: guarding.confirm(
        desk.svc, u, kim, number, sight.find(u, kim, number).version, units=["road"],
        people=[kim.user_id], since=date(2026, 10, 1), unknown=False,
    ))  # fmt: skip
    assert not stays
    on_the_desk(desk, "choi", number, "reassign", handler="lim")
