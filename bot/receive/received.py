"""What came of one update: for who renders it inline, and for who sends it."""

from dataclasses import dataclass

from bot.dialogs.replies import Reply


@dataclass(frozen=True, slots=True)
class Born:
    """An outbox row that the turn's own transaction leased to whoever sends it now.

    `token` is the lease's: nothing is sent or settled without it (S11). `leased_at` is our own
    monotonic clock before the lease was taken; without it the lease is renewed before the send.
    `reply` is None for a row that deletes the message `delete` of the chat.
    """

    id: int
    token: bytes
    rank: int
    channel: str
    account: str
    address: str
    lang: str
    peer_id: int
    reply: Reply | None
    delete: str | None = None
    leased_at: float = float("-inf")


@dataclass(frozen=True, slots=True)
class Received:
    """The answer to one update.

    `replies` are for channels that answer inline (web, API); pushed channels find theirs in
    `rows`, which the worker's `flush` sends. In `replies` the live turn alone has the code of a
    receipt (S24): a repeat gets the stored copy, where a button makes a new one.
    """

    replies: tuple[Reply, ...]
    lang: str
    peer_id: int
    turn: int
    rows: tuple[Born, ...] = ()
    repeated: bool = False
