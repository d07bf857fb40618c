"""Marked words through every road: found where they belong, sealed, and nowhere else (S37, S5, S36).

Whatever a person tells us, and every secret of the installation, carries a mark of its own. After
a whole life on the page, the API and Telegram, with mistakes of every kind, the marks are looked
for in everything that is not meant to hold them.
"""

import email
import io
import json
import logging
import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2
import pyrage
import pytest
import sqlalchemy as sa

from bot.documents import bundle
from bot.handlers.telegram_webhook import PATH
from bot.services import bundles, sight
from bot.services.base import CLOCK
from storage import backup, models
from storage.engine import file_of, parse_url
from storage.repositories import erasing, sessions
from tests import logged
from tests.conversations.test_conversations import Run
from tests.conversations.transcript import read
from tests.conversations.world import SECRET, TelegramClient, WebClient, World, world
from tests.fakes.telegram import TOKEN

PAIR = pyrage.x25519.Identity.generate()
NAME, ADDRESS, MAIL = "표식갑순", "표식로 77", "pyosik.7391@example.com"
TOLD, WISH, MORE, TYPED = "하늘다람쥐표식", "고래표식", "두루미표식", "딱따구리표식"
LOGIN, ASKED, NOTED = "marked.login", "수달표식", "너구리표식"
PASSWORD = "멧돼지표식 긴 암호 한 줄"
MARKS = (NAME, ADDRESS, MAIL, TOLD, WISH, MORE, TYPED, LOGIN, ASKED, NOTED, PASSWORD)
SECRETS = (TOKEN, TOKEN.partition(":")[2], SECRET)

LIFE = f"""# 표식이 든 신고

{{telegram}} > /start
{{telegram}} [텔레그램에서 쓰기]
{{telegram}} [만 14세 이상이고 동의해요]
> {TYPED} 이게 뭔가요
> /report
> {TYPED}
[네, 기한이 지나도 답이 없어요]
[없어요]
> {TOLD} 때문에 10월 5일부터 중앙로 12 앞이 위험해요. 세 번 전화했어요.
[다 썼어요]
> {WISH}
[모르겠어요]
[없어요]
[이름을 밝히고 답 받기]
{{telegram}} [여기서 적기]
{{web}} = name: {NAME} | address: {ADDRESS} | reply_by: email | email: {MAIL} | share: ask_first
{{api,telegram}} > {NAME}
{{api,telegram}} > {ADDRESS}
{{api,telegram}} [전자우편]
{{api,telegram}} > {TYPED}@@
{{api,telegram}} > {MAIL}
{{api,telegram}} [먼저 저에게 물어보기]
[안내를 보았고 이대로 내기]
< 접수번호
@han assign handler=한서윤 | unit=도로과
@han start
@han ask_supplement items={ASKED} | why=어디인지 확인하려고 합니다. | days=7
[지금 보내기]
> {MORE}
(사진)
[다 썼어요]
@han note text={NOTED}
> /my
{{telegram}} > /{TYPED}
"""


@dataclass
class Seen:
    """All that left us without being meant for the person it is about."""

    logs: str = ""
    answers: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    headers: list[str] = field(default_factory=list)
    numbers: list[str] = field(default_factory=list)


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    with logged.lines(SECRETS, level="debug") as stream:
        for ours in ("httpx2", "httpcore2"):  # the test's own client: it writes down where it goes
            logging.getLogger(ours).setLevel(logging.WARNING)
        yield stream


async def lived(there: World, folder: Path) -> list[str]:
    """Live the same life on three roads; gives the numbers."""
    path = folder / "marked.md"
    path.write_text(LIFE, encoding="utf-8")
    numbers = []
    for channel in ("web", "api", "telegram"):
        client: Any = (
            TelegramClient(there)
            if channel == "telegram"
            else WebClient(there, pages=channel == "web")
        )
        run = Run(there, client, channel)
        for line in read(path).lines:
            await run.step(line)
            there.clock.set(there.clock() + timedelta(seconds=2))  # nobody types as fast as a test
        numbers.append(run.number)
        there.http.cookies.clear()
    return numbers


async def mistaken(there: World, number: str) -> list[str]:
    """Do everything wrongly; gives the answers, which must not repeat what was sent."""
    http, said = there.http, []
    telegram = {"X-Telegram-Bot-Api-Secret-Token": SECRET}
    for answer in [
        await http.post("/api/chat", content=f'{{"id": "{TOLD}'.encode()),
        await http.post("/api/chat", json={"id": "1", "lang": "ko", TOLD: NAME}),
        await http.post("/api/chat", json={"id": "1", "text": TOLD, "press": {"turn": NAME}}),
        await http.post("/api/chat", headers={"Authorization": f"Bearer {TOLD.encode().hex()}"}),
        await http.get(f"/api/{MAIL}"),
        await http.post(PATH, content=TOLD.encode(), headers=telegram),
        await http.post(PATH, json={"update_id": TOLD}, headers=telegram),
        await http.post(PATH, json={"update_id": 1}, headers={"X-Telegram-Bot-Api-Secret-Token": TYPED.encode().hex()}),
        await http.get(f"/desk/filings/{number}"),
        await http.get(f"/desk/{MAIL}"),
    ]:  # fmt: skip
        assert answer.status_code < 500, answer.text
        said.append(answer.text)
    # The page for what is not there keeps the address, so that its language can be changed.
    await http.get(f"/{MAIL}")
    await http.post("/status", data={"number": number, "code": TYPED})
    await http.post("/desk/sign-in", data={"login": LOGIN, "password": PASSWORD})
    said += [(await http.get("/metrics")).text, (await http.get("/readyz")).text]
    return said


