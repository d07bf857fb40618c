"""readyz fails on business silence, metrics tell nothing of anybody, the dashboard shows all."""

import json
import re
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest

from bot.app import App, build
from bot.handlers.dates import Dates, ahead
from bot.handlers.probes import DRIFT, Probes, Watched
from bot.services import silence
from bot.services.silence import Patience, Signs
from bot.settings import read_settings
from bot.worker.ticking import Ticker
from storage.errors import Busy
from storage.repositories import heartbeats, outbox, peers
from storage.store import Store
from tests.conftest import Database

ROOT = Path(__file__).resolve().parents[2]
MONITORING = ROOT / "docs" / "monitoring"


@pytest.fixture
def made(environ: dict[str, str]) -> Iterator[Callable[..., App]]:
    opened: list[App] = []

    def make(**changes: str) -> App:
        opened.append(build(read_settings(environ | changes), least=0))
        return opened[-1]

    yield make
    for app in opened:
        app.close()


@asynccontextmanager
async def visiting(app: Any, host: str = "127.0.0.1") -> AsyncIterator[httpx2.AsyncClient]:
    road = httpx2.ASGITransport(app=app, client=(host, 1))
    async with httpx2.AsyncClient(transport=road, base_url="http://127.0.0.1:8080") as opened:
        yield opened


@pytest.mark.parametrize(
    ("ages", "notice", "up", "listens", "named"),
    [
        ({"tick": 10}, 0, 1e6, "", []),
        ({"tick": 301}, 0, 1e6, "", ["tick"]),
        ({"tick": 301}, 0, 100, "", []),  # just started: the tick is on its way
        ({}, 0, 100, "", []),
        ({}, 0, 301, "", ["tick"]),
        ({"tick": 1, "telegram.poll": 601}, 0, 1e6, "telegram.poll", ["inbound"]),
        ({"tick": 1, "telegram.poll": 601}, 0, 1e6, "", []),
        ({"tick": 1}, 0, 1e6, "telegram.poll", ["inbound"]),
        ({"tick": 1, "slack.socket": 601}, 0, 1e6, "slack.socket", ["socket"]),
        ({"tick": 1, "slack.socket": 599}, 0, 1e6, "slack.socket", []),
        ({"tick": 1, "telegram.poll": 9}, 0, 1e6, "telegram.poll slack.socket", ["socket"]),
        ({"tick": 1}, 0, 599, "telegram.poll slack.socket", []),
        ({"tick": 1}, 3601, 0, "", ["notices"]),
        ({}, 1e5, 1e6, "telegram.poll", ["tick", "inbound", "notices"]),
    ],
)
def test_what_is_silent_for_too_long_is_named(ages, notice, up, listens, named):
    found = silence.silent(Signs(ages, notice), Patience(), up, listens.split())
    assert found == named


@pytest.mark.parametrize(("minutes", "named"), [(29, []), (31, ["outbound"])])
def test_a_road_by_which_nothing_leaves_for_long_is_named(minutes, named):
    signs = Signs({"tick": 1}, 0, {"mail": minutes * 60.0})
    assert silence.silent(signs, Patience(), 1e6) == named


def test_a_road_is_away_only_while_something_waits_for_it(made):
    app = made()
    app.store.transact(lambda unit: heartbeats.begin(unit, "away.mail"), None)

    def away(*channels: str) -> set[str]:
        return set(app.store.read(lambda unit: silence.signs(app.svc, unit, channels)).away)

    assert away("mail") == set()  # a vendor may be well again, and nobody has asked
    waiting(app, "mail", 5, timedelta(minutes=1), timedelta(0))
    assert away("mail") == {"mail"}
    assert away("telegram") == set()
    assert away() == set()


def test_a_tick_is_a_sign_of_life_for_every_process(database: Database, office_like: Any):
    store: Store = database.open()
    other: Store = database.open()
    try:
        assert other.read(heartbeats.ages) == {}
        Ticker(store, office_like, "one").tick()
        assert 0 <= other.read(heartbeats.ages)["tick"] < 60
    finally:
        store.close()
        other.close()


