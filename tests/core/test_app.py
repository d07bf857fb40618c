"""The parts put together, and asked over HTTP without a socket."""

import json
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx2
import pytest

from bot.app import App, build
from bot.errors import BadStart
from bot.handlers.living import Living
from bot.handlers.probes import DRIFT, Probes
from bot.services import portal
from bot.services.base import Actor
from bot.settings import Settings, read_settings
from knowledge.searching import morphemes
from storage import crypto
from storage.errors import Busy
from storage.jobs import Job
from tests import shipped

SITE = "bot/rehearsal/site.toml"
SECRET = "aVeryLongSecretOfThisWebhook-0123456789"


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    keys = tmp_path / "keys"
    crypto.add_key(keys)
    shipped.new_file(tmp_path / "data")
    return {
        "JEOKGEUK_KIND": "rehearsal",
        "JEOKGEUK_DATA": str(tmp_path / "data"),
        "JEOKGEUK_SITE": SITE,
        "JEOKGEUK_KEY_FILE": str(keys),
        "JEOKGEUK_PUBLIC_URL": "http://127.0.0.1:8080",
    }


Built = Callable[..., App]


@pytest.fixture
def built(environ: dict[str, str]) -> Iterator[Built]:
    made: list[App] = []

    def make(**changes: str) -> App:
        made.append(build(read_settings(environ | changes), least=0))
        return made[-1]

    yield make
    for app in made:
        app.close()


@asynccontextmanager
async def client(app: Any) -> AsyncIterator[httpx2.AsyncClient]:
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1:8080") as opened:
        yield opened


async def test_the_process_says_that_it_lives_and_is_ready(built: Built) -> None:
    async with client(built().asgi()) as web:
        alive, ready = await web.get("/healthz"), await web.get("/readyz")
        assert (alive.status_code, alive.text) == (200, "ok")
        assert ready.json() == {"ready": True, "faults": []}


async def test_a_citizen_begins_a_report_over_http(built: Built) -> None:
    async with client(built().asgi()) as web:
        answer = await web.post("/api/chat", json={"id": "1", "command": "report"})
        assert answer.status_code == 200
        assert answer.json()["replies"][-1]["kind"] == "ask"


async def test_what_a_part_does_not_serve_is_not_there(built: Built) -> None:
    app = built()
    async with client(app.asgi(("desk",), work=False)) as desk:
        assert (await desk.post("/api/chat", json={"id": "1"})).status_code == 404
    async with client(app.asgi(("public",), work=False)) as public:
        assert (await public.get("/desk/")).status_code == 404
        assert (await public.get("/")).status_code == 200


async def test_metrics_are_for_this_machine_only(built: Built) -> None:
    async with client(built().asgi()) as web:
        here = await web.get("/metrics")
        assert "jt_outbox_oldest_seconds" in here.text
        passed_on = await web.get("/metrics", headers={"x-forwarded-for": "203.0.113.9"})
        assert passed_on.status_code == 404


async def test_metrics_have_nothing_of_anybody(built: Built) -> None:
    app = built(
        TELEGRAM_TOKEN="1:rehearsal-x", TELEGRAM_MODE="poll", TELEGRAM_API_URL="http://127.0.0.1:9"
    )
    app.receiver.receive(_start(app))
    async with client(app.asgi()) as web:
        text = (await web.get("/metrics")).text
    assert 'jt_outbox_oldest_seconds{rank="0"}' in text
    assert "4242" not in text


def _start(app: App) -> Any:
    from bot.channel import Inbound  # noqa: PLC0415
    from bot.dialogs.events import Command  # noqa: PLC0415

    return Inbound(
        "telegram", "1", "4242", "1", b"x", Command("start"), app.svc.now(), "ko"
    )  # fmt: skip


