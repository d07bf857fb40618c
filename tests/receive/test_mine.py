"""One's own filings, moves on them, one's own data."""

import json
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from bot.dialogs import replies
from bot.dialogs.replies import Cards, Elsewhere, Phrase, Receipt, Say
from bot.services import moves, sight
from bot.services import peers as peer_data
from bot.services.base import CLOCK
from storage import journal, models
from storage.repositories import dialogs, peers
from storage.unit import Unit
from tests.fakes.city import City, Somebody


@pytest.fixture
def filed(web: Somebody) -> Somebody:
    web.report()
    web.press("안내를 보았고")
    return web


def number(person: Somebody) -> str:
    return person.city.store.read(
        lambda unit: unit.conn.execute(
            sa.select(models.filings.c.number).order_by(models.filings.c.id.desc())
        ).scalars().first()
        or ""
    )  # fmt: skip


def receipt(person: Somebody) -> Receipt:
    return next(reply for reply in person.seen if isinstance(reply, Receipt))


def test_the_receipts_own_buttons(filed: Somebody) -> None:
    filed.press("내 신고 보기")
    assert "감사 부서가 접수했어요" in filed.text
    filed.press("날짜 계산 보기")
    assert "12월 1일(화)까지" in filed.text
    filed.press("내 신고 보기")
    filed.commands("paper", number(filed))
    assert "종이로" in filed.text
    filed.commands("paper", number(filed))
    tasks = filed.city.store.read(
        lambda unit: unit.conn.execute(
            sa.select(models.tasks.c.reason).where(models.tasks.c.kind == "letter")
        ).all()
    )
    assert [row.reason for row in tasks].count("asked") == 1


def test_several_filings_are_a_list(filed: Somebody) -> None:
    filed.report()
    filed.press("안내를 보았고")
    filed.commands("my")
    (cards,) = [reply for reply in filed.seen if isinstance(reply, Cards)]
    assert len(cards.cards) == 2
    filed.press("자세히 보기")
    assert "접수번호" in filed.text
    filed.commands("my", number(filed))
    assert number(filed) in filed.text


def test_one_filing_is_shown_at_once(filed: Somebody) -> None:
    filed.commands("my")
    assert number(filed) in filed.text


@pytest.mark.parametrize("name", ["status", "derivation", "paper", "remedy", "new_code"])
def test_another_persons_number_opens_nothing(filed: Somebody, name: str) -> None:
    other = filed.city.person("web", "other")
    other.commands(name, number(filed))
    assert number(filed) not in other.text
    other.commands("move", f"withdraw {number(filed)}")
    assert number(filed) not in other.text
    other.commands("move", f"message {number(filed)}")
    assert number(filed) not in other.text


def test_withdrawing_asks_first_and_can_be_left_alone(filed: Somebody) -> None:
    filed.commands("move", f"withdraw {number(filed)}")
    assert "누가 거두라고" in filed.text
    filed.press("계속 둘게요")
    assert "감사 부서가 접수했어요" in filed.text


def test_withdrawing(filed: Somebody) -> None:
    filed.commands("move", f"withdraw {number(filed)}")
    filed.press("[거두기]"[1:-1])
    while "신고를 거두셨어요" not in filed.text:
        filed.press("건너뛰기")
    state = filed.city.store.read(
        lambda unit: unit.conn.execute(sa.select(models.filings.c.state)).scalar_one()
    )
    assert state == "withdrawn"


def test_what_cannot_be_done_any_more_is_answered_with_where_it_stands(filed: Somebody) -> None:
    this = number(filed)
    filed.commands("move", f"withdraw {this} sure=yes")
    while "신고를 거두셨어요" not in filed.text:
        filed.press("건너뛰기")
    filed.commands("move", f"withdraw {this} sure=yes")
    assert "지금은 할 수 없는 일이에요." in filed.text
    assert "신고를 거두셨어요." in filed.text


def test_being_told_to_withdraw_can_be_told(filed: Somebody) -> None:
    filed.commands("move", f"withdraw {number(filed)}")
    filed.press("그런 일이 있었어요")
    filed.types("전화로 거두라고 했어요.")
    filed.press("다 썼어요")
    assert "전했어요" in filed.text


def test_without_a_head_of_audit_pressure_is_not_offered(changed: Any) -> None:
    person = changed(audit_head="").person("web")
    person.report()
    person.press("안내를 보았고")
    person.commands("move", f"withdraw {number(person)}")
    assert "그런 일이 있었어요" not in person.buttons


def test_a_message_to_the_office(filed: Somebody) -> None:
    filed.commands("move", f"message {number(filed)}")
    filed.types("덧붙일 말이 있어요.")
    filed.press("다 썼어요")
    if "전했어요" not in filed.text:
        filed.press("없어요" if "없어요" in filed.buttons else "건너뛰기")
    assert "전했어요" in filed.text


