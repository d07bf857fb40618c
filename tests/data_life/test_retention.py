"""What is no public record goes by the agency's settings; every table is in the list (제21조)."""

from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.services import retention, upkeep
from bot.services.reminders import due_work
from bot.settings import read_site
from bot.settings_site import KeepSite
from storage import models
from storage.blobs import RESTS
from storage.repositories import inbox, sent_keys
from storage.unit import Key
from tests.data_life.conftest import closed
from tests.services.conftest import SITE

one_database = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def test_every_table_says_how_long_it_is_kept():
    said = {name for row in retention.TABLE for name in row.tables}
    there = {table.name for table in models.metadata.sorted_tables}
    assert there - said == set(), "add them to bot/services/retention.py"
    assert said - there == set()


def test_the_documents_say_what_the_sweep_does():
    table = retention.markdown(read_site(SITE))
    docs = Path("docs/data-protection.md").read_text(encoding="utf-8")
    assert table in docs, "python -m bot.services.retention"


def test_the_settings_reach_the_table():
    site = read_site(SITE).model_copy(
        update={"draft_days": 11, "keep": KeepSite(record_years=10, sent_days=45)}
    )
    table = retention.markdown(site)
    assert "11일(`draft_days`)" in table
    assert "45일(`keep.sent_days`)" in table
    assert "10년(`keep.record_years`)" in table


def aged(office, table, column, days):
    """Make rows older than they are."""
    c = table.c[column]
    then = sa.update(table).values({column: office.svc.now() - timedelta(days=days)})
    office.do(lambda u: u.conn.execute(then.where(c.is_not(None))))


@one_database
def test_marks_and_links_go_and_the_rest_goes_on_at_the_next_tick(office):
    def fill(unit):
        for number in range(1200):
            inbox.mark(unit, Key("", 0, f"old:{number}"), b"")
        sent_keys.first(unit, "flood:web:old")

    office.do(fill)
    aged(office, models.inbox, "at", 9)
    aged(office, models.sent_keys, "at", 500)
    office.tick()
    count = sa.select(sa.func.count()).select_from(models.inbox)
    left = models.inbox.c.update_id.like("old:%")
    assert office.see(lambda u: u.conn.scalar(count.where(left))) == 200
    assert any(due.run_key.startswith("sweep:") for due in office.see(
        lambda u: due_work(office.svc, u)))  # fmt: skip
    assert office.see(upkeep.more) == ["inbox"]
    office.tick()
    assert office.see(lambda u: u.conn.scalar(count.where(left))) == 0
    assert office.see(upkeep.more) == []
    assert not office.see(lambda u: sent_keys.has(u, "flood:web:old"))


@one_database
def test_a_file_without_a_row_goes_and_one_with_a_row_stays(office):
    filed = closed(office)
    blobs = office.store.blobs
    stray = blobs.put(office.do(lambda u: u.keys.seal("attachments.blob", b"x" * 16, b"alone")))
    kept = set(blobs.names()) - {stray}
    later = blobs.clock() + int(RESTS * 1_000_000) + 1
    blobs.clock = lambda: later
    hours = {int(name[:2], 16) for name in blobs.names()}
    for hour in range(256):
        if hour in hours:
            now = office.svc.now()
            base = int(now.timestamp() // 3600)
            office.clock.set(now + timedelta(hours=(hour - base) % 256))
            for due in office.see(lambda u: due_work(office.svc, u)):
                for name in office.store.transact(due.work, due.run_key):
                    blobs.delete(name)
    assert set(blobs.names()) == kept
    assert filed.number


@one_database
def test_a_filed_case_outlives_every_sweep(office):
    filed = closed(office)
    for year in range(2027, 2060, 8):
        office.goes(f"{year}-01-05 10:00")
    row = models.filings.select().where(models.filings.c.number == filed.number)
    found = office.see(lambda u: u.conn.execute(row).one())
    assert (found.erased_at, found.answers is not None) == (None, True)
