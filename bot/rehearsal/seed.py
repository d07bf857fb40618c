"""Fills a fresh rehearsal: units, officials, and filings that lived through the last weeks."""

import re
import tomllib
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

from bot.app import App
from bot.dialogs.passive_report import PassiveReport
from bot.rehearsal import known, news, replay
from bot.rehearsal.town import BACK, PASSWORD, MovedClock, city
from bot.services import access, applications, filings, moves, officials, peers, views
from bot.services.base import Actor, citizen
from knowledge.calendar import SEOUL, WorkCalendar, seoul_day
from storage.repositories import units
from storage.unit import Unit

HERE = Path(__file__).parent
OPENING, MORNING, EVENING = time(9, 10), time(10, 30), time(17, 30)


@dataclass(frozen=True, slots=True)
class Act:
    """One thing that happened: a filing (no action) or a move on it."""

    at: datetime
    filing: int
    who: str
    action: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)
    procedure: str = ""


async def fill(app: App, clock: MovedClock, progress: Callable[[str], None]) -> None:
    """Fill a city that nobody has lived in yet."""
    now = clock()
    people = _people(app, now - BACK)
    clock.offset -= BACK
    async for name, lasted in _live(app, clock, now, people):
        progress(f"  {lasted:%m-%d} {name}")
    known.write(app, people)
    clock.move_to(now, app.store, "seed:clock")
    news.write(app, people)
    await replay.live(app)


def _people(app: App, since: datetime) -> Mapping[str, Actor]:
    """Make units and officials; every password is the rehearsal's."""
    day = seoul_day(since)

    def build(unit: Any) -> list[tuple[str, str]]:
        for one in city()["units"]:
            units.add(
                unit,
                one["code"],
                one["name"],
                valid_from=day,
                aliases=one.get("aliases", ()),
                kind=one.get("kind", "unit"),
                email=one.get("email", ""),
            )
        return [(one["login"], _add(app, unit, one)) for one in city()["users"]]

    for login, secret in app.store.transact(build, "seed:people"):
        access.set_password(app.svc, app.store, secret, PASSWORD, f"seed:password:{login}")
    found = app.store.read(officials.everybody)
    return {
        who.login: Actor("official", who.id, who.name, who.unit_id, frozenset(who.roles))
        for who in found
    }


def _add(app: App, unit: Any, one: Mapping[str, Any]) -> str:
    return access.add_user(
        app.svc,
        unit,
        None,
        login=one["login"],
        name=one["name"],
        unit_code=one["unit"],
        phone=one["phone"],
        email=one["email"],
        roles=one["roles"],
        staff_no=one["staff_no"],
        title=one.get("title", ""),
        head=one.get("head", False),
    ).secret


async def _live(
    app: App, clock: MovedClock, now: datetime, people: Mapping[str, Actor]
) -> AsyncIterator[tuple[str, datetime]]:
    """Live through the weeks: what happened, and the clock's work twice a working day."""
    told = _stories()
    calendar = app.store.read(app.svc.calendar)
    numbers: dict[int, tuple[str, Actor]] = {}
    for act in sorted([*_acts(told, now, calendar), *_rounds(now, calendar)], key=lambda a: a.at):
        clock.offset += act.at - clock()
        if not act.who:
            await replay.live(app)
        elif not act.action:
            writer = people.get(act.who)
            numbers[act.filing] = _apply(app, act, writer) if writer else _file(app, act)
            await replay.live(app)
            yield told[act.filing]["name"], act.at
        else:
            number, reporter = numbers[act.filing]
            _move(app, act, number, reporter if act.who == "citizen" else people[act.who])


def _stories() -> list[Mapping[str, Any]]:
    told: list[Mapping[str, Any]] = tomllib.loads(
        (HERE / "filings.toml").read_text(encoding="utf-8")
    )["filings"]
    return told


def _acts(told: list[Mapping[str, Any]], now: datetime, calendar: WorkCalendar) -> Iterator[Act]:
    """Give what happened until now, dated from today backwards."""
    today = seoul_day(now)
    for place, story in enumerate(told):
        day = today - timedelta(days=story["day"])
        at = datetime.combine(day, time.fromisoformat(story["at"]), SEOUL)
        who, procedure = story.get("by", "citizen"), story.get("procedure", "")
        yield Act(at, place, who, values=story["answers"], procedure=procedure)
        for step, then in enumerate(story.get("then", ())):
            later = calendar.shift(today if then["day"] < 0 else day, then["day"])
            when = datetime.combine(later, MORNING, SEOUL) + timedelta(minutes=7 * step)
            if not at < when < now:  # not yet; or holidays left no day for it
                break
            at = when
            yield Act(when, place, then["who"], then["action"], then.get("fields", {}))


def _rounds(now: datetime, calendar: WorkCalendar) -> Iterator[Act]:
    """Give the hours at which the clock does its work: twice a working day."""
    day = seoul_day(now - BACK)
    while day <= seoul_day(now):
        for at in (OPENING, EVENING):
            when = datetime.combine(day, at, SEOUL)
            if calendar.is_working(day) and when < now:
                yield Act(when, -1, "")
        day += timedelta(days=1)


def _file(app: App, act: Act) -> tuple[str, Actor]:
    answers = PassiveReport.model_validate(act.values)

    def work(unit: Any) -> tuple[str, Actor]:
        peer = peers.meet(app.svc, unit, "web", "web", f"rehearsal-{act.filing}", "ko")
        prefs = filings.Prefs("web", "web", "ko", act.at, own_page=True)
        filed = filings.file(app.svc, unit, "passive_report", answers, peer.id, prefs)
        owner = None if answers.who == "anonymous" else peer.id
        return filed.number, citizen(owner, filed.filing_id)

    filed: tuple[str, Actor] = app.store.transact(work, f"seed:filing:{act.filing}")
    return filed


def _apply(app: App, act: Act, writer: Actor) -> tuple[str, Actor]:
    """Let an official apply in the name of the head of his unit."""
    answers = app.svc.catalogue.form(act.procedure).answers.model_validate(act.values)

    def work(unit: Unit) -> str:
        return applications.apply(app.svc, unit, writer, act.procedure, answers).number

    return app.store.transact(work, f"seed:filing:{act.filing}"), writer


def _move(app: App, act: Act, number: str, actor: Actor) -> None:
    fields = {name: _day(value, act.at) for name, value in act.values.items()}

    def work(unit: Unit) -> None:
        if actor.kind == "official":  # who works on a case has read it
            if views.unasked(unit, actor, number):
                views.declare(app.svc, unit, actor, number, conflict=False)
            views.view(app.svc, unit, actor, number)
        moves.perform(app.svc, unit, actor, number, None, act.action, fields, confirmed=True)

    app.store.transact(work, f"seed:move:{act.filing}:{act.action}")


def _day(value: Any, at: datetime) -> Any:
    """Read `+13` as the day thirteen days later, `-1` as the day before."""
    if isinstance(value, str) and (days := re.fullmatch(r"([+-]\d+)", value)):
        return (seoul_day(at) + timedelta(days=int(days[1]))).isoformat()
    return value
