"""A disk as a power cut leaves it: what was synced, and of the rest whatever it likes. Pure.

Reads what `data/power.c` wrote down while a process lived. Nothing that was not synced need be
there: contents go in pieces of 512 bytes, each for itself and in any order; names (made, moved,
removed) go folder by folder in their order, as a journal keeps them.
"""

import random
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import Literal, NamedTuple, Union

HEAD = struct.Struct("<cQqI")
SECTOR = 512
Mood = Literal["nothing", "torn", "everything"]
"""What becomes of what was not synced."""
MOODS: tuple[Mood, ...] = ("nothing", "torn", "everything")


class Record(NamedTuple):
    """One change: what, of which inode, where, and its bytes or names."""

    what: str
    inode: int
    at: int
    data: bytes


class Unseen(Exception):  # noqa: N818 - it says what happened
    """A change that cannot be followed was made; nothing can be said of that disk."""


def read(journal: bytes) -> Iterator[Record]:
    """Give the records in their order; a half one at the end is none."""
    place = 0
    while place + HEAD.size <= len(journal):
        what, inode, at, length = HEAD.unpack_from(journal, place)
        place += HEAD.size
        if place + length > len(journal):
            return
        yield Record(what.decode(), inode, at, journal[place : place + length])
        place += length


@dataclass(eq=False)
class File:
    """What is on the disk for sure, and the changes since (offset and bytes; None: cut there)."""

    synced: bytearray = field(default_factory=bytearray)
    since: list[tuple[int, bytes | None]] = field(default_factory=list)

    def sync(self) -> None:
        for change in self.since:
            _put(self.synced, *change)
        self.since.clear()

    def left(self, mood: Mood, chance: random.Random) -> bytes:
        """Give what may be there after a cut."""
        found = bytearray(self.synced)
        for at, data in self.since if mood != "nothing" else ():
            for piece in _pieces(at, data) if mood == "torn" else ((at, data),):
                if mood == "everything" or chance.random() < 0.5:
                    _put(found, *piece)
        return bytes(found)


def _put(content: bytearray, at: int, data: bytes | None) -> None:
    end = at if data is None else at + len(data)
    if len(content) < end:
        content.extend(bytes(end - len(content)))
    if data is None:
        del content[at:]
    else:
        content[at:end] = data


def _pieces(at: int, data: bytes | None) -> Iterator[tuple[int, bytes | None]]:
    if data is None:
        yield at, None
        return
    place = 0
    while place < len(data):
        length = SECTOR - (at + place) % SECTOR
        yield at + place, data[place : place + length]
        place += length


Node = Union[File, "Folder"]


@dataclass(eq=False)
class Folder:
    """Names as they are now, as they are for sure, and the changes since; None: it is gone."""

    now: dict[str, Node] = field(default_factory=dict)
    synced: dict[str, Node] = field(default_factory=dict)
    since: list[dict[str, Node | None]] = field(default_factory=list)

    def change(self, names: dict[str, Node | None]) -> None:
        """Name and remove at one moment."""
        _name(self.now, names)
        self.since.append(names)

    def sync(self) -> None:
        for names in self.since:
            _name(self.synced, names)
        self.since.clear()

    def left(self, mood: Mood, chance: random.Random) -> dict[str, Node]:
        most = len(self.since)
        many = {"nothing": 0, "everything": most}.get(mood, chance.randint(0, most))
        found = dict(self.synced)
        for names in self.since[:many]:
            _name(found, names)
        return found


def _name(where: dict[str, Node], names: dict[str, Node | None]) -> None:
    for name, node in names.items():
        if node is None:
            where.pop(name, None)
        else:
            where[name] = node


class Disk:
    """A folder with all that is in it, as of now; then what is done to it, change by change."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._nodes: dict[int, Node] = {}
        self._top = self._found(root)

    def _found(self, folder: Path) -> Folder:
        made = Folder()
        for path in folder.iterdir():
            node = self._found(path) if path.is_dir() else File(bytearray(path.read_bytes()))
            made.now[path.name] = made.synced[path.name] = node
            self._nodes[path.stat().st_ino] = node
        self._nodes[folder.stat().st_ino] = made
        return made

    def do(self, record: Record) -> None:
        """Do one change; raises Unseen for what cannot be followed."""
        what, inode, at, data = record
        if what in "CM":
            node: Node = File() if what == "C" else Folder()
            self._nodes[inode] = node
            folder, name = self._place(data.decode())
            folder.change({name: node})
        elif what == "U":
            folder, name = self._place(data.decode())
            folder.change({name: None})
        elif what == "R":
            self._move(*data.decode().split("\n"))
        elif what == "S":
            self._nodes[inode].sync()
        elif what in "WT":
            file = self._nodes[inode]
            assert isinstance(file, File)
            file.since.append((at, data if what == "W" else None))
        else:
            raise Unseen(data.decode())

    def _move(self, old: str, new: str) -> None:
        (one, first), (two, second) = self._place(old), self._place(new)
        node = one.now[first]
        if one is two:
            one.change({first: None, second: node})
        else:
            two.change({second: node})
            one.change({first: None})

    def _place(self, path: str) -> tuple[Folder, str]:
        folder = self._top
        parts = PurePath(path).relative_to(self._root).parts
        for part in parts[:-1]:
            inner = folder.now[part]
            assert isinstance(inner, Folder)
            folder = inner
        return folder, parts[-1]

    def rebuild(self, where: Path, mood: Mood, chance: random.Random) -> None:
        """Write down what a cut at this moment may have left, in a new folder."""
        self._write(self._top, where, mood, chance)

    def _write(self, folder: Folder, where: Path, mood: Mood, chance: random.Random) -> None:
        where.mkdir(mode=0o700)
        for name, node in folder.left(mood, chance).items():
            if isinstance(node, Folder):
                self._write(node, where / name, mood, chance)
            elif not name.endswith("-shm"):  # SQLite makes it anew
                (where / name).write_bytes(node.left(mood, chance))
                (where / name).chmod(0o600)
