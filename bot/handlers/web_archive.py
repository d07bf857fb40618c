"""What was sent to everybody who asked, to be read again: the list, one issue, the feed."""

from asyncio import to_thread

from starlette.requests import Request
from starlette.responses import Response

from bot.dialogs.replies import Phrase
from bot.documents import feed
from bot.handlers.chat.parts import WebParts
from bot.handlers.chat.problems import Trouble
from bot.handlers.chat.scenery import Page, Scenery
from bot.handlers.web_cases import KEPT
from bot.services import news_links
from bot.services.news_archive import Line

PAGE = 20
FED = 20
"""Issues on a page of the list, and in the feed."""
LONGEST = 40
"""Signs of a number."""
FURTHEST = 1000


def pages(parts: WebParts, scenery: Scenery) -> list[tuple[str, Page, list[str]]]:
    """Give the pages; those with a fixed address go before `/news/{number}`."""
    page = _Archive(parts, scenery)
    return [
        ("/news/archive", page.listed, ["GET"]),
        ("/news/feed.xml", page.fed, ["GET"]),
        ("/news/{number}", page.show, ["GET"]),
        ("/news/{number}/{n:int}.png", page.picture, ["GET"]),
    ]


class _Archive:
    def __init__(self, parts: WebParts, scenery: Scenery) -> None:
        self._parts = parts
        self._scenery = scenery

    async def listed(self, request: Request) -> Response:
        """List the issues, page by page."""
        at = _page(request.query_params.get("page", ""))
        book = self._parts.back.book
        found = await to_thread(book.issues, (at - 1) * PAGE, PAGE + 1)
        values = {"page": "news", "issues": found[:PAGE], "at": at, "more": len(found) > PAGE}
        answer = self._scenery.draw(request, "news_archive", values)
        answer.headers.update({**KEPT, "vary": "accept-language"})
        return answer

    async def show(self, request: Request) -> Response:
        """Show one issue; 404 for what is not shown now, 410 for what was withdrawn."""
        number = request.path_params["number"][:LONGEST]
        found = await to_thread(self._parts.back.book.issue, number)
        if found is None:
            raise Trouble("missing")
        status = 404 if found.held else 410 if found.gone else 200
        loose = {one.item.picture for one in found.pieces}
        values = {
            "page": "news",
            "issue": found,
            "cards": [one for one in found.pictures if one.n not in loose],
            "by_n": {one.n: one for one in found.pictures},
            "host": news_links.host,
            "address": news_links.page(self._parts.url, number),
        }
        answer = self._scenery.draw(request, "news_issue", values, status)
        if status == 200:
            answer.headers.update({**KEPT, "vary": "accept-language"})
        return answer

    async def picture(self, request: Request) -> Response:
        """Give a picture of an issue."""
        number, n = request.path_params["number"][:LONGEST], request.path_params["n"]
        made = await to_thread(self._parts.back.book.issue_picture, number, min(n, FURTHEST))
        if made is None:
            raise Trouble("missing")
        return Response(made, media_type="image/png", headers=dict(KEPT))

    async def fed(self, request: Request) -> Response:
        """Give the newest issues as an Atom feed."""
        found = await to_thread(self._parts.back.book.issues, 0, FED)
        lang = self._scenery.lang(request)
        say = self._parts.say(lang)
        title = say(Phrase("news_archive.feed", {"agency": self._scenery.own("agency", lang)}))
        url = self._parts.url
        made = feed.Feed(
            address=f"{url}/news/feed.xml",
            page=f"{url}/news/archive",
            title=title,
            author=self._scenery.own("agency", lang),
            lang=lang,
            now=self._parts.now(),
            entries=tuple(self._entry(one, lang) for one in found),
        )
        return Response(
            feed.atom(made),
            media_type="application/atom+xml",
            headers={**KEPT, "vary": "accept-language"},
        )

    def _entry(self, one: Line, lang: str) -> feed.Entry:
        say = self._parts.say(lang)
        marked = Phrase("news_archive.marked", {"title": one.title})
        lines = [f"{item.title}\n{item.text}".strip() for item in one.items]
        return feed.Entry(
            number=one.number,
            address=news_links.page(self._parts.url, one.number),
            title=say(marked) if one.corrected else one.title,
            text="\n\n".join(line for line in (one.lead, *lines) if line),
            lang=one.lang,
            published=one.at,
            updated=one.corrected or one.at,
        )


def _page(text: str) -> int:
    """Read which page is asked for; the first for anything else."""
    fine = text.isascii() and text.isdigit() and len(text) < 5
    return min(max(1, int(text)), FURTHEST) if fine else 1
