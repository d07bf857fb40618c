"""Words made general: what tells who, where and when is found, and what is general stays."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.generalise import Known, copied, find, generalise, half_of, towns

KNOWN = Known(
    reporter=("홍길동", "길동", "가온시 중앙로 12", "hong@example.com"),
    people=("이도로",),
    units=("도로과",),
    numbers=("2026-7K3M-Q9RT",),
    filed=date(2026, 11, 23),
)


@pytest.mark.parametrize(
    ("words", "general"),
    [
        ("10월부터 중앙시장 앞 길이 파였어요", "2026년 하반기부터 한 시장 앞 길이 파였어요"),
        ("12월에 냈어요", "2025년 하반기에 냈어요"),  # the last December that had come
        ("2026. 10. 3. 오후 3시에 갔어요", "2026년 하반기 어느 때에 갔어요"),
        ("도로과 김철수 주무관이 거절", "담당 부서 담당 직원이 거절"),
        ("이도로가 말했어요", "담당 직원가 말했어요"),
        ("저는 홍 길동이고 hong@example.com", "저는 한 주민이고 전자우편 주소"),
        ("가온시 중앙로 12 앞", "한 주민 앞"),
        ("한빛로 25-3 앞, 샛별길 7, 은행로12번길 3.", "한 곳 앞, 한 곳, 한 곳."),
        ("101동 1203호 은하아파트", "한 곳 한 아파트"),
        ("신촌동에서 12가 3456 차량", "○○동에서 한 차량 차량"),
        ("물금읍 청운면의 죽전리에서", "○○읍 ○○면의 ○○리에서"),
        ("버들내 어린이공원 옆 도란역 2번 출구", "한 어린이공원 옆 한 역 2번 출구"),
        ("대중교통과와 환경과가 미뤄요", "담당 부서와 담당 부서가 미뤄요"),
        ("120만원과 1,500,000원", "수백만 원과 수백만 원"),
        ("2026-7K3M-Q9RT와 1AA-2611-0123456", "번호와 번호"),
        ("901212-1234567입니다", "번호"),
        ("여권 M12345678 입니다", "여권 번호 입니다"),
        ("https://x.kr/a?b=1 을 보세요", "인터넷 주소 을 보세요"),
        ("13월 3일에", "어느 날에"),
    ],
)
def test_what_tells_who_where_or_when_is_said_in_general(words: str, general: str):
    assert generalise(words, KNOWN).text == general


@pytest.mark.parametrize(
    "words",
    [
        "010-1234-5678", "０１０－１２３４－５６７８", "010 1234 5678", "0\u200b10-12\u200b34-5678",
        "+82 10 1234 5678", "(02) 123-4567", "홍\u200b길\u202e동", "홍.길.동", "ｈｏｎｇ@example.com", "2026 7K3M Q9RT",
        "도 로 과",
    ],
)  # fmt: skip
def test_no_disguise_hides_a_number_or_a_name(words: str):
    assert generalise(f"제 것은 {words} 입니다", KNOWN).findings


@pytest.mark.parametrize(
    "words",
    [
        "한 주민이 ○○동의 한 시장 앞 도로가 파였다고 2026년 하반기에 신고했습니다.",
        "담당 부서가 현장을 보고 이틀 만에 고쳤습니다. 비용은 수백만 원입니다.",
        "가까운 병원과 공영주차장의 결과를 알리고, 매년 두 번 점검합니다.",
        "담당 과에서 서류를 3일 안에 다시 보고 5번 전화했습니다. 10년 동안 처음입니다.",
        "관리와 처리에서 고치면 화면에 나오고, 행동을 바꾸면 정면에서 보입니다.",
        "낡은 시장과 맞은편 상가, 초등학교 2학년과 가까운 역 앞을 지나는 길입니다.",
        "기간이 경과하면 심사를 통과하지 못합니다. 지역과 구역을 나눕니다.",
        "폭우로 4명이, 절반으로 98건이 줄고 사례로 2025년에 스마트 기기와 신고가 늘었습니다.",
        "현장과 서류를 보고 이동 복지관과 대형 마트를 살폈습니다.",
        "화장실의 사용 실적을 결과와 함께 2025년에 알렸습니다.",
    ],
)
def test_what_is_general_already_stays_as_it_is(words: str):
    assert find(words, KNOWN) == ()


@given(st.text(max_size=200))
def test_a_finding_is_where_it_says_and_none_overlaps_another(text: str):
    found = generalise(text, KNOWN).findings
    ends = [0, *(one.end for one in found)]
    assert all(end <= one.start < one.end for end, one in zip(ends, found, strict=False))


PIECES = st.sampled_from(
    [
        "홍길동", "010-1234-5678", "도로과", "중앙시장", "신촌동에서", "10월 3일", "120만원", "김철수 주무관",
        "12가 3456", "한빛로 25", "901212-1234567", "그래서", "답이 없었어요.", "\u200b", "\n", "a@b.kr",
    ]
)  # fmt: skip


@given(st.lists(PIECES, max_size=8))
def test_what_was_made_general_holds_nothing_more_to_find(pieces: list[str]):
    once = generalise(" ".join(pieces), KNOWN).text
    assert find(once, KNOWN) == ()


def test_copied_words_are_found_whatever_their_spaces_and_signs():
    said = "10월부터 중앙시장 앞 길이 파여서 구청에 세 번 전화했는데 아직 그대로예요."
    assert copied("아침에 중앙시장앞 길이, 파여서 구청에!", said, 10) == (
        "중앙시장앞 길이, 파여서 구청에",
    )
    assert copied("중앙시장앞 길이, 파여서", said, 20) == ()
    assert copied("", said, 5) == copied(said, "", 5) == ()


@given(st.text(alphabet="가나다 .", max_size=40), st.text(alphabet="가나다 ", max_size=40))
def test_what_is_copied_is_longer_than_the_most_and_stands_in_both(text: str, source: str):
    plain = lambda words: words.replace(" ", "").replace(".", "")  # noqa: E731
    for hit in copied(text, source, 3):
        assert len(plain(hit)) > 3
        assert plain(hit)[:4] in plain(source)
    whole = plain(source)
    shares = any(plain(text)[at : at + 4] in whole for at in range(len(plain(text)) - 3))
    assert bool(copied(text, source, 3)) == shares


def test_halves_begin_in_january_and_july():
    assert half_of(date(2026, 6, 30)) == (2026, 1)
    assert half_of(date(2026, 7, 1)) == (2026, 2)


def test_towns_are_the_places_that_a_case_can_name():
    assert towns("신촌동 시장과 물금읍에서 처리를 기다려요") == {"신촌동", "물금읍"}
    assert towns("홍길동이 말했어요", KNOWN) == set()
    assert generalise("신촌동 시장", KNOWN).text == "○○동 시장"