def test_a_draft_waits_beside_a_message_to_the_office(filed: Somebody) -> None:
    filed.commands("report")
    filed.press("답을 들었는데")
    filed.types("11월 초 전화")
    filed.commands("move", f"message {number(filed)}")
    assert "무엇을 전할까요" in filed.text
    assert "쓰시던 소극행정 신고는 그대로 두었어요" in filed.text
    filed.types("덧붙일 말이 있어요.")
    filed.press("다 썼어요")
    filed.press("건너뛰기")
    assert "전했어요" in filed.text
    assert "앞서 쓰시던 소극행정 신고가 그대로 있어요" in filed.text
    filed.press("이어서 쓰기")
    assert "무슨 일이 있었나요" in filed.text
    filed.commands("back")
    assert "접수번호가 있으면" in filed.text


def test_whoever_goes_back_and_forth_finds_both_as_they_were(filed: Somebody) -> None:
    about = number(filed)
    filed.commands("report")
    filed.press("답을 들었는데")
    filed.commands("move", f"message {about}")
    filed.types("덧붙일 말이 있어요.")
    filed.types("돌아가기")
    assert "접수번호가 있으면" in filed.text
    filed.press("쓰던 것으로 돌아가기")
    assert "덧붙일 말이 있어요." in filed.text
    filed.commands("move", f"message {about}")
    assert "덧붙일 말이 있어요." in filed.text
    assert "돌아가기" not in filed.text
    filed.commands("switch", "passive_report")
    assert "접수번호가 있으면" in filed.text
    filed.commands("switch", "passive_report")
    assert "접수번호가 있으면" in filed.text
    filed.commands("switch", "no_such_thing")
    filed.commands("continue")
    assert "접수번호가 있으면" in filed.text


def test_what_waits_comes_back_when_the_other_is_dropped_or_begun_anew(filed: Somebody) -> None:
    filed.commands("report")
    filed.press("답을 들었는데")
    filed.commands("move", f"message {number(filed)}")
    filed.types("새로 쓰기")
    filed.press("새로 쓰기")
    assert "무엇을 전할까요" in filed.text
    filed.commands("stop")
    filed.press("지우기")
    assert "앞서 쓰시던 소극행정 신고가 그대로 있어요" in filed.text
    filed.press("이어서 쓰기")
    assert "접수번호가 있으면" in filed.text


def test_a_report_without_a_name_leaves_no_draft_beside_it(filed: Somebody) -> None:
    filed.commands("move", f"message {number(filed)}")
    filed.types("덧붙일 말이 있어요.")
    filed.sends("photo")
    filed.report(named=False)
    filed.press("안내를 보았고")
    assert "다른 글은 남기지 않았어요" in filed.text
    left = filed.city.store.read(
        lambda unit: unit.conn.execute(sa.select(models.dialogs.c.state)).all()
    )
    assert left == []
    filed.commands("continue")
    assert "쓰던 것이 없어요" in filed.text


@pytest.mark.parametrize("arg", ["", "nonsense", "no_such_move 2026-AAAA-AA", "a b c"])
def test_a_move_that_is_none_is_refused_kindly(filed: Somebody, arg: str) -> None:
    filed.commands("move", arg)
    assert filed.text
    filed.press("처음으로")
    assert "무엇을 도와 드릴까요" in filed.text


def test_a_move_that_is_not_possible_now_is_refused_kindly(filed: Somebody) -> None:
    filed.commands("move", f"supplement_reply {number(filed)}")
    assert "처음으로" in filed.buttons


def test_a_button_with_an_answer_in_it_makes_the_move_at_once(filed: Somebody) -> None:
    def answered(unit: Unit) -> None:
        unit.conn.execute(sa.update(models.filings).values(state="refer_asked"))

    filed.city.store.transact(answered, None)
    filed.commands("move", f"refer_reply {number(filed)} share=no more=than_enough")
    assert "처음으로" not in filed.buttons
    state = filed.city.store.read(
        lambda unit: unit.conn.execute(sa.select(models.filings.c.state)).scalar_one()
    )
    assert state == "triage"


def test_a_button_with_an_answer_asks_what_is_left(filed: Somebody) -> None:
    def answered(unit: Unit) -> None:
        unit.conn.execute(sa.update(models.filings).values(state="answered"))

    filed.city.store.transact(answered, None)
    filed.commands("move", f"survey {number(filed)} satisfied=no")
    filed.types("아직 그대로예요")
    filed.press("다 썼어요")
    assert "다시 신고하실 수 있습니다" in filed.text
    filed.commands("remedy", number(filed))
    assert "다시 신고하실 수 있습니다" in filed.text


