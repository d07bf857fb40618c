"""Filed cases are destroyed by a board, a bundle and two persons; a hold wins (security S35)."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from bot.errors import Refused
from bot.services import approvals, disposals, holds
from bot.services.base import CLOCK
from storage import erasures, journal, models
from storage.errors import SealError
from storage.repositories import erasing, filings
from tests.data_life.conftest import DECISION, LATER, approved, closed, drafted
from tests.services.conftest import at

one_database = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
"""What does not differ by database; the way of a case, its holds and a broken run do."""


def row_of(office, filed):
    c = models.filings.c
    found = models.filings.select().where(c.number == filed.number)
    return office.see(lambda u: u.conn.execute(found).one())


def plan(office, disposal):
    return office.see(lambda u: disposals.plan(u, office.people["choi"], disposal))


def refused(office, work):
    with pytest.raises(Refused) as caught:
        office.do(work)
    return caught.value.key


def put_hold(office, filed, who="choi"):
    actor = office.people[who]
    return office.do(
        lambda u: holds.put(office.svc, u, actor, filed.number, "소송이 진행 중입니다.")
    )


@one_database
def test_nothing_is_let_go_before_its_time_and_nothing_by_itself(archive):
    filed = closed(archive)
    head = archive.people["choi"]
    ripe = lambda: archive.see(lambda u: disposals.ripe(archive.svc, u, head))  # noqa: E731
    assert ripe() == ()
    archive.clock.set(at("2029-12-31 23:00"))
    assert ripe() == ()
    archive.clock.set(at("2030-01-01 00:30"))
    assert [one.number for one in ripe()] == [filed.number]
    archive.goes(LATER)
    archive.goes("2045-02-03 10:00")
    assert row_of(archive, filed).erased_at is None


@one_database
def test_where_the_agency_has_not_said_how_long_nothing_is_let_go(office):
    closed(office)
    office.clock.set(at("2099-01-01 10:00"))
    assert office.see(lambda u: disposals.ripe(office.svc, u, office.people["choi"])) == ()


def test_a_case_goes_key_first_and_leaves_its_number_and_dates(archive):
    filed, stays = closed(archive), closed(archive, address="b")
    before = row_of(archive, filed)
    archive.clock.set(at(LATER))
    disposal = drafted(archive, filed)
    shown = plan(archive, disposal)
    assert (shown.count("waiting"), shown.items[0].files, shown.decision) == (1, 1, DECISION)
    approved(archive, disposal)
    archive.tick()
    after = row_of(archive, filed)
    assert (after.number, after.arrived_at, after.closed_at) == (
        before.number,
        before.arrived_at,
        before.closed_at,
    )
    assert after.erased_at == archive.clock()
    kept = erasing.LEFT | {"state"}
    assert {v for name, v in after._mapping.items() if name not in kept} <= {None, "", 0}
    with pytest.raises(SealError):
        archive.see(lambda u: u.keys.open("filings.answers", before.sid, before.answers))
    history = archive.see(lambda u: journal.history(u, before.sid))
    assert [one.detail for one in history[:-1]] == [None] * (len(history) - 1)
    assert history[-1].kind == "erased"
    assert history[-1].detail["files"] == 2  # the original and its clean copy
    assert archive.see(lambda u: journal.verify(u, before.sid)) == []
    assert plan(archive, disposal).state == "done"
    assert row_of(archive, stays).erased_at is None
    lines = erasures.read(archive.store.erasures.path, archive.store.ring)
    assert [line.what for line in lines if line.what == "filing"] == ["filing"]


def test_no_row_of_another_table_speaks_of_a_destroyed_case(archive):
    filed = closed(archive)
    archive.clock.set(at(LATER))
    disposal = drafted(archive, filed)
    approved(archive, disposal)
    archive.tick()
    left = {}
    for table in models.metadata.sorted_tables:
        for key in table.foreign_keys:
            if key.column.table is models.filings:
                here = sa.select(table).where(key.parent == filed.filing_id)
                if archive.see(lambda u, here=here: u.conn.execute(here).first()) is not None:
                    left[table.name] = key.parent.name
    assert set(left) <= erasing.STAYS, left


@one_database
def test_a_case_that_goes_on_from_one_that_is_let_go_stays_as_it_is(archive):
    first, goes_on = closed(archive), closed(archive, address="b")
    c = models.filings.c
    before = row_of(archive, first).id
    link = models.filings.update().where(c.number == goes_on.number).values(after_id=before)
    archive.do(lambda u: u.conn.execute(link))
    whole = row_of(archive, goes_on)
    archive.clock.set(at(LATER))
    approved(archive, drafted(archive, first))
    archive.tick()
    assert row_of(archive, first).state == erasing.GONE
    assert row_of(archive, goes_on) == whole
    opened = lambda u: u.keys.open("filings.answers", whole.sid, whole.answers)  # noqa: E731
    assert archive.see(opened) != b""


OF_NO_CASE = {("access_reviews", "tasks")}  # the monthly look at the access log


def test_every_table_that_points_at_a_case_can_let_it_go():
    """A table with a filing must stay by name, or lose its rows without breaking another's."""
    children = erasing.children()
    names = [table.name for table in children]
    for table in models.metadata.sorted_tables:
        for key in table.foreign_keys:
            to = key.column.table.name
            if to in names and table.name != to and (table.name, to) not in OF_NO_CASE:
                assert table.name in names, (table.name, to)
                assert names.index(table.name) < names.index(to), (table.name, to)


