"""local-slack (npm) as a process, with two apps: one has sockets, one is sent signed requests.

It is played by its control routes and by the channel of its own page (`/ui`). It knows nothing of
limits, of a trigger's three seconds or of what is pressed inside a modal; and it gives each
envelope to every connection of an app, where Slack gives it to one.
"""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import aiohttp
from slack_sdk.signature import SignatureVerifier
from starlette.applications import Starlette

from bot.handlers.ladder import Load
from bot.handlers.slack.channel import LIMITS, SlackChannel
from bot.handlers.slack.client import Client
from bot.handlers.slack.sockets import Socket
from bot.handlers.slack.transport import PATH, SlackEdge, connect
from bot.worker import Worker
from tests.needs import local_slack
from tests.office.conftest import ACCOUNT, address
from tests.programs import answers, free_port, running
from tests.services.conftest import STAFF, Office
from tests.slack.town import at_once, never
from tests.telegram.roads import served

SECRET = "s3cret-of-nobody"
BOTS = {"socket": "U0SOCKET", "events": "U0EVENTS"}
ROOMS = {"socket": "C0SOCKET", "events": "C0EVENTS"}
"""One for each app: a bot that is not ours makes a room unclean."""

PICTURE = b"\x89PNG picture"

Json = dict[str, Any]


@dataclass(frozen=True)
class LocalSlack:
    """Another's idea of Slack. `heard` is where it sends the requests of the app `events`."""

    url: str
    heard: int

    @property
    def api(self) -> str:
        return f"{self.url}/api/"


@contextmanager
def emulator(folder: Path) -> Iterator[LocalSlack]:
    """Start it; skips with one line where it is not installed."""
    program = local_slack()
    port, heard = free_port(), free_port()
    apps = [
        {
            "appId": f"A0{mode.upper()}", "botUserId": bot, "botName": "적극톡", "mode": mode,
            "botToken": f"xoxb-{mode}", "appToken": f"xapp-{mode}", "signingSecret": SECRET,
            "requestUrl": f"http://127.0.0.1:{heard}{PATH}",
        }
        for mode, bot in BOTS.items()
    ]  # fmt: skip
    people = [{"id": address(who), "name": who, "real_name": of[0]} for who, of in STAFF.items()]
    members = [address(who) for who in ("kim", "park", "lim", "choi")]
    rooms = [
        {
            "id": ROOMS[mode],
            "name": f"감사실-{mode}",
            "is_private": True,
            "members": [bot, *members],
        }
        for mode, bot in BOTS.items()
    ]
    config = {
        "workspace": {"name": "가온시", "domain": "gaon", "teamId": ACCOUNT},
        "apps": apps,
        "users": people,
        "channels": rooms,
    }
    (folder / "town.json").write_text(json.dumps(config), encoding="utf-8")
    here = ["--config", "town.json", "--port", str(port), "--base-host", "127.0.0.1"]
    with running([str(program), *here], {}, folder):
        answers(f"http://127.0.0.1:{port}/_control/state")
        yield LocalSlack(f"http://127.0.0.1:{port}", heard)


