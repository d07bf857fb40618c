"""A desk on a real port with a day's work on it, for the browser."""

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import uvicorn
from PIL import Image
from starlette.applications import Starlette

from bot.handlers import desk
from bot.handlers.desk import DeskParts
from bot.services import access, attachments, officials
from bot.services.base import Desk
from bot.settings import read_site
from storage.crypto import KeyRing, new_key_text
from storage.store import open_store
from tests import shipped
from tests.fakes.clock import FrozenClock
from tests.services.conftest import SITE, Office, answers, at, calendar, nameless, settle_city

PASSWORD = "길게 적은 암호 한 줄"
HOSTILE = "<script>document.title='x'</script><img src=x onerror=alert(1)>"


def open_office(folder: Path) -> Office:
    """Make the small city's audit office in a folder of its own."""
    ring = KeyRing.from_text("keys", new_key_text())
    shipped.new_file(folder)
    store = open_store("", kind="service", secrets=ring, data_dir=folder, least=0)
    clock = FrozenClock(at("2026-11-23 10:12"))
    texts = shipped.texts()
    book = shipped.book()
    svc = Desk(
        texts=texts,
        procedures=book.procedures,
        catalogue=book,
        site=read_site(SITE),
        calendar=calendar,
        now=clock,
        random=os.urandom,
        public_url="http://127.0.0.1",
        desk_url="http://127.0.0.1/desk",
    )
    office = Office(store, clock, svc, texts)
    for login, user_id in office.do(lambda u: settle_city(svc, u)).items():
        who = office.see(lambda u, user_id=user_id: officials.official(u, user_id))
        office.people[login] = officials.actor(who)
    return office


def give_password(office: Office, login: str) -> None:
    user_id = office.people[login].user_id
    made = office.do(lambda u: access.invite(office.svc, u, None, user_id))
    access.set_password(office.svc, office.store, made.secret, PASSWORD, f"set:{login}")


@contextmanager
def serving(office: Office, **changes: Any) -> Iterator[str]:
    """Serve the desk on a free port; gives its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}/desk"
    own: dict[str, Any] = {
        "store": office.store,
        "svc": office.svc,
        "book": office.svc.catalogue,
        "url": url,
        "channels": {},
        "rehearsal": True,
    }
    parts = DeskParts(**{**own, **changes})
    app = Starlette(routes=desk.routes(parts))
    config = uvicorn.Config(app, port=port, log_level="error", access_log=False, lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        thread.join(0.01)
    try:
        yield url
    finally:
        server.should_exit = True
        thread.join(5)


def picture(folder: Path) -> bytes:
    file = folder / "hole.jpg"
    image = Image.new("RGB", (640, 420), "#9aa7b4")
    for x in range(200, 420):
        for y in range(180, 300):
            if ((x - 310) / 110) ** 2 + ((y - 240) / 60) ** 2 < 1:
                image.putpixel((x, y), (40, 42, 46))
    image.save(file, "JPEG")
    return file.read_bytes()


def a_days_work(office: Office, folder: Path) -> dict[str, str]:
    """File reports and bring them into different states; gives their numbers by state."""
    found: dict[str, str] = {}
    office.clock.set(at("2026-11-12 10:00"))
    late = office.investigating(
        answers(what="가로등이 두 달째 꺼져 있어 밤길이 무서워요."), address="l"
    )
    found["late"] = late.number
    office.clock.set(at("2026-11-17 14:20"))
    waiting = office.investigating(
        answers(what="건축 허가 민원의 답을 두 번이나 미뤘어요."), address="s"
    )
    office.act(
        "park", waiting.number, "ask_supplement",
        items="허가 신청 접수증", why="날짜를 확인하려고 합니다.", days="7",
    )  # fmt: skip
    found["supplement"] = waiting.number
    office.clock.set(at("2026-11-20 09:40"))
    peer = office.peer(address="p")
    shot = office.do(
        lambda u: attachments.put(
            office.svc, u, office.store.blobs, peer, "IMG_2201.jpg", picture(folder)
        )
    )
    proof = ({"ref": shot.ref, "kind": "photo", "name": shot.name, "size": shot.size},)
    main = office.investigating(answers(proof=proof), address="p")
    attachments.clean_next(office.store)
    office.act(
        "park", main.number, "fact_request",
        unit="road", matter="도로 보수 요청의 처리 경위", questions="1. 접수한 날\n2. 계획과 일정",
        materials="정비 대장", due="2026-11-26",
    )  # fmt: skip
    found["main"] = main.number
    office.clock.set(at("2026-11-23 09:05"))
    found["anonymous"] = office.file(
        nameless(what="공사장 소음 신고를 접수만 하고 오지 않아요."), address="n"
    ).number
    found["hostile"] = office.file(answers(what=HOSTILE, unit=None), address="h").number
    found["foreign"] = office.file(
        answers(what="The bus stop has been broken since September.", name="Jane Doe", unit=None),
        lang="en", address="e",
    ).number  # fmt: skip
    office.clock.set(at("2026-11-23 10:12"))
    found["new"] = office.file(address="new").number
    office.tick()
    return found