async def looked_at(there: World, numbers: list[str]) -> None:
    """Let an official open, search and misuse the desk, as a browser does."""
    secret = secrets.token_urlsafe(32)
    who, now = there.people["han"].user_id, there.clock()
    there.do(lambda u: sessions.open_(u, secret, who, now, now + timedelta(hours=8)))
    transport = there.http._transport
    async with httpx2.AsyncClient(
        transport=transport, base_url="http://127.0.0.1:8080", cookies={"desk": secret}
    ) as desk:
        for path in ("/desk/filings", "/desk/tasks", f"/desk/filings/{numbers[0]}",
                     f"/desk/filings/{numbers[0]}/print", "/desk/search", "/desk/records"):  # fmt: skip
            answer = await desk.get(path)
            assert answer.status_code < 500, path
        await desk.post(f"/desk/filings/{numbers[0]}/moves/note", data={"text": NOTED})


def kept(there: World) -> dict[str, list[str]]:
    """Give every open word of every table."""

    def look(unit: Any) -> dict[str, list[str]]:
        return {
            table.name: [
                str(value)
                for row in unit.conn.execute(sa.select(table))
                for value in row
                if isinstance(value, str)
            ]
            for table in models.metadata.sorted_tables
        }

    return there.see(look)


def files(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def marked(text: str, *, but: tuple[str, ...] = ()) -> list[str]:
    return [mark for mark in (*MARKS, *SECRETS) if mark in text and mark not in but]


def in_bytes(content: bytes) -> list[str]:
    """Find a mark in bytes, also as JSON writes it."""
    found = []
    for mark in (*MARKS, *SECRETS):
        spelled = (mark.encode(), json.dumps(mark)[1:-1].encode())
        found += [mark for one in spelled if one in content]
    return found


def open_mail(folder: Path) -> Iterator[tuple[str, str]]:
    """Give the headers of each letter; to whom it goes stands in `To` and nowhere else."""
    for path in (folder / "data" / "mail").rglob("*.eml"):
        letter = email.message_from_bytes(path.read_bytes())
        del letter["To"]
        yield path.name, "\n".join(f"{name}: {value}" for name, value in letter.items())


async def test_what_people_tell_us_is_found_nowhere_but_where_it_belongs(tmp_path, lines):
    async with world(tmp_path) as there:
        numbers = await lived(there, tmp_path)
        answers = await mistaken(there, numbers[0])
        await looked_at(there, numbers)
        await there.deliver()

        assert lines.getvalue()
        assert marked(lines.getvalue()) == []
        for text in answers:
            assert marked(text) == [], text[:300]
        for table, words in kept(there).items():
            # `users.email` and the like are officials'; a citizen's words are sealed everywhere.
            assert marked("\n".join(words)) == [], table
        letters = list(open_mail(tmp_path))
        assert letters
        assert [one for one in letters if marked("\n".join(one))] == []

        (tmp_path / "marked.md").unlink()
        safe = tmp_path / "safe"
        safe.mkdir()
        store = there.app.store
        store.blobs.look = lambda _path: type("Space", (), {"free": 1 << 40})()
        made = backup.backup(store, safe, str(PAIR.to_public()), there.clock())
        for path, content in files(safe).items():
            assert in_bytes(content) == [], path
        where = file_of(parse_url(there.app.settings.database))
        for path, content in files(tmp_path).items():
            assert marked(path.removeprefix(str(tmp_path))) == [], path
            if path.endswith(".eml") or Path(path).name == "keys":
                continue  # a letter to the person; the key file itself
            assert in_bytes(content) == [], path
        assert made.rows > 100
        assert where is not None

        # An export says it all, and its name nothing.
        chosen = there.see(lambda u: sight.several(u, sight.visible_filings(CLOCK)))
        target = tmp_path / "data" / "out.zip"
        written = bundle.write(
            target, bundles.cases(there.app.svc, store.read, chosen), print_none
        )
        assert written.cases == 3

        # And after the erasure not even what was sealed is in the file or its log.
        hidden = there.see(sealed)
        assert any(value in where.read_bytes() + wal(where) for value in hidden)
        for filing in chosen:
            there.do(
                lambda u, filing=filing: erasing.erase(
                    u, filing.id, filing.sid, there.clock(), "clock"
                )
            )
        checkpoint(store)
        left = where.read_bytes() + wal(where)
        assert [value for value in hidden if value in left] == []


def print_none(_count: int) -> None:
    return


def sealed(unit: Any) -> list[bytes]:
    """Give the ends of every sealed value of the filings: what makes them theirs."""
    c = models.filings.c
    rows = unit.conn.execute(sa.select(c.answers, c.identity))
    return [bytes(value)[-48:] for row in rows for value in row if value is not None]


def wal(path: Path) -> bytes:
    log = path.with_name(f"{path.name}-wal")
    return log.read_bytes() if log.exists() else b""


def checkpoint(store: Any) -> None:
    with store.engine.connect() as conn:
        conn.connection.driver_connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def test_the_marks_would_be_found():
    assert in_bytes(json.dumps({"a": TOLD}).encode()) == [TOLD]
    assert in_bytes(TOLD.encode()) == [TOLD]
    assert marked(f"x {NAME}") == [NAME]
    assert os.linesep