def test_each_wish_can_be_marked_and_is_listed_with_what_else_can_be_done(filed: Somebody) -> None:
    own = number(filed)

    def answered(unit: Unit) -> None:
        unit.conn.execute(sa.update(models.filings).values(state="answered"))
        filing = sight.find(unit, CLOCK, own)
        told = replies.dump(
            Say(Phrase("notice.result.named", {"demands": "길: 받아들임\n까닭: 어려움"}))
        )
        detail = {"key": "notice.result.named", "reply": json.loads(told)}
        journal.append(unit, filing.sid, filed.city.clock(), "service", "told", detail)

    filed.city.store.transact(answered, None)
    filed.commands("move", f"survey {own} satisfied=partly")
    filed.press("까닭: 어려움")
    filed.press("다 골랐어요")
    filed.types("왜 미뤘는지 듣지 못했어요")
    filed.press("다 썼어요")
    filed.commands("my")
    assert "남았다고 하셨어요" in filed.text
    filed.press("다음 방법 보기")
    assert "다시 신고하실 수 있습니다" in filed.text


def test_a_form_about_a_filing_that_is_gone_can_still_be_left(filed: Somebody) -> None:
    filed.commands("move", f"message {number(filed)}")

    def gone(unit: Unit) -> None:
        unit.conn.execute(sa.update(models.filings).values(peer_id=None))

    filed.city.store.transact(gone, None)
    filed.commands("continue")
    assert "무엇을 전할까요" in filed.text
    assert "그만두기" in filed.text


