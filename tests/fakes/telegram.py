"""A strict Bot API over HTTP on 127.0.0.1, as far as our service uses it.

It keeps the vendor's rules (`telegram_rules`), its queues (an update is sent again until it gets a
2xx, the next one of the same queue waits; presses have a queue of their own) and its faults, each
on demand: a proxy's page instead of an answer, an answer that never comes, a dropped connection.
"""

import asyncio
import json
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
from aiohttp import web

from tests.fakes import telegram_rules as rules
from tests.fakes.telegram_people import START, Group, Person, Shown
from tests.fakes.telegram_rules import (
    Bad,
    Call,
    Cut,
    Drop,
    Fault,
    Flood,
    Hang,
    Page,
    bad_request,
)  # fmt: skip

TOKEN = "4711:rehearsal_AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"
PRIVATE_CEILING = 20 * 2**20  # getFile of the cloud API


class FakeTelegram:
    """One bot at one vendor."""

    def __init__(self, token: str = TOKEN) -> None:
        self.token = token
        self.me = {"id": int(token.partition(":")[0]), "is_bot": True, "first_name": "적극톡"}
        self.me["username"] = "jeokgeuk_bot"
        self.flood = Flood()
        self.people: dict[int, Person] = {}
        self.calls: list[Call] = []
        self.faults: dict[str, deque[Fault]] = defaultdict(deque)
        self.commands: dict[str, list[dict[str, str]]] = {}
        self.answered: set[str] = set()
        self.webhook: dict[str, Any] = {}
        self.attempts: list[tuple[int, int]] = []  # update id, our status
        self.port = 0
        self.stopping = asyncio.Event()
        self._queues: dict[int, deque[dict[str, Any]]] = defaultdict(deque)
        self._files: dict[str, bytes] = {}
        self._queries: dict[str, int] = {}
        self._numbers = {"message": 100, "update": 900_000, "query": 0, "file": 0}
        self._arrived = asyncio.Event()
        self._moved = asyncio.Event()
        self._poller: asyncio.Event | None = None
        self._methods: dict[str, Callable[[Call], Any]] = {
            "getMe": lambda call: self.me,
            "getWebhookInfo": lambda call: {"pending_update_count": 0, **self.webhook},
            "sendMessage": self._send,
            "sendPhoto": self._send_photo,
            "sendMediaGroup": self._send_album,
            "sendDocument": self._send_document,
            "deleteMessage": self._delete,
            "deleteMessages": self._delete_all,
            "answerCallbackQuery": self._answer,
            "setMyCommands": self._set_commands,
            "setWebhook": self._set_webhook,
            "deleteWebhook": self._delete_webhook,
            "getFile": self._get_file,
            "leaveChat": self._leave,
        }

    # ---- the test's side

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def person(self, account: int = 5001, **more: Any) -> Person:
        self.people[account] = Person(self, account, **more)
        return self.people[account]

    def group(self, number: int = -9001, kind: str = "group") -> Group:
        made = Group(self, number, kind)
        self.people[number] = made
        return made

    def fail(self, method: str, *faults: Fault) -> None:
        """The next calls of a method end like this, in this order."""
        self.faults[method].extend(faults)

    def called(self, method: str) -> list[Call]:
        return [call for call in self.calls if call.method == method]

    def queue(self, key: int, kind: str, content: dict[str, Any]) -> dict[str, Any]:
        update = {"update_id": self._next("update"), kind: content}
        self._queues[key].append(update)
        self._arrived.set()
        return update

    def again(self, update: dict[str, Any], key: int = 0) -> None:
        """Send an update a second time, as after an answer of ours that was lost."""
        self._queues[key].append(update)
        self._arrived.set()

    async def until(self, done: Callable[[], bool]) -> None:
        """Wait until calls of ours have brought something about; ten seconds at most."""
        async with asyncio.timeout(10):
            while not done():
                self._moved.clear()
                await self._moved.wait()

    @property
    def waiting(self) -> int:
        return sum(map(len, self._queues.values()))

    async def push(self) -> None:
        """Send what waits to the webhook, once: queues side by side, each in its order."""
        async with aiohttp.ClientSession() as session:
            await asyncio.gather(*(self._push(session, key) for key in list(self._queues)))

    async def _push(self, session: aiohttp.ClientSession, key: int) -> None:
        queue = self._queues[key]
        while queue and await self.post(session, queue[0]):
            queue.popleft()

    async def post(self, session: aiohttp.ClientSession, update: dict[str, Any]) -> bool:
        headers = {"Content-Type": "application/json"}
        if self.webhook.get("secret_token"):
            headers["X-Telegram-Bot-Api-Secret-Token"] = self.webhook["secret_token"]
        body = json.dumps(update).encode()
        async with session.post(self.webhook["url"], data=body, headers=headers) as response:
            await response.read()
            self.attempts.append((update["update_id"], response.status))
            return 200 <= response.status < 300

    def keep(self, data: bytes) -> int:
        number = self._next("file")
        self._files[f"id{number}"] = data
        return number

    def next_message(self) -> int:
        return self._next("message")

    def next_query(self, account: int) -> str:
        name = f"q{self._next('query')}"
        self._queries[name] = account
        return name

    def _next(self, kind: str) -> int:
        self._numbers[kind] += 1
        return self._numbers[kind]

    # ---- the vendor's side

    async def handle(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        call = await _read(method, request)
        self.calls.append(call)
        self._moved.set()
        fault = self.faults[method].popleft() if self.faults[method] else None
        if isinstance(fault, Page):
            return web.Response(status=fault.status, text=fault.body, content_type="text/html")
        if isinstance(fault, Drop) and not fault.accepted:
            return _dropped(request)
        try:
            result = await self._result(call, request.match_info["token"], fault)
        except Bad as bad:
            return web.json_response(bad.json(), status=bad.code)
        finally:
            self._moved.set()
        return await self._faulty(request, fault, result)

    async def _result(self, call: Call, token: str, fault: Fault | None) -> Any:
        if token != self.token:
            raise Bad(401, "Unauthorized")
        if isinstance(fault, Bad):
            raise fault
        if call.method == "getUpdates":
            return await self._get_updates(call)
        if call.method not in self._methods:
            raise Bad(404, "Not Found")
        return self._methods[call.method](call)

    async def _faulty(
        self, request: web.Request, fault: Fault | None, result: Any
    ) -> web.StreamResponse:
        if isinstance(fault, Hang):
            await self.stopping.wait()
        if isinstance(fault, Drop | Hang):
            return _dropped(request)
        body = json.dumps({"ok": True, "result": result}).encode()
        if isinstance(fault, Cut):
            response = web.StreamResponse(headers={"Content-Length": str(len(body))})
            await response.prepare(request)
            await response.write(body[:5])
            _dropped(request)
            return response
        return web.Response(body=body, content_type="application/json")

    def _chat(self, call: Call) -> Person:
        person = self.people.get(int(call.params.get("chat_id", "0")))
        if person is None or not person.started:
            raise bad_request("chat not found")
        if person.deactivated:
            raise Bad(403, "Forbidden: user is deactivated")
        if person.blocked:
            raise Bad(403, "Forbidden: bot was blocked by the user")
        return person

    def _send(self, call: Call) -> dict[str, Any]:
        person = self._chat(call)
        text = call.params.get("text", "")
        rules.check_text(text, 4096, "message")
        return self._show(person, call, text, rules.loaded(call.params, "entities"))

    def _send_photo(self, call: Call) -> dict[str, Any]:
        person = self._chat(call)
        photo = self._photo(call, call.params.get("photo", ""), call.files.get("photo"))
        return self._show_photo(person, call, photo, call.params)

    def _send_album(self, call: Call) -> list[dict[str, Any]]:
        person = self._chat(call)
        media = rules.check_album(call.params)
        photos = [
            self._photo(call, one["media"], call.files.get(one["media"].removeprefix("attach://")))
            for one in media
        ]
        return [
            self._show_photo(person, call, photo, one)
            for photo, one in zip(photos, media, strict=True)
        ]

    def _photo(self, call: Call, name: str, sent: bytes | None) -> tuple[str, bytes]:
        """Give a photo with the id under which the vendor has it, the largest of its sizes."""
        if sent is None:
            known = self._files.get(name)
            if known is None:
                raise bad_request("wrong file identifier/HTTP URL specified")
            return name, known
        rules.check_photo(sent)
        return f"id{self.keep(sent)}", sent

    def _show_photo(
        self,
        person: Person,
        call: Call,
        photo: tuple[str, bytes],
        params: Mapping[str, Any],
    ) -> dict[str, Any]:
        caption = params.get("caption", "")
        if caption:
            rules.check_text(caption, 1024, "message caption")
        entities = params.get("caption_entities") or None
        if isinstance(entities, str):
            entities = json.loads(entities)
        name, data = photo
        said = self._show(person, call, caption, entities, photo=data)
        sizes = [(f"{name}s", 90), (f"{name}m", 320), (name, 1080)]
        return said | {
            "photo": [
                {"file_id": one, "file_unique_id": f"u{one}", "width": size, "height": size}
                for one, size in sizes
            ]
        }

    def _send_document(self, call: Call) -> dict[str, Any]:
        person = self._chat(call)
        if "document" not in call.files:
            raise bad_request("there is no document in the request")
        caption = call.params.get("caption", "")
        if caption:
            rules.check_text(caption, 1024, "message caption")
        entities = rules.loaded(call.params, "caption_entities")
        return self._show(person, call, caption, entities, file=call.files["document"])

    def _show(
        self,
        person: Person,
        call: Call,
        text: str,
        entities: Any,
        photo: bytes | None = None,
        file: bytes | None = None,
    ) -> dict[str, Any]:
        if "parse_mode" in call.params:
            raise bad_request("can't parse entities: this house never asks for it")
        rules.check_entities(text, entities)
        markup = rules.loaded(call.params, "reply_markup") or {}
        rules.check_markup(markup or None)
        self.flood.take(person.id)
        number = self.next_message()
        person.messages[number] = Shown(
            number, text, keys=markup.get("inline_keyboard", []), entities=entities or [],
            keyboard=markup.get("keyboard", []), photo=photo, file=file,
        )  # fmt: skip
        date = START + int(self.flood.clock)
        said = {"message_id": number, "date": date, "chat": person.chat, "from": self.me}
        return said | ({"caption": text} if photo or file else {"text": text})

    def _delete(self, call: Call) -> bool:
        person = self._chat(call)
        if person.messages.pop(int(call.params["message_id"]), None) is None:
            raise bad_request("message to delete not found")
        return True

    def _delete_all(self, call: Call) -> bool:
        person = self._chat(call)
        numbers = rules.loaded(call.params, "message_ids")
        if not 1 <= len(numbers) <= 100:
            raise bad_request("message identifiers are not specified")
        for number in numbers:
            person.messages.pop(number, None)
        return True

    def _answer(self, call: Call) -> bool:
        query = call.params.get("callback_query_id", "")
        if query not in self._queries or query in self.answered:
            raise bad_request(
                "query is too old and response timeout expired or query ID is invalid"
            )
        if len(call.params.get("text", "")) > 200:
            raise bad_request("MESSAGE_TOO_LONG")
        self.answered.add(query)
        if call.params.get("text"):
            self.people[self._queries[query]].toasts.append(call.params["text"])
        return True

    def _set_commands(self, call: Call) -> bool:
        self.commands[call.params.get("language_code", "")] = rules.check_commands(call.params)
        return True

    def _set_webhook(self, call: Call) -> bool:
        self.webhook = dict(call.params)
        return True

    def _delete_webhook(self, call: Call) -> bool:
        self.webhook = {}
        return True

    def _get_file(self, call: Call) -> dict[str, Any]:
        name = call.params.get("file_id", "")
        if name not in self._files:
            raise bad_request("wrong file_id or the file is temporarily unavailable")
        size = len(self._files[name])
        if size > PRIVATE_CEILING:
            raise bad_request("file is too big")
        known = {"file_id": name, "file_unique_id": name.replace("id", "u")}
        return known | {"file_size": size, "file_path": f"documents/{name}"}

    def _leave(self, call: Call) -> bool:
        group = self.people[int(call.params["chat_id"])]
        assert isinstance(group, Group)
        group.left = True
        return True

    async def _get_updates(self, call: Call) -> list[dict[str, Any]]:
        if self.webhook:
            raise Bad(
                409,
                "Conflict: can't use getUpdates method while webhook is active; "
                "use deleteWebhook to delete the webhook first",
            )
        if self._poller is not None:
            self._poller.set()
        mine = self._poller = asyncio.Event()
        self._confirm(int(call.params.get("offset", "0")))
        waits = [asyncio.ensure_future(e.wait()) for e in (mine, self._arrived, self.stopping)]
        seconds = float(call.params.get("timeout", "0"))
        if not self.waiting and seconds:
            await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        for wait in waits:
            wait.cancel()
        if mine.is_set():
            raise Bad(
                409,
                "Conflict: terminated by other getUpdates request; "
                "make sure that only one bot instance is running",
            )
        self._poller = None
        self._arrived.clear()
        found = sorted(
            (update for queue in self._queues.values() for update in queue),
            key=lambda update: int(update["update_id"]),
        )
        return found[: int(call.params.get("limit", "100"))]

    def _confirm(self, offset: int) -> None:
        for queue in self._queues.values():
            while queue and queue[0]["update_id"] < offset:
                queue.popleft()
        self._moved.set()

    async def download(self, request: web.Request) -> web.StreamResponse:
        if request.match_info["token"] != self.token:
            return web.Response(status=404)
        data = self._files.get(request.match_info["path"].removeprefix("documents/"))
        return web.Response(status=404) if data is None else web.Response(body=data)


async def _read(method: str, request: web.Request) -> Call:
    if request.content_type == "application/json":
        return Call(method, {key: _text(value) for key, value in (await request.json()).items()})
    params: dict[str, str] = {}
    files: dict[str, bytes] = {}
    for name, value in (await request.post()).items():
        if isinstance(value, web.FileField):
            files[name] = value.file.read()
        else:
            params[name] = str(value)
    for name, value in params.items():
        if value.startswith("attach://"):
            files[name] = files[value.removeprefix("attach://")]
    return Call(method, params, files)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _dropped(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


@asynccontextmanager
async def fake_telegram(token: str = TOKEN) -> AsyncIterator[FakeTelegram]:
    fake = FakeTelegram(token)
    app = web.Application(client_max_size=64 * 2**20)
    app.router.add_route("*", "/bot{token}/{method}", fake.handle)
    app.router.add_route("GET", "/file/bot{token}/{path:.*}", fake.download)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    fake.port = runner.addresses[0][1]
    try:
        yield fake
    finally:
        fake.stopping.set()
        await runner.cleanup()