@pytest.fixture
def office_like(made: Callable[..., App]) -> Any:
    return made().svc


def waiting(app: App, channel: str, rank: int, since: timedelta, due: timedelta) -> None:
    now = app.svc.now()

    def put(unit: Any) -> None:
        peer = peers.ensure(unit, channel, channel, f"{channel}-{rank}", "ko", now)
        draft = outbox.Draft(rank, "notice", b"{}", now - since)
        outbox.put(unit, peer.id, [draft], now)

    app.store.transact(put, None)
    if due:
        later = int((now + due).timestamp() * 1_000_000)
        app.store.transact(
            lambda unit: unit.conn.exec_driver_sql(f"UPDATE outbox SET due_at = {later}"), None
        )


@pytest.mark.parametrize(
    ("channel", "rank", "due", "late"),
    [
        ("mail", 1, timedelta(0), True),
        ("mail", 5, timedelta(0), False),  # no legal notice
        ("web", 1, timedelta(0), False),  # waits until somebody opens the page
        ("mail", 1, timedelta(hours=9), False),  # put off until the morning on purpose
        ("mail", 1, timedelta(minutes=5), True),  # tried, failed, tried again
    ],
)
def test_a_legal_notice_that_does_not_leave_is_silence(made, channel, rank, due, late):
    app = made()
    waiting(app, channel, rank, timedelta(hours=2), due)
    probes = Probes(app.watched())
    assert probes.faults() == (["notices"] if late else [])
    app.store.hold = "generation"
    assert probes.faults() == ["hold"]


def test_the_date_of_others_is_a_clock_too():
    wall, clock = [1_795_000_000.0], [0.0]
    dates = Dates(lambda: wall[0], lambda: clock[0])
    assert dates.drift() is None
    dates.note("Wed, 18 Nov 2026 10:26:40 GMT")  # 1,794,997,600
    assert dates.drift() == pytest.approx(wall[0] - 1_794_997_600 - 0.5)
    dates.note("yesterday")
    dates.note(None)
    assert dates.drift() is not None  # what is no date changes nothing
    clock[0] += 901
    assert dates.drift() is None  # old news are none
    assert ahead(None, 0.0) is None


def test_a_clock_that_others_contradict_is_a_fault(made):
    app = made()
    told = Dates(lambda: 1_794_997_600.0 + 2 * DRIFT)
    told.note("Wed, 18 Nov 2026 10:26:40 GMT")
    assert Probes(replace(app.watched(), dates=told)).faults() == ["clock"]


def test_settings_say_how_long_silence_may_last(made):
    app = made(
        JEOKGEUK_SILENT_TICK="7", JEOKGEUK_SILENT_NOTICE="8", JEOKGEUK_SILENT_INBOUND="9",
        JEOKGEUK_SILENT_OUTBOUND="11",
    )  # fmt: skip
    watched: Watched = app.watched()
    assert watched.patience == Patience(7, 8, 9, 11)
    assert watched.listens == ()


def test_a_process_that_polls_says_so(made):
    app = made(
        TELEGRAM_TOKEN="1:rehearsal-x", TELEGRAM_MODE="poll", TELEGRAM_API_URL="http://127.0.0.1:9"
    )
    assert app.watched().listens == ("telegram.poll",)


async def test_who_may_read_the_figures_is_a_setting(made):
    asgi = made(JEOKGEUK_METRICS_FROM="10.1.0.0/16, 2001:db8::/32").asgi(work=False)
    for host, status in {
        "127.0.0.1": 200, "10.1.2.3": 200, "2001:db8::1": 200, "10.2.0.1": 404, "testclient": 404,
    }.items():  # fmt: skip
        async with visiting(asgi, host) as web:
            assert (await web.get("/metrics")).status_code == status
            passed = await web.get("/metrics", headers={"Forwarded": "for=10.1.2.3"})
            assert passed.status_code == 404


