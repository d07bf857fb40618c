"""Files beside the database: written and synced before the row that names them (security S22)."""

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from storage import files
from storage.crypto import Random, is_sealed
from storage.engine import HostClock, host_micros
from storage.errors import NotSealed
from storage.host import Space, space

NAME = re.compile(r"[0-9a-f]{32}")
GRAVES = "graves"
RESTS = 48 * 3600.0
"""Seconds a file outlives its row: a backup dumps the rows first and the files after (S36)."""


@dataclass
class Blobs:
    """Sealed contents under random names; the same content twice has two names (security S25)."""

    root: Path
    random: Random = field(default=os.urandom)
    look: Callable[[Path], Space] = field(default=space)
    clock: HostClock = field(default=host_micros)
    _lasting: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        files.have_folder(self.root)

    def full(self) -> bool:
        """Tell whether the disk has room for words only (security S22)."""
        return self.look(self.root).room != "enough"

    def put(self, sealed: bytes) -> str:
        """Store sealed bytes for good; gives the name for the row that is written next."""
        if not is_sealed(sealed):
            raise NotSealed("blob")
        name = self.random(16).hex()
        files.keep(self._shelf(name[:2]) / name, sealed)
        return name

    def get(self, name: str) -> bytes:
        """Read sealed bytes; raises FileNotFoundError, ValueError for what is no name of ours."""
        return self._path(name).read_bytes()

    def delete(self, name: str) -> None:
        """Take a file away; its bytes, which no key opens any more, go with a later `sweep`.

        To take it away twice is no mistake.
        """
        path = self._path(name)
        grave = self._shelf(GRAVES)
        try:
            path.rename(grave / name)
        except FileNotFoundError:
            return
        now = self.clock() / 1_000_000
        os.utime(grave / name, (now, now))
        files.sync_folder(grave)
        files.sync_folder(path.parent)

    def sweep(self, limit: int = 1000) -> int:
        """Remove for good what was taken away long enough ago; gives how many files."""
        grave = self.root / GRAVES
        before = self.clock() / 1_000_000 - RESTS
        old = [one for one in grave.glob("*") if one.stat().st_mtime <= before][:limit]
        for path in old:
            path.unlink(missing_ok=True)
        if old:
            files.sync_folder(grave)
        return len(old)

    def every(self) -> Iterator[Path]:
        """Give every file, those taken away too: what a backup copies."""
        return (path for path in self.root.glob("*/*") if NAME.fullmatch(path.name))

    def older(self, shelf: int) -> list[str]:
        """List the files of one of the 256 folders that are older than two days."""
        before = self.clock() / 1_000_000 - RESTS
        found = (self.root / f"{shelf % 256:02x}").glob("*")
        return [
            path.name
            for path in found
            if NAME.fullmatch(path.name) and path.stat().st_mtime <= before
        ]

    def names(self) -> list[str]:
        """List what is there, for the search for files without a row."""
        return [path.name for path in self.root.glob("??/*") if NAME.fullmatch(path.name)]

    def _shelf(self, name: str) -> Path:
        """Have one of the folders, for sure.

        Another who has just made it may not have synced it yet, so each process does so once.
        """
        folder = self.root / name
        if name not in self._lasting or not folder.exists():
            folder.mkdir(mode=0o700, exist_ok=True)
            files.sync_folder(self.root)
            self._lasting.add(name)
        return folder

    def _path(self, name: str) -> Path:
        if not NAME.fullmatch(name):
            raise ValueError("not the name of a blob")
        return self.root / name[:2] / name