@dataclass
class There:
    """Our edge at local-slack, and the people there."""

    slack: LocalSlack
    mode: str
    office: Office
    channel: SlackChannel
    edge: SlackEdge
    worker: Worker
    http: aiohttp.ClientSession = field(default_factory=aiohttp.ClientSession)

    @property
    def app(self) -> str:
        return f"A0{self.mode.upper()}"

    @property
    def room(self) -> str:
        return ROOMS[self.mode]

    async def settle(self) -> None:
        """Let everything end that was begun, and what is due be sent."""
        await self.edge.work.settle()
        while await self.worker.round():
            pass

    # ---- what stands there

    async def shown(self) -> list[Json]:
        """Give what stands in the room for everybody."""
        found = await self._control("GET", f"messages/{self.room}")
        return [one for one in found["messages"] if "ephemeral_to" not in one]

    async def told(self, login: str) -> list[Json]:
        """Give what the bot wrote to somebody alone: in his conversation, or below the room's."""
        state = await self.state()
        mine = {address(login), BOTS[self.mode]}
        direct = [one["id"] for one in state["channels"] if mine == set(one["members"])]
        alone = [
            m for m in state["messages"][self.room] if m.get("ephemeral_to") == address(login)
        ]
        return [*alone, *(m for room in direct for m in state["messages"][room])]

    async def state(self) -> Json:
        """Give all that the page of local-slack shows."""
        async with self.http.ws_connect(f"{self.slack.url}/ui") as page:
            return dict((await page.receive_json())["state"])

    async def view(self) -> Json:
        """Give the modal that is open; empty when none is."""
        return next(iter((await self.state())["modalStack"][-1:]), {})

    # ---- what people do

    async def commands(self, login: str, command: str, text: str) -> None:
        asked = {"channel": self.room, "command": command, "text": text, "appId": self.app}
        await self._control("POST", "command", user=address(login), **asked)
        await self.edge.work.settle()

    async def opens_home(self, login: str) -> Json:
        await self._control("POST", "open-home", user=address(login), appId=self.app)
        await self.edge.work.settle()
        return dict((await self.state())["homeViews"][address(login)][self.app])

    async def presses(self, login: str, label: str, message: Json) -> None:
        """Press a button below a message, as it stands there."""
        buttons = [
            button
            for block in message["blocks"]
            for button in [*block.get("elements", ()), block.get("accessory", {})]
            if button.get("type") == "button"
        ]
        found = {button["text"]["text"]: button for button in buttons}
        action = {key: found[label].get(key) for key in ("type", "action_id", "value", "text")}
        where = {"channel": message["channel"], "messageTs": message["ts"]}
        await self._control("POST", "interact", user=address(login), action=action, **where)
        await self.edge.work.settle()

    async def changes(self, login: str, **values: Json) -> None:
        """Change a field inside a modal, signed as by Slack: local-slack does not tell of it."""
        view = await self.view()
        typed = {name: {f"f:{name}": value} for name, value in values.items()}
        name, value = next(iter(values.items()))
        payload = {
            "type": "block_actions", "team": {"id": ACCOUNT}, "trigger_id": "1.2.3",
            "user": {"id": address(login), "team_id": ACCOUNT},
            "view": {**view, "state": {"values": typed}},
            "actions": [{"action_id": f"f:{name}", "block_id": name, **value}],
        }  # fmt: skip
        body, at = urlencode({"payload": json.dumps(payload)}), str(int(time.time()))
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "X-Slack-Request-Timestamp": at,
            "X-Slack-Signature": SignatureVerifier(SECRET).generate_signature(
                timestamp=at, body=body
            )
            or "",
        }
        url = f"http://127.0.0.1:{self.slack.heard}{PATH}"
        async with self.http.post(url, data=body, headers=headers) as answer:
            assert answer.status == 200
        await self.edge.work.settle()

    async def submits(self, login: str, **values: Json) -> Json:
        """Send the modal; gives what is wrong, by field."""
        typed = {name: {f"f:{name}": value} for name, value in values.items()}
        async with self.http.ws_connect(f"{self.slack.url}/ui") as page:
            await page.send_json({"t": "view_submit", "user": address(login), "values": typed})
            while True:
                heard = await page.receive_json(timeout=10)
                if heard["t"] in {"view", "view_errors"}:
                    await self.edge.work.settle()
                    return dict(heard.get("errors") or {})

    async def log(self) -> list[Json]:
        """Give all that went between it and us, and what it minded (`internal`)."""
        return list((await self._control("GET", "log"))["log"])

    async def _control(self, method: str, path: str, **body: Any) -> Json:
        url = f"{self.slack.url}/_control/{path}"
        async with self.http.request(method, url, json=body or None) as answer:
            said = await answer.json()
            assert answer.status == 200, said
            return dict(said)


@asynccontextmanager
async def there(slack: LocalSlack, mode: str, office: Office) -> AsyncIterator[There]:
    """Connect our edge to local-slack, swept clean, by one of the two roads."""
    office.svc = replace(office.svc, office=replace(office.svc.office, room=ROOMS[mode]))
    channel = SlackChannel(
        Client(f"xoxb-{mode}", slack.api),
        office.texts,
        office.svc.site.words(),
        picture={"blob1": PICTURE}.__getitem__,
    )
    # It has no limits, and nobody here waits for the next second.
    channel.limits = replace(LIMITS, per_second=1000.0, per_chat=1000.0)
    road: Json = {"app_token": f"xapp-{mode}"} if mode == "socket" else {"signing_secret": SECRET}
    edge = connect(
        channel, office.store, office.svc, Load(48), pause=at_once, patience=never, **road
    )
    if edge.signed is not None:
        edge.signed = SignatureVerifier(SECRET)  # local-slack's clock is the wall's, ours stands
    worker = Worker(office.store, office.svc, {"slack": channel}, settle_after=0.0)
    made = There(slack, mode, office, channel, edge, worker)
    await made._control("POST", "reset")
    try:
        async with _listening(made):
            yield made
    finally:
        await edge.close()
        await channel.close()
        await made.http.close()


@asynccontextmanager
async def _listening(made: There) -> AsyncIterator[None]:
    if made.edge.sockets is None:
        app = Starlette(routes=[*made.edge.routes()])
        async with served(app, port=made.slack.heard):
            yield
        return
    stop = asyncio.Event()
    # One connection: it would give each envelope to both.
    running_ = asyncio.ensure_future(Socket(made.edge.app, made.edge.sockets, never).run(stop))
    try:
        async with made.http.ws_connect(f"{made.slack.url}/ui") as page:
            while not await _connected(page):
                pass
        yield
    finally:
        stop.set()
        await running_


async def _connected(page: aiohttp.ClientWebSocketResponse) -> bool:
    heard = await page.receive_json(timeout=10)
    match heard:
        case {"t": "init", "state": {"apps": apps}}:
            return any(one["connected"] for one in apps)
        case {"t": "socket_status", "connected": bool(connected)}:
            return connected
        case {"t": "socket_status", "connected": {"connected": bool(connected)}}:
            return connected
    return False
