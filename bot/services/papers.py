"""Official letters that a filing becomes, as its procedure names them (`[papers]`).

Nothing here knows a procedure: what stands in a letter are the answers as they were given, under
the words of their questions. The words of each are `desk.papers.<procedure>.<name>.*`.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from bot.dialogs.form import Form, Step
from bot.dialogs.replies import Phrase
from bot.documents.official import Draft, Point, Table
from bot.errors import Refused
from bot.services import accesses, officials, printing, sight
from bot.services.base import Actor, Desk
from bot.services.history import Happened, History
from bot.services.sight import Filing
from knowledge.calendar import seoul_day
from knowledge.korean import SEOUL
from knowledge.procedure import FILED, Paper, Procedure
from storage import journal
from storage.repositories import filings
from storage.unit import Unit

LANG = "ko"
SHORT = ("paper", "label")
"""What a question is called beside its answer, the first that there is; else it stands whole."""
_SIGNED = ("doc_no", "approved_on", "approver")
"""Fields about the office's own approval: they stand below, not in the table."""


def offered(svc: Desk, unit: Unit, filing: Filing) -> tuple[str, ...]:
    """Name the letters that there is something to make of."""
    papers = _rules(svc, filing).papers
    kinds = {one.kind for one in History(unit, filing.sid).all} if papers else set()
    return tuple(name for name, paper in papers.items() if paper.of in kinds)


def export(svc: Desk, unit: Unit, actor: Actor, number: str, name: str) -> Draft:
    """Give one letter of a filing; noted first.

    Raises `Refused` filing.unknown (also for a letter that there is nothing of), conflict.ask.
    """
    filing = sight.find(unit, actor, number, lock=True)
    printing.allowed(unit, actor, filing)
    if name not in offered(svc, unit, filing):
        raise Refused("filing.unknown")
    detail = {"what": "paper", "paper": name}
    journal.append(unit, filing.sid, svc.now(), actor.mark, "exported", detail)
    accesses.note(svc, unit, actor, "exported", filing)
    return make(svc, unit, filing, name)


def make(svc: Desk, unit: Unit, filing: Filing, name: str) -> Draft:
    """Make a letter of what is there."""
    return _Letter(svc, unit, filing, _rules(svc, filing).papers[name]).draft()


def _rules(svc: Desk, filing: Filing) -> Procedure:
    return svc.procedures.version(filing.procedure, filing.procedure_version)


