"""Two schedulers a year: each reminder once, late ones say so, none for what is closed (S14, S15)."""

import os
from typing import Any

import pytest

from tests.conftest import Database
from tests.faults import year
from tests.services.conftest import Office, build, catalog, clock, site, texts

__all__ = ["build", "catalog", "clock", "site", "texts"]

WHOLE = os.environ.get("JEOKGEUK_YEAR", "")
"""Every month, or ("days") every day of both years four times a day; by hand: minutes, hours."""


@pytest.mark.fault
@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_each_reminder_comes_once_whoever_dies_and_whatever_was_slept_through(
    build: Any, database: Database
) -> None:
    office: Office = year.begun(build())
    how = (
        {"a_month": 2, "months": range(24), "killing": 0.3, "every_day": WHOLE == "days"}
        if WHOLE
        else {"a_month": 1, "months": (4, 17, 22), "killing": 0.25}
    )
    found = year.through(office, database, seed=int(os.environ.get("JEOKGEUK_SEED", "7")), **how)
    print(found)  # noqa: T201 - the figures of the long run
    assert found.faults == []
    assert found.kills > 5
    assert found.late > 0
    assert found.reminders >= found.cases
