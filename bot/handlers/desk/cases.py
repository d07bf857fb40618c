"""Cases for everybody: the list, one with its history, writing one, and what two persons do to it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from starlette.responses import Response
from starlette.routing import BaseRoute

from bot.errors import Refused
from bot.handlers.desk import plain, stepup
from bot.handlers.desk.doing import new_command, once
from bot.handlers.desk.pages import Pages
from bot.handlers.desk.parts import DeskParts
from bot.handlers.desk.reception import Reception
from bot.handlers.desk.visit import Missing, Visit, see
from bot.handlers.fields import Choice, Field
from bot.services import case_views, case_words, cases
from bot.services.case_views import NARROWED, Shown
from bot.services.case_words import ACCEPTABLE, LANGS, LINES, TEXTS, WRITTEN, Draft
from bot.services.rights import Right
from knowledge.cases import DETAILS, KINDS, STATUSES, Case
from knowledge.korean import clean_line
from storage.unit import Unit

if TYPE_CHECKING:
    from bot.dialogs.replies import Input

TONES: Mapping[str, str] = {
    "draft": "", "reviewed": "information", "published": "success", "withdrawn": "warning",
}  # fmt: skip
LONGEST = 100  # signs of what one looks for
FURTHEST = 10_000  # pages
GRAVE = frozenset({"publish", "withdraw"})
"""What is seen by everybody at once asks for the second factor."""
REASONED = {"send_back": "why_send_back", "withdraw": "why_withdraw"}
"""What takes a reason, and its field."""
CHOSEN: Mapping[str, Sequence[str]] = {"kind": KINDS, "detail": DETAILS, "lang": LANGS}
OPTIONAL = frozenset(WRITTEN) - {"kind", "title", "detail", "lang", "recognised"}


def routes(parts: DeskParts, pages: Pages, reception: Reception) -> list[BaseRoute]:
    desk = _Cases(parts, pages)
    return [
        reception.page("/cases", desk.listed, Right.CASES),
        reception.page("/cases/new", desk.new, Right.CASES),
        reception.page("/cases/publish", desk.publish, Right.CASES),
        reception.page("/cases/{ref}", desk.one, Right.CASES),
        reception.page("/cases/{ref}/edit", desk.edit, Right.CASES),
    ]


class _Cases:
    def __init__(self, parts: DeskParts, pages: Pages) -> None:
        self._parts = parts
        self._pages = pages

    def listed(self, visit: Visit) -> Response:
        """Show the agency's own cases and the shipped ones, by what is chosen and said."""
        svc = self._parts.svc
        words = clean_line(visit.asked("words"))[:LONGEST]
        asked = {name: clean_line(visit.asked(name)) for name in NARROWED}
        only: dict[str, Any] = {name: value for name, value in asked.items() if value}
        if "year" in only:
            only["year"] = _number(only["year"], 9999)
        page = _number(visit.asked("page"), FURTHEST) or 1
        found = case_views.near(svc, words)

        def look(unit: Unit) -> dict[str, Any]:
            listed = case_views.listed(svc, unit, visit.actor, only, page, words, found)
            return {"listed": listed, "choices": case_views.choices(svc, unit)}

        shown = self._parts.store.read(look)
        narrow = {**asked, "words": words}
        return self._pages.show(
            visit,
            "cases.html",
            words=words,
            filters=self._filters(asked, shown["choices"]),
            narrowed=any(asked.values()),
            picks=asked["status"] == "reviewed",
            command=new_command(visit),
            query=lambda n: urlencode({**{k: v for k, v in narrow.items() if v}, "page": n}),
            case_tones=TONES,
            **shown,
        )

    def one(self, visit: Visit) -> Response:
        """Show a case; do what its status allows."""
        ref = visit.path("ref")
        if not visit.post:
            return self._show(visit, ref)
        step = visit.sent.get("step")
        why = visit.sent.get(REASONED.get(step, ""))
        version = _version(visit.sent.get("version"))
        accepted = ACCEPTABLE.intersection(visit.sent.all("accepted"))
        work = self._work(visit, step, ref, version, why, accepted)
        if work is None:
            raise Missing
        if step in GRAVE:
            stepup.require(visit)
        try:
            once(visit, f"case_{step}", [ref, version, why, sorted(accepted)], work)
        except Refused as error:
            if error.key == "case.unknown":
                raise Missing from None
            return self._show(visit, ref, {step: self._pages.why(error)}, why)
        return see(f"{self._parts.base}/cases/{quote(ref, safe='')}")

    def publish(self, visit: Visit) -> Response:
        """Publish those that were ticked in the list of what is reviewed."""
        chosen = [_chosen(row) for row in visit.sent.all("row")[: case_views.PER_PAGE]]
        if not chosen:
            return see(f"{self._parts.base}/cases?status=reviewed")
        stepup.require(visit)
        svc = self._parts.svc
        done = once(visit, "cases_publish", chosen, lambda unit: cases.publish_all(
            svc, unit, visit.actor, chosen
        ))  # fmt: skip
        if done is None:
            return see(f"{self._parts.base}/cases")
        results = [(ref, title, self._pages.why(no) if no else "") for ref, title, no in done]
        return self._pages.show(visit, "case_bulk.html", results=results)

    def new(self, visit: Visit) -> Response:
        """Write a case; what may be the same one is shown before it is kept."""
        svc = self._parts.svc
        if not visit.post:
            site = svc.site
            begun = {"kind": "active", "detail": "full", "lang": "ko", "agency": site.agency}
            given = {**begun, "permission": site.knowledge.permission}
            return self._form(visit, Draft(Case("", ""), given, {}))
        draft = self._read(visit)
        alike = case_views.similar(svc, self._parts.store, draft.case)
        looked = visit.sent.get("step") == "look"
        first = not draft.wrong and not visit.sent.get("looked")
        if looked or (first and case_views.told_before(draft.case, alike)):
            return self._form(visit, replace(draft, wrong={}), alike=alike, looked=True)
        if draft.wrong:
            return self._form(visit, draft, alike=alike)
        ref = once(visit, "case_new", dict(draft.typed), lambda unit: cases.write(
            svc, unit, visit.actor, draft
        ))  # fmt: skip
        return see(f"{self._parts.base}/cases/{quote(ref or '', safe='')}".rstrip("/"))

    def edit(self, visit: Visit) -> Response:
        """Change a case; whoever was second sees what the first one made of it."""
        svc, ref = self._parts.svc, visit.path("ref")
        shown = self._find(visit, ref)
        if not visit.post:
            if "change" not in shown.moves:
                return see(f"{self._parts.base}/cases/{quote(ref, safe='')}")
            typed = case_words.to_typed(shown.case)
            return self._form(visit, Draft(shown.case, typed, {}), shown)
        draft, at = self._read(visit), visit.sent.get("version")
        draft = replace(draft, case=replace(draft.case, ref=ref))
        if visit.sent.get("step") == "look":
            alike = case_views.similar(svc, self._parts.store, draft.case)
            return self._form(visit, replace(draft, wrong={}), shown, alike=alike, at=at)
        if draft.wrong:
            return self._form(visit, draft, shown, at=at)
        try:
            once(visit, "case_edit", [ref, at, dict(draft.typed)], lambda unit: cases.change(
                svc, unit, visit.actor, ref, _version(at), draft
            ))  # fmt: skip
        except Refused as error:
            return self._form(
                visit, draft, self._find(visit, ref), problem=self._pages.why(error),
                theirs=error.key == "case.stale",
            )  # fmt: skip
        return see(f"{self._parts.base}/cases/{quote(ref, safe='')}")

    def _find(self, visit: Visit, ref: str) -> Shown:
        svc = self._parts.svc
        try:
            return self._parts.store.read(lambda unit: case_views.one(svc, unit, visit.actor, ref))
        except Refused:
            raise Missing from None

    def _work(
        self, visit: Visit, step: str, ref: str, version: int, why: str, accepted: frozenset[str]
    ) -> Callable[[Unit], None] | None:
        """Give what a button does; None: there is none of that name."""
        svc, actor = self._parts.svc, visit.actor
        done: dict[str, Callable[[Unit], None]] = {
            "review": lambda u: cases.review(svc, u, actor, ref, version, accepted),
            "publish": lambda u: cases.publish(svc, u, actor, ref, version),
            "send_back": lambda u: cases.send_back(svc, u, actor, ref, version, why),
            "withdraw": lambda u: cases.withdraw(svc, u, actor, ref, version, why),
            "hold": lambda u: cases.hold(svc, u, actor, ref, version, on=True),
            "let_go": lambda u: cases.hold(svc, u, actor, ref, version, on=False),
        }
        return done.get(step)

    def _show(
        self, visit: Visit, ref: str, wrong: Mapping[str, str] | None = None, why: str = ""
    ) -> Response:
        shown, wrong = self._find(visit, ref), wrong or {}
        reasons = {
            move: replace(
                plain.field(
                    self._pages, "case", name, {name: why if move in wrong else ""},
                    {name: wrong.get(move, "")}, kind="long",
                ),
                max=cases.MOST,
            )
            for move, name in REASONED.items()
            if move in shown.moves
        }  # fmt: skip
        problem = next((words for move, words in wrong.items() if move not in reasons), "")
        no = {move: self._pages.why(error) for move, error in shown.no.items()}
        return self._pages.show(
            visit,
            "case.html",
            422 if wrong else 200,
            shown=shown,
            case=shown.case,
            alike=case_views.similar(self._parts.svc, self._parts.store, shown.case),
            told=[name for name in (*TEXTS, "law") if getattr(shown.case, name)],
            reasons=reasons,
            problem=problem,
            no=no,
            asked=[name for name in shown.lacking if name in ACCEPTABLE],
            stops=[name for name in shown.lacking if name not in ACCEPTABLE],
            case_tones=TONES,
            command=new_command(visit),
        )

    def _read(self, visit: Visit) -> Draft:
        typed = {name: visit.sent.get(name) for name in WRITTEN}
        return case_words.read(self._parts.svc, typed)

    def _form(
        self,
        visit: Visit,
        draft: Draft,
        shown: Shown | None = None,
        *,
        alike: Sequence[Case] = (),
        looked: bool = False,
        at: str | None = None,
        problem: str = "",
        theirs: bool = False,
    ) -> Response:
        wrong = {name: self._pages.why(error) for name, error in draft.wrong.items()}
        fields = [self._field(name, draft.typed, wrong) for name in WRITTEN]
        now = case_words.to_typed(shown.case) if shown is not None and theirs else {}
        version = None if shown is None else at if at is not None else str(shown.version)
        return self._pages.show(
            visit,
            "case_form.html",
            409 if theirs else 422 if wrong or problem else 200,
            shown=shown,
            fields=fields,
            alike=alike,
            looked=looked,
            problem=problem,
            theirs=[
                (self._pages.text(f"desk.case.{name}"), value)
                for name, value in now.items()
                if value != (draft.typed.get(name) or "").replace("\r\n", "\n")
            ],
            version=version,
            case_tones=TONES,
            command=new_command(visit),
        )

    def _field(self, name: str, typed: Mapping[str, str], wrong: Mapping[str, str]) -> Field:
        kind: Input = "text"
        if name in CHOSEN:
            kind = "choice"
        elif name in TEXTS:
            kind = "long"
        elif name == "recognised":
            kind = "consent"
        options = [
            Choice(value, self._pages.text(f"desk.case_{name}.{value}"))
            for value in CHOSEN.get(name, ())
        ]
        made = plain.field(
            self._pages, "case", name, typed, wrong, kind=kind, options=options,
            optional=name in OPTIONAL,
        )  # fmt: skip
        when = ("kind", ("passive",)) if name == "recognised" else None
        most = LINES.get(name)
        return replace(made, max=most, when=when)

    def _filters(
        self, asked: Mapping[str, str], choices: Mapping[str, Sequence[Any]]
    ) -> list[Field]:
        text = self._pages.text
        there: dict[str, list[Choice]] = {
            "status": [Choice(one, text(f"desk.case_status.{one}")) for one in STATUSES],
            "kind": [Choice(one, text(f"desk.case_kind.{one}")) for one in KINDS],
            **{name: [Choice(str(one), str(one)) for one in choices[name]] for name in choices},
        }
        return [
            plain.field(
                self._pages, "case", name, asked, {}, kind="lookup", options=there[name],
                optional=True,
            )
            for name in NARROWED
        ]  # fmt: skip


def _chosen(row: str) -> tuple[str, int]:
    """Read what a tick in the list says: a case and its version."""
    ref, _, version = row.rpartition(" ")
    return ref, _version(version)


def _version(typed: str) -> int:
    """Read the version that a form carries; -1 is a shipped case that nobody has changed."""
    return cases.AS_SHIPPED if typed == str(cases.AS_SHIPPED) else _number(typed, 2**31 - 1)


def _number(typed: str, most: int) -> int:
    """Read a number of a query; 0 for anything else."""
    fits = typed.isascii() and typed.isdecimal() and len(typed) <= len(str(most))
    return min(int(typed), most) if fits else 0