async def test_what_keeps_it_from_working_is_named(
    built: Built, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = built()
    store = app.store
    wrong = Probes(replace(app.watched(), wall=lambda: 10.0 * DRIFT))
    assert wrong.faults() == ["clock"]
    store.hold = "generation"
    async with client(app.asgi()) as web:
        answer = await web.get("/readyz")
        assert answer.status_code == 503
        assert answer.json()["faults"] == ["hold"]

    def away(_look: object) -> Any:
        raise Busy

    monkeypatch.setattr(store, "read", away)
    monkeypatch.setattr(
        type(store), "space", lambda _self: type("S", (), {"free": 1, "room": "no_dialogs"})()
    )
    assert Probes(app.watched()).faults() == ["database", "disk", "hold"]
    async with client(app.asgi()) as web:
        assert 'jt_fault{name="database"} 1.0' in (await web.get("/metrics")).text


async def test_a_database_that_is_away_is_a_503_with_a_time(
    built: Built, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = built()

    def away(jobs: Sequence[Job]) -> None:
        for job in jobs:
            job.error = Busy()

    monkeypatch.setattr(app.store, "transact_all", away)
    async with client(app.asgi()) as web:
        answer = await web.post("/api/chat", json={"id": "1", "command": "start"})
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0


@pytest.mark.parametrize("road", ["/api/chat", "/api/chat/files", "/api/chat/events"])
async def test_a_conversation_that_runs_hears_503_while_the_database_is_away(
    built: Built, monkeypatch: pytest.MonkeyPatch, road: str
) -> None:
    app = built()

    def away(*_: object, **__: object) -> Any:
        raise Busy

    async with client(app.asgi(work=False)) as web:
        begun = await web.post("/api/chat", json={"id": "1", "command": "start"})
        web.cookies.clear()
        web.headers["authorization"] = f"Bearer {begun.json()['conversation']}"
        monkeypatch.setattr(app.store, "transact", away)
        monkeypatch.setattr(app.store, "read", away)
        if road.endswith("events"):
            answer = await web.get(road)
        elif road.endswith("files"):
            answer = await web.post(road, data={"id": "2"}, files={"files": ("a.png", b"x")})
        else:
            answer = await web.post(road, json={"id": "2", "text": "신고"})
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0
    assert answer.json()["code"] == "overloaded"


async def test_a_bug_is_told_with_its_number(
    built: Built, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = built()

    async def breaks(*_: object) -> Any:
        raise ZeroDivisionError

    monkeypatch.setattr(app.door, "receive", breaks)
    async with client(app.asgi()) as web:
        answer = await web.post("/api/chat", json={"id": "1", "command": "start"})
    assert answer.status_code == 500
    assert answer.headers["x-error-number"] in json.loads(answer.text)["title"]


async def test_the_lifespan_runs_the_worker_and_ends_it(built: Built) -> None:
    app = built()
    asgi = app.asgi()
    sent: list[str] = []
    steps = iter(["lifespan.startup", "lifespan.shutdown"])

    async def receive() -> dict[str, str]:
        return {"type": next(steps)}

    async def send(message: Any) -> None:
        sent.append(message["type"])

    await asgi({"type": "lifespan", "state": {}}, receive, send)  # type: ignore[arg-type]
    assert sent == ["lifespan.startup.complete", "lifespan.shutdown.complete"]


def test_a_messenger_is_connected_where_there_is_a_token(built: Built) -> None:
    app = built(
        TELEGRAM_TOKEN="1:rehearsal-x",
        TELEGRAM_WEBHOOK_SECRET=SECRET,
        TELEGRAM_API_URL="http://127.0.0.1:9",
    )
    assert set(app.channels) >= {"web", "telegram", "mail"}
    assert app.telegram is not None
    assert app.telegram.routes()


async def test_the_webhook_takes_only_who_knows_its_secret(built: Built) -> None:
    app = built(
        TELEGRAM_TOKEN="1:rehearsal-x",
        TELEGRAM_WEBHOOK_SECRET=SECRET,
        TELEGRAM_API_URL="http://127.0.0.1:9",
    )
    assert app.telegram is not None
    path = app.telegram.routes()[0].path
    async with client(app.asgi(("hooks",), work=False)) as vendor:
        update = {"update_id": 1}
        refused = await vendor.post(path, json=update)
        header = {"X-Telegram-Bot-Api-Secret-Token": SECRET}
        taken = await vendor.post(path, json=update, headers=header)
    assert refused.status_code in {401, 403, 404}
    assert taken.status_code == 200


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"DATABASE_URL": "mysql://x/y"}, "DATABASE_URL"),
        ({"JEOKGEUK_KEY_FILE": "/nowhere/keys"}, "keys"),
        ({"JEOKGEUK_KEY_FILE": "", "JEOKGEUK_KEYS": "nonsense"}, "JEOKGEUK_KEYS"),
    ],
)
def test_what_is_wrong_stops_the_start_by_its_name(
    built: Built, changes: dict[str, str], named: str
) -> None:
    with pytest.raises(BadStart, match=named):
        built(**changes)


