"""The real stack behind the pages, on a small SQLite file: a city that one knows by heart."""

from datetime import date
from pathlib import Path

from bot.channel import Limits
from bot.handlers.chat.backing import StoreBacking
from bot.handlers.chat.parts import WebParts
from bot.handlers.door import Door
from bot.receive import Parts, Receiver
from bot.services import moves
from bot.services.base import Actor, Desk
from bot.services.library import Library
from bot.services.lookups import Lists
from bot.settings import read_site
from knowledge.calendar import WorkCalendar
from storage.crypto import KeyRing, RingKey
from storage.repositories import units, users
from storage.store import open_store
from storage.unit import Unit
from tests import shipped
from tests.web.fakes import Clock, randoms

SITE = Path("bot/rehearsal/site.toml")
LIMITS = {
    "web": Limits(4000, 10 * 2**20, 1000, 1000, push=False),
    "telegram": Limits(4096, 20 * 2**20, 30, 1, personal="offer"),
}


def guess(text: str) -> tuple[str, ...]:
    """Know the one intent that the tests need."""
    return ("report_passive",) if "고쳐" in text else ()


class City:
    """Store, services and receiver, and the parts of the pages."""

    def __init__(self, folder: Path, url: str = "https://talk.gaon.example", **changes) -> None:
        key = RingKey("test", bytes(range(32)))
        shipped.new_file(folder)
        self.store = open_store(
            "",
            kind="rehearsal",
            secrets=KeyRing([key]),
            data_dir=folder,
            synchronous="NORMAL",
            least=0,
        )
        self.people: dict[str, int] = {}
        self.clock = Clock()
        self.texts = shipped.texts()
        self.site = read_site(SITE)
        book = shipped.book()
        random = randoms()
        self.svc = Desk(
            self.texts, book.procedures, book, self.site, lambda _unit: WorkCalendar(),
            self.clock, random, url, f"{url}/desk", library=Library(self.store),
        )  # fmt: skip
        self.store.transact(self._found, "city")
        lookups = self.store.read(lambda unit: Lists.load(unit, self.clock()))
        self.receiver = Receiver(
            Parts(
                svc=self.svc, book=book, limits=LIMITS, site=self.site.words(),
                lookups=lookups, guess=guess,
            ),
            self.store,
        )  # fmt: skip
        self.back = StoreBacking(self.store, self.svc)
        values = {
            "talk": Door(self.receiver, parallel=self.store.parallel), "back": self.back, "texts": self.texts,
            "site": self.site.words(), "menu": (("report", "passive_report.menu"),), "url": url, "now": self.clock, "random": random,
        }  # fmt: skip
        self.parts = WebParts(**(values | changes))

    def _found(self, unit: Unit) -> None:
        day = date(2020, 1, 1)
        units.add(unit, "road", "도로과", valid_from=day, aliases=("도로", "길"))
        audit = units.add(unit, "audit", "감사담당관", valid_from=day, kind="audit")
        for login, role in (("kim", "intake"), ("park", "auditor")):
            made = users.add(
                unit, login, f"{login}감사", self.clock(), unit_id=audit, phone="02-1234-0100",
                email=f"{login}@gaon.example",
            )  # fmt: skip
            users.grant(unit, made, role, self.clock())
            self.people[login] = made

    def office(self, login: str, number: str, action: str, /, **fields) -> None:
        """Let an official make a move."""
        role = {"kim": "intake", "park": "auditor"}[login]
        actor = Actor("official", self.people[login], login, 2, frozenset({role}))
        self.store.transact(
            lambda unit: moves.perform(self.svc, unit, actor, number, None, action, fields), None
        )

    def close(self) -> None:
        self.store.close()
