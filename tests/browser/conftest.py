"""The service as it is served, in one process, and a real browser before it."""

import json
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from playwright.sync_api import Browser, BrowserContext, Page, Response, sync_playwright

from bot.app import App, build
from bot.services import moves
from bot.services.base import Actor
from bot.settings import read_settings
from storage.crypto import new_key_text
from storage.repositories import units, users
from storage.unit import Unit
from tests import shipped
from tests.fakes.clock import FrozenClock, unhurried
from tests.needs import axe, chromium

FLAGS = [
    "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
    "--disable-smooth-scrolling",  # a click waits until its target no longer moves
]  # fmt: skip
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 900}
IDLE = "() => document.getElementById('log').getAttribute('aria-busy') === 'false'"
STAFF = {"kim": ("김접수", "intake"), "park": ("박감사", "auditor")}


@dataclass
class Served:
    """The running service."""

    app: App
    url: str
    clock: FrozenClock
    people: dict[str, int]

    def office(self, login: str, number: str, action: str, /, **fields: Any) -> None:
        """Let an official make a move."""
        name, role = STAFF[login]
        actor = Actor("official", self.people[login], name, 2, frozenset({role}))
        self.app.store.transact(
            lambda unit: moves.perform(self.app.svc, unit, actor, number, None, action, fields),
            None,
        )

    def filings(self) -> int:
        """Count the receipts that were given out (the journal's, so that no reader is needed)."""
        from sqlalchemy import text  # noqa: PLC0415

        return self.app.store.read(
            lambda unit: unit.conn.execute(text("select count(*) from filings")).scalar_one()
        )


Settle = Callable[[App, FrozenClock, Unit], None]
SITE = Path("bot/rehearsal/site.toml")


def _turn(answer: Response) -> bool:
    return answer.request.method == "POST" and "/api/chat" in answer.url


def _settle(people: dict[str, int], clock: FrozenClock, unit: Unit) -> None:
    day = clock().date().replace(year=2020)
    units.add(unit, "road", "도로과", valid_from=day, aliases=("도로", "길"))
    audit = units.add(unit, "audit", "감사담당관", valid_from=day, kind="audit")
    for login, (name, role) in STAFF.items():
        made = users.add(
            unit, login, name, clock(), unit_id=audit, phone="02-1234-0100",
            email=f"{login}@gaon.example",
        )  # fmt: skip
        users.grant(unit, made, role, clock())
        people[login] = made