def test_the_other_kind_of_instance_is_refused(built: Built, environ: dict[str, str]) -> None:
    built().close()
    changes = {"JEOKGEUK_KIND": "service", "JEOKGEUK_PUBLIC_URL": "https://talk.gaon.example"}
    with pytest.raises(BadStart, match="JEOKGEUK_KIND"):
        built(**changes)


def test_kiwi_that_is_wanted_and_not_there_stops_the_start(
    environ: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(morphemes, "installed", lambda: False)
    site = tmp_path / "site.toml"
    site.write_text(
        Path(SITE).read_text(encoding="utf-8") + "\n[knowledge]\nkiwi = true\n", encoding="utf-8"
    )
    with pytest.raises(BadStart, match=r"knowledge\.kiwi"):
        build(read_settings(environ | {"JEOKGEUK_SITE": str(site)}), least=0)


def test_office_hours_that_are_none_stop_the_start(
    environ: dict[str, str], tmp_path: Path
) -> None:
    site = tmp_path / "site.toml"
    text = Path(SITE).read_text(encoding="utf-8").replace('["12:00:00"', '["08:00:00"')
    site.write_text(text, encoding="utf-8")
    with pytest.raises(BadStart, match="office_hours"):
        build(read_settings(environ | {"JEOKGEUK_SITE": str(site)}), least=0)


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ('logo = "{here}"', r"newsletter\.cards\.logo: PNG나 SVG"),
        ('colour = "blue"', r"newsletter\.cards\.colour: "),
        ('theme = "grey"', r"newsletter\.cards\.theme: "),
    ],
)
def test_a_mark_that_is_no_picture_and_a_colour_that_is_none_stop_the_start(
    environ: dict[str, str], tmp_path: Path, line: str, named: str
) -> None:
    site = tmp_path / "site.toml"
    cards = "\n[newsletter.cards]\n" + line.format(here=site)
    site.write_text(Path(SITE).read_text(encoding="utf-8") + cards, encoding="utf-8")
    with pytest.raises(BadStart, match=named):
        build(read_settings(environ | {"JEOKGEUK_SITE": str(site)}), least=0)


def test_keys_may_come_by_the_environment(built: Built) -> None:
    app = built(JEOKGEUK_KEY_FILE="", JEOKGEUK_KEYS=crypto.new_key_text())
    assert app.store.ring.keys


def test_a_site_may_lay_its_own_words_over_ours(built: Built, tmp_path: Path) -> None:
    own = tmp_path / "own" / "locale" / "ko"
    own.mkdir(parents=True)
    (own / "own.toml").write_text('[talk]\ndone = "전했습니다."\n', encoding="utf-8")
    (tmp_path / "own" / "procedures").mkdir()
    app = built(JEOKGEUK_OVERLAY=str(tmp_path / "own"))
    assert app.svc.texts.raw("talk.done") == "전했습니다."


