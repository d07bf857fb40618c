"""A clean copy of a file from a stranger (security S25).

The original stays sealed and whole: it is evidence. Everybody else sees the copy made here, in a
child process without keys, network or much memory; if the child dies, the file has no preview.
"""

import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import knowledge
from bot.documents.kinds import COPIES, MIMES, Kind

SECONDS = 20
MOST = 40 * 1024 * 1024
"""Bytes of a copy; a child that was taken over may write for ever."""

_CHILD = Path(__file__).with_name("clean_child.py")
_FONTS = Path(knowledge.__file__).with_name("data") / "fonts"
_ENV = {"LANG": "C.UTF-8", "MALLOC_ARENA_MAX": "2", "RAYON_NUM_THREADS": "1"}
"""All that the child knows of us; few threads, because each takes address space."""


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A copy made from pixels or from bare text only."""

    data: bytes
    mime: str


def clean(data: bytes, kind: Kind, *, seconds: float = SECONDS) -> Cleaned | None:
    """Make the clean copy; None = "미리보기 없음" (no way to draw it, or the child died)."""
    if kind not in COPIES:
        return None
    made = _child(kind, data, seconds)
    return Cleaned(made, MIMES[COPIES[kind]]) if made else None


def _child(kind: str, data: bytes, seconds: float) -> bytes | None:
    """Run the child on `data`; None when it failed, said too much or took too long."""
    with subprocess.Popen(  # noqa: S603 - our own script, fixed arguments
        [sys.executable, "-I", str(_CHILD), kind, str(_FONTS)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=_ENV,
    ) as child:
        end = threading.Timer(seconds, child.kill)
        feeder = threading.Thread(target=_feed, args=(child, data))
        end.start()
        feeder.start()
        assert child.stdout is not None
        made = child.stdout.read(MOST + 1)
        if len(made) > MOST:
            child.kill()
        child.wait()
        end.cancel()
        feeder.join()
    return made if child.returncode == 0 and 0 < len(made) <= MOST else None


def _feed(child: subprocess.Popen[bytes], data: bytes) -> None:
    assert child.stdin is not None
    with suppress(OSError):  # it died or wants no more
        child.stdin.write(data)
    with suppress(OSError):
        child.stdin.close()