def test_a_second_run_changes_nothing_and_an_interrupted_one_goes_on(archive):
    cases = [closed(archive, address=name) for name in "abc"]
    archive.clock.set(at(LATER))
    disposal = drafted(archive, *cases)
    approved(archive, disposal)
    first, *rest = archive.see(disposals.waiting)
    archive.do(lambda u: disposals.destroy_one(archive.svc, u, *first))  # then the power fails
    assert plan(archive, disposal).state == "approved"
    archive.tick()
    assert plan(archive, disposal).count("done") == 3
    assert rest
    before = row_of(archive, cases[0])
    head = archive.see(lambda u: journal.head(u, before.sid))
    assert archive.do(lambda u: disposals.destroy_one(archive.svc, u, *first)) == ()
    gone = archive.do(lambda u: erasing.erase(u, before.id, before.sid, archive.clock(), "clock"))
    assert not gone
    assert archive.see(lambda u: journal.head(u, before.sid)) == head


@one_database
def test_a_hold_wins_over_everything_that_was_decided(archive):
    held, goes = closed(archive), closed(archive, address="b")
    archive.clock.set(at(LATER))
    disposal = drafted(archive, held, goes)
    approved(archive, disposal)
    hold = put_hold(archive, held)
    archive.tick()
    assert row_of(archive, held).erased_at is None
    assert {one.state for one in plan(archive, disposal).items} == {"held", "done"}
    head = archive.people["choi"]
    assert (
        refused(
            archive,
            lambda u: disposals.draft(
                archive.svc, u, head, archive.clock().date(), 5, DECISION, [held.number]
            ),
        )
        == "desk.disposal.none"
    )
    archive.do(lambda u: holds.end(archive.svc, u, head, hold, "소송이 끝났습니다."))
    assert drafted(archive, held)


@one_database
def test_a_case_that_moved_on_after_the_export_is_left(archive):
    filed = closed(archive)
    archive.clock.set(at(LATER))
    disposal = drafted(archive, filed)
    approved(archive, disposal)
    row = row_of(archive, filed)
    archive.do(lambda u: filings.change(u, row.id, row.version, outcome="again"))
    archive.tick()
    assert row_of(archive, filed).erased_at is None
    assert plan(archive, disposal).items[0].state == "changed"


@one_database
def test_it_takes_an_export_first_and_another_person_then(archive):
    filed = closed(archive)
    archive.clock.set(at(LATER))
    disposal = drafted(archive, filed)
    svc, head = archive.svc, archive.people["choi"]
    ask = lambda u: disposals.ask(svc, u, head, disposal, "심의대로 파기합니다.")  # noqa: E731
    assert refused(archive, ask) == "desk.disposal.export_first"
    archive.do(lambda u: disposals.exported(svc, u, head, disposal, "ab" * 32, 10))
    asked = archive.do(ask)
    song = archive.people["song"]
    [waits] = archive.see(lambda u: approvals.open_(svc, u, song))
    signed = archive.see(lambda u: approvals.KINDS["destroy"].about(svc, u, waits))
    assert filed.number in signed
    assert "1건" in signed
    self_made = lambda u: approvals.decide(svc, u, head, asked, yes=True, reason="제가 합니다.")  # noqa: E731
    assert refused(archive, self_made) == "approval.self"
    archive.tick()
    assert row_of(archive, filed).erased_at is None


@one_database
def test_an_approval_is_void_once_the_bundle_is_another(archive):
    filed = closed(archive)
    archive.clock.set(at(LATER))
    disposal = drafted(archive, filed)
    svc, head, other = archive.svc, archive.people["choi"], archive.people["song"]
    archive.do(lambda u: disposals.exported(svc, u, head, disposal, "ab" * 32, 10))
    asked = archive.do(lambda u: disposals.ask(svc, u, head, disposal, "심의대로 파기합니다."))
    change = sa.update(models.disposals).values(bundle="cd" * 32)
    archive.do(lambda u: u.conn.execute(change))
    archive.do(lambda u: approvals.decide(svc, u, other, asked, yes=True, reason="확인했습니다."))
    archive.tick()
    assert row_of(archive, filed).erased_at is None


@one_database
def test_after_a_refusal_it_may_be_asked_for_again(archive):
    filed = closed(archive)
    archive.clock.set(at(LATER))
    disposal = drafted(archive, filed)
    svc, head, other = archive.svc, archive.people["choi"], archive.people["song"]
    archive.do(lambda u: disposals.exported(svc, u, head, disposal, "ab" * 32, 10))
    ask = lambda u: disposals.ask(svc, u, head, disposal, "심의대로 파기합니다.")  # noqa: E731
    first = archive.do(ask)
    archive.do(
        lambda u: approvals.decide(svc, u, other, first, yes=False, reason="더 보겠습니다.")
    )
    second = archive.do(ask)
    assert second != first
    archive.do(lambda u: approvals.decide(svc, u, other, second, yes=True, reason="확인했습니다."))
    archive.tick()
    assert row_of(archive, filed).erased_at is not None


