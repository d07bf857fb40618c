"""What people do in the messenger, as values."""

import itertools
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channel import Gone, Inbound, Source
from bot.dialogs.events import Answer, Attach, Attached, Command, Located, Press
from bot.handlers.telegram import make_bot
from bot.handlers.telegram_inbound import COMMANDS, Parsed, Parser, Unreadable, body_of, pressed
from tests.fakes.telegram import TOKEN, FakeTelegram

NOW = datetime(2026, 11, 23, 1, 12, tzinfo=UTC)


def parser() -> Parser:
    known = frozenset((*COMMANDS, "report"))
    names = (f"ref{number}" for number in itertools.count(1))
    return Parser(
        make_bot(TOKEN, "http://127.0.0.1:9"), "4711", lambda: NOW, lambda: next(names), known
    )


def read(update: dict[str, Any]) -> Parsed:
    return parser().parse(update)


def heard(update: dict[str, Any]) -> Inbound:
    event = read(update).event
    assert isinstance(event, Inbound)
    return event


@pytest.fixture
def vendor() -> FakeTelegram:
    return FakeTelegram()


def test_words_come_with_all_that_the_receiver_needs(vendor: FakeTelegram) -> None:
    update = vendor.person(name="홍길동", lang="ko-KR").says("길이 파였어요")
    inbound = heard(update)
    assert inbound == Inbound(
        channel="telegram",
        account="4711",
        address="5001",
        update_id=str(update["update_id"]),
        body=body_of(update),
        event=Answer("길이 파였어요"),
        at=NOW,
        lang="ko",
        message="101",
        name="홍길동",
    )


@pytest.mark.parametrize(
    ("text", "event"),
    [
        ("/start", Command("start")),
        ("/start t_abc-123", Command("start", "t_abc-123")),
        ("/report@jeokgeuk_bot", Command("report")),
        ("/REPORT", Command("report")),
        ("/my  2026-7K3M-Q9 ", Command("my", "2026-7K3M-Q9")),
        ("/stop", Command("stop")),
        ("/etc 도로가 파였어요", Answer("/etc 도로가 파였어요")),
        ("신고", Answer("신고")),
        ("", Answer("")),
    ],
)
def test_commands_are_told_from_words(vendor: FakeTelegram, text: str, event: object) -> None:
    assert heard(vendor.person().says(text)).event == event


def test_a_slash_without_the_vendors_mark_is_words(vendor: FakeTelegram) -> None:
    assert heard(vendor.person().says("/start", entities=[])).event == Answer("/start")


@pytest.mark.parametrize(
    ("data", "event"),
    [
        ("d:3:0", Press(3, 0)),
        ("d:999999999:99", Press(999_999_999, 99)),
        ("c:status:2026-7K3M-Q9", Command("status", "2026-7K3M-Q9")),
        ("c:start:", Command("start")),
        ("c:status:2026\0", Command("status", "2026")),
        ("d:3", Press(0, 0)),
        ("d:-1:0", Press(0, 0)),
        ("d:1:-1", Press(0, 0)),
        ("d:1:1\n", Press(0, 0)),
        ("d:9999999999:0", Press(0, 0)),
        ("c:STATUS:x", Press(0, 0)),
        ("'; drop table", Press(0, 0)),
        ("", Press(0, 0)),
    ],
)
def test_a_forged_button_is_an_old_button(data: str, event: object) -> None:
    assert pressed(data) == event


@given(st.text(max_size=80))
def test_no_button_data_breaks_the_reader(data: str) -> None:
    assert isinstance(pressed(data), Press | Command)


def test_a_press_belongs_to_who_pressed_not_to_whom_the_message_was_sent(
    vendor: FakeTelegram,
) -> None:
    update = vendor.person(5001).forges(7, "d:1:0")
    update["callback_query"]["from"]["id"] = 6001
    parsed = read(update)
    assert isinstance(parsed.event, Inbound)
    assert parsed.event.address == "6001"
    assert parsed.query == "q1"


def test_a_press_in_a_group_is_answered_and_does_nothing(vendor: FakeTelegram) -> None:
    update = vendor.person().forges(7, "d:1:0")
    update["callback_query"]["message"]["chat"] = {"id": -1, "type": "group", "title": "x"}
    assert read(update) == Parsed(query="q1")
    del update["callback_query"]["message"]
    assert read(update) == Parsed(query="q1")


def test_of_a_photo_the_largest_size_is_taken(vendor: FakeTelegram) -> None:
    inbound = heard(vendor.person().sends_photo(b"x" * 20, caption="시장 앞"))
    attached = Attached("ref1", "photo", size=20, mime="image/jpeg")
    assert inbound.event == Attach((attached,), "시장 앞")
    assert inbound.sources == (Source("ref1", "id2"),)


def test_pictures_of_one_album_carry_its_number(vendor: FakeTelegram) -> None:
    person = vendor.person()
    albums = [heard(person.sends_photo(b"x", album="77")).album for _ in range(2)]
    assert albums == ["77", "77"]


