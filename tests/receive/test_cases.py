"""Cases in a chat: found, narrowed, turned over, read; an open form stays as it was."""

from datetime import UTC, datetime
from typing import Any

from bot.dialogs.events import Command
from bot.dialogs.replies import Cards
from knowledge.cases import Case
from storage.repositories import cases
from storage.unit import Unit
from tests.fakes.city import City, Somebody

NOW = datetime(2026, 11, 23, tzinfo=UTC)


def withdraws(city: City, ref: str) -> None:
    """Let the row of a shipped case stand in its place, withdrawn."""
    row = cases.to_row(Case(ref, "내린 사례", status="withdrawn"))
    more: dict[str, Any] = {"origin": "shipped", "made_at": NOW, "changed_at": NOW, "version": 1}

    def work(unit: Unit) -> None:
        cases.add(unit, [{**row, **more, "reason": ""}])
        cases.touched(unit)

    city.store.transact(work, f"withdraw {ref}")


def test_somebody_is_asked_for_words_and_shown_what_fits(web: Somebody) -> None:
    web.commands("start")
    web.press("사례 찾기")
    assert "어떤 사례를 찾으세요" in web.text
    web.types("납골당")
    assert "부산추모공원 봉안당 증축" in web.text
    assert "'납골당'은 '봉안당'" in web.text
    web.press("자세히")
    assert "장사 수요가 늘어" in web.text
    assert "출처 www.newspim.com" in web.text
    assert "https://talk.gaon.example/cases/AC-001" in str(web.seen)
    web.press("찾은 사례로")
    assert "부산추모공원 봉안당 증축" in web.text


def test_five_are_shown_at_a_time_and_they_are_narrowed_by_buttons(web: Somebody) -> None:
    web.commands("cases", "부산 사례 알려줘")
    (page,) = [reply for reply in web.seen if isinstance(reply, Cards)]
    assert len(page.cards) == 5
    web.press("더 보기")
    assert "6~10번째" in web.text
    web.press("연도로")
    web.press("2024년")
    assert "2025년" not in web.text
    assert "연도로 좁히기" not in web.buttons
    web.press("분야로")
    web.press("복지·보건")
    assert "분야로 좁히기" not in web.buttons
    web.press("좁히지 않고")
    web.press("더 보기")
    web.press("앞의 것")
    assert "1~5번째" in web.text


def test_what_is_meant_by_a_few_words_is_asked_kindly_and_nothing_is_made_up(
    web: Somebody,
) -> None:
    web.commands("cases", "zzz qqq 쀍")
    assert "맞는 사례를 찾지 못했어요" in web.text
    assert "직원과 통화" in web.buttons
    web.types("ㅂㅇㄷ")
    assert "봉안당" in web.text


def test_whoever_is_asked_for_words_and_says_something_else_is_heard(
    web: Somebody, city: City
) -> None:
    city.intents["쭊쀍 신고하고 싶어요"] = "report_passive"
    web.commands("cases")
    web.types("쭊쀍 신고하고 싶어요")
    assert "네, 신고하기" in web.buttons


def test_a_wish_for_cases_in_ones_own_words_is_searched_at_once(web: Somebody, city: City) -> None:
    city.intents["옹벽 점검한 사례 있나요?"] = "case_search"
    web.types("옹벽 점검한 사례 있나요?")
    assert "옹벽 붕괴 대비" in web.text


def test_an_open_form_goes_on_where_it_was(agreed: Somebody) -> None:
    agreed.commands("report")
    agreed.press("답을 들었는데")
    asked = agreed.text
    agreed.types("/cases")
    assert "찾을 말을 함께" in agreed.text
    agreed.types("/cases zzz qqq 쀍")
    assert "맞는 사례를 찾지 못했어요" in agreed.text
    assert "직원과 통화" not in agreed.buttons
    agreed.types("/cases 옹벽")
    assert "옹벽 붕괴 대비" in agreed.text
    assert asked.splitlines()[-4] in agreed.text
    agreed.press("자세히")
    assert "어떻게 했나요" in agreed.text
    assert "다른 말로 찾기" not in agreed.buttons
    agreed.press("찾은 사례로")
    agreed.types("11월 초 전화")
    assert "무슨 일" in agreed.text or "겪으" in agreed.text


def test_cases_are_for_everybody_who_has_gone_through_no_door_yet(telegram: Somebody) -> None:
    telegram.commands("cases")
    telegram.types("옹벽 점검")
    assert "옹벽 붕괴 대비" in telegram.text
    telegram.commands("cases")
    telegram.types("zzz qqq 쀍")
    assert "찾지 못했어요" in telegram.text
    telegram.commands("start")
    telegram.types("옹벽 점검")
    assert "어디에서 하시겠어요" in telegram.text


