"""Writing a file so that it is there, whole, after a power cut: its content, then its name."""

import os
import stat
from collections.abc import Callable
from pathlib import Path


def others_read(found: os.stat_result, account: int) -> bool:
    """Tell whether a secret's file is open to more than the account that we run under.

    What belongs to root may be readable by our group: so orchestrators hand out secrets
    (Kubernetes mounts them as root's, with the group of `fsGroup`) and so /etc keeps them.
    """
    lent = found.st_uid == 0 and account != 0
    return bool(stat.S_IMODE(found.st_mode) & (0o037 if lent else 0o077))


def keep(path: Path, content: bytes, random: Callable[[int], bytes] = os.urandom) -> None:
    """Write or replace a file whole, readable by its owner only; a crash leaves old or new.

    The new name lasts only once the folder is synced too (fsync(2)).
    """
    half = path.with_name(f".{path.name}.{random(4).hex()}")
    handle = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        half.rename(path)
    except OSError:
        half.unlink(missing_ok=True)  # on a full disk halves would take the last room
        raise
    sync_folder(path.parent)


def have_folder(folder: Path) -> None:
    """Have a folder, and those above it, that are there after a power cut too."""
    for one in (*reversed(folder.parents), folder):
        if not one.exists():
            one.mkdir(mode=0o700, exist_ok=True)
            sync_folder(one.parent)
    if not folder.is_dir():
        raise FileExistsError(folder)


def sync_folder(folder: Path) -> None:
    """Make what was named or removed in a folder last."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
