"""Who talks to the service, and what goes in and out."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field

from storage.columns import Id
from storage.models import base as col
from storage.models.base import Bytes, Moment, Ref, Table

WAITING = "status IN ('pending', 'sending')"
SETTLED = "status IN ('sent', 'dropped')"
FAILED = "status IN ('dead', 'quarantined', 'unknown')"
ANSWERED = "answer IS NOT NULL"
"""Literal, because a partial index is used only where the query says the very same."""


class Person(Table, table=True):
    """Somebody known by several addresses."""

    __tablename__ = "people"
    __table_args__ = (col.AUTO,)
    id: int | None = col.row_id()
    sid: bytes = col.sid()
    created_at: datetime = col.moment()


class Peer(Table, table=True):
    """An address on a channel. `turn` never goes back, whatever becomes of the dialog."""

    __tablename__ = "peers"
    __table_args__ = (sa.UniqueConstraint("channel", "account", "address_ix"), col.AUTO)
    id: int | None = col.row_id()
    sid: bytes = col.sid()
    channel: str
    account: str
    address_ix: bytes = col.raw()
    ix_key_id: str  # under which ring key address_ix was made (security S6)
    address: bytes = col.sealed()
    name: Bytes = col.sealed(null=True)  # display name at the messenger, only with consent
    lang: str = col.text("ko")
    turn: int = col.number()
    next_seq: int = col.number(1)
    state: str = col.text("open")  # open, gone
    person_id: Ref = col.ref("people.id", null=True, index=True)
    created_at: datetime = col.moment()
    seen_at: datetime = col.moment()  # no index: it would be written at every turn


class Dialog(Table, table=True):
    """The one open dialog of a peer."""

    __tablename__ = "dialogs"
    peer_id: int = Field(primary_key=True, foreign_key="peers.id", sa_type=Id)
    version: int = col.number(1)
    form: str
    state: bytes = col.sealed()
    started_at: datetime = col.moment()
    touched_at: datetime = col.moment()  # no index, as above
    reminded_at: Moment = col.moment(null=True)


class Consent(Table, table=True):
    """What somebody agreed to, when, to which text, and when it was taken back."""

    __tablename__ = "consents"
    id: int | None = col.row_id()
    peer_id: int = col.ref("peers.id", index=True)
    kind: str
    text_version: str
    lang: str
    given_at: datetime = col.moment()
    withdrawn_at: Moment = col.moment(null=True)


class Inbox(Table, table=True):
    """What was done already. `peer_id` 0: a command of the desk, the clock or the console.

    On PostgreSQL it stands in parts by the hash of the peer (`storage.tuning`, security S16).
    """

    __tablename__ = "inbox"
    __table_args__ = (col.partial("ix_inbox_answered", "at", where=ANSWERED), col.KEYED)
    account: str = Field(primary_key=True)
    peer_id: int = Field(primary_key=True, sa_type=Id)
    update_id: str = Field(primary_key=True)
    body_mac: bytes = col.raw()
    answer: Bytes = col.sealed(null=True)
    at: datetime = col.moment(index=True)


class Outbox(Table, table=True):
    """The only road out; ordered by `seq` within a peer and rank."""

    __tablename__ = "outbox"
    __table_args__ = (
        sa.UniqueConstraint("peer_id", "seq"),
        col.partial("ix_outbox_in_turn", "channel", "rank", "due_at", "id", where=WAITING),
        col.partial("ix_outbox_filing_id", "filing_id", where="filing_id IS NOT NULL"),
        col.partial("ix_outbox_in_line", "peer_id", "rank", "seq", where=WAITING),
        col.partial("ix_outbox_settled_at", "settled_at", where=SETTLED),
        col.partial("ix_outbox_failed", "id", where=FAILED),
    )
    id: int | None = col.row_id()
    peer_id: int = col.ref("peers.id")
    seq: int
    channel: str
    rank: int  # 0 reply, 1 receipt and legal notice, 5 reminder, 9 broadcast
    kind: str
    payload: Bytes = col.sealed(null=True)  # taken away once it was sent
    filing_id: Ref = col.ref("filings.id", null=True)
    broadcast_id: int | None = Field(default=None, sa_type=Id)
    status: str = col.text("pending")
    due_at: datetime = col.moment()
    since: datetime = col.moment()  # the first due_at: how long it has waited (security S19)
    expires_at: Moment = col.moment(null=True)
    lease_until: Moment = col.moment(null=True)
    lease_token: Bytes = col.raw(null=True)
    claims: int = col.number()
    problem: str = col.text()  # a code of our list, never the vendor's text
    valid_rule: str = col.text()  # checked when it is claimed (security S14)
    message_id: str = col.text()
    created_at: datetime = col.moment()
    settled_at: Moment = col.moment(null=True)
    release: int = col.number()  # which one wrote it; 0: one that did not say


class SentKey(Table, table=True):
    """What must be said once only; lives as long as its filing (security S14)."""

    __tablename__ = "sent_keys"
    __table_args__ = col.KEYED
    key: str = Field(primary_key=True)
    filing_id: Ref = col.ref("filings.id", null=True, index=True)
    at: datetime = col.moment()
