"""`backup`, `restore`, `resume` as a person types them."""

import os
import shutil
import zipfile
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot.cli import app
from bot.cli.running import ready
from bot.documents import bundle
from storage import erasures, receipts, seals
from storage.journal import Head
from storage.repositories import outbox, peers
from storage.unit import Unit

SITE = Path("bot/rehearsal/site.toml").resolve()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
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
    run("keys", "new", str(tmp_path / "keys"))
    (tmp_path / "safe").mkdir()
    return tmp_path


def run(*words: str) -> Result:
    return CliRunner().invoke(app, words)


def wait_for_mail(unit: Unit, at) -> int:
    peer = peers.ensure(unit, "mail", "mail", "hong@example.com", "ko", at)
    drafts = [outbox.Draft(1, kind, b"{}", at) for kind in ("notice", "reminder")]
    outbox.put(unit, peer.id, drafts, at)
    return peer.id


def backed_up(home: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Back a service up that has mail waiting; gives the words that restore it."""
    said = run("backup-key", str(home / "identity"))
    public = said.output.split("JEOKGEUK_BACKUP_KEY=")[1].strip()
    monkeypatch.setenv("JEOKGEUK_BACKUP_KEY", public)
    _, parts = ready()
    at = parts.svc.now()
    parts.store.transact(lambda unit: wait_for_mail(unit, at), None)
    parts.close()
    assert run("backup", str(home / "safe")).exit_code == 0
    [data] = [path for path in (home / "safe").iterdir() if ".keys." not in path.name]
    keys = data.with_name(data.name.replace(".age", ".keys.age"))
    return ["restore", str(data), "--keys", str(keys), "--identity", str(home / "identity")]


def test_a_service_is_backed_up_checked_lost_restored_and_opened_again(home, monkeypatch):
    words = backed_up(home, monkeypatch)
    checked = run(*words, "--verify")
    assert "이 백업으로 되살릴 수 있습니다" in checked.output
    assert run(*words).exit_code == 1  # the database is there
    shutil.rmtree(home / "data")
    back = run(*words)
    assert back.exit_code == 0, (back.output, back.exception)
    assert "파기 원장이 없습니다" in back.output
    assert "jeokgeuk resume --review" in back.output
    review = run("resume", "--review")
    assert review.exit_code == 0
    assert "mail notice 1건" in review.output
    some = run("resume", "--old", "mark", "--kind", "notice")
    assert "1건을 이미 간 것으로 적었습니다" in some.output
    assert "멈춤은 그대로" in some.output
    rest = run("resume", "--old", "drop")
    assert "1건을 보내지 않고" in rest.output
    _, parts = ready()
    assert parts.store.hold == ""
    assert len(parts.store.read(outbox.failed)) == 1
    parts.close()


def test_the_ledger_of_the_second_place_is_repeated_and_a_forged_one_is_not(home, monkeypatch):
    copy = home / "second" / "erasures.jsonl"
    copy.parent.mkdir()
    monkeypatch.setenv("JEOKGEUK_ERASURES_COPY", str(copy))
    words = backed_up(home, monkeypatch)
    _, parts = ready()
    at = parts.svc.now()

    def leave(unit: Unit) -> None:
        peer = peers.find(unit, "mail", "mail", "hong@example.com")
        unit.note_gone("peer", peer.sid, at)

    parts.store.transact(leave, None)
    parts.close()
    shutil.rmtree(home / "data")
    back = run(*words)
    assert "파기·철회 1건을 견주어 1건을 다시 했습니다" in back.output, (
        back.output,
        back.exception,
    )
    _, parts = ready()
    assert parts.store.read(lambda u: peers.find(u, "mail", "mail", "hong@example.com")) is None
    assert erasures.count(home / "data" / erasures.NAME, parts.store.ring) >= 1
    parts.close()

    shutil.rmtree(home / "data")
    copy.write_text(copy.read_text().replace('"peer"', '"news"'))
    forged = run(*words)
    assert "믿을 수 없는 파기 원장" in forged.output
    assert forged.exit_code == 1
    assert "믿을 수 있는 파기 원장이 하나도" in str(forged.exception)
    assert "되살리기가 끝나지 않았습니다" in str(run("verify").exception)
    copy.unlink()
    assert run(*words).exit_code == 0  # goes on where it was


def test_what_is_missing_is_said_by_its_name(home):
    assert "JEOKGEUK_BACKUP_KEY" in str(run("backup", str(home / "safe")).exception)
    missing = run("restore", "a.age", "--keys", "b.age", "--identity", "c")
    assert "그런 파일이 없습니다" in str(missing.exception)
    assert "멈춘 것이 없습니다" in run("resume").output


def test_a_receipt_is_checked_with_the_published_key_and_with_the_record(home):
    _, parts = ready()
    ring, at = parts.store.ring, parts.svc.now()
    line = receipts.sign(ring, "2026-7K3M-Q9", at, "passive_report", Head(1, bytes(32)))
    key = receipts.public_keys(ring)[ring.first.hex()]
    parts.close()
    outside = run("verify", "--receipt", line, "--key", key)
    assert outside.exit_code == 0
    assert "서명이 맞습니다: 2026-7K3M-Q9" in outside.output
    inside = run("verify", "--receipt", line)
    assert inside.exit_code == 1
    assert "서명이 맞습니다" in inside.output
    assert "그런 접수번호가 없습니다" in inside.output
    forged = line.replace("7K3M", "7K3N")
    assert run("verify", "--receipt", forged, "--key", key).exit_code == 1
    assert "서명한 것이 아닙니다" in run("verify", "--receipt", forged).output
    assert run("verify", "--receipt", line, "--key", "열쇠").exit_code == 2


def test_a_bundle_is_checked_without_us_and_with_the_record(home, tmp_path):
    _, parts = ready()
    ring, at = parts.store.ring, parts.svc.now()
    key = receipts.public_keys(ring)[ring.first.hex()]
    path, number = tmp_path / "bundle.zip", "2026-7K3M-Q9"
    head = Head(1, bytes(32))
    bundle.write(path, [], seal=lambda listed: seals.sign(ring, number, at, listed, head))
    parts.close()
    outside = run("verify", "--bundle", str(path), "--key", key)
    assert outside.exit_code == 0
    assert f"서명이 맞습니다: {number}" in outside.output
    assert "그런 접수번호가 없습니다" in run("verify", "--bundle", str(path)).output
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("more.txt", "x")
    assert "more.txt: 내려받은 때와 다릅니다" in run("verify", "--bundle", str(path)).output
    bundle.write(path, [], seal=lambda _: "JKB1")
    assert "이 설치가 서명한 묶음이 아닙니다" in run("verify", "--bundle", str(path)).output
    assert run("verify", "--bundle", str(path), "--key", key).exit_code == 1
    assert run("verify", "--bundle", str(home / "site.toml")).exit_code == 2
