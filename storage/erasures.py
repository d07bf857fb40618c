"""The erasure ledger: what was erased, withdrawn or unsubscribed, for the day of a restore (S13).

One line a fact, in a file of its own beside the data and, by setting, in a second place: who it
was only as HMAC, each line chained to the one before. A line is on the disk before its act is
committed, so no crash loses it; an act that the database then refused is marked `void`.
"""

import contextlib
import fcntl
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from storage import files
from storage.columns import from_micros, to_micros
from storage.crypto import KeyRing, Random

NAME = "erasures.jsonl"
PURPOSE = "erasures"
START = "0" * 64
VOID = "void"
TAIL = 4096  # bytes; a line has about 350


@dataclass(frozen=True, slots=True)
class Entry:
    """`what` was done to the owner `sid`: filing, peer, unlink, office, draft, consent:<kind>, news."""

    what: str
    sid: bytes
    at: datetime


@dataclass(frozen=True, slots=True)
class Line:
    """A fact as it stands in the file; `batch` names the transaction that it belongs to."""

    seq: int
    at: datetime
    what: str
    who: bytes
    batch: str


class Broken(ValueError):  # noqa: N818
    """The file was changed or cut: gives the number of the first line that does not hold."""

    def __init__(self, line: int) -> None:
        super().__init__(f"line {line}")
        self.line = line


@dataclass
class Ledger:
    """Writes lines; several processes may, one after the other."""

    path: Path
    ring: KeyRing
    random: Random
    copy: Path | None = None

    def write(self, entries: Sequence[Entry]) -> str:
        """Write what is about to be committed; on the disk when this returns. Raises OSError."""
        batch = self.random(8).hex()
        self._add([(one.at, one.what, self.ring.mac(PURPOSE, one.sid), batch) for one in entries])
        return batch

    def void(self, batch: str, at: datetime) -> None:
        """Note that the act of a batch did not come about."""
        self._add([(at, VOID, b"", batch)])

    def _add(self, rows: Sequence[tuple[datetime, str, bytes, str]]) -> None:
        with _locked(self.path) as handle:
            seq, prev = _end(handle)
            lines = []
            for at, what, who, batch in rows:
                seq += 1
                fact = {
                    "seq": seq, "at": to_micros(at), "what": what, "who": who.hex(),
                    "batch": batch, "prev": prev,
                }  # fmt: skip
                prev = _digest(self.ring, fact)
                lines.append(json.dumps({**fact, "hash": prev}))
            _append(self.path, "".join(f"{line}\n" for line in lines).encode("ascii"))
            if self.copy is not None:
                with contextlib.suppress(OSError):  # `behind` tells; the next line makes up for it
                    _follow(self.path, self.copy)

    def behind(self) -> int:
        """Say how many bytes the second place lacks; 0 where there is none."""
        if self.copy is None or not self.path.exists():
            return 0
        there = self.copy.stat().st_size if self.copy.exists() else 0
        return self.path.stat().st_size - there


def read(path: Path, ring: KeyRing) -> list[Line]:
    """Read the facts of a ledger, without those that are void; raises `Broken`."""
    found: list[Line] = []
    void: set[str] = set()
    for number, fact in enumerate(_facts(path, ring), 1):
        line = Line(
            number,
            from_micros(fact["at"]),
            fact["what"],
            bytes.fromhex(fact["who"]),
            fact["batch"],
        )
        if line.what == VOID:
            void.add(line.batch)
        else:
            found.append(line)
    return [line for line in found if line.batch not in void]


def count(path: Path, ring: KeyRing) -> int:
    """Count the lines of a ledger, void ones too; 0 without one. Raises `Broken`."""
    return sum(1 for _ in _facts(path, ring))


def is_of(ring: KeyRing, line: Line, sid: bytes) -> bool:
    """Tell whether a line is about this owner."""
    return ring.mac_holds(PURPOSE, line.who, sid)


def _facts(path: Path, ring: KeyRing) -> Iterator[dict[str, Any]]:
    if not path.exists():
        return
    prev = START
    with path.open(encoding="ascii", errors="replace") as file:
        for number, text in enumerate(file, 1):
            if not text.endswith("\n"):
                return  # half of a line: its act was never committed
            try:
                fact = json.loads(text)
                digest = fact.pop("hash")
                whole = fact["prev"] == prev and fact["seq"] == number
                held = whole and ring.mac_holds(
                    f"{PURPOSE}.chain", bytes.fromhex(digest), _of(fact)
                )
            except (ValueError, KeyError, TypeError, AttributeError):
                held = False
            if not held:
                raise Broken(number)
            prev = digest
            yield fact


def _of(fact: dict[str, Any]) -> bytes:
    return json.dumps(fact, sort_keys=True).encode("ascii")


def _digest(ring: KeyRing, fact: dict[str, Any]) -> str:
    return ring.mac(f"{PURPOSE}.chain", _of(fact)).hex()


@contextmanager
def _locked(path: Path) -> Iterator[int]:
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield handle
    finally:
        os.close(handle)


def _end(handle: int) -> tuple[int, str]:
    """Give number and hash of the last line; half a line is cut off, its act never happened."""
    size = os.fstat(handle).st_size
    tail = os.pread(handle, TAIL, max(0, size - TAIL))
    whole = tail.rfind(b"\n") + 1
    if whole < len(tail):
        os.ftruncate(handle, size - len(tail) + whole)
        tail = tail[:whole]
    if not tail:
        return 0, START
    last = json.loads(tail[:-1].rpartition(b"\n")[2])
    return int(last["seq"]), str(last["hash"])


def _append(path: Path, content: bytes) -> None:
    """Add to a file for good, or leave it as it was (a full disk)."""
    with path.open("ab") as file:
        before = file.tell()
        try:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        except OSError:
            os.ftruncate(file.fileno(), before)
            raise
    if not before:
        files.sync_folder(path.parent)


def _follow(path: Path, copy: Path) -> None:
    """Bring the second place up to the first; what it lacks since a fault is made up for."""
    with _locked(copy) as second, path.open("rb") as first:
        first.seek(os.fstat(second).st_size)
        _append(copy, first.read())
