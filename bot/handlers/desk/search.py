"""Finding reports by their words (security S28): words travel in a form, never in an address."""

from starlette.responses import Response
from starlette.routing import BaseRoute

from bot.errors import Refused
from bot.handlers.desk.letters import pieces
from bot.handlers.desk.pages import Pages
from bot.handlers.desk.parts import DeskParts
from bot.handlers.desk.reception import Reception
from bot.handlers.desk.visit import Visit
from bot.services import search
from bot.services.rights import Right
from bot.services.search import Found


def routes(parts: DeskParts, pages: Pages, reception: Reception) -> list[BaseRoute]:
    desk = _Search(parts, pages)
    return [reception.page("/search", desk.page, Right.SEARCH)]


class _Search:
    def __init__(self, parts: DeskParts, pages: Pages) -> None:
        self._parts = parts
        self._pages = pages

    def page(self, visit: Visit) -> Response:
        """Ask for words; show what fits."""
        if not visit.post:
            return self._show(visit, "", None)
        words = visit.sent.get("words")[: search.LONGEST]
        svc, store = self._parts.svc, self._parts.store
        try:
            found = self._parts.searches.find(svc, store, visit.actor, words)
        except Refused as error:
            return self._show(visit, words, None, self._pages.why(error))
        return self._show(visit, words, found)

    def _show(self, visit: Visit, words: str, found: Found | None, error: str = "") -> Response:
        quoted = [word for word in words.split() if word]
        hits = [(hit, pieces(hit.snippet, quoted)) for hit in found.hits] if found else []
        return self._pages.show(
            visit,
            "search.html",
            422 if error else 200,
            words=words,
            hits=hits,
            found=found,
            error=error,
            most=search.SHOWN,
        )
