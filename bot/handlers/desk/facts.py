"""The one page of a unit that was asked: its requests, and answering them (security S8)."""

from starlette.responses import Response
from starlette.routing import BaseRoute

from bot.dialogs.form import AnyForm
from bot.errors import Refused
from bot.handlers import fields
from bot.handlers.desk.doing import new_command, once
from bot.handlers.desk.move import Typed
from bot.handlers.desk.pages import Pages
from bot.handlers.desk.parts import DeskParts
from bot.handlers.desk.reception import Reception
from bot.handlers.desk.story import Story
from bot.handlers.desk.taking import Taking
from bot.handlers.desk.visit import Missing, Visit, see
from bot.services import facts, moves, rights
from bot.services.facts import Asked
from bot.services.moves import BadFields
from bot.services.rights import Right
from storage.unit import Unit


def routes(parts: DeskParts, pages: Pages, reception: Reception) -> list[BaseRoute]:
    desk = _Facts(parts, pages)
    return [
        reception.page("/facts", desk.listed, Right.FACTS_SEEN),
        reception.page(
            "/facts/{request_id:int}", desk.one, Right.FACTS_SEEN, files=True, keeps=True
        ),
    ]


class _Facts:
    def __init__(self, parts: DeskParts, pages: Pages) -> None:
        self._parts = parts
        self._pages = pages
        self._story = Story(parts, pages)
        self._taking = Taking(parts)

    def listed(self, visit: Visit) -> Response:
        found = self._parts.store.read(lambda unit: facts.listed(unit, visit.actor))
        done = bool(visit.asked("done"))
        return self._pages.show(
            visit,
            "facts.html",
            rows=[{"request": one, "about": _about(one)} for one in found],
            said=self._pages.text("desk.facts.sent") if done else None,
        )

    def one(self, visit: Visit) -> Response:
        """Show a request with its form; take the answer once."""
        svc, request_id = self._parts.svc, int(visit.path("request_id"))

        def work(unit: Unit) -> tuple[Asked, AnyForm | None]:
            form = facts.reply_form(svc, unit, visit.actor, request_id)
            return facts.opened(svc, unit, visit.actor, request_id), form

        try:
            asked, form = self._parts.store.transact(work, f"desk-fact:{svc.random(16).hex()}")
        except Refused:
            raise Missing from None
        answers = rights.may(visit.actor, Right.FACTS)  # the head reads what his unit was asked
        if asked.kind != "asked" or asked.state != "open" or not answers:
            form = None
        if not visit.post or form is None:
            return self._show(visit, asked, form, Typed({}, {}))
        raw, wrong = self._taking.take(visit, form)
        if visit.stale or wrong:
            again = self._pages.text("desk.move.again") if visit.stale else ""
            return self._show(visit, asked, form, Typed(raw, wrong, again), 422)
        try:
            once(visit, f"fact {request_id}", raw, lambda unit: facts.reply(
                svc, unit, visit.actor, request_id, raw
            ))  # fmt: skip
        except BadFields as bad:
            return self._show(visit, asked, form, Typed(raw, bad.errors), 422)
        except Refused as error:
            problem = self._pages.why(error)
            return self._show(visit, asked, form, Typed(raw, {}, problem), 409)
        return see(f"{self._parts.base}/facts?done=1")

    def _show(
        self,
        visit: Visit,
        asked: Asked,
        form: AnyForm | None,
        typed: Typed,
        status: int = 200,
    ) -> Response:
        shown: tuple[fields.Field, ...] = ()
        if form is not None:
            svc = self._parts.svc
            ctx = self._parts.store.read(lambda unit: moves.context(svc, unit))
            shown = fields.fields(form, dict(typed.raw), ctx, self._pages.say, typed.errors)
        return self._pages.show(
            visit,
            "fact.html",
            status,
            asked=asked,
            lines=self._story.content(asked.content),
            reply=self._story.content(asked.reply),
            fields=shown,
            kept=self._taking.kept(form, typed.raw),
            problem=typed.problem,
            command=new_command(visit),
        )


def _about(asked: Asked) -> str:
    """Give the first line of what is asked, for the list."""
    words = str(asked.content.get("matter") or asked.content.get("content") or "")
    first = words.strip().split("\n")[0]
    return first if len(first) <= 60 else f"{first[:60]}…"
