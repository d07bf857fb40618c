"""The first day of a new installation, by the commands that the documents name."""

import os
import socket
import time
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs
from typer.testing import CliRunner, Result

from bot.cli import app
from bot.cli.doctor.base import clock
from bot.cli.running import listeners, ready, server
from bot.settings import read_settings
from storage.errors import Busy
from storage.repositories import outbox, peers
from storage.store import Store
from storage.unit import Unit
from tests.conftest import Database

NOW = 1_795_000_000  # seconds since 1970

SITE = Path("bot/rehearsal/site.toml").resolve()


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The environment of a service in an empty folder."""
    for name in list(os.environ):
        if name.startswith(("JEOKGEUK_", "TELEGRAM_", "DATABASE_", "SMTP_")):
            monkeypatch.delenv(name)
    site = tmp_path / "site.toml"  # the rehearsal's, but for its passwords without a second step
    text = SITE.read_text(encoding="utf-8").replace('totp = "optional"', 'totp = "required"')
    site.write_text(text, encoding="utf-8")
    for name, value in {
        "JEOKGEUK_KIND": "service",
        "JEOKGEUK_DATA": str(tmp_path / "data"),
        "JEOKGEUK_SITE": str(site),
        "JEOKGEUK_PUBLIC_URL": "https://talk.gaon.example",
        "JEOKGEUK_KEY_FILE": str(tmp_path / "keys"),
        "JEOKGEUK_LOG": "error",
    }.items():
        monkeypatch.setenv(name, value)
    return tmp_path


def run(*words: str) -> Result:
    return CliRunner().invoke(app, words)


def test_an_empty_folder_becomes_a_service_with_its_first_official(office: Path) -> None:
    assert run("keys", "new", str(office / "keys")).exit_code == 0
    assert (office / "keys").stat().st_mode & 0o777 == 0o600
    assert run("migrate").exit_code == 0
    added = run("users", "add", "kim", "--role", "admin", "--name", "김하나")
    assert added.exit_code == 0, added.output
    assert "https://talk.gaon.example/desk/invite#" in added.output
    again = run("users", "add", "kim", "--role", "admin", "--name", "김하나")
    assert again.exit_code == 1
    assert "이미 있는 아이디" in again.output
    assert run("verify").exit_code == 0
    doctor = run("doctor")
    assert doctor.exit_code == 0, doctor.output
    assert "확인을 기다림: passive_report.deadlines.answer" in doctor.output
    assert "✓ 시계: 데이터베이스가 이 컴퓨터의 시계를 씁니다" in doctor.output


@pytest.mark.parametrize("old", ["send", "drop"])
def test_a_restored_database_sends_nothing_until_a_person_has_looked(
    office: Path, old: str
) -> None:
    run("keys", "new", str(office / "keys"))
    assert "멈춘 것이 없습니다" in run("resume").output
    settings, parts = ready()
    at = parts.svc.now()

    def wait(unit: Unit) -> None:
        peer = peers.ensure(unit, "mail", "mail", "hong@example.com", "ko", at)
        outbox.put(unit, peer.id, [outbox.Draft(1, "notice", b"{}", at)], at)

    parts.store.transact(wait, None)
    parts.close()
    (settings.data / "blobs" / "generation").write_text("another")
    asked = run("resume")
    assert asked.exit_code == 1
    assert "mail notice 1건" in asked.output
    assert run("doctor").exit_code == 1
    assert run("resume", "--old", old).exit_code == 0
    _, parts = ready()
    try:
        assert parts.store.hold == ""
        assert len(parts.store.read(outbox.failed)) == (old == "drop")
    finally:
        parts.close()


def test_a_start_without_a_key_names_the_key(office: Path) -> None:
    assert "keys: file: 파일이 없습니다" in str(run("verify").exception)
    doctor = run("doctor")
    assert doctor.exit_code == 1
    assert "✗ 시작할 수 없습니다: keys: file: 파일이 없습니다" in doctor.output


@pytest.mark.parametrize(
    ("parts", "asked"),
    [
        (("public", "hooks", "desk"), ["JEOKGEUK_PORT", "JEOKGEUK_DESK_PORT"]),
        (("public", "hooks"), ["JEOKGEUK_PORT"]),
        (("desk",), ["JEOKGEUK_DESK_PORT"]),
    ],
)
def test_every_port_that_these_parts_need_is_tried_before_anything_is_begun(
    office: Path, monkeypatch: pytest.MonkeyPatch, parts: tuple[str, ...], asked: list[str]
) -> None:
    monkeypatch.setenv("JEOKGEUK_DESK_PORT", "8081")
    settings = read_settings(os.environ)
    assert [setting for setting, _host, _port in listeners(settings, parts)] == asked


def test_a_port_of_the_desk_that_is_taken_stops_the_start_by_its_name(
    office: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("keys", "new", str(office / "keys"))
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        monkeypatch.setenv("JEOKGEUK_DESK_PORT", port)
        said = str(run("serve", "--parts", "desk").exception)
    assert said.startswith(f"JEOKGEUK_DESK_PORT: 127.0.0.1:{port}: 여기서 들을 수 없습니다")


def test_an_empty_key_file_is_named_and_stays_as_it_is(office: Path) -> None:
    (office / "keys").touch(0o600)
    assert "keys: ring: 열쇠가 들어 있지 않습니다" in run("doctor").output
    assert (office / "keys").read_bytes() == b""


def test_a_data_folder_that_is_a_file_is_named_by_every_command(
    office: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("keys", "new", str(office / "keys"))
    (office / "data").write_text("mine")
    add = ("users", "add", "kim", "--role", "admin", "--name", "김하나")
    for words in (("serve",), ("work",), ("migrate",), ("verify",), add):
        assert "JEOKGEUK_DATA" in str(run(*words).exception)
    assert "JEOKGEUK_DATA" in run("doctor").output
    assert (office / "data").read_text() == "mine"


@pytest.mark.parametrize(
    ("ahead", "mark", "words"),
    [
        (0.2, "✓", "이 컴퓨터의 시계를 씁니다"),
        (-29, "✓", "29.0초 느립니다"),
        (31, "✗", "31.0초 빠릅니다(한도 30초)"),
        (-3600, "✗", "3600.0초 느립니다(한도 30초)"),
    ],
)
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_doctor_tells_how_far_the_clocks_are_apart(
    database: Database, ahead: float, mark: str, words: str
) -> None:
    store = database.open(host_clock=lambda: NOW * 1_000_000)
    line = clock(store, lambda: NOW + ahead).line()
    store.close()
    assert line.startswith(mark)
    assert words in line


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_doctor_compares_with_the_clock_of_the_server(store: Store) -> None:
    assert clock(store).mark == "ok"
    assert clock(store, lambda: time.time() - 3600).mark == "fault"


def test_doctor_says_when_there_is_no_clock_to_compare_with(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(_look: object) -> None:
        raise Busy("away")

    monkeypatch.setattr(store, "read", away)
    assert clock(store).text == "시계: 데이터베이스가 답하지 않아 견주지 못했습니다"


def test_a_role_that_does_not_exist_is_named(office: Path) -> None:
    said = run("users", "add", "kim", "--role", "boss", "--name", "김하나")
    assert said.exit_code == 2
    assert "boss" in said.output


def test_a_part_that_does_not_exist_is_refused(office: Path) -> None:
    assert "public, hooks, desk" in str(run("serve", "--parts", "front").exception)


def test_a_worker_alone_needs_postgresql(office: Path) -> None:
    run("keys", "new", str(office / "keys"))
    assert "SQLite" in str(run("work").exception)


def test_a_receipts_mark_that_is_none_is_refused(office: Path) -> None:
    run("keys", "new", str(office / "keys"))
    assert run("verify", "2026-7K3M-Q9", "--head", "nonsense").exit_code == 2
    assert run("verify", "2026-7K3M-Q9").exit_code == 1


async def test_only_a_known_proxy_is_believed_about_who_comes() -> None:
    async def seen(by: str) -> str:
        heard: list[str] = []

        async def app(scope: Any, _receive: Any, _send: Any) -> None:
            heard.append(scope["client"][0])

        made = server(app, "127.0.0.1", 0, ("10.0.0.0/24",))
        made.config.load()
        headers = [(b"x-forwarded-for", b"203.0.113.9")]
        scope = {"type": "http", "client": (by, 1), "headers": headers, "scheme": "http"}
        await made.config.loaded_app(scope, None, None)
        return heard[0]

    assert await seen("10.0.0.7") == "203.0.113.9"
    assert await seen("198.51.100.1") == "198.51.100.1"


async def test_who_serves_says_where_once_it_listens() -> None:
    async def app(_scope: Any, _receive: Any, _send: Any) -> None: ...

    made = server(app, "127.0.0.1", 0)
    made.config.lifespan = "off"
    made.config.load()
    made.lifespan = made.config.lifespan_class(made.config)
    with capture_logs() as lines:
        await made.startup()
    await made.shutdown()
    assert [(one["event"], one["host"]) for one in lines] == [("serving", "127.0.0.1")]
