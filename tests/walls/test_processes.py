"""The three parts as three processes on PostgreSQL, each with its own account and keys (S7)."""

import os
import re
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest

from bot.services import officials
from storage import roles
from storage.crypto import KeyRing, new_desk_text, new_key_text
from storage.key_files import add
from storage.models import outbox
from storage.repositories import sessions
from storage.store import Store, open_store
from tests.conftest import WALLED, named
from tests.conversations.world import find, heard
from tests.desk.conftest import Seat
from tests.services.conftest import SITE, WHAT, settle_city

TALK, DESK = "https://talk.gaon.example", "https://desk.gaon.example"
LIMIT = 60.0  # seconds; two cores may be busy


class Wire(httpx2.BaseTransport):
    """The proxy in front: the agency's host names lead to ports of this machine."""

    def __init__(self, port: int) -> None:
        self._port, self._inner = port, httpx2.HTTPTransport()

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        url = request.url.copy_with(scheme="http", host="127.0.0.1", port=self._port)
        sent = httpx2.Request(
            request.method, url, headers=request.headers, stream=request.stream,
            extensions=request.extensions,
        )  # fmt: skip
        return self._inner.handle_request(sent)

    def close(self) -> None:
        self._inner.close()


class Installation:
    """Folders, key files and settings of three parts."""

    def __init__(self, server: str, folder: Path) -> None:
        self.folder = folder
        self._server = server
        (folder / "keys").mkdir(mode=0o700)
        add(folder / "keys" / "ring", new_key_text())
        add(folder / "keys" / "desk", new_desk_text())
        self.public_port, self.desk_port = free_port(), free_port()
        self._running: list[subprocess.Popen[bytes]] = []

    def url(self, role: str) -> str:
        made = sa_url(named(self._server, WALLED)).set(username=role)
        return str(made.render_as_string(hide_password=False))

    def store(self) -> Store:
        """Open the database as `work` does: for what stands outside the parts."""
        ring = KeyRing.from_file(
            self.folder / "keys" / "ring", self.folder / "data", self.folder / "keys" / "desk"
        )
        return open_store(
            self.url(roles.WORK), kind="service", secrets=ring, data_dir=self.folder / "data",
            least=0, part="work",
        )  # fmt: skip

    def start(self, role: str, *words: str, desk_key: bool = True) -> subprocess.Popen[bytes]:
        env = {
            **{name: os.environ[name] for name in ("PATH", "PYTHONPATH", "HOME") if name in os.environ},
            "JEOKGEUK_KIND": "service",
            "JEOKGEUK_DATA": str(self.folder / "data"),
            "JEOKGEUK_SITE": str(SITE.resolve()),
            "JEOKGEUK_PUBLIC_URL": TALK,
            "JEOKGEUK_DESK_URL": f"{DESK}/desk",
            "JEOKGEUK_KEY_FILE": str(self.folder / "keys" / "ring"),
            "JEOKGEUK_PORT": str(self.public_port),
            "JEOKGEUK_DESK_PORT": str(self.desk_port),
            "JEOKGEUK_LOG": "warning",
            "MAIL_FROM": "noreply@gaon.example",
            "DATABASE_URL": self.url(role),
        }  # fmt: skip
        if desk_key:
            env["JEOKGEUK_DESK_KEY_FILE"] = str(self.folder / "keys" / "desk")
        with (self.folder / f"{role}.log").open("wb") as said:
            process = subprocess.Popen(
                [sys.executable, "-X", "importtime", "-m", "bot.cli", *words],
                env=env, stdout=said, stderr=said,
            )  # fmt: skip
        self._running.append(process)
        return process

    def log(self, role: str) -> str:
        return (self.folder / f"{role}.log").read_text(errors="replace")

    def until(self, reached: Callable[[], Any], process: subprocess.Popen[bytes]) -> Any:
        """Look again and again until something is there, or its process has died."""
        end = time.monotonic() + LIMIT
        while time.monotonic() < end:
            found = reached()
            if found:
                return found
            try:
                process.wait(0.05)
            except subprocess.TimeoutExpired:
                continue
            break
        raise AssertionError("\n".join(self.said(role) for role in roles.PART_ROLES.values()))

    def said(self, role: str) -> str:
        """Give what a process said, without what it imported."""
        lines = self.log(role).splitlines() if (self.folder / f"{role}.log").exists() else []
        return "\n".join([role, *(one for one in lines if not one.startswith("import time"))])

    def stop(self) -> None:
        for process in self._running:
            process.terminate()
        for process in self._running:
            process.wait(30)


def sa_url(text: str) -> Any:
    import sqlalchemy as sa  # noqa: PLC0415

    return sa.make_url(text)


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 0.2).close()
    except OSError:
        return False
    return True


def listeners_of(process: subprocess.Popen[bytes]) -> int:
    """Count the TCP sockets that a process listens on (proc(5))."""
    listening = set()
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/{process.pid}/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A":
                listening.add(f"socket:[{fields[9]}]")
    found = 0
    for link in Path(f"/proc/{process.pid}/fd").iterdir():
        found += str(link.readlink()) in listening
    return found


@pytest.fixture
def installed(
    walled: str, tmp_path: Path, emptied: Callable[[str], None]
) -> Iterator[Installation]:
    made = Installation(walled, tmp_path)
    yield made
    made.stop()
    emptied(named(walled, WALLED))


