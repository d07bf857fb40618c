"""The main job with the officials in Slack, as a text that people read and the tests play.

What the citizen does stands as in `tests/conversations`. Before what an official does in Slack
stands his name:

한서윤> /civic 대기          a command (`{코드}` is his code of the desk, `{번호}` the report)
한서윤[접수하기]              a button he sees; `한서윤[접수하기] 감사실` on the card in the room
한서윤= 담당: 서도 | …       fields of the window that is open; [보내기] and [닫기] are its buttons
한서윤(홈)                   his Home tab
한서윤-> 직원 화면에서 열기   a link: the page of the desk that it opens is asked for
한서윤< 글                   he sees this since he last did something (a part of it)
한서윤!< 글                  he does not
감사실< 글, 감사실!< 글        the room shows it now, or does not
감사실: 확인                  we look who is in the room, as three times a day
@han guard, @han no_conflict  at the desk, as its pages do it; other moves as everywhere
@ahn apply 칸=값              the form of an application, at the desk
"""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from bot import rehearsal
from bot.handlers.slack import transport
from bot.rehearsal.replay import hours
from bot.services import linking
from knowledge.calendar import SEOUL
from tests.conversations.transcript import read
from tests.conversations.world import NUMBER, WebClient, World, world
from tests.desk.conftest import BASE, Desk, make
from tests.desk.forms import Page
from tests.fakes.slack import FakeSlack
from tests.fakes.slack_people import Person, Room, Shown, View
from tests.office.conftest import ACCOUNT, ROOM
from tests.services.conftest import Office
from tests.slack.town import at_once, never
from tests.telegram.roads import served

PARTS = re.compile(r"(?P<who>[가-힣]{2,4})(?P<mark>> |\[|= |!< |< |\(|-> |: )(?P<text>.*)")
THE_ROOM = "감사실"


@dataclass(frozen=True)
class Told:
    """One line of an official: who, what he does or sees."""

    number: int
    who: str
    mark: str
    text: str


def lines_of(path: Path, folder: Path) -> tuple[str, list[Any]]:
    """Give the level, and all lines in order: officials' ours, the others as everywhere."""
    level, found, rest = "", [], []
    for number, raw in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        line = raw.strip()
        if line.startswith("level:"):
            level, line = line.removeprefix("level:").strip(), ""
        if own := PARTS.fullmatch(line):
            found.append(Told(number, own["who"], own["mark"].strip(), own["text"].strip()))
            line = ""
        rest.append(line)
    plain = folder / path.name
    plain.write_text("\n".join(rest), encoding="utf-8")
    return level, sorted([*found, *read(plain).lines], key=lambda line: int(line.number))


@dataclass
class Official:
    """Somebody at Slack and before the desk, and what he saw when he last did something."""

    login: str
    person: Person
    known: dict[str, str] = field(default_factory=dict)
    page: str = ""
    at: Shown | View | None = None

    def looks_away(self) -> None:
        self.known, self.page, self.at = self._all(), "", None

    @property
    def sees(self) -> str:
        """Give what he sees that is new to him, and what lies open before him."""
        person = self.person
        fresh = [text for name, text in self._all().items() if self.known.get(name) != text]
        if person.stack:
            fresh += [person.view.words, *person.view.errors.values()]
        return "\n".join([*fresh, self.page])

    def _all(self) -> dict[str, str]:
        found = {one.id: f"{one.words}" for one in self.person.sees}
        home = self.person.home
        return found | ({"home": home.words} if home is not None else {})

    def link(self, label: str) -> str:
        """Give the address behind the newest link with this label."""
        places: list[Shown | View] = [*self.person.stack[-1:], *reversed(self.person.sees)]
        for place in places:
            for one in buttons(place.blocks):
                if one["text"]["text"] == label and "url" in one:
                    return str(one["url"])
        raise AssertionError(f"no link {label!r}")


