"""News to Telegram: few requests, pictures uploaded once, what has arrived is not sent again."""

from collections.abc import Mapping
from dataclasses import replace

import pytest
from telegram import Bot

from bot.channel import (
    Carried,
    Delivered,
    Delivery,
    Later,
    Moved,
    Never,
    Parcel,
    Unknown,
)
from bot.dialogs.replies import News, Part
from bot.handlers import telegram_news
from bot.handlers.telegram import TelegramChannel, make_fetcher
from bot.locale import Span
from tests import issues, shipped
from tests.fakes.telegram import FakeTelegram
from tests.fakes.telegram_people import Person
from tests.fakes.telegram_rules import Bad, Cut, Drop, Fault, Page

PNG = b"\x89PNG"
TOO_MANY = Bad(429, "Too Many Requests: retry after 7", retry_after=7)


@pytest.fixture
def person(fake: FakeTelegram) -> Person:
    fake.flood.burst, fake.flood.clock = 50, 1000.0  # this is not about floods
    made = fake.person()
    made.says("/start")
    return made


def carried(count: int, *uploaded: str | None) -> Carried:
    return Carried(tuple(PNG + bytes([n]) for n in range(count)), uploaded)


async def deliver(
    channel: TelegramChannel, reply: News, with_: Carried | None = None, **more: object
) -> Delivery:
    return await channel.deliver(Parcel("5001", reply, "ko", carried=with_, **more))  # type: ignore[arg-type]


def names(delivery: Delivery) -> tuple[str, ...]:
    assert isinstance(delivery, Delivered), delivery
    return delivery.uploaded


def methods(fake: FakeTelegram) -> list[str]:
    return [call.method for call in fake.calls]


async def test_one_picture_carries_the_words_and_the_buttons(
    channel: TelegramChannel, fake: FakeTelegram, person: Person
) -> None:
    delivered = await deliver(channel, issues.monthly(), carried(1))
    assert methods(fake) == ["sendPhoto"]
    assert names(delivered) == ("id1",)
    assert person.last.photo == PNG + b"\0"
    assert person.last.text.startswith("월간 적극행정 2026년 11월호\n\n새 사례")
    assert person.last.text.endswith("그림: 막대그래프: 9월 25건, 10월 28건, 11월 31건")
    assert person.last.labels == ["누리집에서 보기", "그만 받기"]
    links = [one["url"] for one in person.last.entities if one["type"] == "text_link"]
    assert links[0] == "https://gaon.example/cases/gaon-2026-3"


async def test_words_too_long_for_a_caption_stand_under_their_picture(
    channel: TelegramChannel, fake: FakeTelegram, person: Person
) -> None:
    long = replace(issues.monthly(), lead="공유 주차장 " * 200)
    delivered = await deliver(channel, long, carried(1))
    assert methods(fake) == ["sendPhoto", "sendMessage"]
    photo, words = person.heard
    assert (photo.text, photo.keys, words.labels[-1]) == ("", [], "그만 받기")
    assert delivered == Delivered(f"{photo.id},{words.id}", ("id1",))


async def test_card_news_is_an_album_and_its_words(
    channel: TelegramChannel, fake: FakeTelegram, person: Person
) -> None:
    delivered = await deliver(channel, issues.cards(5), carried(5))
    assert methods(fake) == ["sendMediaGroup", "sendMessage"]
    *album, words = person.heard
    assert [shown.photo for shown in album] == [PNG + bytes([n]) for n in range(5)]
    assert not any(shown.keys for shown in album)
    assert "그림 2: 문제." in words.text
    assert words.labels == ["누리집에서 보기", "그만 받기"]
    assert names(delivered) == ("id1", "id2", "id3", "id4", "id5")
    assert isinstance(delivered, Delivered)
    assert delivered.id == ",".join(str(shown.id) for shown in person.heard)


async def test_eleven_pictures_are_two_albums_and_none_stands_alone(
    channel: TelegramChannel, fake: FakeTelegram, person: Person
) -> None:
    delivered = await deliver(channel, issues.cards(11), carried(11))
    assert methods(fake) == ["sendMediaGroup", "sendMediaGroup", "sendMessage"]
    assert len(person.heard) == 12
    assert len(names(delivered)) == 11


