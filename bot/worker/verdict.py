"""What a delivery means for its row, for its peer and for its channel. Pure."""

from dataclasses import dataclass
from typing import Literal

from bot.channel import Delivered, Delivery, Later, Moved, Never, Unknown
from storage.repositories.outbox import NEWER

AGAIN_AFTER = 300.0
"""Seconds until a message without a verdict goes again, marked "(다시 보냄)" (S12)."""

AGAIN = "again"
"""The problem of a row that may have arrived already."""

MARKED = 5
"""Ranks up to this one are sent again after Unknown; a broadcast (9) is not, it is counted."""

MOST_CLAIMS = 5
"""Claims without a settle, after which a row is quarantined (S10)."""

BUG_AFTER = 60.0
"""Seconds until a row that could not be opened or rendered is tried again."""

Status = Literal["sent", "pending", "dropped", "dead", "quarantined", "unknown"]


@dataclass(frozen=True, slots=True)
class Settled:
    """How a row leaves this claim.

    `after`: seconds from now when `status` is pending. `blame`: the try counts against the row;
    otherwise the claim is given back. `problem` is a code of ours, never a vendor's text; "again"
    says that the message may have arrived.
    """

    id: int
    token: bytes
    status: Status
    after: float = 0.0
    blame: bool = True
    problem: str = ""
    message: str = ""
    gone: bool = False  # the person cannot be reached on this channel any more
    fault: str | None = None  # the channel is broken: breaker, and no row is blamed


def judge(row_id: int, token: bytes, rank: int, delivery: Delivery) -> Settled:
    """Turn a channel's verdict into what happens to the row; `Moved` is the caller's."""
    match delivery:
        case Delivered(id=message):
            return Settled(row_id, token, "sent", message=message or "")
        case Later(after=after, counts=counts, fault=fault):
            blame = counts and fault is None
            return Settled(
                row_id, token, "pending", after=after, blame=blame, problem="later", fault=fault
            )
        case Never(code=code, peer_gone=gone):
            return Settled(row_id, token, "dead", problem=code, gone=gone)
        case Unknown():
            return unknown(row_id, token, rank)
        case Moved():
            raise AssertionError("a moved chat is tried at its new address first")


def unknown(row_id: int, token: bytes, rank: int) -> Settled:
    """Judge a message that was written to the wire and never acknowledged."""
    if rank <= MARKED:
        return Settled(row_id, token, "pending", after=AGAIN_AFTER, problem=AGAIN)
    return Settled(row_id, token, "unknown", problem="unknown")


def newer(row_id: int, token: bytes, *, again: bool = False) -> Settled:
    """Judge a row that a later release wrote and we do not know: it waits for that one (S23).

    One that may have arrived already keeps saying so, and is looked at again after a while.
    """
    after, problem = (BUG_AFTER, AGAIN) if again else (0.0, NEWER)
    return Settled(row_id, token, "pending", after=after, blame=False, problem=problem)


def bug(row_id: int, token: bytes, *, again: bool = False) -> Settled:
    """Judge a row that we could not open or render: its own trouble, nobody else's."""
    problem = AGAIN if again else "render"
    return Settled(row_id, token, "pending", after=BUG_AFTER, problem=problem)
