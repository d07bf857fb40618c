"""One move of one filing: its form, what the reporter will read, and making it once.

GET shows the form. POST with step `look` makes the move, shows what came of it and takes it
back; `send` makes it; `edit` goes back to the form. What was typed is never lost on the way.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from starlette.responses import Response
from starlette.routing import BaseRoute

from bot.dialogs.events import Raw
from bot.dialogs.form import Context
from bot.dialogs.replies import Words
from bot.errors import Refused
from bot.handlers import fields
from bot.handlers.desk.checklist import NO_NAMES, Check, checklist, named
from bot.handlers.desk.doing import new_command, once, tryout
from bot.handlers.desk.letters import Letters
from bot.handlers.desk.pages import Pages
from bot.handlers.desk.parts import DeskParts
from bot.handlers.desk.reception import Reception
from bot.handlers.desk.taking import Taking
from bot.handlers.desk.visit import LONGEST_ID, Missing, Visit, row_number, see
from bot.services import guarding, moves, officials, rights, sight, standing, templates
from bot.services.moves import BadFields, Confirm, MoveForm
from bot.services.preview import Preview, preview
from bot.services.rights import Right
from bot.services.templates import Template
from bot.services.urging import URGE
from knowledge.procedures import Move
from storage.repositories.filings import Filing
from storage.unit import Unit

STALE = standing.STALE
INSERT = "insert."


def routes(parts: DeskParts, pages: Pages, reception: Reception) -> list[BaseRoute]:
    desk = _Moves(parts, pages)
    path = "/filings/{number}/moves/{action}"
    return [reception.page(path, desk.page, Right.ACT, Right.APPLY, files=True, keeps=True)]


@dataclass(frozen=True, slots=True)
class Case:
    """The filing as it stands, the move, and what its form may look up."""

    filing: Filing
    move: MoveForm
    rule: Move
    ctx: Context
    guarded: bool  # who may not see it was confirmed (S8)
    words: Mapping[str, tuple[Template, ...]]  # that may be put into its fields
    staff: frozenset[str]  # names that no answer should bear

    @property
    def shown(self) -> bool:
        """Whether somebody outside the audit office reads something of it: then it is shown."""
        return any(notice.to in {"citizen", "unit"} for notice in self.rule.notify)


@dataclass(frozen=True, slots=True)
class Typed:
    """What was typed, and what was wrong with it."""

    raw: Mapping[str, Raw]
    errors: Mapping[str, Words]
    problem: str = ""
    marked: tuple[str, ...] = ()
    no_names: bool = False


class _Moves:
    def __init__(self, parts: DeskParts, pages: Pages) -> None:
        self._parts = parts
        self._pages = pages
        self._letters = Letters(parts, pages)
        self._taking = Taking(parts)

    def page(self, visit: Visit) -> Response:
        case = self._case(visit)
        if place := _elsewhere(case):
            return see(f"{self._parts.base}/filings/{case.filing.number}/{place}")
        if not visit.post:
            return self._first(visit, case)
        raw, wrong = self._taking.take(visit, case.move.form)
        no_names = bool(visit.sent.get(NO_NAMES))
        typed = Typed(raw, wrong, no_names=no_names)
        if visit.stale:
            again = self._pages.text("desk.move.again")
            return self._form(visit, case, Typed(raw, wrong, again, no_names=no_names))
        step = visit.sent.get("step")
        if step.startswith(INSERT):
            typed = self._insert(visit, case, typed, step)
        if step == "edit" or step.startswith(INSERT) or wrong:
            return self._form(visit, case, typed, 422 if wrong else 200)
        if step == "send" or not case.shown:
            return self._send(visit, case, typed)
        return self._look(visit, case, typed)

    def _first(self, visit: Visit, case: Case) -> Response:
        if case.move.form is None:
            return self._look(visit, case, Typed({}, {}))
        return self._form(visit, case, Typed(_raw(case.move.prefill), {}))

    def _case(self, visit: Visit) -> Case:
        svc = self._parts.svc
        number, action = visit.path("number"), visit.path("action")

        def look(unit: Unit) -> Case:
            filing = sight.find(unit, visit.actor, number)
            if not rights.may(sight.acting(visit.actor, filing), Right.ACT):
                raise Missing
            found = moves.available(svc, unit, visit.actor, number)
            move = next((one for one in found if one.action == action), None)
            if move is None:
                old = visit.post and visit.sent.get("version") != str(filing.version)
                late = Refused(STALE if old else standing.NOT_NOW)
                raise standing.instead(svc, unit, visit.actor, number, late)
            rule = moves.procedure_of(svc, filing).moves[action]
            words = templates.fitting(unit, visit.actor, filing)
            staff = frozenset(
                who.name for who in officials.everybody(unit) if who.id != filing.assignee_id
            )
            guarded = guarding.stands(unit, filing.id)
            ctx = moves.context(svc, unit, filing)
            return Case(filing, move, rule, ctx, guarded, words, staff)

        try:
            return self._parts.store.read(look)
        except Refused as error:
            if error.key == "filing.unknown":
                raise Missing from None
            raise

    def _insert(self, visit: Visit, case: Case, typed: Typed, step: str) -> Typed:
        """Put kept words at the end of a field, their holes filled; nothing typed is touched."""
        name = step.removeprefix(INSERT)
        chosen = visit.sent.get(f"words.{name}")
        if name not in case.words or not chosen.isdecimal() or len(chosen) > LONGEST_ID:
            return typed

        def look(unit: Unit) -> str:
            return templates.fill(self._parts.svc, unit, visit.actor, case.filing, int(chosen))

        try:
            words = self._parts.store.read(look)
        except Refused as error:
            return Typed(typed.raw, typed.errors, self._pages.why(error), no_names=typed.no_names)
        before = str(typed.raw.get(name) or "").rstrip()
        whole = f"{before}\n{words}" if before else words
        return Typed({**typed.raw, name: whole}, typed.errors, no_names=typed.no_names)

    def _version(self, visit: Visit, case: Case) -> int:
        sent = row_number(visit.sent.get("version"))
        return case.filing.version if sent is None else sent

    def _look(self, visit: Visit, case: Case, typed: Typed) -> Response:
        """Show what the reporter or the unit will read, before anything is sent."""
        svc = self._parts.svc
        confirmed = bool(visit.sent.get("confirmed"))

        def work(unit: Unit) -> Preview:
            return preview(
                svc,
                unit,
                visit.actor,
                case.filing.number,
                self._version(visit, case),
                case.move.action,
                typed.raw,
                confirmed=confirmed,
            )

        try:
            found = tryout(self._parts.store, work)
        except Confirm as confirm:
            return self._letter(visit, case, typed, None, confirm.marked)
        except BadFields as bad:
            return self._form(visit, case, Typed(typed.raw, bad.errors), 422)
        except Refused as error:
            return self._refused(visit, case, typed, error)
        return self._letter(visit, case, typed, found, ())

    def _send(self, visit: Visit, case: Case, typed: Typed) -> Response:
        svc = self._parts.svc
        version = self._version(visit, case)
        empty = [check.name for check in self._checks(case, typed) if not check.done]
        if empty:
            return self._form(visit, case, self._incomplete(typed, empty), 422)
        said = {name: typed.raw[name] for name in sorted(typed.raw)}
        what = f"{case.filing.number} {case.move.action}"
        try:
            once(visit, what, said, lambda unit: moves.perform_once(
                svc,
                unit,
                visit.actor,
                case.filing.number,
                version,
                case.move.action,
                typed.raw,
                confirmed=bool(visit.sent.get("confirmed")),
            ))  # fmt: skip
        except Confirm as confirm:
            return self._letter(visit, case, typed, None, confirm.marked)
        except BadFields as bad:
            return self._form(visit, case, Typed(typed.raw, bad.errors), 422)
        except Refused as error:
            return self._refused(visit, case, typed, error)
        return see(f"{self._parts.base}/filings/{case.filing.number}?done={case.move.action}")

    def _incomplete(self, typed: Typed, empty: list[str]) -> Typed:
        """Say which points of the checklist are empty: the button was off, the press came anyway."""
        if empty == [NO_NAMES]:
            problem = self._pages.text("desk.check.no_names_wrong")
        else:
            points = ", ".join(self._pages.text(f"desk.check.{name}") for name in empty)
            problem = self._pages.text("desk.check.empty", points=points)
        return Typed(typed.raw, {}, problem, no_names=typed.no_names)

    def _refused(self, visit: Visit, case: Case, typed: Typed, error: Refused) -> Response:
        """Say why, where the person is, with everything that was typed."""
        if error.key == "filing.unknown":  # gone from this person's eyes meanwhile
            raise Missing
        told = self._parts.store.read(
            lambda unit: standing.instead(
                self._parts.svc, unit, visit.actor, case.filing.number, error
            )
        )
        problem = self._pages.why(told)
        status = 409 if error.key == STALE else 422
        kept = Typed(typed.raw, {}, problem, no_names=typed.no_names)
        return self._form(visit, case, kept, status)

    def _form(self, visit: Visit, case: Case, typed: Typed, status: int = 200) -> Response:
        form = case.move.form
        shown: tuple[fields.Field, ...] = ()
        if form is not None:
            shown = fields.fields(form, dict(typed.raw), case.ctx, self._pages.say, typed.errors)
            needed = {name for check in self._checks(case, typed) for name in check.needs}
            shown = tuple(replace(f, optional=f.optional and f.name not in needed) for f in shown)
        return self._pages.show(
            visit,
            "move.html",
            status,
            home=self._home(visit),
            case=case,
            fields=shown,
            kept=self._taking.kept(form, typed.raw),
            problem=typed.problem,
            checks=self._checks(case, typed),
            named=named(typed.raw, case.staff),
            no_names=typed.no_names,
            command=new_command(visit),
        )

    def _letter(
        self,
        visit: Visit,
        case: Case,
        typed: Typed,
        found: Preview | None,
        marked: tuple[str, ...],
    ) -> Response:
        return self._pages.show(
            visit,
            "look.html",
            home=self._home(visit),
            case=case,
            hidden=self._taking.hidden(case.move.form, typed.raw),
            letters=self._letters.told(found) if found else (),
            unit_letter=self._letters.to_unit(case.rule, typed.raw, case.ctx, marked),
            found=found,
            marked=marked,
            confirmed=bool(visit.sent.get("confirmed")) and not marked,
            checks=self._checks(case, typed),
            no_names=typed.no_names,
            version=self._version(visit, case),
            command=new_command(visit),
        )

    def _home(self, visit: Visit) -> tuple[str, str]:
        """Give the list from which this official came."""
        if rights.may(visit.actor, Right.QUEUE):
            return "/filings", self._pages.text("desk.queue.title")
        return "/applications", self._pages.text("desk.applications.title")

    def _checks(self, case: Case, typed: Typed) -> tuple[Check, ...]:
        site, lang = self._parts.svc.site, case.filing.lang
        return checklist(site, case.move, lang, typed.raw, no_names=typed.no_names)


def _elsewhere(case: Case) -> str:
    """Name the page of its own that a move has: who may not see it comes before who handles it."""
    if case.move.action == URGE:
        return URGE
    return "guard" if case.move.action == "assign" and not case.guarded else ""


def _raw(known: Mapping[str, Any]) -> dict[str, Raw]:
    return dict(known)
