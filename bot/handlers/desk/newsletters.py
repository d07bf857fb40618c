"""What is sent to everybody who asked: the list, and beginning another one."""

from typing import Any

from starlette.responses import Response
from starlette.routing import BaseRoute

from bot.errors import Refused
from bot.handlers.desk.doing import new_command, once
from bot.handlers.desk.newsletter_pages import TONES, address
from bot.handlers.desk.pages import Pages
from bot.handlers.desk.parts import DeskParts
from bot.handlers.desk.reception import Reception
from bot.handlers.desk.visit import Missing, Visit, see
from bot.services import broadcast_drafts, card_pictures, finding, rights, subscriptions
from bot.services.rights import Right
from knowledge.korean import clean_line
from storage.repositories import broadcasts
from storage.repositories.broadcasts import Broadcast, Line
from storage.unit import Unit

PER_PAGE = 20
FURTHEST = 1000
FOUND = 8
LONGEST = 100
KINDS = broadcast_drafts.BY_HAND


def routes(parts: DeskParts, pages: Pages, reception: Reception) -> list[BaseRoute]:
    desk = _Newsletters(parts, pages)
    both = (Right.NEWSLETTERS, Right.NEWSLETTERS_APPROVE)
    return [
        reception.page("/newsletters", desk.listed, *both),
        reception.page("/newsletters/new", desk.new, Right.NEWSLETTERS),
    ]


class _Newsletters:
    def __init__(self, parts: DeskParts, pages: Pages) -> None:
        self._parts = parts
        self._pages = pages

    def listed(self, visit: Visit) -> Response:
        """Show what is made, waits, goes out and went out, the newest first."""
        at = _page(visit.asked("page"))

        def look(unit: Unit) -> dict[str, Any]:
            found = broadcasts.listed(unit, most=PER_PAGE + 1, skip=(at - 1) * PER_PAGE)
            rows = [(one, _total(unit, one)) for one in found[:PER_PAGE]]
            counted: dict[str, int] = {}
            for one in subscriptions.counts(unit):
                if one.state == "on" and one.kind == "news":
                    counted[one.channel] = counted.get(one.channel, 0) + one.n
            return {"rows": rows, "more": len(found) > PER_PAGE, "subscribed": counted}

        return self._pages.show(
            visit,
            "newsletters.html",
            at=at,
            may_make=rights.may(visit.actor, Right.NEWSLETTERS),
            newsletter_tones=TONES,
            command=new_command(visit),
            **self._parts.store.read(look),
        )

    def new(self, visit: Visit) -> Response:
        """Begin one: this month's, a notice, or card news of a case that is looked for here."""
        words = clean_line(visit.asked("words"))[:LONGEST]
        if not visit.post:
            return self._show(visit, words)
        kind, ref = visit.sent.get("kind"), visit.sent.get("ref")[:60]
        title = clean_line(visit.sent.get("title"))[:LONGEST]
        if kind not in KINDS:
            raise Missing
        svc = self._parts.svc
        try:
            cards = self._cards(ref) if kind == "cards" else ()
            made = once(visit, "newsletter_new", [kind, ref, title], lambda unit: _number(
                unit, broadcast_drafts.draft(
                    svc, unit, visit.actor, kind, ref=ref, title=title, cards=cards
                )
            ))  # fmt: skip
        except Refused as error:
            return self._show(visit, words, self._pages.why(error))
        return see(address(self._parts.base, made) if made else f"{self._parts.base}/newsletters")

    def _cards(self, ref: str) -> Any:
        """Draw the pictures of a case, with no transaction open."""
        svc = self._parts.svc
        case = self._parts.store.read(lambda unit: finding.one(svc, unit, ref))
        if case is None:
            raise Refused("newsletter.case.gone", title=ref)
        return card_pictures.drawn(svc, case)

    def _show(self, visit: Visit, words: str, problem: str = "") -> Response:
        svc, found = self._parts.svc, []
        if words:
            refs = finding.seek(svc, words, only={"kind": "active"}, most=FOUND).refs
            found = self._parts.store.read(lambda unit: finding.shown(svc, unit, refs))
        return self._pages.show(
            visit,
            "newsletter_new.html",
            422 if problem else 200,
            words=words,
            found=[(case, card_pictures.lacking(svc, case)) for case in found],
            problem=problem,
            title=visit.sent.get("title"),
            command=new_command(visit),
        )


def _number(unit: Unit, broadcast_id: int) -> str:
    one = broadcasts.get(unit, broadcast_id)
    assert one is not None
    return one.number


def _total(unit: Unit, one: Broadcast) -> tuple[int, int] | None:
    """Give how many it was sent to, of how many; None for what has not begun."""
    lines: tuple[Line, ...] = broadcasts.lines(unit, one.id) if one.begun_at else ()
    return (sum(line.sent for line in lines), sum(line.total for line in lines)) if lines else None


def _page(typed: str) -> int:
    fits = typed.isascii() and typed.isdecimal() and len(typed) <= len(str(FURTHEST))
    return max(1, min(int(typed), FURTHEST)) if fits else 1
