"""Backup, destroy, restore, compare: nothing is lost, nothing erased comes back (S13, S36)."""

import errno
import os
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyrage
import pytest
import sqlalchemy as sa

from bot.services import peers, replay
from storage import archive as sealing
from storage import backup, dumping, erasures, instance, journal, models, restore
from storage.backup import Made
from storage.blobs import RESTS
from storage.crypto import KeyRing, new_key_text
from storage.errors import StartRefused
from storage.host import Space
from storage.repositories import attachments, consents, dialogs
from storage.repositories import peers as addresses
from storage.restore import Backup
from tests.conftest import Database, admin, named
from tests.data_life.conftest import LATER, approved, closed, drafted
from tests.fakes.disk import small_disk
from tests.services.conftest import Office, answers, at

one_database = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
PAIR = pyrage.x25519.Identity.generate()
PUBLIC = str(PAIR.to_public())


@pytest.fixture
def target(database: Database, request: Any, tmp_path: Path) -> Iterator[Database]:
    """An empty place of the same kind, on another machine as it were."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    if database.name == "sqlite":
        yield Database(f"sqlite:///{folder / 'jeokgeuk.db'}", folder, database.ring)
        return
    server = request.getfixturevalue("postgres")
    admin(server, "CREATE DATABASE jt_restored")
    yield Database(named(server, "jt_restored"), folder, database.ring)
    admin(server, "DROP DATABASE jt_restored WITH (FORCE)")


@pytest.fixture
def safe(tmp_path: Path) -> Path:
    folder = tmp_path / "safe"
    folder.mkdir()
    return folder


def made_of(office: Office, safe: Path, **changes: Any) -> Made:
    return backup.backup(
        office.store, safe, PUBLIC, changes.get("at", office.clock()), backup.quiet
    )


def of(made: Made, ring: KeyRing, **changes: Any) -> Backup:
    return replace(Backup(made.data, made.keys, PAIR, ring), **changes)


def rows(store: Any) -> dict[str, list[Any]]:
    """Give all that a backup has to bring back; who and since when is another generation."""
    tables = [*dumping.tables(), models.keys]
    return {
        one.name: store.read(lambda u, one=one: sorted(map(repr, u.conn.execute(sa.select(one)))))
        for one in tables
        if one.name != "instance"
    }


def brought_back(made: Made, target: Database, office: Office, *, ledger: Path | None) -> Any:
    """Restore and repeat the ledger, as `jeokgeuk restore` does; gives store and what it did."""
    restore.load(of(made, target.ring), target.url, target.folder, os.urandom)
    store = target.open(restoring=True)
    lines = erasures.read(ledger, target.ring) if ledger else []
    done = store.transact(lambda u: replay.replay(office.svc, u, lines), None)
    store.transact(lambda u: instance.finish_restore(u.conn), None)
    store.close()
    return target.open(), done


def test_what_was_backed_up_comes_back_row_by_row_and_file_by_file(archive, safe, target):
    filed = closed(archive)
    archive.file(answers(what="두 번째 신고입니다."), address="b")
    before = rows(archive.store)
    made = made_of(archive, safe)
    assert {path.name for path in safe.iterdir()} == {made.data.name, made.keys.name}
    store, done = brought_back(made, target, archive, ledger=None)
    assert rows(store) == before
    assert not any(done.values())
    [file] = store.read(lambda u: attachments.of_filing(u, filed.filing_id))
    assert store.read(lambda u: attachments.original(u, file)) == archive.see(
        lambda u: attachments.original(u, file)
    )
    sids = [
        row.subject for row in store.read(lambda u: u.conn.execute(sa.select(models.heads)).all())
    ]
    assert all(store.read(lambda u, sid=sid: journal.verify(u, sid)) == [] for sid in sids)
    store.close()


def test_no_number_is_given_a_second_time_after_a_restore(archive, safe, target):
    last = archive.file(answers(what="마지막 신고입니다."), address="z").filing_id
    gone = archive.do(lambda u: addresses.ensure(u, "web", "web", "gone", "ko", archive.clock()))
    archive.do(lambda u: peers.forget(u, gone.id, gone.sid, archive.clock()))
    store, _ = brought_back(made_of(archive, safe), target, archive, ledger=None)
    again = Office(store, archive.clock, archive.svc, archive.texts)
    assert again.file(answers(what="새 신고입니다."), address="y").filing_id == last + 1
    assert again.peer(address="x") > gone.id
    store.close()


def test_a_restored_service_is_another_generation_and_sends_nothing(archive, safe, target):
    archive.file()
    generation = archive.see(lambda u: u.conn.scalar(sa.select(models.instance.c.generation)))
    made = made_of(archive, safe)
    restore.load(of(made, target.ring), target.url, target.folder, os.urandom)
    with pytest.raises(StartRefused, match="되살리기가 끝나지 않았습니다"):
        target.open()
    store, _ = brought_back(made, target, archive, ledger=None)  # goes on where it was
    assert store.hold == instance.RESTORED
    now = store.read(lambda u: u.conn.scalar(sa.select(models.instance.c.generation)))
    assert now != generation
    store.resume()
    store.close()
    again = target.open()
    assert again.hold == ""
    again.close()


def test_who_was_erased_after_the_backup_stays_erased(archive, safe, target):
    filed = closed(archive)
    svc = archive.svc
    messenger = archive.peer("telegram", "55")
    drafting, agreeing = archive.peer(address="draft"), archive.peer("telegram", "66")
    archive.do(lambda u: peers.agree(svc, u, messenger, peers.TRANSFER, "1"))
    archive.do(lambda u: peers.agree(svc, u, agreeing, peers.TRANSFER, "1"))

    def begin(unit):
        peer = addresses.get(unit, drafting)
        dialogs.save(unit, peer, "passive_report", b"{}", archive.clock())

    archive.clock.set(at(LATER))
    archive.do(begin)
    disposal = drafted(archive, filed)
    made = made_of(archive, safe)

    archive.clock.set(at("2031-02-04 10:00"))
    approved(archive, disposal)
    archive.tick()
    archive.do(lambda u: peers.unlink(svc, u, messenger))
    archive.do(lambda u: peers.withdraw(svc, u, agreeing, peers.TRANSFER))
    archive.do(lambda u: peers.erase_draft(svc, u, drafting))

    store, done = brought_back(made, target, archive, ledger=archive.store.erasures.path)
    assert done["filing"] == 1
    row = store.read(lambda u: u.conn.execute(
        sa.select(models.filings).where(models.filings.c.id == filed.filing_id)
    ).one())  # fmt: skip
    assert (row.number, row.answers, row.identity) == (filed.number, None, None)
    assert row.erased_at is not None
    assert store.read(lambda u: journal.verify(u, row.sid)) == []
    keys = store.read(lambda u: u.conn.execute(
        sa.select(models.keys.c.wrapped).where(models.keys.c.owner == row.sid)
    ).scalars().all())  # fmt: skip
    assert set(keys) == {None}
    for peer in (messenger, agreeing):
        assert not store.read(lambda u, peer=peer: consents.has(u, peer, peers.TRANSFER))
    assert store.read(lambda u: dialogs.version(u, drafting)) == 0
    lines = erasures.read(archive.store.erasures.path, target.ring)
    again = store.transact(lambda u: replay.replay(archive.svc, u, lines), None)
    assert again.get("filing", 0) == again.get("draft", 0) == again.get("consent", 0) == 0
    store.close()


@one_database
def test_a_consent_given_again_after_its_withdrawal_stands(archive, safe, target):
    peer = archive.peer("telegram", "55")
    svc = archive.svc
    archive.do(lambda u: peers.agree(svc, u, peer, peers.TRANSFER, "1"))
    archive.clock.set(archive.clock() + timedelta(hours=1))
    archive.do(lambda u: peers.withdraw(svc, u, peer, peers.TRANSFER))
    archive.clock.set(archive.clock() + timedelta(hours=1))
    archive.do(lambda u: peers.agree(svc, u, peer, peers.TRANSFER, "2"))
    made = made_of(archive, safe)
    store, done = brought_back(made, target, archive, ledger=archive.store.erasures.path)
    assert store.read(lambda u: consents.has(u, peer, peers.TRANSFER))
    assert done["consent"] == 0
    store.close()


@one_database
def test_newer_data_keys_leave_in_an_older_backup_what_was_erased_since_unreadable(
    archive, safe, target
):
    filed = closed(archive)
    archive.clock.set(at(LATER))
    disposal = drafted(archive, filed)
    old = made_of(archive, safe)
    approved(archive, disposal)
    archive.tick()
    new = made_of(archive, safe, at=archive.clock() + timedelta(hours=1))
    store, done = brought_back(
        replace(old, keys=new.keys), target, archive, ledger=archive.store.erasures.path
    )
    assert done["filing"] == 1  # its columns go too, though nobody could have opened them
    store.close()


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_trial_opens_counts_and_verifies_everything(archive, safe):
    closed(archive)
    made = made_of(archive, safe)
    report = restore.verify(of(made, archive.store.ring), os.urandom)
    assert report.faults == ()
    assert report.rows == made.rows + archive.see(
        lambda u: u.conn.scalar(sa.select(sa.func.count()).select_from(models.keys))
    )
    assert report.files == made.files == 2
    assert report.chains > 0


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_trial_names_a_chain_that_was_changed_and_a_file_that_is_not_there(archive, safe):
    filed = closed(archive)
    [file] = archive.see(lambda u: attachments.of_filing(u, filed.filing_id))
    archive.store.blobs._path(file.blob).unlink()
    change = sa.update(models.heads).values(seq=99)
    archive.do(lambda u: u.conn.execute(change))
    made = made_of(archive, safe)
    found = restore.verify(of(made, archive.store.ring), os.urandom).faults
    assert any("no file" in fault for fault in found)
    assert any("head" in fault for fault in found)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("what", "said"),
    [
        ("cut", "잘렸거나"),
        ("changed", "잘렸거나"),
        ("identity", "잘렸거나"),
        ("swapped", "뒤바뀌었습니다"),
        ("older keys", "오래된 열쇠 백업"),
        ("ring", "열쇠 파일에 없습니다"),
        ("none", "적극톡의 백업이 아닙니다"),
    ],
)
def test_a_backup_that_cannot_be_relied_on_is_refused_by_name(archive, safe, what, said):
    archive.file()
    made = made_of(archive, safe)
    good = of(made, archive.store.ring)
    content = made.data.read_bytes()
    if what == "cut":
        made.data.write_bytes(content[:-50])
    elif what == "changed":
        made.data.write_bytes(content[:3000] + bytes([content[3000] ^ 1]) + content[3001:])
    elif what == "identity":
        good = replace(good, identity=pyrage.x25519.Identity.generate())
    elif what == "swapped":
        good = replace(good, data=good.keys, keys=good.data)
    elif what == "older keys":
        newer = made_of(archive, safe, at=archive.clock() + timedelta(hours=1))
        good = replace(good, data=newer.data)
    elif what == "ring":
        good = replace(good, ring=KeyRing.from_text("keys", new_key_text()))
    else:
        to = archive_of(safe / "other.age")
        good = replace(good, data=to)
    with pytest.raises(StartRefused, match=said):
        restore.verify(good, os.urandom)


def archive_of(path: Path) -> Path:
    sealing.write(path, sealing.recipient(PUBLIC), lambda to: to.put("other", b"x"))
    return path


def test_a_database_in_use_is_never_written_over(archive, safe):
    archive.file()
    made = made_of(archive, safe)
    store = archive.store
    url = store.engine.url.render_as_string(hide_password=False)
    with pytest.raises(StartRefused, match="이미 쓰던"):
        restore.load(of(made, store.ring), url, store.data_dir, os.urandom)


def test_writers_go_on_while_a_backup_is_made(archive, safe, target):
    archive.file()
    stop = threading.Event()
    filed: list[str] = []

    def write() -> None:
        while not stop.is_set():
            filed.append(archive.file(answers(), address=f"w{len(filed)}").number)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        made = made_of(archive, safe)
    finally:
        stop.set()
        writer.join()
    store, _ = brought_back(made, target, archive, ledger=None)
    c = models.filings.c
    there = set(store.read(lambda u: u.conn.scalars(sa.select(c.number)).all()))
    assert there <= {*filed, *archive.see(lambda u: u.conn.scalars(sa.select(c.number)).all())}
    for filing in store.read(lambda u: u.conn.execute(sa.select(c.sid)).all()):
        assert store.read(lambda u, filing=filing: journal.verify(u, filing.sid)) == []
    store.close()


class Killed(BaseException):
    """The process dies."""


@one_database
def test_a_backup_that_is_killed_leaves_no_archive(archive, safe):
    closed(archive)

    def die(what, _done, _all):
        if what == "files":
            raise Killed

    with pytest.raises(Killed):
        backup.backup(archive.store, safe, PUBLIC, archive.clock(), die)
    assert list(safe.iterdir()) == []


@one_database
def test_a_backup_that_finds_the_disk_full_says_so_and_leaves_no_archive(archive, tmp_path):
    """The room is asked for first; here it is there then, and gone while the archive is written."""
    closed(archive)
    archive.store.blobs.look = lambda _path: Space(1 << 40, "enough")
    with small_disk(tmp_path / "small", "8k") as safe:
        with pytest.raises(OSError, match="No space left") as full:
            made_of(archive, safe)
        assert full.value.errno == errno.ENOSPC
        assert list(safe.iterdir()) == []
        assert not list(archive.store.data_dir.glob(".backup-*"))


@one_database
def test_what_a_killed_backup_left_is_removed_by_the_next(archive, safe):
    (safe / ".jeokgeuk-1.age.part").write_bytes(b"half")
    left = archive.store.data_dir / ".backup-left"
    left.mkdir()
    (left / "copy.db").write_bytes(b"half")
    made_of(archive, safe)
    assert not list(safe.glob(".*"))
    assert not left.exists()


@one_database
def test_without_room_nothing_is_begun(archive, safe):
    store = archive.store
    store.blobs.look = lambda _path: Space(1 << 20, "no_dialogs")
    with pytest.raises(StartRefused, match="MiB만 남았습니다"):
        made_of(archive, safe)
    assert list(safe.iterdir()) == []


@one_database
def test_two_backups_at_once_are_one(archive, safe):
    with (
        backup._one_at_a_time(archive.store.data_dir),
        pytest.raises(StartRefused, match="다른 백업"),
    ):
        made_of(archive, safe)


@one_database
def test_a_wrong_public_key_and_a_folder_that_is_not_there_are_named(archive, safe):
    with pytest.raises(StartRefused, match="JEOKGEUK_BACKUP_KEY"):
        backup.backup(archive.store, safe, "age1nothing", archive.clock())
    with pytest.raises(StartRefused, match="그런 폴더가 없습니다"):
        backup.backup(archive.store, safe / "nowhere", PUBLIC, archive.clock())


@one_database
def test_archives_of_data_keys_live_for_a_week(archive, safe):
    first = made_of(archive, safe)
    week = archive.clock().timestamp() - backup.KEYS_LIVE - 1
    os.utime(first.keys, (week, week))
    made_of(archive, safe, at=archive.clock() + timedelta(hours=1))
    assert not first.keys.exists()
    assert first.data.exists()


@one_database
def test_no_word_of_a_person_and_no_key_stands_in_an_archive_or_its_name(archive, safe):
    archive.file()
    made = made_of(archive, safe)
    secret = archive.store.ring.keys[0].secret
    for path in (made.data, made.keys):
        content = path.read_bytes()
        assert secret not in content
        assert "홍길동".encode() not in content
        assert path.stat().st_mode & 0o777 == 0o600
        with pytest.raises(StartRefused):
            restore._meta(path, pyrage.x25519.Identity.generate())


@one_database
def test_a_file_outlives_its_row_by_two_days(archive, safe):
    store = archive.store
    filed = closed(archive)
    [file] = archive.see(lambda u: attachments.of_filing(u, filed.filing_id))
    store.blobs.delete(file.blob)
    assert file.blob not in store.blobs.names()
    assert made_of(archive, safe).files == 2
    assert store.blobs.sweep() == 0
    now = store.blobs.clock()
    store.blobs.clock = lambda: now + int(RESTS * 1_000_000) + 1
    assert store.blobs.sweep() == 1
    store.blobs.delete(file.blob)  # twice is no mistake


def test_a_private_key_is_made_as_age_keygen_writes_it_and_never_over_another(tmp_path):
    path = tmp_path / "identity"
    public = sealing.new_identity(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert public.startswith("age1")
    assert f"# public key: {public}\nAGE-SECRET-KEY-1" in path.read_text()
    assert str(sealing.identity(path).to_public()) == public
    with pytest.raises(FileExistsError):
        sealing.new_identity(path)
    path.write_text("nothing")
    with pytest.raises(StartRefused, match="개인 열쇠"):
        sealing.identity(path)
