"""[대신 적기]: the citizens' form as one page, for whoever tells it at the counter or by telephone.

The form is the citizens' own; beside it stand only the road, what was read aloud, how the person
agreed, and a picture of a signed paper. Once it is filed the page shows what to tell and prints
the receipt; nothing of it is asked of whom it was about.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from starlette.responses import Response
from starlette.routing import BaseRoute

from bot.dialogs.events import Json, Raw
from bot.dialogs.fields import Card
from bot.dialogs.form import Context, Errors, Form, Is, wanted
from bot.dialogs.replies import Phrase, Words
from bot.documents import receipts as documents
from bot.errors import Refused
from bot.handlers import fields
from bot.handlers.desk import plain
from bot.handlers.desk.doing import new_command, once
from bot.handlers.desk.files import serve
from bot.handlers.desk.pages import Pages
from bot.handlers.desk.parts import DeskParts
from bot.handlers.desk.reception import Reception
from bot.handlers.desk.taking import Taking
from bot.handlers.desk.visit import Missing, Visit, see
from bot.handlers.fields import Choice, Field
from bot.locale import PREVAILING
from bot.services import lookups, paper_receipts, writing
from bot.services.attachments import Opened
from bot.services.rights import Right
from bot.services.status import derivation_words
from bot.services.writing import Oral

READ = "read."
OWN = ("road", "lang", "signed", "with_code")
REST = "rest"
"""What a notice says only to who asks for more, in a chat."""
PAPER = "paper"


def routes(parts: DeskParts, pages: Pages, reception: Reception) -> list[BaseRoute]:
    desk = _Writing(parts, pages)
    return [
        reception.page("/write", desk.page, Right.WRITE_IN, files=True, keeps=True),
        reception.page("/write/receipt", desk.receipt, Right.WRITE_IN),
        reception.page("/filings/{number}/receipt", desk.again, Right.WRITE_IN),
    ]


@dataclass(frozen=True, slots=True)
class Typed:
    """What was typed, by the form's steps and beside them, and what was wrong."""

    raw: Mapping[str, Raw]
    own: Mapping[str, str]
    read: frozenset[str] = frozenset()
    paper: Sequence[Json] = ()
    errors: Mapping[str, Words] = field(default_factory=dict)
    wrong: Mapping[str, str] = field(default_factory=dict)
    problem: str = ""


