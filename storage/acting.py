"""On whose behalf a transaction of the desk runs: the second wall asks it (security S7, S8).

PostgreSQL's row-level security compares `jt.user` and `jt.unit` with the guards of a filing. They
are set for one transaction only (`set_config(…, true)`): a plain SET would pass to the next who
borrows the connection (probe P10). Where nothing is set, the desk's role sees no filing at all.
"""

from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event


@dataclass(frozen=True, slots=True)
class Acting:
    """An official with a unit; SERVICE is the service itself, whose rules have decided already."""

    user_id: int | None = None
    unit_id: int | None = None


SERVICE = Acting()
WHO: ContextVar[Acting | None] = ContextVar("acting", default=None)
"""Who asks in this request; None outside the desk, where no transaction says anything."""

OPTION = "jeokgeuk_acting"
"""Execution option of a statement that is to be run on behalf of somebody else than WHO."""

_KEY = "jeokgeuk_acting"
_SQL = (
    "SELECT set_config('jt.as', %s, true), set_config('jt.user', %s, true), "
    "set_config('jt.unit', %s, true)"
)


def listen(engine: sa.Engine) -> None:
    """Let every transaction of a PostgreSQL engine say for whom it runs."""

    @event.listens_for(engine, "begin")
    def begin(conn: sa.Connection) -> None:
        who = WHO.get()
        conn.info[_KEY] = who
        if who is not None:
            _say(conn, who)

    @event.listens_for(engine, "before_execute")
    def before(conn: sa.Connection, _clause: Any, _many: Any, _params: Any, options: Any) -> None:
        if OPTION in options:
            switch(conn, options[OPTION])


def switch(conn: sa.Connection, who: Acting) -> None:
    """Run the rest of the transaction for somebody else, where it says for whom it runs."""
    before = conn.info.get(_KEY)
    if before is not None and before != who and conn.dialect.name == "postgresql":
        conn.info[_KEY] = who
        _say(conn, who)


def _say(conn: sa.Connection, who: Acting) -> None:
    kind = "service" if who == SERVICE else "official"
    values = (kind, str(who.user_id or ""), str(who.unit_id or ""))
    raw: Any = conn.connection.driver_connection
    raw.execute(_SQL, values)
