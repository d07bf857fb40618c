"""Counts how often a process waits for PostgreSQL: by the driver's own record of what went over."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event


@contextmanager
def counted(engine: sa.Engine, path: Path) -> Iterator[Any]:
    """Give what says how many answers came since the last time that it was asked."""
    with path.open("wb") as file:

        def begin(raw: Any, _record: Any, _proxy: Any) -> None:
            raw.pgconn.trace(file.fileno())

        def end(raw: Any, _record: Any) -> None:
            if raw is not None:
                raw.pgconn.untrace()

        def asked() -> int:
            lines = path.read_bytes().split(b"\n")
            told = sum(b"ReadyForQuery" in line for line in lines)
            now, seen[0] = told - seen[0], told
            return now

        seen = [0]
        event.listen(engine, "checkout", begin)
        event.listen(engine, "checkin", end)
        try:
            yield asked
        finally:
            event.remove(engine, "checkout", begin)
            event.remove(engine, "checkin", end)
