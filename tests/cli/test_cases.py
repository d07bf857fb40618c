"""Cases on the command line."""

import json
from pathlib import Path

import pytest

from tests.cli.test_first_day import office, run

__all__ = ["office"]


@pytest.fixture
def city(office: Path) -> Path:
    assert run("keys", "new", str(office / "keys")).exit_code == 0
    return office


def test_cases_are_listed_by_their_status(city: Path) -> None:
    told = run("cases", "list", "--limit", "2")
    assert told.exit_code == 0, told.output
    assert (
        told.output.splitlines()[0]
        == "AC-001 · 공개 · 2025 · 부산광역시 노인복지과 · 부산추모공원 봉안당 증축"
    )
    assert len(told.output.splitlines()) == 3
    drafts = json.loads(run("cases", "list", "--status", "draft", "--json").output)
    assert drafts["count"] == len(drafts["cases"]) > 0
    assert {one["status"] for one in drafts["cases"]} == {"draft"}
    assert run("cases", "list", "--status", "old").exit_code == 2


CSV = (
    "번호,제목,기관,연도,문제,효과\n"
    ",골목 가로등 먼저 고치기,가온시,2026,밤길이 어두웠다,밝아졌다\n"
    "AC-001,부산추모공원 봉안당 늘리기,부산광역시 노인복지과,2025,자리가 모자랐다,늘렸다\n"
)


def told(*words: str) -> dict:
    return json.loads(run("cases", *words, "--json").stdout)


def test_a_dry_run_says_what_would_come_and_changes_nothing(city: Path) -> None:
    file = city / "cases.csv"
    file.write_text(CSV, encoding="cp949")
    dry = run("cases", "import", str(file), "--dry-run")
    assert dry.exit_code == 0, dry.output
    assert "새 사례 1건 · 바뀌는 사례 1건 · 그대로인 사례 0건" in dry.output
    assert "AC-001 바뀜(제목, 문제, 효과). 함께 온 사례를 고칩니다." in dry.output
    assert "지금 공개된 사례 1건의 내용이 바뀝니다" in dry.output
    assert "아직 들여오지 않았습니다" in dry.output
    assert told("list", "--status", "draft")["count"] == 2
    done = run("cases", "import", str(file))
    assert "들여왔습니다" in done.output, done.output
    drafts = told("list", "--status", "draft")["cases"]
    assert {one["title"] for one in drafts} >= {
        "골목 가로등 먼저 고치기",
        "부산추모공원 봉안당 늘리기",
    }
    again = told("import", str(file))
    assert (again["unchanged"], again["new"], again["imported"]) == (2, 0, False)


def test_one_bad_row_and_nothing_comes_in(city: Path) -> None:
    file = city / "cases.csv"
    file.write_text(CSV + ',홍길동 주무관의 밤 순찰,가온시,2031,"",\n', encoding="utf-8-sig")
    wrong = run("cases", "import", str(file))
    assert wrong.exit_code == 1
    assert "B4 제목: 사람 이름으로 보이는 말이 있습니다" in wrong.output
    assert "D4 연도: 연도를 네 자리로 적어 주세요(1960~" in wrong.output
    assert "아무것도 들여오지 않았습니다" in wrong.output
    assert "홍길동" not in wrong.output
    assert "그 밖에 1건이 더 있습니다" in run("cases", "import", str(file), "--most", "1").output
    plain = told("import", str(file))
    assert [one["cell"] for one in plain["mistakes"]] == ["D4", "B4"]
    assert (plain["rows"], plain["refused"], plain["imported"]) == (3, 1, False)
    assert told("list", "--status", "draft")["count"] == 2


def test_what_was_told_before_waits_for_a_decision(city: Path) -> None:
    file = city / "cases.jsonl"
    came = told("list", "--limit", "1")["cases"][0]
    rows = [
        {"title": came["title"] + "!", "agency": came["agency"], "year": came["year"]},
        {"title": "새벽에 여는 시장 화장실", "agency": "가온시"},
    ]
    file.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    asked = run("cases", "import", str(file))
    assert asked.exit_code == 1
    assert f"= {came['ref']} '{came['title']}' (제목, 기관, 연도가 같음)" in asked.output
    assert "--duplicates skip" in asked.output
    assert told("list", "--status", "draft")["count"] == 2
    left = told("import", str(file), "--duplicates", "skip", "--status", "reviewed")
    assert (left["new"], left["left_out"], left["imported"]) == (1, 1, True)
    assert told("list", "--status", "reviewed")["count"] == 1
    both = told("import", str(file), "--duplicates", "take")
    assert (both["new"], both["unchanged"]) == (1, 1)


def test_what_is_exported_comes_back_without_a_difference(city: Path) -> None:
    for format_ in ("xlsx", "csv", "json", "jsonl"):
        file = city / f"out.{format_}"
        assert run("cases", "export", str(file)).exit_code == 0
        back = told("import", str(file))
        counts = (back["unchanged"], back["new"], back["changed"], back["refused"])
        assert counts == (told("list")["count"], 0, 0, 0), (format_, back)
    assert run("cases", "export", str(city / "out.txt")).exit_code == 2
    assert (
        run("cases", "export", "--published", "--format", "csv").stdout_bytes.count(b"AC-001") == 1
    )


def test_the_example_file_can_be_imported(city: Path) -> None:
    file = city / "example.xlsx"
    assert run("cases", "export", str(file), "--template").exit_code == 0
    dry = told("import", str(file), "--dry-run")
    assert (dry["new"], dry["mistakes"], dry["duplicates"]) == (2, [], [])


def test_a_file_that_cannot_be_read_is_refused_in_one_sentence(city: Path) -> None:
    file = city / "cases.xlsx"
    file.write_bytes(b"PK no zip")
    wrong = run("cases", "import", str(file))
    assert wrong.exit_code == 1
    assert (
        wrong.output.strip() == "XLSX 파일로 읽지 못했습니다. 엑셀에서 XLSX로 다시 저장해 주세요."
    )
    assert json.loads(run("cases", "import", str(file), "--json").stdout)["error"] == "xlsx"
    assert run("cases", "import", str(city / "none.csv")).exit_code == 2
    assert run("cases", "import", str(file), "--by", "moon").exit_code == 1
    assert run("cases", "import", str(file), "--status", "published").exit_code == 2
