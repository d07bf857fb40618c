"""What is written in one piece, or not at all (security S13, S22)."""

import os
import stat
from pathlib import Path

import pytest

from storage.files import keep


def test_a_file_is_replaced_whole_and_is_its_owners_alone(tmp_path: Path) -> None:
    keep(tmp_path / "name", b"one")
    keep(tmp_path / "name", b"two")
    assert [path.name for path in tmp_path.iterdir()] == ["name"]
    assert (tmp_path / "name").read_bytes() == b"two"
    assert stat.S_IMODE((tmp_path / "name").stat().st_mode) == 0o600


def test_whatever_stops_the_writing_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(tmp_path / "name", b"old")

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        keep(tmp_path / "name", b"new")
    assert (tmp_path / "name").read_bytes() == b"old"
