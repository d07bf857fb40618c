"""doctor says of each fault what to do, goes on where parts are missing, and tells no secret."""

import asyncio
import json
import os
import socket
from collections.abc import AsyncIterator, Iterator
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from typer.testing import CliRunner

from bot.app import build
from bot.cli import app
from bot.cli.doctor import base, examine
from bot.cli.doctor.finding import Finding, fault, guarded
from bot.services import silence
from bot.settings import read_settings
from knowledge.release import RELEASE
from storage.models import metadata
from storage.repositories import heartbeats, outbox, peers, users
from storage.store import Store
from storage.unit import Unit
from tests.fakes.clamd import clamd
from tests.fakes.telegram import FakeTelegram, fake_telegram

SECRET = "s3cret-S3CRET_0123456789-abcdefgh"


def closed_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def look(environ: dict[str, str], area: str = "") -> list[Finding]:
    found = list(examine(environ))
    assert all(one.todo for one in found if one.mark == "fault")
    assert all(one.todo.count(". ") == 0 for one in found)  # one sentence
    return [one for one in found if area in ("", one.area)]


def test_a_fresh_rehearsal_is_well(environ):
    found = look(environ)
    assert [one for one in found if one.mark == "fault"] == []
    areas = {one.area for one in found}
    assert areas >= {
        "settings", "keys", "disk", "fonts", "start", "database", "migrations", "clock", "outbox",
        "unconfirmed", "backup", "telegram", "mail", "scanner", "parts", "tick", "access_log",
    }  # fmt: skip


def test_who_is_missing_is_told_with_what_to_do(environ):
    assert [one.mark for one in look(environ, "people")] == ["note", "note", "note"]
    made = build(read_settings(environ))

    def staff(unit: Unit) -> None:
        now = made.svc.now()
        for role in ("admin", "intake", "auditor"):
            found = users.add(unit, role, role, now)
            assert found is not None
            users.grant(unit, found, role, now)

    made.store.transact(staff, None)
    made.close()
    alone, there = look(environ, "people")
    assert (alone.mark, there.mark) == ("note", "ok")
    assert "승인할 다른 분이 없습니다" in alone.text


def test_a_wrong_setting_is_named_first(environ):
    found = look(environ | {"JEOKGEUK_PORT": "70000"})
    assert [(one.mark, one.area) for one in found] == [("fault", "settings")]
    assert "JEOKGEUK_PORT" in found[0].text


def test_with_the_database_away_the_rest_is_looked_at(environ):
    address = f"postgresql://jt:pa55word-of-it@127.0.0.1:{closed_port()}/jt"
    found = look(environ | {"DATABASE_URL": address})
    start = [one for one in found if one.area in {"start", "database"}]
    assert [one.mark for one in start] == ["fault"]
    assert {"disk", "fonts", "keys", "telegram", "mail"} <= {one.area for one in found}
    assert "pa55word" not in json.dumps([asdict(one) for one in found])


@pytest.mark.parametrize(("mode", "mark"), [(0o600, "ok"), (0o640, "fault"), (0o604, "fault")])
def test_a_key_file_that_others_read_is_a_fault(environ, mode, mark):
    Path(environ["JEOKGEUK_KEY_FILE"]).chmod(mode)
    assert look(environ, "keys")[0].mark == mark


def test_a_key_file_that_is_not_there_is_a_fault(environ):
    Path(environ["JEOKGEUK_KEY_FILE"]).unlink()
    assert look(environ, "keys")[0].mark == "fault"


def test_keys_in_the_environment_are_remarked(environ):
    text = Path(environ.pop("JEOKGEUK_KEY_FILE")).read_text()
    found = look(environ | {"JEOKGEUK_KEYS": text.split()[-1]}, "keys")
    assert found[0].mark == "note"
    assert text.split()[-1] not in str(found)


@pytest.fixture
async def fake() -> AsyncIterator[FakeTelegram]:
    async with fake_telegram() as made:
        yield made


def with_bot(environ: dict[str, str], fake: FakeTelegram, **changes: str) -> dict[str, str]:
    own = {
        "TELEGRAM_TOKEN": fake.token, "TELEGRAM_API_URL": fake.url,
        "TELEGRAM_WEBHOOK_SECRET": SECRET,
    }  # fmt: skip
    return environ | own | changes


async def telegram(environ: dict[str, str]) -> list[Finding]:
    return await asyncio.to_thread(look, environ, "telegram")


