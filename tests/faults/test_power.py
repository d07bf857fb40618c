"""The plug is pulled: what was not synced is gone, torn, or there, as the disk likes (S22)."""

import os
import random
import tempfile
from pathlib import Path

import pytest

from bot.bench import power
from bot.bench.forgetful import HEAD, Disk, Mood, Record, Unseen, read
from tests.needs import need

CUTS = int(os.environ.get("JEOKGEUK_CUTS", "15"))


def record(what: str, inode: int, at: int = 0, data: bytes = b"") -> bytes:
    return HEAD.pack(what.encode(), inode, at, len(data)) + data


@pytest.fixture
def root(tmp_path: Path) -> Path:
    made = tmp_path / "root"
    made.mkdir()
    (made / "old").write_bytes(b"o" * 1024)
    return made


def after(root: Path, mood: Mood, *records: bytes, seed: int = 1) -> dict[str, bytes]:
    """Give the files that are left when the power goes right after these changes."""
    disk = Disk(root)
    for one in read(b"".join(records)):
        disk.do(one)
    where = Path(tempfile.mkdtemp(dir=root.parent)) / "left"
    disk.rebuild(where, mood, random.Random(seed))
    return {
        str(path.relative_to(where)): path.read_bytes()
        for path in where.rglob("*")
        if path.is_file()
    }


def test_what_was_not_synced_may_be_gone(root: Path) -> None:
    made = record("C", 7, data=f"{root}/new".encode())
    wrote, synced = record("W", 7, 0, b"words"), record("S", 7)
    named = record("S", root.stat().st_ino)
    assert "new" not in after(root, "nothing", made, wrote)
    assert "new" not in after(root, "nothing", made, wrote, synced)  # its name was not
    assert after(root, "nothing", made, wrote, named)["new"] == b""
    assert after(root, "nothing", made, wrote, synced, named)["new"] == b"words"
    assert after(root, "everything", made, wrote)["new"] == b"words"


def test_what_was_moved_without_a_sync_may_be_at_either_place_or_torn_apart(root: Path) -> None:
    moved = record("R", 0, 0, f"{root}/old\n{root}/young".encode())
    found = [set(after(root, "torn", moved, seed=seed)) for seed in range(20)]
    assert {frozenset(one) for one in found} == {frozenset({"old"}), frozenset({"young"})}
    into = record("M", 9, 0, f"{root}/in".encode())
    across = record("R", 0, 0, f"{root}/old\n{root}/in/old".encode())
    assert set(after(root, "everything", into, across)) == {"in/old"}
    assert set(after(root, "nothing", into, across, record("S", 9))) == {"old"}


def test_contents_are_torn_in_sectors_and_in_any_order(root: Path) -> None:
    wrote = record("W", (root / "old").stat().st_ino, 256, b"n" * 768)
    found = {after(root, "torn", wrote, seed=seed)["old"] for seed in range(40)}
    first, second = b"n" * 256, b"n" * 512
    old = b"o" * 256
    assert found == {
        old + b"o" * 768, old + first + b"o" * 512, old + b"o" * 256 + second, old + first + second
    }  # fmt: skip
    shorter = record("T", (root / "old").stat().st_ino, 10)
    assert after(root, "everything", shorter)["old"] == b"o" * 10


def test_what_was_removed_is_back_unless_its_folder_was_synced(root: Path) -> None:
    gone = record("U", 0, 0, f"{root}/old".encode())
    assert "old" in after(root, "nothing", gone)
    assert after(root, "nothing", gone, record("S", root.stat().st_ino)) == {}


def test_what_cannot_be_followed_is_told_and_half_a_record_is_none(root: Path) -> None:
    with pytest.raises(Unseen, match="mmap"):
        Disk(root).do(Record("X", 0, 0, b"mmap somewhere"))
    whole = record("W", 1, 0, b"words")
    assert len(list(read(whole + whole[:-1]))) == 1


@pytest.mark.fault
def test_after_a_power_cut_no_receipt_is_without_its_row_and_no_row_without_its_file() -> None:
    need("a C compiler", power.compiler())
    found = power.measure(CUTS, people=6 if CUTS < power.LIVES else power.PEOPLE)
    assert found.within, power.words(found)
    assert found.cuts == CUTS
    assert found.shown >= 6
    assert found.files > 0