class _Writing:
    def __init__(self, parts: DeskParts, pages: Pages) -> None:
        self._parts = parts
        self._pages = pages
        self._taking = Taking(parts)

    def page(self, visit: Visit) -> Response:
        """Show the form; take it; show what came of it."""
        form = self._chosen(visit)
        ctx = self._context()
        if not visit.post:
            first = {"share": "ask_first", "call_time": "any"}
            return self._form(visit, form, ctx, Typed(first, {"lang": "ko"}))
        typed = self._typed(visit, form)
        if visit.stale:
            again = self._pages.text("desk.move.again")
            return self._form(visit, form, ctx, Typed(
                typed.raw, typed.own, typed.read, typed.paper, problem=again
            ))  # fmt: skip
        answers = form.validate(typed.raw, ctx)
        errors = dict(typed.errors)
        if isinstance(answers, Errors):
            new = {name: _bare(words) for name, words in answers.by.items() if name not in errors}
            errors |= new
        wrong = self._wrong(form, typed)
        if errors or wrong or isinstance(answers, Errors):
            return self._form(visit, form, ctx, Typed(
                typed.raw, typed.own, typed.read, typed.paper, errors, wrong
            ), 422)  # fmt: skip
        return self._file(visit, form, typed, answers)

    def _file(self, visit: Visit, form: Form[Any], typed: Typed, answers: Any) -> Response:
        svc, own = self._parts.svc, typed.own
        refs = [str(one.get("ref")) for one in typed.paper if isinstance(one, dict)]
        oral = Oral(
            "phone" if own["road"] == "phone" else "counter",
            own["lang"],
            sorted(typed.read),
            "paper" if refs else "box" if own["signed"] == "box" else "read_back",
            refs[0] if refs else "",
            with_code=bool(own.get("with_code")),
        )
        done = once(visit, "write_in", [dict(typed.raw), dict(own)], lambda unit: writing.write_in(
            svc, unit, visit.actor, form.id, answers, oral
        ))  # fmt: skip
        if done is None:
            return self._pages.show(visit, "written.html", done=None)
        filed = done.filed
        return self._pages.show(
            visit,
            "written.html",
            done=done,
            filed=filed,
            days=[self._pages.say(words) for words in derivation_words(filed.lines)],
            told=[self._pages.say(words) for words in done.say],
            anonymous=filed.anonymous,
            command=new_command(visit),
        )

    def receipt(self, visit: Visit) -> Response:
        """Print the receipt of what was just written; the code once."""
        if not visit.post:
            return see(f"{self._parts.base}/write")
        svc = self._parts.svc
        coded = visit.sent.get("step") == "code"
        secret = visit.sent.get("code" if coded else "receipt")
        try:
            paper = self._parts.store.transact(
                lambda unit: writing.print_receipt(
                    svc, unit, visit.actor, secret, with_code=coded
                ),
                f"desk-receipt:{svc.random(16).hex()}",
            )
        except Refused as error:
            if error.key != "link.gone":
                raise
            raise Refused("desk.write.printed") from None
        return self._serve(paper)

    def again(self, visit: Visit) -> Response:
        """Print the receipt of a report that one may see, without a code."""
        svc, number = self._parts.svc, visit.path("number")
        try:
            paper = self._parts.store.transact(
                lambda unit: paper_receipts.again(svc, unit, visit.actor, number),
                f"desk-receipt:{svc.random(16).hex()}",
            )
        except Refused:
            raise Missing from None
        return self._serve(paper)

    def _serve(self, paper: documents.PaperReceipt) -> Response:
        name = self._pages.text("desk.write.file", number=paper.rows[0][1])
        return serve(Opened(name, "application/pdf", documents.receipt_pdf(paper)))

    def _chosen(self, visit: Visit) -> Form[Any]:
        """Give the form that is asked for; without a name the first of the menu."""
        every = writing.procedures(self._parts.svc)
        if not every:
            raise Missing
        wanted = visit.asked("procedure")
        found = next((one for one in every if one.id == wanted), every[0])
        return self._parts.book.form(found.id)

    def _context(self) -> Context:
        svc = self._parts.svc
        lists = self._parts.store.read(lambda unit: lookups.Lists.load(unit, svc.now()))
        return Context(now=svc.now(), texts=svc.texts, lookups=lists, site=svc.site.words())

    def _typed(self, visit: Visit, form: Form[Any]) -> Typed:
        raw, errors = self._taking.take(visit, form)
        paper, problem = self._taking.files(visit, PAPER)
        own = {name: visit.sent.get(name) for name in OWN}
        own["lang"] = own["lang"] if own["lang"] in self._parts.svc.texts.languages else "ko"
        read = {step.name for step in form.steps if visit.sent.get(READ + step.name)}
        wrong = {} if problem is None else {PAPER: self._pages.say(problem)}
        return Typed(raw, own, frozenset(read), paper, errors, wrong)

    def _notices(self, form: Form[Any], who: Raw) -> list[str]:
        """Name the notices that have to be read aloud to this person."""
        return [
            step.name
            for step in form.steps
            if step.input == "notice"
            and (step.when({}) or (isinstance(step.when, Is) and step.when({"who": who})))
        ]

    def _unread(self, form: Form[Any], typed: Typed) -> list[str]:
        read = typed.read
        return [one for one in self._notices(form, typed.raw.get("who")) if one not in read]

    def _wrong(self, form: Form[Any], typed: Typed) -> dict[str, str]:
        """Say what is missing beside the form's own answers."""
        wrong = dict(typed.wrong)
        if typed.own["road"] not in writing.ROADS:
            wrong["road"] = self._pages.text("error.required")
        if typed.own["signed"] not in writing.SIGNED:
            wrong["signed"] = self._pages.text("error.required")
        elif typed.own["signed"] == "paper" and not typed.paper and PAPER not in wrong:
            wrong[PAPER] = self._pages.text("desk.write.no_paper")
        if self._unread(form, typed):
            wrong["unread"] = self._pages.text("desk.write.unread")
        return wrong

    def _form(
        self, visit: Visit, form: Form[Any], ctx: Context, typed: Typed, status: int = 200
    ) -> Response:
        every = fields.fields(form, dict(typed.raw), ctx, self._pages.say, typed.errors)
        return self._pages.show(
            visit,
            "write.html",
            status,
            procedures=writing.procedures(self._parts.svc),
            chosen=form.id,
            fields=[self._shown(form, one) for one in every if self._asked(form, one, ctx)],
            own=self._own(typed),
            kept=self._taking.kept(form, typed.raw)
            | {PAPER: self._taking.shown(list(typed.paper))},
            read=typed.read,
            unread=self._unread(form, typed) if "unread" in typed.wrong else (),
            problem=typed.problem,
            command=new_command(visit),
        )

    @staticmethod
    def _asked(form: Form[Any], one: Field, ctx: Context) -> bool:
        """Leave out what only a chat needs; a consent stands there once its words were seen."""
        step = form.step(one.name)
        if step is None or isinstance(step, Card) or not wanted(step, ctx):
            return False
        if step.input == "notice":
            return step.when({}) or isinstance(step.when, Is)
        if step.input == "consent":
            return bool(one.error or one.values)
        return True

    def _shown(self, form: Form[Any], one: Field) -> Field:
        """Ask a consent as yes or no: a box that nobody ticked would say neither.

        What speaks of a chat has words of its own here, and a notice is read out whole.
        """
        step = form.step(one.name)
        own = f"desk.write.{form.id}"
        said = self._pages.maybe(f"{own}.ask.{one.name}") or one.label
        if step is not None and one.input == "notice" and REST in step.infos:
            said += "\n" + self._pages.text(f"{form.base(step)}.info.{REST}_text")
        options = tuple(
            replace(o, label=self._pages.maybe(f"{own}.options.{one.name}.{o.value}") or o.label)
            for o in one.options
        )
        one = replace(one, label=said, options=options)
        if step is None or one.input != "consent":
            return one
        base = form.base(step)
        both = [Choice(say, self._pages.text(f"{base}.options.{say}")) for say in ("yes", "no")]
        return replace(one, input="choice", options=tuple(both))

    def _own(self, typed: Typed) -> dict[str, Field]:
        texts = self._parts.svc.texts
        kinds: dict[str, tuple[Any, Sequence[str]]] = {
            "road": ("choice", writing.ROADS),
            "signed": ("choice", writing.SIGNED),
            "lang": ("lookup", sorted(texts.languages, key=lambda one: one != PREVAILING)),
            PAPER: ("files", ()),
            "with_code": ("consent", ()),
        }
        return {
            name: plain.field(
                self._pages,
                "write",
                name,
                typed.own,
                typed.wrong,
                kind=kind,
                optional=name in {PAPER, "with_code"},
                options=[
                    Choice(value, self._pages.text(f"desk.write.options.{name}.{value}"))
                    for value in values
                ],
            )
            for name, (kind, values) in kinds.items()
        }


def _bare(words: Phrase) -> Phrase:
    """Say that a field is empty in the desk's words: a form's own speak of a chat's buttons."""
    what = words.key.rpartition(".error.")[2]
    return Phrase(f"error.{what}") if what in {"required", "empty"} else words
