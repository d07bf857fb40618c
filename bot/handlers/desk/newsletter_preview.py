"""What everybody would get, as each channel itself would show it; and a test to oneself."""

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute

from bot.channel import Carried, Parcel, Preview
from bot.dialogs.replies import News
from bot.errors import Refused
from bot.handlers.desk.doing import new_command, once
from bot.handlers.desk.newsletter_pages import address, seek
from bot.handlers.desk.pages import Pages
from bot.handlers.desk.parts import DeskParts
from bot.handlers.desk.reception import Reception
from bot.handlers.desk.visit import Missing, Visit, see
from bot.services import broadcast_tests, broadcasts, rights
from bot.services.rights import Right
from storage.repositories import broadcasts as repository
from storage.repositories.broadcasts import Broadcast, Picture
from storage.unit import Unit

SHOWN = ("telegram", "mail", "web", "slack")
LETTER = (
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; frame-ancestors 'self'; sandbox"
)
"""A letter has its style in it, and nothing of it may run or lead anywhere."""
MOST = 1000


def routes(parts: DeskParts, pages: Pages, reception: Reception) -> list[BaseRoute]:
    desk = _Preview(parts, pages)
    both = (Right.NEWSLETTERS, Right.NEWSLETTERS_APPROVE)
    return [
        reception.page("/newsletters/{issue}/preview", desk.show, *both),
        reception.page("/newsletters/{issue}/letter", desk.letter, *both),
        reception.page("/newsletters/{issue}/{n:int}.png", desk.picture, *both),
    ]


@dataclass(frozen=True, slots=True)
class Seen:
    """A broadcast as it would leave."""

    one: Broadcast
    news: News
    pictures: tuple[Picture, ...]


class _Preview:
    def __init__(self, parts: DeskParts, pages: Pages) -> None:
        self._parts = parts
        self._pages = pages

    def show(self, visit: Visit) -> Response:
        """Show it on every channel; send a test to who asks for one."""
        seen = self._seen(visit)
        if visit.post:
            return self._test(visit, seen)
        return self._page(visit, seen)

    def letter(self, visit: Visit) -> Response:
        """Show the letter's own page, for the frame in which nothing runs."""
        made = self._previews(self._seen(visit)).get("mail")
        if made is None or not made.html or visit.post:
            raise Missing
        return HTMLResponse(made.html, headers={"content-security-policy": LETTER})

    def picture(self, visit: Visit) -> Response:
        """Give a picture of it."""
        n = min(int(visit.path("n")), MOST)
        found = next((one for one in self._seen(visit).pictures if one.n == n), None)
        if found is None or visit.post:
            raise Missing
        return Response(found.png, media_type="image/png")

    def _test(self, visit: Visit, seen: Seen) -> Response:
        svc, one = self._parts.svc, seen.one
        if visit.sent.get("step") != "test" or not rights.may(visit.actor, Right.NEWSLETTERS):
            raise Missing
        try:
            once(visit, "newsletter_test", [one.id, one.version], lambda unit: broadcast_tests.send(
                svc, unit, visit.actor, one.id
            ))  # fmt: skip
        except Refused as error:
            return self._page(visit, seen, self._pages.why(error))
        return see(f"{address(self._parts.base, one.number)}/preview?sent=1")

    def _page(self, visit: Visit, seen: Seen, problem: str = "") -> Response:
        sent = self._pages.text("desk.newsletter.test_sent") if visit.asked("sent") else None
        return self._pages.show(
            visit,
            "newsletter_preview.html",
            422 if problem else 200,
            one=seen.one,
            here=address(self._parts.base, seen.one.number),
            pictures=seen.pictures,
            previews=self._previews(seen),
            shown_on=SHOWN,
            may=rights.may(visit.actor, Right.NEWSLETTERS),
            problem=problem,
            said=sent,
            command=new_command(visit),
        )

    def _seen(self, visit: Visit) -> Seen:
        svc = self._parts.svc

        def look(unit: Unit) -> Seen:
            one = seek(unit, visit)
            return Seen(one, broadcasts.news(svc, unit, one), repository.pictures(unit, one.id))

        return self._parts.store.read(look)

    def _previews(self, seen: Seen) -> Mapping[str, Preview]:
        """Ask the channels; the reader's own links lead to where one signs up."""
        home = f"{self._parts.svc.public_url}/news"
        pngs = tuple(one.png for one in seen.pictures)
        carried = Carried(pictures=pngs, uploaded=(None,) * len(pngs), stop=home, prefer=home)
        parcel = Parcel("", seen.news, seen.one.lang, carried=carried)
        there = self._parts.channels
        return {name: there[name].preview(parcel) for name in SHOWN if name in there}