def test_a_case_that_was_withdrawn_a_moment_ago_is_gone(web: Somebody, city: City) -> None:
    web.commands("cases", "봉안당")
    assert "부산추모공원" in web.text
    withdraws(city, "AC-001")
    web.press("자세히")
    assert "지금은 볼 수 없는 사례" in web.text
    web.commands("like", "AC-001")
    assert "지금은 볼 수 없는 사례" in web.text
    web.commands("cases", "봉안당")
    assert "부산추모공원" not in web.text


def test_buttons_of_an_earlier_search_do_not_turn_over_the_present_one(
    agreed: Somebody,
) -> None:
    agreed.commands("cases", "부산")
    old = agreed.event_of("더 보기")
    agreed.commands("cases", "옹벽 점검")
    agreed.does(old)
    assert "남아 있지 않아요" in agreed.text
    agreed.commands("found", "by 쀍 000000")
    assert "남아 있지 않아요" in agreed.text


def test_a_button_that_was_tampered_with_is_answered(agreed: Somebody) -> None:
    agreed.commands("cases", "부산")
    mark = agreed.event_of("더 보기").arg.rpartition(" ")[2]  # type: ignore[union-attr]
    for arg in ("99", "only region 없음", "only field AC-001", "by nothing", ""):
        agreed.commands("found", f"{arg} {mark}".strip())
        assert "남아 있지 않아요" in agreed.text or "사례" in agreed.text


def test_cases_that_are_alike_are_of_the_same_kind(web: Somebody) -> None:
    web.commands("case", "P002")
    assert "어느 직원을 탓하려는 것이 아니에요" in web.text
    web.press("비슷한 사례")
    assert web.text.count("감사나 권고에서 확인된 일") == web.buttons.count("자세히")


def test_what_the_source_does_not_tell_is_said(web: Somebody) -> None:
    web.commands("case", "AC-003")
    assert "출처에 제목과 뽑힌 사실만" in web.text
    assert "적혀 있지 않음" not in web.text
    web.commands("cases", "공공심야약국")
    assert "최우수" in web.text


def test_a_case_of_which_a_title_is_all_that_is_known_says_so(web: Somebody, city: City) -> None:
    row = cases.to_row(
        Case("C-1", "가온시 무지개다리 놓기", detail="title_only", status="published")
    )
    more = {"origin": "written", "made_at": NOW, "changed_at": NOW, "version": 1, "reason": ""}
    city.store.transact(lambda u: cases.add(u, [{**row, **more}]), "title only")
    web.commands("cases", "무지개다리 놓기")
    assert "제목과 뽑힌 사실만" in web.text


HOSTILE = (
    "", " ", "ㄱ", "1", "a", "..", "사례", "<b>x</b>", "*굵게* _밑_", "' OR 1=1 --", "가" * 5000,
    "\u202e뒤집기", "900101-1234567 봉안당", "QR", "😀", "쓰래기 불법투기 단속", "봉 안 당",
)  # fmt: skip


def test_whatever_is_searched_is_answered(agreed: Somebody) -> None:
    for text in HOSTILE:
        agreed.commands("cases", text)
        assert "사례" in agreed.text


def test_a_page_that_is_gone_since_and_a_case_like_no_other_are_said(
    web: Somebody, city: City
) -> None:
    alone = Case("C-1", "쀍쀍쀍쀍", status="published", kind="passive", detail="full")
    row = {**cases.to_row(alone), "origin": "written", "made_at": NOW, "changed_at": NOW}
    city.store.transact(lambda u: cases.add(u, [{**row, "version": 1, "reason": ""}]), "alone")
    web.commands("like", "C-1")
    assert "비슷한 사례를 찾지 못했어요" in web.text


def test_what_was_found_may_be_withdrawn_before_it_is_turned_over(
    agreed: Somebody, city: City
) -> None:
    agreed.commands("cases", "부산")
    more = agreed.event_of("더 보기")
    assert isinstance(more, Command)
    mark = more.arg.rpartition(" ")[2]
    agreed.commands("found", f"by kind {mark}")
    assert "어떤 사례를 보시겠어요" in agreed.text
    agreed.commands("found", f"40 {mark}")
    assert "남아 있지 않아요" in agreed.text
    agreed.commands("found", f"by {mark}")
    assert "남아 있지 않아요" in agreed.text
