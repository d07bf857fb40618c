"""On whose behalf a transaction of the desk runs: the second wall asks it (security S7, S8).

PostgreSQL's row-level security compares who is there with the guards of a filing. He is set for
one transaction only (`set_config(…, true)`): a plain SET would pass to the next who borrows the
connection (probe P10). Where nobody is set, the desk's role sees no filing at all.

Every statement says for itself for whom it runs, and says nothing about the next: the one who sits
at the desk, unless it was asked for somebody else (`BEHALF`) or stands in an `as_service` block.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event

from storage import behind


@dataclass(frozen=True, slots=True)
class Acting:
    """An official; SERVICE is the service itself, whose rules have decided already.

    `reach`: for the sake of which units he is kept out, as `reach_of` writes it.
    """

    user_id: int | None = None
    reach: str = "[]"


SERVICE = Acting()
WHO: ContextVar[Acting | None] = ContextVar("acting", default=None)
"""Who asks in this request; None outside the desk, where no transaction says anything."""

BEHALF = "jeokgeuk_behalf"
"""Execution option of a statement with a guard in it: whose guard; None is the service.

The wall knows of one person only. What was asked for another one has its guard in the statement.
"""

_WHO, _SAID = "jeokgeuk_who", "jeokgeuk_said"
_SQL = (
    "SELECT set_config('jt.as', %s, true), set_config('jt.user', %s, true), "
    "set_config('jt.reach', %s, true)"
)


def reach_of(rows: Iterable[tuple[int, date, date]]) -> str:
    """Write for the wall: units, the last day there, and the day before which a guard has to be."""
    return json.dumps(
        [{"unit": unit, "last": str(last), "before": str(before)} for unit, last, before in rows]
    )


def listen(engine: sa.Engine) -> None:
    """Let every statement on a PostgreSQL engine say for whom it runs."""

    @event.listens_for(engine, "begin")
    def begin(conn: sa.Connection) -> None:
        conn.info.update({_WHO: WHO.get(), _SAID: None})

    @event.listens_for(engine, "before_cursor_execute")
    def before(
        conn: sa.Connection, _cursor: Any, sql: str, _params: Any, context: Any, _many: bool
    ) -> None:
        if sql.startswith("ROLLBACK TO"):
            conn.info[_SAID] = None  # what was set since then is taken back with the rest
        else:
            say(conn, context.execution_options)


def say(conn: sa.Connection, options: Mapping[str, Any] | None = None) -> None:
    """Tell the database for whom the next statement runs, where it was told of somebody else."""
    who = conn.info.get(_WHO)
    if who is None:
        return
    if options and options.get(BEHALF, who.user_id) != who.user_id:
        who = SERVICE
    if who != conn.info[_SAID]:
        kind = "service" if who == SERVICE else "official"
        told = (kind, str(who.user_id or ""), who.reach)
        if not behind.add(conn, _SQL, told):
            raw: Any = conn.connection.driver_connection
            raw.execute(_SQL, told)
        conn.info[_SAID] = who


def sit(conn: sa.Connection, who: Acting) -> None:
    """Hand what the service began over to an official, where it had to find out first who it is.

    Never the other way, and never from one official to another: that is a bug.
    """
    before = conn.info.get(_WHO)
    if before not in {None, SERVICE, who}:
        raise RuntimeError("somebody else sits here already")
    if before is not None:
        conn.info[_WHO] = who


@contextmanager
def as_service(conn: sa.Connection) -> Iterator[None]:
    """Let what stands inside run as the service; afterwards whoever was there is there again."""
    info = conn.info  # a connection that is lost inside cannot be asked for it any more
    before = info.get(_WHO)
    info[_WHO] = before and SERVICE
    try:
        yield
    finally:
        info[_WHO] = before
