"""Tests that need root and several minutes: `make test-hosts` runs them, `make test` does not."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

collect_ignore_glob = [] if os.environ.get("JEOKGEUK_HOSTS") == "1" else ["test_*.py"]


@pytest.fixture
def folder() -> Iterator[Path]:
    """Give a folder that the account of the database may enter; JEOKGEUK_HOSTS_KEEP leaves it."""
    made = Path(tempfile.mkdtemp(prefix="jeokgeuk-hosts-"))
    made.chmod(0o755)
    yield made
    if not os.environ.get("JEOKGEUK_HOSTS_KEEP"):
        shutil.rmtree(made, ignore_errors=True)
