"""What SQLite needs of its machine: a local disk, room on it, and no second host (security S22)."""

import fcntl
import os
import platform
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from storage import files
from storage.errors import StartRefused

REMOTE = ("nfs", "cifs", "smb", "9p", "fuse", "virtiofs", "ceph", "gluster", "afs", "lustre")
"""Beginnings of file system types on which SQLite's WAL is not safe (sqlite.org/wal.html)."""

FEW = 1 << 30  # below 1 GiB no files are taken, and nothing starts
LAST = 300 << 20  # below 300 MiB no new dialog begins; status still answers

Room = Literal["enough", "no_files", "no_dialogs"]


@dataclass(frozen=True, slots=True)
class Space:
    free: int  # bytes
    room: Room


def space(path: Path) -> Space:
    """Look at the disk under `path`."""
    free = shutil.disk_usage(path).free
    room: Room = "enough" if free >= FEW else "no_files" if free >= LAST else "no_dialogs"
    return Space(free, room)


def unescape(field: str) -> str:
    """Read a path of mountinfo, where blanks are written in octal (proc(5))."""
    for code in ("040", "011", "012", "134"):
        field = field.replace("\\" + code, chr(int(code, 8)))
    return field


def file_system(path: Path, mountinfo: str) -> str:
    """Name the type of the file system that `path` lies on; "" when it cannot be told."""
    found, longest = "", -1
    for line in mountinfo.splitlines():
        fields = line.split()
        if "-" not in fields:
            continue
        mount = Path(unescape(fields[4]))
        if path.is_relative_to(mount) and len(mount.parts) >= longest:
            found, longest = fields[fields.index("-") + 1], len(mount.parts)
    return found


def check_disk(data_dir: Path, mountinfo: str | None = None, least: int = FEW) -> None:
    """Refuse a network file system and a full disk, by name."""
    if mountinfo is None:
        proc = Path("/proc/self/mountinfo")
        mountinfo = proc.read_text(errors="replace") if proc.exists() else ""
    kind = file_system(data_dir.resolve(), mountinfo)
    if kind.startswith(REMOTE):
        raise StartRefused("JEOKGEUK_DATA", kind, "SQLite는 이 컴퓨터의 디스크에 있어야 합니다")
    free = space(data_dir).free
    if free < least:
        raise StartRefused(
            "JEOKGEUK_DATA", "space", f"{free >> 20} MiB만 남았습니다(1024 MiB 필요)"
        )


def own_folder(folder: Path, setting: str, *, make: bool = True) -> None:
    """Have a folder that can be written, made at need, or refuse by its setting and its path."""
    where = str(folder)
    try:
        if make:
            files.have_folder(folder)
    except (FileExistsError, NotADirectoryError):
        raise StartRefused(
            setting, where, "폴더가 아니라 파일입니다. 폴더를 적어 주세요"
        ) from None
    except OSError:
        reason = "폴더를 만들 수 없습니다. 디스크가 있는지, 위 폴더에 쓸 수 있는지 봐 주세요"
        raise StartRefused(setting, where, reason) from None
    if not folder.is_dir():
        raise StartRefused(setting, where, "그런 폴더가 없습니다. 먼저 만들어 주세요")
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        reason = (
            "쓸 수 없는 폴더입니다. 이 계정에게 권한을 주거나, 디스크가 읽기 전용인지 봐 주세요"
        )
        raise StartRefused(setting, where, reason)


def own_file(path: Path, setting: str) -> None:
    """Refuse by its setting what cannot be a database file of ours; there need not be one yet."""
    own_folder(path.parent, setting, make=False)
    if path.is_dir():
        raise StartRefused(setting, str(path), "파일이 아니라 폴더입니다")
    if path.exists() and not os.access(path, os.R_OK | os.W_OK):
        raise StartRefused(
            setting, str(path), "읽고 쓸 수 없는 파일입니다. 이 계정에게 권한을 주세요"
        )


def private_file(path: Path) -> None:
    """Make a file that only its owner reads, where there is none; SQLite's others follow it."""
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))


def boot_id() -> str:
    """Name this start of this machine."""
    proc = Path("/proc/sys/kernel/random/boot_id")
    return proc.read_text().strip() if proc.exists() else platform.node()


class HostLock:
    """Proves that one host alone has the file open, however many processes it runs.

    Everybody holds the lock file shared; who is alone writes the host's name into it. Where the
    name is another's while somebody holds it, a second host is at work.
    """

    def __init__(self, path: Path, host: str) -> None:
        self._fd = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.ftruncate(self._fd, 0)
            os.pwrite(self._fd, host.encode(), 0)
        except BlockingIOError:
            fcntl.flock(self._fd, fcntl.LOCK_SH)
            if os.pread(self._fd, 256, 0) != host.encode():
                self.close()
                raise StartRefused(path.name, "host", "다른 컴퓨터가 쓰고 있습니다") from None
        fcntl.flock(self._fd, fcntl.LOCK_SH)

    def alone(self) -> bool:
        """Take it alone, for a migration; False while another process has it."""
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            fcntl.flock(self._fd, fcntl.LOCK_SH)
            return False
        return True

    def share(self) -> None:
        fcntl.flock(self._fd, fcntl.LOCK_SH)

    def close(self) -> None:
        os.close(self._fd)


@contextmanager
def taken(file: Path | None, least: int = FEW) -> Iterator[HostLock | None]:
    """Take a SQLite file for this process (None: a server has the data); the caller closes it.

    Inside, processes that start come one after another, however long one of them migrates: the
    next finds it done. The lock of a process that dies goes with it.
    """
    if file is None:
        yield None
        return
    own_file(file, "DATABASE_URL")
    check_disk(file.parent, least=least)
    turn = os.open(file.with_name(f"{file.name}.start"), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(turn, fcntl.LOCK_EX)
        host = HostLock(file.with_name(f"{file.name}.host"), boot_id())
        private_file(file)
        yield host
    finally:
        os.close(turn)


@contextmanager
def only_one(file: Path | None) -> Iterator[None]:
    """Be the only process that serves a SQLite file (None: a server, which has room for many).

    Two of them would each think that they alone stand in line. The lock of a process that dies
    goes with it.
    """
    if file is None:
        yield
        return
    held = os.open(file.with_name(f"{file.name}.serve"), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            reason = (
                "다른 serve가 쓰고 있습니다. 그것을 멈추거나, 여럿이면 PostgreSQL을 적어 주세요"
            )
            raise StartRefused("DATABASE_URL", str(file), reason) from None
        yield
    finally:
        os.close(held)
