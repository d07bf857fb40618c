"""SIGKILL at any moment, between COMMIT and its answer too: one filing each, every receipt sent."""

import os
from pathlib import Path

import pytest

from bot.bench import crash
from bot.bench.ours import settings
from tests.conftest import Database

KILLS = int(os.environ.get("JEOKGEUK_KILLS", "40"))


@pytest.mark.fault
def test_whenever_it_is_killed_nothing_is_lost_and_nothing_is_filed_twice(
    database: Database, tmp_path: Path
) -> None:
    folder = tmp_path / "crash"
    folder.mkdir()
    made = settings(folder)
    if database.name == "postgresql":
        made = crash.with_database(made, database.url)
    found = crash.run(made, KILLS)
    assert found.kills == KILLS
    assert found.submissions == found.filings >= crash.AT_ONCE
    assert (found.lost, found.doubled) == (0, 0)
    assert found.receipts_unsent == 0
    assert found.receipts_unknown == 0
    # One message may be on its way in each of the citizens served at once.
    assert found.messages_again <= KILLS * crash.AT_ONCE
