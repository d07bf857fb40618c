"""Letters of what officials filed, as HWPX and PDF, and the bundle that proves them."""

from dataclasses import dataclass

from starlette.responses import Response
from starlette.routing import BaseRoute

from bot.documents import bundle, official
from bot.errors import Refused
from bot.handlers.desk import keeping, stepup
from bot.handlers.desk.doing import new_command
from bot.handlers.desk.files import serve
from bot.handlers.desk.pages import Pages
from bot.handlers.desk.parts import DeskParts
from bot.handlers.desk.reception import Reception
from bot.handlers.desk.visit import Missing, Visit, see
from bot.services import evidence, papers, printing, sight
from bot.services.attachments import Opened
from bot.services.rights import Right
from storage import seals
from storage.journal import Head
from storage.unit import Unit

BUNDLE = "evidence"
KINDS = {"pdf": (official.pdf, "application/pdf"), "hwpx": (official.hwpx, official.MIME)}


def routes(parts: DeskParts, pages: Pages, reception: Reception) -> list[BaseRoute]:
    desk = _Papers(parts, pages)
    return [reception.page("/filings/{number}/papers", desk.page, Right.PRINT, Right.APPLY)]


@dataclass(frozen=True, slots=True)
class Offer:
    """A letter that there is, by its name in the procedure and as people call it."""

    name: str
    title: str


class _Papers:
    def __init__(self, parts: DeskParts, pages: Pages) -> None:
        self._parts = parts
        self._pages = pages

    def page(self, visit: Visit) -> Response:
        """Show which letters there are; hand one of them over, or the bundle."""
        number = visit.path("number")
        try:
            offers = self._offers(visit, number)
            if not visit.post or visit.stale:
                return self._show(visit, number, offers)
            stepup.require(visit)
            name, _, kind = visit.sent.get("step").partition(".")
            if name == BUNDLE:
                return self._bundle(visit, number)
            if kind not in KINDS or name not in {one.name for one in offers}:
                raise Missing
            return self._letter(visit, number, name, kind)
        except Refused as error:
            if error.key == "conflict.ask":
                return see(f"{self._parts.base}/filings/{number}")
            if error.key == "filing.unknown":
                raise Missing from None
            return self._pages.refused(visit, error)

    def _offers(self, visit: Visit, number: str) -> tuple[Offer, ...]:
        svc = self._parts.svc

        def look(unit: Unit) -> tuple[Offer, ...]:
            filing = sight.find(unit, visit.actor, number)
            printing.allowed(unit, visit.actor, filing)
            say = self._pages.text
            return tuple(
                Offer(name, say(f"desk.papers.{filing.procedure}.{name}.name"))
                for name in papers.offered(svc, unit, filing)
            )

        found = self._parts.store.read(look)
        if not found:
            raise Missing
        return found

    def _show(self, visit: Visit, number: str, offers: tuple[Offer, ...]) -> Response:
        return self._pages.show(
            visit, "papers.html", number=number, offers=offers, command=new_command(visit)
        )

    def _letter(self, visit: Visit, number: str, name: str, kind: str) -> Response:
        svc = self._parts.svc
        draft = self._parts.store.transact(
            lambda unit: papers.export(svc, unit, visit.actor, number, name),
            f"desk-paper:{svc.random(16).hex()}",
        )
        make, mime = KINDS[kind]
        return serve(Opened(f"{name}.{kind}", mime, make(draft)))

    def _bundle(self, visit: Visit, number: str) -> Response:
        """Make the bundle, seal it, write its digest down, hand it over."""
        store, svc = self._parts.store, self._parts.svc
        case = store.read(lambda unit: evidence.case(svc, unit, store.read, visit.actor, number))
        head, now = Head.parse(case.head), svc.now()
        path = keeping.place(self._parts)
        made = bundle.write(
            path, [case], seal=lambda listed: seals.sign(store.ring, number, now, listed, head)
        )
        try:
            store.transact(
                lambda unit: evidence.noted(svc, unit, visit.actor, number, made.sha256),
                f"desk-evidence:{svc.random(16).hex()}",
            )
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        return keeping.hand_over(path, "evidence.zip")
