"""The import of many cases: every bad row is named, nothing comes in by halves."""

from bot.bench import case_import


def test_three_thousand_rows_come_in_whole_or_not_at_all():
    found = case_import.measure(3000, "csv")
    ok = {name: value for name, value in found["ok"].items() if name != "memory"}
    assert all(ok.values()), found
    assert (found["bad_rows"], found["planted_doubles"], found["false_doubles"]) == (30, 2, 0)
    assert found["passes"]["bad"]["mistakes"] == 30
    assert found["passes"]["first"]["kept"] == 2998
    assert "3,000건 csv" in case_import.words(found)
