"""What some tests need beyond Python, and the one line that says how to get it."""

import os
import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
COMMAND = "JEOKGEUK_SETUP=1 make test"


def need(what: str, found: object) -> None:
    """Go on if `found`; otherwise skip, naming the command, or fail where set-up was asked for."""
    if found:
        return
    if os.environ.get("JEOKGEUK_SETUP") == "1":
        pytest.fail(f"{what} should have been installed by `{COMMAND}`")
    pytest.skip(f"needs {what}: run `{COMMAND}`")


def chromium() -> str:
    """Give the browser: without windows it takes a fifth less time for the same pages."""
    path = shutil.which("chromium-headless-shell") or shutil.which("chromium")
    need("chromium", path)
    return str(path)


def axe() -> str:
    """Give the source of axe-core."""
    path = ROOT / "node_modules" / "axe-core" / "axe.min.js"
    need("axe-core", path.is_file())
    return path.read_text(encoding="utf-8")


def emulator_python() -> Path:
    path = ROOT / ".venv-emulators" / "bin" / "python"
    need("the emulators", path.is_file())
    need("redis-server", shutil.which("redis-server"))
    return path


def local_slack() -> Path:
    path = ROOT / "node_modules" / "local-slack-linux-x64" / "bin" / "local-slack"
    need("local-slack", path.is_file())
    return path
