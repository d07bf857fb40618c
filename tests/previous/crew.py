"""The real processes of two releases on one database, and people who talk with whichever."""

import os
import random
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import httpx2

from bot.services import officials
from storage.crypto import KeyRing, new_desk_text, new_key_text
from storage.key_files import add
from storage.repositories import sessions
from storage.store import Store, open_store
from tests.conversations.world import find, heard
from tests.desk.conftest import Seat
from tests.needs import ROOT
from tests.programs import free_port, until
from tests.services.conftest import SITE, WHAT

TALK, DESK = "https://talk.gaon.example", "https://desk.gaon.example"
LIMIT = 60.0  # seconds; two cores may be busy


@dataclass
class Member:
    """One process; a release is a folder with its code."""

    code: Path
    words: tuple[str, ...]
    port: int
    said: Path
    process: subprocess.Popen[bytes]
    ready: bool = False

    @property
    def serves(self) -> bool:
        return self.words[0] == "serve"

    def answers(self) -> bool:
        """Tell whether it has begun to answer; raises AssertionError where it has ended."""
        assert self.process.poll() is None, self.said.read_text(errors="replace")[-3000:]
        if not self.ready:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
            except OSError:
                return False
            self.ready = True
        return self.ready


@dataclass
class Crew:
    """Processes of several releases with one database and one folder."""

    url: str
    folder: Path
    chance: random.Random
    members: list[Member] = field(default_factory=list)
    http: httpx2.Client = field(default_factory=partial(httpx2.Client, timeout=LIMIT))
    lost: int = 0  # requests that met a process that was not there, or was too busy

    def __post_init__(self) -> None:
        (self.folder / "keys").mkdir(mode=0o700)
        add(self.folder / "keys" / "ring", new_key_text())
        add(self.folder / "keys" / "desk", new_desk_text())

    def store(self) -> Store:
        """Open the database with the code at hand."""
        ring = KeyRing.from_file(
            self.folder / "keys" / "ring", self.folder / "data", self.folder / "keys" / "desk"
        )
        return open_store(
            self.url, kind="service", secrets=ring, data_dir=self.folder / "data", least=0
        )

    def start(self, code: Path, *words: str) -> Member:
        port = free_port()
        env = {
            **{name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ},
            "PYTHONPATH": str(code),
            "JEOKGEUK_KIND": "service",
            "JEOKGEUK_DATA": str(self.folder / "data"),
            "JEOKGEUK_SITE": str((code / SITE).resolve()),
            "JEOKGEUK_PUBLIC_URL": TALK,
            "JEOKGEUK_DESK_URL": f"{DESK}/desk",
            "JEOKGEUK_KEY_FILE": str(self.folder / "keys" / "ring"),
            "JEOKGEUK_DESK_KEY_FILE": str(self.folder / "keys" / "desk"),
            "JEOKGEUK_PORT" if words[0] == "serve" else "JEOKGEUK_WORK_PORT": str(port),
            "JEOKGEUK_LOG": "warning",
            "MAIL_FROM": "noreply@gaon.example",
            "DATABASE_URL": self.url,
        }
        said = self.folder / f"{len(list(self.folder.glob('*.log')))}-{words[0]}.log"
        with said.open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "bot.cli", *words],
                env=env, cwd=code, stdout=log, stderr=log,
            )  # fmt: skip
        member = Member(code, words, port, said, process)
        self.members.append(member)
        return member

    def all_there(self) -> None:
        """Wait until every process answers; one that has ended is a failure."""
        for member in self.members:
            until(member.answers)

    def anybody(self) -> Member:
        """Choose whom to end: a process that is there, while another one goes on serving."""
        there = [one for one in self.members if one.answers()]
        serving = sum(one.serves for one in there)
        return self.chance.choice([one for one in there if not one.serves or serving > 1])

    def restart(self, member: Member) -> Member:
        """End a process, politely or not, and start another one in its place."""
        hard = self.chance.random() < 0.5
        member.process.send_signal(signal.SIGKILL if hard else signal.SIGTERM)
        ended = member.process.wait(LIMIT)
        assert hard or ended == 0, self.log()[-5000:]
        self.members.remove(member)
        return self.start(member.code, *member.words)

    def somebody(self) -> Member:
        """Choose who answers next, as a load balancer would: of those that are there."""
        there = [one for one in self.members if one.serves and one.answers()]
        return self.chance.choice(there)

    def ask(self, request: httpx2.Request) -> httpx2.Response:
        """Ask one of them; whoever is not there, or too busy for the moment, is asked no more."""
        end = time.monotonic() + LIMIT
        while True:
            member = self.somebody()
            url = request.url.copy_with(scheme="http", host="127.0.0.1", port=member.port)
            sent = httpx2.Request(
                request.method, url, headers=request.headers, content=request.read(),
                extensions=request.extensions,
            )  # fmt: skip
            try:
                answer = self.http.send(sent)
            except httpx2.TransportError:
                pass
            else:
                assert answer.status_code != 500, f"{member.code}: {answer.text[:500]}"
                if answer.status_code != 503:
                    return answer
            self.lost += 1
            assert time.monotonic() < end, self.log()[-5000:]

    def log(self) -> str:
        return "\n".join(one.read_text(errors="replace") for one in self.folder.glob("*.log"))

    def close(self) -> None:
        self.stop()
        self.http.close()

    def stop(self) -> None:
        """End all that run."""
        while self.members:
            member = self.members.pop()
            member.process.kill()
            member.process.wait(LIMIT)


