"""A closed filing made into a case: the reporter's words made general, beside the fields of a case."""

from collections.abc import Callable, Mapping

from starlette.responses import Response
from starlette.routing import BaseRoute

from bot.errors import Refused
from bot.handlers.desk import plain
from bot.handlers.desk.doing import new_command, once
from bot.handlers.desk.pages import Pages
from bot.handlers.desk.parts import DeskParts
from bot.handlers.desk.reception import Reception
from bot.handlers.desk.visit import Missing, Visit, see
from bot.handlers.fields import Choice, Field
from bot.services import case_drafts
from bot.services.base import Actor, Desk
from bot.services.case_checks import Fault, Words
from bot.services.case_drafts import KINDS, Sheet
from bot.services.rights import Right
from storage.unit import Unit

LONG_TEXTS = ("problem", "action", "effect")
YES_NO = ("year", "unit", "told")
DOES: Mapping[str, Callable[[Desk, Unit, Actor, str, int], object]] = {
    "ask": case_drafts.ask,
    "release": case_drafts.release,
    "send_back": case_drafts.send_back,
    "drop": case_drafts.drop,
    "renew": case_drafts.renew,
}
DONE = frozenset({*DOES, "save"})


def routes(parts: DeskParts, pages: Pages, reception: Reception) -> list[BaseRoute]:
    desk = _CaseDraft(parts, pages)
    return [reception.page("/filings/{number}/case", desk.page, Right.CASE_DRAFTS)]


class _CaseDraft:
    def __init__(self, parts: DeskParts, pages: Pages) -> None:
        self._parts = parts
        self._pages = pages

    def page(self, visit: Visit) -> Response:
        """Show the draft as it stands; take what was written or decided."""
        if not visit.post:
            return self._show(visit)
        number, step = visit.path("number"), visit.sent.get("step")
        typed = {name: visit.sent.get(name) for name in (*Words.__dataclass_fields__,)}
        try:
            once(visit, f"case {number} {step}", typed, lambda unit: self._do(unit, visit, typed))
        except Refused as error:
            if error.key == "filing.unknown":
                raise Missing from None
            return self._show(visit, typed, error=self._pages.why(error))
        return see(f"{self._parts.base}/filings/{number}/case?done={step}")

    def _do(self, unit: Unit, visit: Visit, typed: Mapping[str, str]) -> None:
        svc, number, step = self._parts.svc, visit.path("number"), visit.sent.get("step")
        version = visit.sent.get("version")
        at = (
            int(version)
            if version.lstrip("-").isdecimal() and len(version) < 10
            else case_drafts.NEW
        )
        if step in DOES:
            DOES[step](svc, unit, visit.actor, number, at)
        else:
            case_drafts.save(svc, unit, visit.actor, number, at, typed)

    def _show(
        self, visit: Visit, typed: Mapping[str, str] | None = None, error: str = ""
    ) -> Response:
        svc, number = self._parts.svc, visit.path("number")
        try:
            sheet: Sheet = self._parts.store.transact(
                lambda unit: case_drafts.sheet(svc, unit, visit.actor, number),
                f"desk-case:{svc.random(16).hex()}",
            )
        except Refused as refused:
            if refused.key == "conflict.ask":
                return see(f"{self._parts.base}/filings/{number}")
            raise Missing from None
        done = visit.asked("done")
        return self._pages.show(
            visit,
            "case_draft.html",
            422 if error else 200,
            sheet=sheet,
            k=svc.site.knowledge.k,
            fields=self._fields(sheet, typed),
            reported=[
                (self._pages.text(f"desk.case_draft.said.{name}"), general)
                for name, general in sheet.said
            ],
            faults=[self._fault(one) for one in sheet.faults],
            why=self._pages.why(sheet.closed) if sheet.closed else "",
            no=self._pages.why(sheet.no_release) if sheet.no_release else "",
            error=error,
            said=self._pages.text(f"desk.case_draft.done.{done}") if done in DONE else None,
            command=new_command(visit),
        )

    def _fault(self, one: Fault) -> tuple[str, str, str]:
        """Say what is wrong, in which field, and how it stands there."""
        where = self._pages.text(f"desk.case_draft.{one.field}") if one.field else ""
        k, most = self._parts.svc.site.knowledge.k, self._parts.svc.site.knowledge.copied
        return (
            self._pages.text(f"desk.case_draft.fault.{one.key}", k=k, most=most),
            where,
            one.said,
        )

    def _fields(self, sheet: Sheet, typed: Mapping[str, str] | None) -> list[Field]:
        words = sheet.words
        given = typed or {
            **{
                name: getattr(words, name)
                for name in ("title", *LONG_TEXTS, "keywords", "field", "kind")
            },
            **{name: "yes" if getattr(words, name) else "" for name in YES_NO},
        }
        wrong: dict[str, str] = {}
        text = self._pages.text
        fields = [plain.field(self._pages, "case_draft", "title", given, wrong)]
        fields += [
            plain.field(
                self._pages, "case_draft", name, given, wrong, kind="long",
                optional=name == "effect",
            )
            for name in LONG_TEXTS
        ]  # fmt: skip
        kinds = [Choice(one, text(f"desk.case_draft.kinds.{one}")) for one in KINDS]
        fields += [
            plain.field(self._pages, "case_draft", "keywords", given, wrong, optional=True),
            plain.field(self._pages, "case_draft", "field", given, wrong, optional=True),
            plain.field(
                self._pages, "case_draft", "kind", given, wrong, kind="choice", options=kinds
            ),
        ]
        wanted = YES_NO if self._parts.svc.site.knowledge.reporter == "told" else YES_NO[:2]
        fields += [
            plain.field(
                self._pages, "case_draft", name, given, wrong, kind="many", optional=True,
                options=[Choice("yes", text(f"desk.case_draft.yes.{name}"))],
            )
            for name in wanted
        ]  # fmt: skip
        return fields