async def test_the_token_and_the_road_of_updates_are_asked_of_the_vendor(environ, fake):
    given = with_bot(environ, fake)
    assert [one.mark for one in await telegram(given)] == ["ok", "fault"]  # nothing hooked yet
    fake.webhook = {"url": "http://127.0.0.1:8080/telegram/webhook"}
    assert [one.mark for one in await telegram(given)] == ["ok", "ok"]
    fake.webhook["pending_update_count"] = 101
    assert [one.mark for one in await telegram(given)] == ["ok", "ok", "fault"]
    fake.webhook = {"url": "https://elsewhere.example/x"}
    poll = await telegram(with_bot(environ, fake, TELEGRAM_MODE="poll"))
    assert [one.mark for one in poll] == ["ok", "fault"]
    assert "elsewhere" not in str(poll)


async def test_the_date_of_the_vendor_is_a_third_clock(environ, fake):
    found = await asyncio.to_thread(look, with_bot(environ, fake), "clock")
    assert [one.mark for one in found] == ["ok", "ok"]
    assert "Bot API 서버" in found[1].text


async def test_a_token_that_nobody_knows_is_a_fault_without_the_token(environ, fake):
    token = "7:rehearsal-other"
    found = await telegram(with_bot(environ, fake, TELEGRAM_TOKEN=token))
    assert [one.mark for one in found] == ["fault"]
    assert "other" not in str(found)


def test_a_vendor_that_does_not_answer_is_a_fault(environ):
    url = f"http://127.0.0.1:{closed_port()}"
    given = {"TELEGRAM_TOKEN": "1:rehearsal-x", "TELEGRAM_API_URL": url, "TELEGRAM_MODE": "poll"}
    assert [one.mark for one in look(environ | given, "telegram")] == ["fault"]


class Keeper:
    """Takes no letter in this test."""

    letters = 0

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, _server: object, _session: object, _envelope: object
    ) -> str:
        self.letters += 1
        return "250 OK"


@pytest.fixture
def mail() -> Iterator[Controller]:
    def login(_server: object, _session: object, _envelope: object, _how: str, given: object):
        good = isinstance(given, LoginPassword) and given.password == b"right-password"
        return AuthResult(success=good, handled=False)

    made = Controller(
        Keeper(), "127.0.0.1", closed_port(), authenticator=login, auth_require_tls=False
    )
    made.start()
    yield made
    made.stop()


def test_the_mail_server_is_greeted_and_gets_no_letter(environ, mail):
    good = f"smtp://desk:right-password@127.0.0.1:{mail.port}"
    given = environ | {"SMTP_URL": good, "MAIL_FROM": "a@example.com"}
    assert [(one.mark, one.text) for one in look(given, "mail")] == [
        ("ok", "메일: 연결, 로그인 됨")
    ]  # fmt: skip
    wrong = environ | {"SMTP_URL": good.replace("right", "wrong")}
    assert [one.mark for one in look(wrong, "mail")] == ["fault", "fault"]  # and no sender
    away = environ | {"SMTP_URL": f"smtp://127.0.0.1:{closed_port()}", "MAIL_FROM": "a@b.c"}
    assert [one.mark for one in look(away, "mail")] == ["fault"]
    assert mail.handler.letters == 0


def test_the_line_for_the_dns_is_told_where_letters_are_signed(environ, tmp_path):
    key = rsa.generate_private_key(65537, 2048).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    file = tmp_path / "dkim.pem"
    file.write_bytes(key)
    file.chmod(0o600)
    given = environ | {"MAIL_DKIM_KEY_FILE": str(file), "MAIL_FROM": "a@gaon.example"}
    lines = [one.line() for one in look(given | {"MAIL_DKIM_SELECTOR": "jt1"}, "mail")]
    assert 'jt1._domainkey.gaon.example TXT "v=DKIM1; k=rsa; p=' in lines[0]
    assert not any(word in line for line in lines for word in key.decode().split()[3:-3])
    assert look(given, "mail")[0].mark == "fault"
    assert "MAIL_DKIM_SELECTOR" in look(given, "mail")[0].text


def test_letters_that_came_back_and_wait_for_a_person_are_told(environ, tmp_path):
    given = environ | {"MAIL_BOUNCE": "bounce@gaon.example", "MAIL_BOUNCES": str(tmp_path)}
    assert look(given, "mail")[0].mark == "fault"
    new = tmp_path / "new"
    new.mkdir()
    assert look(given, "mail")[0].mark == "ok"
    (new / "1").write_text("?")
    assert look(given, "mail")[0].text == "되돌아온 편지: 1통이 있습니다"
    alone = {**given, "MAIL_BOUNCE": ""}
    assert "MAIL_BOUNCE" in look(alone)[0].text


def test_the_scanner_is_pinged(environ, tmp_path):
    with clamd(tmp_path) as address:
        assert look(environ | {"JEOKGEUK_CLAMD": address}, "scanner")[0].mark == "ok"
    assert look(environ | {"JEOKGEUK_CLAMD": address}, "scanner")[0].mark == "fault"


