"""The first day of a new installation, by the commands that the documents name."""

import os
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from bot.cli import app
from bot.cli.running import ready, server
from storage.repositories import outbox, peers
from storage.unit import Unit

SITE = Path("bot/rehearsal/site.toml").resolve()


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The environment of a service in an empty folder."""
    for name in list(os.environ):
        if name.startswith(("JEOKGEUK_", "TELEGRAM_", "DATABASE_", "SMTP_")):
            monkeypatch.delenv(name)
    for name, value in {
        "JEOKGEUK_KIND": "service",
        "JEOKGEUK_DATA": str(tmp_path / "data"),
        "JEOKGEUK_SITE": str(SITE),
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
    assert "이미 있는 계정" in again.output
    assert run("verify").exit_code == 0
    doctor = run("doctor")
    assert doctor.exit_code == 0, doctor.output
    assert "확인을 기다림 passive_report: deadlines.answer" in doctor.output


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
    assert "keys: file: 파일이 없습니다" in str(run("doctor").exception)


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
