"""SIGTERM to a real process: turns in flight are answered, leases are given back, it ends well."""

import asyncio
import contextlib
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx2
import pytest
import sqlalchemy as sa

from bot.app import build
from bot.settings import read_settings
from storage.models import filings, inbox, leases

AT_ONCE = 12


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@asynccontextmanager
async def process(
    environ: dict[str, str], *words: str
) -> AsyncIterator[asyncio.subprocess.Process]:
    """Start the command as it is started in an office; stop what a failed test left."""
    known = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}
    started = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot.cli", *words, env={**known, **environ},
        stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        yield started
    finally:
        with contextlib.suppress(ProcessLookupError):
            started.kill()
        await started.wait()


async def answered(web: httpx2.AsyncClient, path: str, ends: asyncio.subprocess.Process) -> None:
    """Wait until somebody listens there, or the process has ended."""
    while ends.returncode is None:
        with contextlib.suppress(httpx2.TransportError):
            if (await web.get(path)).status_code == 200:
                return
        await asyncio.sleep(0.05)
    assert ends.stderr is not None
    raise AssertionError((await ends.stderr.read()).decode()[-2000:])


async def talk(web: httpx2.AsyncClient, number: int, seen: asyncio.Event) -> tuple[set[str], str]:
    """Talk until nobody listens any more; gives what was answered, and what was broken off."""
    done: set[str] = set()
    for turn in range(10_000):
        update = f"{number}-{turn}"
        try:
            call = {"id": update, "command": "start"}
            answer = await web.post("/api/chat", json=call, headers={"connection": "close"})
        except httpx2.ConnectError:
            return done, ""
        except httpx2.TransportError:
            return done, update
        assert answer.status_code in {200, 429, 503}, answer.text
        if answer.status_code == 200:
            done.add(update)
        if len(done) >= 3:
            seen.set()
    return done, ""


@pytest.mark.fault
async def test_a_process_that_is_told_to_end_answers_who_is_inside(environ):
    port = free_port()
    given = environ | {"JEOKGEUK_PORT": str(port)}
    url = f"http://127.0.0.1:{port}"
    async with process(given, "serve") as serve, httpx2.AsyncClient(base_url=url) as web:
        await answered(web, "/healthz", serve)
        seen = asyncio.Event()
        talks = [asyncio.create_task(talk(web, number, seen)) for number in range(AT_ONCE)]
        await asyncio.wait_for(seen.wait(), 60)
        serve.send_signal(signal.SIGTERM)
        ended = await asyncio.wait_for(asyncio.gather(*talks), 60)
        assert await asyncio.wait_for(serve.wait(), 60) == 0
    done = set[str]().union(*(said for said, _ in ended))
    assert len(done) >= 3
    app = build(read_settings(environ), least=0)
    try:
        every = sa.select(inbox.c.update_id)
        stored = set(app.store.read(lambda unit: list(unit.conn.scalars(every))))
        assert done <= stored  # nobody was answered what is not stored
        # The kernel closes connections that wait to be accepted; whoever was heard is answered.
        assert stored.isdisjoint(broken for _, broken in ended)
        held = sa.select(leases.c.name).where(leases.c.until > sa.func.host_now())
        assert app.store.read(lambda unit: list(unit.conn.scalars(held))) == []
        assert app.store.read(lambda unit: unit.conn.execute(sa.select(filings)).all()) == []
    finally:
        app.close()


@pytest.mark.fault
async def test_a_second_serve_on_the_same_folder_is_refused_by_name(environ):
    first, second = free_port(), free_port()
    given = environ | {"JEOKGEUK_PORT": str(first)}
    async with (
        process(given, "serve") as serve,
        httpx2.AsyncClient(base_url=f"http://127.0.0.1:{first}") as web,
    ):
        await answered(web, "/healthz", serve)
        async with process(given | {"JEOKGEUK_PORT": str(second)}, "serve") as other:
            assert await asyncio.wait_for(other.wait(), 60) == 1
            assert other.stderr is not None
            said = (await other.stderr.read()).decode()
        assert "DATABASE_URL" in said
        assert "다른 serve가 쓰고 있습니다" in said
        assert (await web.get("/healthz")).status_code == 200


@pytest.mark.fault
@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
async def test_a_worker_that_is_told_to_end_gives_its_leases_back(database, environ):
    port = free_port()
    given = environ | {"DATABASE_URL": database.url, "JEOKGEUK_WORK_PORT": str(port)}
    url = f"http://127.0.0.1:{port}"
    async with process(given, "work") as work, httpx2.AsyncClient(base_url=url) as web:
        await answered(web, "/readyz", work)
        while "jt_heartbeat_age_seconds{" not in (await web.get("/metrics")).text:  # noqa: ASYNC110 - another process does it
            await asyncio.sleep(0.05)
        work.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(work.wait(), 60) == 0
    engine = sa.create_engine(database.url)
    with engine.connect() as conn:
        held = conn.execute(sa.text("SELECT name FROM leases WHERE until > now()")).all()
        ticked = conn.execute(sa.text("SELECT fence FROM leases WHERE name = 'tick'")).scalar()
    engine.dispose()
    assert held == []
    assert ticked == 1
