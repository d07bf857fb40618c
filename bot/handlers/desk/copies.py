"""What leaves the desk of a report: a PDF, the draft letter as HWPX, words to copy, with whom it was.

File names tell nothing (security S8): neither number nor person.
"""

from collections.abc import Callable

from starlette.responses import Response
from starlette.routing import BaseRoute

from bot.documents import casefile, official
from bot.documents.casefile import CaseFile, Section
from bot.errors import Refused
from bot.handlers.desk import plain, stepup
from bot.handlers.desk.doing import new_command, once, seen
from bot.handlers.desk.files import serve
from bot.handlers.desk.pages import Pages
from bot.handlers.desk.parts import DeskParts
from bot.handlers.desk.reception import Reception
from bot.handlers.desk.story import Item, Story, Told
from bot.handlers.desk.visit import Missing, Visit, see
from bot.services import copying, drafts, house, officials, printing
from bot.services.attachments import Opened
from bot.services.copying import Block
from bot.services.rights import Right
from bot.services.views import FilingView
from knowledge.calendar import seoul_day
from storage.unit import Unit

GRANTED = "waiting"
TAKES = {"pdf", "hwpx"}


def routes(parts: DeskParts, pages: Pages, reception: Reception) -> list[BaseRoute]:
    desk = _Copies(parts, pages)
    path = "/filings/{number}"
    return [
        reception.page(f"{path}/draft", desk.draft, Right.PRINT),
        reception.page(f"{path}/copy", desk.copy, Right.PRINT),
        reception.page(f"{path}/unredacted", desk.unredacted, Right.UNREDACTED),
    ]


class Paper:
    """Sets a report as PDF, from what its page shows."""

    def __init__(self, parts: DeskParts, pages: Pages) -> None:
        self._parts = parts
        self._pages = pages

    def pdf(
        self,
        visit: Visit,
        view: FilingView,
        told: Told,
        who: tuple[Item, ...] = (),
        *,
        marked: bool = False,
    ) -> Response:
        """Hand the paper over. `marked`: who made it and when stands across every page."""
        say, svc = self._pages.text, self._parts.svc
        me = self._parts.store.read(
            lambda unit: officials.official(unit, visit.actor.user_id or 0)
        )
        assert me is not None
        now = svc.now()
        made = say("desk.paper.made", unit=me.unit, name=me.name, at=self._pages.moment(now))
        sections = [
            Section("", [(item.label, item.value) for item in told.head], short=True),
            Section(say("desk.filing.part.reporter"), _pairs(who), short=True),
            Section(say("desk.filing.part.report"), _pairs(told.report)),
            Section(
                say("desk.filing.part.talk"),
                [(f"{one.who} · {self._pages.moment(one.at)}", one.text) for one in told.talk],
            ),
            Section(
                say("desk.filing.part.due"),
                [(say("derivation.title"), "\n".join(told.derivation))] if told.derivation else [],
            ),
            Section(
                say("desk.filing.part.history"),
                [(self._pages.moment(one.at), f"{one.what} · {one.who}") for one in told.history],
                short=True,
            ),
        ]
        paper = CaseFile(
            agency=f"{svc.site.agency} {svc.site.audit_unit}",
            title=view.row.number,
            notice=say("desk.paper.marked" if marked else "desk.print.veiled"),
            sections=[one for one in sections if one.items],
            made=made,
            head=say("desk.print.head", head=view.head),
            issued=seoul_day(now).isoformat(),
            mark=made if marked else "",
        )
        name = say("desk.paper.file")
        return serve(Opened(name, "application/pdf", casefile.pdf(paper)))


def _pairs(items: tuple[Item, ...]) -> list[tuple[str, str]]:
    return [(item.label, item.value) for item in items]


