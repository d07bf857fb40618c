"""What officials file for their unit: list, the whole form, one's own page of it, the approval.

The forms are those of the procedures that an official may begin; nothing here names one of them.
What was typed is never lost: a form that is refused comes back with every word, and files too.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from starlette.responses import Response
from starlette.routing import BaseRoute

from bot.dialogs.events import Raw
from bot.dialogs.form import Context, Errors, Form
from bot.dialogs.replies import Words
from bot.errors import Refused
from bot.handlers import fields
from bot.handlers.desk import stepup
from bot.handlers.desk.doing import new_command, once
from bot.handlers.desk.pages import Pages
from bot.handlers.desk.parts import DeskParts
from bot.handlers.desk.reception import Reception
from bot.handlers.desk.story import Story
from bot.handlers.desk.taking import Taking
from bot.handlers.desk.visit import Missing, Visit, row_number, see
from bot.services import applications, finding, house, moves, sight, similar, views
from bot.services.applications import Origin
from bot.services.moves import BadFields, MoveForm
from bot.services.rights import Right
from bot.services.similar import Like
from bot.services.views import FilingView
from knowledge.cases import Case
from knowledge.procedures import Procedure
from storage.unit import Unit

APPROVE = "approve"
APART = frozenset({"revise", APPROVE})
"""Moves that have a page of their own here."""
SENT, LOOK = "sent", "look"


def routes(parts: DeskParts, pages: Pages, reception: Reception) -> list[BaseRoute]:
    desk = _Applications(parts, pages)
    return [
        reception.page("/applications", desk.listed, Right.APPLY),
        reception.page("/applications/new", desk.new, Right.APPLY, files=True, keeps=True),
        reception.page("/applications/{number}", desk.one, Right.APPLY),
        reception.page("/applications/{number}/approve", desk.approve, Right.APPLY),
    ]


@dataclass(frozen=True, slots=True)
class Typed:
    """What was typed, and what was wrong with it."""

    raw: Mapping[str, Raw]
    errors: Mapping[str, Words] = field(default_factory=dict)
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Opened:
    """An application as its page shows it."""

    view: FilingView
    origin: Origin
    may: tuple[MoveForm, ...]
    title: str
    asker: Mapping[str, Any]  # who outside asks it of the unit, as he agreed


class _Applications:
    def __init__(self, parts: DeskParts, pages: Pages) -> None:
        self._parts = parts
        self._pages = pages
        self._taking = Taking(parts)
        self._story = Story(parts, pages)

    def listed(self, visit: Visit) -> Response:
        svc = self._parts.svc
        lines = self._parts.store.read(lambda unit: applications.listed(svc, unit, visit.actor))
        return self._pages.show(
            visit,
            "applications.html",
            waiting=[line for line in lines if line.waits],
            rest=[line for line in lines if not line.waits],
            offered=svc.offered("official"),
            said=self._pages.text("desk.applications.sent")
            if visit.asked("said") == SENT
            else None,
        )

    def new(self, visit: Visit) -> Response:
        """Show the whole form, with what it goes on from; take it and put it before the head."""
        rules = self._chosen(visit)
        form = self._parts.book.form(rules.id)
        after = visit.sent.get("after") if visit.post else visit.asked("after")
        ctx, before = self._begun(visit, rules, after)
        if not visit.post:
            return self._form(visit, rules, after, ctx, Typed(dict(before)))
        raw, wrong = self._taking.take(visit, form)
        if visit.stale:
            again = self._pages.text("desk.move.again")
            return self._form(visit, rules, after, ctx, Typed(raw, {}, again))
        if visit.sent.get("step") == LOOK:
            return self._form(
                visit, rules, after, ctx, Typed(raw),
                like=self._like(visit, rules, raw), cases=self._cases(rules, raw),
            )  # fmt: skip
        answers = form.validate(raw, ctx)
        if isinstance(answers, Errors) or wrong:
            found = {} if not isinstance(answers, Errors) else answers.by
            return self._form(visit, rules, after, ctx, Typed(raw, {**found, **wrong}), 422)
        said = [rules.id, after, {name: raw[name] for name in sorted(raw)}]
        svc = self._parts.svc
        try:
            once(visit, "apply", said, lambda unit: applications.apply(
                svc, unit, visit.actor, rules.id, answers, after
            ))  # fmt: skip
        except Refused as error:
            return self._form(
                visit, rules, after, ctx, Typed(raw, {}, self._pages.why(error)), 422
            )
        return see(f"{self._parts.base}/applications?said={SENT}")

    def _like(self, visit: Visit, rules: Procedure, raw: Mapping[str, Raw]) -> tuple[Like, ...]:
        """Give what was replied to applications like the one that is being written."""
        svc = self._parts.svc
        return similar.noted(
            svc, self._parts.store, visit.actor,
            lambda unit: similar.to_words(svc, unit, visit.actor, rules.id, raw),
        )  # fmt: skip

    def _cases(self, rules: Procedure, raw: Mapping[str, Raw]) -> list[Case]:
        """Give published cases in which something like what is asked was solved."""
        names = rules.replies.by if rules.replies is not None else ()
        words = " ".join(str(raw[name]) for name in names if raw.get(name))
        svc = self._parts.svc
        found = finding.seek(svc, words, only={"kind": "active"}, most=finding.PAGE)
        return self._parts.store.read(lambda unit: finding.shown(svc, unit, found.refs))

    def _chosen(self, visit: Visit) -> Procedure:
        """Give the procedure that is asked for, or the first that there is."""
        offered = {one.id: one for one in self._parts.svc.offered("official")}
        wanted = visit.sent.get("procedure") if visit.post else visit.asked("procedure")
        if wanted and wanted not in offered:
            raise Missing
        if not offered:
            raise Missing
        return offered[wanted] if wanted else next(iter(offered.values()))

    def _begun(
        self, visit: Visit, rules: Procedure, after: str
    ) -> tuple[Context, Mapping[str, Any]]:
        svc = self._parts.svc

        def look(unit: Unit) -> tuple[Context, Mapping[str, Any]]:
            before: Mapping[str, Any] = {}
            if after:
                before = applications.known(svc, unit, visit.actor, after, rules.id)
            return applications.context(svc, unit), before

        try:
            return self._parts.store.read(look)
        except Refused:
            raise Missing from None

    def _form(
        self,
        visit: Visit,
        rules: Procedure,
        after: str,
        ctx: Context,
        typed: Typed,
        status: int = 200,
        like: tuple[Like, ...] | None = None,
        cases: Sequence[Case] = (),
    ) -> Response:
        form = self._parts.book.form(rules.id)
        shown = fields.fields(form, dict(typed.raw), ctx, self._pages.say, typed.errors)
        return self._pages.show(
            visit,
            "application_new.html",
            status,
            rules=rules,
            after=after,
            fields=shown,
            kept=self._taking.kept(form, typed.raw),
            problem=typed.problem,
            found=like,
            cases=cases,
            public=self._parts.svc.public_url,
            command=new_command(visit),
        )

    def one(self, visit: Visit) -> Response:
        """Show what was filed, how it stands and what can be done: whose it is reads it here."""
        opened = self._open(visit)
        if opened is None:
            return see(f"{self._parts.base}/filings/{visit.path('number')}")
        units = {row.id: row for row in self._parts.store.read(house.unit_rows)}
        view = opened.view
        rules = self._parts.svc.procedures.version(view.row.procedure, view.procedure_version)
        done = visit.asked("done")
        named = self._pages.text(f"move.{done}.name") if done in rules.moves else ""
        return self._pages.show(
            visit,
            "application.html",
            opened=opened,
            view=view,
            row=view.row,
            rules=rules,
            final=rules.states[view.row.state].final,
            moves=[move for move in opened.may if move.action not in APART and not move.blocked],
            approves=any(move.action == APPROVE for move in opened.may),
            revises=any(move.action == "revise" for move in opened.may),
            story=self._story.of(view, units),
            words=self._words(view, "status"),
            next=self._words(view, "next"),
            offered=self._parts.svc.offered("official"),
            asker=self._story.identity(view.row.procedure, opened.asker),
            said=self._pages.text("desk.move.done", what=named) if named else None,
        )

    def _words(self, view: FilingView, part: str) -> str:
        """Give a sentence on the state, of this procedure where there is one."""
        key = f"{part}.{view.row.state}"
        return self._pages.maybe(f"{key}_{view.row.procedure}") or self._pages.maybe(key)

    def _open(self, visit: Visit) -> Opened | None:
        """Open it for whose it is; None where the audit office's own page shows it."""
        svc, number = self._parts.svc, visit.path("number")

        def work(unit: Unit) -> Opened | None:
            if not applications.apart(unit, visit.actor, number):
                return None
            view = views.view(svc, unit, visit.actor, number)
            filing = sight.find(unit, visit.actor, number)
            origin = applications.origin(unit, visit.actor, filing)
            assert origin is not None  # it is apart
            may = moves.available(svc, unit, visit.actor, number)
            asker = applications.asker(svc, unit, visit.actor, filing)
            return Opened(view, origin, may, applications.title(svc, unit, filing), asker)

        try:
            return self._parts.store.transact(work, f"desk-view:{svc.random(16).hex()}")
        except Refused:
            raise Missing from None

    def approve(self, visit: Visit) -> Response:
        """Let the head read it and declare; what he approves goes to the audit office."""
        opened = self._open(visit)
        if opened is None:
            return see(f"{self._parts.base}/filings/{visit.path('number')}")
        move = next((one for one in opened.may if one.action == APPROVE), None)
        if move is None or move.form is None:
            return see(f"{self._parts.base}/applications/{opened.view.row.number}")
        if not visit.post:
            return self._approval(visit, opened, move, Typed({}))
        raw, _ = self._taking.take(visit, move.form)
        stepup.require(visit)
        svc, number = self._parts.svc, opened.view.row.number
        sent = row_number(visit.sent.get("version"))
        version = opened.view.row.version if sent is None else sent
        try:
            once(visit, f"{number} {APPROVE}", dict(raw), lambda unit: moves.perform_once(
                svc, unit, visit.actor, number, version, APPROVE, raw
            ))  # fmt: skip
        except BadFields as bad:
            return self._approval(visit, opened, move, Typed(raw, bad.errors), 422)
        except Refused as error:
            return self._approval(visit, opened, move, Typed(raw, {}, self._pages.why(error)), 422)
        return see(f"{self._parts.base}/applications/{number}?done={APPROVE}")

    def _approval(
        self, visit: Visit, opened: Opened, move: MoveForm, typed: Typed, status: int = 200
    ) -> Response:
        form: Form[Any] | None = move.form
        assert form is not None
        svc = self._parts.svc
        ctx = self._parts.store.read(lambda unit: moves.context(svc, unit))
        shown = fields.fields(form, dict(typed.raw), ctx, self._pages.say, typed.errors)
        return self._pages.show(
            visit,
            "application_approve.html",
            status,
            opened=opened,
            row=opened.view.row,
            move=move,
            report=self._story.report(opened.view),
            fields=shown,
            blocked=[self._pages.say(words) for words in move.blocked],
            problem=typed.problem,
            command=new_command(visit),
        )
