"""The database's host dies, or nobody reaches it any more, and its copy takes over (S21, S38)."""

import os
import time
from pathlib import Path
from typing import Literal

import pytest

from tests.hosts import telling
from tests.hosts.citizens import Citizen
from tests.hosts.reckon import connections, drain, reckon
from tests.hosts.town import Town, town
from tests.hosts.waiting import pause, until

SEED = int(os.environ.get("JEOKGEUK_HOSTS_SEED", "1"))
WEB, TELEGRAM = 5, 5
LOAD, BEHIND = 12.0, 3.0
"""Seconds for which citizens come before and after; and for which the copy hears nothing more."""

NOTICED = 6.0
"""Seconds at least until whoever watches the database lets the copy take over."""

LOSES = 1.0
"""Seconds by which what was taken may be noted later than the database did it."""


@pytest.mark.parametrize("how", ["stopped", "cut_off"])
@pytest.mark.parametrize("copied", ["synchronous", "asynchronous"])
def test_the_copy_takes_over_and_the_service_goes_on_by_itself(
    folder: Path,
    copied: Literal["synchronous", "asynchronous"],
    how: Literal["stopped", "cut_off"],
) -> None:
    with town(folder, SEED, copied=copied) as here:
        here.begin()
        before = telling.figures(here)
        here.outside.come(here.doors, WEB, TELEGRAM)
        pause(LOAD)
        behind = time.monotonic()
        lagging = copied == "asynchronous" and how == "stopped"
        if lagging:  # what an asynchronous copy may lack: here it lacks three seconds
            assert here.copy is not None
            here.copy.host.down()
            pause(BEHIND)
        struck = _strike(here, how)
        told = until(lambda: _says_so(here, struck), 60.0)
        pause(max(0.0, struck + NOTICED - time.monotonic()))
        if lagging:
            assert here.copy is not None
            here.copy.host.up()
        promoted = _promote(here)
        well = until(lambda: _all_well_since(here, promoted), 60.0)
        back = time.monotonic()
        pause(LOAD)
        finished, drained = here.outside.last(120.0), drain(here)

        def forgiven(one: Citizen) -> bool:
            return copied == "asynchronous" and any(
                behind - LOSES <= at <= struck + LOSES for at in one.times
            )

        found = reckon(here, forgiven=forgiven)
        found.must(told, "nobody said that the database is away")
        found.must(well, "not everybody went on by himself")
        found.must(finished, "not everybody could finish")
        found.must(drained, "not everything was sent")
        held = connections(here, found)
        away = here.outside.street.longest(struck, back) - (promoted - struck)
        print(f"\n{copied}, {how}: 새 서버가 선 뒤 첫 응답까지 {max(0.0, away):.1f}초", end=", ")
        print(f"모두 제대로 돌기까지 {back - promoted:.1f}초", end="; ")
        spoke = sum(map(forgiven, here.outside.street.people))
        print(f"잃은 접수 {found.lost}건, 말이 되돌아간 분 {found.set_back}명", end=" ")
        print(f"(복제가 늦은 동안 말한 {spoke}명 가운데)")
        telling.tell(here, found, [], (struck - LOAD, back), before, held)
        here.end()
    assert not found.wrong, "\n".join(found.wrong[:40])


def _strike(here: Town, how: str) -> float:
    """Take the database away; gives when (monotonic)."""
    if how == "stopped":
        here.server.kill()
    else:
        here.server.host.down()
    return time.monotonic()


def _promote(here: Town) -> float:
    """Let the copy be the database; the old one is made sure of, as any failover has to."""
    assert here.copy is not None
    here.copy.promote()
    here.server.kill()
    here.server, here.copy = here.copy, None
    return time.monotonic()


def _says_so(here: Town, since: float) -> bool:
    """Tell whether both public hosts have said since then that the database is away."""
    return all(
        any(look.faults and "database" in look.faults and look.at > since for look in looks)
        for name, looks in here.outside.looks.items()
        if name.startswith("public")
    )


def _all_well_since(here: Town, since: float) -> bool:
    return all(looks[-1].well and looks[-1].at > since for looks in here.outside.looks.values())
