import asyncio
import email
import email.policy
import socket
import stat

import pytest

from bot.channel import Delivered, Later, Never, Parcel, Unknown
from bot.dialogs.replies import Block, Card, Cards, Option, Phrase, Picture, Receipt, Say, Sheet
from bot.errors import BadStart, Refused
from bot.handlers.mail import MailChannel
from bot.handlers.mail_lines import Server
from bot.handlers.mail_post import FolderPost, SmtpPost, post, server
from bot.handlers.sms import SmsChannel
from bot.locale import Texts
from tests.fakes.smtp import mailbox
from tests.web.fakes import SITE, Clock, randoms

WORDS = {
    "mail.agency": "{agency}",
    "mail.subject": "[{agency}] {title}",
    "mail.again": "(다시 보냄) {subject}",
    "mail.button": "· {label}: {url}",
    "mail.here": "아래에서 보실 수 있어요.",
    "mail.page": "{url}",
    "mail.footer": "{agency} 전화 {call}",
    "sms.text": "[{agency}] 새 소식이 있어요. {url}",
    "result": "**[{number}] 답변입니다.**\n1. 판단: {why}",
}
TEXTS = Texts({"ko": WORDS, "en": WORDS})
HOME = "https://talk.example.go.kr"
PAGE = f"{HOME}/status"
NEWS = Phrase("result", {"number": "2026-7K3M-Q9", "why": "있었다고 판단했습니다."})


def _free() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def channel(way, **changes) -> MailChannel:
    values = {
        "sender": "가온시 적극톡 <talk@gaon.example>",
        "home": HOME,
        "now": Clock(),
        "random": randoms(),
    }
    return MailChannel(way, TEXTS, SITE, **(values | changes))


def smtp(port: int, **changes) -> SmtpPost:
    return SmtpPost(Server("127.0.0.1", port, **({"tls": False, "start_tls": None} | changes)))


def parcel(reply=None, **changes) -> Parcel:
    return Parcel(
        **({"address": "hong@example.com", "reply": reply or Say(NEWS), "lang": "ko"} | changes)
    )


async def test_a_notice_arrives_as_one_plain_letter():
    async with mailbox() as (server, port):
        sent = await channel(smtp(port)).deliver(parcel())
        assert isinstance(sent, Delivered)
        sender, to, _ = server.taken[0]
        assert (sender, to) == ("talk@gaon.example", ["hong@example.com"])
        letter = server.letter()
        assert letter["Subject"] == "[가온시] [2026-7K3M-Q9] 답변입니다."
        assert letter["From"].addresses[0].display_name == "가온시 적극톡"
        assert letter["Auto-Submitted"] == "auto-generated"
        assert letter["Message-ID"] == sent.id
        assert letter.get_content_type() == "text/plain"
        body = letter.get_content().replace("\r\n", "\n")
        assert "[2026-7K3M-Q9] 답변입니다.\n1. 판단: 있었다고 판단했습니다." in body
        assert "041-120" in body


async def test_what_can_be_done_leads_to_the_page_and_no_code_travels():
    options = (
        Option("동의합니다", command="move", arg="extension2_reply 2026-7K3M-Q9 answer=yes"),
        Option("배상 안내", url="https://gaon.example/damage"),
    )
    async with mailbox() as (server, port):
        await channel(smtp(port)).deliver(parcel(Say(NEWS, options)))
        body = server.letter().get_content()
        assert PAGE in body
        assert "· 배상 안내: https://gaon.example/damage" in body
        assert "answer=yes" not in body
        await channel(smtp(port)).deliver(
            parcel(Receipt("2026-7K3M-Q9", NEWS, code="AAAA-BBBB-CCCC-DDDD"))
        )
        assert "AAAA" not in server.letter().get_content()


async def test_every_kind_of_reply_makes_a_letter():
    async with mailbox() as (server, port):
        for reply in (
            Cards("고르세요", (Card("하나", "둘"),)),
            Sheet("가져가세요", (Block("제목", "옥상 영업"),), "글.txt"),
            Picture("blob", "지도"),
        ):
            assert isinstance(await channel(smtp(port)).deliver(parcel(reply)), Delivered)
        assert "지도" in server.letter().get_content()


@pytest.mark.parametrize(
    ("answers", "verdict"),
    [
        ({"rcpt": "550 5.1.1 no such user"}, Never("mail_nobody", peer_gone=True)),
        ({"rcpt": "550 no such user"}, Never("mail_nobody", peer_gone=True)),
        (
            {"rcpt": "550-5.1.1 The account\r\n550 5.1.1 is gone."},
            Never("mail_nobody", peer_gone=True),
        ),
        ({"rcpt": "554 5.7.1 policy"}, Never("mail_refused")),
        ({"rcpt": "550 5.7.1 203.5.1.1 is on a list"}, Never("mail_refused")),
        ({"rcpt": "550 5.2.2 mailbox full"}, Never("mail_refused")),
        ({"rcpt": "451 4.7.1 greylisted"}, Later(3600.0)),
        ({"rcpt": "452 4.2.2 mailbox full"}, Later(3600.0)),
        ({"data": "554 5.6.0 spam"}, Never("mail_refused")),
        ({"data": "451 4.3.0 later"}, Later(3600.0)),
        ({"mail": "553 5.7.1 not your address"}, Later(60.0, counts=False, fault="smtp_sender")),
        ({"data": "hang up"}, Unknown()),
        ({"rcpt": "421 4.7.0 too many"}, Later(60.0, counts=False, fault="smtp_busy")),
        ({"mail": "421 4.3.2 going down"}, Later(60.0, counts=False, fault="smtp_busy")),
        ({"data": "421 4.3.2 going down"}, Later(60.0, counts=False, fault="smtp_busy")),
    ],
)
async def test_what_the_server_says_is_the_verdict(answers, verdict):
    async with mailbox() as (server, port):
        for name, said in answers.items():
            setattr(server, name, said)
        assert await channel(smtp(port)).deliver(parcel()) == verdict
        assert server.taken == []


