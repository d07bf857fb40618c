"""A strict Slack on 127.0.0.1, as far as our service uses it.

It keeps the vendor's limits (`slack_blocks`, `slack_rules`), its rooms, people and views
(`slack_people`), its two roads to us (`slack_roads`) and its faults, each on demand: 429, a proxy's
page, an answer that never comes, a dropped connection. `clock` is Slack's own time in seconds: a
trigger lives three of them, whatever a real clock says.
"""

import asyncio
import itertools
import json
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

from tests.fakes import slack_rules as rules
from tests.fakes.slack_blocks import elements
from tests.fakes.slack_errors import JSON, Bad, Call, Cut, Drop, Fault, Hang, Page, Slow
from tests.fakes.slack_methods import SCOPES, Methods
from tests.fakes.slack_people import Person, Room, Shown, View
from tests.fakes.slack_roads import STUCK, Answer, Road, Sent, Signed, Sockets

TOKEN = "xoxb-REHEARSAL-4711-AAHdqTcvCH1vGWJxfSeofSAs"
APP_TOKEN = "xapp-1-REHEARSAL-4711-0123456789abcdef"
SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
START = 1_795_395_600.0  # Monday 2026-11-23, 10:00 in Seoul
TRIGGER_SECONDS = 3.0
ANSWERS, ANSWER_SECONDS = 5, 1800.0
"""How often and how long a `response_url` may be used (handling-user-interaction)."""

BOT = "UBOT"


