"""One broadcast: its words and pieces, the editor's checks, the second person, what became of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response
from starlette.routing import BaseRoute

from bot.errors import Refused
from bot.handlers.desk import newsletter_form as forms
from bot.handlers.desk import stepup
from bot.handlers.desk.doing import new_command, once
from bot.handlers.desk.newsletter_form import Typed
from bot.handlers.desk.newsletter_pages import TONES, address, far_html, seek
from bot.handlers.desk.pages import Pages
from bot.handlers.desk.parts import DeskParts
from bot.handlers.desk.reception import Reception
from bot.handlers.desk.visit import Missing, Visit, see
from bot.services import (
    approval_attempts,
    approvals,
    broadcast_approvals,
    broadcast_checks,
    broadcast_drafts,
    broadcast_log,
    broadcast_pictures,
    broadcast_progress,
    finding,
    officials,
    rights,
)
from bot.services.broadcast_checks import CHECKS, Find, Seen
from bot.services.broadcast_progress import Progress
from bot.services.rights import Right
from knowledge import subjects
from knowledge.cases import Case
from knowledge.korean import clean_line
from storage.repositories import broadcasts
from storage.repositories.broadcasts import APPROVED, ASKED, DRAFT, Broadcast, Picture
from storage.unit import Unit

EDITABLE = (DRAFT, ASKED, APPROVED)
FOUND = 8
AROUND = 20
"""Signs shown on both sides of what was found."""
CHANNELS = ("telegram", "web", "mail", "slack")
CHANGES = ("save", "text", "up", "down", "remove", "add", "picture", "ask")
"""Buttons of the form; each keeps what was typed first."""
BACK = ("return", "take_back")


def routes(parts: DeskParts, pages: Pages, reception: Reception) -> list[BaseRoute]:
    desk = _Newsletter(parts, pages)
    both = (Right.NEWSLETTERS, Right.NEWSLETTERS_APPROVE)
    return [
        reception.page("/newsletters/{issue}", desk.one, *both, files=True, keeps=True),
    ]


@dataclass(frozen=True, slots=True)
class Shown:
    """A broadcast with all that its page says of it."""

    one: Broadcast
    pictures: tuple[Picture, ...]
    seen: Seen
    lacking: tuple[Refused, ...]
    summary: str
    no: Refused | None
    corrections: tuple[Broadcast, ...]
    corrects: Broadcast | None
    far: Progress | None
    history: Sequence[tuple[str, str, Any]]


class _Newsletter:
    def __init__(self, parts: DeskParts, pages: Pages) -> None:
        self._parts = parts
        self._pages = pages

    def one(self, visit: Visit) -> Response:
        """Show it; keep what was typed; ask for, give or refuse the second person's yes."""
        one = self._parts.store.read(lambda unit: seek(unit, visit))
        if not visit.post:
            return self._show(visit)
        if visit.stale:
            return self._show(
                visit, typed=forms.read(visit.sent) if visit.sent.get("items") else None
            )
        step = visit.sent.get("step")
        act = step.partition(":")[0]
        if act in {"find", *CHANGES}:
            return self._change(visit, one, step)
        if act == "correct":
            return self._correct(visit, one)
        work = self._deciding(visit, one, act)
        if work is None:
            raise Missing
        if act == "approve":
            stepup.require(visit)
        try:
            said = [one.id, visit.sent.get("version"), visit.sent.get("why")]
            once(visit, f"newsletter_{act}", said, work)
        except Refused as error:
            self._tried(visit, one, error)
            return self._show(visit, problem=self._pages.why(error))
        return see(address(self._parts.base, one.number))

    # changing it

    def _change(self, visit: Visit, one: Broadcast, step: str) -> Response:
        if not rights.may(visit.actor, Right.NEWSLETTERS):
            raise Missing
        typed, svc = forms.read(visit.sent), self._parts.svc
        version = visit.sent.get("version")
        if step == "find":
            return self._show(visit, typed=typed, at=version)
        typed = forms.stepped(typed, step)
        why, ref = (
            visit.sent.get("why").strip(),
            step.partition(":")[2] if step[:3] == "add" else "",
        )

        files = visit.sent.files.get("picture", ()) if step == "picture" else ()
        alt = visit.sent.get("picture_alt")

        def work(unit: Unit) -> None:
            at, wanted = _version(version), self._wanted(unit, one.id, typed)
            if wanted is not None or step not in {"ask", "picture", f"add:{ref}"}:
                edit = wanted or broadcast_drafts.Edit()
                at = broadcast_drafts.edit(svc, unit, visit.actor, one.id, at, edit)
            if ref:
                broadcast_drafts.add_case(svc, unit, visit.actor, one.id, at, ref)
            elif png:
                broadcast_pictures.add(svc, unit, visit.actor, one.id, at, png, alt)
            elif step == "ask":
                broadcast_approvals.ask(svc, unit, visit.actor, one.id, at, why)

        try:
            png = broadcast_pictures.painted(files[0].file.read()) if files else b""
            once(visit, "newsletter_change", [one.id, version, step, typed.plain, why, alt], work)
        except Refused as error:
            stale = error.key == "newsletter.stale"
            return self._show(
                visit, typed=typed, at=None if stale else version, theirs=stale,
                problem=self._pages.why(error),
            )  # fmt: skip
        here = address(self._parts.base, one.number)
        return see(here if step == "ask" else f"{here}?edit=1#{_spot(step, typed)}")

    @staticmethod
    def _wanted(unit: Unit, broadcast_id: int, typed: Typed) -> broadcast_drafts.Edit | None:
        now = broadcasts.get(unit, broadcast_id)
        assert now is not None
        return forms.change(now, forms.of(now, _alts(unit, now)), typed)

    def _correct(self, visit: Visit, one: Broadcast) -> Response:
        """Begin the correction of what is out."""
        svc = self._parts.svc
        wrong, right = visit.sent.get("wrong"), visit.sent.get("right")

        def work(unit: Unit) -> str:
            made = broadcast_drafts.draft_correction(svc, unit, visit.actor, one.id, wrong, right)
            found = broadcasts.get(unit, made)
            assert found is not None
            return found.number

        if not rights.may(visit.actor, Right.NEWSLETTERS):
            raise Missing
        try:
            number = once(visit, "newsletter_correct", [one.id, wrong, right], work)
        except Refused as error:
            return self._show(visit, problem=self._pages.why(error))
        return see(address(self._parts.base, number or one.number))

    # two persons

    def _deciding(self, visit: Visit, one: Broadcast, act: str) -> Callable[[Unit], None] | None:
        """Give what a button of the second person, or of who asked, does."""
        svc, why = self._parts.svc, visit.sent.get("why").strip()

        version = _version(visit.sent.get("version"))

        def decide(unit: Unit) -> None:
            said = why or self._pages.text("desk.newsletter.yes_words")
            yes = act == "approve"
            broadcast_approvals.decide(svc, unit, visit.actor, one.id, version, yes, said)

        def back(unit: Unit) -> None:
            waits = broadcast_approvals.waiting(unit, one.id)
            if waits is None:
                raise Refused("newsletter.state")
            said = why or self._pages.text("desk.newsletter.take_back_words")
            approvals.stop(svc, unit, visit.actor, waits.id, said)

        return {"approve": decide, "return": decide, "take_back": back}.get(act)

    def _tried(self, visit: Visit, one: Broadcast, error: Refused) -> None:
        """Let whoever watches know of an attempt to be two persons (security S9)."""
        svc = self._parts.svc

        def work(unit: Unit) -> None:
            waits = broadcast_approvals.waiting(unit, one.id)
            if waits is not None:
                approval_attempts.tried(svc, unit, visit.actor, waits.id, error)

        self._parts.store.transact(work, None)

    # showing it

    def _show(
        self,
        visit: Visit,
        *,
        typed: Typed | None = None,
        at: str | None = None,
        theirs: bool = False,
        problem: str = "",
    ) -> Response:
        shown = self._parts.store.read(lambda unit: self._look(unit, visit))
        one, may = shown.one, rights.may(visit.actor, Right.NEWSLETTERS)
        was = forms.of(one, {made.n: made.alt for made in shown.pictures})
        editing = may and one.state in EDITABLE
        editing = editing and (
            one.state == DRAFT or typed is not None or bool(visit.asked("edit"))
        )
        words = clean_line(visit.sent.get("words"))[: finding.LONGEST] if visit.post else ""
        lack = {error.key for error in shown.lacking}
        return self._pages.show(
            visit,
            "newsletter.html",
            409 if theirs else 422 if problem else 200,
            shown=shown,
            far=self._far(visit, shown),
            one=one,
            here=address(self._parts.base, one.number),
            typed=typed or was,
            editing=editing,
            may=may,
            version=at if at is not None else str(one.version),
            problem=problem,
            theirs=forms.differences(was, typed) if theirs and typed else (),
            words=words,
            found=self._found(words),
            checks=[name for name in CHECKS if self._needed(name)],
            unconfirmed={name for name in CHECKS if f"newsletter.check.{name}" in lack},
            mend=[self._pages.why(e) for e in shown.lacking if ".check." not in e.key],
            head=_excerpts(shown, shown.seen.head),
            persons=_excerpts(shown, shown.seen.persons),
            no=self._pages.why(shown.no) if shown.no else "",
            lists={"fields": subjects.FIELDS, "regions": subjects.REGIONS},
            channels=CHANNELS,
            why=visit.sent.get("why") or self._pages.text("desk.newsletter.ask_words"),
            wrong=visit.sent.get("wrong"),
            right=visit.sent.get("right"),
            newsletter_tones=TONES,
            command=new_command(visit),
        )

    def _look(self, unit: Unit, visit: Visit) -> Shown:
        svc, one = self._parts.svc, seek(unit, visit)
        draft = one.state in EDITABLE
        fixed = broadcasts.get(unit, one.corrects_id) if one.corrects_id else None
        names = {who.id: who.name for who in officials.everybody(unit)}
        return Shown(
            one,
            broadcasts.pictures(unit, one.id),
            broadcast_checks.seen(svc, unit, one),
            broadcast_checks.lacking(svc, unit, one) if draft else (),
            self._pages.say(broadcast_approvals.summary(unit, one)),
            broadcast_approvals.no(svc, unit, visit.actor, one.id) if one.state == ASKED else None,
            broadcasts.corrections(unit, (one.id,)),
            fixed,
            broadcast_progress.progress(svc, unit, one) if one.begun_at or one.why else None,
            [
                (event.kind, names.get(_user(event.actor), ""), event.at)
                for event in broadcast_log.history(unit, one.id)
            ],
        )

    def _far(self, visit: Visit, shown: Shown) -> Any:
        """Draw how far it is, once it is on its way or waits for a person there."""
        if shown.far is None or shown.one.state in EDITABLE:
            return None
        return far_html(self._pages, visit, shown.far)

    def _found(self, words: str) -> list[Case]:
        svc = self._parts.svc
        if not words:
            return []
        refs = finding.seek(svc, words, only={"kind": "active"}, most=FOUND).refs
        return self._parts.store.read(lambda unit: finding.shown(svc, unit, refs))

    def _needed(self, check: str) -> bool:
        return check != "doc_no" or self._parts.svc.site.newsletter.doc_no_required


