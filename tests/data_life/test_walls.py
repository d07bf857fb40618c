"""Behind the walls of PostgreSQL: `work` backs up, the owner restores, and nobody sees half (S7)."""

import os

import pytest
import sqlalchemy as sa

from bot.services import replay
from storage import backup, erasures, instance, models, restore
from storage.migrate import migrate
from storage.repositories import erasing, filings
from storage.store import open_store
from tests.conftest import admin, named
from tests.data_life.test_backup import PAIR, PUBLIC
from tests.fakes.clock import MONDAY
from tests.storage.rows import a_filing

FRESH = "jt_walls_restored"


@pytest.fixture
def fresh(walls):
    """A database with walls and nothing in it."""
    admin(walls.server, f"CREATE DATABASE {FRESH}")
    migrate(named(walls.server, FRESH), with_roles=True)
    yield (
        sa.make_url(named(walls.server, FRESH))
        .set(username="jt_owner")
        .render_as_string(hide_password=False)
    )
    admin(walls.server, f"DROP DATABASE {FRESH} WITH (FORCE)")


def test_work_backs_up_every_row_and_the_owner_puts_them_back(walls, part, fresh, tmp_path):
    part("desk")
    work = part("work")
    stays, goes = a_filing(work, "2026-AAAA-AA"), a_filing(work, "2026-BBBB-BB")
    safe = tmp_path / "safe"
    safe.mkdir()
    made = backup.backup(work, safe, PUBLIC, MONDAY)

    def erase(unit):
        erasing.erase(unit, goes.id, goes.sid, MONDAY, "clock")
        unit.note_gone("filing", goes.sid, MONDAY)

    work.transact(erase, None)
    folder = tmp_path / "elsewhere"
    ring = walls.desk
    restore.load(restore.Backup(made.data, made.keys, PAIR, ring), fresh, folder, os.urandom)
    lines = erasures.read(work.erasures.path, ring)
    opening = {"kind": "service", "secrets": ring, "data_dir": folder, "least": 0, "part": "work"}
    store = open_store(fresh, restoring=True, **opening)
    done = store.transact(lambda u: replay.replay(Now(), u, lines), None)
    store.transact(lambda u: instance.finish_restore(u.conn), None)
    store.close()
    assert done["filing"] == 1
    opened = open_store(fresh.replace("jt_owner", "jt_work"), **opening)
    assert opened.hold == instance.RESTORED
    found = opened.read(lambda u: u.conn.execute(sa.select(models.filings)).all())
    assert {row.number: row.erased_at is not None for row in found} == {
        stays.number: False,
        goes.number: True,
    }
    kept = opened.read(lambda u: filings.get(u, stays.id))
    assert opened.read(lambda u: filings.answers(u, kept)) == {"what": "길이 파였어요"}
    opened.close()


class Now:
    """What a replay needs of the services: the time."""

    @staticmethod
    def now():
        return MONDAY
