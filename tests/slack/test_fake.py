"""The fake is as strict as it says: what it lets pass is no proof otherwise."""

from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.signature import Clock, SignatureVerifier
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.handlers.slack.client import Client, TooMany
from tests.fakes.slack import APP_TOKEN, FakeSlack
from tests.fakes.slack_errors import Slow
from tests.fakes.slack_roads import Sent
from tests.telegram.roads import served

TITLE = {"type": "plain_text", "text": "메모"}
FIELD = {
    "type": "input",
    "block_id": "note",
    "label": {"type": "plain_text", "text": "메모"},
    "element": {"type": "plain_text_input", "action_id": "value"},
}
MODAL = {"type": "modal", "title": TITLE, "submit": TITLE, "blocks": [FIELD]}
BUTTON = {
    "type": "button",
    "action_id": "act:note",
    "text": {"type": "plain_text", "text": "메모"},
    "value": "note 1",
}
QUIET = {"unfurl_links": False, "unfurl_media": False}


def error(caught: pytest.ExceptionInfo[SlackApiError]) -> str:
    return str(caught.value.response["error"])


@pytest.mark.parametrize(
    ("blocks", "why"),
    [
        ([{"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3001}}], "invalid_blocks"),
        ([{"type": "section"}], "invalid_blocks"),
        ([{"type": "divider"}] * 51, "invalid_blocks"),
        ([{"type": "actions", "elements": [BUTTON, BUTTON]}], "invalid_blocks"),
        ([FIELD], "invalid_blocks"),
        ([{"type": "actions", "elements": [{**BUTTON, "value": "x" * 2001}]}], "invalid_blocks"),
        ([{"type": "actions", "elements": [{**BUTTON, "extra": 1}]}], "invalid_blocks"),
        (
            [{"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3000}}] * 5,
            "msg_blocks_too_long",
        ),
    ],
)
async def test_blocks_over_the_limits_are_refused(
    client: Client, fake: FakeSlack, blocks: Any, why: str
) -> None:
    fake.room()
    with pytest.raises(SlackApiError) as caught:
        await client.chat_postMessage(channel="C0AUDIT", text="x", blocks=blocks, **QUIET)
    assert error(caught) == why


async def test_a_room_takes_a_short_burst_and_then_one_a_second(
    client: Client, fake: FakeSlack
) -> None:
    fake.room()
    for _ in range(fake.rates.burst):
        await client.chat_postMessage(channel="C0AUDIT", text="x", **QUIET)
    with pytest.raises(TooMany) as caught:
        await client.chat_postMessage(channel="C0AUDIT", text="x", **QUIET)
    assert caught.value.seconds == 1.0
    fake.clock += 1
    await client.chat_postMessage(channel="C0AUDIT", text="x", **QUIET)


async def test_a_trigger_is_good_once_and_for_three_seconds(
    client: Client, fake: FakeSlack
) -> None:
    person = fake.person()
    first = fake.trigger(person.id)
    await client.views_open(trigger_id=first, view=MODAL)
    with pytest.raises(SlackApiError) as caught:
        await client.views_open(trigger_id=first, view=MODAL)
    assert error(caught) == "exchanged_trigger_id"
    fake.fail("views.open", Slow(3.5))
    with pytest.raises(SlackApiError) as caught:
        await client.views_open(trigger_id=fake.trigger(person.id), view=MODAL)
    assert error(caught) == "expired_trigger_id"


async def test_what_was_typed_stays_where_its_field_stays(client: Client, fake: FakeSlack) -> None:
    person = fake.person()
    opened = await client.views_open(trigger_id=fake.trigger(person.id), view=MODAL)
    await person.types("메모", "전화함")
    more = {**FIELD, "block_id": "other"}
    view = {**MODAL, "blocks": [FIELD, more]}
    await client.views_update(view_id=opened["view"]["id"], view=view)
    assert person.view.state()["values"]["note"]["value"]["value"] == "전화함"
    await client.views_update(view_id=opened["view"]["id"], view={**MODAL, "blocks": [more]})
    assert person.view.state()["values"]["other"]["value"]["value"] is None


async def test_a_modal_that_is_sent_shows_what_is_wrong_and_closes_when_it_is_right(
    client: Client, fake: FakeSlack
) -> None:
    person = fake.person()
    seen: list[dict[str, Any]] = []
    verifier = SignatureVerifier(fake.signing_secret, clock_of(fake))

    async def take(request: Request) -> Response:
        body = await request.body()
        assert verifier.is_valid_request(body, dict(request.headers))
        seen.append({key: str(value) for key, value in (await request.form()).items()})
        if len(seen) == 1:
            return JSONResponse({"response_action": "errors", "errors": {"note": "비었어요."}})
        return Response()

    app = Starlette(routes=[Route("/slack/events", take, methods=["POST"])])
    async with served(app) as url:
        fake.signed(f"{url}/slack/events")
        await client.views_open(trigger_id=fake.trigger(person.id), view=MODAL)
        await person.submits()
        assert person.view.errors == {"note": "비었어요."}
        await person.submits()
        assert person.stack == []
        answer = await person.commands("/civic", "대기")
    assert answer.good
    assert seen[-1]["command"] == "/civic"
    assert seen[-1]["text"] == "대기"


def clock_of(fake: FakeSlack) -> Clock:
    clock = Clock()
    clock.now = lambda: fake.time  # type: ignore[method-assign]
    return clock


async def test_an_event_that_we_do_not_take_comes_again_three_times(fake: FakeSlack) -> None:
    statuses, retries = [500, 500, 500, 500], []

    async def take(request: Request) -> Response:
        retries.append(request.headers.get("X-Slack-Retry-Num"))
        return Response(status_code=statuses.pop(0))

    async with served(Starlette(routes=[Route("/", take, methods=["POST"])])) as url:
        fake.signed(f"{url}/")
        await fake.event({"type": "app_home_opened"})
        while fake.unconfirmed:
            await fake.retry()
    assert retries == [None, "1", "2", "3"]


async def test_the_real_socket_client_connects_takes_an_envelope_and_comes_again(
    client: Client, fake: FakeSlack
) -> None:
    sockets = SocketModeClient(APP_TOKEN, web_client=client, ping_interval=0.05)

    async def take(one: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
        said = {"text": request.payload["text"]}
        await one.send_socket_mode_response(SocketModeResponse(request.envelope_id, said))

    sockets.socket_mode_request_listeners.append(take)
    await sockets.connect()
    try:
        person = fake.person()
        await fake.sockets.until(1)
        answer = await person.commands("/civic", "도움말")
        assert answer.body == {"text": "도움말"}
        assert person.last.text == "도움말"
        assert person.last.to == person.id
        await fake.sockets.disconnect()
        await fake.until(lambda: len(fake.called("apps.connections.open")) == 2)
        await fake.sockets.until(1)
    finally:
        await sockets.close()


async def test_without_a_road_a_person_reads_that_it_took_too_long(fake: FakeSlack) -> None:
    person = fake.person()
    assert not (await person.commands("/civic")).good
    assert person.troubles == ["operation_timeout"]
    assert (await fake.twice(Sent("events_api", {}))).status == 0
