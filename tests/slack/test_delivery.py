"""What reaches Slack, and what its answers mean for a row, a person and the channel."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

from bot.channel import Delivered, Delivery, Later, Never, Parcel, Unknown
from bot.dialogs.replies import Card, Cards, Option, Picture, Reply, Say
from bot.errors import Refused
from bot.handlers.fetching import NotFetched
from bot.handlers.slack.channel import SlackChannel, make_fetcher
from bot.handlers.slack.client import Client, NotVendor, make_client
from bot.handlers.slack.sending import place
from bot.handlers.slack.verdicts import FORBIDDEN, GONE, OURS
from tests import issues, shipped
from tests.fakes.slack import BOT, TOKEN, FakeSlack
from tests.fakes.slack_errors import Bad, Cut, Drop, Fault, Hang, Page
from tests.fakes.slack_people import Room

TEXTS = shipped.texts()
LONG = "보도블록이 깨졌는데 " * 3000
CARD = Cards(
    "새 신고예요.", (Card("상태", "접수 대기"),), (Option("메모", command="act", arg="note 1 1"),)
)
NEWER = Cards("새 신고예요.", (Card("상태", "조사중"),))
POST = "chat.postMessage"


@dataclass
class Ticks:
    at: float = 1000.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def ticks() -> Ticks:
    return Ticks()


@pytest.fixture
def channel(client: Client, ticks: Ticks) -> SlackChannel:
    pictures = {"blob1": b"\x89PNG picture"}
    return SlackChannel(client, TEXTS, {}, picture=pictures.__getitem__, clock=ticks)


@contextmanager
def hasty(channel: SlackChannel) -> Iterator[None]:
    """Wait a tenth of a second for the answers that will not come."""
    patience, channel.client._answer = channel.client._answer, 0.1
    yield
    channel.client._answer = patience


@pytest.fixture
def room(fake: FakeSlack) -> Room:
    return fake.room("C0AUDIT", "감사실", fake.person())


async def deliver(
    channel: SlackChannel, reply: Reply = CARD, to: str = "C0AUDIT", **more: object
) -> Delivery:
    return await channel.deliver(Parcel(to, reply, "ko", **more))  # type: ignore[arg-type]


def id_of(delivery: Delivery) -> str:
    assert isinstance(delivery, Delivered)
    assert delivery.id
    return delivery.id


async def test_a_card_is_posted_into_the_room_and_named_by_room_and_time(
    channel: SlackChannel, room: Room
) -> None:
    sent = id_of(await deliver(channel))
    assert sent == room.shown[0].id
    assert "접수 대기" in room.shown[0].words
    assert room.shown[0].labels == ["메모"]


async def test_an_official_is_written_to_in_the_conversation_with_the_bot(
    channel: SlackChannel, fake: FakeSlack
) -> None:
    person = fake.person()
    sent = id_of(await deliver(channel, to=person.id))
    assert place(sent)[0] == person.direct.id
    await deliver(channel, NEWER, to=person.id, replaces=sent)
    assert [one.words for one in person.sees] == ["새 신고예요.\n상태\n조사중"]


async def test_a_card_is_edited_and_its_events_stand_in_its_thread(
    channel: SlackChannel, room: Room
) -> None:
    sent = id_of(await deliver(channel))
    await deliver(channel, Say("김감사 님이 접수했어요."), thread=sent)
    assert id_of(await deliver(channel, NEWER, replaces=sent)) == sent
    card, event = room.shown
    assert "조사중" in card.words
    assert card.labels == []
    assert card.edits == 1
    assert room.thread(card) == [event]


async def test_a_card_that_somebody_deleted_is_posted_anew(
    channel: SlackChannel, room: Room
) -> None:
    sent = id_of(await deliver(channel))
    room.messages.clear()
    newer = id_of(await deliver(channel, NEWER, replaces=sent, again=True))
    assert newer != sent
    assert "조사중" in room.shown[0].words
    assert "다시 보냄" not in room.shown[0].words


@pytest.mark.parametrize("error", ["cant_update_message", "edit_window_closed"])
async def test_a_card_that_may_not_be_edited_any_more_is_posted_anew(
    channel: SlackChannel, room: Room, fake: FakeSlack, error: str
) -> None:
    sent = id_of(await deliver(channel))
    fake.fail("chat.update", Bad(error))
    assert id_of(await deliver(channel, NEWER, replaces=sent)) != sent


async def test_an_event_of_a_card_that_is_gone_is_said_in_the_room(
    channel: SlackChannel, room: Room
) -> None:
    sent = id_of(await deliver(channel))
    room.messages.clear()
    await deliver(channel, Say("김감사 님이 접수했어요."), thread=sent)
    (event,) = room.shown
    assert event.thread is None


async def test_a_reply_that_grew_or_shrank_leaves_no_old_part_behind(
    channel: SlackChannel, room: Room, fake: FakeSlack
) -> None:
    fake.rates.on = False
    sent = id_of(await deliver(channel, CARD))
    longer = id_of(await deliver(channel, Say(LONG), replaces=sent))
    assert longer.split(",")[0] == sent
    assert len(room.shown) == len(longer.split(",")) > 2
    assert id_of(await deliver(channel, CARD, replaces=longer)) == sent
    assert [one.id for one in room.shown] == [sent]


async def test_words_without_layout_take_the_old_layout_away(
    channel: SlackChannel, room: Room
) -> None:
    sent = id_of(await deliver(channel))
    await deliver(channel, Say("<b> & *별*"), replaces=sent, plain=True)
    assert room.shown[0].blocks == []
    assert room.shown[0].text == "&lt;b&gt; &amp; *별*"
    await deliver(channel, Say("*별*"), plain=True)
    assert channel.limits.personal == "no"


@pytest.mark.parametrize(
    ("fault", "meaning"),
    [
        *[(Bad(name), Never("gone", peer_gone=True)) for name in sorted(GONE)],
        *[(Bad(name), Never("forbidden")) for name in sorted(FORBIDDEN)],
        *[(Bad(name), Later(30.0, counts=False, fault=name)) for name in sorted(OURS)],
        (Bad("ratelimited", 429, "7"), Later(7.0, counts=False)),
        (Bad("ratelimited", 429), Later(30.0, counts=False)),
        (Bad("ratelimited", 429, "soon"), Later(1.0, counts=False)),
        (Bad("ratelimited", 429, "99999999"), Later(3600.0, counts=False)),
        (Bad("rate_limited"), Later(30.0, counts=False)),
        (Bad("service_unavailable"), Later(30.0, counts=False, fault="service_unavailable")),
        (Bad("request_timeout"), Later(10.0)),
        (Bad("internal_error"), Unknown()),
        (Bad("fatal_error"), Unknown()),
        (Bad("msg_too_long"), Never("bad_request")),
        (Bad("invalid_blocks"), Never("bad_request")),
        (Bad("something_new"), Never("bad_request")),
        (Bad("service_unavailable", 503), Later(30.0, counts=False, fault="http_503")),
        (Bad("channel_not_found", 404), Later(30.0, counts=False, fault="http_404")),
        (Page(403), Later(30.0, counts=False, fault="http_403")),
        (Page(502), Later(30.0, counts=False, fault="http_502")),
        (Page(302), Later(30.0, counts=False, fault="http_302")),
        (Page(200), Later(30.0, counts=False, fault="http_200")),
        (Page(200, '"ok"'), Later(30.0, counts=False, fault="http_200")),
        (Page(200, '{"ok": false}'), Later(30.0, counts=False, fault="http_200")),
        (Page(200, "x" * (5 * 2**20)), Later(30.0, counts=False, fault="http_200")),
        (Drop(accepted=True), Unknown()),
        (Drop(accepted=False), Unknown()),  # from here it looks the same
        (Cut(), Unknown()),
    ],
    ids=lambda value: str(value)[:40],
)
async def test_only_slacks_own_json_is_a_verdict(
    channel: SlackChannel, fake: FakeSlack, room: Room, fault: Fault, meaning: Delivery
) -> None:
    fake.fail(POST, fault)
    assert await deliver(channel) == meaning


async def test_rooms_and_people_that_are_gone_are_told_from_the_rest(
    channel: SlackChannel, fake: FakeSlack, room: Room
) -> None:
    gone = Never("gone", peer_gone=True)
    assert await deliver(channel, to="C0NOWHERE") == gone
    assert await deliver(channel, to="U0NOBODY") == gone
    left = fake.person("U0LEFT", deleted=True)
    assert await deliver(channel, to=left.id) == gone
    room.archived = True
    assert await deliver(channel) == gone
    room.archived = False
    room.members.remove(BOT)
    assert await deliver(channel) == gone


async def test_an_edit_in_a_room_that_is_gone_is_no_new_message(
    channel: SlackChannel, room: Room
) -> None:
    sent = id_of(await deliver(channel))
    room.archived = True
    assert await deliver(channel, NEWER, replaces=sent) == Never("gone", peer_gone=True)


async def test_an_answer_that_does_not_come_is_unknown_for_a_post(
    channel: SlackChannel, fake: FakeSlack, room: Room
) -> None:
    fake.fail(POST, Hang())
    with hasty(channel):
        assert await deliver(channel) == Unknown()
    assert len(room.shown) == 1  # it had arrived


@pytest.mark.parametrize("fault", [Drop(), Bad("internal_error")])
async def test_an_edit_without_an_answer_is_simply_done_again(
    channel: SlackChannel, fake: FakeSlack, room: Room, fault: Fault
) -> None:
    sent = id_of(await deliver(channel))
    fake.fail("chat.update", fault)
    found = await deliver(channel, NEWER, replaces=sent)
    assert found == Later(30.0, counts=False, fault="timeout")
    assert id_of(await deliver(channel, NEWER, replaces=sent)) == sent
    assert len(room.shown) == 1


async def test_while_slack_does_not_answer_nothing_is_written_again_and_nobody_is_blamed(
    channel: SlackChannel, fake: FakeSlack, room: Room
) -> None:
    fake.down = Hang()
    with hasty(channel):
        assert await deliver(channel) == Unknown()
        for _ in range(3):
            assert await deliver(channel) == Later(30.0, counts=False, fault="timeout")
    assert len(room.shown) == 1
    fake.down = None
    assert isinstance(await deliver(channel, again=True), Delivered)
    assert len(fake.called(POST)) == 2


@pytest.mark.parametrize(
    ("fault", "meaning"),
    [
        (Page(503), Later(30.0, counts=False, fault="http_503")),
        (Bad("invalid_auth"), Later(30.0, counts=False, fault="invalid_auth")),
        (Bad("ratelimited", 429, "9"), Later(9.0, counts=False)),
        (Bad("internal_error"), Later(30.0, counts=False, fault="timeout")),
        (Bad("something_new"), Later(30.0, counts=False, fault="timeout")),
    ],
    ids=str,
)
async def test_what_is_asked_before_a_message_is_no_verdict_on_it(
    channel: SlackChannel, fake: FakeSlack, room: Room, fault: Fault, meaning: Delivery
) -> None:
    fake.fail(POST, Page(503))
    await deliver(channel)
    fake.fail("auth.test", fault, fault)
    assert await deliver(channel) == meaning
    assert await deliver(channel, delete="C0AUDIT:1.1") == meaning
    assert isinstance(await deliver(channel), Delivered)
    assert isinstance(await deliver(channel), Delivered)
    assert len(fake.called("auth.test")) == 3  # once it is well nobody asks


async def test_a_revoked_token_is_a_fault_of_the_channel_and_ends_with_a_new_one(
    channel: SlackChannel, fake: FakeSlack, room: Room
) -> None:
    fake.revoked = "token_revoked"
    fault = Later(30.0, counts=False, fault="token_revoked")
    assert await deliver(channel) == fault
    assert await deliver(channel) == fault
    fake.revoked = ""
    assert isinstance(await deliver(channel), Delivered)


async def test_where_nobody_listens_nothing_was_sent(ticks: Ticks) -> None:
    channel = SlackChannel(make_client(TOKEN, "http://127.0.0.1:9/api"), TEXTS, {}, clock=ticks)
    assert await deliver(channel) == Later(10.0, counts=False, fault="network")
    await channel.close()


async def test_slack_is_not_asked_before_it_said_that_it_may_be(
    channel: SlackChannel, fake: FakeSlack, room: Room, ticks: Ticks
) -> None:
    other = fake.room("C0OTHER", "다른 방")
    fake.fail(POST, Bad("ratelimited", 429, "20"))
    assert await deliver(channel) == Later(20.0, counts=False)
    ticks.at += 5
    assert await deliver(channel) == Later(15.0, counts=False)
    assert len(fake.called(POST)) == 1
    assert isinstance(await deliver(channel, to=other.id), Delivered)
    ticks.at += 15
    assert isinstance(await deliver(channel), Delivered)


async def test_a_limit_for_edits_holds_all_edits_and_no_post(
    channel: SlackChannel, fake: FakeSlack, room: Room, ticks: Ticks
) -> None:
    sent = id_of(await deliver(channel))
    fake.fail("chat.update", Bad("ratelimited", 429, "20"))
    assert await deliver(channel, NEWER, replaces=sent) == Later(20.0, counts=False)
    assert await deliver(channel, NEWER, replaces=sent) == Later(20.0, counts=False)
    assert len(fake.called("chat.update")) == 1
    assert isinstance(await deliver(channel), Delivered)


async def test_a_limit_in_the_middle_of_a_long_reply_doubles_nothing(
    channel: SlackChannel, fake: FakeSlack, room: Room, ticks: Ticks
) -> None:
    fake.rates.burst = 2
    first = await deliver(channel, Say(LONG))
    assert isinstance(first, Later)
    assert len(room.shown) == 2
    while isinstance(first, Later):
        ticks.at += first.after
        fake.clock += first.after
        first = await deliver(channel, Say(LONG))
    assert id_of(first) == ",".join(one.id for one in room.shown)
    assert " ".join(" ".join(one.words.split()) for one in room.shown) == LONG.strip()


async def test_a_long_reply_to_somebody_who_left_is_forgotten(
    channel: SlackChannel, fake: FakeSlack, room: Room
) -> None:
    fake.fail(POST, *[Bad("is_archived")] * 2)
    assert await deliver(channel, Say(LONG)) == Never("gone", peer_gone=True)
    assert channel._sender._begun == {}


async def test_messages_are_deleted_and_what_is_gone_already_is_no_trouble(
    channel: SlackChannel, fake: FakeSlack, room: Room
) -> None:
    sent = id_of(await deliver(channel))
    kept = id_of(await deliver(channel))
    assert await deliver(channel, delete=sent) == Delivered()
    assert await deliver(channel, delete=sent) == Delivered()
    assert [one.id for one in room.shown] == [kept]
    fake.fail("chat.delete", Bad("cant_delete_message"), Bad("invalid_auth"), Page(503))
    assert await deliver(channel, delete=kept) == Never("too_old")
    ours = Later(30.0, counts=False, fault="invalid_auth")
    assert await deliver(channel, delete=kept) == ours
    assert await deliver(channel, delete=kept) == Later(30.0, counts=False, fault="http_503")
    room.archived = True
    assert await deliver(channel, delete=kept) == Delivered()


@pytest.mark.parametrize("fault", [Drop(), Bad("fatal_error")])
async def test_a_deletion_without_an_answer_is_done_again(
    channel: SlackChannel, fake: FakeSlack, room: Room, fault: Fault
) -> None:
    sent = id_of(await deliver(channel))
    fake.fail("chat.delete", fault)
    found = await deliver(channel, delete=sent)
    assert found == Later(30.0, counts=False, fault="timeout")


async def test_a_picture_goes_to_a_room_and_to_a_person(
    channel: SlackChannel, fake: FakeSlack, room: Room
) -> None:
    reply = Picture("blob1", alt="막대그래프", caption="11월 처리 현황 <b>")
    card = id_of(await deliver(channel))
    assert await deliver(channel, reply, thread=card) == Delivered()
    assert await deliver(channel, reply, to="U0KIM") == Delivered()
    in_room, to_person = room.shown[-1], fake.people["U0KIM"].direct.shown[-1]
    assert in_room.thread == room.shown[0].ts
    for shown in (in_room, to_person):
        assert shown.file == b"\x89PNG picture"
        assert shown.text == "11월 처리 현황 &lt;b&gt;"


async def test_where_the_app_may_send_no_picture_its_words_go(
    channel: SlackChannel, fake: FakeSlack, room: Room
) -> None:
    fake.scopes.discard("files:write")
    assert isinstance(await deliver(channel, Picture("blob1", alt="막대그래프")), Delivered)
    assert room.shown[-1].text == "막대그래프"


@pytest.mark.parametrize(
    ("fault", "meaning"),
    [
        (Page(403), Later(30.0, counts=False, fault="http_403")),
        (Page(429), Later(30.0, counts=False)),
    ],
)
async def test_the_host_of_files_is_a_host_like_the_other(
    channel: SlackChannel, fake: FakeSlack, room: Room, fault: Fault, meaning: Delivery
) -> None:
    fake.fail("upload", fault)
    assert await deliver(channel, Picture("blob1", alt="막대그래프")) == meaning
    assert room.shown == []


async def test_a_file_of_ours_is_never_handed_to_a_strange_host(
    channel: SlackChannel, fake: FakeSlack, room: Room
) -> None:
    for url in ("https://evil.example/upload/v1/x", "http://files.slack.com/x", "file:///x"):
        with pytest.raises(NotVendor):
            await channel.client._upload_file(url=url, data=b"x")
        with pytest.raises(NotVendor):
            await channel.client.respond(url, {"text": "x"})


async def test_an_answer_to_a_press_goes_to_its_address_and_its_end_is_told(
    client: Client, fake: FakeSlack
) -> None:
    person = fake.person()
    url = fake.answer_url(person.direct.id, person.id)
    for _ in range(5):
        await client.respond(url, {"text": "접수했어요."})
    assert [one.text for one in person.sees] == ["접수했어요."] * 5
    assert {one.to for one in person.sees} == {person.id}
    with pytest.raises(NotVendor):  # five times in half an hour
        await client.respond(url, {"text": "접수했어요."})


async def test_the_desk_shows_what_would_be_sent(channel: SlackChannel) -> None:
    reply = Cards(
        "모두예요.",
        (Card("2026-7K3M-Q9", "접수 대기", (Option("열기", url="https://desk.example"),)),),
        (Option("모두 보기", url="https://desk.example"),),
    )
    preview = channel.preview(Parcel("C0AUDIT", reply, "ko"))
    assert preview.text == "모두예요.\n\n2026-7K3M-Q9\n접수 대기"
    assert preview.buttons == (("열기",), ("모두 보기",))


def test_a_message_is_named_by_its_room_and_its_time() -> None:
    assert place("C1:1.2") == ("C1", "1.2")
    for wrong in ("", "C1", "C1:", ":1.2"):
        with pytest.raises(ValueError, match="no message"):
            place(wrong)


async def test_without_pictures_of_ours_one_is_a_bug(client: Client, fake: FakeSlack) -> None:
    with pytest.raises(LookupError):
        await deliver(SlackChannel(client, TEXTS, {}), Picture("blob1", alt="x"))


async def test_a_file_of_an_official_comes_from_slacks_own_host_only(
    channel: SlackChannel, fake: FakeSlack
) -> None:
    sent = fake.keep("사진.png", b"\x89PNG")
    assert await channel.fetch(sent["url_private"], 100) == b"\x89PNG"
    with pytest.raises(Refused, match=r"fetch\.too_large"):
        await channel.fetch(sent["url_private"], 3)
    for url in ("https://evil.example/x", "https://files.slack.com.evil.example/x", "x"):
        with pytest.raises(Refused, match=r"fetch\.not_allowed"):
            await channel.fetch(url, 100)
    real = make_fetcher("xoxb-1", "https://slack.com/api")
    assert real.hosts == {"files.slack.com"}
    assert real.authorization == {"files.slack.com": "Bearer xoxb-1"}
    assert real.own is None
    with pytest.raises((Refused, NotFetched)):
        await real.fetch(sent["url_private"], 100)


async def test_the_token_stands_in_no_log_line_and_goes_to_no_proxy(
    fake: FakeSlack, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    caplog.set_level(logging.DEBUG)
    fake.person()
    channel = SlackChannel(Client(fake.token, fake.api_url), TEXTS, {})
    for fault in (Page(403), Drop(), Bad("invalid_auth"), Bad("x"), Cut(), None):
        fake.fail(POST, *([fault] if fault else []))
        await deliver(channel, Say("길이 파였어요"), to="U0KIM")
    await channel.close()
    assert fake.people["U0KIM"].sees
    assert fake.token not in caplog.text
    assert "파였" not in caplog.text


async def test_an_issue_comes_without_its_pictures_where_slack_cannot_fetch_them(
    channel: SlackChannel, fake: FakeSlack, room: Room
) -> None:
    fake.fail(POST, Bad("invalid_blocks"))
    await deliver(channel, issues.cards())
    first, second = fake.called(POST)
    assert "image_url" in str(first.params["blocks"])
    assert "image_url" not in str(second.params["blocks"])
    assert "그림 5: 출처." in str(second.params["blocks"])
    fake.fail(POST, Bad("invalid_blocks"))
    assert await deliver(channel, CARD) == Never("bad_request")


async def test_the_preview_of_an_issue_has_its_pictures_in_their_places(
    channel: SlackChannel,
) -> None:
    made = channel.preview(Parcel("C0AUDIT", issues.monthly(), "ko"))
    before, after = made.pieces
    assert (before.pictures, after.pictures) == ((), (0,))
    assert before.text.endswith("지난달 숫자\n\n신고 31건 가운데 28건을 기한 안에 답했습니다.")
    assert after.text.startswith("옥외 영업 지침")
    assert made.buttons == (("누리집에서 보기", "그만 받기"),)
