"""Programs that others wrote, run for a while on this machine."""

import os
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

SECONDS = 60.0
T = TypeVar("T")


@contextmanager
def running(command: list[str], env: Mapping[str, str], folder: Path) -> Iterator[None]:
    process = subprocess.Popen(
        command,
        env={"PATH": os.environ["PATH"], "HOME": str(folder), **env},
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(10)


def answers(url: str) -> None:
    """Wait until somebody answers there: such a program tells nobody when it listens."""
    until = time.monotonic() + SECONDS
    while time.monotonic() < until:
        try:
            urllib.request.urlopen(url, timeout=2).close()
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError(f"nobody answers at {url}")


def until(holds: Callable[[], T]) -> T:
    """Ask a server again and again until what it is to come to is so; gives what it said."""
    end = time.monotonic() + SECONDS
    while not (found := holds()):
        assert time.monotonic() < end
        time.sleep(0.02)
    return found


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])
