"""A process that is killed in the middle of reading leaves a file whole or not at all."""

import os
import signal
import traceback
from collections.abc import Callable
from dataclasses import replace

import pytest
import sqlalchemy as sa

from storage.repositories import filings, relays
from storage.store import Store, commit_it, open_store
from tests.relay.conftest import Pair, Side


def kill() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def before(_transaction: sa.Transaction) -> None:
    kill()


def after(transaction: sa.Transaction) -> None:
    commit_it(transaction)
    kill()


def killed(side: Side, commit: Callable[[sa.Transaction], None], nth: int) -> int:
    """Let a process of its own go on until it kills itself at its n-th commit; gives the signal."""
    left = [nth]

    def at(transaction: sa.Transaction) -> None:
        left[0] -= 1
        (commit if left[0] == 0 else commit_it)(transaction)

    pid = os.fork()
    if pid == 0:
        try:
            store = again(side.store, commit=at)
            replace(side.relay, store=store).step()
            os._exit(0)
        except BaseException:  # noqa: BLE001
            traceback.print_exc()
        finally:
            os._exit(1)  # a fork must never run on as its parent
    _, status = os.waitpid(pid, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0
    return os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0


def again(store: Store, **changes: object) -> Store:
    return open_store(
        str(store.engine.url), kind="service", secrets=store.ring, data_dir=store.data_dir,
        least=0, **changes,  # type: ignore[arg-type]
    )  # fmt: skip


@pytest.mark.parametrize("commit", [before, after])
def test_killed_at_any_commit_a_file_is_there_whole_or_not_at_all(
    road: Pair, commit: Callable[[sa.Transaction], None]
):
    numbers = [road.outside.file().number for _ in range(3)]
    for nth in range(1, 40):  # writing the file, and noting that it lies in the folder
        road.outside.store.engine.dispose()
        if not killed(road.outside, commit, nth):
            break
    files = road.outside.out()
    assert [path.name for path in files] == ["in-0000000001.jtr"]
    road.carry()
    for nth in range(1, 40):
        road.inside.store.engine.dispose()
        died = killed(road.inside, commit, nth)
        there = [
            road.inside.see(lambda u, n=n: filings.by_number(u, n)) is not None for n in numbers
        ]
        read = road.inside.see(lambda u: relays.last(u, "in"))
        assert there == [read is not None] * 3
        if not died:
            break
    else:
        raise AssertionError("it never came to its end")
    road.settle()
    assert [road.outside.filing(number).state for number in numbers] == ["received"] * 3
    mirrored = [road.outside.filing(number) for number in numbers]
    assert all(road.outside.see(lambda u, f=f: relays.mirror(u, f.id, f.sid)) for f in mirrored)
    assert len(road.inside.relay.standing().refused) == 0
