"""The made-up city: filled once, its clock moved, its line cut; and it never becomes a service."""

import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx2
import pytest

from bot.app import build
from bot.errors import BadStart
from bot.rehearsal import replay
from bot.rehearsal.opening import Stage, open_stage, settings_for
from bot.rehearsal.town import PASSWORD, MovedClock, city
from bot.services import access, listing, officials
from bot.services.base import Actor
from bot.services.listing import Wanted
from bot.settings import Settings, read_settings
from knowledge.calendar import SEOUL, WorkCalendar

FILINGS = Path("bot/rehearsal/filings.toml")
FRIDAY = datetime(2026, 11, 27, 15, 0, tzinfo=SEOUL)


@pytest.fixture(scope="module", params=[FRIDAY, FRIDAY + timedelta(days=2, hours=-5)])
def stage(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stage]:
    """Open the city on a working day and on a Sunday."""
    clock = MovedClock(request.param - datetime.now(UTC))
    data = tmp_path_factory.mktemp("city") / "data"
    opened = open_stage(settings_for(data, 8080), clock=clock)
    yield opened
    opened.app.close()


def states(stage: Stage) -> set[str]:
    """Give the states that anybody at the audit office sees."""
    svc = stage.app.svc
    everybody = stage.app.store.read(officials.everybody)
    actors = [Actor("official", who.id, who.name, who.unit_id, who.roles) for who in everybody]
    return {
        row.state
        for actor in actors
        for closed in (False, True)
        for row in stage.app.store.read(
            lambda unit, actor=actor, closed=closed: listing.rows(
                svc, unit, actor, Wanted(show="closed" if closed else "open")
            )
        )
    }


def test_the_city_has_reports_in_every_state(stage: Stage) -> None:
    # What is filed within office hours is received at once: no report may be waiting for that.
    every = set(stage.app.svc.procedures["passive_report"].states)
    assert every - {"submitted"} <= states(stage)
    units = {"signing", "sent_back", "handed", "reviewing", "supplement", "replied", "closed"}
    assert units <= states(stage)


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


def test_a_filling_that_was_interrupted_begins_anew(tmp_path: Path) -> None:
    settings = settings_for(tmp_path / "data", 8080)

    class Killed(Exception):  # noqa: N818
        pass

    def die(_: str) -> None:
        raise Killed

    with pytest.raises(Killed):
        open_stage(settings, progress=die)
    assert list(settings.data.iterdir()) == []
    told: list[str] = []
    open_stage(settings, progress=told.append).app.close()
    assert len(told) == len(tomllib.loads(FILINGS.read_text(encoding="utf-8"))["filings"])
    open_stage(settings, progress=die).app.close()  # filled: nothing is told


def test_a_filled_folder_is_gone_on_with(tmp_path: Path) -> None:
    data = tmp_path / "data"
    settings = settings_for(data, 8080)
    assert settings_for(data, 8080).jeokgeuk_key_file == settings.jeokgeuk_key_file


def test_a_folder_with_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("x", encoding="utf-8")
    with pytest.raises(BadStart, match="빈 폴더"):
        settings_for(tmp_path, 8080)


def test_a_rehearsal_opens_on_this_machine_only(tmp_path: Path) -> None:
    for bind in ("0.0.0.0", "gaon.example"):
        with pytest.raises(BadStart, match="demo: --bind: 이 컴퓨터 안의 주소"):
            settings_for(tmp_path / "data", 8080, bind)
    assert settings_for(tmp_path / "data", 8080, "::1").public_url == "http://[::1]:8080"


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
    with pytest.raises(BadStart, match="데이터베이스는 연습의 것"):
        build(read_settings(as_service), least=0)