def test_a_move_that_has_nothing_to_say_is_thanked_for(
    filed: Somebody, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = moves.perform

    def silent(*args: Any, **kw: Any) -> moves.Performed:
        return replace(real(*args, **kw), replies=())

    monkeypatch.setattr(moves, "perform", silent)
    filed.commands("move", f"request_record {number(filed)}")
    assert "전해 드렸어요" in filed.text


def test_where_a_person_receives_there_is_no_date_yet(changed: Any) -> None:
    person = changed(receive="person").person("web")
    person.report()
    person.press("안내를 보았고")
    person.press("내 신고 보기")
    assert "날짜 계산 보기" not in person.buttons


def test_a_move_that_asks_nothing_is_made_at_once(filed: Somebody) -> None:
    filed.commands("move", f"request_record {number(filed)}")
    assert number(filed) in filed.text


def test_a_new_code_only_on_the_agencys_page(filed: Somebody) -> None:
    first = receipt(filed).code
    filed.commands("new_code", number(filed))
    second = receipt(filed).code
    assert second
    assert second != first
    filed.press("확인 코드 새로 받기")
    assert receipt(filed).code not in {first, second}


def test_on_a_messenger_a_code_is_seen_at_the_page_only(agreed: Somebody) -> None:
    from tests.receive.test_reports import write_on_messenger  # noqa: PLC0415

    agreed.commands("report")
    write_on_messenger(agreed)
    agreed.press("안내를 보았고")
    agreed.commands("new_code", number(agreed))
    assert any(isinstance(reply, Elsewhere) for reply in agreed.seen)
    agreed.commands("revoke")
    agreed.commands("info")
    agreed.commands("move", f"message {number(agreed)}")
    assert any(isinstance(reply, Elsewhere) for reply in agreed.seen)


def test_my_data_says_what_is_kept_and_shows_no_words(filed: Somebody) -> None:
    filed.commands("mydata")
    filed.press("보기")
    assert number(filed) in filed.text
    assert "쓰던 글 없음" in filed.text
    assert "홍길동" not in filed.text
    filed.commands("mydata")
    filed.press("고치기")
    assert "글 보내기" in filed.text


def test_my_data_of_somebody_who_has_nothing(web: Somebody) -> None:
    web.commands("mydata_show")
    assert "내신 신고 없음" in web.text
    web.commands("report")
    web.commands("mydata_show")
    assert "쓰던 글 있음" in web.text


def test_a_draft_can_be_erased_at_once(web: Somebody) -> None:
    web.commands("report")
    web.press("답을 들었는데")
    web.commands("mydata_stop")
    web.press("쓰던 것 지우기")
    assert "지웠어요" in web.text
    web.commands("continue")
    assert "쓰던 것이 없어요" in web.text


def test_erasing_deletes_the_files_of_the_draft(web: Somebody) -> None:
    deleted: list[str] = []
    web.city.store.blobs.delete = deleted.append  # type: ignore[method-assign]
    web.commands("report")

    def keep(unit: Unit) -> None:
        from bot.services import attachments  # noqa: PLC0415

        jpeg = b"\xff\xd8\xff\xe0" + b"\0" * 100
        attachments.put(web.city.svc, unit, unit.blobs, 1, "사진.jpg", jpeg)

    web.city.store.transact(keep, None)
    web.commands("mydata_stop", "sure")
    assert len(deleted) == 1


def test_there_may_be_nothing_to_erase(telegram: Somebody) -> None:
    telegram.commands("info")
    telegram.commands("mydata_stop", "sure")
    assert "지울 것이 없어요" in telegram.text


def test_what_happened_so_far_is_a_list_with_days(filed: Somebody) -> None:
    filed.commands("move", f"message {number(filed)}")
    filed.types("덧붙일 말이 있어요.")
    filed.press("다 썼어요")
    filed.press("건너뛰기")
    filed.commands("my")
    filed.press("지나온 일 보기")
    assert "11월 23일(월) 보내신 날" in filed.text
    assert "덧붙일 말이 있어요" not in filed.text
    assert "감사 부서가 접수했어요" in filed.text
    filed.press("날짜 계산 보기")
    assert "12월 1일(화)까지" in filed.text


def test_more_than_eight_filings_go_on_behind_a_button(filed: Somebody) -> None:
    for _ in range(8):
        filed.report()
        filed.press("안내를 보았고")
    filed.commands("my")
    assert filed.buttons.count("자세히 보기") == 8
    filed.press("더 보기")
    assert filed.buttons.count("자세히 보기") == 1
    assert "더 보기" not in filed.buttons
    filed.commands("my", "from:x")
    assert "처음으로" in filed.buttons


def test_each_consent_is_listed_and_can_be_taken_back(agreed: Somebody, city: City) -> None:
    agreed.commands("mydata_show")
    assert "하신 동의: 외국 서버 보관 (11월 23일(월))" in agreed.text
    agreed.press("외국 보관 동의 거두기")
    assert "동의를 거두셨어요" in agreed.text
    listed = city.store.read(lambda u: peer_data.my_data(u, agreed.last.peer_id))  # type: ignore[union-attr]
    assert [one["kind"] for one in listed["consents"] if one["withdrawn"]] == ["transfer"]


def test_being_told_ends_at_once_and_what_was_taken_back_is_listed_so(
    web: Somebody, city: City
) -> None:
    web.commands("start")
    peer = web.last.peer_id if web.last else 0
    for kind in ("portal", "else"):
        city.store.transact(
            lambda u, kind=kind: peer_data.agree(city.svc, u, peer, kind, "x"), None
        )
    web.commands("mydata_show")
    assert "국민신문고가 열리면 알림 받기" in web.text
    web.press("알림 동의 거두기")
    assert "이제 알려 드리지 않아요" in web.text
    web.commands("revoke", "portal")
    assert "거둘 동의가 없어요" in web.text
    web.commands("mydata_show")
    assert "거두신 동의: 국민신문고가 열리면 알림 받기" in web.text


def test_a_messenger_can_be_cut_off(agreed: Somebody) -> None:
    agreed.commands("mydata_stop")
    agreed.press("이 대화 연결 끊기")
    assert "연결을 끊었어요" in agreed.text
    peer = agreed.city.store.read(
        lambda unit: unit.conn.execute(sa.select(models.peers)).mappings().one()
    )
    assert peer["state"] == "gone"
    agreed.commands("start")
    assert "텔레그램에서 쓰기" in agreed.text


def test_a_page_cannot_be_cut_off(web: Somebody) -> None:
    web.commands("mydata_stop")
    assert "이 대화 연결 끊기" not in web.buttons
    web.commands("unlink")
    assert "지워 달라고 요구하실 수 있지만" in web.text


def test_the_file_with_one_s_data_is_offered_on_the_own_page_alone(
    web: Somebody, agreed: Somebody
) -> None:
    web.commands("mydata_show")
    agreed.commands("mydata_show")
    assert any(option.url for reply in web.seen for option in getattr(reply, "options", ()))
    assert not any(option.url for reply in agreed.seen for option in getattr(reply, "options", ()))


def test_a_road_is_opened_by_its_name_and_one_that_is_no_more_is_not(web: Somebody) -> None:
    web.commands("switch")
    assert "쓰던 것이 없어요" in web.text
    web.commands("switch", "passive_report")
    assert "같은 일로 전에" in web.text
    web.press("답을 들었는데")

    def retire(unit: Unit) -> None:
        peer = peers.get(unit, web.last.peer_id if web.last else 0)
        opened = dialogs.get(unit, peer)
        assert opened is not None
        state = {
            **json.loads(opened.state),
            "parked": {"old_form": {"form": "old_form", "version": 1}},
        }
        dialogs.save(
            unit, peer, opened.form, json.dumps(state).encode(), web.city.clock(),
            read=opened.version,
        )  # fmt: skip

    web.city.store.transact(retire, "retire")
    web.types("돌아가기")
    assert "어떤 일을 도와 드릴까요" in web.text
    web.commands("stop")
    web.press("지우기")
    web.commands("continue")
    assert "쓰던 것이 없어요" in web.text