class FakeSlack:
    """One workspace with our app in it."""

    def __init__(self, team: str = "T0GAON") -> None:
        self.team = team
        self.enterprise: str | None = None
        self.app_id = "A0APP"
        self.token, self.app_token, self.signing_secret = TOKEN, APP_TOKEN, SECRET
        self.scopes = set(SCOPES.values()) | {"connections:write"}
        self.revoked = ""  # why no token is good any more
        self.clock = 0.0
        self.start: Callable[[], float] = lambda: START
        self.stuck = STUCK
        self.rates = rules.Rates()
        self.people: dict[str, Person] = {}
        self.rooms: dict[str, Room] = {}
        self.calls: list[Call] = []
        self.faults: dict[str, deque[Fault]] = defaultdict(deque)
        self.down: Fault | None = None  # what every call meets
        self.pings: list[str] = []  # whom anything we sent would have called
        self.links: list[str] = []  # addresses in what Slack reads as markup
        self.files: dict[str, JSON] = {}
        self.unconfirmed: list[Sent] = []  # events that we did not take
        self.sockets = Sockets(self)
        self.road: Road = self.sockets
        self.port = 0
        self.stopping = asyncio.Event()
        self._methods = Methods(self)
        self._moved = asyncio.Event()
        self._numbers: dict[str, itertools.count[int]] = defaultdict(lambda: itertools.count(1))
        self._triggers: dict[str, tuple[str, float]] = {}
        self._answers: dict[str, tuple[str, str, str | None, float]] = {}
        self._answered: dict[str, int] = defaultdict(int)

    # ---- the test's side

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def api_url(self) -> str:
        return f"{self.url}/api"

    @property
    def time(self) -> float:
        """Give Slack's time in seconds since 1970; `start` may be a test's own clock."""
        return self.start() + self.clock

    def signed(self, url: str) -> Signed:
        """Reach us by requests to this address from now on."""
        self.road = road = Signed(self, url)
        return road

    def person(self, account: str = "U0KIM", name: str = "김감사", **flags: Any) -> Person:
        self.people[account] = Person(self, account, name, **flags)
        return self.people[account]

    def room(self, account: str = "C0AUDIT", name: str = "감사실", *members: Person) -> Room:
        made = Room(account, name, members=[BOT, *(person.id for person in members)])
        self.rooms[account] = made
        return made

    def direct(self, account: str) -> Room:
        """Give the conversation of the bot with one person; it is there from the first word."""
        name = f"D{account[1:]}"
        if name not in self.rooms:
            self.rooms[name] = Room(name, "directmessage", members=[BOT, account], im=account)
        return self.rooms[name]

    def fail(self, method: str, *faults: Fault) -> None:
        """The next calls of a method end like this, in this order."""
        self.faults[method].extend(faults)

    def called(self, method: str) -> list[Call]:
        return [call for call in self.calls if call.method == method]

    async def until(self, done: Callable[[], bool]) -> None:
        """Wait until calls of ours have brought something about."""
        async with asyncio.timeout(STUCK):
            while not done():
                self._moved.clear()
                await self._moved.wait()

    async def deliver(self, sent: Sent) -> Answer:
        """Bring something to us by the road that there is."""
        return await self.road.send(sent)

    async def event(self, event: JSON, **more: Any) -> Answer:
        """Tell of something that happened; what we do not take is told again by `retry`."""
        number = next(self._numbers["event"])
        payload = {
            "type": "event_callback", "token": "unused", "team_id": self.team,
            "api_app_id": self.app_id, "event_id": f"Ev{number:08}",
            "event_time": int(self.time), "is_ext_shared_channel": False,
            "event": {"event_ts": self.stamp(), **event},
            "authorizations": [
                {"enterprise_id": self.enterprise, "team_id": self.team, "user_id": BOT,
                 "is_bot": True, "is_enterprise_install": False}
            ],
        }  # fmt: skip
        return await self._tell(Sent("events_api", payload | more))

    async def _tell(self, sent: Sent) -> Answer:
        answer = await self.deliver(sent)
        if not answer.good and "X-Slack-No-Retry" not in answer.headers and sent.retry < 3:
            self.unconfirmed.append(sent)
        return answer

    async def retry(self, *, reason: str = "http_error") -> list[Answer]:
        """Tell again what we did not take (at once, after a minute, after five)."""
        again, self.unconfirmed = self.unconfirmed, []
        return [
            await self._tell(Sent(one.kind, one.payload, one.retry + 1, reason)) for one in again
        ]

    async def twice(self, sent: Sent) -> Answer:
        """Tell once more of what we did take: our answer was lost on its way."""
        return await self.deliver(Sent(sent.kind, sent.payload, 1, "http_timeout"))

    def open_socket(self) -> str:
        """Give the address of a socket, good for one connection."""
        return self.sockets.ticket()

    # ---- what people and methods make

    def stamp(self) -> str:
        """Give the next `ts`: unique, and in the order of time."""
        return f"{int(self.time)}.{next(self._numbers['ts']):06}"

    def next(self, kind: str) -> int:
        return next(self._numbers[kind])

    def trigger(self, account: str) -> str:
        name = f"{self.next('trigger')}.trigger"
        self._triggers[name] = (account, self.clock)
        return name

    def take_trigger(self, name: str) -> Person:
        """Use a trigger: once, within its three seconds."""
        if name not in self._triggers:
            raise Bad("invalid_trigger_id")
        account, at = self._triggers[name]
        if at < 0:
            raise Bad("exchanged_trigger_id")
        if self.clock - at > TRIGGER_SECONDS:
            raise Bad("expired_trigger_id")
        self._triggers[name] = (account, -1.0)
        return self.people[account]

    def answer_url(self, room: str, account: str, ts: str | None = None) -> str:
        name = f"a{self.next('answer')}"
        self._answers[name] = (room, account, ts, self.clock)
        return f"{self.url}/answer/{name}"

    def say(
        self, room: Room, params: JSON, *, to: str | None = None, thread: str | None = None
    ) -> Shown:
        """Put a message into a room, after every rule has passed it."""
        # What answers a press or a command is not unfurled, and need not say so.
        rules.check_message({"unfurl_links": False, "unfurl_media": False, **params})
        shown = Shown(room.id, self.stamp(), params.get("text", ""), thread=thread, to=to)
        self.fill(shown, params)
        room.messages[shown.ts] = shown
        return shown

    def fill(self, shown: Shown, params: JSON) -> None:
        shown.text = params.get("text", "")
        shown.blocks = self.with_ids(params.get("blocks") or [])
        self.noted([shown.text, *rules.read_as_markup(shown.blocks)])

    def noted(self, texts: list[str]) -> None:
        """Remember whom words would call and where they would lead."""
        for text in texts:
            self.pings += rules.CALLS.findall(text)
            self.links += rules.LINKS.findall(text)

    def with_ids(self, blocks: list[JSON]) -> list[JSON]:
        return [{"block_id": f"b{self.next('block')}", **block} for block in blocks]

    def view(self, body: JSON, root: str | None = None) -> View:
        rules.check_view(body)
        name = f"V{self.next('view'):06}"
        made = View(name, {}, "", root or name)
        self.put(made, body)
        return made

    def put(self, view: View, body: JSON) -> None:
        """Change what a view shows; what was typed into fields that are still there stays."""
        rules.check_view(body)
        view.body = body | {"blocks": self.with_ids(body["blocks"])}
        view.hash = f"h{self.next('hash')}"
        self.noted(list(rules.read_as_markup(view.blocks)))
        left = {
            (block["block_id"], element["action_id"])
            for block in view.blocks
            for element in elements([block])
        }
        for block_id, values in view.typed.items():
            for action_id in [name for name in values if (block_id, name) not in left]:
                del values[action_id]

    def push(self, person: Person, body: JSON) -> View:
        if len(person.stack) >= 3:
            raise Bad("push_limit_reached")
        made = self.view(body, person.stack[0].id if person.stack else None)
        person.stack.append(made)
        return made

    # ---- the vendor's side

    async def handle(self, request: web.Request) -> web.StreamResponse:
        call = await _read(request, self.clock)
        self.calls.append(call)
        queue = self.faults[call.method]
        fault = queue.popleft() if queue else self.down
        if isinstance(fault, Slow):
            self.clock += fault.seconds
        try:
            return await self._answer(request, call, fault)
        finally:
            self._moved.set()

    async def _answer(
        self, request: web.Request, call: Call, fault: Fault | None
    ) -> web.StreamResponse:
        if isinstance(fault, Page):
            return web.Response(status=fault.status, text=fault.body, content_type="text/html")
        if isinstance(fault, Drop) and not fault.accepted:
            return _dropped(request)
        try:
            if isinstance(fault, Bad):
                raise fault
            self._allowed(call, request.headers.get("Authorization", ""))
            self.rates.call(call.method, self.clock)
            result = {"ok": True, **self._methods.do(call)}
        except Bad as bad:
            return web.json_response(bad.body, status=bad.status, headers=bad.headers)
        if isinstance(fault, Hang):
            await self.stopping.wait()
        if isinstance(fault, Drop | Hang):
            return _dropped(request)
        body = json.dumps(result).encode()
        if isinstance(fault, Cut):
            response = web.StreamResponse(headers={"Content-Length": str(len(body))})
            await response.prepare(request)
            await response.write(body[:5])
            _dropped(request)
            return response
        scopes = {"X-OAuth-Scopes": ",".join(sorted(self.scopes))}
        return web.Response(body=body, content_type="application/json", headers=scopes)

    def _allowed(self, call: Call, header: str) -> None:
        if "token" in call.params:
            raise Bad("invalid_auth")  # this house sends it in the header only
        if self.revoked:
            raise Bad(self.revoked)
        wanted = self.app_token if call.method == "apps.connections.open" else self.token
        if header != f"Bearer {wanted}":
            raise Bad("invalid_auth" if header else "not_authed")
        scope = SCOPES.get(call.method)
        if scope is not None and scope not in self.scopes:
            provided = ",".join(sorted(self.scopes))
            raise Bad("missing_scope", needed=scope, provided=provided)

    async def answered(self, request: web.Request) -> web.StreamResponse:
        """Take what we say at a `response_url`."""
        name, body = request.match_info["name"], await request.json()
        self.calls.append(Call("response_url", body, self.clock))
        self._moved.set()
        room_id, account, ts, at = self._answers.get(name, ("", "", None, float("-inf")))
        if self.clock - at > ANSWER_SECONDS:
            return web.Response(status=404, text="expired_url")
        self._answered[name] += 1
        if self._answered[name] > ANSWERS:
            return web.Response(status=404, text="used_url")
        fault = self.faults["response_url"].popleft() if self.faults["response_url"] else None
        if isinstance(fault, Page):
            return web.Response(status=fault.status, text=fault.body)
        room = self.rooms[room_id]
        try:
            if body.get("delete_original"):
                room.messages.pop(ts or "", None)
            elif body.get("replace_original") and ts in room.messages:
                rules.check_message({"unfurl_links": False, "unfurl_media": False, **body})
                self.fill(room.messages[ts], body)
            else:
                only = account if body.get("response_type", "ephemeral") == "ephemeral" else None
                self.say(room, body, to=only)
        except Bad as bad:
            return web.Response(status=400, text=str(bad))
        return web.Response(text="ok")

    async def uploaded(self, request: web.Request) -> web.StreamResponse:
        """Take the bytes of a file, at the address that was given for them."""
        if "Authorization" in request.headers:
            return web.Response(status=400, text="this house sends no token here")
        file = self.files.get(request.match_info["name"])
        data = await request.read()
        queue = self.faults["upload"]
        fault = queue.popleft() if queue else None
        if isinstance(fault, Page):
            return web.Response(status=fault.status, text=fault.body, content_type="text/html")
        if isinstance(fault, Hang):
            await self.stopping.wait()
        if file is None or len(data) != file["length"]:
            return web.Response(status=400, text="not this file")
        file["data"] = data
        return web.Response(text=f"OK - {len(data)}")

    async def download(self, request: web.Request) -> web.StreamResponse:
        file = self.files.get(request.match_info["name"])
        if request.headers.get("Authorization") != f"Bearer {self.token}" or file is None:
            return web.Response(status=302, headers={"Location": f"{self.url}/login"})
        return web.Response(body=file["data"])

    def keep(self, name: str, data: bytes) -> JSON:
        """Put a file here that a person sent; give how Slack names it."""
        number = f"F{self.next('file'):06}"
        url = f"{self.url}/files/{number}"
        self.files[number] = {"data": data, "length": len(data)}
        known = {"id": number, "name": name, "size": len(data), "mode": "hosted"}
        return known | {"is_external": False, "url_private": url, "url_private_download": url}


async def _read(request: web.Request, at: float) -> Call:
    method, body = request.match_info["method"], await request.read()
    if request.content_type == "application/json":
        return Call(method, json.loads(body), at, body)
    params: JSON = {**(await request.post())}
    if request.query:
        raise AssertionError("this house writes nothing into addresses")
    for name in ("blocks", "view", "files"):
        if isinstance(params.get(name), str):
            params[name] = json.loads(params[name])
    return Call(method, params, at, body)


def _dropped(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


@asynccontextmanager
async def fake_slack(team: str = "T0GAON") -> AsyncIterator[FakeSlack]:
    fake = FakeSlack(team)
    app = web.Application(client_max_size=64 * 2**20)
    app.router.add_route("*", "/api/{method}", fake.handle)
    app.router.add_post("/answer/{name}", fake.answered)
    app.router.add_post("/upload/{name}", fake.uploaded)
    app.router.add_get("/files/{name}", fake.download)
    app.router.add_get("/link", fake.sockets.handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    fake.port = runner.addresses[0][1]
    try:
        yield fake
    finally:
        fake.stopping.set()
        await fake.sockets.close()
        await runner.cleanup()
