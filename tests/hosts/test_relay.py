"""Two installations in two networks without a way between: only a third hand carries files."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest

from bot.services import officials
from storage import crossing
from storage.crypto import KeyRing, new_key_text
from storage.key_files import add
from storage.repositories import filings, sessions
from storage.store import Store, open_store
from tests.desk.conftest import Seat
from tests.hosts import waiting
from tests.hosts.netns import Host, alone
from tests.services.conftest import SITE, settle_city
from tests.services.test_report_story import RESULT
from tests.walls.test_processes import DESK, TALK, Citizen, Wire, a_clockwork

PUBLIC_PORT, DESK_PORT = 8080, 8081
LIMIT = 240.0  # seconds; each way waits for a tick of half a minute
WORDS = "시장 정문 앞 횡단보도입니다."


@dataclass
class Place:
    """One network: its host, its folders, the process that serves there."""

    name: str
    host: Host
    folder: Path
    env: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[Any] | None = None

    def run(self, *words: str) -> str:
        done = self.host.run(
            [sys.executable, "-m", "bot.cli", *words], check=False, env=self.env,
            capture_output=True, text=True,
        )  # fmt: skip
        return f"{done.stdout}{done.stderr}"

    def start(self) -> None:
        with (self.folder / "said.log").open("ab") as said:
            command = [sys.executable, "-m", "bot.cli", "serve"]
            self.process = self.host.popen(command, env=self.env, stdout=said, stderr=said)
        until(lambda: self.listens(PUBLIC_PORT), self)

    def kill(self) -> None:
        """Let it die without a word, wherever it is."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def listens(self, port: int) -> bool:
        return self.host.inside(lambda: reaches(port))

    def store(self) -> Store:
        ring = KeyRing.from_file(self.folder / "keys" / "ring", self.folder / "data")
        return open_store("", kind="service", secrets=ring, data_dir=self.folder / "data", least=0)

    def said(self) -> str:
        return (self.folder / "said.log").read_text(errors="replace")[-3000:]


def reaches(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 0.5).close()
    except OSError:
        return False
    return True


def until(reached: Callable[[], Any], *places: Place) -> None:
    """Wait for what comes by itself; what the processes said, where it does not."""
    assert waiting.until(reached, LIMIT), "\n".join(f"{one.name}: {one.said()}" for one in places)


def installed(name: str, host: Host, folder: Path) -> Place:
    """Make what an administrator makes: folders, keys, settings."""
    for one in ("keys", "data", "out", "in"):
        (folder / one).mkdir(mode=0o700, parents=True)
    add(folder / "keys" / "ring", new_key_text())
    crossing.new_own(folder / "keys" / "relay")
    env = {
        **{one: os.environ[one] for one in ("PATH", "PYTHONPATH", "HOME") if one in os.environ},
        "JEOKGEUK_KIND": "service",
        "JEOKGEUK_DATA": str(folder / "data"),
        "JEOKGEUK_SITE": str(SITE.resolve()),
        "JEOKGEUK_PUBLIC_URL": TALK,
        "JEOKGEUK_DESK_URL": f"{DESK}/desk",
        "JEOKGEUK_KEY_FILE": str(folder / "keys" / "ring"),
        "JEOKGEUK_PORT": str(PUBLIC_PORT),
        "JEOKGEUK_DESK_PORT": str(DESK_PORT),
        "JEOKGEUK_LOG": "warning",
        "MAIL_FROM": "noreply@gaon.example",
        "JEOKGEUK_RELAY": name,
        "JEOKGEUK_RELAY_OUT": str(folder / "out"),
        "JEOKGEUK_RELAY_IN": str(folder / "in"),
        "JEOKGEUK_RELAY_KEY_FILE": str(folder / "keys" / "relay"),
    }
    return Place(name, host, folder, env)


@pytest.fixture
def places(tmp_path: Path) -> Iterator[tuple[Place, Place]]:
    with alone("outside") as one, alone("inside") as other:
        outside = installed("outside", one, tmp_path / "outside")
        inside = installed("inside", other, tmp_path / "inside")
        for here, there in ((outside, inside), (inside, outside)):
            public = crossing.read_own(there.folder / "keys" / "relay").public
            here.env["JEOKGEUK_RELAY_PEER"] = str(public)
        yield outside, inside
        for place in (outside, inside):
            if place.process is not None:
                place.kill()


@dataclass
class Hand:
    """Whoever carries: takes from one folder, lays into the other. `held` is what it kept back."""

    outside: Place
    inside: Place
    carried: list[str] = field(default_factory=list)
    loses: set[str] = field(default_factory=set)
    kept: dict[str, bytes] = field(default_factory=dict)

    def carry(self) -> None:
        for one, other in ((self.outside, self.inside), (self.inside, self.outside)):
            for path in sorted((one.folder / "out").glob("*.jtr")):
                self.kept[path.name] = path.read_bytes()
                if path.name in self.loses:
                    self.loses.discard(path.name)
                    path.unlink()
                    continue
                self.carried.append(path.name)
                shutil.move(path, other.folder / "in" / path.name)

    def until(self, reached: Callable[[], Any]) -> None:
        """Go to and fro until something is so."""

        def look() -> Any:
            self.carry()
            return reached()

        until(look, self.outside, self.inside)


