"""독촉장: the examiner presses for what is late, and nobody outside hears of it (시행령 제28조)."""

import pytest

from bot.errors import Refused
from bot.services import bulk, listing, urging, views
from bot.services.bulk import Chosen
from storage import journal, models
from storage.repositories import peers
from storage.roles import HIDDEN
from tests.services.conftest import Office, at, nameless

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
LATE = "2026-12-02 10:00"  # it was due on the first


@pytest.fixture
def late(office: Office):
    filed = office.investigating()
    office.clock.set(at(LATE))
    return filed


def urged(office: Office) -> list[str]:
    """Name whom an official's mail of a 독촉장 went to."""
    both = zip(office.rows("mail"), office.sent("mail"), strict=True)
    rows = [row for row, reply in both if "독촉장" in office.say(reply.text)]
    return office.see(lambda u: [peers.get(u, row.peer_id).address for row in rows])


def kinds(office: Office, number: str) -> list[str]:
    sid = office.filing(number).sid
    return [one.kind for one in office.see(lambda u: journal.history(u, sid))]


def test_the_handler_and_the_head_are_pressed_and_the_reporter_is_told_nothing(office, late):
    before = office.told(late)
    office.act("oh", late.number, "urge")
    assert set(urged(office)) == {"park@gaon.example", "choi@gaon.example"}
    for who in ("park", "choi"):
        assert office.tasks(who).count("desk.urged") == 1, who
    assert office.tasks("lim") == []
    assert office.told(late) == before
    assert kinds(office, late.number)[-1] == "urge"
    assert "urge" in HIDDEN  # not even the part that citizens reach can read it


def test_the_access_log_has_a_line_of_it(office, late):
    office.act("oh", late.number, "urge")
    rows = office.see(lambda u: u.conn.execute(models.accesses.select()).all())
    oh = office.people["oh"].user_id
    assert [(row.user_id, row.what) for row in rows if row.what == "urged"] == [(oh, "urged")]


def test_it_may_be_sent_as_early_as_the_clock_itself_reminds(office):
    filed = office.investigating()
    office.clock.set(at("2026-11-25 10:00"))
    assert office.refused("oh", filed.number, "urge") == "guard.due_near"
    office.clock.set(at("2026-11-26 10:00"))  # three working days before
    office.act("oh", filed.number, "urge")


def test_what_has_no_date_or_is_answered_is_not_pressed_for(office):
    plain = office.file(nameless())
    office.act("kim", plain.number, "assign", handler="park", unit="road")
    office.act("park", plain.number, "start")
    office.clock.set(at("2027-01-04 10:00"))
    assert office.refused("oh", plain.number, "urge") == "guard.due_near"


def test_once_a_day_and_again_on_the_next(office, late):
    office.act("oh", late.number, "urge")
    assert office.refused("oh", late.number, "urge") == "guard.urged_today"
    office.clock.set(at("2026-12-02 23:59"))
    assert office.refused("oh", late.number, "urge") == "guard.urged_today"
    office.clock.set(at("2026-12-03 00:01"))
    office.act("oh", late.number, "urge")
    assert kinds(office, late.number).count("urge") == 2


def test_who_is_kept_out_is_not_pressed(office, late):
    choi = office.people["choi"]
    office.do(lambda u: views.declare(office.svc, u, choi, late.number, conflict=True))
    office.act("oh", late.number, "urge")
    assert urged(office) == ["park@gaon.example"]
    assert office.tasks("park").count("desk.urged") == 1
    assert "desk.urged" not in office.tasks("choi")


def test_an_examiner_who_is_kept_out_or_comes_too_early_knows_of_no_report(office, late):
    fresh = office.file(address="fresh")
    office.clock.set(at("2026-12-14 10:00"))
    assert office.refused("oh", fresh.number, "urge") == "filing.unknown"  # 접수 has not confirmed
    oh = office.people["oh"]
    office.do(lambda u: views.declare(office.svc, u, oh, late.number, conflict=True))
    assert office.refused("oh", late.number, "urge") == "filing.unknown"


def test_who_is_handler_and_head_is_told_once(office):
    filed = office.file()
    office.act("kim", filed.number, "assign", handler="choi", unit="road")
    office.clock.set(at(LATE))
    office.act("oh", filed.number, "urge")
    assert urged(office) == ["choi@gaon.example"]
    assert office.tasks("choi").count("desk.urged") == 1


@pytest.mark.parametrize("who", ["kim", "park", "choi", "seo", "han"])
def test_nobody_else_presses(office, late, who):
    assert office.refused(who, late.number, "urge") in {"move.not_now", "filing.unknown"}


def test_many_are_pressed_for_at_once_each_by_itself(office):
    numbers = [office.investigating(address=f"p{n}").number for n in range(2)]
    office.clock.set(at(LATE))
    early = office.investigating(address="early").number
    oh, svc = office.people["oh"], office.svc
    chosen = [Chosen(number, 1) for number in (*numbers, early, "2026-AAAA-22", numbers[0])]
    command = "6a2f1b1e-3c1f-4a8e-9d5f-0c0a5b1d2e3f"
    results = bulk.urge(svc, office.store, oh, command, chosen)
    keys = [one.problem and one.problem.key for one in results]
    assert keys == [None, None, "guard.due_near", "filing.unknown"]
    again = bulk.urge(svc, office.store, oh, command, chosen[:2])
    assert [one.before for one in again] == [True, True]  # the same press, sent twice
    third = bulk.urge(svc, office.store, oh, command.replace("6a", "7a"), chosen[:1])
    assert [one.problem.key for one in third] == ["guard.urged_today"]
    assert len(urged(office)) == 4


def test_the_sheet_tells_what_the_queue_tells_and_what_was_sent_before(office, late):
    oh, svc = office.people["oh"], office.svc
    sheet = office.see(lambda u: urging.sheet(svc, u, oh, late.number))
    assert (sheet.row.number, sheet.blocked, sheet.before) == (late.number, (), ())
    assert sheet.row == office.see(lambda u: listing.row_of(svc, u, oh, late.number))
    office.act("oh", late.number, "urge")
    after = office.see(lambda u: urging.sheet(svc, u, oh, late.number))
    assert [office.say(words) for words in after.blocked]
    assert [one.actor for one in after.before] == [oh.mark]


@pytest.mark.parametrize("who", ["kim", "seo"])
def test_the_sheet_is_for_examiners_alone(office, late, who):
    with pytest.raises(Refused) as caught:
        office.see(lambda u: urging.sheet(office.svc, u, office.people[who], late.number))
    assert caught.value.key == "filing.unknown"