@one_database
def test_a_disposal_can_be_taken_back_until_it_is_approved(archive):
    filed = closed(archive)
    archive.clock.set(at(LATER))
    svc, head = archive.svc, archive.people["choi"]
    first = drafted(archive, filed)
    archive.do(lambda u: disposals.drop(svc, u, head, first))
    second = drafted(archive, filed)
    approved(archive, second)
    assert refused(archive, lambda u: disposals.drop(svc, u, head, second)) == "desk.disposal.late"
    assert (
        refused(archive, lambda u: disposals.exported(svc, u, head, second, "x", 1))
        == "desk.disposal.late"
    )


@one_database
def test_only_the_head_of_the_audit_office_touches_records(archive):
    filed = closed(archive)
    archive.clock.set(at(LATER))
    for who in ("kim", "park", "han", "seo", "lee"):
        shut_out(archive, archive.people[who], filed)


def shut_out(archive, actor, filed):
    svc = archive.svc
    for work in (
        lambda u: disposals.ripe(svc, u, actor),
        lambda u: disposals.listed(u, actor),
        lambda u: disposals.plan(u, actor, 1),
        lambda u: disposals.draft(svc, u, actor, archive.clock().date(), 5, DECISION, []),
        lambda u: disposals.exported(svc, u, actor, 1, "x", 1),
        lambda u: disposals.ask(svc, u, actor, 1, "심의대로 파기합니다."),
        lambda u: disposals.drop(svc, u, actor, 1),
        lambda u: holds.put(svc, u, actor, filed.number, "소송이 진행 중입니다."),
        lambda u: holds.end(svc, u, actor, 1, "소송이 끝났습니다."),
        lambda u: holds.standing(u, actor),
    ):
        assert refused(archive, work) == "access.not_allowed"


@one_database
def test_wrong_words_get_a_sentence(archive):
    filed = closed(archive)
    archive.clock.set(at(LATER))
    svc, head, today = archive.svc, archive.people["choi"], archive.clock().date()

    def draft(day=today, members=5, decision=DECISION, numbers=(filed.number,)):
        return refused(
            archive,
            lambda u: disposals.draft(svc, u, head, day, members, decision, list(numbers)),
        )

    assert draft(day=today + timedelta(days=1)) == "desk.disposal.day"
    assert draft(members=1) == "desk.disposal.members_few"
    assert draft(decision="폐기") == "desk.disposal.decision_short"
    assert draft(numbers=()) == "desk.disposal.none"
    assert draft(numbers=(filed.number, "2026-AAAA-AA")) == "desk.disposal.none"
    assert refused(archive, lambda u: holds.put(svc, u, head, filed.number, "  ")) == (
        "desk.hold.reason_length"
    )
    hold = put_hold(archive, filed)
    assert (
        refused(archive, lambda u: holds.put(svc, u, head, filed.number, "소송이 진행 중입니다."))
        == "desk.hold.held"
    )
    end = lambda u: holds.end(svc, u, head, hold, "소송이 끝났습니다.")  # noqa: E731
    archive.do(end)
    assert refused(archive, end) == "desk.hold.ended"
    assert refused(archive, lambda u: holds.end(svc, u, head, 99, "소송이 끝났습니다.")) == (
        "filing.unknown"
    )
    assert refused(archive, lambda u: disposals.plan(u, head, 99)) == "desk.disposal.unknown"


@one_database
def test_a_disposal_with_a_case_that_is_guarded_from_somebody_is_not_there_for_him(archive):
    filed = closed(archive)
    archive.clock.set(at(LATER))
    disposal = drafted(archive, filed)
    other = archive.people["song"]
    guard = models.guards.insert().values(
        filing_id=filed.filing_id, user_id=other.user_id, confirmed_at=archive.clock()
    )
    archive.do(lambda u: u.conn.execute(guard))
    assert (
        refused(archive, lambda u: disposals.plan(u, other, disposal)) == "desk.disposal.unknown"
    )
    assert (
        refused(
            archive,
            lambda u: holds.put(archive.svc, u, other, filed.number, "소송이 진행 중입니다."),
        )
        == "filing.unknown"
    )


@one_database
def test_holds_are_listed_with_their_reason_and_who_set_them(archive):
    filed = closed(archive)
    put_hold(archive, filed)
    [held] = archive.see(lambda u: holds.standing(u, archive.people["song"]))
    assert (held.number, held.reason, held.by) == (filed.number, "소송이 진행 중입니다.", "최과장")
    kinds = [
        one.kind for one in archive.see(lambda u: journal.history(u, row_of(archive, filed).sid))
    ]
    assert kinds[-1] == "held"
    assert CLOCK.kind == "clock"
