"""Attachments: the clean copy to look at, the original only with a reason (security S25)."""

from collections.abc import Mapping
from urllib.parse import quote

from starlette.responses import Response
from starlette.routing import BaseRoute

from bot.errors import Refused
from bot.handlers.desk import plain, stepup
from bot.handlers.desk.doing import seen
from bot.handlers.desk.pages import Pages
from bot.handlers.desk.parts import DeskParts
from bot.handlers.desk.reception import Reception
from bot.handlers.desk.visit import Missing, Visit
from bot.services import attachments
from bot.services.attachments import Opened
from bot.services.rights import Right

SANDBOX = "sandbox; default-src 'none'"


def routes(parts: DeskParts, pages: Pages, reception: Reception) -> list[BaseRoute]:
    desk = _Files(parts, pages)
    path = "/filings/{number}/files/{ref}"
    return [
        reception.page(path, desk.clean, Right.CONTENT, Right.APPLY),
        reception.page(f"{path}/original", desk.original, Right.ORIGINAL),
    ]


def serve(opened: Opened) -> Response:
    """Hand a file over so that nothing of it can run here: saved, not shown; sandboxed."""
    name = quote(opened.name)
    return Response(
        opened.data,
        headers={
            "Content-Type": opened.mime,
            "Content-Disposition": f"attachment; filename=\"file\"; filename*=UTF-8''{name}",
            "Content-Security-Policy": SANDBOX,
            "X-Content-Type-Options": "nosniff",
        },
    )


class _Files:
    def __init__(self, parts: DeskParts, pages: Pages) -> None:
        self._parts = parts
        self._pages = pages

    def clean(self, visit: Visit) -> Response:
        ref = visit.path("ref")
        try:
            opened = self._parts.store.transact(
                lambda unit: attachments.open_clean(self._parts.svc, unit, visit.actor, ref), None
            )
        except Refused:
            raise Missing from None
        return serve(opened)

    def original(self, visit: Visit) -> Response:
        """Ask why, write it down, then hand the original over."""
        svc, ref, number = self._parts.svc, visit.path("ref"), visit.path("number")
        seen(visit, number)
        stepup.require(visit)
        if not visit.post:
            number = seen(visit, number).number
            return self._reason(visit, number, {}, {})
        given = {name: visit.sent.get(name) for name in ("reason", "risk")}
        try:
            opened = self._parts.store.transact(
                lambda unit: attachments.open_original(
                    svc, unit, visit.actor, ref, given["reason"], risk=given["risk"] == "yes"
                ),
                f"desk-original:{svc.random(16).hex()}",
            )
        except Refused as error:
            if error.key == "file.unknown":
                raise Missing from None
            name = "risk" if error.key == "file.risk" else "reason"
            return self._reason(visit, number, given, {name: self._pages.why(error)})
        return serve(opened)

    def _reason(
        self, visit: Visit, number: str, given: Mapping[str, str], wrong: Mapping[str, str]
    ) -> Response:
        """Ask for the reason, and warn where nobody has looked for malicious code."""
        ref, pages = visit.path("ref"), self._pages
        try:
            risky = self._parts.store.read(lambda unit: attachments.risky(unit, visit.actor, ref))
        except Refused:
            raise Missing from None
        fields = [plain.field(pages, "file", "reason", given, wrong, kind="long")]
        if risky:
            fields.append(plain.field(pages, "file", "risk", given, wrong, kind="consent"))
        return self._pages.show(
            visit,
            "reason.html",
            422 if wrong else 200,
            number=number,
            title=self._pages.text("desk.file.original_title"),
            text=self._pages.text("desk.file.original_text"),
            button=self._pages.text("desk.file.original_button"),
            fields=fields,
        )
