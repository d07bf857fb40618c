"""Cases on the command line: what citizens find is found there, too."""

import json
from pathlib import Path

from tests.cli.test_first_day import office, run

__all__ = ["office"]


def test_cases_are_searched_as_citizens_search_them(office: Path) -> None:
    run("keys", "new", str(office / "keys"))
    run("migrate")
    told = json.loads(
        run("cases", "search", "납골당 사례 알려줘", "--json", "--limit", "2").output
    )
    assert told["sure"]
    assert told["hits"][0]["ref"] == "AC-001"
    assert told["hits"][0]["region"] == "부산"
    assert told["meant"][0]["word"] == "납골당"
    assert len(told["hits"]) <= 2
    text = run("cases", "search", "부산", "--year", "2024", "--kind", "active").output
    assert "2024" in text
    assert "2025 ·" not in text
    assert "맞는 사례가 없습니다" in run("cases", "search", "zzz qqq 쀍").output
    assert run("cases", "search", "부산", "--kind", "x").exit_code == 2
