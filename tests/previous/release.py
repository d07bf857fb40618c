"""The previous release, taken out of the history of this checkout."""

import subprocess
import tarfile
from pathlib import Path

import pytest

from tests.needs import ROOT

PIN = Path(__file__).parent / "RELEASE"
"""A commit, and under it what it was; it moves with each release (CONTRIBUTING.md)."""
FOLDERS = ("bot", "knowledge", "storage")


def pinned() -> str:
    return PIN.read_text(encoding="utf-8").split()[0]


def unpack(folder: Path) -> Path:
    """Put the previous release's code into a folder; without history the test is skipped."""
    commit, packed, code = pinned(), folder / "release.tar", folder / "release"
    command = ["git", "archive", "--output", str(packed), commit, *FOLDERS]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        # No set-up brings it: a copy without history is as good a checkout as any.
        why = f"needs the history of this checkout back to {commit[:12]}"
        pytest.skip(f"{why}: run `git fetch --unshallow`")
    with tarfile.open(packed) as archive:
        archive.extractall(code, filter="data")
    return code


def last_revision(code: Path) -> str:
    """Name the newest revision that a release brought."""
    return max(one.name[:4] for one in (code / "storage/migrations/versions").glob("0*.py"))
