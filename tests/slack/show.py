"""Makes the pictures of docs/slack.md again, from local-slack's own page.

python -m tests.slack.show docs/pictures
"""

import asyncio
import inspect
import json
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.async_api import Page, WebSocketRoute, async_playwright

from bot import catalogue
from bot.locale import Texts
from bot.services import digests, office, views
from bot.settings import read_site
from storage.crypto import KeyRing, new_key_text
from storage.store import open_store
from tests import shipped
from tests.fakes.clock import FrozenClock
from tests.needs import chromium
from tests.office.conftest import address, guarded, link, with_messenger
from tests.services.conftest import SITE, Office, answers, at, build
from tests.slack.emulator import Json, There, emulator, there

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--lang=ko-KR",
]
LOOK = """
  .topbar, .sidebar, .composer, .msg-time, .badge-app, .modal-x { display: none !important }
  .msg, .home-inner { padding: 12px 16px } .home { padding: 0 }
  .bk-section:has(> .bk-button) { display: flex; justify-content: space-between; gap: 16px }
  .modal-overlay { background: #fff } .modal { box-shadow: 0 0 0 1px #ccc }
"""
UNIT = {"value": "build", "label": "건축과"}
NOW = "2026-12-02 09:00"


def city(folder: Path, level: str) -> Office:
    """Found the small city of the tests, a week into its work."""
    folder.mkdir()
    ring, texts = KeyRing.from_text("keys", new_key_text()), Texts.load(strict=True)
    store = open_store(
        f"sqlite:///{shipped.new_file(folder)}",
        data_dir=folder,
        kind="service",
        secrets=ring,
        least=0,
    )
    clock = FrozenClock(at("2026-11-23 10:12"))
    make = inspect.unwrap(build)(store, clock, read_site(SITE), texts, catalogue.load(texts))
    return with_messenger(make(), level)


def week(there_: Office) -> str:
    """Let reports come in; gives the one that has come today."""
    for day, login in (("2026-11-23", "park"), ("2026-11-24", "park"), ("2026-11-30", "park")):
        there_.clock.set(at(f"{day} 10:12"))
        number = there_.file(answers(unit=UNIT)).number
        guarded(there_, number, "build")
        there_.act("kim", number, "assign", handler=login)
        there_.act(login, number, "start")
    there_.clock.set(at(NOW))
    return there_.file(answers(unit=UNIT)).number


class Drawn:
    """local-slack's page; what it cannot draw, it is told of in words that it knows."""

    def __init__(self, page: Page, folder: Path) -> None:
        self.page, self.folder = page, folder
        self.handlers: list[Json] = []

    async def between(self, route: WebSocketRoute) -> None:
        server = route.connect_to_server()
        server.on_message(lambda said: route.send(self.told(str(said))))

    def told(self, said: str) -> str:
        """Give a list to choose from instead of one to search in."""
        heard = json.loads(said)
        for view in heard.get("stack") or heard.get("state", {}).get("modalStack") or ():
            for block in view["blocks"]:
                element = block.get("element") or {}
                if element.get("type") == "external_select":
                    element |= {"type": "static_select", "options": self.handlers}
        return json.dumps(heard)

    async def goes(self, place: str, login: str = "kim") -> None:
        """Look at a room, or at the app, as somebody."""
        names = self.page.locator(".actas select").last
        await names.evaluate(
            "(one, value) => { one.value = value;"
            " one.dispatchEvent(new Event('change', { bubbles: true })) }",
            address(login),
        )
        await self.page.locator(".sidebar-item", has_text=place).last.dispatch_event("click")

    async def shot(self, name: str, what: str) -> None:
        found = self.page.locator(what).last
        path = self.folder / f"slack-{name}.png"
        await found.screenshot(path=path, animations="disabled")
        with Image.open(path) as shot:
            small = shot.convert("RGB").quantize(64)
        small.save(path, optimize=True)


@asynccontextmanager
async def drawn(slack: Any, folder: Path) -> AsyncIterator[Drawn]:
    async with async_playwright() as play:
        browser = await play.chromium.launch(executable_path=chromium(), args=FLAGS)
        page = await browser.new_page(
            locale="ko-KR", timezone_id="Asia/Seoul", viewport={"width": 860, "height": 900},
            device_scale_factor=1.5,
        )  # fmt: skip
        made = Drawn(page, folder)
        await page.route_web_socket("**/ui", made.between)
        await page.goto(slack.url)
        yield made
        await browser.close()


async def numbers(place: There, page: Drawn, number: str) -> None:
    """What stands in Slack at the level `numbers`."""
    who, svc = place.office.people, place.office.svc
    found = place.office.see(lambda u: office.find(svc, u, who["kim"], "auditors", ""))
    page.handlers = [
        {"text": {"type": "plain_text", "text": one.label}, "value": one.value} for one in found
    ]
    guarded(place.office, number, "build", since="2026-11-30")
    await place.settle()
    (card,) = await place.shown()
    await page.goes("감사실-events")
    await page.shot("card", ".msg")

    await place.presses("kim", "담당 정하기", card)
    await page.page.locator("select.bk-select").select_option(label="박감사 (감사담당관)")
    await page.shot("assign", ".modal")
    await page.page.locator(".modal-btn").first.click()

    await place.presses("kim", "나중에 보기", card)
    await place.changes(
        "kim", until={"type": "radio_buttons", "selected_option": {"value": "day"}}
    )
    await page.page.get_by_label("날짜를 고름").check()
    await page.page.locator("input[type=date]").fill("2026-12-01")
    await page.page.locator(".modal-btn.primary").click()
    # It names the field by its block; Slack shows an error below the field.
    await page.page.locator(".modal-error").evaluate(
        "one => { one.firstChild.remove(); one.firstChild.remove() }"
    )
    await page.shot("snooze", ".modal")
    await page.page.locator(".modal-btn").first.click()

    park = who["park"].user_id
    place.office.do(lambda u: digests.put_morning(svc, park, u))
    await place.settle()
    await page.goes("박감사", "park")
    await page.shot("morning", ".msg")
    await page.goes("적극톡", "park")
    await place.opens_home("park")
    await page.shot("home", ".home-inner")


async def full(place: There, page: Drawn, _number: str) -> None:
    """What an auditor may open at the level `full`, once he has said that nothing keeps him."""
    park, svc = place.office.people["park"], place.office.svc
    row = place.office.see(lambda u: office.home(svc, u, park)).shelves[0].lines[0]
    place.office.do(lambda u: views.declare(svc, u, park, row.number, conflict=False))
    await place.commands("park", "/civic", row.number)
    await place.presses("park", "내용 보기", (await place.told("park"))[-1])
    await page.shot("words", ".modal")


async def main(folder: Path) -> None:
    with tempfile.TemporaryDirectory() as scratch, emulator(Path(scratch)) as slack:
        for level in ("numbers", "full"):
            made = city(Path(scratch) / level, level)
            number = week(made)
            async with there(slack, "events", made) as place, drawn(slack, folder) as page:
                await page.page.add_style_tag(content=LOOK)
                link(made, "park", "kim")
                await place.edge.looks.once()
                await SHOWN[level](place, page, number)
            made.store.close()


SHOWN = {"numbers": numbers, "full": full}

if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
