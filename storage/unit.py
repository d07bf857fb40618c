"""What a piece of work holds in its hands while its transaction is open."""

from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from storage import acting
from storage.blobs import Blobs
from storage.crypto import Random
from storage.erasures import Entry
from storage.keychain import Keychain


class Key(NamedTuple):
    """Names something done once: (channel and account, peer or 0, the sender's id of it)."""

    account: str
    peer_id: int
    update_id: str


@dataclass
class Unit:
    """`conn` is in the one transaction; never commit it, never keep the unit.

    `heads` are the ends of the chains that it holds locked (`storage.journal`), `days_off` what
    it has read of them: neither is asked for twice.
    """

    conn: sa.Connection
    keys: Keychain
    dialect: str
    blobs: Blobs
    random: Random
    claimed: Key | None = field(default=None)
    gone: list[Entry] = field(default_factory=list)
    heads: dict[bytes, tuple[int, bytes]] = field(default_factory=dict)
    days_off: list[sa.Row[Any]] | None = None

    def as_service(self) -> AbstractContextManager[None]:
        """Run what stands in the block as the service, whose rules have decided.

        The guard that a move sets shall not hide the filing from the move itself.
        """
        return acting.as_service(self.conn)

    def sid(self) -> bytes:
        """Make the name of a new owner of sealed values: nobody has written of it yet."""
        sid = self.random(16)
        self.keys.born.add(sid)
        return sid

    def taken_back(self) -> None:
        """Forget what was read or written since a savepoint that was rolled back."""
        self.heads.clear()
        self.days_off = None

    def note_gone(self, what: str, sid: bytes, at: datetime) -> None:
        """Put into the erasure ledger, with this commit, what a restore has to do again (S13)."""
        self.gone.append(Entry(what, sid, at))
