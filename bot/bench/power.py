"""Pull the plug: what was shown to a citizen is there afterwards, and no row lacks its file (S22).

A process serves citizens with files while every change that it makes to its folder is written
down, with every sync. From that, what a power cut would have left is rebuilt for any moment:
synced contents and names for sure, of the others nothing, all, or torn pieces. Each is opened as
the service opens it, and held against what had been shown by then. Linux with glibc and a C
compiler; SQLite as in service (WAL, synchronous=FULL).
"""

import argparse
import asyncio
import json
import logging
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from bot import log
from bot.app import App, build
from bot.bench import crash, ours
from bot.bench.forgetful import MOODS, Disk, Record, read
from bot.bench.loopback import ROOT
from bot.channel import Source
from bot.dialogs.events import Attach, Attached, Event
from bot.dialogs.replies import Reply
from bot.opening import opened
from bot.services import attachments as files
from bot.settings import Settings, read_settings
from storage import models
from storage.errors import StartRefused
from storage.repositories import attachments, peers
from storage.unit import Unit

SHIM = Path(__file__).parent / "data" / "power.c"
TOLD = "told"
"""Beside the database, so that what was shown stands in the same order as what was written."""
LIVES = 50
"""Cuts of one life; then the next process goes on with what one of them left."""
PEOPLE = 24
JPEG = b"\xff\xd8\xff\xe0"


@dataclass
class Found:
    """What came out of all cuts: of `lost` receipts and `bare` rows there may be none."""

    cuts: int = 0
    lives: int = 0
    changes: int = 0
    syncs: int = 0
    checkpoints: int = 0
    shown: int = 0
    files: int = 0
    lost: int = 0
    bare: int = 0
    unopened: int = 0
    held: int = 0
    moods: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)

    @property
    def within(self) -> bool:
        return not (self.lost or self.bare or self.unopened)


def compiler() -> str | None:
    """Give the C compiler, if there is one."""
    return shutil.which("cc") or shutil.which("gcc")


def measure(cuts: int, people: int = PEOPLE, seed: int = 1, *, synchronous: str = "FULL") -> Found:
    """Cut that often, life after life; raises RuntimeError where there is no C compiler.

    `synchronous` NORMAL shows that what is missing would be found.
    """
    cc = compiler()
    if cc is None:
        raise RuntimeError("no C compiler")
    found, chance = Found(), random.Random(seed)
    with tempfile.TemporaryDirectory(prefix="jeokgeuk-power-") as name:
        folder = Path(name).resolve()
        shim = folder / "power.so"
        subprocess.run([cc, "-shared", "-fPIC", "-O1", "-o", shim, SHIM, "-ldl"], check=True)
        made = ours.settings(folder)
        made.data.mkdir(mode=0o700)  # the first start is cut too
        before: set[str] = set()
        while found.cuts < cuts:
            many = min(LIVES, cuts - found.cuts)
            lives = partial(_lived, folder, made.data, shim, people, synchronous)
            before = _life(made, folder, lives, many, before, chance, found)
    return found


def _life(
    made: Settings, folder: Path, lives: Callable[[int], Sequence[Record]], cuts: int,
    before: set[str], chance: random.Random, found: Found,
) -> set[str]:  # fmt: skip
    """Let one process live, cut it at so many moments; gives what had been shown at the last.

    The folder is left as that cut has left it.
    """
    data = made.data
    (data / TOLD).unlink(missing_ok=True)
    disk = Disk(data)
    records = lives(found.lives)
    found.lives += 1
    found.changes += len(records)
    found.syncs += _syncs(records)
    told = _told(records)
    found.shown += len(told)
    found.checkpoints += _syncs(records, (data / "jeokgeuk.db").stat().st_ino)
    # Half of them right after somebody was shown something: then least may be missing.
    after = [place for place, _ in told]
    moments = sorted(
        chance.choice(after) if n % 2 else chance.randrange(len(records)) for n in range(cuts)
    )
    done, last = 0, before
    for moment in moments:
        for record in records[done : moment + 1]:
            disk.do(record)
        done = moment + 1
        last = before | {number for place, number in told if place <= moment}
        mood = chance.choice(MOODS)
        left = folder / "left"
        shutil.rmtree(left, ignore_errors=True)
        disk.rebuild(left, mood, chance)
        (left / TOLD).unlink(missing_ok=True)
        found.cuts += 1
        found.moods[mood] += 1
        _look(made.model_copy(update={"jeokgeuk_data": left}), last, found, f"{mood} at {moment}")
    shutil.rmtree(data)
    left.rename(data)
    return last


def _lived(
    folder: Path, data: Path, shim: Path, people: int, synchronous: str, life: int
) -> Sequence[Record]:
    journal = folder / f"journal-{life}"
    environment = {
        **os.environ, "LD_PRELOAD": str(shim), "POWER_ROOT": str(data),
        "POWER_LOG": str(journal),
    }  # fmt: skip
    words = ["--folder", str(folder), "--people", str(people), "--first", str(life * people + 1)]
    words += ["--synchronous", synchronous]
    subprocess.run(
        [sys.executable, "-m", "bot.bench.power", *words], env=environment, cwd=ROOT, check=True
    )
    return list(read(journal.read_bytes()))


def _syncs(records: Sequence[Record], inode: int | None = None) -> int:
    return sum(one.what == "S" and inode in (None, one.inode) for one in records)


