"""The environment of an installation, as the tests of this folder start it."""

import os
from pathlib import Path

import pytest

from storage import crypto
from tests import shipped

SITE = Path("bot/rehearsal/site.toml").resolve()


@pytest.fixture
def environ(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """A rehearsal in a folder of its own; nothing of the machine's own settings."""
    (tmp_path / "data").mkdir(0o700)
    shipped.new_file(tmp_path / "data")
    for name in list(os.environ):
        if name.startswith(("JEOKGEUK_", "TELEGRAM_", "DATABASE_", "SMTP_", "MAIL_")):
            monkeypatch.delenv(name)
    crypto.add_key(tmp_path / "keys")
    return {
        "JEOKGEUK_KIND": "rehearsal",
        "JEOKGEUK_DATA": str(tmp_path / "data"),
        "JEOKGEUK_SITE": str(SITE),
        "JEOKGEUK_KEY_FILE": str(tmp_path / "keys"),
        "JEOKGEUK_PUBLIC_URL": "http://127.0.0.1:8080",
        "JEOKGEUK_LOG": "error",
    }
