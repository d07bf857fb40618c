"""A citizen's life on Telegram, end to end: doors, reports, links, files."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from bot.dialogs.events import Command
from bot.services import handover
from storage.models import attachments, filings
from storage.store import Store
from tests.fakes.telegram import FakeTelegram
from tests.telegram.life import Life, living

# What a receiver does on PostgreSQL is tested with it; here it is the messenger that counts.
pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

JPEG = b"\xff\xd8\xff\xe0" + b"x" * 200


@pytest.fixture
async def life(fake: FakeTelegram, store: Store, tmp_path: Path) -> AsyncIterator[Life]:
    async with living(fake, store, tmp_path) as made:
        yield made


def filed(life: Life) -> list[Any]:
    return life.store.read(lambda unit: list(unit.conn.execute(sa.select(filings))))


async def test_the_first_screen_has_three_doors_and_the_agencys_own_is_the_first(
    life: Life,
) -> None:
    await life.says("/start")
    assert "외국 회사의 서비스" in life.text
    assert life.labels == ["가온시 누리집에서 쓰기", "텔레그램에서 쓰기", "궁금한 것만 묻기"]


async def test_before_a_door_is_chosen_nothing_that_is_written_is_kept(life: Life) -> None:
    await life.says("우리 동네 홍길동이 길을 막았어요")
    assert life.labels == ["가온시 누리집에서 쓰기", "텔레그램에서 쓰기", "궁금한 것만 묻기"]
    await life.says("/report")
    assert life.labels == ["가온시 누리집에서 쓰기", "텔레그램에서 쓰기", "궁금한 것만 묻기"]


async def test_behind_the_third_door_there_are_only_questions(life: Life) -> None:
    await life.says("/start")
    await life.presses("궁금한 것만 묻기")
    assert "이름이나 연락처" in life.text
    await life.says("/report")
    assert "외국 서버 보관 동의" in life.text


async def test_a_named_report_from_the_first_word_to_the_receipt(life: Life) -> None:
    await life.tells()
    await life.names()
    assert "이렇게 낼게요" in life.text
    assert "홍*동" in life.text
    await life.presses("안내를 보았고 이대로 내기")
    (row,) = filed(life)
    assert row.mode == "named"
    assert f"접수번호 {row.number}" in life.text
    assert "12월 1일(화)까지" in life.text
    assert life.link("누리집에서 코드 보기").startswith("https://talk.gaon.example/k#")
    await life.presses("내 신고 보기")
    assert "감사 부서가 접수했어요" in life.text


async def test_what_the_chat_says_never_holds_the_code(life: Life) -> None:
    await life.tells()
    await life.names()
    await life.presses("안내를 보았고 이대로 내기")
    said = " ".join(call.params.get("text", "") for call in life.fake.called("sendMessage"))
    assert "확인 코드 " not in said
    number = filed(life)[0].number
    await life.says(f"/my {number}")
    assert number in life.text


async def test_after_filing_our_own_messages_with_personal_data_are_gone(life: Life) -> None:
    await life.tells()
    await life.names()
    assert any("중앙로 12" in shown.text for shown in life.person.heard)
    await life.presses("안내를 보았고 이대로 내기")
    assert not any("홍*동" in shown.text for shown in life.person.heard)
    assert not any("중앙로 12" in shown.text for shown in life.person.heard)
    assert any("접수번호" in shown.text for shown in life.person.heard)


async def test_a_report_by_another_name_leaves_no_link_to_the_account(life: Life) -> None:
    await life.tells()
    await life.presses("가명으로 알리기")
    assert "익명이 아니라 가명이에요" in life.text
    await life.presses("텔레그램에서 가명으로")
    await life.presses("잇지 않기")
    await life.presses("안내를 보았고 이대로 내기")
    (row,) = filed(life)
    assert (row.mode, row.peer_id) == ("anonymous", None)
    assert "답변 의무는 없지만" in life.text
    assert life.link("누리집에서 코드 보기").startswith("https://talk.gaon.example/k#")
    await life.says("/my")
    assert row.number not in life.text


async def test_a_refused_consent_leads_to_the_agencys_page(life: Life) -> None:
    await life.says("/start")
    await life.presses("텔레그램에서 쓰기")
    await life.presses("동의하지 않아요")
    assert life.link("이어서 쓰기").startswith("https://talk.gaon.example/c#")
    await life.says("/start")
    await life.presses("텔레그램에서 쓰기")
    await life.presses("만 14세 미만이에요")
    assert "보호자와 함께" in life.text


async def test_the_link_moves_the_dialog_and_the_chat_hears_nothing_more(life: Life) -> None:
    await life.tells()
    await life.presses("이름을 밝히고")
    secret = life.link("누리집에서 적기(권장)").partition("#")[2]
    digits = next(word for word in life.text.split() if word.strip(".").isdigit()).strip(".")
    page = life.city.person("web")
    page.does(Command("start"))
    assert page.last is not None
    peer = page.last.peer_id

    def redeem(unit: Any) -> str:
        return handover.redeem_dialog(life.city.svc, unit, secret, digits, peer)

    assert life.store.transact(redeem, "redeem") == "telegram"
    page.commands("continue")
    assert "이름" in page.text
    await life.says("홍길동")
    assert "홍" not in life.text
    assert "이름" not in life.labels
    page.types("홍길동")
    page.types("가온시 중앙로 12")
    page.press("우편(종이)")
    page.press("먼저 저에게")
    page.press("안내를 보았고")
    await life.later(minutes=1)
    assert len(filed(life)) == 1
    assert life.person.heard[-1].text == "가온시 누리집에서 이어져요."


async def test_what_cannot_be_read_gets_a_clear_answer_and_loses_nothing(life: Life) -> None:
    await life.agrees()
    await life.says("/report")
    await life.presses("아니요, 처음이에요")
    await life.presses("그래도 신고하기")
    await life.says("길이 파였어요")
    life.person.sends_sticker()
    await life.settle()
    assert "스티커는 읽을 수 없어요" in life.text
    life.person.sends_voice(b"OggS voice")
    await life.settle()
    assert "음성" in life.text
    life.person.sends_document(b"MZ", "setup.exe", "application/x-msdownload")
    await life.settle()
    assert "열 수 없는 종류예요" in life.text
    life.person.message({"dice": {"emoji": "🎲", "value": 3}})
    await life.settle()
    assert "열 수 없는 종류예요" in life.text
    life.person.sends_contact("+82 10-9999-9999", 777)
    await life.settle()
    assert "9999" not in life.text
    await life.presses("다 썼어요")
    assert "언제쯤" in life.text or "바라세요" in life.text


async def test_pictures_are_fetched_from_the_vendor_after_the_commit(life: Life) -> None:
    await life.agrees()
    await life.says("/report")
    await life.presses("네, 기한이 지나도")
    await life.presses("없어요")
    life.person.sends_photo(JPEG, caption="중앙시장 앞이에요")
    await life.settle()
    assert "잘 받았어요" in life.text
    assert await life.worker.fetcher.work() > 0
    rows = life.store.read(lambda unit: list(unit.conn.execute(sa.select(attachments))))
    assert [row.status for row in rows] != ["waiting"]
    assert len(life.fake.called("getFile")) == 1


async def test_an_album_is_answered_once_and_its_buttons_stay_alive(life: Life) -> None:
    await life.agrees()
    await life.says("/report")
    await life.presses("네, 기한이 지나도")
    await life.presses("없어요")
    await life.says("길이 파였어요")
    for number in range(3):
        life.person.sends_photo(JPEG + bytes([number]), album="77")
    await life.settle()
    assert len(life.heard) == 1
    await life.presses("다 썼어요")
    assert "지난 질문" not in life.text
    rows = life.store.read(lambda unit: list(unit.conn.execute(sa.select(attachments))))
    assert len(rows) == 3


async def test_a_number_of_a_resident_is_masked_and_the_message_deleted(life: Life) -> None:
    await life.agrees()
    await life.says("/report")
    await life.presses("네, 기한이 지나도")
    await life.presses("없어요")
    await life.says("저는 900101-1234567이고 길이 파였어요")
    assert "가렸어요" in life.text
    assert not any("1234567" in shown.text for shown in life.person.messages.values())
    await life.says("길이 또 파였어요")
    mine = max(number for number, shown in life.person.messages.items() if shown.mine)
    life.person.edits(mine, "이름 홍길동 900101-1234567")
    await life.settle()
    assert mine not in life.person.messages
    assert not any("1234567" in shown.text for shown in life.person.messages.values())


async def test_of_a_number_in_two_halves_neither_message_stays(life: Life) -> None:
    await life.agrees()
    await life.says("/report")
    await life.presses("네, 기한이 지나도")
    await life.presses("없어요")
    await life.says("제 번호는 880101-")
    await life.says("2345678")
    assert "앞의 메시지도" in life.text
    assert not any("880101" in shown.text for shown in life.person.messages.values())
    assert not any("2345678" in shown.text for shown in life.person.messages.values())


async def test_a_photo_at_the_menu_is_not_fetched_and_its_way_is_shown(life: Life) -> None:
    await life.agrees()
    life.person.sends_photo(JPEG)
    await life.settle()
    assert "보내신 파일은 저장하지 않았어요" in life.text
    assert not life.store.read(lambda unit: list(unit.conn.execute(sa.select(attachments))))
    await life.presses("일을 미뤄서")
    assert "같은 일로 전에" in life.text


async def test_a_person_without_korean_is_met_in_english(life: Life) -> None:
    other = life.fake.person(5002, lang="de-DE")
    other.says("/start")
    await life.settle()
    assert "Telegram is run by a foreign company" in other.last.text


async def test_a_deep_link_opens_what_it_names(life: Life) -> None:
    await life.agrees()
    await life.says("/start report")
    assert "같은 일로 전에 알리신 적이" in life.text


async def test_consent_can_be_taken_back_with_a_word(life: Life) -> None:
    await life.agrees()
    await life.says("동의 철회")
    await life.says("/report")
    assert life.labels == ["가온시 누리집에서 쓰기", "텔레그램에서 쓰기", "궁금한 것만 묻기"]
