"""Writing a file so that it is there, whole, after a power cut: its content, then its name."""

import os
from collections.abc import Callable
from pathlib import Path


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


def sync_folder(folder: Path) -> None:
    """Make what was named or removed in a folder last."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
