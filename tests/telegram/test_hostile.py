"""Three hundred hostile strings at this edge: the vendor refuses none, none becomes markup."""

import itertools

from bot.channel import Carried, Delivered, Parcel
from bot.dialogs.replies import (
    Ask,
    Block,
    Card,
    Cards,
    Elsewhere,
    Item,
    Option,
    Picture,
    Receipt,
    Reply,
    Say,
    Sheet,
    Summary,
)
from bot.handlers.telegram import TelegramChannel
from bot.handlers.telegram_delivery import entities, markup
from bot.handlers.telegram_render import render
from tests import issues
from tests.fakes import telegram_rules as rules
from tests.fakes.telegram import FakeTelegram

PIECES = (
    "<b>x</b>",
    "<script>alert(1)</script>",
    "*별* _밑줄_ `코드` [링크](https://evil.example)",
    "<@U123> <!channel> <http://evil.example|청렴포털>",
    "\u202e거꾸로\u202c",
    "\u200b\u200c\u200d\u2060\ufeff",
    "\x00\x01\x07\x1b[31m",
    "𠀀𠀁 한글 ㅎㅏㄴ 한",
    "👨‍👩‍👧‍👦🏳️‍🌈🇰🇷👍🏽",
    "ﷺ" * 30,
    "Z̷̢͓͇̺̖͕̔̊͌̽a̴l̵g̶o̷",
    '=HYPERLINK("https://evil.example")',
    "../../etc/passwd",
    "{agency} {0} %s %(x)s ${x} {{7*7}}",
    "/start /stop@jeokgeuk_bot",
    "tg://user?id=1",
    "\r\nBcc: x@example.com",
    "\t \n \u3000\xa0",
    "가" * 5000,
    "a" * 9000,
    "\n" * 300 + "끝",
    "שלום مرحبا",
    "@everyone #태그 $100",
    "",
)
PICTURES = Carried((b"\x89PNG", b"\x89PNG"))
HOSTILE = tuple(a + b for a, b in itertools.islice(itertools.product(PIECES, PIECES), 300))


def replies(text: str) -> tuple[Reply, ...]:
    option = Option(text, index=0, hint=text)
    items = (Item("what", text, text, full=text), Item("wish", "바라는 것", text))
    return (
        Say(text, (option,), turn=1),
        Ask("what", "long", text, 1, hint=text, error=text, progress=(1, 9), options=(option,)),
        Summary(text, items, 1, (option,), notice=text),
        Cards(text, (Card(text, text, (option,)), Card(text, text)), turn=1),
        Receipt("2026-7K3M-Q9", text, options=(option,), turn=1),
        Elsewhere(text, "https://gaon.example/c#x", text),
        Picture("blob1", text),
        Sheet(text, (Block(text, text), Block("까닭", text)), text, (option,), turn=1),
        issues.hostile(text),
    )


async def test_no_string_is_refused_and_none_becomes_markup(
    channel: TelegramChannel, fake: FakeTelegram
) -> None:
    person = fake.person()
    person.says("/start")
    fake.flood.burst = 50  # this is not about floods
    for number, text in enumerate(HOSTILE):
        kind = replies(text)[number % 9]
        fake.flood.clock += 60
        delivered = await channel.deliver(Parcel("5001", kind, "ko", carried=PICTURES))
        assert isinstance(delivered, Delivered), (number, delivered)
    for shown in person.heard:
        assert {entity["type"] for entity in shown.entities} <= {
            "bold",
            "expandable_blockquote",
            "pre",
            "text_link",
        }
    assert all("parse_mode" not in call.params for call in fake.calls)


def test_no_string_breaks_the_layout_of_an_issue(channel: TelegramChannel) -> None:
    for text in HOSTILE:
        for message in render(issues.hostile(text), channel._speak("ko")):
            if message.part.text:
                rules.check_text(message.part.text, 4096, "message")
            rules.check_entities(message.part.text, entities(message.part.marks))
            rules.check_markup(markup(message))


async def test_a_name_cannot_turn_our_sentence_around(
    channel: TelegramChannel, fake: FakeTelegram
) -> None:
    person = fake.person()
    person.says("/start")
    await channel.deliver(Parcel("5001", Say("\u202e홍길동\u202c님"), "ko"))
    assert person.last.text == "홍길동님"