def buttons(blocks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    found = [one for block in blocks for one in block.get("elements", [])]
    found += [block["accessory"] for block in blocks if "accessory" in block]
    return [one for one in found if one.get("type") == "button"]


@dataclass
class Job:
    """The city with its officials in Slack, and one citizen in the web chat."""

    world: World
    fake: FakeSlack
    room: Room
    desk: Desk
    edge: transport.SlackEdge
    citizen: WebClient
    officials: dict[str, Official] = field(default_factory=dict)
    heard: list[Any] = field(default_factory=list)
    all: list[Any] = field(default_factory=list)
    number: str = ""

    async def step(self, line: Any) -> None:
        if isinstance(line, Told):
            await self._official(line)
            return
        text = self._filled(line.text)
        acts = {
            "say": lambda: self.citizen.say(text),
            "press": lambda: self.citizen.press(text, self.all),
            "page": lambda: self.citizen.page(dict(line.fields), self.all),
        }
        if line.kind in acts:
            self._take(await acts[line.kind]())
            await self._brought()
        elif line.kind == "move":
            login, action = line.text.split()
            await self._at_desk(login, action, dict(line.fields))
        elif line.kind == "clock":
            await self._goes(datetime.fromisoformat(line.text).replace(tzinfo=SEOUL))
        elif line.kind == "hear":
            said = "\n".join(one.text for one in self.heard)
            assert text in said, f"not said: {text!r}\n{said}"
        elif line.kind == "check":
            state = self.world.status(self.number).state
            assert f"state {state}" == text, state
        else:
            raise AssertionError(line.kind)

    def _take(self, heard: list[Any]) -> None:
        self.heard = heard
        self.all += heard
        for one in heard:
            if found := NUMBER.search(one.text):
                self.number = found[0]

    def _filled(self, text: str, login: str = "") -> str:
        if "{코드}" in text:
            svc, who = self.world.app.svc, self.world.people[login]
            text = text.replace("{코드}", self.world.do(lambda u: linking.offer(svc, u, who)))
        return text.replace("{번호}", self.number)

    async def _goes(self, to: datetime) -> None:
        """Let the hours pass, and look at the accounts three times a day, as the edge does."""
        self.heard = []
        for at in hours(self.world.clock(), to):
            self.world.clock.set(at)
            if at.astimezone(SEOUL).hour % 8 == 0:
                await self.edge.looks.once()
            await self._brought()

    async def _brought(self) -> None:
        """Let everything arrive that an act has brought about."""
        await self.edge.work.settle()
        await self.world.deliver()
        news = await self.citizen.news() if self.all else []
        self.heard = [*self.heard, *news]
        self.all += news

    async def _official(self, line: Told) -> None:
        if line.who == THE_ROOM:
            await self._in_the_room(line)
            return
        who = self.officials[line.who]
        text = self._filled(line.text, who.login)
        if line.mark in {"<", "!<"}:
            saw = who.sees
            assert (text in saw) == (line.mark == "<"), f"{line.mark} {text!r}\n---\n{saw}"
            return
        self.heard = []
        if line.mark != "=":
            who.looks_away()
        await self._does(who, line.mark, text)
        await self._brought()
        if not self.number and (found := NUMBER.search(who.sees)):
            self.number = found[0]
        assert who.person.troubles == []

    async def _does(self, who: Official, mark: str, text: str) -> None:
        person = who.person
        if mark == ">":
            command, _, said = text.partition(" ")
            await person.commands(command, said)
        elif mark == "[":
            label, _, place = text.partition("]")
            await self._presses(person, label, place.strip())
        elif mark == "=":
            for one in text.split("|"):
                label, _, value = one.partition(":")
                await self._types(person, label.strip(), value.strip())
        elif mark == "(":
            who.known.pop("home", None)
            await person.opens_home()
        else:
            assert mark == "->", mark
            url, seat = who.link(text), self.desk.seat(who.login)
            base = self.world.app.settings.desk_url
            assert url.startswith(f"{base}/"), url
            answer = seat.client.get(BASE + url.removeprefix(base))
            assert answer.status_code == 200, (url, answer.status_code)
            who.page = Page(answer.text).text

    async def _presses(self, person: Person, label: str, place: str) -> None:
        if place:
            assert place == THE_ROOM
            card = next(one for one in reversed(self.room.shown) if label in one.labels)
            await person.presses(label, card)
        elif person.stack and label == "보내기":
            await person.submits()
        elif person.stack and label == "닫기":
            await person.closes()
        else:
            await person.presses(label)

    @staticmethod
    async def _types(person: Person, label: str, value: str) -> None:
        _, element = person.view.find(label)
        if element["type"] == "external_select":
            (found,) = await person.searches(label, value)
            await person.types(label, found)
        else:
            await person.types(label, value)

    async def _in_the_room(self, line: Told) -> None:
        if line.mark == ":":
            await self.edge.looks.look_at_room()
            return
        text = self._filled(line.text)
        shown = "\n".join(one.words for one in self.room.shown)
        assert (text in shown) == (line.mark == "<"), f"{line.mark} {text!r}\n---\n{shown}"

    async def _at_desk(self, login: str, action: str, fields: dict[str, str]) -> None:
        self.heard = []
        if action == "no_conflict":
            self.desk.seat(login).open(self.number)
        elif action == "guard":
            answer = self.desk.seat(login).guard(self.number)
            assert answer.status_code == 303, Page(answer.text).text
        elif action == "apply":
            self._applies(login, fields)
        else:
            await self.world.move(login, action, self.number, fields)
        await self._brought()

    def _applies(self, login: str, fields: dict[str, str]) -> None:
        seat = self.desk.seat(login)
        form = seat.get("/applications/new").form("", "올리기")
        answer = seat.send("/applications/new", form, **fields)
        assert answer.status_code == 303, Page(answer.text).text
        found = NUMBER.search(seat.get("/applications").text)
        assert found is not None
        self.number = found[0]


@asynccontextmanager
async def job(folder: Path, fake: FakeSlack, level: str) -> AsyncIterator[Job]:
    """Open the city with Slack at this level."""
    async with world(folder, more=_settings(folder, fake, level)) as city:
        app = city.app
        assert app.slack is not None
        app.slack.limits = replace(app.slack.limits, per_second=1000.0, per_chat=1000.0)
        fake.start, fake.rates.on = lambda: city.clock().timestamp(), False
        edge = transport.connect(
            app.slack, app.store, app.svc, app.loads["desk"], signing_secret=fake.signing_secret,
            pause=at_once, patience=never,
        )  # fmt: skip
        city.app = replace(app, messenger=edge)
        people = {
            who.name: Official(login, fake.person(f"U0{login.upper()}", who.name))
            for login, who in city.people.items()
        }
        staff = [people[name].person for name in ("한서윤", "서도현", "윤가람")]
        room = fake.room(ROOM, THE_ROOM, *staff)
        desk = make(Office(app.store, city.clock, app.svc, app.svc.texts, city.people))
        try:
            async with served(city.app.asgi(work=False)) as url:
                fake.signed(f"{url}/desk{transport.PATH}")
                yield Job(city, fake, room, desk, edge, WebClient(city, pages=True), people)
        finally:
            await edge.close()
            await app.slack.close()


def _settings(folder: Path, fake: FakeSlack, level: str) -> dict[str, str]:
    shipped = Path(rehearsal.__file__).with_name("site.toml").read_text(encoding="utf-8")
    own = {"slack": level, "slack_channel": ROOM, "slack_reason": "감사담당관 방침 제12호"}
    lines = [f'{name} = "{value}"' for name, value in own.items()]
    path = folder / "site.toml"
    site = shipped.replace('receive = "auto"', 'receive = "person"')
    path.write_text("\n".join([*lines, site]), encoding="utf-8")
    return {
        "JEOKGEUK_SITE": str(path),
        "SLACK_BOT_TOKEN": fake.token,
        "SLACK_SIGNING_SECRET": fake.signing_secret,
        "SLACK_TEAM": ACCOUNT,
        "SLACK_MODE": "http",
        "SLACK_API_URL": fake.api_url,
    }
