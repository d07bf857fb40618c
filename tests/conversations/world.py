"""가온시 in a test: the whole application, a moved clock, and one citizen on one channel."""

import re
import secrets
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

import httpx2

from bot import rehearsal
from bot.app import App, build
from bot.dialogs.replies import load
from bot.handlers.chat.shape import Say, shape
from bot.handlers.chat.talk import address_of
from bot.handlers.telegram import LIMITS
from bot.handlers.telegram_webhook import PATH
from bot.rehearsal import replay
from bot.rehearsal.town import city
from bot.services import access, answering, facts, moves, officials, portal, question_lists, views
from bot.services.base import CLOCK, Actor
from bot.settings import read_settings
from knowledge.calendar import SEOUL, seoul_day
from storage import crypto
from storage.repositories import peers, pulls, units
from storage.unit import Unit
from tests import shipped
from tests.fakes.clock import FrozenClock, unhurried
from tests.fakes.telegram import TOKEN, FakeTelegram, fake_telegram
from tests.fakes.telegram_people import Person
from tests.pictures import jpeg

MONDAY = datetime(2026, 11, 23, 10, 12, tzinfo=SEOUL)
SECRET = "kq7Zr2mXv9Lw4Tn8Yb3Hc6Jd1Fs5Gp0A"
NUMBER = re.compile(r"\b\d{4}-[0-9A-Z]{4}-[0-9A-Z]{2}\b")


@dataclass
class Heard:
    """One thing that was said, and what can be pressed on it."""

    text: str
    options: list[dict[str, Any]] = field(default_factory=list)
    raw: dict[str, Any] = field(default_factory=dict)


class Client(Protocol):
    """One citizen on one channel."""

    async def say(self, text: str) -> list[Heard]: ...
    async def press(self, label: str, heard: list[Heard]) -> list[Heard]: ...
    async def send(self, kind: str) -> list[Heard]: ...
    async def page(self, fields: dict[str, str], heard: list[Heard]) -> list[Heard]: ...
    async def news(self) -> list[Heard]: ...


@dataclass
class World:
    app: App
    clock: FrozenClock
    fake: FakeTelegram
    http: httpx2.AsyncClient
    people: dict[str, Actor]

    def do(self, work: Callable[[Unit], Any]) -> Any:
        return self.app.store.transact(work, None)

    def see(self, work: Callable[[Unit], Any]) -> Any:
        return self.app.store.read(work)

    async def deliver(self) -> None:
        """Do what is due and send everything."""
        await replay.live(self.app)
        assert self.app.telegram is not None
        await self.app.telegram.intake.settle()

    async def go(self, to: datetime) -> None:
        """Move the clock, living through every hour."""
        for at in replay.hours(self.clock(), to):
            self.clock.set(at)
            await self.deliver()

    async def jump(self, to: datetime) -> None:
        """Move the clock at one stroke, as after a long sleep."""
        self.clock.set(to)
        await self.deliver()

    async def move(self, who: str, action: str, number: str, fields: dict[str, str]) -> None:
        values = {name: self._value(value) for name, value in fields.items()}
        if action == "portal":
            self._portal(self.people[who], down=fields["down"] == "yes")
            return
        if action == "answer":
            self._write(self.people[who], values)
            await self.deliver()
            return
        if action == facts.REPLY:
            self._answer(self.people[who], values)
            await self.deliver()
            return
        self.do(
            lambda unit: moves.perform(
                self.app.svc, unit, self.people[who], number, None, action, values, confirmed=True
            )
        )
        await self.deliver()

    def _portal(self, actor: Actor, *, down: bool) -> None:
        """Turn the switch of 국민신문고, and let dialogs know at once."""
        self.do(lambda unit: portal.turn(self.app.svc, unit, actor, is_down=down))
        living: Any = self.app.receiver.parts.lookups
        living._until = float("-inf")

    def _write(self, actor: Actor, values: dict[str, str]) -> None:
        """Write an answer to the question that waits, or let out the one that was written."""
        svc = self.app.svc

        def work(unit: Unit) -> None:
            (group,) = question_lists.listed(svc, unit, actor)
            if "publish" in values:
                (one,) = [one for one in answering.listed(svc, unit, actor) if one.proposed]
                answering.publish(svc, unit, actor, one.answer.ref, one.version)
                return
            given = {"also": "", "category": "", "audience": "시민", "confidence": "확인"}
            made, wrong = answering.read({**given, "question": group.text, **values})
            assert wrong == {}
            answering.write(svc, unit, actor, made, 0, group.ids)

        self.do(work)
        answers: Any = svc.library.answers
        answers._known._take()

    def _answer(self, actor: Actor, values: dict[str, str]) -> None:
        """Answer the newest request of one's unit: all that a unit ever sees."""
        asked = self.see(lambda unit: facts.listed(unit, actor))[0]
        self.do(lambda unit: facts.reply(self.app.svc, unit, actor, asked.id, values))

    def status(self, number: str) -> views.Status:
        found: views.Status = self.see(
            lambda unit: views.by_number(self.app.svc, unit, CLOCK, number)
        )
        return found

    def _value(self, text: str) -> str:
        """Read `+5` as the day five days on."""
        if re.fullmatch(r"\+\d+", text):
            return (seoul_day(self.clock()) + timedelta(days=int(text))).isoformat()
        return text