class Balancer(httpx2.BaseTransport):
    """The load balancer before them: every request meets another process."""

    def __init__(self, crew: Crew) -> None:
        self._crew = crew

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        answer = self._crew.ask(request)
        headers = [(k, v) for k, v in answer.headers.multi_items() if k != "content-encoding"]
        return httpx2.Response(answer.status_code, headers=headers, content=answer.content)


class Citizen:
    """Somebody on the agency's page; a report as a list of steps, one request each."""

    def __init__(self, crew: Crew) -> None:
        self._http = httpx2.Client(base_url=TALK, transport=Balancer(crew))
        self._secret = ""
        self.heard: list[Any] = []
        self.number = ""

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

    @property
    def text(self) -> str:
        return "\n".join(one.text for one in self.heard)

    def steps(self) -> list[Callable[[], None]]:
        """Give the steps of a whole report; after the last one there is a number."""
        return [
            lambda: self.does(command="report"),
            lambda: self.presses("답을 들었는데"),
            lambda: self.presses("없어요"),
            lambda: self.does(text=WHAT),
            lambda: self.presses("다 썼어요"),
            lambda: self.does(text="길을 고치고 왜 미뤘는지 알고 싶어요."),
            lambda: self.presses("맞아요" if "맞아요" in self.text else "모르겠어요"),
            lambda: self.presses("없어요"),
            lambda: self.presses("이름을 밝히고"),
            lambda: self.does(text="홍길동"),
            lambda: self.does(text="가온시 중앙로 12"),
            lambda: self.presses("전자우편"),
            lambda: self.does(text="hong@example.com"),
            lambda: self.presses("먼저 저에게"),
            self.files,
        ]

    def files(self) -> None:
        self.presses("안내를 보았고")
        self.number = next(
            one.raw["receipt"]["number"] for one in self.heard if one.raw.get("receipt")
        )


def seat(crew: Crew, store: Store, login: str) -> Seat:
    """Sit down at the desk, signed in; every click may meet another process."""
    client: Any = httpx2.Client(base_url=DESK, transport=Balancer(crew), follow_redirects=True)
    secret, now = uuid.uuid4().hex, datetime.now(UTC)

    def sign_in(unit: Any) -> None:
        user = next(one for one in officials.everybody(unit) if one.login == login)
        sessions.open_(unit, secret, user.id, now, now + timedelta(hours=8))

    store.transact(sign_in, None)
    client.cookies.set("__Host-desk", secret, domain="desk.gaon.example")
    return Seat(client, None, login)  # type: ignore[arg-type]


HEAD = ROOT
"""The code at hand is a release as well: the one that comes."""
