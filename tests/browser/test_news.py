"""News in a real browser: one person makes it, another lets it go, both see it leave."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from bot.channel import Delivery, Parcel
from bot.handlers.chat.channel import WebChannel
from bot.services.library import Library
from bot.worker import Worker
from tests.browser.conftest import DESK
from tests.browser.every_page import enter
from tests.desk.stage import open_office, serving
from tests.fakes.channel import FakeChannel
from tests.newsletters.conftest import NEW, Press
from tests.people.conftest import older

pytestmark = pytest.mark.browser

READERS = 3
HERE = "/newsletters/2026-11"


@dataclass
class Gate(FakeChannel):
    """A messenger that lets through what the test has let go."""

    passes: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    asked: threading.Event = field(default_factory=threading.Event)

    async def deliver(self, parcel: Parcel) -> Delivery:
        self.asked.set()
        await asyncio.to_thread(self.passes.acquire)
        return await super().deliver(parcel)


@dataclass
class Hall:
    press: Press
    gate: Gate
    url: str


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[Hall]:
    office = open_office(tmp_path / "data")
    office.svc = replace(office.svc, library=Library(office.store))
    press, gate = Press(office), Gate(name="telegram")
    for login, role in NEW.items():
        press.add(login, role)
    older(office)
    for n in range(READERS):
        press.reader(str(n))
    press.case(days=3)
    web = WebChannel(office.svc.texts, office.svc.site.words())
    with serving(office, channels={"web": web, "telegram": gate}) as url:
        yield Hall(press, gate, url)
    office.store.close()


@contextmanager
def working(hall: Hall) -> Iterator[None]:
    """Let a worker send, on a loop of its own."""
    loop, stop = asyncio.new_event_loop(), asyncio.Event()
    svc = hall.press.svc
    worker = Worker(hall.press.office.store, svc, {"telegram": hall.gate}, idle=0.02)
    thread = threading.Thread(
        target=lambda: loop.run_until_complete(worker.broadcaster.run(stop)), daemon=True
    )
    thread.start()
    try:
        yield
    finally:
        hall.gate.passes.release(READERS)
        loop.call_soon_threadsafe(stop.set)
        thread.join(20)
    loop.close()


def test_one_makes_it_another_lets_it_go_and_both_see_it_leave(
    hall: Hall, context_for: Callable[..., BrowserContext]
):
    wrong: list[str] = []

    def sit(login: str) -> Page:
        context = context_for(viewport=DESK)
        cookie = {"name": "desk", "value": enter(hall.press.office, login), "path": "/"}
        context.add_cookies([{**cookie, "domain": urlsplit(hall.url).hostname}])
        page = context.new_page()
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
        return page

    editor = sit("min")
    editor.goto(f"{hall.url}/newsletters")
    editor.get_by_role("button", name="이달의 초안 만들기").click()
    first = editor.get_by_label("꼭지 제목").first.input_value()
    editor.get_by_label("머리글").fill("가을 소식입니다.")
    editor.get_by_role("button", name="아래로").first.click()
    expect(editor.get_by_label("꼭지 제목").nth(1)).to_have_value(first)
    expect(editor.get_by_label("머리글")).to_have_value("가을 소식입니다.")
    expect(editor.get_by_role("button", name="승인 부탁하기")).to_be_disabled()
    for box in editor.locator("input[name=confirmed]").all():
        box.check()
    editor.get_by_label("행정 안내만").check()
    editor.get_by_label("선거관리위원회 확인").fill("선관위 김주무, 11월 20일")
    editor.get_by_label("전자결재 문서번호").last.fill("감사-1")
    editor.get_by_label("보낼 날").fill("2026-11-23")
    editor.get_by_label("보낼 시각").fill("10:15")
    editor.get_by_role("button", name="확인한 것 저장").click()
    editor.get_by_role("link", name="받는 그대로 보기").click()
    expect(editor.get_by_role("heading", name="누리집")).to_be_visible()
    editor.goto(f"{hall.url}{HERE}")
    editor.get_by_role("button", name="승인 부탁하기").click()
    expect(editor.get_by_text("만든 사람은 승인할 수 없어요.")).to_be_visible()
    expect(editor.get_by_role("button", name="승인", exact=True)).to_have_count(0)

    chief = sit("chae")
    chief.goto(f"{hall.url}/approvals")
    chief.get_by_role("link", name="소식 발송").click()
    chief.get_by_role("link", name="받는 그대로 보기").click()
    chief.get_by_role("button", name="승인", exact=True).click()
    expect(chief.get_by_text("승인됨")).to_be_visible()

    hall.press.office.clock.advance(minutes=4)
    with working(hall):
        assert hall.gate.asked.wait(20)
        hall.gate.passes.release()
        editor.goto(f"{hall.url}{HERE}")
        expect(badge(editor, "보내는 중")).to_be_visible()
        expect(editor.get_by_text(f"1/{READERS} 보냄")).to_be_visible()
        hall.gate.passes.release(READERS - 1)
        expect(editor.get_by_text(f"{READERS}/{READERS} 보냄")).to_be_visible()
        expect(badge(editor, "보냄")).to_be_visible()
    assert len(hall.gate.sent) == READERS
    assert wrong == []


def badge(page: Page, words: str):
    return page.locator(".desk-title .badge", has_text=words)
