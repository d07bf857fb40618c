"""What is erased leaves the file (security S6; probe P17)."""

from pathlib import Path

import pytest
import sqlalchemy as sa

from storage import journal
from storage.engine import parse_url
from storage.models import filings as rows
from storage.models import keys
from storage.repositories import erasing, outbox
from storage.repositories.outbox import Verdict
from tests.fakes.clock import MONDAY
from tests.storage.rows import a_draft, a_filing, a_peer, put

MARK = "표시된 낱말".encode()


def files(database) -> bytes:
    path = Path(parse_url(database.url).database)
    return b"".join(one.read_bytes() for one in path.parent.glob(path.name + "*"))


def checkpoint(store):
    with store.engine.connect() as conn:
        conn.connection.driver_connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_ciphertext_and_the_wrapped_key_leave_the_file_with_the_erasure(database):
    store = database.open()
    rows_before = [
        a_filing(store, f"2026-AAAA-{n:02}", answers={"what": "x" * 900}) for n in range(20)
    ]
    for row in rows_before:
        store.transact(
            lambda u, row=row: journal.append(u, row.sid, MONDAY, "citizen", "message", {}), None
        )

    def secrets(unit):
        assert unit.conn.scalar(sa.select(sa.func.count()).select_from(keys)) == 60
        found = unit.conn.execute(sa.select(rows.c.answers)).scalars().all()
        return [
            bytes(value)[-64:] for value in [*found, *unit.conn.scalars(sa.select(keys.c.wrapped))]
        ]

    hidden = store.read(secrets)
    checkpoint(store)
    assert all(value in files(database) for value in hidden)
    for row in rows_before:
        store.transact(
            lambda unit, row=row: erasing.erase(unit, row.id, row.sid, MONDAY, "clock"), None
        )
    checkpoint(store)
    left = files(database)
    assert sum(value in left for value in hidden) == 0
    store.close()


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_words_of_a_sent_row_leave_the_file(database):
    store = database.open()
    [born] = put(store, a_peer(store), a_draft(payload=MARK * 40), lease=90)
    sealed = store.read(
        lambda unit: unit.conn.execute(sa.text("SELECT payload FROM outbox")).scalar_one()
    )
    checkpoint(store)
    assert bytes(sealed)[-64:] in files(database)
    assert MARK not in files(database)
    store.transact(lambda unit: outbox.settle(unit, [Verdict(born.id, born.token, "sent")]), None)
    checkpoint(store)
    assert bytes(sealed)[-64:] not in files(database)
    store.close()
