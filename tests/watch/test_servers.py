"""What a process on PostgreSQL says of its server, and how its parts share it."""

from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa

from bot.app import App, build
from bot.cli.doctor import examine
from bot.cli.doctor import server as looks
from bot.handlers.probes import Probes
from bot.settings import read_settings
from storage.errors import Busy, StartRefused
from storage.replica import SETTING
from storage.replication import Replication
from tests.conftest import Database
from tests.storage.test_lines import read_only

__all__ = ["read_only"]

only_postgres = pytest.mark.parametrize("database", ["postgresql"], indirect=True)


@pytest.fixture
def made(environ: dict[str, str], database: Database) -> Iterator[Callable[..., App]]:
    opened: list[App] = []

    def make(**changes: str) -> App:
        given = environ | {"DATABASE_URL": database.url, "JEOKGEUK_POOL": "1"} | changes
        opened.append(build(read_settings(given), least=0))
        return opened[-1]

    yield make
    for app in opened:
        app.close()


def here(store: Any) -> Any:
    return store.read(lambda unit: unit.conn.scalar(sa.text("SELECT 1")))


@only_postgres
def test_no_part_of_a_process_takes_the_connections_of_another(made: Callable[..., App]) -> None:
    store = made().store
    desk, public = store.of("desk"), store.of("public")
    desk.engine.pool._timeout = 0.05  # type: ignore[attr-defined]
    with desk.engine.connect():  # its only one
        with pytest.raises(Busy):
            here(desk)
        assert here(public) == here(store) == 1
    assert here(desk) == 1
    assert store.of("work") is store
    assert public.of("desk") is desk
    desk.hold = "generation"
    assert (public.hold, store.hold, store.busy) == ("generation", "generation", desk.busy)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_one_file_has_one_pool_for_all(made: Callable[..., App]) -> None:
    store = made().store
    assert store.of("desk") is store.of("public") is store


@only_postgres
def test_a_server_that_takes_no_writes_is_not_ready_until_it_does(
    made: Callable[..., App], read_only: Callable[[bool], None]
) -> None:
    probes = Probes(made().watched())
    read_only(True)
    for _ in range(2):  # on the line that was kept, and on a new one
        assert "database" in probes.faults()
    read_only(False)
    assert "database" not in probes.faults()


@pytest.mark.parametrize(
    ("found", "mark", "said"),
    [
        (Replication("on", "a", True, 1, 1, 100, False), "ok", "남습니다"),
        (Replication("remote_apply", "a", True, 2, -1, 100, False), "ok", "볼 권한이 없어"),
        (Replication("on", "a", True, 1, 0, 100, False), "fault", "503"),
        (Replication("on", "", True, 1, 0, 100, False), "note", "마지막 몇 초"),
        (Replication("remote_write", "a", True, 1, 1, 100, False), "note", "마지막 몇 초"),
        (Replication("local", "a", True, 1, 1, 100, False), "note", "마지막 몇 초"),
        (Replication("off", "a", True, 1, 1, 100, False), "fault", "꺼지기만 해도"),
        (Replication("on", "a", False, 1, 1, 100, False), "fault", "꺼지기만 해도"),
    ],
)
def test_what_a_failover_loses_is_told(found: Replication, mark: str, said: str) -> None:
    (one,) = looks._loss(found)
    assert one.mark == mark
    assert said in one.text
    assert bool(one.todo) == (mark != "ok")


@only_postgres
def test_the_doctor_tells_of_the_server_and_of_its_copy(
    made: Callable[..., App], database: Database
) -> None:
    app = made(DATABASE_REPLICA_URL=database.url)  # a server has all that it has itself
    found = {one.area: one for one in looks.server(app)}
    assert found["replicas"].mark == "fault"  # the server of the tests may forget
    assert "꺼지기만 해도" in found["replicas"].text
    assert "부분 90개" in found["connections"].text
    assert (found["replica"].mark, "답하고" in found["replica"].text) == ("ok", True)
    assert app.store.replica is not None
    app.store.replica.wrong = StartRefused(SETTING, "instance", "복제본이 아닙니다")
    found = {one.area: one for one in looks.server(app)}
    assert (found["replica"].mark, "복제본이 아닙니다" in found["replica"].text) == ("fault", True)


@pytest.mark.parametrize(("pool", "mark"), [(10, "ok"), (40, "note")])
def test_how_many_processes_fit_is_told(pool: int, mark: str) -> None:
    app: Any = SimpleNamespace(settings=SimpleNamespace(jeokgeuk_pool=pool))
    assert looks._room(app, Replication("on", "", True, 0, 0, 100, False)).mark == mark
    assert looks._room(app, Replication("on", "", True, 0, 0, 100, True)).mark == "ok"


@only_postgres
def test_the_whole_look_tells_of_the_server(environ: dict[str, str], database: Database) -> None:
    found = {one.area: one for one in examine(environ | {"DATABASE_URL": database.url})}
    assert found["start"].mark == "ok"
    assert {"replicas", "connections"} <= set(found)
    assert "replica" not in found
    assert not any("살펴보지 못했습니다" in one.text for one in found.values())
