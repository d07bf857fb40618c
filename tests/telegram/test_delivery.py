"""What Telegram's answers mean for a row: through the real client and the strict fake."""

import logging
from pathlib import Path

import pytest
from telegram import Bot

from bot.channel import Delivered, Delivery, Later, Moved, Never, Parcel, Unknown
from bot.dialogs.replies import Ask, Block, Option, Picture, Reply, Say, Sheet
from bot.errors import Refused
from bot.handlers.fetching import NotFetched
from bot.handlers.telegram import TelegramChannel, account_of, make_bot, make_fetcher
from tests import shipped
from tests.fakes.telegram import TOKEN, FakeTelegram
from tests.fakes.telegram_rules import Bad, Cut, Drop, Hang, Page

LONG = "보도블록이 깨졌는데 " * 1000  # three messages


def parcel(reply: Reply | None = None, **more: object) -> Parcel:
    return Parcel("5001", reply or Say("안녕하세요."), "ko", **more)  # type: ignore[arg-type]


async def deliver(
    channel: TelegramChannel, reply: Reply | None = None, **more: object
) -> Delivery:
    return await channel.deliver(parcel(reply, **more))


async def test_a_reply_arrives_with_its_marks_and_buttons(
    channel: TelegramChannel, fake: FakeTelegram
) -> None:
    person = fake.person()
    person.says("/start")
    reply = Ask("who", "choice", "이름을 밝히시겠어요?", 3, options=(Option("네", index=0),))
    delivered = await deliver(channel, reply)
    assert delivered == Delivered(str(person.last.id))
    assert person.last.keys == [[{"text": "네", "callback_data": "d:3:0"}]]


async def test_the_preview_is_what_is_sent(channel: TelegramChannel, fake: FakeTelegram) -> None:
    person = fake.person()
    person.says("/start")
    reply = Say("거두시겠어요?", (Option("거두기", index=0, danger=True),), turn=3)
    await deliver(channel, reply)
    preview = channel.preview(parcel(reply))
    assert preview.text == person.last.text
    assert preview.buttons == (("거두기",),)


async def test_a_question_for_a_place_has_the_messengers_own_button(
    channel: TelegramChannel, fake: FakeTelegram
) -> None:
    person = fake.person()
    person.says("/start")
    await deliver(channel, Ask("w", "place", "어디예요?", 1, options=(Option("몰라요", index=0),)))
    assert person.last.keyboard == [
        [{"text": "위치 보내기", "request_location": True}],
        [{"text": "몰라요"}],
    ]


async def test_a_picture_is_uploaded(channel: TelegramChannel, fake: FakeTelegram) -> None:
    person = fake.person()
    person.says("/start")
    await deliver(channel, Picture("blob1", "막대그래프"))
    assert person.last.photo == b"\x89PNG picture"
    assert person.last.text == "막대그래프"


async def test_a_sheet_comes_as_a_file_and_as_words_to_copy(
    channel: TelegramChannel, fake: FakeTelegram
) -> None:
    person = fake.person()
    person.says("/start")
    sheet = Sheet(
        "붙여 넣어 주세요.", (Block("제목", "옥상 영업"), Block("까닭", "법이 없대요")), "글.txt"
    )
    await deliver(channel, sheet)
    file, words = person.heard[-2:]
    assert file.file == "[제목]\r\n옥상 영업\r\n\r\n[까닭]\r\n법이 없대요\r\n".encode("utf-8-sig")
    assert words.text == "붙여 넣어 주세요.\n\n제목\n옥상 영업\n\n까닭\n법이 없대요"
    assert [entity["type"] for entity in words.entities] == ["bold", "pre", "bold", "pre"]
    await deliver(channel, sheet, plain=True)
    assert person.heard[-2].file is None


async def test_plain_means_words_only(channel: TelegramChannel, fake: FakeTelegram) -> None:
    person = fake.person()
    person.says("/start")
    await deliver(channel, Picture("blob1", "막대그래프"), plain=True)
    assert person.last.photo is None
    assert person.last.text == "막대그래프"


