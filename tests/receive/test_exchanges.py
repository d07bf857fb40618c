"""How often a turn waits for a database that is a network away (PostgreSQL)."""

from pathlib import Path

import pytest

from tests.exchanges import counted
from tests.fakes.city import Somebody

pytestmark = pytest.mark.parametrize("database", ["postgresql"], indirect=True)


def test_a_turn_waits_five_times_and_a_first_one_ten(web: Somebody, tmp_path: Path) -> None:
    web.report()  # everything that is read once is read
    somebody = web.city.person("web", "other")
    with counted(web.city.store.engine, tmp_path / "trace") as asked:
        somebody.commands("report")
        assert asked() <= 10  # a newcomer's first turn
        somebody.press("답을 들었는데")
        assert asked() <= 5
        for line in range(3):
            somebody.press("없어요") if line == 0 else somebody.types(f"길이 파였어요 {line}.")
            assert asked() <= 5


def test_filing_a_report_waits_less_than_thirty_times(web: Somebody, tmp_path: Path) -> None:
    web.report()
    web.press("이대로 내기")
    somebody = web.city.person("web", "other")
    somebody.report()
    with counted(web.city.store.engine, tmp_path / "trace") as asked:
        somebody.press("이대로 내기")
        assert asked() < 30
