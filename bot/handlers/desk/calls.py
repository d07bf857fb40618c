"""Calls: what people asked for, and one line about each call into a report's record."""

from collections.abc import Mapping

from starlette.responses import Response
from starlette.routing import BaseRoute

from bot.errors import Refused
from bot.handlers.desk import plain
from bot.handlers.desk.doing import new_command, once, seen
from bot.handlers.desk.pages import Pages
from bot.handlers.desk.parts import DeskParts
from bot.handlers.desk.reception import Reception
from bot.handlers.desk.visit import Missing, Visit, see
from bot.handlers.fields import Choice, Field
from bot.services import calls
from bot.services.rights import Right

GIVEN = ("with", "way", "text")


def routes(parts: DeskParts, pages: Pages, reception: Reception) -> list[BaseRoute]:
    desk = _Calls(parts, pages)
    return [
        reception.page("/calls", desk.listed, Right.WRITE_IN),
        reception.page("/calls/{call_id:int}", desk.one, Right.WRITE_IN, keeps=True),
        reception.page("/filings/{number}/call", desk.note, Right.WRITE_IN, keeps=True),
    ]


class _Calls:
    def __init__(self, parts: DeskParts, pages: Pages) -> None:
        self._parts = parts
        self._pages = pages

    def listed(self, visit: Visit) -> Response:
        """List the calls that wait, without a number: that is opened one by one."""
        found = self._parts.store.read(lambda unit: calls.waiting(unit, visit.actor))
        said = visit.asked("said")
        words = self._pages.text(f"desk.calls.said.{said}") if said in {"done", "missed"} else None
        return self._pages.show(visit, "calls.html", calls=found, said=words)

    def one(self, visit: Visit) -> Response:
        """Open a number, or say how the call went."""
        call_id = int(visit.path("call_id"))
        step = visit.sent.get("step")
        if visit.post and not visit.stale and step in {"done", "missed"}:
            return self._went(visit, call_id, step)
        return self._open(visit, call_id, visit.sent.get("text"), "")

    def _went(self, visit: Visit, call_id: int, step: str) -> Response:
        svc, text = self._parts.svc, visit.sent.get("text")
        try:
            if step == "done":
                once(visit, f"call {call_id}", text, lambda unit: calls.done(
                    svc, unit, visit.actor, call_id, text
                ))  # fmt: skip
            else:
                once(visit, f"missed {call_id}", "", lambda unit: calls.missed(
                    svc, unit, visit.actor, call_id
                ))  # fmt: skip
        except Refused as error:
            if error.key == "desk.calls.unknown":
                raise Missing from None
            return self._open(visit, call_id, text, self._pages.why(error))
        return see(f"{self._parts.base}/calls?said={step}")

    def _open(self, visit: Visit, call_id: int, text: str, error: str) -> Response:
        svc = self._parts.svc
        try:
            found = self._parts.store.transact(
                lambda unit: calls.open_(svc, unit, visit.actor, call_id),
                f"desk-call:{svc.random(16).hex()}",
            )
        except Refused:
            raise Missing from None
        field = plain.field(
            self._pages, "calls", "text", {"text": text}, {"text": error} if error else {}
        )
        return self._pages.show(
            visit,
            "call.html",
            422 if error else 200,
            call=found,
            fields=[field],
            command=new_command(visit),
        )

    def note(self, visit: Visit) -> Response:
        """Write a line about a call into a report's record."""
        number = visit.path("number")
        seen(visit, number)
        given = {name: visit.sent.get(name) for name in GIVEN}
        if not visit.post or visit.stale:
            return self._note(visit, number, given, {})
        wrong = plain.empty(self._pages, given, *GIVEN)
        if wrong:
            return self._note(visit, number, given, wrong)
        try:
            once(visit, f"call_note {number}", given, lambda unit: calls.note(
                self._parts.svc, unit, visit.actor, number, given
            ))  # fmt: skip
        except Refused as error:
            if error.key == "filing.unknown":
                raise Missing from None
            return self._note(visit, number, given, {"text": self._pages.why(error)})
        return see(f"{self._parts.base}/filings/{number}#history")

    def _note(
        self, visit: Visit, number: str, given: Mapping[str, str], wrong: Mapping[str, str]
    ) -> Response:
        return self._pages.show(
            visit,
            "call_note.html",
            422 if wrong else 200,
            number=number,
            fields=[self._field(name, given, wrong) for name in GIVEN],
            command=new_command(visit),
        )

    def _field(self, name: str, given: Mapping[str, str], wrong: Mapping[str, str]) -> Field:
        values = {"with": calls.WITH, "way": calls.WAYS}.get(name, ())
        return plain.field(
            self._pages,
            "call_note",
            name,
            given,
            wrong,
            kind="choice" if values else "long",
            options=[
                Choice(value, self._pages.text(f"desk.call_note.options.{name}.{value}"))
                for value in values
            ],
        )
