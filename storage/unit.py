"""What a piece of work holds in its hands while its transaction is open."""

from dataclasses import dataclass, field
from typing import NamedTuple

import sqlalchemy as sa

from storage.blobs import Blobs
from storage.crypto import Random
from storage.keychain import Keychain


class Key(NamedTuple):
    """Names something done once: (channel and account, peer or 0, the sender's id of it)."""

    account: str
    peer_id: int
    update_id: str


@dataclass
class Unit:
    """`conn` is in the one transaction; never commit it, never keep the unit."""

    conn: sa.Connection
    keys: Keychain
    dialect: str
    blobs: Blobs
    random: Random
    claimed: Key | None = field(default=None)

    def sid(self) -> bytes:
        """Make the name of a new owner of sealed values."""
        return self.random(16)