@contextmanager
def serve(
    folder: Path, parts: list[str], settle: Settle, site: Path = SITE
) -> Iterator[tuple[App, str, FrozenClock]]:
    """Serve parts of the service on this machine; gives the application, its address, its clock."""
    key = folder / "keys"
    key.write_text(new_key_text(), encoding="ascii")
    key.chmod(0o600)
    config = uvicorn.Config(
        lambda: None, host="127.0.0.1", port=0, log_level="warning", timeout_graceful_shutdown=1
    )
    listening = config.bind_socket()
    url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    settings = read_settings(
        {
            "JEOKGEUK_KIND": "rehearsal",
            "JEOKGEUK_DATA": str(folder / "data"),
            "JEOKGEUK_SITE": str(site),
            "JEOKGEUK_PUBLIC_URL": url,
            "JEOKGEUK_DESK_URL": f"{url}/desk",
            "JEOKGEUK_KEY_FILE": str(key),
        }
    )
    clock = FrozenClock()
    shipped.new_file(folder / "data")
    app = build(settings, now=clock, synchronous="NORMAL", least=0)
    unhurried(app.loads)
    app.store.transact(lambda unit: settle(app, clock, unit), "city")
    config.app = app.asgi(parts, work=False)
    config.loaded_app = config.app
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    yield app, url, clock
    server.should_exit = True
    thread.join(10)
    app.close()


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Serve the public part on this machine."""
    people: dict[str, int] = {}
    folder = tmp_path_factory.mktemp("served")
    with serve(folder, ["public"], lambda _, *given: _settle(people, *given)) as (app, url, clock):
        yield Served(app, url, clock, people)


@pytest.fixture(scope="package")
def chrome() -> Iterator[Browser]:
    """Start the browser for this folder only: its driver keeps a loop running in this thread."""
    path = chromium()
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@dataclass
class Visitor:
    """Somebody at a page: what was done is counted, what went wrong is kept."""

    page: Page
    served: Served
    actions: int = 0

    def open(self, path: str = "/") -> None:
        self.page.goto(self.served.url + path)

    def say(self, text: str) -> None:
        """Write and send."""
        self.actions += 1
        self.page.locator("#text").fill(text)
        self._done(self.page.locator("#send").click)

    def press(self, label: str) -> None:
        """Press the newest button with these words."""
        self.actions += 1
        self._done(self.page.get_by_role("button", name=label).last.click)

    def fill(self, **fields: str) -> None:
        """Fill in a page of fields; sending it is the action."""
        for label, value in fields.items():
            found = self.page.get_by_label(label, exact=True).last
            if found.get_attribute("type") in {"radio", "checkbox"}:
                found.check()
            else:
                found.fill(value)

    def _done(self, act: Callable[[], None]) -> None:
        with self.page.expect_response(_turn):
            act()
        self.page.wait_for_function(IDLE)

    def to_summary(self, *, named: bool = True) -> None:
        self.open()
        self.press("일을 미뤄서 신고하고 싶어요")
        self.press("네, 답을 들었는데 그대로예요")
        self.press("없어요")
        self.say("10월부터 중앙시장 앞 길이 파여 있어요")
        self.press("다 썼어요")
        self.say("고치고 왜 미뤘는지 알고 싶어요")
        self.press(
            "맞아요" if self.page.get_by_role("button", name="맞아요").count() else "모르겠어요"
        )
        self.press("없어요")
        self.press("이름을 밝히고 답 받기" if named else "이름 없이 알리기")
        if named:
            self.fill(이름="홍길동", 주소="가온시 중앙로 12")
            self.page.get_by_label("우편(종이)").check()
            self.press("다음")

    def file(self, *, named: bool = True) -> tuple[str, str]:
        """File a report; gives number and code."""
        self.to_summary(named=named)
        self.press("안내를 보았고 이대로 내기")
        number = self.page.locator(".receipt .number").first.locator("xpath=./*[1]").inner_text()
        return number, self.page.locator(".receipt .code").first.inner_text()


@pytest.fixture
def context_for(chrome: Browser) -> Iterator[Callable[..., BrowserContext]]:
    made: list[BrowserContext] = []

    def make(**how: Any) -> BrowserContext:
        context = chrome.new_context(locale="ko-KR", **how)
        context.set_default_timeout(10_000)
        made.append(context)
        return context

    yield make
    for context in made:
        context.close()


@pytest.fixture
def visit(
    context_for: Callable[..., BrowserContext], served: Served
) -> Iterator[Callable[..., Visitor]]:
    """Let somebody come with a device; at the end nothing may have been blocked or broken."""
    wrong: list[str] = []

    def come(*, phone: bool = False, quiet: bool = False, **how: Any) -> Visitor:
        size = (
            {"viewport": PHONE, "is_mobile": True, "has_touch": True}
            if phone
            else {"viewport": DESK}
        )
        page = context_for(**(size | how)).new_page()
        if not quiet:
            page.on("pageerror", lambda error: wrong.append(str(error)))
            page.on(
                "console", lambda said: wrong.append(said.text) if said.type == "error" else None
            )
        return Visitor(page, served)

    yield come
    assert wrong == []


@pytest.fixture(scope="session")
def audit() -> Callable[..., list[str]]:
    """Give what axe-core finds serious or critical on a page, by all its rules or by some.

    The size of what is pressed is asked for too (WCAG 2.2 AA, 2.5.8): axe leaves it out by itself.
    """
    source = axe()

    def look(page: Page, only: Sequence[str] = ()) -> list[str]:
        how: dict[str, Any] = {"resultTypes": ["violations"]}
        if only:
            how["runOnly"] = {"type": "rule", "values": list(only)}
        else:
            how["rules"] = {"target-size": {"enabled": True}}
        if not page.evaluate("'axe' in window"):
            page.evaluate(source)
        found = page.evaluate(
            "async (how) => JSON.stringify((await axe.run(document, how))"
            ".violations.filter(v => ['serious', 'critical'].includes(v.impact))"
            ".map(v => [v.id, ...v.nodes.map(n => n.target + ' ' + n.failureSummary)]))",
            how,
        )
        return [" | ".join(map(str, one)) for one in json.loads(found)]

    return look


@pytest.fixture
def shots(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the folder for pictures: `--basetemp` keeps them."""
    return tmp_path_factory.mktemp("shots")
