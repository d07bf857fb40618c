"""대신 적기: what is told at the counter becomes a report like every other, and a paper."""

import pytest

from bot.dialogs.passive_report import PassiveReport
from bot.errors import Refused
from bot.services import views, writing
from bot.services.history import History
from bot.services.writing import Oral
from tests.services.conftest import Office, answers, at, nameless

ORAL = Oral("counter", "ko", ("intro", "notice"), "box")


def write(office: Office, login: str, form: PassiveReport, oral: Oral = ORAL) -> writing.Written:
    actor = office.people[login]
    return office.do(
        lambda u: writing.write_in(office.svc, u, actor, "passive_report", form, oral)
    )


def test_what_is_told_is_filed_with_the_official_as_its_writer(office: Office):
    done = write(office, "kim", answers(), ORAL)
    filing = office.filing(done.filed.number)
    assert (filing.channel, filing.peer_id, filing.mode) == ("counter", None, "named")
    events = office.see(lambda u: History(u, filing.sid).all)
    filed = next(one for one in events if one.kind == "filed")
    oral = next(one for one in events if one.kind == "written_in")
    assert filed.actor == office.people["kim"].mark
    assert filed.detail["by"] == "oral"
    assert oral.detail["signed"] == "box"
    assert oral.detail["read"] == ["intro", "notice"]
    assert done.filed.due_at is not None


def test_only_who_may_write_for_others_does(office: Office):
    with pytest.raises(Refused, match=r"access\.not_allowed"):
        write(office, "lee", answers())


def test_what_a_citizen_can_file_with_the_audit_office_can_be_written_for_him(office: Office):
    known = [one.id for one in writing.procedures(office.svc)]
    assert known == ["passive_report", "personal_data"]
    kim = office.people["kim"]
    with pytest.raises(Refused, match=r"access\.not_allowed"):
        office.do(lambda u: writing.write_in(office.svc, u, kim, "preconsulting", answers(), ORAL))


def test_a_report_on_the_writers_own_unit_is_closed_to_him_once_it_is_filed(office: Office):
    done = write(office, "kim", answers(unit={"value": "minwon", "label": "민원실"}))
    assert not done.visible
    with pytest.raises(Refused, match=r"filing\.unknown"):
        office.do(lambda u: views.view(office.svc, u, office.people["kim"], done.filed.number))


def test_the_receipt_prints_again_and_its_code_once(office: Office):
    kim = office.people["kim"]
    oral = Oral("counter", "ko", ("intro", "notice_anonymous"), "box", with_code=True)
    done = write(office, "kim", nameless(), oral)
    assert done.filed.code is None

    def paper(secret: str, actor: object = kim, *, code: bool = False) -> str:
        made = office.do(lambda u: writing.print_receipt(
            office.svc, u, actor, secret, with_code=code
        ))  # fmt: skip
        return str(made.code)

    assert paper(done.receipt) == ""
    assert paper(done.receipt) == ""
    with pytest.raises(Refused, match=r"link\.gone"):
        paper(done.receipt, code=True)
    with pytest.raises(Refused, match=r"link\.gone"):
        paper(done.code, office.people["choi"], code=True)
    code = paper(done.code, code=True)
    found = views.by_code(office.svc, office.store, done.filed.number, code, "n")
    assert found.number == done.filed.number
    with pytest.raises(Refused, match=r"link\.gone"):
        paper(done.code, code=True)


def test_a_receipt_of_the_evening_says_when_it_will_be_received(office: Office):
    office.clock.set(at("2026-11-23 20:00"))
    done = write(office, "kim", answers())
    paper = office.do(lambda u: writing.print_receipt(
        office.svc, u, office.people["kim"], done.receipt, with_code=False
    ))  # fmt: skip
    assert ("정식 접수 예정", "11월 24일(화) 오전 9시") in paper.rows


def test_a_receipt_cannot_be_printed_the_next_day(office: Office):
    done = write(office, "kim", answers())
    office.goes("2026-11-24 10:00")
    with pytest.raises(Refused, match=r"link\.gone"):
        office.do(lambda u: writing.print_receipt(
            office.svc, u, office.people["kim"], done.receipt, with_code=False
        ))  # fmt: skip