async def test_pictures_go_up_once_and_are_named_after_that(
    channel: TelegramChannel, fake: FakeTelegram, person: Person
) -> None:
    reply = issues.cards(2)
    first = names(await deliver(channel, reply, carried(2)))
    fake.calls.clear()
    assert names(await deliver(channel, reply, carried(2, *first))) == first
    assert names(await deliver(channel, reply, Carried(uploaded=first))) == first
    assert names(await deliver(channel, reply, carried(2))) == first  # learnt by the channel
    assert not any(call.files for call in fake.calls)


async def test_a_large_picture_goes_up(channel: TelegramChannel, person: Person) -> None:
    large = Carried((PNG + bytes(2 * 2**20),))
    assert len(names(await deliver(channel, issues.cards(1), large))) == 1


async def test_what_is_missing_alone_is_uploaded(
    channel: TelegramChannel, fake: FakeTelegram, person: Person
) -> None:
    (known,) = names(await deliver(channel, issues.cards(1), carried(1)))
    fake.calls.clear()
    second = names(await deliver(channel, issues.cards(2), carried(2, known, None)))
    assert second[0] == known
    assert list(fake.calls[0].files) == ["p1"]
    assert list(fake.calls[0].params) == ["chat_id", "media"]


@pytest.mark.parametrize("count", [1, 3])
async def test_an_id_that_the_vendor_refuses_is_uploaded_anew_and_never_tried_again(
    channel: TelegramChannel, fake: FakeTelegram, person: Person, count: int
) -> None:
    reply = issues.cards(count)
    old = tuple(f"old{n}" for n in range(count))
    new = names(await deliver(channel, reply, carried(count, *old)))
    assert not set(new) & set(old)
    fake.calls.clear()
    assert names(await deliver(channel, reply, carried(count, *old))) == new
    assert not any(call.files for call in fake.calls)


async def test_a_refused_id_without_its_bytes_is_a_no(
    channel: TelegramChannel, person: Person
) -> None:
    delivered = await deliver(channel, issues.cards(1), Carried(uploaded=("old",)))
    assert delivered == Never("bad_request")


async def test_an_issue_that_lacks_a_picture_is_not_sent_at_all(
    channel: TelegramChannel, fake: FakeTelegram, person: Person
) -> None:
    with pytest.raises(ValueError, match="lacks a picture"):
        await deliver(channel, issues.cards(3), carried(2))
    assert fake.calls == []


async def test_words_that_did_not_follow_their_pictures_come_without_them_the_next_time(
    channel: TelegramChannel, fake: FakeTelegram, person: Person
) -> None:
    reply = issues.cards(3)
    fake.fail("sendMessage", TOO_MANY)
    assert await deliver(channel, reply, carried(3)) == Later(7.0, counts=False)
    delivered = await deliver(channel, replace(reply), carried(3))
    assert methods(fake) == ["sendMediaGroup", "sendMessage", "sendMessage"]
    assert len(names(delivered)) == 3


@pytest.mark.parametrize("with_", [None, Carried()])
async def test_without_pictures_at_hand_their_words_are_sent(
    channel: TelegramChannel, fake: FakeTelegram, person: Person, with_: Carried | None
) -> None:
    await deliver(channel, issues.cards(3), with_)
    await deliver(channel, issues.monthly(), carried(1), plain=True)
    assert methods(fake) == ["sendMessage", "sendMessage"]
    cards, plain = person.heard
    assert "그림 3: 한 일." in cards.text
    assert plain.entities == []
    assert plain.labels == ["누리집에서 보기", "그만 받기"]


class Counted:
    """The texts, and how often a headline was asked of them."""

    def __init__(self) -> None:
        self.headlines = 0

    def spans(self, words: object, lang: str, site: Mapping[str, str]) -> tuple[Span, ...]:
        self.headlines += words == issues.monthly().text
        return shipped.texts().spans(words, lang, site)