class WebClient:
    """The public API; `pages` as the agency's own page uses it."""

    def __init__(self, world: World, *, pages: bool, lang: str = "ko") -> None:
        self._world = world
        self._pages = pages
        self._secret = ""
        self._after: int | None = None
        self.lang = lang

    async def say(self, text: str) -> list[Heard]:
        if text.startswith("/"):
            return await self._post(command=text[1:])
        return await self._post(text=text)

    async def press(self, label: str, heard: list[Heard]) -> list[Heard]:
        option = find(label, heard)
        if option["press"] is not None:
            return await self._post(press=option["press"])
        assert option["command"], f"[{label}] leads to {option['url']}"
        return await self._post(command=option["command"])

    async def send(self, kind: str) -> list[Heard]:
        name, data = FILES[kind]
        answer = await self._world.http.post(
            "/api/chat/files",
            headers=self._headers(),
            data={"id": secrets.token_hex(8), "lang": self.lang},
            files={"file": (name, data)},
        )
        assert answer.status_code == 200, answer.text
        return self._heard(answer.json())

    async def page(self, fields: dict[str, str], heard: list[Heard]) -> list[Heard]:
        page = next(one.raw for one in reversed(heard) if one.raw.get("kind") == "page")
        known = {ask["step"] for ask in page["fields"]}
        assert set(fields) <= known, known
        return await self._post(submit={"turn": page["turn"], "answers": fields})

    async def news(self) -> list[Heard]:
        """Read what came meanwhile, as the page's stream does."""
        address = address_of(self._secret)

        def look(unit: Unit) -> list[Any]:
            peer = peers.find(unit, "web", "web", address)
            assert peer is not None
            if self._after is None:
                self._after = pulls.arrived(unit, peer.id)
            return pulls.pull(unit, peer.id, self._after)

        rows = self._world.see(look)
        if rows:
            self._after = rows[-1].seq
        texts = self._world.app.svc.texts
        say = Say(texts, self.lang, self._world.app.settings.site.words())
        return [heard(dict(shape(load(row.payload), say))) for row in rows]

    async def _post(self, **what: Any) -> list[Heard]:
        body = {"id": secrets.token_hex(8), "lang": self.lang, "pages": self._pages, **what}
        answer = await self._world.http.post("/api/chat", headers=self._headers(), json=body)
        assert answer.status_code == 200, answer.text
        return self._heard(answer.json())

    def _heard(self, given: dict[str, Any]) -> list[Heard]:
        self._secret = given.get("conversation", self._secret)
        return [heard(reply) for reply in given["replies"]]

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._secret}"} if self._secret else {}


class TelegramClient:
    """A person at the strict fake; updates arrive at the webhook with the vendor's secret."""

    def __init__(self, world: World, lang: str = "ko") -> None:
        self._world = world
        self._person: Person = world.fake.person(5001, lang=lang)
        self._seen: set[int] = set()

    async def say(self, text: str) -> list[Heard]:
        return await self._arrive(self._person.says(text))

    async def press(self, label: str, heard: list[Heard]) -> list[Heard]:
        return await self._arrive(self._person.presses(find(label, heard)["label"]))

    async def send(self, kind: str) -> list[Heard]:
        name, data = FILES[kind]
        acts = {
            "사진": lambda: self._person.sends_photo(data),
            "음성": lambda: self._person.sends_voice(data),
            "스티커": self._person.sends_sticker,
            "파일": lambda: self._person.sends_document(data, name, "application/pdf"),
        }
        return await self._arrive(acts[kind]())

    async def page(self, fields: dict[str, str], heard: list[Heard]) -> list[Heard]:
        raise AssertionError("a messenger has no pages")

    async def news(self) -> list[Heard]:
        fresh = [shown for shown in self._person.heard if shown.id not in self._seen]
        self._seen |= {shown.id for shown in fresh}
        return [
            Heard(
                "\n".join([shown.text, *(f"[{label}]" for label in shown.labels)]),
                [{"label": key["text"], **key} for row in shown.keys for key in row],
            )
            for shown in fresh
        ]

    async def _arrive(self, update: dict[str, Any]) -> list[Heard]:
        answer = await self._world.http.post(
            PATH, json=update, headers={"X-Telegram-Bot-Api-Secret-Token": SECRET}
        )
        assert answer.status_code == 200, answer.text
        assert self._world.app.telegram is not None
        await self._world.app.telegram.intake.settle()
        await self._world.app.worker.settled()
        await self._world.deliver()
        return await self.news()


