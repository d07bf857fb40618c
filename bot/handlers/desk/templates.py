"""Words for answers: the list, adding, ending."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from starlette.responses import Response
from starlette.routing import BaseRoute

from bot.errors import Refused
from bot.handlers.desk import plain
from bot.handlers.desk.doing import new_command, once
from bot.handlers.desk.pages import Pages
from bot.handlers.desk.parts import DeskParts
from bot.handlers.desk.reception import Reception
from bot.handlers.desk.visit import Missing, Visit, see
from bot.handlers.fields import Choice
from bot.services import templates
from bot.services.rights import Right

WRONG = {"template.name": "name", "template.taken": "name", "template.field": "field"}
"""Which field a refusal stands beside; the others stand beside the words."""


def routes(parts: DeskParts, pages: Pages, reception: Reception) -> list[BaseRoute]:
    desk = _Templates(parts, pages)
    return [
        reception.page("/templates", desk.listed, Right.TEMPLATES),
        reception.page("/templates/add", desk.add, Right.TEMPLATES, keeps=True),
        reception.page("/templates/{template_id:int}/end", desk.end, Right.TEMPLATES),
    ]


def field_name(pages: Pages, svc: Any, procedure: str, name: str) -> str:
    """Name a field of an answer as its form does."""
    said = _asked(pages, svc, procedure, name)
    others = (one for one in templates.fields(svc, procedure) if one != name)
    if said not in {_asked(pages, svc, procedure, one) for one in others}:
        return said
    rules = svc.procedures[procedure]  # two fields with one name: say of which moves each is
    moves = [one.action for one in rules.moves.values() if one.field(name) is not None]
    where = ", ".join(pages.text(f"move.{move}.name") for move in moves)
    return pages.text("desk.template.of", field=said, moves=where)


def _asked(pages: Pages, svc: Any, procedure: str, name: str) -> str:
    keys = [f"field.{name}.ask"]
    keys += [f"move.{move}.{name}.ask" for move in svc.procedures[procedure].moves]
    return next((words for key in keys if (words := pages.maybe(key))), name)


class _Templates:
    def __init__(self, parts: DeskParts, pages: Pages) -> None:
        self._parts = parts
        self._pages = pages

    def listed(self, visit: Visit) -> Response:
        found = self._parts.store.read(lambda unit: templates.listed(unit, visit.actor))
        svc = self._parts.svc
        return self._pages.show(
            visit,
            "templates.html",
            rows=[(one, field_name(self._pages, svc, one.procedure, one.field)) for one in found],
            command=new_command(visit),
        )

    def add(self, visit: Visit) -> Response:
        """Show the form; keep the words once. To change words is to end them and add anew."""
        names = ("field", "name", "body", "own")
        if not visit.post:
            given = {name: visit.asked(name) for name in ("field",)}
            return self._form(visit, given, {})
        given = {name: visit.sent.get(name) for name in names}
        if visit.stale:
            return self._form(visit, given, {}, self._pages.text("desk.move.again"))
        procedure, _, field = given["field"].partition(" ")
        wrong = plain.empty(self._pages, given, "field", "name", "body")
        if wrong:
            return self._form(visit, given, wrong)
        try:
            once(visit, "template", given, lambda unit: templates.add(
                self._parts.svc,
                unit,
                visit.actor,
                procedure=procedure,
                field=field,
                name=given["name"],
                body=given["body"],
                own=bool(given["own"]),
            ))  # fmt: skip
        except Refused as error:
            return self._form(visit, given, {WRONG.get(error.key, "body"): self._pages.why(error)})
        return see(f"{self._parts.base}/templates")

    def end(self, visit: Visit) -> Response:
        template_id = int(visit.path("template_id"))
        if visit.post:
            try:
                once(visit, "template_end", template_id, lambda unit: templates.end(
                    self._parts.svc, unit, visit.actor, template_id
                ))  # fmt: skip
            except Refused:
                raise Missing from None
        return see(f"{self._parts.base}/templates")

    def _form(
        self,
        visit: Visit,
        given: Mapping[str, Any],
        wrong: Mapping[str, str],
        problem: str = "",
    ) -> Response:
        svc = self._parts.svc
        many = len(svc.procedures) > 1
        where = [
            Choice(
                f"{key} {name}",
                f"{rules.title}: {words}" if many else words,
            )
            for key, rules in svc.procedures.items()
            for name in templates.fields(svc, key)
            if (words := field_name(self._pages, svc, key, name))
        ]
        made = plain.field
        fields = [
            made(self._pages, "template", "field", given, wrong, kind="lookup", options=where),
            made(self._pages, "template", "name", given, wrong),
            replace(
                made(self._pages, "template", "body", given, wrong, kind="long"),
                max=templates.LONGEST,
            ),
            made(self._pages, "template", "own", given, wrong, kind="consent"),
        ]
        return self._pages.show(
            visit,
            "template.html",
            422 if wrong else 200,
            fields=fields,
            holes=list(templates.HOLES),
            problem=problem,
            command=new_command(visit),
        )
