"""The large kill test: whoever sends is killed again and again, vendors are ill, nobody is lost.

Two processes send as `jeokgeuk work` does, on PostgreSQL; whoever is killed is started again.
Leases last as long as in service: what the dead had in hand waits for it. Nothing else is
shortened but the hour after which a mailbox that was full is tried again. Doubled may be what was
in the hands of the killed, counted row by row, and what a person revived.
"""

import contextlib
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Generator
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any

import sqlalchemy as sa

from bot.app import App
from bot.bench import readers
from bot.bench.loopback import ROOT, Vendors
from bot.bench.reckoning import Reckoned, reckon
from bot.bench.sending import Given, words
from bot.services import broadcast_runs
from storage.models import peers, sendings
from storage.repositories import broadcasts
from storage.repositories.sendings import DEAD, GONE, SENT, UNKNOWN
from storage.unit import Unit

LOOK = 0.05
LATER = timedelta(seconds=120)
"""What is put off for longer is taken to have waited: nobody watches a bench for an hour."""

SURE = 45.0
"""Seconds after a kill: longer than any send takes, shorter than the lease of the dead."""

LONGEST = 900.0
Held = frozenset[tuple[str, int, bytes]]
NAMES = {SENT: "sent", GONE: "gone", DEAD: "dead", UNKNOWN: "unknown"}


@dataclass
class Senders:
    """The processes that send."""

    given: Given
    count: int
    killed: int = 0
    alive: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def keep(self) -> None:
        """Start whoever is missing."""
        self.alive = [one for one in self.alive if one.poll() is None]
        while len(self.alive) < self.count:
            command = [sys.executable, "-m", "bot.bench.sending", *words(self.given)]
            self.alive.append(subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL))

    def kill(self, chance: random.Random) -> bool:
        """Kill one of them, in the midst of what it does; False: nobody was there."""
        self.alive = [one for one in self.alive if one.poll() is None]
        if not self.alive:
            return False
        victim = chance.choice(self.alive)
        victim.send_signal(signal.SIGKILL)
        victim.wait()
        self.killed += 1
        return True

    def end(self) -> None:
        for one in self.alive:
            one.terminate()
        for one in self.alive:
            one.wait()


@contextlib.contextmanager
def senders(given: Given, count: int) -> Generator[Senders]:
    made = Senders(given, count)
    try:
        yield made
    finally:
        made.end()


@dataclass
class Run:
    """One run of the test.

    `seized` are the rows that were leased when somebody was killed; those that are so still after
    `SURE` seconds were in his hands.
    """

    app: App
    vendors: Vendors
    who: Senders
    broadcast_id: int
    points: list[float]
    chance: random.Random
    step: Callable[[int], None]
    begun: float = field(default_factory=time.monotonic)
    pauses: int = 0
    seized: list[tuple[float, Held]] = field(default_factory=list)
    in_hand: list[int] = field(default_factory=list)

    def send(self) -> None:
        """Let them send until nothing is left, and kill one at each of the points."""
        while (state := _state(self.app, self.broadcast_id)) != "done":
            if time.monotonic() - self.begun > LONGEST:
                break
            self.who.keep()
            self.pauses += _resumed(self.app, self.broadcast_id, state)
            asked = self.vendors.asked()
            self.step(asked)
            if self.points and asked >= self.points[0]:
                self._kill()
            elif not self.points:
                _hasten(self.app, self.broadcast_id)
            self._look()
            time.sleep(LOOK)

    def _kill(self) -> None:
        if self.who.kill(self.chance):
            self.points.pop(0)
            held = self.app.store.read(partial(_leased, broadcast_id=self.broadcast_id))
            self.seized.append((time.monotonic(), held))

    def _look(self) -> None:
        """Count what the dead had in their hands: nobody else has settled it meanwhile."""
        if self.seized and time.monotonic() - self.seized[0][0] > SURE:
            _, held = self.seized.pop(0)
            still = self.app.store.read(partial(_leased, broadcast_id=self.broadcast_id))
            self.in_hand.append(len(held & still))