FILES: dict[str, tuple[str, bytes]] = {
    "사진": ("photo.jpg", jpeg()),
    "음성": ("voice.ogg", b"OggS" + bytes(60)),
    "스티커": ("sticker.webp", b"RIFF\x00\x00\x00\x00WEBP"),
    "파일": ("answer.pdf", b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"),
}


def heard(reply: dict[str, Any]) -> Heard:
    """Write a reply of the API as a person reads it."""
    lines = [reply.get("error") or "", reply["text"], reply.get("hint") or ""]
    lines += [f"{item['label']}: {item['value']}" for item in reply["items"]]
    lines += [f"{card['title']}\n{card['text']}" for card in reply["cards"]]
    lines += [heard(ask).text for ask in reply["fields"]]
    if reply.get("sheet"):
        lines += [f"{block['label']}\n{block['text']}" for block in reply["sheet"]["blocks"]]
        lines.append(f"({reply['sheet']['name']})")
    if reply.get("receipt"):
        code = reply["receipt"]["code"]
        lines += [f"확인 코드 {code}"] if code else []
    lines += [f"[{option['label']}]" for option in reply["options"]]
    return Heard("\n".join(line for line in lines if line), list(reply["options"]), reply)


def find(label: str, heard: list[Heard]) -> dict[str, Any]:
    """Find a button on the newest thing that has it; a clear part of its label is enough."""
    for one in reversed(heard):
        exact = [option for option in one.options if option["label"] == label]
        near = [option for option in one.options if label in option["label"]]
        if exact or near:
            return (exact or near)[0]
    offered = [option["label"] for one in heard for option in one.options]
    raise AssertionError(f"no [{label}]: {offered}")


@asynccontextmanager
async def world(
    folder: Path, database: str = "", more: Mapping[str, str] | None = None
) -> AsyncIterator[World]:
    """Open the city on an empty database (SQLite in `folder` unless one is named).

    `more` are settings beside those that every conversation has.
    """
    keys = folder / "keys"
    crypto.add_key(keys)
    if not database:
        shipped.new_file(folder / "data")
    clock = FrozenClock(MONDAY)
    async with fake_telegram() as fake:
        settings = read_settings(
            {
                "JEOKGEUK_KIND": "rehearsal",
                "JEOKGEUK_DATA": str(folder / "data"),
                "JEOKGEUK_SITE": str(Path(rehearsal.__file__).with_name("site.toml")),
                "JEOKGEUK_KEY_FILE": str(keys),
                "JEOKGEUK_PUBLIC_URL": "http://127.0.0.1:8080",
                "DATABASE_URL": database,
                "TELEGRAM_TOKEN": TOKEN,
                "TELEGRAM_API_URL": fake.url,
                "TELEGRAM_WEBHOOK_SECRET": SECRET,
                **(more or {}),
            }
        )
        app = build(settings, now=clock, synchronous="NORMAL", least=0)
        unhurried(app.loads)
        assert app.telegram is not None
        app.telegram.channel.limits = replace(LIMITS, per_second=1e3, per_chat=1e3)
        transport = httpx2.ASGITransport(app=app.asgi(work=False))
        async with httpx2.AsyncClient(
            transport=transport, base_url="http://127.0.0.1:8080"
        ) as http:
            yield World(app, clock, fake, http, _people(app))
        await app.telegram.channel.close()
        app.close()


def _people(app: App) -> dict[str, Actor]:
    def build_city(unit: Unit) -> None:
        for one in city()["units"]:
            units.add(
                unit, one["code"], one["name"], valid_from=date(2026, 1, 1),
                aliases=one.get("aliases", ()), kind=one.get("kind", "unit"),
                email=one.get("email", ""),
            )  # fmt: skip
        for one in city()["users"]:
            access.add_user(
                app.svc, unit, None, login=one["login"], name=one["name"], unit_code=one["unit"],
                phone=one["phone"], email=one["email"], roles=one["roles"],
            )  # fmt: skip

    app.store.transact(build_city, None)
    return {
        who.login: Actor("official", who.id, who.name, who.unit_id, frozenset(who.roles))
        for who in app.store.read(officials.everybody)
    }
