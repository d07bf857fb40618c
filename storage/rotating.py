"""A whole rotation while everything runs: no turn fails, no process is stopped (security S6)."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial

from storage import rotation
from storage.errors import StartRefused
from storage.transactions import Store

ROUNDS = 1000
"""Tries to meet a row between two turns; each takes some milliseconds."""


@dataclass(frozen=True, slots=True)
class Rotated:
    """How many data keys were wrapped anew, and which keys went."""

    wrapped: int
    retired: tuple[str, ...]


def begun(store: Store) -> bool:
    """Tell whether a new key stands in the files already and waits for its rotation."""
    source = store.learner.source if store.learner is not None else store.ring
    heads = (source.keys[0].id, source.desk_first)
    return heads != (store.ring.first, store.ring.desk_first)


def rotate(store: Store, wait: Callable[[], None]) -> Rotated:
    """Let the new keys of the files write, and retire those before them.

    `wait` lets so much time pass that every process has looked (`learning.STEP`). Raises
    StartRefused where a process has not the new key, or where this one cannot open everything;
    nothing has changed then, and it can be begun again. Broken off later, it is finished by
    running it again.
    """
    learner = store.learner
    assert learner is not None
    if learner.reload is not None:
        learner.source = learner.reload()
    if not store.ring.discloses:
        reason = "직원 열쇠가 없으면 신원의 열쇠를 바꿔 감쌀 수 없습니다"
        raise StartRefused("JEOKGEUK_DESK_KEY_FILE", "key", reason)
    store.transact(lambda unit: rotation.announce(unit, learner.source), None)
    store.keep_up(at_once=True)
    wait()
    lacking = store.read(rotation.without)
    if lacking:
        reason = f"새 열쇠를 읽지 못한 프로세스가 있습니다: {', '.join(lacking)}"
        raise StartRefused("keys", "rotate", reason)
    store.promote()
    wait()
    gone = store.read(rotation.old)
    wrapped = _rewrap(store, gone)
    for kid in gone:
        store.transact(partial(rotation.retire, kid=kid), None)
    store.keep_up(at_once=True)
    return Rotated(wrapped, tuple(kid.hex() for kid in gone))


def _rewrap(store: Store, gone: Iterable[bytes]) -> int:
    """Wrap and index anew until the old keys are used no more: rows in a turn are passed over."""
    done = 0
    for _ in range(ROUNDS):
        done += store.rewrap()
        if not any(store.read(partial(rotation.used, kid=kid)) for kid in gone):
            break
    return done
