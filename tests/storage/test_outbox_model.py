"""The outbox against a model: whatever happens, nothing is lost, doubled or out of order."""

import itertools
import tempfile
from collections import defaultdict
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage.crypto import KeyRing, new_key_text
from storage.models import outbox as rows
from storage.repositories import claims, outbox
from storage.repositories.outbox import Verdict
from storage.store import open_store
from tests import shipped
from tests.fakes.clock import FrozenClock
from tests.storage.rows import a_draft, a_peer

PEERS = ("1", "2", "3")
LEASE = 90

put = st.tuples(
    st.just("put"),
    st.sampled_from(PEERS),
    st.lists(st.sampled_from([0, 0, 1, 5, 9]), min_size=1, max_size=3),
    st.booleans(),
)
verdict = st.sampled_from(["sent", "sent", "dead", "later", "fault", "keep"])
work = st.tuples(st.just("work"), st.integers(1, 5), st.lists(verdict, min_size=1, max_size=5))
trouble = st.one_of(
    st.tuples(st.just("die")), st.tuples(st.just("wait"), st.sampled_from([1, 40, 100]))
)
rounds = st.lists(st.tuples(put, work, work, trouble), min_size=4, max_size=12)


class World:
    """A worker that may die, a clock that moves, and what the vendor has accepted."""

    def __init__(self, store, clock):
        self.store, self.clock = store, clock
        self.peers = {address: a_peer(store, address) for address in PEERS}
        self.held = []  # (id, token, peer, rank, seq, taken at)
        self.accepted = []
        self.put_rows = 0

    def do(self, act, *args, **how):
        return self.store.transact(lambda unit: act(unit, *args, **how), None)

    def put(self, address, ranks, leased):
        peer = self.peers[address]
        drafts = [a_draft(rank, due_at=self.clock()) for rank in ranks]
        born = self.do(outbox.put, peer.id, drafts, self.clock(), lease=LEASE if leased else None)
        self.put_rows += len(born)
        self.held += [(row.id, row.token, peer.id, row.rank, row.seq) for row in born if row.token]

    def claim(self, limit):
        flying = {peer for _id, _token, peer, *_ in self.live()}
        got = self.do(claims.claim, self.clock(), ["telegram"], limit=limit, lease=LEASE)
        taken = [row.peer_id for row in got]
        assert len(set(taken)) == len(taken), "two rows of one peer at once"
        assert not flying.intersection(taken), "a row of the peer is on its way"
        assert len(got) <= limit
        self.held += [(row.id, row.token, row.peer_id, row.rank, row.seq) for row in got]

    def work(self, limit, verdicts):
        self.claim(limit)
        for verdict in verdicts:
            self.send(verdict)

    def live(self):
        return [held for held in self.held if self.do(outbox.renew, held[0], held[1])]

    def send(self, verdict):
        if not self.held:
            return
        if verdict == "keep":
            return  # slow: the lease may end meanwhile
        row_id, token, peer, rank, seq = self.held.pop(0)
        if not self.do(outbox.renew, row_id, token):
            return  # lost: must not be sent
        if verdict in {"sent", "dead"}:
            self.accepted.append((row_id, peer, rank, seq))
        if verdict in {"later", "fault"}:
            self.give_back(peer, rank)
        said = {
            "sent": Verdict(row_id, token, "sent"),
            "dead": Verdict(row_id, token, "dead", problem="blocked"),
            "later": Verdict(
                row_id, token, "pending", due_at=self.clock() + timedelta(seconds=30)
            ),
            "fault": Verdict(row_id, token, "pending", due_at=self.clock(), counts=False),
        }[verdict]
        assert self.do(outbox.settle, [said]) == 1

    def give_back(self, peer, rank):
        """Keep the order: what was born behind a row that is put off does not go before it."""
        behind = [held for held in self.held if held[2:4] == (peer, rank)]
        self.held = [held for held in self.held if held not in behind]
        self.do(
            outbox.settle, [Verdict(one[0], one[1], "pending", counts=False) for one in behind]
        )

    def die(self):
        self.held.clear()

    def wait(self, seconds):
        self.clock.advance(seconds=seconds)

    def drain(self):
        for _ in range(400):
            self.wait(100)
            self.claim(30)
            while self.held:
                self.send("sent")
            if not self.states().keys() & {"pending", "sending"}:
                return

    def states(self):
        found = defaultdict(int)
        for status in self.store.read(
            lambda unit: unit.conn.scalars(sa.select(rows.c.status)).all()
        ):
            found[status] += 1
        return found


@pytest.fixture
def world_of():
    def make(folder):
        clock = FrozenClock()
        shipped.new_file(folder)
        ring = KeyRing.from_text("keys", new_key_text())
        store = open_store(
            "", kind="rehearsal", secrets=ring, data_dir=folder, host_clock=clock.micros,
            synchronous="NORMAL", least=0,
        )  # fmt: skip
        return World(store, clock)

    return make


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(rounds)
def test_nothing_is_lost_doubled_or_out_of_order(world_of, events):
    with tempfile.TemporaryDirectory() as folder:
        world = world_of(Path(folder))
        try:
            for name, *args in itertools.chain.from_iterable(events):
                getattr(world, name)(*args)
            world.die()
            world.drain()
            states = world.states()
            assert set(states) <= {"sent", "dead", "quarantined"}
            assert sum(states.values()) == world.put_rows
            ids = [row_id for row_id, *_ in world.accepted]
            assert len(set(ids)) == len(ids) == states["sent"] + states["dead"]
            lines = defaultdict(list)
            for _id, peer, rank, seq in world.accepted:
                if rank != claims.LEGAL:  # a legal notice passes a row that is stuck (S19)
                    lines[peer, rank].append(seq)
            assert all(line == sorted(line) for line in lines.values())
        finally:
            world.store.close()