class Citizen:
    """Somebody on the agency's page, through the public API."""

    def __init__(self, port: int) -> None:
        self._http = httpx2.Client(base_url=TALK, transport=Wire(port), timeout=LIMIT)
        self._secret = ""
        self.heard: list[Any] = []

    def does(self, **what: Any) -> None:
        body = {"id": uuid.uuid4().hex[:16], "lang": "ko", "pages": False, **what}
        headers = {"Authorization": f"Bearer {self._secret}"} if self._secret else {}
        answer = self._http.post("/api/chat", headers=headers, json=body)
        assert answer.status_code == 200, answer.text
        given = answer.json()
        self._secret = given.get("conversation", self._secret)
        self.heard = [heard(reply) for reply in given["replies"]]

    def presses(self, label: str) -> None:
        option = find(label, self.heard)
        if option["press"] is not None:
            self.does(press=option["press"])
        else:
            self.does(command=option["command"])

    def hears(self, word: str) -> str:
        """Listen to what comes by itself until a word of it is there."""
        headers = {"Authorization": f"Bearer {self._secret}", "Last-Event-ID": "0"}
        with self._http.stream("GET", "/api/chat/events", headers=headers) as stream:
            assert stream.status_code == 200
            return next(line for line in stream.iter_lines() if word in line)

    def leaves(self) -> None:
        self._http.close()

    @property
    def text(self) -> str:
        return "\n".join(one.text for one in self.heard)

    def reports(self) -> str:
        """Write a whole report; gives its number."""
        self.does(command="report")
        self.presses("답을 들었는데")
        self.presses("없어요")
        self.does(text=WHAT)
        self.presses("다 썼어요")
        self.does(text="길을 고치고 왜 미뤘는지 알고 싶어요.")
        self.presses("맞아요" if "맞아요" in self.text else "모르겠어요")
        self.presses("없어요")
        self.presses("이름을 밝히고")
        self.does(text="홍길동")
        self.does(text="가온시 중앙로 12")
        self.presses("전자우편")
        self.does(text="hong@example.com")
        self.presses("먼저 저에게")
        self.presses("안내를 보았고")
        return next(one.raw["receipt"]["number"] for one in self.heard if one.raw.get("receipt"))


def seat(installed: Installation, store: Store, login: str) -> Seat:
    """Sit down at the desk, signed in."""
    client: Any = httpx2.Client(
        base_url=DESK, transport=Wire(installed.desk_port), timeout=LIMIT, follow_redirects=True
    )
    secret, now = uuid.uuid4().hex, datetime.now(UTC)

    def sign_in(unit: Any) -> None:
        user = next(one for one in officials.everybody(unit) if one.login == login)
        sessions.open_(unit, secret, user.id, now, now + timedelta(hours=8))

    store.transact(sign_in, None)
    client.cookies.set("__Host-desk", secret, domain="desk.gaon.example")
    return Seat(client, None, login)  # type: ignore[arg-type]


def test_three_processes_do_together_what_one_does(installed: Installation) -> None:
    at_desk = installed.start(roles.DESK, "serve", "--parts", "desk")
    installed.until(lambda: listens(installed.desk_port), at_desk)
    public = installed.start(roles.PUBLIC, "serve", "--parts", "public,hooks", desk_key=False)
    store = installed.store()
    try:
        _live(installed, store, at_desk, public)
    finally:
        store.close()


def _live(
    installed: Installation,
    store: Store,
    at_desk: subprocess.Popen[bytes],
    public: subprocess.Popen[bytes],
) -> None:
    store.transact(lambda unit: settle_city(a_clockwork(), unit), None)
    installed.until(lambda: listens(installed.public_port), public)

    citizen = Citizen(installed.public_port)
    number = citizen.reports()
    work = installed.start(roles.WORK, "work")
    mail = installed.folder / "data" / "mail"
    installed.until(lambda: notices(store) == 1, work)  # the receipt; work knows the address

    kim = seat(installed, store, "kim")
    assert number in kim.get("/filings").text
    kim.open(number)
    if kim.status(f"/filings/{number}/moves/receive") == 200:  # outside office hours
        assert kim.move(number, "receive").status_code == 303
    ids = {one.login: one.id for one in store.read(officials.everybody)}
    handler = str(ids["park"])
    assert kim.move(number, "assign", handler=handler, unit="road").status_code == 303
    park = seat(installed, store, "park")
    assert park.move(number, "start").status_code == 303
    assert notices(store) > 1
    installed.until(lambda: list(mail.glob("*.eml")), work)  # to an official: at any hour
    assert "박감사" in citizen.hears("박감사")

    assert listeners_of(work) == 0
    assert listeners_of(public) == listeners_of(at_desk) == 1
    assert "bot.handlers.desk" not in re.findall(
        r"\| +(\S+)$", installed.log(roles.PUBLIC), re.MULTILINE
    )
    assert "bot.handlers.desk" in re.findall(
        r"\| +(\S+)$", installed.log(roles.DESK), re.MULTILINE
    )
    # The desk is not at the citizens' host, nor the citizens' pages at the desk's.
    with httpx2.Client(base_url=TALK, transport=Wire(installed.public_port)) as outside:
        assert outside.get("/desk").status_code == 404
    with httpx2.Client(base_url=DESK, transport=Wire(installed.desk_port)) as inside:
        assert inside.post("/api/chat", json={}).status_code in {404, 405}
    citizen.leaves()
    kim.client.close()
    park.client.close()


def notices(store: Store) -> int:
    """Count the letters to the citizen that wait or went: he is not disturbed at night."""
    found = outbox.select().where(outbox.c.channel == "mail", outbox.c.kind == "notice")
    return len(store.read(lambda unit: unit.conn.execute(found).all()))


def a_clockwork() -> Any:
    class Now:
        @staticmethod
        def now() -> datetime:
            return datetime.now(UTC)

    return Now()
