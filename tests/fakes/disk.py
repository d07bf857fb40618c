"""A real small disk: memory mounted as one, where the tests run as root and may mount."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def small_disk(place: Path, size: str) -> Iterator[Path]:
    """Mount a tmpfs of `size` at a folder that is made; skips where that is not allowed."""
    place.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size},mode=700", "tmpfs", str(place)],
        capture_output=True,
        check=False,
    )
    if done.returncode:
        pytest.skip(f"needs root and the right to mount a tmpfs of {size}")
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)
