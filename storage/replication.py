"""What would be lost with the primary, and whether it is one: asked of PostgreSQL itself (S21)."""

from dataclasses import dataclass
from typing import Literal

import sqlalchemy as sa

from storage import lines
from storage.unit import Unit

Loss = Literal["crash", "seconds", "none"]
"""`crash`: already a server that falls over loses the last moment; `seconds`: one that is gone for
good, with the standby in its place; `none`: nothing that was confirmed."""

_SAID = ("synchronous_commit", "synchronous_standby_names", "fsync", "full_page_writes")


@dataclass(frozen=True, slots=True)
class Replication:
    """`standbys` are seen following, `waited` of them are waited for; -1: the account may not see.

    `room` is how many connections the server takes in all, `pooled`: a pooler stands between.
    """

    commit: str
    names: str
    durable: bool
    standbys: int
    waited: int
    room: int
    pooled: bool

    @property
    def loss(self) -> Loss:
        if self.commit == "off" or not self.durable:
            return "crash"
        return "none" if self.commit in {"on", "remote_apply"} and self.names else "seconds"


def look(unit: Unit) -> Replication:
    """Ask how this primary is copied."""
    say = {name: str(unit.conn.scalar(sa.select(sa.func.current_setting(name)))) for name in _SAID}
    senders = unit.conn.execute(sa.text("SELECT state, sync_state FROM pg_stat_replication"))
    seen = [(row.state, row.sync_state) for row in senders]
    hidden = any(state is None for state, _ in seen)
    following = [sync for state, sync in seen if state == "streaming"]
    return Replication(
        say["synchronous_commit"],
        say["synchronous_standby_names"].strip(),
        {say["fsync"], say["full_page_writes"]} == {"on"},
        len(seen) if hidden else len(following),
        -1 if hidden else sum(sync in {"sync", "quorum"} for sync in following),
        int(unit.conn.scalar(sa.select(sa.func.current_setting("max_connections"))) or 0),
        lines.pooled(unit.conn),
    )


def writable(unit: Unit) -> bool:
    """Tell whether one may write here: a standby, or a server that was locked, takes nothing."""
    if unit.dialect != "postgresql":
        return True
    # Our own transaction is read-only by itself; what counts is what the next one would be.
    asked = "SELECT NOT (pg_is_in_recovery() OR current_setting('default_transaction_read_only')::bool)"
    return bool(unit.conn.scalar(sa.text(asked)))