def _told(records: Sequence[Record]) -> list[tuple[int, str]]:
    """Give when which receipt was shown: the place in the records, its number."""
    inode = next((r.inode for r in records if r.what == "C" and r.data.endswith(b"/told")), 0)
    return [
        (place, one.data.decode().split()[2])
        for place, one in enumerate(records)
        if one.what == "W" and one.inode == inode and one.data.startswith(b"shown")
    ]


def _look(made: Settings, shown: set[str], found: Found, what: str) -> None:
    """Open what is left as the service does, and say what is missing."""
    try:
        store = opened(made, "all", least=0)
    except (StartRefused, sa.exc.DBAPIError, OSError) as error:
        found.unopened += 1
        found.faults.append(f"{what}: {error}")
        return
    try:
        numbers, kept, bare = store.read(_kept)
        whole = store.read(lambda unit: unit.conn.scalar(sa.text("PRAGMA integrity_check")))
        # Cut between its marker and its first commit, an installation asks a person (S13).
        found.held += bool(store.hold and not shown)
        if whole != "ok" or (store.hold and shown):
            found.unopened += 1
            found.faults.append(f"{what}: {whole} {store.hold}")
    finally:
        store.close()
    found.files += kept
    found.lost += len(shown - numbers)
    found.bare += len(bare)
    found.faults += [f"{what}: {number} lost" for number in shown - numbers]
    found.faults += [f"{what}: {why}" for why in bare]


def _kept(unit: Unit) -> tuple[set[str], int, list[str]]:
    """Give the numbers of all filings, how many files can be read, and which cannot."""
    numbers = set(unit.conn.scalars(sa.select(models.filings.c.number)))
    bare: list[str] = []
    stored = attachments.in_status(unit, "stored", 10_000)
    for file in stored:
        try:
            attachments.original(unit, file)
        except Exception as error:  # noqa: BLE001 - whatever keeps it from being read
            bare.append(f"{file.ref} {type(error).__name__}")
    return numbers, len(stored) - len(bare), bare


# ---- the process that lives


def _events(
    who: int, files_: Callable[[], Attached]
) -> Iterator[tuple[Event, tuple[Source, ...]]]:
    """Give what a citizen does: as in the kill test, with a picture after the words."""
    for event in crash.script_of(who):
        yield event, ()
        if event == crash.FORM[3]:
            file = files_()
            yield Attach((file,), ""), (Source(file.ref, f"vendor-{file.ref}"),)


async def _citizen(app: App, who: int, tell: Callable[[str], None]) -> None:
    def show(replies: Sequence[Reply]) -> None:
        crash.show(tell, who, tuple(replies))

    numbers = count(1)
    for event, sources in _events(who, lambda: _file(app, who)):
        given = replace(crash.inbound(who, next(numbers), event), sources=sources)
        received = await crash.received_by(app, given)
        show(received.replies)
        if received.rows:
            await app.worker.flush(received.rows)
        await asyncio.to_thread(_fetch, app)


def _picture(who: int) -> bytes:
    return JPEG + os.urandom(2_000 + who * 997 % 60_000)


def _file(app: App, who: int) -> Attached:
    """Upload a file on the page; at a messenger it still lies there."""
    if crash.channel_of(who) == "telegram":
        return Attached(os.urandom(16).hex(), "photo", "사진.jpg", 60_000)
    data = _picture(who)

    def work(unit: Unit) -> Attached:
        peer = peers.find(unit, "web", "web", str(who))
        assert peer is not None
        return files.put(app.svc, unit, app.store.blobs, peer.id, "사진.jpg", data)

    return app.store.transact(work, None)


def _fetch(app: App) -> None:
    """Keep what lies at the messenger, as the worker does; clean copies are made elsewhere."""
    for ref, _channel, _locator in app.store.read(lambda unit: files.waiting(app.svc, unit)):
        data = _picture(int(ref[:4], 16))

        def work(unit: Unit, ref: str = ref, data: bytes = data) -> bool:
            return files.arrived(app.svc, unit, ref, data)

        app.store.transact(work, None)


async def _live(app: App, first: int, people: int, tell: Callable[[str], None]) -> None:
    waiting = list(range(first, first + people))

    async def one() -> None:
        while waiting:
            await _citizen(app, waiting.pop(0), tell)

    await asyncio.gather(*(one() for _ in range(crash.AT_ONCE)))
    await app.worker.settled()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--people", type=int, required=True)
    parser.add_argument("--first", type=int, required=True)
    parser.add_argument("--synchronous", required=True)
    given = parser.parse_args()
    logging.disable()
    log.set_up((), level="error")
    made = read_settings(ours.environment(given.folder))
    told = os.open(made.data / TOLD, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def tell(line: str) -> None:
        os.write(told, f"{line}\n".encode())

    app = build(made, wire=crash.wire(tell), synchronous=given.synchronous)
    try:
        asyncio.run(_live(app, given.first, given.people, tell))
    finally:
        app.close()


def words(found: Found) -> str:
    """Say it in lines."""
    plain: dict[str, Any] = {**asdict(found), "moods": dict(found.moods)}
    faults = plain.pop("faults")
    return "\n".join([json.dumps(plain, ensure_ascii=False), *faults[:20]])


if __name__ == "__main__":
    main()
