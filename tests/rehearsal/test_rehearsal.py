"""The made-up city: filled once, its clock moved, its line cut; and it never becomes a service."""

import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx2
import pytest

from bot.app import build
from bot.channel import Carried, Parcel, Preview, Shown
from bot.errors import BadStart
from bot.rehearsal import replay
from bot.rehearsal.line import PICTURES, Line
from bot.rehearsal.opening import Stage, open_stage, settings_for
from bot.rehearsal.town import PASSWORD, MovedClock, city
from bot.services import access, broadcast_approvals, listing, officials
from bot.services.base import Actor
from bot.services.broadcasts import bound
from bot.services.listing import Wanted
from bot.settings import Settings, read_settings
from knowledge.calendar import SEOUL, WorkCalendar
from knowledge.cases import STATUSES
from storage.repositories import broadcasts, cases
from storage.unit import Unit
from tests import issues
from tests.fakes.channel import FakeChannel
from tests.fakes.clock import unhurried

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
    unhurried(opened.app.loads)
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


def test_the_city_has_cases_of_its_own_in_every_status(stage: Stage) -> None:
    rows = stage.app.store.read(lambda unit: cases.page(unit, {}))
    assert {row.status for row in rows} == set(STATUSES)


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


async def test_what_was_sent_is_shown_with_its_pictures(stage: Stage) -> None:
    shown = Preview("월간 적극행정", pieces=(Shown(pictures=(1, 0)), Shown("월간 적극행정")))
    channel = stage.line.over(FakeChannel(shown=shown))
    carried = Carried((b"first", b"second"))
    await channel.deliver(Parcel("5001", issues.cards(2), "ko", carried=carried))
    transport = httpx2.ASGITransport(app=stage.asgi)
    async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1:8080") as http:
        sent = (await http.get("/rehearsal/state")).json()["sent"][0]
        assert sent["text"] == "월간 적극행정"
        assert [(await http.get(src)).content for src in sent["pictures"]] == [b"second", b"first"]
        picture = await http.get(sent["pictures"][0])
        assert picture.headers["content-type"] == "image/png"
        assert "img-src 'self'" in picture.headers["content-security-policy"]
        assert (await http.get("/rehearsal/pictures/0.png")).status_code == 404


async def test_the_line_forgets_old_pictures() -> None:
    line = Line(lambda: FRIDAY)
    channel = line.over(FakeChannel(shown=Preview("", pieces=(Shown(pictures=(0,)),))))
    for number in range(PICTURES + 5):
        carried = Carried((b"%d" % number,))
        await channel.deliver(Parcel("5001", issues.cards(1), "ko", carried=carried))
    assert list(line.pictures.values()) == [b"%d" % n for n in range(5, PICTURES + 5)]


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


def test_the_city_has_sent_news_and_waits_for_a_second_person(stage: Stage) -> None:
    found = stage.app.store.read(broadcasts.listed)
    assert {"done", "asked", "draft"} <= {one.state for one in found}
    notice = next(one for one in found if one.state == "asked")
    chief = next(who for who in stage.app.store.read(officials.everybody) if "chief" in who.roles)
    svc = stage.app.svc
    no = stage.app.store.read(
        lambda unit: broadcast_approvals.no(svc, unit, officials.actor(chief), notice.id)
    )
    assert no is None


async def test_what_was_let_go_leaves_in_its_hour_when_the_clock_is_moved(stage: Stage) -> None:
    store, svc = stage.app.store, stage.app.svc
    calendar = store.read(svc.calendar)
    end = replay.target("workday", stage.clock(), calendar)
    assert end is not None
    notice = next(one for one in store.read(broadcasts.listed) if one.state == "asked")

    def let_go(unit: Unit) -> None:
        broadcasts.mark(unit, notice.id, {"send_at": end - timedelta(minutes=31)})
        one = broadcasts.get(unit, notice.id)
        assert one is not None
        done = {"state": "approved", "approved_hash": bound(unit, one), "approved_at": end}
        broadcasts.mark(unit, notice.id, done)

    store.transact(let_go, None)
    await replay.replay(stage.app, stage.clock, end)
    after = store.read(lambda unit: broadcasts.get(unit, notice.id))
    assert after is not None
    assert after.why == ""
    assert after.begun_at is not None
    assert end - after.begun_at < timedelta(minutes=2)  # at the full hour before it
    lines = {one.channel: one for one in store.read(lambda u: broadcasts.lines(u, notice.id))}
    assert {name: line.total for name, line in lines.items()} == {"mail": 8, "web": 4}
    assert lines["web"].sent == 4  # letters leave as fast as their mail servers may be asked