async def test_a_server_that_is_not_there_blames_no_letter():
    gone = await channel(smtp(_free())).deliver(parcel())
    assert gone == Later(60.0, counts=False, fault="smtp_connect")


async def test_a_server_that_must_speak_tls_and_does_not_gets_nothing():
    async with mailbox() as (server, port):
        way = smtp(port, start_tls=True)
        assert (await channel(way).deliver(parcel())).fault == "smtp_connect"
        assert server.taken == []


async def test_a_password_that_the_server_does_not_take_is_a_fault_of_ours():
    async with mailbox() as (server, port):
        way = smtp(port, username="a", password="b")
        assert (await channel(way).deliver(parcel())).fault in {"smtp_login", "smtp_connect"}
        assert server.taken == []


@pytest.mark.parametrize(
    "address",
    [
        "hong@example.com\r\nBcc: all@example.com",
        "hong@example.com\n",
        "a@b\x00.c",
        "hong@example.com, kim@example.com",
        "hong",
        "",
        "홍길동 <hong@example.com>",
        "\u202ehong@example.com",
    ],
)
async def test_an_address_that_could_write_headers_is_none(address, tmp_path):
    way = FolderPost(tmp_path, Clock(), randoms())
    assert await channel(way).deliver(parcel(address=address)) == Never("mail_address")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "said",
    [
        "첫 줄\r\nBcc: all@example.com",
        "탭\t과 \x00 영 \x1b[31m",
        "\u202e거꾸로",
        "가" * 500,
        "",
        "=?utf-8?q?=0aBcc:x?=",
    ],
)
async def test_what_a_citizen_wrote_stays_in_one_header_line(said, tmp_path):
    way = FolderPost(tmp_path, Clock(), randoms())
    assert isinstance(await channel(way).deliver(parcel(Say(said))), Delivered)
    letter = email.message_from_bytes(
        next(tmp_path.iterdir()).read_bytes(), policy=email.policy.default
    )
    assert letter["Bcc"] is None
    assert letter["Subject"].startswith("[가온시]")
    assert len(letter["Subject"]) < 100
    assert sorted(letter.keys()) == sorted(set(letter.keys()))


async def test_a_letter_that_may_have_arrived_says_so():
    async with mailbox() as (server, port):
        await channel(smtp(port)).deliver(parcel(again=True))
        assert server.letter()["Subject"].startswith("(다시 보냄) [가온시]")


async def test_a_letter_cannot_be_taken_back():
    async with mailbox() as (server, port):
        assert isinstance(await channel(smtp(port)).deliver(parcel(delete="x")), Never)
        assert server.taken == []


async def test_without_a_server_letters_are_files_for_their_owner_only(tmp_path):
    way = FolderPost(tmp_path / "mail", Clock(), randoms())
    road = channel(way)
    await asyncio.gather(*(road.deliver(parcel()) for _ in range(3)))
    files = list((tmp_path / "mail").iterdir())
    assert len(files) == 3
    assert {file.suffix for file in files} == {".eml"}
    assert all(stat.S_IMODE(file.stat().st_mode) == 0o600 for file in files)
    assert stat.S_IMODE((tmp_path / "mail").stat().st_mode) == 0o700


def test_a_preview_is_the_letter(tmp_path):
    seen = channel(FolderPost(tmp_path, Clock(), randoms())).preview(parcel())
    assert seen.text.startswith("[가온시] [2026-7K3M-Q9] 답변입니다.\n\n")


async def test_nothing_comes_by_mail(tmp_path):
    with pytest.raises(Refused):
        await channel(FolderPost(tmp_path, Clock(), randoms())).fetch("x", 1)


def test_words_leave_the_machine_only_under_tls(tmp_path):
    clock, random = Clock(), randoms()
    assert isinstance(post(None, tmp_path, clock, random), FolderPost)
    away = post("smtp://u:p%40s@mail.gaon.example", tmp_path, clock, random)
    assert away.server == Server(
        "mail.gaon.example", 587, tls=False, start_tls=True, username="u", password="p@s"
    )
    assert server("smtps://mail.gaon.example").port == 465
    assert server("smtp://localhost:1025").start_tls is None
    for wrong in ("http://x", "smtp://", "mail"):
        with pytest.raises(BadStart, match="SMTP_URL"):
            post(wrong, tmp_path, clock, random)


@pytest.mark.parametrize("sender", ["", "가온시", "a b@c", "<>"])
def test_a_sender_that_is_no_address_stops_the_start(sender, tmp_path):
    with pytest.raises(BadStart, match="MAIL_FROM"):
        channel(FolderPost(tmp_path, Clock(), randoms()), sender=sender)


class Gateway:
    def __init__(self) -> None:
        self.sent: list[tuple[str, str]] = []

    async def send(self, number, text):
        self.sent.append((number, text))
        return Delivered("1")


async def test_a_text_message_says_that_there_is_news_and_nothing_of_it():
    gateway = Gateway()
    road = SmsChannel(gateway, TEXTS, SITE, PAGE)
    assert await road.deliver(parcel(address="010-1234-5678")) == Delivered("1")
    assert gateway.sent == [("010-1234-5678", f"[가온시] 새 소식이 있어요. {PAGE}")]
    assert isinstance(await road.deliver(parcel(delete="x")), Never)
    with pytest.raises(Refused):
        await road.fetch("x", 1)
