"""Similar replies: what the audit office advised before, beside an application or by words."""

from starlette.responses import Response
from starlette.routing import BaseRoute

from bot.errors import Refused
from bot.handlers.desk.pages import Pages
from bot.handlers.desk.parts import DeskParts
from bot.handlers.desk.reception import Reception
from bot.handlers.desk.visit import Missing, Visit
from bot.services import similar
from bot.services.rights import Right
from bot.services.similar import Like


def routes(parts: DeskParts, pages: Pages, reception: Reception) -> list[BaseRoute]:
    desk = _Replies(parts, pages)
    return [
        reception.page("/replies", desk.search, Right.APPLY),
        reception.page("/filings/{number}/replies", desk.beside, Right.CONTENT, Right.APPLY),
    ]


class _Replies:
    def __init__(self, parts: DeskParts, pages: Pages) -> None:
        self._parts = parts
        self._pages = pages

    def search(self, visit: Visit) -> Response:
        """Ask for words; show what is like them. The words travel in a form, never an address."""
        if not visit.post:
            return self._show(visit, None)
        words = visit.sent.get("words")[: similar.LONGEST]
        svc = self._parts.svc
        try:
            found = similar.noted(
                svc, self._parts.store, visit.actor,
                lambda unit: similar.anywhere(svc, unit, visit.actor, words),
            )  # fmt: skip
        except Refused as error:
            return self._show(visit, None, words, error=self._pages.why(error))
        return self._show(visit, found, words)

    def beside(self, visit: Visit) -> Response:
        """Show what was replied to applications like this one."""
        svc, number = self._parts.svc, visit.path("number")
        try:
            found = similar.noted(
                svc, self._parts.store, visit.actor,
                lambda unit: similar.to(svc, unit, visit.actor, number),
            )  # fmt: skip
        except Refused:
            raise Missing from None
        return self._show(visit, found, number=number)

    def _show(
        self,
        visit: Visit,
        found: tuple[Like, ...] | None,
        words: str = "",
        number: str = "",
        error: str = "",
    ) -> Response:
        return self._pages.show(
            visit,
            "replies.html",
            422 if error else 200,
            found=found,
            words=words,
            number=number,
            error=error,
            longest=similar.LONGEST,
        )
