"""What is written in one piece, or not at all (security S13, S22)."""

import os
import stat
from pathlib import Path

import pytest

from storage.files import keep, others_read


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


@pytest.mark.parametrize(
    ("mode", "owner", "account", "open_"),
    [
        (0o600, 1000, 1000, False),
        (0o400, 0, 0, False),
        (0o640, 1000, 1000, True),
        (0o604, 1000, 1000, True),
        (0o440, 0, 10001, False),
        (0o640, 0, 10001, False),
        (0o660, 0, 10001, True),
        (0o444, 0, 10001, True),
        (0o440, 0, 0, True),
        (0o440, 7, 10001, True),
    ],
)
def test_a_secret_of_roots_may_be_lent_to_our_group_and_to_nobody_else(
    mode: int, owner: int, account: int, open_: bool
):
    found = os.stat_result((stat.S_IFREG | mode, 1, 1, 1, owner, account, 0, 0, 0, 0))
    assert others_read(found, account) is open_
