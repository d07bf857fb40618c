"""The service's command, in a process whose clock goes wrong by `JEOKGEUK_SHIFT` seconds.

The machine's clock cannot be set for one namespace; everything of ours that asks what time it is
asks either `time.time` or the clock that `build` is given, so both are moved before it begins.
"""

import os
import time
from datetime import timedelta
from functools import partial

SHIFT = float(os.environ.get("JEOKGEUK_SHIFT", "0"))


def main() -> None:
    """Move the clocks and be `jeokgeuk`."""
    right, right_ns = time.time, time.time_ns
    time.time = lambda: right() + SHIFT
    time.time_ns = lambda: right_ns() + round(SHIFT * 1e9)
    from bot import app, cli  # noqa: PLC0415 - not before the clock is wrong
    from bot.cli import running  # noqa: PLC0415

    running.build = partial(app.build, now=lambda: app.wall_clock() + timedelta(seconds=SHIFT))
    cli.main()


if __name__ == "__main__":
    main()