class _Copies:
    def __init__(self, parts: DeskParts, pages: Pages) -> None:
        self._parts = parts
        self._pages = pages
        self._story = Story(parts, pages)
        self._paper = Paper(parts, pages)

    def draft(self, visit: Visit) -> Response:
        """Hand over the answer as an official letter without the reporter."""
        number = visit.path("number")
        if not visit.post:
            return see(f"{self._parts.base}/filings/{number}")
        return self._try(visit, number, lambda: self._hwpx(visit, number, named=False))

    def _hwpx(self, visit: Visit, number: str, *, named: bool) -> Response:
        svc = self._parts.svc
        draft = self._parts.store.transact(
            lambda unit: drafts.export(svc, unit, visit.actor, number, named=named),
            f"desk-draft:{svc.random(16).hex()}",
        )
        name = self._pages.text("desk.paper.draft_file")
        return serve(Opened(name, official.MIME, official.hwpx(draft)))

    def copy(self, visit: Visit) -> Response:
        """Show words that are ready for the office's other systems."""
        svc, number = self._parts.svc, visit.path("number")

        def work(unit: Unit) -> tuple[Block, ...]:
            return copying.blocks(svc, unit, visit.actor, number)

        def show() -> Response:
            found = self._parts.store.transact(work, f"desk-copy:{svc.random(16).hex()}")
            return self._pages.show(visit, "copy.html", number=number, blocks=found)

        return self._try(visit, number, show)

    def unredacted(self, visit: Visit) -> Response:
        """Ask for a copy with the reporter; take it, once, when another head has said yes."""
        number = visit.path("number")
        seen(visit, number)
        if not visit.post:
            return self._asking(visit, number, "", "")
        step = visit.sent.get("step")
        if step in TAKES:
            stepup.require(visit)
        if step == "pdf":
            return self._try(visit, number, lambda: self._whole(visit, number))
        if step == "hwpx":
            return self._try(visit, number, lambda: self._hwpx(visit, number, named=True))
        reason = visit.sent.get("reason")
        svc = self._parts.svc
        try:
            once(visit, f"unredacted {number}", reason, lambda unit: printing.ask(
                svc, unit, visit.actor, number, reason
            ))  # fmt: skip
        except Refused as error:
            if error.key == "filing.unknown":
                raise Missing from None
            if error.key == "conflict.ask":
                return see(f"{self._parts.base}/filings/{number}")
            return self._asking(visit, number, reason, self._pages.why(error))
        return see(f"{self._parts.base}/filings/{number}/unredacted")

    def _whole(self, visit: Visit, number: str) -> Response:
        svc = self._parts.svc
        view, who = self._parts.store.transact(
            lambda unit: printing.opened(svc, unit, visit.actor, number),
            f"desk-unredacted:{svc.random(16).hex()}",
        )
        units = {row.id: row for row in self._parts.store.read(house.unit_rows)}
        told = self._story.of(view, units)
        return self._paper.pdf(
            visit, view, told, self._story.identity(view.row.procedure, who), marked=True
        )

    def _asking(self, visit: Visit, number: str, reason: str, error: str) -> Response:
        svc = self._parts.svc
        standing = self._parts.store.read(
            lambda unit: printing.standing(svc, unit, visit.actor, number)
        )
        given, wrong = {"reason": reason}, {"reason": error} if error else {}
        return self._pages.show(
            visit,
            "unredacted.html",
            422 if error else 200,
            number=number,
            standing=standing,
            granted=standing is not None and standing.state == GRANTED,
            fields=[plain.field(self._pages, "unredacted", "reason", given, wrong, kind="long")],
            command=new_command(visit),
        )

    def _try(self, visit: Visit, number: str, work: Callable[[], Response]) -> Response:
        """Do it, or say why not where that can be said."""
        try:
            return work()
        except Refused as error:
            if error.key == "conflict.ask":
                return see(f"{self._parts.base}/filings/{number}")
            if error.key == "filing.unknown":
                raise Missing from None
            return self._pages.refused(visit, error)
