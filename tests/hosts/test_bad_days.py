"""Minutes of faults by chance on five hosts: nothing is lost, nothing is done twice (S38)."""

import os
import time
from pathlib import Path
from random import Random

from tests.hosts import telling
from tests.hosts.faults import Weather
from tests.hosts.reckon import connections, drain, reckon
from tests.hosts.town import town
from tests.hosts.waiting import until

SECONDS = float(os.environ.get("JEOKGEUK_HOSTS_SECONDS", "600"))
SEED = int(os.environ.get("JEOKGEUK_HOSTS_SEED", "1"))
WEB, TELEGRAM = 5, 5
"""Citizens at a time."""

FINISH = 120.0


def test_on_bad_days_every_report_is_kept_once_and_every_receipt_arrives(folder: Path) -> None:
    with town(folder, SEED, shifts=(90, -90)) as here:
        here.begin()
        for name in ("public1", "public2", "work1", "work2"):
            assert here.outside.looks[name][-1].faults == ("clock",)
        before = telling.figures(here)
        began = time.monotonic()
        here.outside.come(here.doors, WEB, TELEGRAM)
        weather = Weather(here, Random(SEED))
        weather.blow(SECONDS)
        weather.calm()
        ended = time.monotonic()
        finished = here.outside.last(FINISH)
        drained = drain(here)
        found = reckon(here)
        found.must(finished, "not everybody could finish after the faults")
        found.must(drained, "not everything was sent after the faults")
        found.must(until(here.outside.all_well), "not everybody is well at the end")
        found.must(not weather.ended, f"ended by themselves: {weather.ended}")
        held = connections(here, found)
        telling.tell(here, found, weather.past, (began, ended), before, held)
        ends = here.end()
        found.must(set(ends) == {0}, f"ended with {ends}")
    assert not found.wrong, "\n".join(found.wrong[:40])
