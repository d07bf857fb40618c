"""`migrate --plan`: what would be locked, in words and as JSON."""

import json

from bot.cli.migrating import said
from storage import migrate
from storage.planning import File, Plan, Size, Step, Touched
from tests.data_life.test_commands import home, run

__all__ = ["home"]

LARGE, SMALL = Size(5_000_000, 1_100_000_000), Size(None, 16_384)


def plan(*steps, **more):
    return Plan("0021", "0023", steps, **more)


def test_an_empty_database_a_file_and_one_that_is_up_to_date_are_told_apart(home, monkeypatch):
    assert run("migrate", "--plan").output.startswith("빈 데이터베이스입니다.")
    assert not (home / "data").exists()
    database = f"sqlite:///{home / 'some.db'}"
    migrate.migrate(database, "0021")
    monkeypatch.setenv("DATABASE_URL", database)
    assert "서비스를 멈추고" in run("migrate", "--plan").output
    run("migrate")
    assert run("migrate", "--plan").output.startswith("표가 이미 이 판의 것입니다")
    found = json.loads(run("migrate", "--json").output)
    assert found["at"] == found["head"] == migrate.head()
    assert found["steps"] == []


def test_a_file_is_copied_and_the_service_stops():
    step = Step("0022", 1, raised=False, before=(), locks=())
    text = "\n".join(said(plan(step, file=File("a.db", 3_000_000_000, 4_000_000_000))))
    assert "서비스를 멈추고" in text
    assert "3.0GB" in text
    assert "자리가 모자랍니다" in text
    room = "\n".join(said(plan(step, file=File("a.db", 3_000_000_000, 8_000_000_000))))
    assert "모자랍니다" not in room


def test_who_waits_for_which_lock_and_how_long_is_said_of_each_table():
    before = Touched("inbox", "ShareRowExclusiveLock", "copies", LARGE)
    locks = (
        Touched("inbox", "AccessExclusiveLock", "names", LARGE),
        Touched("runs", "ShareLock", "reads", SMALL),
        Touched("filings", "AccessExclusiveLock", "rewrites", LARGE),
        Touched("peers", "ShareUpdateExclusiveLock", "names", SMALL),
    )
    steps = (Step("0022", 1, False, (before,), locks), Step("0023", 2, True, (), ()))
    lines = list(said(plan(*steps, busy=(300.0, 6.0))))
    text = "\n".join(lines)
    assert "0022: 지금 도는 프로세스는 그대로 두어도 됩니다." in lines
    assert "0023: min_code 2보다 옛 프로그램은 먼저 멈춰야 합니다." in lines
    assert "미리 inbox: 새 자리에 옮겨 적음, 5,000,000줄 1.1GB, 44초쯤." in text
    assert "inbox: ACCESS EXCLUSIVE, 읽고 쓰는 쪽이 모두 기다림, 이름과 값만 바꿈" in text
    assert "filings: ACCESS EXCLUSIVE, 읽고 쓰는 쪽이 모두 기다림, 통째로 다시 씀" in text
    assert "runs: SHARE, 쓰는 쪽이 기다림, 끝까지 읽어 봄, 줄 수는 아직 모름" in text
    assert "값만 바꿈: peers" in text
    assert "열린 일이 2개 있습니다(가장 오래된 것 5분)" in text
    assert "있는 표는 건드리지 않습니다." in text


def test_tables_that_are_newer_are_left_alone():
    (line,) = said(Plan("0999", "0022", ()))
    assert line.startswith("표가 이 프로그램보다 새것입니다")
