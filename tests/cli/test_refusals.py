"""Whatever is typed wrongly or cannot be had ends in one Korean sentence and no traceback."""

import gc
import importlib
import socket
import sqlite3
from pathlib import Path

import pytest
import sqlalchemy as sa
import typer

from bot import cli
from bot.cli import app, refusals
from bot.errors import BadStart
from storage.errors import Busy, StartRefused


def said(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *words: str):
    monkeypatch.setattr("sys.argv", ["jeokgeuk", *words])
    code = refusals.run(app)
    return code, capsys.readouterr().err.splitlines()


@pytest.mark.parametrize(
    ("words", "first"),
    [
        (["nonsense"], "nonsense: 그런 명령은 없습니다"),
        (["demo", "--port", "abc"], "--port: 정수여야 합니다"),
        (["demo", "--port", "0"], "--port: 1 이상이어야 합니다"),
        (["demo", "--port", "99999"], "--port: 65535 이하여야 합니다"),
        (["demo", "--nope"], "--nope: 그런 선택은 없습니다"),
        (["demo", "more"], "more: 남는 말입니다"),
        (["users", "add"], "LOGIN: 값이 없습니다"),
        (["users", "add", "kim", "--role"], "--role: 값이 없습니다"),
        (["keys", "new"], "PATH: 값이 없습니다"),
    ],
)
def test_a_wrong_word_is_named(words, first, capsys, monkeypatch):
    code, lines = said(capsys, monkeypatch, *words)
    assert code == 2
    assert lines[0] == first
    assert lines[1].startswith("도움말: jeokgeuk")


def test_our_own_reason_is_kept(capsys, monkeypatch):
    words = ("users", "add", "kim", "--role", "boss", "--name", "김하나")
    code, lines = said(capsys, monkeypatch, *words)
    assert code == 2
    assert "가운데에서 고릅니다: boss" in lines[0]


def test_no_word_at_all_shows_the_help(capsys, monkeypatch):
    code, lines = said(capsys, monkeypatch)
    assert code == 2
    assert any("demo" in line for line in lines)


@pytest.mark.parametrize(
    "words", [(), ("users",), ("users", "add"), ("keys", "new"), ("demo",), ("bench", "turns")]
)
def test_every_help_is_in_korean(words, capsys, monkeypatch):
    monkeypatch.setattr("sys.argv", ["jeokgeuk", *words, "--help"])
    assert refusals.run(app) == 0
    said = capsys.readouterr().out
    assert said.strip().startswith(f"쓰는 법: {' '.join(('jeokgeuk', *words))}")
    assert "이 도움말을 보인다." in said
    for english in ("Usage", "Options", "OPTIONS", "Commands", "Arguments", "required", "default"):
        assert english not in said


@pytest.mark.parametrize(("place", "why"), [("none/keys", "없습니다"), ("", "폴더입니다")])
def test_a_file_that_cannot_be_made_is_named(tmp_path: Path, place, why, capsys, monkeypatch):
    code, lines = said(capsys, monkeypatch, "keys", "new", str(tmp_path / place))
    assert code == 1
    assert why in lines[0]


def _ending(error: BaseException) -> typer.Typer:
    ends = typer.Typer()

    @ends.command()
    def end() -> None:
        raise error

    return ends


def test_what_the_database_refuses_is_said(capsys, monkeypatch):
    monkeypatch.setattr("sys.argv", ["jeokgeuk"])
    assert refusals.run(_ending(StartRefused("DATABASE_URL", "schema", "표가 새것입니다"))) == 1
    assert "표가 새것입니다" in capsys.readouterr().err
    assert refusals.run(_ending(typer.Abort())) == 1


def _broken(code: int) -> sa.exc.DatabaseError:
    error = sqlite3.DatabaseError()
    error.sqlite_errorcode = code
    return sa.exc.DatabaseError("SELECT", None, error)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (Busy("locked"), "데이터베이스가 바쁘거나"),
        (_broken(sqlite3.SQLITE_CORRUPT), "백업에서 되살려"),
        (_broken(sqlite3.SQLITE_IOERR), "디스크를 봐 주세요"),
    ],
)
def test_a_database_that_fails_later_on_is_told_too(error, words, capsys, monkeypatch):
    monkeypatch.setattr("sys.argv", ["jeokgeuk"])
    assert refusals.run(_ending(error)) == 1
    assert words in capsys.readouterr().err


@pytest.mark.parametrize(
    "error", [OSError(5, "I/O"), ValueError("a bug"), _broken(sqlite3.SQLITE_ERROR)]
)
def test_a_bug_stays_loud(error, monkeypatch):
    monkeypatch.setattr("sys.argv", ["jeokgeuk"])
    with pytest.raises(type(error)):
        refusals.run(_ending(error))


def test_a_port_in_use_is_named_before_anything_is_begun():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(BadStart, match=f"127.0.0.1:{port}"):
            refusals.refuse_taken("demo", "127.0.0.1", port)
    refusals.refuse_taken("demo", "::1", port)


@pytest.mark.parametrize("collecting", [True, False])
def test_who_reads_the_commands_in_keeps_his_collector(collecting, monkeypatch):
    monkeypatch.setattr(cli, "app", cli.app)
    (gc.enable if collecting else gc.disable)()
    try:
        importlib.reload(cli)
        assert gc.isenabled() is collecting
    finally:
        gc.enable()
