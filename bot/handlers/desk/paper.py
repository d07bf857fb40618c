"""On paper: a report without who reported (wording.md §13), a notice as a letter to post."""

from dataclasses import replace

from starlette.responses import Response
from starlette.routing import BaseRoute

from bot.documents import letters as documents
from bot.documents.letters import Letter
from bot.errors import Refused
from bot.handlers.desk import plain, stepup
from bot.handlers.desk.copies import Paper
from bot.handlers.desk.doing import seen
from bot.handlers.desk.files import serve
from bot.handlers.desk.pages import Pages
from bot.handlers.desk.parts import DeskParts
from bot.handlers.desk.reception import Reception
from bot.handlers.desk.story import Story, Told
from bot.handlers.desk.visit import Missing, Visit, see
from bot.services import house, letters, reporter, rights, views
from bot.services.attachments import Opened
from bot.services.rights import Right
from bot.services.veil import Veil
from bot.services.views import FilingView
from storage.unit import Unit


def routes(parts: DeskParts, pages: Pages, reception: Reception) -> list[BaseRoute]:
    desk = _Paper(parts, pages)
    return [
        reception.page("/filings/{number}/print", desk.page, Right.PRINT),
        reception.page("/filings/{number}/letters/{seq:int}", desk.letter, Right.IDENTITY),
    ]


def _veiled(told: Told, veil: Veil) -> Told:
    """Take the reporter out of everything that somebody wrote."""
    lines = [
        replace(line, items=tuple(replace(one, value=veil.over(one.value)) for one in line.items))
        for line in told.history
    ]
    return replace(
        told,
        report=tuple(replace(item, value=veil.over(item.value)) for item in told.report),
        talk=tuple(replace(said, text=veil.over(said.text)) for said in told.talk),
        history=tuple(lines),
    )


class _Paper:
    def __init__(self, parts: DeskParts, pages: Pages) -> None:
        self._parts = parts
        self._pages = pages
        self._story = Story(parts, pages)
        self._paper = Paper(parts, pages)

    def page(self, visit: Visit) -> Response:
        """Show the report for printing, or hand it over as PDF; who reported is taken out."""
        svc, number = self._parts.svc, visit.path("number")

        def work(unit: Unit) -> tuple[FilingView, Veil]:
            view = views.view(svc, unit, visit.actor, number)
            return view, reporter.printed(svc, unit, visit.actor, number)

        try:
            view, veil = self._parts.store.transact(work, f"desk-print:{svc.random(16).hex()}")
        except Refused as error:
            if error.key == "conflict.ask":
                return see(f"{self._parts.base}/filings/{number}")
            raise Missing from None
        units = {row.id: row for row in self._parts.store.read(house.unit_rows)}
        # The number of an earlier petition leads the unit to whoever wrote it (S8).
        answers = {name: value for name, value in view.answers.items() if name != "prior_no"}
        told = _veiled(self._story.of(replace(view, answers=answers), units), veil)
        if visit.post:
            return self._paper.pdf(visit, view, told)
        return self._pages.show(
            visit,
            "print.html",
            view=view,
            row=view.row,
            story=told,
            may_unredacted=rights.may(visit.actor, Right.UNREDACTED) and view.row.mode == "named",
        )

    def letter(self, visit: Visit) -> Response:
        """Set a notice as a letter; the reporter's name and address stand on it, so say why."""
        svc, number = self._parts.svc, visit.path("number")
        seen(visit, number)
        stepup.require(visit)
        if not visit.post:
            return self._why(visit, self._pages.text("desk.letter.default"), "")
        reason = visit.sent.get("reason")

        def work(unit: Unit) -> Letter:
            reporter.reveal(svc, unit, visit.actor, number, reason, code="reply")
            return letters.of_notice(svc, unit, visit.actor, number, int(visit.path("seq")))

        try:
            found = self._parts.store.transact(work, f"desk-letter:{svc.random(16).hex()}")
        except Refused as error:
            if error.key == "filing.unknown":
                raise Missing from None
            return self._why(visit, reason, self._pages.why(error))
        name = self._pages.text("desk.letter.file")
        return serve(Opened(name, "application/pdf", documents.pdf(found)))

    def _why(self, visit: Visit, reason: str, error: str) -> Response:
        field = plain.field(
            self._pages,
            "letter",
            "reason",
            {"reason": reason},
            {"reason": error} if error else {},
            kind="long",
        )
        return self._pages.show(
            visit,
            "reason.html",
            422 if error else 200,
            number=visit.path("number"),
            title=self._pages.text("desk.letter.title"),
            text=self._pages.text("desk.letter.text"),
            button=self._pages.text("desk.letter.button"),
            fields=[field],
        )
