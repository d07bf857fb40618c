"""Frequent questions on a page of their own: by category, searched, each with its anchor.

Words that somebody looks for travel in the body of a form, never in an address.
"""

from asyncio import to_thread
from collections.abc import Mapping, Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from bot.dialogs.replies import Phrase
from bot.handlers.chat.files import read_form
from bot.handlers.chat.parts import WebParts
from bot.handlers.chat.scenery import Page, Scenery
from bot.handlers.chat.talk import Conversations
from bot.handlers.web_cases import KEPT
from bot.services import answers
from knowledge import faq, glossary
from knowledge.faq import Answer
from knowledge.korean import fold

LONGEST = 200
"""Signs of a question."""


def pages(
    parts: WebParts, scenery: Scenery, talks: Conversations
) -> list[tuple[str, Page, list[str]]]:
    """Give the page, and its search."""
    page = _Faq(parts, scenery, talks)
    return [("/faq", page.show, ["GET"]), ("/faq", page.search, ["POST"])]


class _Faq:
    def __init__(self, parts: WebParts, scenery: Scenery, talks: Conversations) -> None:
        self._parts = parts
        self._scenery = scenery
        self._talks = talks

    async def show(self, request: Request) -> Response:
        """List every answer by category, and what the terms mean."""
        found = await to_thread(self._parts.back.book.answers)
        values = {"parts": self._by_category(request, found), "terms": glossary.every()}
        answer = self._draw(request, values)
        answer.headers.update({**KEPT, "vary": "accept-language"})
        return answer

    async def search(self, request: Request) -> Response:
        """Answer the words of the form, or say honestly that there is no answer."""
        sent = await read_form(request, self._parts.limits)
        words = sent.get("words", "")[:LONGEST].strip()
        if not fold(words):
            lang = self._scenery.lang(request)
            return RedirectResponse("/faq" if lang == "ko" else f"/faq?lang={lang}", 303)
        network = self._talks.networks.name(request.client.host if request.client else None)
        self._talks.rates.check(f"faq:{network}", self._parts.limits.searches)
        found = await to_thread(self._parts.back.book.ask, words)
        return self._draw(request, {"asked": words, "found": found})

    def _by_category(
        self, request: Request, found: Sequence[Answer]
    ) -> Sequence[tuple[str, list[Answer]]]:
        """Give what citizens ask by category, then what officials ask as one."""
        say = self._parts.say(self._scenery.lang(request))
        other = say(Phrase("web.faq.other"))
        made: dict[str, list[Answer]] = {}
        for one in (one for one in found if one.audience != faq.OFFICIALS):
            made.setdefault(one.category or other, []).append(one)
        officials = [one for one in found if one.audience == faq.OFFICIALS]
        if officials:
            made[say(Phrase("web.faq.officials"))] = officials
        return tuple(made.items())

    def _draw(self, request: Request, values: Mapping[str, Any]) -> Response:
        common = {"page": "faq", "asked": "", "found": None, "names": answers.names}
        return self._scenery.draw(request, "faq", {**common, **values})
