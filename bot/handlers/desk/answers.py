"""Questions that nobody could answer, and the answers: written by one, let out by another."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from starlette.responses import Response
from starlette.routing import BaseRoute

from bot.errors import Refused
from bot.handlers.desk import plain, stepup
from bot.handlers.desk.doing import new_command, once
from bot.handlers.desk.pages import Pages
from bot.handlers.desk.parts import DeskParts
from bot.handlers.desk.reception import Reception
from bot.handlers.desk.visit import Missing, Visit, row_number, see
from bot.handlers.fields import Choice
from bot.services import answering, answers, question_lists
from bot.services.answering import Entry
from bot.services.question_lists import Group
from bot.services.rights import Right
from knowledge import faq
from knowledge.faq import Answer

TONES: Mapping[str, str] = {"draft": "", "published": "success", "withdrawn": "warning"}
OPTIONAL = frozenset({"also", "category"})


def routes(parts: DeskParts, pages: Pages, reception: Reception) -> list[BaseRoute]:
    desk = _Answers(parts, pages)
    return [
        reception.page("/questions", desk.questions, Right.ANSWERS),
        reception.page("/faq", desk.listed, Right.ANSWERS),
        reception.page("/faq/new", desk.new, Right.ANSWERS, keeps=True),
        reception.page("/faq/{ref}", desk.one, Right.ANSWERS),
        reception.page("/faq/{ref}/edit", desk.edit, Right.ANSWERS, keeps=True),
    ]


class _Answers:
    def __init__(self, parts: DeskParts, pages: Pages) -> None:
        self._parts = parts
        self._pages = pages

    def questions(self, visit: Visit) -> Response:
        """Show what waits, the most asked first; drop a group with a reason."""
        svc, problem = self._parts.svc, ""
        if visit.post:
            typed = map(row_number, visit.sent.get("ids").split(","))
            ids = [one for one in typed if one is not None]
            reason = visit.sent.get("reason")
            try:
                once(visit, "question_drop", [ids, reason], lambda unit: question_lists.drop(
                    svc, unit, visit.actor, ids, reason
                ))  # fmt: skip
            except Refused as error:
                problem = self._pages.why(error)
            else:
                return see(f"{self._parts.base}/questions")
        found = self._parts.store.transact(
            lambda unit: question_lists.listed(svc, unit, visit.actor),
            f"desk-questions:{svc.random(16).hex()}",
        )
        return self._pages.show(
            visit,
            "questions.html",
            422 if problem else 200,
            groups=found,
            most=question_lists.MOST,
            problem=problem,
            command=new_command(visit),
        )

    def listed(self, visit: Visit) -> Response:
        """List the answers, what waits for a second person first."""
        svc = self._parts.svc
        found = self._parts.store.read(lambda unit: answering.listed(svc, unit, visit.actor))
        return self._pages.show(visit, "answers.html", entries=found, answer_tones=TONES)

    def new(self, visit: Visit) -> Response:
        """Write an answer, of a group of questions or of one's own accord."""
        svc, asked = self._parts.svc, visit.asked("question") or visit.sent.get("asked")
        group = self._group(visit, asked)
        if not visit.post:
            given = dict.fromkeys(answering.FIELDS, "")
            given |= {"audience": faq.CITIZENS, "confidence": answering.UNSURE}
            if group is not None:
                also = "\n".join(one.text for one in group.members[1:20])
                given |= {"question": group.text, "also": also}
            return self._form(visit, given, {}, group=group)
        given = {name: visit.sent.get(name) for name in answering.FIELDS}
        made, wrong = answering.read(given)
        if wrong:
            return self._form(visit, given, self._why(wrong), group=group)
        ids = group.ids if group is not None else ()
        ref = once(visit, "answer_new", [given, asked], lambda unit: answering.write(
            svc, unit, visit.actor, made, 0, ids
        ))  # fmt: skip
        return see(f"{self._parts.base}/faq/{quote(ref or '', safe='')}".rstrip("/"))

    def one(self, visit: Visit) -> Response:
        """Show an answer and what waits beside it; let it out, or take it away."""
        svc, ref = self._parts.svc, visit.path("ref")
        problem = ""
        if visit.post:
            step, version = visit.sent.get("step"), _number(visit.sent.get("version"))
            works: Mapping[str, Any] = {
                "publish": answering.publish,
                "withdraw": answering.withdraw,
            }
            if step not in works:
                raise Missing
            stepup.require(visit)
            try:
                once(visit, f"answer_{step}", [ref, version], lambda unit: works[step](
                    svc, unit, visit.actor, ref, version
                ))  # fmt: skip
            except Refused as error:
                problem = self._pages.why(error)
            else:
                return see(f"{self._parts.base}/faq/{quote(ref, safe='')}")
        entry = self._find(visit, ref)
        return self._pages.show(
            visit,
            "answer.html",
            409 if problem else 200,
            entry=entry,
            names=answers.names,
            mine=entry.author_id == visit.actor.user_id,
            answer_tones=TONES,
            problem=problem,
            command=new_command(visit),
        )

    def edit(self, visit: Visit) -> Response:
        """Change an answer; what is published stays until the new words are let out."""
        svc, ref = self._parts.svc, visit.path("ref")
        entry = self._find(visit, ref)
        if not visit.post:
            return self._form(visit, answering.to_given(entry.newest), {}, entry)
        given = {name: visit.sent.get(name) for name in answering.FIELDS}
        made, wrong = answering.read(given, entry.newest)
        if wrong:
            return self._form(visit, given, self._why(wrong), entry)
        version = _number(visit.sent.get("version"))
        try:
            once(visit, "answer_edit", [ref, version, given], lambda unit: answering.write(
                svc, unit, visit.actor, made, version
            ))  # fmt: skip
        except Refused as error:
            return self._form(visit, given, {}, entry, problem=self._pages.why(error))
        return see(f"{self._parts.base}/faq/{quote(ref, safe='')}")

    def _group(self, visit: Visit, asked: str) -> Group | None:
        """Give the questions that an answer is written for; None for none, or when they ended."""
        number = row_number(asked)
        if number is None:
            return None
        svc = self._parts.svc
        try:
            return self._parts.store.transact(
                lambda unit: question_lists.one(svc, unit, visit.actor, number),
                f"desk-questions:{svc.random(16).hex()}",
            )
        except Refused:
            return None

    def _find(self, visit: Visit, ref: str) -> Entry:
        svc = self._parts.svc
        try:
            return self._parts.store.read(
                lambda unit: answering.entry(svc, unit, visit.actor, ref)
            )
        except Refused:
            raise Missing from None

    def _why(self, wrong: Mapping[str, str]) -> dict[str, str]:
        most = answering.LONGEST
        return {
            name: self._pages.text(key, most=most.get(name, 0), line=answering.LINE)
            for name, key in wrong.items()
        }

    def _form(
        self,
        visit: Visit,
        given: Mapping[str, Any],
        wrong: Mapping[str, str],
        entry: Entry | None = None,
        *,
        group: Group | None = None,
        problem: str = "",
    ) -> Response:
        return self._pages.show(
            visit,
            "answer_form.html",
            422 if wrong else 409 if problem else 200,
            fields=self._fields(given, wrong, entry.newest if entry else None),
            entry=entry,
            group=group,
            problem=problem,
            command=new_command(visit),
        )

    def _fields(
        self, given: Mapping[str, Any], wrong: Mapping[str, str], before: Answer | None
    ) -> list[Any]:
        own = () if before is None or before.confidence in answering.SURE else (before.confidence,)
        choices = {
            "confidence": [Choice(one, one) for one in (*answering.SURE, *own)],
            "audience": [Choice(one, one) for one in faq.AUDIENCES],
        }
        made = []
        for name in answering.FIELDS:
            kind: Any = "choice" if name in choices else "text"
            kind = "long" if name in {"also", "text", "source"} else kind
            field = plain.field(
                self._pages, "answer", name, given, wrong, kind=kind,
                optional=name in OPTIONAL, options=choices.get(name, ()),
            )  # fmt: skip
            made.append(replace(field, max=answering.LONGEST.get(name, 40)))
        return made


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 10 else 0
