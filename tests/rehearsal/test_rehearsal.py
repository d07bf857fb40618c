"""The made-up city: filled once, its clock moved, its line cut; and it never becomes a service."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import httpx2
import pytest

from bot.app import build
from bot.errors import BadStart
from bot.rehearsal import replay
from bot.rehearsal.opening import Stage, open_stage, settings_for
from bot.rehearsal.town import PASSWORD, city
from bot.services import access, officials, views
from bot.services.base import Actor
from bot.settings import Settings, read_settings
from knowledge.calendar import SEOUL, WorkCalendar

FRIDAY = datetime(2026, 11, 27, 15, 0, tzinfo=SEOUL)


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    opened = open_stage(settings_for(tmp_path_factory.mktemp("city") / "data", 8080))
    yield opened
    opened.app.close()


def head(stage: Stage) -> Actor:
    everybody = stage.app.store.read(officials.everybody)
    who = next(one for one in everybody if one.login == "yoon")
    return Actor("official", who.id, who.name, who.unit_id, who.roles)


def states(stage: Stage) -> set[str]:
    svc, actor = stage.app.svc, head(stage)
    found = stage.app.store.read(lambda unit: views.queue(svc, unit, actor))
    rows = found.rows if hasattr(found, "rows") else found
    return {row.state for row in rows}


def test_the_city_has_reports_in_many_states(stage: Stage) -> None:
    assert {"investigating", "onsite", "following"} <= states(stage)


def test_every_official_can_sign_in_with_the_password_of_the_rehearsal(stage: Stage) -> None:
    app = stage.app
    for number, one in enumerate(city()["users"]):
        session = access.sign_in(
            app.svc, app.store, one["login"], PASSWORD, f"network{number}", f"in{number}"
        )
        assert session.actor.name == one["name"]


async def test_the_page_shows_the_time_and_moves_it_hour_by_hour(stage: Stage) -> None:
    transport = httpx2.ASGITransport(app=stage.asgi)
    async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1:8080") as http:
        page = await http.get("/rehearsal")
        assert "가온시" in page.text
        assert "default-src 'none'" in page.headers["content-security-policy"]
        before = stage.clock()
        moved = await http.post("/rehearsal/clock", json={"move": "1d"})
        assert moved.status_code == 200
        assert stage.clock() - before > timedelta(hours=23)
        assert (await http.post("/rehearsal/clock", json={"move": "x"})).status_code == 422
        assert (await http.post("/rehearsal/clock", content=b"{")).status_code == 422
        cut = await http.post("/rehearsal/fault", json={"broken": True})
        assert cut.json()["fault"] is True
        await http.post("/rehearsal/fault", json={"broken": False})
        assert (await http.get("/rehearsal/town.py")).status_code == 404


def test_hours_between_are_all_lived_through(stage: Stage) -> None:
    start = stage.clock().replace(minute=20)
    end = start + timedelta(hours=3)
    assert [at.minute for at in replay.hours(start, end)] == [0, 0, 0, 20]


def test_the_next_workday_is_no_day_off() -> None:
    friday = replay.target("1h", FRIDAY, WorkCalendar())
    assert friday == FRIDAY + timedelta(hours=1)
    monday = replay.target("workday", FRIDAY, WorkCalendar())
    assert monday is not None
    assert (monday.date().isoformat(), monday.hour) == ("2026-11-30", 9)


def test_a_filled_folder_is_gone_on_with(tmp_path: Path) -> None:
    data = tmp_path / "data"
    settings = settings_for(data, 8080)
    assert settings_for(data, 8080).jeokgeuk_key_file == settings.jeokgeuk_key_file


def test_a_folder_with_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("x", encoding="utf-8")
    with pytest.raises(BadStart, match="빈 폴더"):
        settings_for(tmp_path, 8080)


def test_a_rehearsal_never_becomes_a_service(tmp_path: Path) -> None:
    made: Settings = settings_for(tmp_path / "data", 8080)
    build(made, least=0).close()
    as_service = {
        "JEOKGEUK_KIND": "service",
        "JEOKGEUK_DATA": str(made.data),
        "JEOKGEUK_SITE": str(made.jeokgeuk_site),
        "JEOKGEUK_KEY_FILE": str(made.jeokgeuk_key_file),
        "JEOKGEUK_PUBLIC_URL": "https://talk.gaon.example",
    }
    with pytest.raises(BadStart, match="rehearsal"):
        build(read_settings(as_service), least=0)
