"""Files beside the database (security S22, S25)."""

import os
from functools import partial
from pathlib import Path

import pytest
import sqlalchemy as sa

from storage.blobs import Blobs
from storage.errors import NotSealed, SealError
from storage.models import attachments as rows
from storage.repositories import attachments, erasing, filings
from tests.fakes.clock import MONDAY
from tests.storage.rows import a_filing, a_peer

SEALED = b"\x9ejt1" + b"k" * 60


def test_what_was_put_is_read_back_under_a_name_that_says_nothing(tmp_path: Path):
    blobs = Blobs(tmp_path / "blobs")
    one, two = blobs.put(SEALED), blobs.put(SEALED)
    assert one != two
    assert blobs.get(one) == SEALED
    assert sorted(blobs.names()) == sorted([one, two])
    blobs.delete(one)
    blobs.delete(one)
    blobs.delete("00" * 16)
    assert blobs.names() == [two]
    with pytest.raises(FileNotFoundError):
        blobs.get(one)


def test_plain_content_is_refused(tmp_path: Path):
    with pytest.raises(NotSealed):
        Blobs(tmp_path).put(b"\xff\xd8 a photograph" * 10)


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "AA" * 16, "aa" * 15, "aa" * 16 + "/x"])
def test_what_is_no_name_of_ours_is_refused(tmp_path: Path, name: str):
    blobs = Blobs(tmp_path)
    for act in (blobs.get, blobs.delete):
        with pytest.raises(ValueError, match="not the name"):
            act(name)


def test_files_are_for_their_owner_only(tmp_path: Path):
    blobs = Blobs(tmp_path / "blobs")
    name = blobs.put(SEALED)
    for path in (blobs.root, blobs.root / name[:2], blobs.root / name[:2] / name):
        assert path.stat().st_mode & 0o077 == 0


def test_a_file_and_its_directories_are_synced_before_its_name_is_given(tmp_path, monkeypatch):
    steps = []
    real_sync, real_rename = os.fsync, Path.rename
    blobs = Blobs(tmp_path / "blobs")

    def note_sync(fd):
        steps.append("folder" if Path(f"/proc/self/fd/{fd}").is_dir() else "file")
        real_sync(fd)

    def note_rename(self, target):
        steps.append("rename")
        return real_rename(self, target)

    monkeypatch.setattr(os, "fsync", note_sync)
    monkeypatch.setattr(Path, "rename", note_rename)
    blobs.put(SEALED)
    assert steps == ["folder", "file", "rename", "folder"]
    steps.clear()
    blobs.random = lambda size: bytes.fromhex(blobs.names()[0][:2]) + os.urandom(size - 1)
    blobs.put(SEALED)
    assert steps == ["file", "rename", "folder"]


def test_a_half_written_file_is_no_blob(tmp_path: Path):
    blobs = Blobs(tmp_path)
    name = blobs.put(SEALED)
    (tmp_path / name[:2] / f".{'b' * 32}").write_bytes(b"half")
    assert blobs.names() == [name]


# --- attachments: rows and blobs together ---


def add(store, **how):
    return store.transact(
        lambda unit: attachments.add(unit, kind="photo", now=MONDAY, **how), None
    )


def stored(store, content=b"EXIF and all", **how):
    file = add(store, **how)
    store.transact(lambda unit: attachments.store(unit, file, content), None)
    return store.read(lambda unit: attachments.by_ref(unit, file.ref))


def test_the_original_and_the_clean_copy_are_kept_apart(store):
    file = stored(store, name="내 사진.jpg", mime="image/jpeg")
    store.transact(lambda unit: attachments.store_clean(unit, file, b"clean"), None)
    file = store.read(lambda unit: attachments.by_ref(unit, file.ref))
    assert store.read(lambda unit: attachments.original(unit, file)) == b"EXIF and all"
    assert store.read(lambda unit: attachments.clean(unit, file)) == b"clean"
    assert (file.name, file.status, file.size) == ("내 사진.jpg", "clean", 12)
    on_disk = b"".join(store.blobs.get(name) for name in store.blobs.names())
    assert b"EXIF" not in on_disk
    assert b"clean" not in on_disk


def test_a_blob_changed_or_swapped_on_the_disk_is_noticed(store):
    one, two = stored(store, b"one"), stored(store, b"two")
    path = store.blobs.root / one.blob[:2] / one.blob
    path.write_bytes(store.blobs.get(two.blob))
    with pytest.raises(SealError):
        store.read(lambda unit: attachments.original(unit, one))