class _Letter:
    """One letter: reads once what it needs."""

    def __init__(self, svc: Desk, unit: Unit, filing: Filing, paper: Paper) -> None:
        self._svc, self._filing, self._paper = svc, filing, paper
        self._events = History(unit, filing.sid).all
        self._filed: Mapping[str, Any] = filings.answers(unit, filing)
        self._people = {f"user:{who.id}": who for who in officials.everybody(unit)}
        self._place = officials.unit_named(unit, filing.from_unit_id)
        self._head = str(journal.head(unit, filing.sid))

    def draft(self) -> Draft:
        """Put the letter together."""
        told = next(one for one in reversed(self._events) if one.kind == self._paper.of)
        along = [one for one in self._events if one.kind in self._paper.along]
        up = self._paper.sender == "approver"
        office, head = self._svc.site.audit_unit, head_of(self._place)
        return Draft(
            agency=self._svc.site.agency,
            to=office if up else head,
            title=self._words("title", told),
            points=[Point(line) for line in self._words("body", told).split("\n") if line],
            tables=[*self._tables(told), *map(self._beside, along)],
            attached=[self._say("desk.papers.attached", name=one) for one in self._files(told)],
            signed="\n".join(self._signed(told, along)),
            sender=head if up else office,
            issued=seoul_day(told.at).isoformat(),
            proof=self._say("desk.print.head", head=self._head),
        )

    def _form(self, event: Happened) -> tuple[Form[Any] | None, Mapping[str, Any]]:
        """Give the form of an event, and what was answered in it."""
        filing, book = self._filing, self._svc.catalogue
        if event.kind == FILED:
            return book.form(filing.procedure), self._filed
        version = filing.procedure_version
        return book.move_form(filing.procedure, version, event.kind), event.detail

    def _answered(self, event: Happened) -> Iterator[tuple[Step, str, Any]]:
        """Give the steps that were answered, where their texts stand, and the answers."""
        form, values = self._form(event)
        for step in form.steps if form is not None else ():
            value = values.get(step.name)
            if not step.transient and value not in (None, "", [], {}):
                assert form is not None
                yield step, form.base(step), value

    def _rows(self, event: Happened) -> Iterator[tuple[str, tuple[str, str]]]:
        """Give label and words of each answer, with the filed answer that it hangs on."""
        for step, base, value in self._answered(event):
            if step.name in _SIGNED or step.input == "files":
                continue
            if step.input == "consent":  # a declaration, with who made it and when
                words = f"{self._label(base, step, 'ask')}\n{self._who(event)}"
                yield step.of, (self._label(base, step, *SHORT), words)
                continue
            yield step.of, (self._label(base, step, *SHORT), self._shown(step, base, value))

    def _shown(self, step: Step, base: str, value: Any) -> str:
        if step.input == "day":
            return self._say("desk.papers.day", day=str(value))
        return self._svc.texts.render(step.show(base, value), LANG, self._svc.site.words())

    def _tables(self, event: Happened) -> Iterator[Table]:
        """Give the table of all answers, and one more for each thing that was asked."""
        rows = list(self._rows(event))
        yield Table([row for of, row in rows if not of])
        form = self._svc.catalogue.form(self._filing.procedure)
        for of in dict.fromkeys(of for of, _ in rows if of):
            step = form.step(of)
            assert step is not None
            base = form.base(step)
            label = self._label(base, step, *SHORT)
            asked = self._shown(step, base, self._filed.get(of))
            yield Table([row for one, row in rows if one == of], f"{label}. {asked}")

    def _beside(self, event: Happened) -> Table:
        """Give what belongs to it and was said in another move."""
        rows = [row for _, row in self._rows(event)]
        rows += [(self._say("desk.papers.file"), name) for name in self._files(event)]
        own = f"desk.papers.along.{event.kind}"
        name = self._say(own if self._svc.texts.has(own) else f"move.{event.kind}.name")
        declared = any(step.input == "consent" for step, _, _ in self._answered(event))
        return Table(rows, name if declared else f"{name} ({self._who(event)})")

    def _files(self, event: Happened) -> Iterator[str]:
        for step, _, value in self._answered(event):
            if step.input == "files":
                yield from (str(one.get("name") or "") for one in value)

    def _signed(self, told: Happened, along: list[Happened]) -> Iterator[str]:
        """Give the small lines: who wrote it, its number, the office's own numbers of it."""
        yield self._say("desk.papers.writer", who=self._who(told))
        yield self._say("desk.papers.number", number=self._filing.number)
        for one in (told, *along):
            if doc_no := one.detail.get("doc_no"):
                day = str(one.detail.get("approved_on") or seoul_day(one.at).isoformat())
                who = str(one.detail.get("approver") or "")
                yield self._say("desk.papers.document", doc_no=str(doc_no), day=day, who=who)

    def _who(self, event: Happened) -> str:
        who = self._people.get(event.actor)
        parts = (who.unit, who.title, who.name) if who else (self._say("desk.who.user"),)
        here = event.at.astimezone(SEOUL)  # as papers write it (규정 제7조제5항)
        at = f"{here.year}. {here.month}. {here.day}. {here:%H:%M}"
        return self._say("desk.papers.by", who=" ".join(filter(None, parts)), at=at)

    def _label(self, base: str, step: Step, *parts: str) -> str:
        has = self._svc.texts.has
        key = next((key for part in parts if has(key := f"{base}.{part}")), f"{base}.ask")
        of = {"of": str(self._filed.get(step.of) or "")} if step.of else {}
        return self._say(key, **of)

    def _words(self, part: str, told: Happened) -> str:
        """Give the letter's own words; the answers may stand in them."""
        form = self._svc.catalogue.form(self._filing.procedure)
        known = {step.name: _text(self._filed.get(step.name)) for step in form.steps}
        if told.kind != FILED:
            own, values = self._form(told)
            steps = own.steps if own is not None else ()
            known |= {step.name: _text(values.get(step.name)) for step in steps}
        day = seoul_day(self._filing.arrived_at).isoformat()
        more = {"number": self._filing.number, "filed": day, "place": self._place}
        key = f"desk.papers.{self._filing.procedure}.{self._paper.name}"
        return self._say(f"{key}.{part}", **known, **more)

    def _say(self, key: str, **params: str) -> str:
        return self._svc.texts.render(Phrase(key, params), LANG, self._svc.site.words())


def head_of(place: str) -> str:
    """Name the head of a unit as letters do: 위생과 → 위생과장; 감사담당관 is one already."""
    return place if not place or place.endswith(("관", "장")) else f"{place}장"


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
