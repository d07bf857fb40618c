"""What came out, held against what was promised: pure counting of rows, messages and times."""

import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

import sqlalchemy as sa

from bot.bench.reckoning import over_rate
from bot.handlers.chat.talk import address_of
from bot.worker.chats import ANSWERS
from storage import models
from storage.unit import Unit
from tests.hosts.citizens import Citizen, shown
from tests.hosts.fleet import ROOT
from tests.hosts.town import Town
from tests.hosts.vendor import AGAIN
from tests.hosts.waiting import until

PER_SECOND, PER_CHAT = 30.0, 1.0
DRAINS = 200.0
"""Seconds until all is sent: longer than a lease (90) that somebody dead has left."""

POOLS = {"jt_public": 20, "jt_desk": 10, "jt_work": 20}
"""Connections that the processes of a role may hold together."""


@dataclass
class Found:
    """What came out. `wrong` names every promise that was not kept."""

    citizens: int = 0
    submitted: int = 0
    filings: int = 0
    receipts: int = 0
    accepted: int = 0
    doubled: int = 0
    marked: int = 0
    fastest: float = 0.0
    fastest_chat: float = 0.0
    wrong: list[str] = field(default_factory=list)
    rows: Counter[str] = field(default_factory=Counter)
    lost: int = 0  # receipts that were shown, of which the database knows nothing
    set_back: int = 0  # whose conversation was set back, so that what he said fitted no more

    def must(self, so: object, otherwise: str) -> None:
        if not so:
            self.wrong.append(otherwise)


def drain(town: Town) -> bool:
    """Serve out what waits; what is put off for its hour or after a fault is made due."""
    due = (
        "UPDATE outbox SET due_at = now() - interval '5 minutes' WHERE status = 'pending' "
        "AND channel = 'telegram' AND lease_until IS NULL"
    )
    well = "UPDATE leases SET until = now() - interval '1 second' WHERE name LIKE 'breaker:%'"

    def empty() -> bool:
        for statement in (due, well):
            town.server.do(statement)
        left = town.server.do(
            "SELECT count(*) FROM outbox WHERE channel = 'telegram' "
            "AND status IN ('pending', 'sending')"
        )
        return not left[0][0]

    return until(empty, DRAINS)


def reckon(town: Town, *, forgiven: Callable[[Citizen], bool] = lambda _: False) -> Found:
    """Count everything. `forgiven` are citizens whose report may be lost, because that was said."""
    found = Found()
    street, telegram = town.outside.street, town.outside.telegram
    with_filing = _filed(town)
    told = shown(street, telegram)
    found.citizens = len(street.people)
    found.submitted = sum(one.finished for one in street.people)
    found.filings = sum(len(numbers) for numbers in with_filing.values())
    for one in street.people:
        numbers = with_filing.get(_address(one), [])
        mine = told.get(one.number, set())
        found.receipts += len(mine)
        if forgiven(one):
            found.lost += len(mine - set(numbers))
            found.set_back += not mine and not numbers
            continue
        who = f"citizen {one.number} ({one.channel})"
        found.must(len(numbers) <= 1, f"{who} filed {len(numbers)} times")
        found.must(not one.finished or numbers, f"{who}'s report is lost")
        found.must(one.finished or one.gave_up == "the end", f"{who} gave up: {one.gave_up}")
        found.must(set(numbers) <= mine or not one.finished, f"{who} was shown no receipt")
        found.must(mine <= set(numbers), f"{who} was shown {mine - set(numbers)}")
        found.must(not one.foreign, f"{who} was shown words of somebody else")
    found.must(not street.bad, f"other faults than 503: {Counter(street.bad)}")
    found.must(not street.without_retry, f"503 without Retry-After: {street.without_retry}")
    _sent(town, found, {one.chat for one in street.people if forgiven(one)})
    _journal(town, found)
    return found


def _address(one: Citizen) -> str:
    if one.channel == "telegram":
        return str(one.chat)
    return address_of(one.secret) if one.secret else ""


def _filed(town: Town) -> dict[str, list[str]]:
    """Give the numbers of what each address filed."""
    p, f = models.peers.c, models.filings.c
    every = sa.select(p.sid, p.address, f.number).join(models.filings, f.peer_id == p.id)

    def work(unit: Unit) -> dict[str, list[str]]:
        filed: dict[str, list[str]] = {}
        for row in unit.conn.execute(every):
            address = unit.keys.open("peers.address", row.sid, row.address).decode()
            filed.setdefault(address, []).append(row.number)
        return filed

    store = town.fleet.store(town.server)
    try:
        return store.read(work)
    finally:
        store.close()