def seat(place: Place, store: Store, login: str) -> Seat:
    client: Any = httpx2.Client(
        base_url=DESK, transport=Wire(DESK_PORT), timeout=60.0, follow_redirects=True
    )
    secret, now = uuid.uuid4().hex, datetime.now(UTC)

    def sign_in(unit: Any) -> None:
        user = next(one for one in officials.everybody(unit) if one.login == login)
        sessions.open_(unit, secret, user.id, now, now + timedelta(hours=8))

    store.transact(sign_in, None)
    client.cookies.set("__Host-desk", secret, domain="desk.gaon.example")
    return Seat(client, None, login)  # type: ignore[arg-type]


def state(store: Store, number: str) -> str:
    found = store.read(lambda unit: filings.by_number(unit, number))
    return found.state if found is not None else ""


def test_the_main_job_over_two_networks_without_a_way(places: tuple[Place, Place]) -> None:
    outside, inside = places
    stores = [one.store() for one in places]
    try:
        for store in stores:
            store.transact(lambda unit: settle_city(a_clockwork(), unit), None)
        begun = time.monotonic()
        _live(outside, inside, *stores)
        print(
            f"\n두 망의 한 바퀴: {time.monotonic() - begun:.0f}초, 부하 {os.getloadavg()[0]:.1f}"
        )
    finally:
        for store in stores:
            store.close()


def _live(outside: Place, inside: Place, outer: Store, inner: Store) -> None:
    hand = Hand(outside, inside)
    outside.start()
    # There is no way: the inside's own address and the outside's are the same, and nobody's.
    assert not inside.listens(PUBLIC_PORT)
    inside.start()
    citizen = Citizen(PUBLIC_PORT)
    number = outside.host.inside(citizen.reports)
    hand.loses.add("in-0000000001.jtr")  # the first file gets lost on its way
    hand.until(lambda: "in-0000000001.jtr" in hand.kept)
    assert state(inner, number) == ""
    assert "jeokgeuk relay export --again 1" in outside.run("relay", "status")
    assert "똑같이" in outside.run("relay", "export", "--again", "1")
    again = (outside.folder / "out" / "in-0000000001.jtr").read_bytes()
    assert again == hand.kept["in-0000000001.jtr"]
    (inside.folder / "in" / "in-0000000009.jtr").write_bytes(b"x" * 400)  # somebody's idea
    hand.until(lambda: state(inner, number))
    _worked(inside, inner, number)
    hand.until(lambda: state(outer, number) == "supplement")
    outside.host.inside(lambda: _replies(citizen, number))
    inside.kill()  # in the midst of whatever it does
    inside.start()
    hand.until(lambda: state(inner, number) == "investigating")
    (inside.folder / "in" / "in-0000000001.jtr").write_bytes(again)  # carried twice
    _answered(inside, inner, number)
    hand.until(lambda: state(outer, number) == "following")
    heard = outside.host.inside(lambda: citizen.hears("소극행정이 있었다고"))
    assert "구간을 다시 포장합니다" in heard
    until(lambda: not list((inside.folder / "in").glob("in-0000000001*")), inside)
    status = inside.run("relay", "status")
    assert "in-0000000009.jtr" in status
    assert "빠진 번호" not in status
    citizen.leaves()


def _worked(inside: Place, store: Store, number: str) -> None:
    """Let the officials take it up and ask for more, at the desk of the inside."""

    def work() -> None:
        kim, park = seat(inside, store, "kim"), seat(inside, store, "park")
        kim.open(number)
        if kim.status(f"/filings/{number}/moves/receive") == 200:  # outside office hours
            assert kim.move(number, "receive").status_code == 303
        ids = {one.login: one.id for one in store.read(officials.everybody)}
        handler = str(ids["park"])
        assert kim.move(number, "assign", handler=handler, unit="road").status_code == 303
        assert park.move(number, "start").status_code == 303
        asked = {"items": "고장 난 곳의 사진", "why": "어디인지 알려고요.", "days": "7"}
        assert park.move(number, "ask_supplement", **asked).status_code == 303
        for one in (kim, park):
            one.client.close()

    inside.host.inside(work)


def _answered(inside: Place, store: Store, number: str) -> None:
    today = datetime.now(UTC).date()
    due = (today + timedelta(days=20)).isoformat()
    result = {**RESULT, "action_due": due}

    def work() -> None:
        park = seat(inside, store, "park")
        assert WORDS in park.open(number).text
        assert park.move(number, "to_approval", **result).status_code == 303
        approved = {"doc_no": "감사담당관-1234", "approved_on": today.isoformat()}
        approved |= {"approver": "최과장(전결)", "no_names": "yes"}
        assert park.move(number, "result", **result, **approved).status_code == 303
        park.client.close()

    inside.host.inside(work)


def _replies(citizen: Citizen, number: str) -> None:
    citizen.does(command=f"move supplement_reply {number}")
    citizen.does(text=WORDS)
    for label in ("다 썼어요", "건너뛰기", "보내기"):
        offered = [one["label"] for heard in citizen.heard for one in heard.options]
        if any(label in one for one in offered):
            citizen.presses(label)
    assert "안쪽 망" in citizen.text, citizen.text
