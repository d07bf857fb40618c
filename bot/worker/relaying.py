"""The folders between two networks: our files are put into one, theirs are taken from the other.

Nobody speaks with the other side. What carries the files (a 망연계 product, a person with a disk)
may lose, repeat, swap or change them; all of it is found by number, hash and signature.
"""

import contextlib
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TypeVar

from bot import log
from bot.services import relay_ledger
from bot.services.base import Desk
from bot.services.relay_ledger import Ends
from storage import crossing, files
from storage.crossing import Letter, Refuse
from storage.repositories import leases, relays
from storage.repositories.relays import MADE, File
from storage.store import Store
from storage.unit import Unit

_log = log.get(__name__)
T = TypeVar("T")

NAME = "relay"
LEASE = 120.0
STILL = 60.0
"""Seconds that a file lies unchanged before it is called unreadable: it may still be written."""
LONG = 3600.0
OLDEST = 20
"""So many of the oldest files that nobody has confirmed for an hour are put out once more."""
ASIDE = 200
MODE = 0o640
"""Whoever carries the files is of our group; nobody else reads even the sealed ones."""


@dataclass(frozen=True, slots=True)
class Link:
    """Who the two sides are, and the folders: `out` is written, `come` is read."""

    ends: Ends
    out: Path
    come: Path
    aside: Path


@dataclass(frozen=True, slots=True)
class Standing:
    """How the road is: what `relay status` tells, by numbers."""

    made: int
    arrived: int
    waiting: tuple[File, ...]  # ours that nobody has confirmed
    read: int
    ahead: tuple[int, ...]  # theirs that wait for an earlier one
    missing: tuple[int, ...]
    refused: tuple[File, ...]
    strange: tuple[str, ...]  # names in the folder that are none of ours
    stuck: str = ""