def test_a_blob_of_the_right_key_but_another_mac_is_noticed(store):
    file = stored(store, b"first")
    blob = store.transact(
        lambda unit: unit.blobs.put(unit.keys.seal(attachments.ORIGINAL, file.sid, b"second")),
        None,
    )
    store.transact(
        lambda unit: unit.conn.execute(
            sa.update(rows).where(rows.c.id == file.id).values(blob=blob)
        ),
        None,
    )
    changed = store.read(lambda unit: attachments.by_ref(unit, file.ref))
    with pytest.raises(SealError, match="not the file"):
        store.read(lambda unit: attachments.original(unit, changed))


def test_a_file_waits_at_the_messenger_until_it_is_fetched(store):
    file = add(store, locator="AgAC…file-id", name="voice")
    assert [
        one.ref for one in store.read(lambda unit: attachments.in_status(unit, "waiting"))
    ] == [file.ref]
    assert store.read(lambda unit: attachments.locator(unit, file)) == "AgAC…file-id"
    store.transact(lambda unit: attachments.store(unit, file, b"x"), None)
    assert store.read(lambda unit: attachments.locator(unit, file)) == ""
    assert store.read(lambda unit: attachments.in_status(unit, "waiting")) == []
    store.transact(
        lambda unit: attachments.set_status(unit, file, "no_preview", "audio/ogg"), None
    )
    store.transact(lambda unit: attachments.set_status(unit, file, "failed"), None)
    found = store.read(lambda unit: attachments.by_ref(unit, file.ref))
    assert (found.status, found.mime) == ("failed", "audio/ogg")


def test_a_file_moves_from_the_dialog_to_the_filing_and_the_peer_is_forgotten(store):
    peer, filing = a_peer(store), a_filing(store, mode="anonymous")
    file = stored(store, peer_id=peer.id)
    assert store.read(lambda unit: attachments.of_peer(unit, peer.id)) == [file]
    store.transact(lambda unit: attachments.attach(unit, file, filing.id, keep_peer=False), None)
    [moved] = store.read(lambda unit: attachments.of_filing(unit, filing.id))
    assert moved.peer_id is None
    assert store.read(lambda unit: attachments.original(unit, moved)) == b"EXIF and all"
    named = stored(store, peer_id=peer.id)
    store.transact(lambda unit: attachments.attach(unit, named, filing.id, keep_peer=True), None)
    assert store.read(lambda unit: attachments.by_ref(unit, named.ref)).peer_id == peer.id


def test_what_a_peer_sent_in_a_day_is_counted(store):
    peer = a_peer(store)
    assert store.read(lambda unit: attachments.bytes_since(unit, peer.id, MONDAY)) == 0
    stored(store, b"12345", peer_id=peer.id)
    stored(store, b"678", peer_id=peer.id)
    assert store.read(lambda unit: attachments.bytes_since(unit, peer.id, MONDAY)) == 8


def test_files_of_dialogs_that_came_to_nothing_are_found_and_removed(store):
    peer = a_peer(store)
    file, kept = stored(store, peer_id=peer.id), stored(store, filing_id=a_filing(store).id)
    later = MONDAY.replace(year=2027)
    [orphan] = store.read(lambda unit: attachments.orphans(unit, later))
    assert orphan.ref == file.ref
    for blob in store.transact(lambda unit: attachments.remove(unit, orphan), None):
        store.blobs.delete(blob)
    assert store.read(lambda unit: attachments.by_ref(unit, file.ref)) is None
    assert store.blobs.names() == [kept.blob]


@pytest.mark.parametrize("ref", ["", "nothing", "zz" * 16, "00" * 16])
def test_an_unknown_ref_is_nothing(store, ref):
    assert store.read(lambda unit: attachments.by_ref(unit, ref)) is None


def test_erasing_a_filing_erases_its_files_too_and_twice_is_no_mistake(store):
    filing = a_filing(store)
    file = stored(store, filing_id=filing.id, name="사진")
    store.transact(lambda unit: attachments.store_clean(unit, file, b"clean"), None)
    erase = partial(erasing.erase, filing_id=filing.id, sid=filing.sid, now=MONDAY, actor="clock")
    blobs = store.transact(erase, None).blobs
    assert sorted(blobs) == sorted(store.blobs.names())
    assert not store.transact(erase, None)
    with pytest.raises(SealError):
        store.read(
            lambda unit: unit.keys.open(attachments.ORIGINAL, file.sid, store.blobs.get(blobs[0]))
        )
    gone = store.read(lambda unit: filings.get(unit, filing.id))
    assert gone.erased_at == MONDAY
    assert store.read(lambda unit: filings.answers(unit, gone)) == {}