@pytest.mark.parametrize(
    ("fault", "meaning"),
    [
        (Bad(429, "Too Many Requests: retry after 7", retry_after=7), Later(7.0, counts=False)),
        (Bad(429, "Too Many Requests"), Later(5.0, counts=False)),
        (Bad(403, "Forbidden: bot was blocked by the user"), Never("gone", peer_gone=True)),
        (Bad(403, "Forbidden: user is deactivated"), Never("gone", peer_gone=True)),
        (Bad(403, "Forbidden: something new"), Never("forbidden")),
        (Bad(400, "Bad Request: chat not found"), Never("gone", peer_gone=True)),
        (Bad(400, "Bad Request: can't parse entities"), Never("bad_request")),
        (Bad(400, "Bad Request: message is not modified: …"), Delivered()),
        (
            Bad(400, "Bad Request: group chat was upgraded", migrate_to_chat_id=-1002),
            Moved("-1002"),
        ),
        (Bad(401, "Unauthorized"), Later(30.0, counts=False, fault="http_401")),
        (Bad(404, "Not Found"), Later(30.0, counts=False, fault="http_404")),
        (Bad(500, "Internal Server Error"), Later(10.0)),
        (Bad(409, "Conflict"), Unknown()),
        (Page(403), Later(30.0, counts=False, fault="http_403")),
        (Page(404), Later(30.0, counts=False, fault="http_404")),
        (Page(400), Later(30.0, counts=False, fault="http_400")),
        (Page(502), Later(30.0, counts=False, fault="http_502")),
        (Page(200), Later(30.0, counts=False, fault="http_200")),
        (Page(302), Later(30.0, counts=False, fault="http_302")),
        (Page(403, '{"error": "blocked"}'), Later(30.0, counts=False, fault="http_403")),
        (Page(403, '"ok"'), Later(30.0, counts=False, fault="http_403")),
        (Page(200, '{"ok": false}'), Later(30.0, counts=False, fault="http_200")),
        (Drop(accepted=True), Unknown()),
        (Drop(accepted=False), Unknown()),  # from here it looks the same
        (Cut(), Unknown()),
    ],
    ids=str,
)
async def test_only_the_vendors_own_json_is_a_verdict(
    channel: TelegramChannel, fake: FakeTelegram, fault: object, meaning: Delivery
) -> None:
    fake.person().says("/start")
    fake.fail("sendMessage", fault)  # type: ignore[arg-type]
    assert await deliver(channel) == meaning


async def test_an_answer_without_an_end_is_nobodys_word(
    channel: TelegramChannel, fake: FakeTelegram
) -> None:
    fake.person().says("/start")
    fake.fail("sendMessage", Page(403, "x" * (9 * 2**20)))
    assert await deliver(channel) == Later(30.0, counts=False, fault="http_403")


async def test_a_person_who_blocked_the_bot_is_gone(
    channel: TelegramChannel, fake: FakeTelegram
) -> None:
    person = fake.person()
    person.says("/start")
    person.blocks()
    assert await deliver(channel) == Never("gone", peer_gone=True)


async def test_an_answer_that_does_not_come_is_unknown_not_later(
    hasty: TelegramChannel, fake: FakeTelegram
) -> None:
    person = fake.person()
    person.says("/start")
    fake.fail("sendMessage", Hang())
    assert await deliver(hasty) == Unknown()
    assert len(person.heard) == 1  # it had arrived


async def test_where_nobody_listens_nothing_was_sent() -> None:
    bot = make_bot(TOKEN, "http://127.0.0.1:9")
    channel = TelegramChannel(bot, shipped.texts(), {}, fetcher=make_fetcher("http://127.0.0.1:9"))
    assert await deliver(channel) == Later(10.0, counts=False, fault="network")
    await channel.close()


async def test_a_flood_limit_in_the_middle_of_a_long_reply_doubles_nothing(
    channel: TelegramChannel, fake: FakeTelegram
) -> None:
    person = fake.person()
    person.says("/start")
    fake.flood.burst = 2
    reply = Say(LONG)
    first = await deliver(channel, reply)
    assert isinstance(first, Later)
    assert not first.counts
    seen = len(person.heard)
    assert seen == 2
    fake.flood.clock += first.after
    assert await deliver(channel, reply) == Delivered(
        ",".join(str(shown.id) for shown in person.heard)
    )
    assert " ".join(shown.text for shown in person.heard) == LONG.strip()


async def test_an_unknown_part_is_sent_again_alone_and_says_so(
    channel: TelegramChannel, fake: FakeTelegram
) -> None:
    person = fake.person()
    person.says("/start")
    fake.fail("sendMessage", *[Bad(429, "x", retry_after=1)])
    await deliver(channel, Say(LONG))
    assert person.heard == []
    fake.flood.burst = 10
    calls = len(fake.called("sendMessage"))
    assert isinstance(await deliver(channel, Say(LONG), again=True), Delivered)
    assert len(fake.called("sendMessage")) - calls == 3
    assert person.heard[0].text.startswith("(다시 보냄)\n\n보도블록이")