async def test_a_process_without_pages_has_its_probes_all_the_same(made):
    async with visiting(made().probes()) as web:
        assert (await web.get("/healthz")).text == "ok"
        assert (await web.get("/readyz")).status_code == 200
        assert "jt_outbox_waiting" in (await web.get("/metrics")).text
        assert (await web.get("/")).status_code == 404


async def figures(app: App) -> str:
    async with visiting(app.asgi(work=False)) as web:
        turn = {"id": "1", "command": "start"}
        assert (await web.post("/api/chat", json=turn)).status_code == 200
        return str((await web.get("/metrics")).text)


async def test_turns_are_counted_and_timed(made):
    text = await figures(made())
    assert 'jt_turns_total{channel="web",outcome="done"} 1.0' in text
    assert "jt_turn_seconds_count 1.0" in text
    assert "jt_turn_wait_seconds_count 1.0" in text


async def test_a_turn_that_cannot_be_taken_is_counted_by_its_reason(made, monkeypatch):
    app = made()

    def away(jobs: Any, **_kw: Any) -> None:
        for job in jobs:
            job.error = Busy()

    monkeypatch.setattr(app.store, "transact_all", away)
    async with visiting(app.asgi(work=False)) as web:
        await web.post("/api/chat", json={"id": "1", "command": "start"})
        text = (await web.get("/metrics")).text
    assert 'jt_turns_total{channel="web",outcome="overloaded"} 1.0' in text


def test_a_database_that_was_too_busy_is_counted(made):
    app = made()

    def work(_unit: Any) -> None:
        raise Busy("locked")

    with pytest.raises(Busy):
        app.store.transact(work, None)
    assert app.store.busy == 1


async def test_figures_count_no_further_than_a_thousand_and_name_no_unit(made):
    app = made()
    waiting(app, "mail", 1, timedelta(minutes=1), timedelta(0))
    waits = app.store.read(lambda unit: silence.waits(app.svc, unit, ["mail"]))
    assert waits.waiting == {0: 0, 1: 1, 5: 0, 9: 0}
    assert set(waits.oldest) == {1}
    found = app.store.read(lambda unit: silence.figures(app.svc, unit))
    assert (found.overdue, found.tasks) == (0, 0)
    text = await figures(app)
    labels = set(re.findall(r"[{,]([a-z_]+)=", text))
    assert labels <= {"channel", "outcome", "verdict", "rank", "name", "le", "side", "step"}


def exported(text: str) -> set[str]:
    """Give the names of all series but the bookkeeping of the library."""
    names = set(re.findall(r"^(jt_[a-z_]+)", text, re.MULTILINE))
    return {name for name in names if not name.endswith(("_created", "_sum", "_count"))}


def wanted(expression: str) -> set[str]:
    return set(re.findall(r"\bjt_[a-z_]+", expression))


async def everything(made: Callable[..., App]) -> set[str]:
    app = made()
    waiting(app, "mail", 1, timedelta(minutes=1), timedelta(0))
    app.worker.tick()
    app.worker._measures.delivered("mail", "sent")
    app.dates.note("Wed, 18 Nov 2026 10:26:40 GMT")
    return exported(await figures(app))


async def test_the_dashboard_shows_each_figure_and_asks_for_none_that_is_not_there(made):
    board = json.loads((MONITORING / "dashboard.json").read_text(encoding="utf-8"))
    shown = {
        name
        for panel in board["panels"]
        for target in panel["targets"]
        for name in wanted(target["expr"])
    }
    assert shown == await everything(made)
    assert len({panel["id"] for panel in board["panels"]}) == len(board["panels"])


async def test_each_alert_asks_for_figures_that_are_there_and_says_what_to_do(made):
    text = (MONITORING / "alerts.yml").read_text(encoding="utf-8")
    rules = text.split("- alert: ")[1:]
    there = await everything(made)
    for rule in rules:
        expression = re.search(r"expr: '(.+)'", rule)
        assert expression is not None
        assert wanted(expression[1]) <= there | {"up"}
        assert re.search(r'description: ".+\."', rule), rule
    assert len(rules) == len({rule.splitlines()[0] for rule in rules}) >= 10
