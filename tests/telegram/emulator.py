"""telemelya (PyPI) as processes of its own environment, with the Redis and the S3 that it needs.

It sends no secret header, so a relay stands between it and us, which adds the one that it was told.
"""

import contextlib
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

from bot.handlers.telegram_webhook import HEADER
from tests.needs import emulator_python
from tests.programs import answers, free_port, running

KEY = "k"


@dataclass(frozen=True)
class Telemelya:
    """Another's idea of the Bot API, and its side door for playing the citizen."""

    url: str
    token: str

    async def send(self, chat: int, **update: Any) -> int:
        """Let the citizen do something; gives the status of our webhook's answer."""
        who = {"id": chat, "first_name": "길동"}
        said = {"chat_id": chat, "from_user": who, **update}
        answer = await self._control("POST", f"send_update?bot_token={self.token}", said)
        return int(answer["delivery"]["status_code"])

    async def responses(self) -> list[dict[str, Any]]:
        """Give what the bot called, in order."""
        answer = await self._control("GET", "responses?session_id=default", None)
        return list(answer["responses"] if isinstance(answer, dict) else answer)

    async def upload(self, name: str, data: bytes) -> str:
        """Put a file that the citizen can send; gives its `file_id`."""
        form = aiohttp.FormData()
        form.add_field("file", data, filename=name)
        answer = await self._control("POST", "upload_media?session_id=default", form)
        return str(answer["file_id"])

    async def _control(self, method: str, path: str, body: Any) -> Any:
        sent = {"data": body} if isinstance(body, aiohttp.FormData) else {"json": body}
        async with (
            aiohttp.ClientSession(headers={"Authorization": f"Bearer {KEY}"}) as session,
            session.request(method, f"{self.url}/api/v1/test/{path}", **sent) as response,
        ):
            said = await response.json()
            assert response.status == 200, said
            return said


@dataclass
class Relay:
    """Stands where the emulator believes us to be; `to` is where we are."""

    secret: str
    url: str = ""
    to: str = ""
    statuses: list[int] = field(default_factory=list)

    async def pass_on(self, request: web.Request) -> web.Response:
        async with (
            aiohttp.ClientSession() as session,
            session.post(
                f"{self.to}{request.path}",
                data=await request.read(),
                headers={HEADER: self.secret},
            ) as response,
        ):
            self.statuses.append(response.status)
            return web.Response(status=response.status, body=await response.read())


@asynccontextmanager
async def relay(secret: str) -> AsyncIterator[Relay]:
    made = Relay(secret)
    app = web.Application()
    app.router.add_post("/{path:.*}", made.pass_on)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    made.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield made
    finally:
        await runner.cleanup()


@contextmanager
def telemelya(token: str, folder: Path) -> Iterator[Telemelya]:
    """Start everything; skips with one line where it is not installed."""
    folder_of = emulator_python().parent
    redis, store, server = (free_port() for _ in range(3))
    env = {
        "REDIS_URL": f"redis://127.0.0.1:{redis}/0",
        "MINIO_ENDPOINT": f"127.0.0.1:{store}",
        "MOCK_SERVER_HOST": "127.0.0.1",
        "MOCK_SERVER_PORT": str(server),
        "MOCK_SERVER_URL": f"http://127.0.0.1:{server}",
        "AUTH_KEYS": KEY,
    }
    with contextlib.ExitStack() as stack:
        keep = ["--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
        stack.enter_context(
            running([str(shutil.which("redis-server")), "--port", str(redis), *keep], {}, folder)
        )
        moto = [str(folder_of / "moto_server"), "-H", "127.0.0.1", "-p", str(store)]
        stack.enter_context(running(moto, {}, folder))
        answers(f"http://127.0.0.1:{store}/moto-api/")
        stack.enter_context(running([str(folder_of / "telemelya-server")], env, folder))
        url = f"http://127.0.0.1:{server}"
        answers(f"{url}/")
        yield Telemelya(url, token)