def measure(
    app: App,
    given: Given,
    vendors: Vendors,
    *,
    chats: int,
    mailboxes: int,
    kills: int,
    seed: int,
    step: Callable[[int], None],
) -> dict[str, Any]:
    """Seed, send and kill, revive what nobody knows, and hold the rows against the vendors."""
    chance = random.Random(seed)
    whose = _seed(app, chats, mailboxes)
    broadcast_id = readers.issue(app)
    points = sorted(chance.uniform(0.02, 0.9) * len(whose) for _ in range(kills))
    with senders(given, 2) as who:
        run = Run(app, vendors, who, broadcast_id, points, chance, step)
        run.send()
        first = _reckon(app, broadcast_id, whose, vendors, sum(run.in_hand))
        revived = _revive(app, broadcast_id)
        run.send()
        last = _reckon(app, broadcast_id, whose, vendors, sum(run.in_hand) + revived)
    return {
        "kills": who.killed,
        "rows_in_hand": run.in_hand,
        "seconds": round(time.monotonic() - run.begun),
        "pauses_resumed": run.pauses,
        "answers": vendors.ledger()["answers"],
        "before_revival": _told(first),
        "revived": revived,
        "after_revival": _told(last),
        "within": first.within and last.within and who.killed == kills == len(run.in_hand),
    }


def _told(found: Reckoned) -> dict[str, Any]:
    return {**asdict(found), "adds_up": found.adds_up, "within": found.within}


def _seed(app: App, chats: int, mailboxes: int) -> dict[int, str]:
    """Make the readers; gives the address of each peer."""
    made = {
        "telegram": [str(1_000_000 + n) for n in range(chats)],
        "mail": [f"reader{n}@d{n % 40}.example" for n in range(mailboxes)],
    }
    accounts = {"telegram": "1", "mail": "news"}
    whose: dict[int, str] = {}
    for channel, addresses in made.items():
        for _ in readers.subscribe(app, channel, accounts[channel], addresses):
            pass
        found = app.store.read(partial(_peers, channel=channel))
        whose |= dict(zip(found, addresses, strict=True))
    return whose


def _peers(unit: Unit, channel: str) -> list[int]:
    found = sa.select(peers.c.id).where(peers.c.channel == channel).order_by(peers.c.id)
    return list(unit.conn.scalars(found))


def _leased(unit: Unit, broadcast_id: int) -> Held:
    d = sendings.c
    found = sa.select(d.channel, d.who, d.lease_token).where(
        d.broadcast_id == broadcast_id, sa.text("status < 2"), d.lease_token.is_not(None)
    )
    return frozenset((row[0], row[1], bytes(row[2])) for row in unit.conn.execute(found))


def _state(app: App, broadcast_id: int) -> str:
    found = app.store.read(lambda unit: broadcasts.get(unit, broadcast_id))
    assert found is not None
    return found.state


def _resumed(app: App, broadcast_id: int, state: str) -> bool:
    """Let it go on where it paused by itself: a person looked and found nothing amiss."""
    if state != "paused":
        return False
    actor = readers.editor(app)
    app.store.transact(
        lambda unit: broadcast_runs.resume(app.svc, unit, actor, broadcast_id), None
    )
    return True


def _revive(app: App, broadcast_id: int) -> int:
    actor = readers.editor(app)
    return app.store.transact(
        lambda unit: broadcast_runs.revive(app.svc, unit, actor, broadcast_id), None
    )


def _hasten(app: App, broadcast_id: int) -> None:
    """Let what was put off for an hour be due now."""
    after = app.svc.now() + LATER
    late = sa.update(sendings).where(
        sendings.c.broadcast_id == broadcast_id, sa.text("status < 2"), sendings.c.due_at > after
    )
    app.store.transact(lambda unit: unit.conn.execute(late.values(due_at=None)), None)


def _reckon(
    app: App, broadcast_id: int, whose: dict[int, str], vendors: Vendors, allowed: int
) -> Reckoned:
    found = sa.select(sendings.c.peer_id, sendings.c.status).where(
        sendings.c.broadcast_id == broadcast_id
    )

    def read(unit: Unit) -> dict[str, str]:
        return {
            whose[row.peer_id]: NAMES.get(row.status, "left") for row in unit.conn.execute(found)
        }

    ledger = vendors.ledger()
    accepted = [*(str(chat) for chat in ledger["chats"]), *ledger["mails"]]
    return reckon(list(whose.values()), app.store.read(read), accepted, allowed=allowed)
