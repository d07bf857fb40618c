"""Two installations with databases of their own, and a hand that carries files between them."""

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from bot import catalogue
from bot.locale import Texts
from bot.services import relay as names
from bot.services.base import Desk
from bot.services.relay_ledger import Ends
from bot.settings import Site
from bot.worker.relaying import Link, Relay
from storage import crossing
from storage.crypto import KeyRing, new_key_text
from storage.store import Store
from tests import shipped
from tests.conftest import Database
from tests.fakes.clock import FrozenClock
from tests.services.conftest import Office, at, calendar, catalog, clock, settle, site, texts

MOST = 256 * 1024


def keys(folder: Path, name: str) -> crossing.Own:
    path = folder / f"{name}.key"
    crossing.new_own(path)
    return crossing.read_own(path)


@dataclass
class Side(Office):
    """One of the two: its office, its relay, its folders."""

    relay: Relay = field(default=None)  # type: ignore[assignment]

    @property
    def link(self) -> Link:
        return self.relay.link

    def step(self) -> int:
        return self.relay.step()

    def out(self) -> list[Path]:
        return sorted(self.link.out.glob("*.jtr"))


@dataclass
class Pair:
    """`carry` is the third hand: it moves what lies in one folder into the other."""

    outside: Side
    inside: Side
    clock: FrozenClock

    def carry(self) -> int:
        both = (self.outside, self.inside)
        return sum(self.move(one, other) for one, other in (both, both[::-1]))

    def move(self, one: Side, other: Side) -> int:
        files = one.out()
        for path in files:
            shutil.move(path, other.link.come / path.name)
        return len(files)

    def settle(self) -> None:
        """Go on until nothing moves any more."""
        for _ in range(20):
            moved = self.outside.step() + self.inside.step() + self.carry()
            if not moved:
                return
        raise AssertionError("they never come to rest")


Make = Callable[..., Side]


@pytest.fixture
def make(
    tmp_path: Path, site: Site, texts: Texts, catalog: catalogue.Book, clock: FrozenClock
) -> Make:
    folder = tmp_path / "road"
    folder.mkdir()
    own = {name: keys(folder, name) for name in (names.OUTSIDE, names.INSIDE)}

    def made(store: Store, side: str, **changes: Any) -> Side:
        other = names.INSIDE if side == names.OUTSIDE else names.OUTSIDE
        svc = Desk(
            texts=texts, procedures=catalog.procedures, catalogue=catalog,
            site=site, calendar=calendar, now=clock, random=os.urandom,
            public_url="https://talk.gaon.example", desk_url="https://desk.gaon.example",
            relay=side,  # type: ignore[arg-type]
        )  # fmt: skip
        folders = [folder / f"{side}-{what}" for what in ("out", "come", "aside")]
        for one in folders:
            one.mkdir(exist_ok=True)
        writes = "in" if side == names.OUTSIDE else "out"
        ends = Ends(own[side], own[other].public, writes, changes.get("most", MOST))
        link = Link(ends, *folders)
        here = Side(store, clock, svc, texts, relay=Relay(store, svc, link, side, still=0.0))
        settle(here)
        return here

    return made


@pytest.fixture
def second(tmp_path: Path) -> Iterator[Store]:
    """Open a database of the other installation, with keys of its own."""
    folder = tmp_path / "second"
    folder.mkdir()
    ring = KeyRing.from_text("keys", new_key_text())
    opened = Database(f"sqlite:///{shipped.new_file(folder)}", folder, ring).open()
    yield opened
    opened.close()


@pytest.fixture
def pair(store: Store, second: Store, make: Make, clock: FrozenClock) -> Pair:
    """Outside on either database, inside on SQLite."""
    return Pair(make(store, names.OUTSIDE), make(second, names.INSIDE), clock)


@pytest.fixture
def road(
    second: Store, tmp_path: Path, ring: KeyRing, make: Make, clock: FrozenClock
) -> Iterator[Pair]:
    """Both sides on SQLite: what the road does is the same on either."""
    folder = tmp_path / "first"
    folder.mkdir()
    first = Database(f"sqlite:///{shipped.new_file(folder)}", folder, ring).open()
    yield Pair(make(first, names.OUTSIDE), make(second, names.INSIDE), clock)
    first.close()


@pytest.fixture
def turned(store: Store, second: Store, make: Make, clock: FrozenClock) -> Pair:
    """Inside on either database, outside on SQLite."""
    return Pair(make(second, names.OUTSIDE), make(store, names.INSIDE), clock)


__all__ = ["Pair", "Side", "at", "catalog", "clock", "site", "texts"]
