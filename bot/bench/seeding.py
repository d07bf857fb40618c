"""Years of reports at once: a few real ones, copied in the database with numbers of their own.

What is sealed is copied as it is, so that it weighs what it weighs; nobody opens a copy. Copies lie
evenly over three years; those of the last days are open, like the first of them.
"""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from bot.bench.fleet import Server
from storage.models import metadata

if TYPE_CHECKING:
    import sqlalchemy as sa

BASE = 1_000_000_000
"""Numbers of copies begin here, above all others."""
YEARS = 3
OPEN = 4
"""Days for which a report is open here: none of the copies is ever due or overdue."""
MARKS = 7
"""Days for which the inbox keeps its marks (`keep.commands_days`)."""
DRAFTS = 30
"""Days for which a conversation that stands still is kept (`draft_days`)."""
PIECE = 50_000

# A copy of template `t`, number n: how many days ago it came, whether it is still open, its names.
_AGE = f"(mod(n::bigint * 7919, {YEARS * 365_000}) / 1000.0 * interval '1 day')"
_CAME = f"(CAST('{{now}}' AS timestamptz) - {_AGE})"
_ENDED = f"({_AGE} >= interval '{OPEN} days')"
_PEER = "substring(sha256(('peer' || n)::bytea) FOR 16)"
_FILING = "substring(sha256(('filing' || n)::bytea) FOR 16)"
_LATER = f"{_CAME} + interval '{OPEN} days'"
_ID = f"{BASE} + n"
_CLOSED = f"CASE WHEN {_ENDED} THEN {_LATER} END"

_BESIDE: tuple[tuple[str, str, Mapping[str, str]], ...] = (
    ("peers", "t.id = f.peer_id", {
        "id": _ID, "sid": _PEER, "address_ix": f"sha256({_PEER})", "created_at": _CAME,
        "seen_at": _CAME,
    }),
    ("dialogs", f"t.peer_id = f.peer_id AND {_AGE} < interval '{DRAFTS} days'",
     {"peer_id": _ID, "started_at": _CAME, "touched_at": _CAME}),
    ("keys", "t.owner = p.sid", {"owner": _PEER, "created_at": _CAME}),
    ("keys", "t.owner = f.sid", {"owner": _FILING, "created_at": _CAME}),
    ("filings", "t.id = f.id", {
        "id": _ID, "sid": _FILING, "number": "'X' || n", "peer_id": _ID, "arrived_at": _CAME,
        "received_at": _CAME, "due_at": f"{_CAME} + interval '8 days'",
        "state": f"CASE WHEN {_ENDED} THEN 'closed' ELSE t.state END",
        "first_read_at": _CAME, "result_at": _CLOSED, "closed_at": _CLOSED,
        "outcome": f"CASE WHEN {_ENDED} THEN 'upheld' ELSE '' END",
    }),
    ("events", "t.subject = f.sid", {"subject": _FILING, "at": _CAME}),
    ("events", f"t.subject = f.sid AND {_ENDED}",
     {"subject": _FILING, "at": _LATER, "seq": "t.seq + 3"}),
    ("heads", "t.subject = f.sid", {"subject": _FILING}),
    ("deadlines", "t.filing_id = f.id", {
        "filing_id": _ID, "due_at": f"t.due_at - f.arrived_at + {_CAME}",
        "done_at": f"CASE WHEN {_ENDED} THEN {_LATER} ELSE t.done_at END",
    }),
    ("guards", "t.filing_id = f.id", {"filing_id": _ID, "confirmed_at": _CAME}),
    ("finders", "t.filing_id = f.id", {"filing_id": _ID}),
    ("sketches", "t.filing_id = f.id", {"filing_id": _ID}),
    ("inbox", f"t.peer_id = f.peer_id AND {_AGE} < interval '{MARKS} days'",
     {"peer_id": _ID, "at": _CAME}),
)  # fmt: skip
"""Every table that a report writes to; `f` is the report that is copied, `p` whose it is."""


def copied(server: Server, first: int, last: int, now: str) -> Iterator[int]:
    """Copy the reports that are there until number `last`; gives how many there are by now."""
    found = server.ask(f"SELECT id FROM filings WHERE id < {BASE} ORDER BY id")
    like = ",".join(str(row["id"]) for row in found)
    for begin in range(first, last, PIECE):
        until = min(begin + PIECE, last)
        for name, which, changed in _BESIDE:
            server.ask(_statement(name, which, changed, like, begin, until).replace("{now}", now))
        yield until


def _statement(
    name: str, which: str, changed: Mapping[str, str], like: str, begin: int, until: int
) -> str:
    table: sa.Table = metadata.tables[name]
    columns = [c.name for c in table.columns if c.name != "id" or "id" in changed]
    values = [changed.get(column, f"t.{column}") for column in columns]
    return (
        f"SET session_replication_role = replica; "  # the rows are whole; nothing has to be looked up
        f"INSERT INTO {name} ({', '.join(columns)}) SELECT {', '.join(values)} "
        f"FROM generate_series({begin}, {until - 1}) n "
        f"JOIN (SELECT id, (ARRAY[{like}])[1 + mod(id, cardinality(ARRAY[{like}]))] AS at "
        f"FROM generate_series({begin}, {until - 1}) id) which ON which.id = n "
        f"JOIN filings f ON f.id = which.at JOIN peers p ON p.id = f.peer_id "
        f"JOIN {name} t ON {which}"
    )