@dataclass
class Relay:
    """Puts out and takes in, in one process at a time; every file is a transaction of its own."""

    store: Store
    svc: Desk
    link: Link
    holder: str
    still: float = STILL
    clock: Callable[[], float] = time.time
    _ahead: dict[tuple[str, int, int], int] = field(default_factory=dict)
    _stuck: str = ""

    def step(self) -> int:
        """Take in what came, put out what waits; gives how many files; 0 where another does."""
        return self.alone(lambda: self.take_in() + self.put_out() + self._sweep()) or 0

    def alone(self, work: Callable[[], T]) -> T | None:
        """Do something while no other process does; None where one does."""
        take = partial(leases.take, name=NAME, holder=self.holder, seconds=LEASE)
        fence = self.store.transact(take, None)
        if fence is None:
            return None
        try:
            return work()
        finally:
            self.store.transact(partial(leases.give_back, name=NAME, fence=fence), None)

    def take_in(self) -> int:
        """Read what can be read, in the order of the numbers; gives how many files."""
        done = 0
        self._stuck = ""
        while True:
            moved = [path for path in self._files() if self._one(path)]
            done += len(moved)
            if not moved:
                return done

    def put_out(self) -> int:
        """Make files of what waits and put them into the folder; nothing after a restore (S13)."""
        if self.store.hold:
            return 0
        done = 0
        while self.store.transact(self._next, None) is not None:
            done += 1
        self._place()
        return done

    def again(self, number: int) -> bool:
        """Put a file of ours out once more, the very same bytes; False where they are gone."""

        def find(unit: Unit) -> bool:
            file = relays.get(unit, self.link.ends.writes, number)
            if file is None or not file.blob:
                return False
            relays.change(unit, file, placed_at=None)
            return True

        found = self.store.transact(find, None)
        if found:
            self._put(self.store.read(lambda u: relays.get(u, self.link.ends.writes, number)))
        return found

    def standing(self) -> Standing:
        """Look how the road is; opens what lies in the folder."""
        ends = self.link.ends
        ahead = tuple(sorted(self._numbers_ahead()))
        last = self.store.read(lambda unit: relays.last(unit, ends.writes))
        read = self.store.read(lambda unit: relays.last(unit, ends.reads))
        upto = read.number or 0 if read is not None else 0
        return Standing(
            made=last.number or 0 if last is not None else 0,
            arrived=self.store.read(lambda unit: relays.sure(unit, ends.writes)),
            waiting=tuple(
                one
                for one in self.store.read(lambda u: relays.in_status(u, ends.writes, MADE))
                if one.items
            ),
            read=upto,
            ahead=ahead,
            missing=_missing(upto, ahead),
            refused=tuple(self.store.read(lambda unit: relays.refused(unit, ends.reads))),
            strange=tuple(self._strange()),
            stuck=self._stuck,
        )

    def _next(self, unit: Unit) -> int | None:
        return relay_ledger.next_file(self.svc, unit, self.link.ends, self._lacks())

    def _lacks(self) -> tuple[int, ...]:
        last = self._last()
        return _missing(last.number or 0 if last is not None else 0, tuple(self._ahead.values()))

    def _last(self) -> File | None:
        return self.store.read(lambda unit: relays.last(unit, self.link.ends.reads))

    def _files(self) -> list[Path]:
        """List the files that may be theirs, by name; a link or a folder is none."""
        reads = self.link.ends.reads
        found = [
            Path(one.path)
            for one in os.scandir(self.link.come)
            if crossing.number_of(reads, one.name) is not None
            and one.is_file(follow_symlinks=False)
        ]
        return sorted(found)

    def _strange(self) -> list[str]:
        reads = self.link.ends.reads
        every = sorted(one.name for one in os.scandir(self.link.come))
        return [one for one in every if crossing.number_of(reads, one) is None][:OLDEST]

    def _numbers_ahead(self) -> set[int]:
        """Open what lies there and was not opened yet; gives the numbers that wait."""
        last = self._last()
        upto = last.number or 0 if last is not None else 0
        for path in self._files():
            with contextlib.suppress(OSError, Refuse):
                key = _key(path)
                if key[1] <= self.link.ends.most and key not in self._ahead:
                    self._ahead[key] = self._open(path.read_bytes()).number
        there = {_key(path) for path in self._files()}
        self._ahead = {key: n for key, n in self._ahead.items() if key in there}
        return {number for number in self._ahead.values() if number > upto}

    def _open(self, content: bytes) -> Letter:
        ends = self.link.ends
        if len(content) > ends.most:
            raise Refuse("size")
        letter = crossing.read(ends.own, ends.peer, ends.reads, content)
        if letter.kind != ends.kind:
            raise Refuse("kind")
        return letter

    def _one(self, path: Path) -> bool:
        """Do one file; True where it is done with: taken in, repeated, refused."""
        last = self._last()
        upto, before = (last.number or 0, last.digest) if last else (0, crossing.START)
        try:
            key = _key(path)
            if self._ahead.get(key, 0) > upto + 1:
                return False
            with path.open("rb") as file:
                content = file.read(self.link.ends.most + 1)  # whatever lies there: no more of it
            letter = self._open(content)
        except FileNotFoundError:
            return False  # whoever carries took it back
        except Refuse as why:
            return self._not_ours(path, content, why.what)
        if letter.number > upto + 1:
            self._ahead[key] = letter.number
            return False
        self._ahead.pop(key, None)
        if letter.number <= upto:
            return self._before(path, letter, content)
        follows = letter.prev == before
        return (self._take if follows else self._break)(path, letter, content)

    def _break(self, path: Path, _letter: Letter, content: bytes) -> bool:
        return self._refuse(path, content, "chain")

    def _not_ours(self, path: Path, content: bytes, what: str) -> bool:
        age = self.clock() - path.stat().st_mtime
        if what == "newer" or (what == "unreadable" and age < self.still):
            self._stuck = f"{path.name} {what}"
            return False
        return self._refuse(path, content, what)

    def _before(self, path: Path, letter: Letter, content: bytes) -> bool:
        """Let a file go that was read before; another one under its number is refused."""
        reads = self.link.ends.reads
        known = self.store.read(lambda unit: relays.get(unit, reads, letter.number))
        digest = crossing.digest(content)
        if known is not None and known.digest != digest:

            def hear(unit: Unit) -> None:
                if not relays.refused_before(unit, reads, digest):
                    relay_ledger.give_again(unit, self.link.ends, letter)

            self.store.transact(hear, None)
            return self._refuse(path, content, "conflict")
        _log.info("relay_repeated", number=letter.number)
        path.unlink(missing_ok=True)
        return True

    def _take(self, path: Path, letter: Letter, content: bytes) -> bool:
        ends = self.link.ends
        try:
            gone = self.store.transact(
                lambda unit: relay_ledger.take(self.svc, unit, ends, letter, content),
                f"relay:{letter.direction}:{letter.number}:{crossing.digest(content).hex()}",
                again=lambda _unit: (),
            )
        except Refuse as why:  # signed by our peer: it waits for a version that can read it
            self._stuck = f"{path.name} {why.what}"
            _log.error("relay_not_understood", number=letter.number, why=why.what)
            return False
        except Exception as error:  # noqa: BLE001 - what waits for the other side still goes
            self._stuck = f"{path.name} error"
            _log.error("relay_not_read", number=letter.number, exc_info=error)
            return False
        for blob in gone:
            self.store.blobs.delete(blob)
        path.unlink(missing_ok=True)
        return True

    def _refuse(self, path: Path, content: bytes, what: str) -> bool:
        """Put a file aside under a name that says why, and write it down."""
        digest = crossing.digest(content)
        self.link.aside.mkdir(mode=0o700, parents=True, exist_ok=True)
        files.keep(self.link.aside / f"{path.name}.{what}.{digest[:4].hex()}", content)
        for old in sorted(self.link.aside.iterdir(), key=lambda one: one.stat().st_mtime)[:-ASIDE]:
            old.unlink(missing_ok=True)

        def note(unit: Unit) -> None:
            reads = self.link.ends.reads
            if not relays.refused_before(unit, reads, digest):
                relays.made(
                    unit, direction=reads, number=None, status=what, digest=digest,
                    size=len(content), name=path.name, at=self.svc.now(),
                )  # fmt: skip

        self.store.transact(note, None)
        _log.warning("relay_refused", file=path.name, why=what)
        path.unlink(missing_ok=True)
        return True

    def _place(self) -> None:
        """Put out what was made, and once an hour the oldest that nobody has confirmed."""
        made = self.store.read(lambda u: relays.in_status(u, self.link.ends.writes, MADE))
        now = self.svc.now()
        late = [
            one
            for one in made
            if one.items and one.placed_at and (now - one.placed_at).total_seconds() > LONG
        ]
        for one in (*(f for f in made if f.placed_at is None), *late[:OLDEST]):
            self._put(one)

    def _put(self, file: File | None) -> None:
        if file is None or not file.blob:
            return
        target = self.link.out / crossing.name(self.link.ends.writes, file.number or 0)
        if not (target.exists() and target.stat().st_size == file.size):
            _write(target, self.store.read(lambda unit: relay_ledger.bytes_of(unit, file)))
        now = self.svc.now()
        self.store.transact(lambda unit: relays.change(unit, file, placed_at=now), None)

    def _sweep(self) -> int:
        ends = self.link.ends
        gone = self.store.transact(lambda unit: relay_ledger.sweep(self.svc, unit, ends), None)
        for blob in gone:
            self.store.blobs.delete(blob)
        return 0


def _write(target: Path, content: bytes) -> None:
    """Write a file whole before it has its name: whoever carries sees no half of one."""
    half = target.with_name(f".{target.name}.part")
    handle = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, MODE)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        half.rename(target)
    except OSError:
        half.unlink(missing_ok=True)
        raise
    files.sync_folder(target.parent)


def _key(path: Path) -> tuple[str, int, int]:
    found = path.stat()
    return path.name, found.st_size, found.st_mtime_ns


def _missing(upto: int, ahead: tuple[int, ...]) -> tuple[int, ...]:
    """Name the numbers between the last that was read and the highest that lies there."""
    there = set(ahead)
    most = max(there, default=upto)
    return tuple(n for n in range(upto + 1, most) if n not in there)[:100]
