"""전화 부탁하기: asked for beside a draft, which comes back as it was."""

import pytest
import sqlalchemy as sa

from bot.dialogs.events import Press
from storage import models
from storage.repositories import calls
from tests.fakes.city import City, Somebody


def asked(city: City) -> list[tuple[str, str, str]]:
    """Give what waits: number, words, wish."""
    return city.store.read(
        lambda u: [(*calls.words(u, one), one.wish) for one in calls.waiting(u)]
    )


def test_a_call_is_asked_for_in_three_answers(web: Somebody, city: City) -> None:
    web.commands("call_back")
    web.types("010-1234-5678")
    web.press("오후")
    web.types("신고 방법이 궁금해요")
    assert "11월 23일(월) 오후 6시" in web.text
    assert asked(city) == [("010-1234-5678", "신고 방법이 궁금해요", "afternoon")]
    assert "[처음으로]" in web.text


def test_a_draft_comes_back_where_it_was(web: Somebody, city: City) -> None:
    web.commands("report")
    web.press("답을 들었는데")
    web.types("전화 부탁")
    web.types("전화가 아니에요")
    assert "전화번호를 다시" in web.text
    web.types("031 123 4567")
    web.press("아무 때나")
    web.press("건너뛰기")
    assert "전화드릴게요" in web.text
    assert "접수번호가 있으면" in web.text
    web.types("11월 초 전화")
    assert "무슨 일이 있었나요" in web.text
    assert asked(city) == [("031-123-4567", "", "any")]


@pytest.mark.parametrize("word", ["그만", "/later", "새로쓰기"])
def test_who_does_not_want_a_call_after_all_loses_nothing(web: Somebody, word: str) -> None:
    web.commands("report")
    web.press("답을 들었는데")
    web.commands("call_back")
    web.types(word)
    assert "부탁하지 않은 것으로" in web.text
    assert "접수번호가 있으면" in web.text


def test_the_button_to_stop_leaves_at_once(web: Somebody, city: City) -> None:
    web.commands("call_back")
    web.press("그만")
    assert "부탁하지 않은 것으로" in web.text
    web.press("처음으로")
    assert asked(city) == []


def test_an_old_button_and_one_that_was_never_there_stop_nothing(web: Somebody) -> None:
    web.commands("call_back")
    turn = web.last.turn if web.last else 0
    web.does(Press(turn - 1, 0))
    web.does(Press(turn, 99))
    assert "어느 번호로" in web.text
    web.types("010-1234-5678")
    web.press("오전")
    assert "무슨 일인지" in web.text


def test_help_stays_beside_it_and_another_command_takes_its_place(web: Somebody) -> None:
    web.commands("report")
    web.press("답을 들었는데")
    web.commands("call_back")
    web.commands("help")
    assert "어느 번호로" in web.text
    web.commands("call_back")
    assert "어느 번호로" in web.text
    web.commands("my")
    web.commands("continue")
    assert "접수번호가 있으면" in web.text
    web.commands("call_back")
    web.commands("report")
    web.press("새로 쓰기")
    assert "전에 알리신 적이" in web.text


def test_out_of_hours_the_telephone_offers_a_call(web: Somebody, city: City) -> None:
    web.commands("human")
    assert "전화 부탁하기" not in web.text
    city.clock.goes(hours=10)
    web.commands("human")
    web.press("전화 부탁하기")
    web.types("010-1234-5678")
    web.press("아무 때나")
    web.press("건너뛰기")
    assert "11월 24일(화)" in web.text


def test_a_call_about_ones_own_report_is_tied_to_it(web: Somebody, city: City) -> None:
    web.report()
    web.press("안내를 보았고")
    web.commands("my")
    web.press("전화 부탁하기")
    web.types("010-1234-5678")
    web.press("아무 때나")
    web.press("건너뛰기")
    filings = city.store.read(lambda u: [one.filing_id for one in calls.waiting(u)])
    assert filings == [1]
    web.commands("call_back", "2026-AAAA-22")
    web.types("010-1234-5678")
    web.press("아무 때나")
    web.press("건너뛰기")
    assert "전화드릴게요" not in web.text


def test_asking_again_changes_the_one_that_waits_and_too_often_is_said(
    web: Somebody, city: City
) -> None:
    for n in range(6):
        web.commands("call_back")
        web.types(f"010-1234-000{n}")
        web.press("오전")
        web.press("건너뛰기")
    assert "여러 번 부탁하셨어요" in web.text
    assert [phone for phone, _, _ in asked(city)] == ["010-1234-0004"]


def test_on_a_messenger_the_number_is_asked_at_the_agencys_page_first(agreed: Somebody) -> None:
    agreed.commands("call_back")
    assert "누리집에서" in agreed.text
    agreed.press("여기서 적기")
    assert "어느 번호로" in agreed.text


def test_somebody_who_has_chosen_no_door_is_shown_the_doors(telegram: Somebody) -> None:
    telegram.commands("call_back")
    assert "어디에서 하시겠어요" in telegram.text


def test_the_number_is_sealed_and_nowhere_in_the_dialog_once_it_is_asked(
    web: Somebody, city: City
) -> None:
    web.commands("call_back")
    web.types("010-1234-5678")
    web.press("오전")
    web.press("건너뛰기")
    left = city.store.read(lambda u: u.conn.execute(sa.select(models.calls.c.phone)).scalar_one())
    assert b"1234" not in left
