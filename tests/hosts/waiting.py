"""Waiting: for what processes do by themselves, and while a fault takes its time."""

import time
from collections.abc import Callable

LOOK = 0.05


def pause(seconds: float = LOOK) -> None:
    time.sleep(seconds)


def until(reached: Callable[[], object], seconds: float = 60.0) -> bool:
    """Look again and again whether something is so; False when it was not in time."""
    end = time.monotonic() + seconds
    while not reached():
        if time.monotonic() > end:
            return False
        pause()
    return True