def _alts(unit: Unit, one: Broadcast) -> Mapping[int, str]:
    return {made.n: made.alt for made in broadcasts.pictures(unit, one.id)}


def _version(typed: str) -> int:
    return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 10 else -1


def _user(actor: str) -> int:
    number = actor.removeprefix("user:")
    return int(number) if number.isdecimal() else 0


def _spot(step: str, typed: Typed) -> str:
    """Name the place of the page to come back to: the piece that was moved, or the new one."""
    act, _, place = step.partition(":")
    last = len(typed.items) - 1
    if act == "up":
        return f"piece-{max(int(place) - 1, 0)}"
    if act == "down":
        return f"piece-{min(int(place) + 1, last)}"
    return f"piece-{last + (act == 'add')}" if act in {"text", "add"} else "issue"


def _excerpts(shown: Shown, finds: Sequence[Find]) -> list[tuple[str, str, str, str, str]]:
    """Give what was found with a few words around it: place, what, before, said, behind."""
    texts = {"title": shown.one.issue.title, "lead": shown.one.issue.lead}
    for n, item in enumerate(shown.one.issue.items):
        texts |= {f"{n}.title": item.title, f"{n}.text": item.text}
    texts |= {f"pictures.{made.n}": made.alt for made in shown.pictures}
    found: list[tuple[str, str, str, str, str]] = []
    for one in finds:
        text, span = texts[one.place], one.span
        before = text[max(0, span.start - AROUND) : span.start]
        found.append((one.place, span.what, before, span.said, text[span.end : span.end + AROUND]))
    return found
