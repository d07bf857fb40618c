"""A real PgBouncer before the server of the tests."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import sqlalchemy as sa

from storage.roles import ROLES
from tests.copies import as_server
from tests.needs import need
from tests.programs import SECONDS, until

INI = """
[databases]
* = host={server} port={port}
[pgbouncer]
listen_addr =
listen_port = 6432
unix_socket_dir = {folder}
auth_type = trust
auth_file = {folder}/users
pool_mode = {mode}
default_pool_size = {size}
max_client_conn = 200
server_reset_query =
{more}
"""


@contextmanager
def pooler(url: str, mode: str, size: int = 2, more: str = "") -> Iterator[str]:
    """Start one with so few servers that clients have to share them; gives the address through it.

    It resets nothing between two clients: what one leaves behind, the next would find.
    """
    program = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin:/sbin")
    need("pgbouncer", program)
    there = sa.make_url(url)
    folder = Path(tempfile.mkdtemp(prefix="jeokgeuk-pool-"))
    folder.chmod(0o755)
    ini = folder / "pgbouncer.ini"
    values = {"server": there.query["host"], "port": there.port or 5432, "folder": folder}
    ini.write_text(INI.format(**values, mode=mode, size=size, more=more), encoding="utf-8")
    names = [there.username, *ROLES]
    (folder / "users").write_text("".join(f'"{name}" ""\n' for name in names), encoding="utf-8")
    if os.geteuid() == 0:
        shutil.chown(folder, "pgserver", "pgserver")
    with (folder / "log").open("ab") as said:
        process = subprocess.Popen(**as_server(str(program), str(ini)), stdout=said, stderr=said)
    through = there.update_query_dict({"host": str(folder)}).set(port=6432)
    try:

        def answers() -> bool:
            assert process.poll() is None, (folder / "log").read_text(errors="replace")
            return (folder / ".s.PGSQL.6432").exists()

        until(answers)
        yield through.render_as_string(hide_password=False)
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(SECONDS)
        process.kill()
        shutil.rmtree(folder, ignore_errors=True)
