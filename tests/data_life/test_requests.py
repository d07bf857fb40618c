"""A person's request to see, correct, stop or delete, with its clock (제35조~제37조, 영 제41조)."""

from datetime import date
from typing import Any

import pytest

from bot.dialogs.personal_data import PersonalData
from bot.errors import Refused
from bot.services import filings, peers, status
from bot.services.base import citizen
from bot.settings_site import KeepSite
from knowledge.calendar import seoul_day
from storage.repositories import consents, dialogs
from storage.repositories import peers as addresses
from tests.services.conftest import at

one_database = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
pytestmark = one_database


def wanting(**changes: Any) -> PersonalData:
    known = {
        "ask": "erase",
        "what": "제가 쓴 글을 모두 지워 주세요.",
        "name": "홍길동",
        "reply_by": "email",
        "email": "hong@example.com",
    }
    return PersonalData.model_validate({**known, **changes})


def asked(office: Any, peer: int, channel: str = "web", **changes: Any) -> filings.Filed:
    given = filings.Prefs(channel, channel, "ko", office.clock(), own_page=channel == "web")
    form = wanting(**changes)
    return office.do(lambda u: filings.file(office.svc, u, "personal_data", form, peer, given))


def refused(office: Any, *how: Any, **fields: Any) -> str:
    with pytest.raises(Refused) as caught:
        office.act(*how, **fields)
    return caught.value.key


def test_a_request_is_received_and_due_in_ten_days_of_the_calendar(office):
    peer = office.peer(address="me")
    filed = asked(office, peer)
    assert seoul_day(filed.due_at) == date(2026, 12, 2)  # 11월 23일이 첫날
    [mine] = office.see(lambda u: status.mine(office.svc, u, peer))
    assert office.say(mine.now) == "요청을 접수했어요. 본인인지 확인하고 있어요."
    assert "요청을 접수했어요" in office.say(filed.replies[0].text)
    assert "desk.personal_data" in office.tasks("kim")
    assert "desk.personal_data" in office.tasks("choi")


def test_out_of_hours_it_is_received_in_the_morning(office):
    office.clock.set(at("2026-11-23 22:10"))
    filed = asked(office, office.peer(address="me"))
    assert "업무 시간이 아니어서" in office.say(filed.replies[0].text)
    office.goes("2026-11-24 09:01")
    assert office.filing(filed.number).state == "received"


def test_nobody_is_given_anything_before_it_is_known_who_he_is(office):
    filed = asked(office, office.peer(address="me"), ask="see")
    assert refused(office, "kim", filed.number, "fulfil", done="보냈습니다.") == "move.not_now"
    office.act("kim", filed.number, "identify", how="code")
    office.act("kim", filed.number, "fulfil", done="요청하신 기록을 우편으로 보냈습니다.")
    assert office.filing(filed.number).outcome == "fulfilled"
    assert "notice.personal_data.fulfilled" in office.told(filed)


def test_erasing_takes_what_was_never_filed_and_leaves_what_was(office):
    peer = office.peer("telegram", "55")
    svc = office.svc
    report = office.file(channel="telegram", address="55")
    office.do(lambda u: peers.agree(svc, u, peer, peers.TRANSFER, "1"))
    begin = lambda u: dialogs.save(  # noqa: E731
        u, addresses.get(u, peer), "passive_report", b"{}", office.clock()
    )
    office.do(begin)
    filed = asked(office, peer, "telegram")
    office.act("choi", filed.number, "identify", how="conversation")
    office.act("choi", filed.number, "erase", done="쓰던 글을 지웠습니다.")
    assert office.see(lambda u: dialogs.version(u, peer)) == 0
    assert not office.see(lambda u: consents.has(u, peer, peers.TRANSFER))
    assert office.filing(report.number).state == "received"
    assert "notice.personal_data.erased" in office.told(filed)


def test_who_asks_to_see_is_not_deleted(office):
    filed = asked(office, office.peer(address="me"), ask="see")
    office.act("kim", filed.number, "identify", how="card")
    key = refused(office, "kim", filed.number, "erase", done="지웠습니다.")
    assert key == "guard.wants_erasure"


def test_a_refusal_says_why_and_what_can_be_done(office):
    for ground in ("record", "held", "person", "others", "law"):
        filed = asked(office, office.peer(address=ground))
        office.act("kim", filed.number, "decline", ground=ground, reason="신고 기록은 남습니다.")
        words = office.words(filed, "notice.personal_data.declined")
        assert "신고 기록은 남습니다." in words
        assert "개인정보 분쟁조정위원회" in words
        assert ("법령상 보존" in words) == (ground in {"record", "held"})
        assert office.filing(filed.number).outcome == ground


def test_the_agency_says_who_answers(build):
    office = build(keep=KeepSite(requests_by="audit_head"))
    filed = asked(office, office.peer(address="me"))
    key = refused(office, "kim", filed.number, "identify", how="code")
    assert key == "guard.data_handler"
    office.act("choi", filed.number, "identify", how="code")
    assert office.filing(filed.number).state == "checked"


def test_officials_without_a_part_in_it_do_not_find_it(office):
    filed = asked(office, office.peer(address="me"))
    for who in ("park", "lee", "han"):
        assert refused(office, who, filed.number, "identify", how="code") == "filing.unknown"


def test_a_late_answer_is_told(office):
    filed = asked(office, office.peer(address="me"))
    office.goes("2026-12-03 09:30")
    assert "notice.personal_data.late" in office.told(filed)


def test_the_person_may_write_and_take_it_back(office):
    peer = office.peer(address="me")
    filed = asked(office, peer)
    office.act(citizen(peer), filed.number, "message", text="주소도 지워 주세요.")
    office.act("kim", filed.number, "message", text="확인하고 있습니다.")
    office.act(citizen(peer), filed.number, "withdraw")
    assert office.filing(filed.number).state == "withdrawn"
    [mine] = office.see(lambda u: status.mine(office.svc, u, peer))
    assert office.say(mine.now) == "요청을 거두셨어요."
