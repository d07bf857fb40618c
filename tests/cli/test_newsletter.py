"""`newsletter`: everything of a broadcast from the console, and who does it proves who he is."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot.cli import app
from bot.cli.running import ready
from bot.services import access, broadcast_drafts, officials, peers, subscriptions
from bot.services.broadcast_checks import CHECKS
from bot.services.subscriptions import Wanted
from knowledge.calendar import SEOUL
from storage.repositories import broadcasts, units, users
from tests.cli.test_first_day import office, run

__all__ = ["office"]

PASSWORD = "길게 적은 암호 한 줄"


def does(*words: str, typed: str = f"{PASSWORD}\n") -> Result:
    return CliRunner().invoke(app, ["newsletter", *words], input=typed)


@pytest.fixture
def press(office: Path) -> Path:
    """An installation with an editor, a chief, one reader and a notice that is all but ready."""
    site = office / "site.toml"
    site.write_text(
        site.read_text("utf-8").replace('totp = "required"', 'totp = "optional"'), "utf-8"
    )
    run("keys", "new", str(office / "keys"))
    run("migrate")
    _, parts = ready()
    svc, now = parts.svc, datetime.now(UTC)

    def settle(unit) -> list[str]:
        place = units.add(unit, "audit", "감사담당관", valid_from=now.date(), kind="audit")
        secrets = []
        for login, role in (("moon", "editor"), ("cho", "chief")):
            made = users.add(unit, login, login, now, unit_id=place, staff_no=login)
            users.grant(unit, made, role, now)
            secrets.append(access.invite(svc, unit, None, made).secret)
        peer = peers.meet(svc, unit, "mail", "news", "reader@gaon.example", "ko")
        subscriptions.subscribe(svc, unit, peer.id, Wanted(), "1")
        moon = officials.actor(officials.official(unit, 1))
        made = broadcast_drafts.draft(svc, unit, moon, "notice", title="쉬는 날", number="n-1")
        broadcast_drafts.add_text(svc, unit, moon, made, 0, "알림", "몸글")
        return secrets

    for n, secret in enumerate(parts.store.transact(settle, None)):
        access.set_password(svc, parts.store, secret, PASSWORD, f"set:{n}")
    parts.close()
    return office


def test_two_persons_let_it_go_from_the_console_and_one_alone_does_not(press: Path) -> None:
    day = (datetime.now(SEOUL) + timedelta(days=1)).date()
    assert does("schedule", "n-1", "gestern", "--as", "moon").exit_code == 2
    checked = [word for name in CHECKS for word in ("--checked", name)]
    said = ("--class", "guide", "--doc-no", "감사-1", "--ask", "봐 주세요", "--as", "moon")
    asked = does("schedule", "n-1", f"{day}T10:00", *said, *checked)
    assert "승인 기다림" in asked.output, asked.output
    own = does("approve", "n-1", "--as", "moon")
    assert own.exit_code == 1
    assert "만든 사람은 승인할 수 없어요" in own.output
    stranger = does("approve", "n-1", "--as", "cho", typed="아무 말이나\n")
    assert stranger.exit_code == 1
    assert "승인됨" not in stranger.output
    done = does("approve", "n-1", "--as", "cho")
    assert "보내면 되돌릴 수 없어요" in done.output
    assert "승인됨" in done.output, done.output
    told = json.loads(does("status", "n-1", "--json").output)
    assert (told["state"], told["total"]) == ("approved", 0)
    assert "쉬는 날" in does("status").output
    assert "남은 시간" not in does("status", "n-1").output
    assert "몸글" in does("preview", "n-1", "--channel", "mail").output
    assert "찾을 수 없는 발송" in does("status", "2020-01").output
    assert "멈춤" in does("pause", "n-1", "--as", "moon").output
    assert does("pause", "n-1", "--as", "moon").exit_code == 1
    ended = does("cancel", "n-1", "--as", "moon", typed=f"y\n{PASSWORD}\n")
    assert "그만둠" in ended.output, ended.output
    _, parts = ready()
    found = parts.store.read(lambda unit: broadcasts.of_number(unit, "n-1"))
    parts.close()
    assert found is not None
    assert found.state == "cancelled"