def test_a_document_keeps_its_name_for_the_sealed_original(vendor: FakeTelegram) -> None:
    inbound = heard(vendor.person().sends_document(b"%PDF", "답변서.pdf", "application/pdf"))
    attached = Attached("ref1", "document", "답변서.pdf", 4, "application/pdf")
    assert inbound.event == Attach((attached,))


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        ({"voice": {"duration": 3}}, "voice"),
        ({"audio": {"duration": 3, "file_name": "a.mp3"}}, "voice"),
        ({"video": {"duration": 3, "width": 1, "height": 1}}, "video"),
        ({"video_note": {"duration": 3, "length": 1}}, "video"),
        ({"animation": {"duration": 3, "width": 1, "height": 1}}, "video"),
    ],
)
def test_sound_and_film_are_files(
    vendor: FakeTelegram, content: dict[str, Any], kind: str
) -> None:
    person = vendor.person()
    name, more = next(iter(content.items()))
    inbound = heard(person.message({name: person.file(b"x") | more}))
    assert isinstance(inbound.event, Attach)
    assert inbound.event.files[0].kind == kind
    assert inbound.sources == (Source("ref1", "id1"),)


def test_a_sticker_is_told_from_what_nobody_can_read_and_neither_is_fetched(
    vendor: FakeTelegram,
) -> None:
    person = vendor.person()
    die = {"dice": {"emoji": "🎲", "value": 3}}
    for update, kind in ((person.sends_sticker(), "sticker"), (person.message(die), "document")):
        inbound = heard(update)
        assert isinstance(inbound.event, Attach)
        assert inbound.event.files[0].kind == kind
        assert inbound.sources == ()


def test_a_place_is_a_place(vendor: FakeTelegram) -> None:
    assert heard(vendor.person().sends_location(37.5, 127.0)).event == Located(37.5, 127.0)


@pytest.mark.parametrize(
    ("phone", "owner", "event"),
    [
        ("+82 10-1234-5678", 5001, Answer("01012345678")),
        ("821012345678", 5001, Answer("01012345678")),
        ("+12025550123", 5001, Answer("+12025550123")),
        ("+821012345678", 6001, Attach((Attached("ref1", "document"),))),
        ("+821012345678", None, Attach((Attached("ref1", "document"),))),
    ],
)
def test_a_shared_contact_counts_only_if_it_is_the_senders_own(
    vendor: FakeTelegram, phone: str, owner: int | None, event: object
) -> None:
    assert heard(vendor.person().sends_contact(phone, owner)).event == event


def test_an_edited_message_is_marked_as_such(vendor: FakeTelegram) -> None:
    person = vendor.person()
    person.says("길이 파였어요")
    inbound = heard(person.edits(101, "900101-1234567"))
    assert inbound.edited
    assert inbound.message == "101"
    assert inbound.event == Answer("900101-1234567")


def test_a_moving_location_is_not_read_again_and_again(vendor: FakeTelegram) -> None:
    person = vendor.person()
    update = person.sends_location(37.5, 127.0)
    update["edited_message"] = update.pop("message")
    assert read(update) == Parsed()


def test_what_nobody_said_is_nothing(vendor: FakeTelegram) -> None:
    update = vendor.person().message({"delete_chat_photo": True})
    assert read(update) == Parsed()
    assert read({"update_id": 1}) == Parsed()


def test_leaving_and_coming_back_is_known(vendor: FakeTelegram) -> None:
    person = vendor.person()
    for update, gone in ((person.blocks(), True), (person.unblocks(), False)):
        number = str(update["update_id"])
        assert read(update).event == Gone("telegram", "4711", "5001", number, gone, NOW)


@pytest.mark.parametrize("kind", ["group", "supergroup", "channel"])
def test_what_is_not_private_is_left_and_not_listened_to(vendor: FakeTelegram, kind: str) -> None:
    group = vendor.group(kind=kind)
    assert read(group.adds_the_bot()) == Parsed(leave=-9001)
    assert read(group.says("안녕하세요")) == Parsed(leave=-9001)


@pytest.mark.parametrize(
    "update",
    [
        {},
        {"update_id": 1, "message": {"message_id": 1}},
        {"update_id": 1, "message": "x"},
        {"update_id": 1, "callback_query": {"id": "1"}},
        {"update_id": 1, "message": {"message_id": 1, "date": 10**20, "chat": {}}},
    ],
)
def test_what_is_not_the_vendors_shape_is_unreadable_and_quotes_nothing(
    update: dict[str, Any],
) -> None:
    with pytest.raises(Unreadable) as caught:
        read(update)
    assert str(caught.value) == "update"
    assert caught.value.__suppress_context__


def test_half_a_surrogate_pair_does_not_reach_the_database(vendor: FakeTelegram) -> None:
    update = vendor.person().says("앞")
    update = json.loads(json.dumps(update).replace("\\uc55e", "\\ud800x\\u0000"))
    event = heard(update).event
    assert event == Answer("\ufffdx")


def test_the_bytes_of_an_update_are_the_same_by_webhook_and_by_polling(
    vendor: FakeTelegram,
) -> None:
    update = vendor.person().says("하나")
    turned = dict(reversed(list(update.items())))
    assert body_of(update) == body_of(turned)
    assert body_of(update) != body_of(vendor.person().says("둘"))