async def test_another_server_may_be_the_clock(environ, fake):
    given = environ | {"JEOKGEUK_CLOCK_URL": fake.url}
    found = await asyncio.to_thread(look, given, "clock")
    assert [one.mark for one in found] == ["ok", "ok"]
    away = environ | {"JEOKGEUK_CLOCK_URL": f"http://127.0.0.1:{closed_port()}"}
    assert (await asyncio.to_thread(look, away, "clock"))[1].mark == "fault"


def test_a_backup_that_is_old_is_a_fault(environ):
    made = build(read_settings(environ))
    store: Store = made.store
    try:
        assert [one.mark for one in base.backups(made)] == ["note"]
        store.transact(lambda unit: heartbeats.beat(unit, heartbeats.BACKUP), None)
        assert [one.mark for one in base.backups(made)] == ["ok"]
        old = sa.update(metadata.tables["heartbeats"]).values(
            at=made.svc.now().replace(year=made.svc.now().year - 1)
        )
        store.transact(lambda unit: unit.conn.execute(old), None)
        assert [one.mark for one in base.backups(made)] == ["fault"]
    finally:
        made.close()


@pytest.mark.parametrize(("age", "mark"), [(None, "note"), (30.0, "ok"), (301.0, "note")])
def test_a_clock_that_does_not_work_is_remarked(age, mark):
    assert base._beat(age, 5).mark == mark


@pytest.mark.parametrize(("age", "mark"), [(None, "note"), (30.0, "ok"), (601.0, "fault")])
@pytest.mark.parametrize("name", ["telegram.poll", "slack.socket"])
def test_a_road_by_which_we_fetch_and_nothing_comes_is_told(name, age, mark):
    found = base._fetched(name, age, 10)
    assert (found.mark, found.area) == (mark, silence.FETCHED[name])


def test_a_road_by_which_nothing_leaves_is_told_by_its_name(environ):
    made = build(
        read_settings(
            environ
            | {
                "TELEGRAM_TOKEN": "1:rehearsal-x",
                "TELEGRAM_MODE": "poll",
                "TELEGRAM_API_URL": "http://127.0.0.1:9",
            }
        )
    )

    def broken(unit: Unit) -> None:
        now = made.svc.now()
        peer = peers.ensure(unit, "mail", "citizen", "a@gaon.example", "ko", now)
        outbox.put(unit, peer.id, [outbox.Draft(5, "notice", b"{}", now)], now)
        heartbeats.begin(unit, "away.mail")
        since = sa.update(metadata.tables["heartbeats"])
        unit.conn.execute(since.values(at=now - timedelta(minutes=31)))

    try:
        made.store.transact(broken, None)
        told = {one.area: one for one in base.work(made)}
    finally:
        made.close()
    assert told["outbound"].mark == "fault"
    assert told["outbound"].text.startswith("mail: 31분째")
    assert told["inbound"].mark == "note"


def test_what_waits_for_a_later_release_is_told(environ):
    made = build(read_settings(environ))

    def later(unit: Unit) -> None:
        now = made.svc.now()
        peer = peers.ensure(unit, "mail", "citizen", "a@gaon.example", "ko", now)
        outbox.put(unit, peer.id, [outbox.Draft(5, "notice", b"{}", now)], now)
        waits = sa.update(metadata.tables["outbox"])
        unit.conn.execute(waits.values(problem=outbox.NEWER, release=RELEASE + 1))

    try:
        assert "newer" not in {one.area for one in base.work(made)}
        made.store.transact(later, None)
        told = {one.area: one for one in base.work(made)}
    finally:
        made.close()
    assert told["newer"].mark == "note"
    assert "1통" in told["newer"].text


def test_a_look_that_fails_is_a_finding_and_not_the_end():
    def faints() -> Iterator[Finding]:
        yield fault("a", "b", "c")
        raise RuntimeError("hong@example.com")

    found = list(guarded("area", faints))
    assert [one.area for one in found] == ["a", "area"]
    assert "hong" not in str(found)


def test_as_json_each_line_is_one_finding(environ, monkeypatch):
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    done = CliRunner().invoke(app, ["doctor", "--json"])
    assert done.exit_code == 0, done.output
    lines = [json.loads(line) for line in done.output.splitlines()]
    assert {"mark", "area", "text", "todo"} == set(lines[0])
    monkeypatch.setenv("JEOKGEUK_KEY_FILE", "/nowhere/keys")
    assert CliRunner().invoke(app, ["doctor"]).exit_code == 1
    assert os.environ["JEOKGEUK_KIND"] == "rehearsal"