def test_the_calendar_has_the_days_of_the_agency(environ: dict[str, str], tmp_path: Path) -> None:
    from datetime import date  # noqa: PLC0415

    site = tmp_path / "site.toml"
    text = Path(SITE).read_text(encoding="utf-8")
    site.write_text("agency_holidays = [2026-11-25]\n" + text, encoding="utf-8")
    app = build(read_settings(environ | {"JEOKGEUK_SITE": str(site)}), least=0)
    try:
        calendar = app.store.read(app.svc.calendar)
        assert not calendar.is_working(date(2026, 11, 25))
        assert calendar is app.store.read(app.svc.calendar)
    finally:
        app.close()


def test_lists_are_read_again_when_they_are_old(built: Built) -> None:
    app = built()
    now = [0.0]
    lists = Living(app.store, app.svc, clock=lambda: now[0])
    assert lists.find("units", "도로과") == []
    first = lists._lists
    lists.refresh()
    assert lists._lists is first
    now[0] += 31
    lists.refresh()
    assert lists._lists is not first


def test_what_an_official_has_turned_is_so_in_a_dialog_when_it_is_read_again(built: Built) -> None:
    app = built()
    now = [0.0]
    lists = Living(app.store, app.svc, clock=lambda: now[0])
    lists.refresh()
    assert lists.said == {portal.NAME: "no"}
    turned = Actor("official", roles=frozenset({"chief"}))
    app.store.transact(lambda u: portal.turn(app.svc, u, turned, is_down=True), None)
    now[0] += 31
    lists.refresh()
    assert lists.said == {portal.NAME: "yes"}


def test_a_desk_without_a_path_needs_a_process_of_its_own(built: Built) -> None:
    app = built(JEOKGEUK_DESK_URL="http://127.0.0.1:8081")
    with pytest.raises(BadStart, match="JEOKGEUK_DESK_URL"):
        app.asgi()
    assert app.asgi(("desk",))


SLACK = {
    "SLACK_BOT_TOKEN": "xoxb-rehearsal",
    "SLACK_APP_TOKEN": "xapp-rehearsal",
    "SLACK_TEAM": "T0GAON",
    "SLACK_API_URL": "http://127.0.0.1:3100/api",
}


async def test_slack_is_a_road_where_there_is_a_token(built: Built) -> None:
    app = built(**SLACK)
    assert app.slack is not None
    assert app.channels["slack"] is app.slack
    assert app.slack.client.base_url == "http://127.0.0.1:3100/api/"
    await app.hang_up()


async def test_only_the_desk_hears_slack(built: Built, environ: dict[str, str]) -> None:
    signed = {"SLACK_MODE": "http", "SLACK_SIGNING_SECRET": "8f742231b10e8888abcd99yyyzzz85a5"}
    app = built(**SLACK, **signed)
    async with client(app.asgi(("public", "hooks"), work=False)) as public:
        assert (await public.post("/desk/slack/events", json={})).status_code == 404
    async with client(app.asgi(("desk",), work=False)) as desk:
        answer = await desk.post("/desk/slack/events", json={})
        assert (answer.status_code, answer.content) == (401, b"")
    await app.hang_up()
    apart = build(read_settings(environ | SLACK), parts=("public", "hooks"), least=0)
    assert apart.messenger is None
    await apart.hang_up()
    apart.close()


def test_slack_is_no_road_without_a_token_or_where_the_agency_wants_none(
    built: Built, tmp_path: Path
) -> None:
    assert "slack" not in built().channels
    site = tmp_path / "site.toml"
    text = Path(SITE).read_text(encoding="utf-8")
    site.write_text(f'slack = "off"\n{text}', encoding="utf-8")
    off = built(**SLACK, JEOKGEUK_SITE=str(site))
    assert off.slack is None
    assert "slack" not in off.channels


def test_settings_are_what_the_app_holds(built: Built) -> None:
    assert isinstance(built().settings, Settings)
