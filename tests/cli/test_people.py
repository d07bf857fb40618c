"""Officials by the command line: the exception of the first ones, and the staff list."""

from pathlib import Path

from bot.documents import sheets
from bot.services import staff_rows
from tests.cli.test_first_day import office, run

__all__ = ["office"]


def test_once_there_are_two_administrators_the_command_line_waits_too(office: Path) -> None:
    run("keys", "new", str(office / "keys"))
    run("migrate")
    for login, number in (("kim", "1001"), ("lee", "1002")):
        made = run("users", "add", login, "--role", "admin", "--name", login, "--staff-no", number)
        assert made.exit_code == 0, made.output
        assert "승인" not in made.output
    head = ("users", "add", "choi", "--role", "audit_head", "--name", "최과장")
    assert "까닭을 5자 이상" in run(*head).output
    later = run(*head, "--reason", "감사 부서장으로 오셨습니다", "--staff-no", "1003")
    assert later.exit_code == 0, later.output
    assert "/desk/approvals/1" in later.output
    both = run("users", "add", "two", "--role", "admin", "--role", "auditor", "--name", "둘")
    assert both.exit_code == 1
    assert "함께 가질 수 없습니다" in both.output


def test_a_staff_list_is_looked_at_before_it_is_carried_out(office: Path) -> None:
    run("keys", "new", str(office / "keys"))
    run("migrate")
    run("users", "add", "kim", "--role", "admin", "--name", "김하나", "--staff-no", "1001")
    rows = [
        ["1001", "김하나", "audit", "", "주무관", "", "", "", ""],
        ["1002", "이두리", "audit", "", "", "예", "", "", "lee"],
    ]
    file = office / "staff.xlsx"
    file.write_bytes(sheets.sheet("직원", staff_rows.HEAD, rows))
    dry = run("users", "import", str(file))
    assert dry.exit_code == 0, dry.output
    assert "새로 오신 분: 1명" in dry.output
    assert "아직 아무것도 바뀌지 않았습니다" in dry.output
    assert "--carry-out을 붙여" in dry.output
    assert "새로 오신 분: 1명" in run("users", "import", str(file), "--whole").output  # still
    done = run("users", "import", str(file), "--whole", "--carry-out")
    assert "내용이 바뀌는 분: 1명" in done.output
    assert "바꿀 것이 없습니다" in run("users", "import", str(file)).output
    file.write_bytes(sheets.sheet("직원", staff_rows.HEAD, [["1003", "", "moon"]]))
    wrong = run("users", "import", str(file))
    assert wrong.exit_code == 1
    assert "2줄 이름: 비어 있습니다" in wrong.output
    assert "2줄 부서코드" in wrong.output
    file.write_bytes(b"no list")
    assert "XLSX 파일로 읽지 못했습니다" in run("users", "import", str(file)).output
    assert run("users", "import", str(office / "none.xlsx")).exit_code == 2
