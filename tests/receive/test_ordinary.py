"""일반 민원: words for the office in charge, with what was written, there and back."""

import pytest

from bot.dialogs.events import Located
from bot.dialogs.ordinary import title
from bot.dialogs.replies import Sheet
from tests.fakes.city import City, Somebody


def sheet(person: Somebody) -> dict[str, str]:
    found = next(reply for reply in person.seen if isinstance(reply, Sheet))
    return {person.words(block.label): person.words(block.text) for block in found.blocks}


def test_a_first_matter_becomes_words_to_take_to_the_office(web: Somebody) -> None:
    web.commands("report")
    web.press("아니요, 처음이에요")
    assert "담당 부서에 바로 알리는 편이 더 빨라요" in web.text
    web.press("담당 부서에 알리기")
    assert "쓰시던 소극행정 신고는 그대로 두었어요" in web.text
    web.types("길이 파였어요")
    web.press("다 썼어요")
    web.types("중앙시장 정문 앞")
    web.press("따로 없어요")
    assert sheet(web) == {
        "제목": "길이 파였어요",
        "내용": "길이 파였어요",
        "언제, 어디서": "중앙시장 정문 앞",
    }
    assert "여기서 쓴 것만으로는 접수된 것이 아니에요" in web.text
    assert "국민신문고 열기" in web.buttons


def test_who_insists_finds_the_same_words_in_the_report(web: Somebody) -> None:
    web.commands("report")
    web.press("아니요, 처음이에요")
    web.press("담당 부서에 알리기")
    web.types("10월부터 중앙시장 앞 길이 파였어요")
    web.press("다 썼어요")
    web.types("길을 고쳐 주세요")
    web.press("쓰던 것으로 돌아가기")
    assert "담당 부서에 바로 알리는 편이" in web.text
    web.press("그래도 신고하기")
    assert "10월부터 중앙시장 앞 길이 파였어요" in web.text
    web.press("다 썼어요")
    assert '앞에서 쓰신 답: "길을 고쳐 주세요"' in web.text
    web.press("그대로 두기")
    assert "도로과 일이 맞나요" in web.text


def test_what_was_written_for_the_report_goes_along_and_grows(web: Somebody) -> None:
    web.commands("report")
    web.press("잘 모르겠어요")
    web.press("없어요")
    web.types("10월부터 길이 파였어요")
    web.commands("ordinary")
    assert "10월부터 길이 파였어요" in web.text
    web.types("가로등도 꺼졌어요")
    web.commands("ordinary")
    assert "가로등도 꺼졌어요" in web.text
    web.press("다 썼어요")
    web.press("따로 없어요")
    assert sheet(web)["내용"] == "10월부터 길이 파였어요\n가로등도 꺼졌어요"
    assert sheet(web)["제목"] == "10월부터 길이 파였어요"
    web.types("이어서")
    assert "가로등도 꺼졌어요" in web.text


def test_without_a_report_the_words_wait_for_one(web: Somebody) -> None:
    web.commands("ordinary")
    web.types("가로등이 꺼졌어요")
    web.press("다 썼어요")
    web.does(Located(37.5, 127.0))
    web.types("고쳐 주세요")
    assert sheet(web)["언제, 어디서"] == "37.5, 127.0"
    assert "쓰던 것으로 돌아가기" not in web.buttons
    web.commands("report")
    web.press("잘 모르겠어요")
    web.press("없어요")
    assert "가로등이 꺼졌어요" in web.text


def test_while_the_portal_is_down_no_link_leads_there(web: Somebody, city: City) -> None:
    city.settles(epeople_down=True)
    web.commands("ordinary")
    web.types("10월부터 가로등이 꺼졌어요")
    web.press("다 썼어요")
    web.press("따로 없어요")
    assert "국민신문고가 열리지 않아요" in web.text
    assert "국민신문고 열기" not in web.buttons


def test_on_a_messenger_nothing_is_written_before_the_door(telegram: Somebody) -> None:
    telegram.commands("start")
    telegram.press("궁금한 것만 묻기")
    telegram.commands("ordinary")
    assert "외국 서버 보관 동의" in telegram.text


def test_a_full_disk_begins_nothing(web: Somebody, city: City) -> None:
    parts = city.receiver.parts
    object.__setattr__(parts, "room", lambda: "no_dialogs")
    web.commands("ordinary")
    assert "조금 뒤에 다시" in web.text


def test_the_rest_of_an_album_goes_where_its_first_picture_went(agreed: Somebody) -> None:
    agreed.commands("report")
    agreed.press("잘 모르겠어요")
    agreed.press("없어요")
    agreed.sends("photo", album="a1")
    agreed.commands("national")
    before = agreed.text
    agreed.sends("photo", album="a1")
    assert agreed.text == before
    agreed.sends("photo", album="a2")
    assert "저장하지 않았어요" in agreed.text
    agreed.sends(*["photo"] * 5, album="a1")
    assert "5개까지" in agreed.text
    agreed.types("돌아가기")
    agreed.types("10월부터 길이 파였어요")
    agreed.press("다 썼어요")
    agreed.types("고쳐 주세요")
    assert "어느 부서" in agreed.text or "일이 맞나요" in agreed.text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("길\n둘째 줄", "길"),
        ("중앙시장 정문 앞 길이 아주 크게 파여서 어제 아내가 넘어졌고 오늘은 옆집 아이가",
         "중앙시장 정문 앞 길이 아주 크게 파여서 어제 아내가 넘어졌고 오늘은…"),
        ("가" * 60, "가" * 39 + "…"),
    ],
)  # fmt: skip
def test_a_title_is_the_first_line_cut_at_a_word(text: str, said: str) -> None:
    assert title(text) == said
