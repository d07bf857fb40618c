"""`serve`, `work`: what runs the service."""

import asyncio
import os
import signal
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from socket import socket
from typing import Annotated, Any

import typer
import uvicorn

from bot.app import PARTS, WHOLE, App, build
from bot.cli.help import Typer
from bot.cli.refusals import refuse_taken
from bot.dialogs.replies import Phrase
from bot.errors import BadStart, unreadable
from bot.log import get, set_up
from bot.settings import Settings, read_settings
from storage.engine import file_of
from storage.host import only_one

_log = get(__name__)

BESIDE = 24
"""Threads of the worker, the feed and the probes on PostgreSQL."""

Parts = Annotated[
    str, typer.Option(help="이 프로세스가 맡을 것(쉼표로): public, hooks, desk. 기본은 모두.")
]


def ready(parts: Sequence[str] = WHOLE) -> tuple[Settings, App]:
    """Read the settings, start logging, put the parts together; stops by name.

    A command of the console works with the keys and the account of `work`.
    """
    settings = read_settings(os.environ)
    set_up(settings.secrets(), level=settings.jeokgeuk_log)
    return settings, build(settings, parts=parts)


def given(file: Path) -> bytes:
    """Read a file that was named on the command line; raises BadParameter saying why not."""
    try:
        return file.read_bytes()
    except OSError as error:
        raise typer.BadParameter(f"{file}: {unreadable(error)}") from None


def say(parts: App, key: str, /, **params: Any) -> str:
    """Give a sentence of the service in Korean, as the desk says it."""
    return parts.svc.texts.render(Phrase(key, params), "ko", parts.settings.site.words())


def serve(parts: Parts = ",".join(PARTS)) -> None:
    """누리집·웹훅·직원 화면을 연다. SQLite에서는 보내는 일도 함께 한다."""
    chosen = tuple(part.strip() for part in parts.split(",") if part.strip())
    unknown = [part for part in chosen if part not in PARTS]
    if unknown or not chosen:
        raise BadStart("serve", "--parts", f"{', '.join(PARTS)} 가운데에서 고릅니다")
    whole = set(chosen) == set(PARTS) or _one_file(read_settings(os.environ))
    settings, app = ready(WHOLE if whole else chosen)
    try:
        for setting, host, port in listeners(settings, chosen):
            refuse_taken(setting, host, port)
        with only_one(file_of(app.store.engine.url)):
            asyncio.run(_listen(settings, app, chosen, work=whole))
    finally:
        app.close()


def listeners(settings: Settings, parts: Sequence[str]) -> list[tuple[str, str, int]]:
    """Name where these parts will listen: the setting, the host and the port."""
    apart = "desk" in parts and settings.jeokgeuk_desk_port is not None
    found = []
    if not apart or len(parts) > 1:
        found.append(("JEOKGEUK_PORT", settings.jeokgeuk_bind, settings.jeokgeuk_port))
    if apart and settings.jeokgeuk_desk_port is not None:
        at = settings.jeokgeuk_desk_bind
        found.append(("JEOKGEUK_DESK_PORT", at, settings.jeokgeuk_desk_port))
    return found


def _one_file(settings: Settings) -> bool:
    """Tell whether one process does everything: SQLite has one role and one writer (S7)."""
    return settings.database.startswith("sqlite")


async def _listen(settings: Settings, app: App, parts: tuple[str, ...], *, work: bool) -> None:
    """Serve one listener, or two where the desk has a port of its own (S7).

    Parts that stand apart do not send: `work` does, which can open what they cannot.
    """
    _threads(app)
    desk_port, proxies = settings.jeokgeuk_desk_port, settings.jeokgeuk_proxies
    bind, port = settings.jeokgeuk_bind, settings.jeokgeuk_port
    if desk_port is None or "desk" not in parts:
        await until_told(server(app.asgi(parts, work=work), bind, port, proxies))
        return
    outside = tuple(part for part in parts if part != "desk")
    inside = app.asgi(("desk",), work=work and not outside)
    desk = server(inside, settings.jeokgeuk_desk_bind, desk_port, proxies)
    if not outside:
        await until_told(desk)
        return
    public = server(app.asgi(outside, work=work), bind, port, proxies)
    await until_told(public, desk)


def _threads(app: App) -> None:
    """Let the pools of the parts be what is waited for, and not the threads of the process.

    asyncio gives cores + 4 for everything: a few slow pages of the desk would hold them all. On
    SQLite, where one writes at a time, more would only stand in line.
    """
    if app.store.parallel:
        # Who is let in on both sides (twice the pool each), and what the worker does beside them.
        threads = ThreadPoolExecutor(4 * app.store.size + BESIDE, "turn")
        asyncio.get_running_loop().set_default_executor(threads)


class Server(uvicorn.Server):
    """uvicorn's server, which leaves the signals to us.

    Its own way ends the process by the very signal once it has closed, before we could close the
    database; and of two servers in one process only one would hear it.
    """

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Take no signal."""
        yield

    async def startup(self, sockets: list[socket] | None = None) -> None:
        """Listen, and say where: until then whoever started this sees nothing."""
        await super().startup(sockets)
        _log.info("serving", host=self.config.host, port=self.config.port)


async def until_told(*servers: uvicorn.Server) -> None:
    """Serve until SIGTERM or SIGINT; then let nobody in and finish what is inside."""
    loop = asyncio.get_running_loop()

    def stop(number: int) -> None:
        for one in servers:
            one.handle_exit(number, None)

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop, number)
    await asyncio.gather(*(one.serve() for one in servers))


def server(asgi: Any, host: str, port: int, proxies: Sequence[str] = ()) -> uvicorn.Server:
    """Make a server without an access log: addresses and paths are nobody's business (S1, S37).

    What a proxy says of who comes is believed of `proxies` and of this machine alone.
    """
    return Server(
        uvicorn.Config(
            asgi,
            host=host,
            port=port,
            access_log=False,
            forwarded_allow_ips=["127.0.0.1", "::1", *proxies],
            log_config=None,
            server_header=False,
            date_header=True,
            timeout_keep_alive=15,
            timeout_graceful_shutdown=20,
            h11_max_incomplete_event_size=32_768,
        )
    )


def work() -> None:
    """보내는 일과 시계만 맡는다(PostgreSQL에서). SQLite에서는 serve가 함께 한다."""
    settings, app = ready(("work",))
    try:
        if _one_file(settings):
            raise BadStart(
                "work", "DATABASE_URL", "SQLite에서는 serve가 이 일을 함께 합니다(프로세스 하나)"
            )
        asyncio.run(_work(app))
    finally:
        app.close()


async def _work(app: App) -> None:
    _threads(app)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    port, bind = app.settings.jeokgeuk_work_port, app.settings.jeokgeuk_bind
    probing = []
    if port is not None:
        probes = server(app.probes(), bind, port)
        probing.append(asyncio.create_task(probes.serve()))
    await app.worker.run(stop)
    for task in probing:
        probes.should_exit = True
        await task
    await app.hang_up()


def service() -> Typer:
    """Give `serve` and `work` alone, for the processes that stay."""
    app = Typer(name="jeokgeuk", add_completion=False, pretty_exceptions_enable=False)
    app.command("serve")(serve)
    app.command("work")(work)
    return app