async def test_messages_are_deleted_one_or_many(
    channel: TelegramChannel, fake: FakeTelegram
) -> None:
    person = fake.person()
    for text in ("하나", "둘", "셋"):
        person.says(text)
    first, second, third = sorted(person.messages)
    assert await deliver(channel, delete=str(first)) == Delivered()
    assert await deliver(channel, delete=str(first)) == Delivered()  # gone already
    assert await deliver(channel, delete=f"{second},{third}") == Delivered()
    assert person.messages == {}


async def test_a_message_that_is_too_old_stays_and_is_told(
    channel: TelegramChannel, fake: FakeTelegram
) -> None:
    fake.person().says("/start")
    old = Bad(400, "Bad Request: message can't be deleted for everyone")
    fake.fail("deleteMessage", old)
    assert await deliver(channel, delete="101") == Never("too_old")


async def test_a_file_is_fetched_by_its_id(channel: TelegramChannel, fake: FakeTelegram) -> None:
    number = fake.keep(b"%PDF-1.7")
    assert await channel.fetch(f"id{number}", 100) == b"%PDF-1.7"


async def test_what_cannot_be_fetched_is_told_from_what_can_wait(
    channel: TelegramChannel, fake: FakeTelegram
) -> None:
    number = fake.keep(b"x" * 200)
    with pytest.raises(Refused, match=r"fetch\.too_large"):
        await channel.fetch(f"id{number}", 100)
    with pytest.raises(Refused, match=r"fetch\.missing"):
        await channel.fetch("id0", 100)
    fake.fail("getFile", Bad(400, "Bad Request: file is too big"))
    with pytest.raises(Refused, match=r"fetch\.too_large"):
        await channel.fetch(f"id{number}", 1000)
    for fault in (Page(403), Drop(), Bad(429, "x", retry_after=1)):
        fake.fail("getFile", fault)
        with pytest.raises(NotFetched):
            await channel.fetch(f"id{number}", 1000)


def path_of(fake: FakeTelegram, path: str) -> None:
    """The server names the file like this."""
    said = {"file_id": "x", "file_unique_id": "x", "file_path": path}
    fake._methods["getFile"] = lambda call: said


async def test_a_path_that_a_server_names_is_read_only_in_the_folder_shared_with_it(
    channel: TelegramChannel, fake: FakeTelegram, tmp_path: Path
) -> None:
    shared = tmp_path / "file.pdf"
    shared.write_bytes(b"%PDF-1.7")
    path_of(fake, str(shared))
    assert await channel.fetch("x", 100) == b"%PDF-1.7"
    with pytest.raises(Refused, match=r"fetch\.too_large"):
        await channel.fetch("x", 3)
    for path in ("/etc/passwd", f"{tmp_path}{'/..' * 20}/etc/passwd"):
        path_of(fake, path)
        with pytest.raises(Refused, match=r"fetch\.not_allowed"):
            await channel.fetch("x", 10_000)
    path_of(fake, str(tmp_path / "gone.pdf"))
    with pytest.raises(Refused, match=r"fetch\.missing"):
        await channel.fetch("x", 100)


async def test_a_foreign_servers_path_does_not_open_our_own_disk(
    bot: Bot, fake: FakeTelegram
) -> None:
    channel = TelegramChannel(bot, shipped.texts(), {}, fetcher=make_fetcher(fake.url))
    path_of(fake, "/etc/passwd")
    with pytest.raises(Refused, match=r"fetch\.not_allowed"):
        await channel.fetch("x", 10_000)


async def test_the_token_stands_in_no_log_line_and_in_no_error(
    hasty: TelegramChannel, fake: FakeTelegram, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    fake.person().says("/start")
    secret = fake.token.partition(":")[2]
    for fault in (Page(403), Page(200), Drop(), Hang(), Bad(401, "Unauthorized"), Cut()):
        fake.fail("sendMessage", fault)
        fake.fail("getFile", fault)
        await deliver(hasty)
        with pytest.raises((NotFetched, Refused)) as caught:
            await hasty.fetch("id1", 10)
        assert secret not in repr(caught.value)
    assert secret not in caplog.text


def test_the_account_is_the_public_half_of_the_token() -> None:
    assert account_of(TOKEN) == "4711"


def test_files_come_from_telegrams_own_host_or_from_the_configured_server_only() -> None:
    assert make_fetcher("https://api.telegram.org").own is None
    assert make_fetcher("https://api.telegram.org").hosts == {"api.telegram.org"}
    assert make_fetcher("http://127.0.0.1:8081").own == "http://127.0.0.1:8081"
    assert make_fetcher("http://127.0.0.1:8081").hosts == frozenset()