async def test_an_issue_is_laid_out_once_for_everybody(bot: Bot, fake: FakeTelegram) -> None:
    texts = Counted()
    channel = TelegramChannel(bot, texts, {}, fetcher=make_fetcher(fake.url))  # type: ignore[arg-type]
    reply = replace(issues.monthly(), pictures=())
    for account in range(6001, 6021):
        fake.person(account).says("/start")
        parcel = Parcel(str(account), reply, "ko")
        assert isinstance(await channel.deliver(parcel), Delivered)
    assert texts.headlines == 1
    assert {call.params["chat_id"] for call in fake.calls} == {str(n) for n in range(6001, 6021)}
    fake.flood.clock += 60
    await channel.deliver(Parcel("6001", reply, "en"))
    await channel.deliver(Parcel("6001", reply, "ko", again=True))
    assert texts.headlines == 3
    assert fake.people[6001].last.text.startswith("(다시 보냄)")


async def test_no_more_than_a_few_stay_laid_out(channel: TelegramChannel, person: Person) -> None:
    for number in range(12):
        reply = replace(issues.monthly(), number=str(number), text=f"{number}호")
        await deliver(channel, reply)
        assert person.last.text.startswith(f"{number}호")
    assert len(channel._issues._kept) == telegram_news.KEPT


@pytest.mark.parametrize(
    ("fault", "meaning"),
    [
        (TOO_MANY, Later(7.0, counts=False)),
        (Bad(403, "Forbidden: bot was blocked by the user"), Never("gone", peer_gone=True)),
        (Bad(400, "Bad Request: chat not found"), Never("gone", peer_gone=True)),
        (Bad(400, "Bad Request: migrated", migrate_to_chat_id=-1002), Moved("-1002")),
        (Bad(500, "Internal Server Error"), Later(10.0)),
        (Bad(401, "Unauthorized"), Later(30.0, counts=False, fault="http_401")),
        (Page(403), Later(30.0, counts=False, fault="http_403")),
        (Page(200), Later(30.0, counts=False, fault="http_200")),
        (Drop(accepted=True), Unknown()),
        (Cut(), Unknown()),
    ],
    ids=str,
)
@pytest.mark.parametrize("method", ["sendMessage", "sendMediaGroup"])
async def test_only_the_vendors_own_json_is_a_verdict_on_a_reader(
    channel: TelegramChannel,
    fake: FakeTelegram,
    person: Person,
    method: str,
    fault: Fault,
    meaning: Delivery,
) -> None:
    fake.fail(method, fault)
    assert await deliver(channel, issues.cards(2), carried(2)) == meaning


async def test_a_long_issue_is_as_few_messages_as_it_can_be(
    channel: TelegramChannel, fake: FakeTelegram, person: Person
) -> None:
    parts = tuple(Part(f"{n}번", "가나다라 " * 110, "https://gaon.example/c") for n in range(20))
    delivered = await deliver(channel, replace(issues.monthly(), parts=parts, pictures=()))
    assert len(person.heard) == 3
    assert [bool(shown.keys) for shown in person.heard] == [False, False, True]
    assert isinstance(delivered, Delivered)


@pytest.mark.parametrize("count", [1, 3])
async def test_the_preview_of_an_issue_is_what_arrives(
    channel: TelegramChannel, person: Person, count: int
) -> None:
    reply = issues.monthly() if count == 1 else issues.cards(count)
    parcel = Parcel("5001", reply, "ko", carried=carried(count))
    await channel.deliver(parcel)
    made = channel.preview(parcel)
    assert [one.text for one in made.pieces if one.text] == [
        shown.text for shown in person.heard if shown.text
    ]
    assert sum((one.pictures for one in made.pieces), ()) == tuple(range(count))
    assert made.buttons == (("누리집에서 보기", "그만 받기"),)
    assert made.text == person.last.text
    assert not any(one.pictures for one in channel.preview(Parcel("", reply, "ko")).pieces)


async def test_a_button_that_telegram_would_refuse_is_left_out(
    channel: TelegramChannel, person: Person
) -> None:
    page = "http://localhost:8080/news/2026-11"
    reply = replace(issues.monthly(), page=page, options=issues.options(page=page))
    await deliver(channel, reply)
    assert person.last.labels == ["그만 받기"]
