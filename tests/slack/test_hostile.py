"""Three hundred hostile strings at this edge: Slack refuses none, none calls anybody."""

import itertools
from collections.abc import AsyncIterator

import pytest

from bot.channel import Delivered, Parcel
from bot.dialogs.replies import Card, Cards, Option, Picture, Reply, Say
from bot.handlers.slack.channel import SlackChannel
from bot.handlers.slack.client import Client
from bot.handlers.slack.render import BLOCKS, render
from tests import issues, shipped
from tests.fakes.slack import FakeSlack
from tests.fakes.slack_blocks import check_blocks

PIECES = (
    "<!channel> <!here> <!everyone>",
    "<@U0123ABCD> <#C0123ABCD> <!subteam^S01|감사실>",
    "<http://evil.example|청렴포털>",
    "http://evil.example www.evil.example",
    "<!date^1392734382^{date}^https://evil.example|어제>",
    "*별* _밑줄_ ~줄~ `코드` ```여러 줄```",
    "> 인용 :tada: &lt;!channel&gt; &amp;amp;",
    "<b>x</b><script>alert(1)</script>",
    "\u202e거꾸로\u202c",
    "\u200b\u200c\u200d\u2060\ufeff",
    "\x00\x01\x07\x1b[31m",
    "𠀀𠀁 한글 ㅎㅏㄴ 한",
    "👨‍👩‍👧‍👦🏳️‍🌈🇰🇷👍🏽",
    "ﷺ" * 30,
    "Z̷̢͓͇̺̖͕̔̊͌̽a̴l̵g̶o̷",
    "{agency} {0} %s %(x)s ${x} {{7*7}}",
    "\r\nBcc: x@example.com",
    "\t \n \u3000\xa0",
    "가" * 5000,
    "a" * 9000,
    "<" * 4000,
    "&" * 4000,
    "\n" * 300 + "끝",
    "",
)
HOSTILE = tuple(a + b for a, b in itertools.islice(itertools.product(PIECES, PIECES), 600))[::2]


def replies(text: str) -> tuple[Reply, ...]:
    option = Option(text, command="act", arg="note 1 1", hint=text)
    link = Option(text, url="https://desk.gaon.example/desk")
    return (
        Say(text, (option, link)),
        Cards(text, (Card(text, text), Card("상태", text), Card(text, text, (option,))), (link,)),
        Cards("목록", (Card(text, text, (option, link)),)),
        Picture("blob1", text),
        issues.hostile(text),
    )


@pytest.fixture
async def channel(fake: FakeSlack) -> AsyncIterator[SlackChannel]:
    client = Client(fake.token, fake.api_url)
    pictures = {"blob1": b"\x89PNG"}
    yield SlackChannel(client, shipped.texts(), {}, picture=pictures.__getitem__)
    await client.close()


async def test_no_string_is_refused_and_none_calls_anybody(
    channel: SlackChannel, fake: FakeSlack
) -> None:
    person = fake.person()
    fake.rates.on = False  # this is not about floods
    for number, text in enumerate(HOSTILE):
        kind = replies(text)[number % 5]
        plain = number % 6 == 0
        delivered = await channel.deliver(Parcel(person.id, kind, "ko", plain=plain))
        assert isinstance(delivered, Delivered), (number, delivered)
    assert len(person.sees) >= len(HOSTILE)
    assert fake.pings == []
    assert set(fake.links) == {"https://gaon.example/cases/x"}  # our own


def test_no_string_breaks_the_layout_of_an_issue(channel: SlackChannel) -> None:
    for text in HOSTILE[::3]:
        (message,) = render(issues.hostile(text), channel.speak("ko"))
        check_blocks(list(message.blocks), BLOCKS)
        check_blocks(list(message.bare), BLOCKS)
