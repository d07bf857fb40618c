"""A matter that goes on takes its case back at once, in the transaction in which it goes on."""

from dataclasses import replace

import pytest
import sqlalchemy as sa

from bot.services import case_drafts, case_returns, cases, errands
from bot.services.base import Actor, citizen
from bot.services.history import History
from storage.models import case_drafts as table
from storage.models import errands as errands_table
from storage.models import keys
from storage.repositories import cases as cases_repository
from storage.repositories import erasing
from storage.unit import Unit
from tests.desk.case_work import GOOD, WHAT, closed, old, released, save
from tests.services.conftest import Office, answers


@pytest.fixture
def town(office: Office) -> Office:
    site = office.svc.site.model_copy(update={"document_required": False})
    office.svc = replace(office.svc, site=site)
    old(office)
    return office


def published(office: Office, number: str) -> str:
    ref = released(office, number)
    version = office.see(lambda u: cases_repository.get(u, ref).version)
    office.do(lambda u: cases.publish(office.svc, u, office.people["choi"], ref, version))
    assert status(office, ref) == "published"
    return ref


def status(office: Office, ref: str) -> str:
    return office.see(lambda u: cases_repository.get(u, ref).status)


def state(office: Office) -> str:
    return office.see(lambda u: u.conn.execute(sa.select(table.c.state)).scalar_one())


def test_words_of_the_reporter_after_the_end_take_it_back_and_a_person_looks(town: Office):
    number = closed(town)
    ref = published(town, number)
    town.act("park", number, "note", text="살펴보았습니다.")  # the office's own notes do not
    assert status(town, ref) == "published"
    reporter = _reporter(town, number)
    town.act(reporter, number, "survey", satisfied="yes")  # nor a yes
    assert status(town, ref) == "published"
    town.act(reporter, number, "message", text="또 파였어요. 다시 봐 주세요.")
    assert (status(town, ref), state(town)) == ("withdrawn", "taken_back")
    assert "case_taken_back" in town.tasks("choi")
    sid = town.filing(number).sid
    assert town.see(lambda u: History(u, sid).last("case_taken_back")) is not None
    assert ref not in town.see(lambda u: town.svc.library.present(u, [ref]))


def test_a_draft_that_nobody_let_out_is_dropped_and_its_words_with_it(town: Office):
    number = closed(town)
    save(town, number)
    sid = town.see(lambda u: u.conn.execute(sa.select(table.c.sid)).scalar_one())
    reporter = _reporter(town, number)
    town.act(reporter, number, "survey", satisfied="no", left="아직 그대로입니다.")
    assert state(town) == "dropped"
    gone = sa.select(keys.c.wrapped).where(keys.c.owner == sid)
    assert town.see(lambda u: set(u.conn.scalars(gone))) == {None}


def test_the_same_matter_filed_again_takes_it_back(town: Office):
    number = closed(town)
    ref = published(town, number)
    other = answers(what="전혀 다른 일입니다. 나무가 쓰러졌어요.", name="박다른", email="o@a.kr")
    town.file(other, address="somebody")
    assert status(town, ref) == "published"
    town.file(answers(what=WHAT + " 다시 알립니다."), address="r")
    assert status(town, ref) == "withdrawn"


def test_a_report_that_names_it_takes_it_back_whoever_files_it(town: Office):
    number = closed(town)
    ref = published(town, number)
    form = answers(
        what="앞의 일이 되풀이됩니다.", name="박다른", email="o@a.kr",
        prior_no=f"앞 번호는 {number.replace('-', ' ')}",
    )  # fmt: skip
    town.file(form, address="somebody")
    assert status(town, ref) == "withdrawn"


def test_what_is_destroyed_takes_its_case_and_its_draft_along(town: Office):
    number = closed(town)
    ref = published(town, number)
    filing = town.filing(number)

    def destroy(unit: Unit) -> None:
        case_returns.gone(town.svc, unit, filing.id)
        erasing.erase(unit, filing.id, filing.sid, town.clock(), "disposal:1")

    town.do(destroy)
    assert status(town, ref) == "withdrawn"
    assert town.see(lambda u: u.conn.execute(sa.select(table)).all()) == []
    assert "case_taken_back" in town.tasks("choi")


def test_a_case_that_came_back_can_be_written_anew(town: Office):
    number = closed(town)
    published(town, number)
    town.act(_reporter(town, number), number, "message", text="고맙습니다.")
    park, svc = town.people["park"], town.svc
    town.do(lambda u: case_drafts.save(svc, u, park, number, case_drafts.NEW, GOOD))
    assert town.see(lambda u: list(u.conn.scalars(sa.select(table.c.state).order_by(table.c.id)))) == [
        "taken_back", "open",
    ]  # fmt: skip


def test_an_errand_of_the_public_part_is_carried_by_who_may_read(town: Office):
    number = closed(town)
    ref = published(town, number)
    filing = town.filing(number)
    row = {
        "filing_id": filing.id, "kind": case_returns.ERRAND, "event": 0, "rank": 0,
        "by_hand": False, "at": town.clock(), "valid_rule": "",
    }  # fmt: skip
    town.do(lambda u: u.conn.execute(sa.insert(errands_table).values(row)))
    for due in town.see(lambda u: errands.due(town.svc, u)):
        town.store.transact(due.work, due.run_key)
    assert status(town, ref) == "withdrawn"


def _reporter(office: Office, number: str) -> Actor:
    return citizen(office.filing(number).peer_id)