def _sent(town: Town, found: Found, forgiven: set[int]) -> None:
    """Hold the rows of the outbox against what the vendor accepted, chat by chat."""
    telegram = town.outside.telegram
    o, p = models.outbox.c, models.peers.c
    every = sa.select(p.sid, p.address, o.status, sa.func.count().label("many")).join(
        models.peers, p.id == o.peer_id
    )
    every = every.where(o.channel == "telegram", o.kind != "delete")
    every = every.group_by(p.id, p.sid, p.address, o.status)

    def work(unit: Unit) -> list[tuple[int, str, int]]:
        return [
            (int(unit.keys.open("peers.address", row.sid, row.address)), row.status, row.many)
            for row in unit.conn.execute(every)
        ]

    store = town.fleet.store(town.server)
    try:
        rows = store.read(work)
    finally:
        store.close()
    sent: Counter[int] = Counter()
    for chat, status, many in rows:
        found.rows[status] += many
        sent[chat] += many if status == "sent" else 0
    bad = {
        status: many for status, many in found.rows.items() if status not in {"sent", "dropped"}
    }
    found.must(not bad, f"not sent: {bad}")
    accepted = Counter(chat for _, chat in telegram.book.sent)
    marked = Counter(
        {chat: sum(AGAIN in text for text in said) for chat, said in telegram.words.items()}
    )
    found.accepted, found.marked = accepted.total(), marked.total()
    for chat in (accepted.keys() | sent.keys()) - forgiven:
        over = accepted[chat] - sent[chat]
        found.must(over >= 0, f"chat {chat}: {sent[chat]} rows sent, {accepted[chat]} accepted")
        found.must(over <= marked[chat], f"chat {chat}: {over} came twice, {marked[chat]} say so")
        found.doubled += max(0, over)
    letters = len(list((town.fleet.folder / "data" / "mail").glob("*.eml")))
    mailed = town.server.do(
        "SELECT count(*) FROM outbox WHERE channel = 'mail' AND status = 'sent'"
    )[0][0]
    found.must(mailed <= letters, f"{letters} letters of {mailed} rows")
    found.fastest = over_rate((at for at, _ in telegram.book.sent), PER_SECOND)
    found.must(found.fastest <= 2 * PER_SECOND, f"the vendor's limit: {found.fastest} at once")
    by_chat: dict[int, list[float]] = {}
    for at, chat in telegram.book.sent:
        by_chat.setdefault(chat, []).append(at)
    rates = [over_rate(times, PER_CHAT) for times in by_chat.values()]
    found.fastest_chat = max(rates, default=0.0)
    most = 2 * ANSWERS
    found.must(found.fastest_chat <= most, f"a chat's limit: {found.fastest_chat} at once")


def _journal(town: Town, found: Found) -> None:
    """Look whether what happens by itself happened once, and whether the record holds."""
    twice = town.server.do(
        "SELECT kind, count(*) FROM (SELECT subject, kind FROM events GROUP BY subject, kind "
        "HAVING count(*) > 1) AS again GROUP BY kind"
    )
    found.must(not twice, f"journalled twice: {twice}")
    work = town.fleet.members["work1"]
    done = work.host.run(
        [sys.executable, "-m", "bot.cli", "verify"], check=False, capture_output=True, text=True,
        env=town.fleet.environment(work), cwd=ROOT,
    )  # fmt: skip
    found.must(done.returncode == 0, f"verify: {done.stdout[-500:]}{done.stderr[-500:]}")


def connections(town: Town, found: Found) -> dict[str, int]:
    """Look whether every process has given back what it took of the database."""
    held = town.server.do(
        "SELECT usename, count(*) FROM pg_stat_activity WHERE usename LIKE 'jt%' GROUP BY usename"
    )
    for role, many in held:
        found.must(many <= POOLS.get(role, 0), f"{role} holds {many} connections")

    def stuck() -> list[tuple[object, ...]]:
        return town.server.do(
            "SELECT usename, query FROM pg_stat_activity WHERE usename LIKE 'jt%' "
            "AND state LIKE 'idle in%' AND state_change < now() - interval '20 seconds'"
        )

    found.must(until(lambda: not stuck(), 60.0), f"in a transaction: {stuck()}")
    return {str(role): int(many) for role, many in held}
