"""The citizens' pages: the conversation, and the few pages around it."""

from contextlib import suppress

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from bot.dialogs.replies import Phrase
from bot.handlers import (
    web_archive,
    web_case,
    web_cases,
    web_door,
    web_faq,
    web_mine,
    web_news,
    web_plain,
    web_statistics,
)
from bot.handlers.chat.feed import Feed
from bot.handlers.chat.parts import WebParts
from bot.handlers.chat.problems import Trouble
from bot.handlers.chat.scenery import Page, Scenery
from bot.handlers.chat.talk import Conversations


def routes(parts: WebParts, talks: Conversations, feed: Feed) -> list[BaseRoute]:
    """Give all public pages but the API and the static files."""
    scenery = Scenery(parts)
    pages = _Pages(parts, scenery, talks, feed)
    plain: list[tuple[str, Page, list[str]]] = [
        ("/", pages.chat, ["GET"]),
        ("/notice", pages.notice, ["GET"]),
        ("/leave", pages.leave, ["POST"]),
        *web_door.pages(parts, scenery, talks, feed),
        *web_case.pages(parts, scenery, talks),
        *web_plain.pages(parts, scenery, talks),
        *web_mine.pages(parts, scenery, talks),
        *web_statistics.pages(parts, scenery),
        *web_faq.pages(parts, scenery, talks),
        *web_cases.pages(parts, scenery, talks),
        *web_news.pages(parts, scenery, talks),
        *web_archive.pages(parts, scenery),  # last: /news/{number} takes what is left of /news
    ]
    anywhere = web_news.open_pages(parts, scenery, talks)
    return [
        *(Route(path, scenery.kind(work, own=False), methods=how) for path, work, how in anywhere),
        *(Route(path, scenery.kind(work), methods=how) for path, work, how in plain),
    ]


class _Pages:
    def __init__(
        self, parts: WebParts, scenery: Scenery, talks: Conversations, feed: Feed
    ) -> None:
        self._parts = parts
        self._scenery = scenery
        self._talks = talks
        self._feed = feed

    async def chat(self, request: Request) -> Response:
        """Show the conversation; it explains itself where no script runs."""
        words = self._scenery.words(request)
        return self._scenery.draw(request, "chat", {"page": "chat", "words": words})

    async def notice(self, request: Request) -> Response:
        """Show how personal data are used, from the form's own words and the site's settings."""
        spans = self._scenery.spans(self._scenery.lang(request))
        told = [
            spans(Phrase("passive_report.notice.ask")),
            spans(Phrase("passive_report.notice.info.rest_text")),
        ]
        return self._scenery.draw(request, "notice", {"page": "notice", "told": told})

    async def leave(self, request: Request) -> Response:
        """Let this device forget the conversation; the draft stays, out of reach from here."""
        with suppress(Trouble):
            conversation = await self._talks.open(request)
            if conversation is not None and conversation.peer_id is not None:
                self._feed.drop(conversation.peer_id)
        answer = self._scenery.draw(request, "left")
        self._talks.forget(answer)
        answer.headers["clear-site-data"] = '"storage"'
        return answer
