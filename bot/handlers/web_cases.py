"""Published cases on pages of their own: to browse, to search, each under its address.

Words that somebody looks for travel in the body of a form, never in an address: a log would keep
them. What narrows a list may stand in the address, so that a list can be shared.
"""

from asyncio import to_thread
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from bot.dialogs.replies import Phrase
from bot.handlers.chat.book import Answer
from bot.handlers.chat.files import read_form
from bot.handlers.chat.parts import WebParts
from bot.handlers.chat.scenery import Page, Scenery
from bot.handlers.chat.talk import Conversations
from bot.services import finding
from bot.services.case_words import link
from knowledge.cases import Case, told
from knowledge.searching.highlight import Excerpt, spans

PAGE = 20
LONGEST = 60
"""Signs of a value by which one may narrow, and of a ref."""

KEPT = {"cache-control": "public, max-age=60"}
"""Nothing here is of anybody; a withdrawn case is gone from caches after a minute."""


def pages(
    parts: WebParts, scenery: Scenery, talks: Conversations
) -> list[tuple[str, Page, list[str]]]:
    """Give the pages of cases."""
    cases = _Cases(parts, scenery, talks)
    return [
        ("/cases", cases.browse, ["GET"]),
        ("/cases", cases.search, ["POST"]),
        ("/cases/{ref}", cases.show, ["GET"]),
    ]


class _Cases:
    def __init__(self, parts: WebParts, scenery: Scenery, talks: Conversations) -> None:
        self._parts = parts
        self._scenery = scenery
        self._talks = talks

    async def browse(self, request: Request) -> Response:
        """List what is published, page by page."""
        only = _only(request.query_params.get)
        at = _page(request.query_params.get("page", ""))
        shown = await to_thread(self._parts.back.book.listed, only, (at - 1) * PAGE, PAGE)
        last = max(1, -(-shown.total // PAGE))
        values = {
            "cases": [self._card(case) for case in shown.cases],
            "total": shown.total,
            "at": min(at, last),
            "last": last,
            "turn": lambda n: self._list(request, only, n),
        }
        answer = self._draw(request, values, only, shown.facets)
        answer.headers.update({**KEPT, "vary": "accept-language"})
        return answer

    async def search(self, request: Request) -> Response:
        """Search for the words of the form; without words the list is what is wanted."""
        sent = await read_form(request, self._parts.limits)
        only, words = _only(sent.get), sent.get("words", "")[: finding.LONGEST]
        if not finding.asked(words):
            return RedirectResponse(self._list(request, only), 303)
        network = self._talks.networks.name(request.client.host if request.client else None)
        self._talks.rates.check(f"cases:{network}", self._parts.limits.searches)
        answer = await to_thread(self._parts.back.book.search, words, only, PAGE)
        shown = await to_thread(self._parts.back.book.listed, only, 0, 0)
        say = self._parts.say(self._scenery.lang(request))
        values = {
            "cases": [self._card(case, words, answer) for case in answer.cases],
            "total": len(answer.cases),
            "asked": words,
            "sure": answer.sought.sure,
            "meant": [say(one) for one in _phrases(finding.meant(answer.sought))],
        }
        return self._draw(request, values, only, shown.facets)

    async def show(self, request: Request) -> Response:
        """Show one case; 410 for one that was withdrawn, 404 for one that never was."""
        ref = request.path_params["ref"][:LONGEST]
        read = await to_thread(self._parts.back.book.read, ref)
        if read.case is None:
            status = 410 if read.gone else 404
            values: dict[str, Any] = {"page": "cases", "name": "gone" if read.gone else "missing"}
            return self._scenery.draw(request, "case_gone", values, status)
        case = read.case
        values = {
            "page": "cases",
            "case": case,
            "told": {name: told(getattr(case, name)) for name in ("problem", "action", "effect")},
            "gist": finding.gist(case),
            "link": link(case.source),
            "permission": case.permission or self._parts.back.book.permission,
            "address": f"{self._parts.url}/cases/{quote(case.ref, safe='')}",
            "alike": [self._card(one) for one in read.alike],
            "list": self._list(request, {}),
            "path": _path,
        }
        answer = self._scenery.draw(request, "case_page", values)
        answer.headers.update({**KEPT, "vary": "accept-language"})
        return answer

    def _draw(
        self,
        request: Request,
        values: Mapping[str, Any],
        only: Mapping[str, str],
        facets: Mapping[str, Sequence[tuple[str, int]]],
    ) -> Response:
        # A value that fits nothing stays to be seen, and to be taken away.
        shown = {
            name: [
                *found,
                *([(only[name], 0)] if name in only and only[name] not in dict(found) else []),
            ]
            for name, found in facets.items()
        }
        common = {
            "page": "cases", "only": only, "facets": shown, "asked": "", "meant": [], "sure": True,
            "at": 1, "last": 1, "turn": None, "list": self._list(request, {}), "path": _path,
        }  # fmt: skip
        return self._scenery.draw(request, "cases", {**common, **values})

    def _card(self, case: Case, words: str = "", answer: Answer | None = None) -> dict[str, Any]:
        meant = answer.sought.meant if answer is not None else ()

        def pieces(text: str) -> list[tuple[str, bool]]:
            return list(Excerpt(text, spans(text, words, meant) if words else ()).pieces())

        return {"case": case, "title": pieces(case.title), "gist": pieces(finding.gist(case))}

    def _list(self, request: Request, only: Mapping[str, str], at: int = 1) -> str:
        lang = self._scenery.lang(request)
        query = {
            **only,
            **({"page": str(at)} if at > 1 else {}),
            **({"lang": lang} if lang != "ko" else {}),
        }
        return f"/cases?{urlencode(query)}" if query else "/cases"


def _only(given: Callable[[str, str], str | None]) -> dict[str, str]:
    """Read by what is narrowed; what cannot be a value is left out."""
    found = {name: (given(name, "") or "")[:LONGEST] for name in finding.FACETS}
    if not (found["year"].isascii() and found["year"].isdigit() and len(found["year"]) == 4):
        found["year"] = ""
    return {name: value for name, value in found.items() if value}


def _page(text: str) -> int:
    return max(1, int(text)) if text.isascii() and text.isdigit() and len(text) < 6 else 1


def _path(ref: str) -> str:
    return f"/cases/{quote(ref, safe='')}"


def _phrases(params: Sequence[Any]) -> Iterator[Phrase]:
    return (one for one in params if isinstance(one, Phrase))
