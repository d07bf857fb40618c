"""What is asked before a move. A closed set: a procedure file that names another one stops."""

from collections.abc import Callable, Mapping
from datetime import date

from bot.errors import Refused
from bot.services import clocks, matter, officials, recounting, repeats, sight
from bot.services.overlap import numbered, quoted
from bot.services.work import Work
from knowledge.calendar import seoul_day
from storage.repositories import (
    attachments,
    external_numbers,
    fact_requests,
    tasks,
    unit_successors,
)

REPEATS = 2  # 민원처리법 제23조제1항: 두 번 이상 알린 뒤
MANY = 5  # 민원처리법 제24조: 다수인관련민원은 다섯 사람(다섯 세대) 이상이 연명한 것


class Confirm(Refused):
    """Something must be seen and confirmed first: words that stand in the report too."""

    def __init__(self, key: str, marked: tuple[str, ...]) -> None:
        super().__init__(key)
        self.marked = marked


def _when(key: str, *, bad: bool) -> None:
    if bad:
        raise Refused(f"guard.{key}")


def handler_complete(work: Work) -> None:
    """Refuse when one of 소속·성명·연락처 is missing (민원처리법 시행령 제31조)."""
    signed = officials.handler(work.svc, work.unit, work.filing)
    _when("handler_complete", bad=signed is None or work.filing.assignee_id is None)


def named(work: Work) -> None:
    _when("named", bad=work.anonymous)


def anonymous(work: Work) -> None:
    _when("anonymous", bad=not work.anonymous)


def many(work: Work) -> None:
    _when("many", bad=work.history.last("many_people") is None)


def extension_left(work: Work) -> None:
    """Refuse a further extension of a side deadline, or one that comes too late."""
    here = clocks.running(work.unit, work.filing.id).get(work.move.on)
    _when("extension_left", bad=here is None or not here.open() or here.over(work.now))
    if "days" in work.answers:
        clocks.within(work, work.move.on, int(work.answers["days"]), consent=False)


def supplement_over(work: Work) -> None:
    """Refuse while the reporter still has time."""
    now = clocks.running(work.unit, work.filing.id)
    here = [now[name] for name in ("supplement", "supplement_again") if name in now]
    _when("supplement_over", bad=not any(one.over(work.now) for one in here if one.open()))


def not_asked_again(work: Work) -> None:
    _when("not_asked_again", bad=_asked_again(work))


def asked_again(work: Work) -> None:
    _when("asked_again", bad=not _asked_again(work))


def within_onsite(work: Work) -> None:
    """Refuse a longer visit than the procedure allows, counted with both ends."""
    start, until = (work.answers.get(name) for name in ("start", "until"))
    if start is None or until is None:
        return
    first, last = date.fromisoformat(str(start)), date.fromisoformat(str(until))
    days = (last - first).days + 1
    early = first < seoul_day(work.now)
    most = work.procedure.deadlines["onsite"].amount
    _when("within_onsite", bad=early or not 1 <= days <= most)


def onsite_once(work: Work) -> None:
    _when("onsite_once", bad=work.history.last("onsite") is not None)


def ours_counts(work: Work) -> None:
    """Refuse to lengthen a period here where the other system's date counts: it is done there."""
    _when("ours_counts", bad=clocks.theirs(work.svc, work.unit, work.filing) is not None)


def first_extension(work: Work) -> None:
    """Allow one extension within the original period (민원처리법 시행령 제21조제1항)."""
    name = work.procedure.filing.deadline
    bad = bool(clocks.lengthened(work.unit, work.filing.id, name))
    _when("first_extension", bad=bad or _late(work) or not _fits(work, consent=False))


def second_extension(work: Work) -> None:
    """Allow to ask once for a second one (제21조제2항); silence is no, so not while it is open."""
    name = work.procedure.filing.deadline
    once = len(clocks.lengthened(work.unit, work.filing.id, name)) == 1
    asked = work.history.last("ask_extension2") is not None
    bad = not once or asked or _late(work) or not _fits(work, consent=True)
    _when("second_extension", bad=bad)


def consent_asked(work: Work) -> None:
    """Refuse an answer to a question that was not asked, was answered, or is over."""
    asked = work.history.open("ask_extension2", "extension2_reply")
    _when("consent_asked", bad=asked is None or _late(work))


def overdue(work: Work) -> None:
    _when("overdue", bad=not _late(work))


def due_near(work: Work) -> None:
    """Refuse to press for what is not due yet, nor as near as the clock begins to remind."""
    at = work.filing.due_at
    ahead = max(work.procedure.main.remind_before, default=0)
    near = at is not None and work.calendar.shift(seoul_day(at), -ahead) <= seoul_day(work.now)
    _when("due_near", bad=not (near and _unanswered(work)))


def urged_today(work: Work) -> None:
    last = work.history.last("urge")
    _when("urged_today", bad=last is not None and seoul_day(last.at) == seoul_day(work.now))


def ask_first(work: Work) -> None:
    _when("ask_first", bad=work.filing.share != "ask_first")


def share_allows(work: Work) -> None:
    """Follow the reporter's own choice; without a name only the content can go."""
    how = work.answers.get("how")
    if how is None:
        bad = work.filing.share in {"ask_first", "no"}
    elif how == "with_name":
        bad = work.anonymous or work.filing.share != "with_name"
    else:
        allowed = {"with_name", "without_name"} | ({""} if work.anonymous else set())
        bad = work.filing.share not in allowed
    _when("share_allows", bad=bad)


def own_words(work: Work) -> None:
    """Mark five words in a row from the report; what names the reporter never passes (S8)."""
    letter = "\n".join(
        str(work.answers.get(field.name) or "") for field in work.move.fields if field.overlap
    )
    told = [str(work.who.get(name) or "") for name in ("name", "address", "phone", "email")]
    _when("names", bad=any(len(value) > 1 and value in letter for value in told))
    other = external_numbers.of(work.unit, work.filing)
    led = [work.filing.number, str(work.filed.get("prior_no") or "")]
    _when("numbers", bad=numbered(letter, led + ([other.number] if other else [])))
    marked = quoted(letter, _report(work))
    if marked and not work.confirmed:
        raise Confirm("guard.own_words", tuple(one.text for one in marked))
    if marked:
        work.detail["quoted"] = len(marked)


def fact_asked(work: Work) -> None:
    """Refuse a unit that was not asked."""
    asked = fact_requests.of(work.unit, work.filing.id)
    at = work.actor.unit_id
    own = unit_successors.before(work.unit, at) if at is not None else frozenset()
    mine = [one for one in asked if one.unit_id in own and one.state == "open"]
    _when("fact_asked", bad=not mine)


def answer_complete(work: Work) -> None:
    """Refuse an answer with an empty line of the checklist (wording.md §13)."""
    if not work.answers:
        return
    wanted = ["judgement", "checked", "why", "demands", "action_state", "action", "remedy"]
    dated = {"done": "action_on", "planned": "action_due"}.get(
        str(work.answers.get("action_state"))
    )
    wanted += [dated] if dated else []
    empty = [name for name in wanted if not str(work.answers.get(name) or "").strip()]
    _when("answer_complete", bad=bool(empty))


def doc_no(work: Work) -> None:
    """Refuse an answer without a document number where the agency wants one."""
    missing = not str(work.answers.get("doc_no") or "").strip()
    _when("doc_no", bad=bool(work.answers) and work.svc.site.doc_no_required and missing)


def approval(work: Work) -> None:
    """Refuse an answer before it was approved on paper: when, and by whom (전결)."""
    wanted = bool(work.answers) and work.svc.site.doc_no_required
    said = [str(work.answers.get(name) or "").strip() for name in ("approved_on", "approver")]
    _when("approval", bad=wanted and not all(said))


def document(work: Work) -> None:
    """Refuse an answer without the approved document itself, as PDF (시행령 제29조)."""
    refs = [str(one["ref"]) for one in work.answers.get("document") or ()]
    files = [attachments.by_ref(work.unit, ref) for ref in refs]
    wanted = bool(work.answers) and work.svc.site.wants_document()
    _when("document", bad=wanted and not files)
    _when("document", bad=any(one is None or one.mime != "application/pdf" for one in files))


def english_summary(work: Work) -> None:
    """Refuse an answer to a foreign-language filing without its short summary."""
    missing = not str(work.answers.get("summary_en") or "").strip()
    _when("english_summary", bad=bool(work.answers) and work.filing.lang != "ko" and missing)


def close_due(work: Work) -> None:
    here = clocks.running(work.unit, work.filing.id).get("close")
    _when("close_due", bad=here is None or not here.over(work.now))


def repeat_noticed(work: Work) -> None:
    """Refuse to close a repeat before the same person was answered twice (민원처리법 제23조)."""
    few = len(repeats.answered(work.unit, work.filing, work.actor)) < REPEATS
    _when("repeat_noticed", bad=few)


def committee_reviewed(work: Work) -> None:
    """Refuse to close a report by many before the committee has seen it (시행령 제26조)."""
    missing = bool(work.answers) and not work.answers.get("committee")
    marked = work.history.last("many_people")
    together = int(marked.detail.get("people") or 0) if marked is not None else 0
    _when("committee_reviewed", bad=missing and together >= MANY)


def record_asked(work: Work) -> None:
    _when("record_asked", bad=work.history.open("request_record", "give_record") is None)


def earlier(work: Work) -> None:
    """Refuse where no date has come earlier, or somebody has decided about it."""
    waiting = tasks.open_(work.unit, filing_id=work.filing.id)
    asked = any(task.kind == "desk.shorter" for task in waiting)
    gone = work.answers.get("dates") == "earlier" and not recounting.earlier(work)
    _when("earlier", bad=not asked or gone)


def _asked_again(work: Work) -> bool:
    last = work.history.last("ask_supplement", "ask_again")
    return last is not None and last.kind == "ask_again"


def _unanswered(work: Work) -> bool:
    return not clocks.met(work, work.procedure.filing.deadline)


def _late(work: Work) -> bool:
    here = clocks.running(work.unit, work.filing.id).get(work.procedure.filing.deadline)
    return clocks.late(work.filing, here, work.now)


def _fits(work: Work, *, consent: bool) -> bool:
    days = work.answers.get("days")
    if days is None:
        return True
    try:
        clocks.within(work, work.procedure.filing.deadline, int(days), consent=consent)
    except Refused:
        return False
    return True


def _report(work: Work) -> str:
    """Give everything that the reporter wrote, also later."""
    said = [matter.words(work.svc, work.filing.procedure, work.filed)]
    said += [
        str(one.detail.get("text") or "")
        for one in work.history.all
        if one.actor in {"citizen", "anonymous"}
    ]
    return "\n".join(said)


def data_handler(work: Work) -> None:
    """Let those alone answer for personal data whom the agency has named."""
    by = work.svc.site.keep.requests_by
    bad = work.actor.kind == "official" and by != "both" and not work.actor.may(by)
    _when("data_handler", bad=bad)


def wants_erasure(work: Work) -> None:
    _when("wants_erasure", bad=work.filed.get("ask") not in {"erase", "stop"})


def declared(work: Work) -> None:
    """Refuse what hangs on a declaration that was not made (규정 제15조제6항)."""
    asked = [field.name for field in work.move.fields if field.kind == "consent"]
    _when("declared", bad=bool(work.answers) and not all(work.answers.get(one) for one in asked))


def not_own_draft(work: Work) -> None:
    """Refuse who approves what he wrote himself, unless he is the head: a deputy is not."""
    filing, user_id = work.filing, work.actor.user_id
    if user_id is None or user_id != filing.author_id:
        return
    who = officials.official(work.unit, user_id)
    head = who is not None and "unit_head" in who.roles and who.unit_id == filing.from_unit_id
    _when("not_own_draft", bad=not head)


def approval_no(work: Work) -> None:
    """Refuse an approval without the number of the signed document where the agency wants one."""
    missing = not str(work.answers.get("doc_no") or "").strip()
    wanted = bool(work.answers) and work.svc.site.preconsulting.doc_no_required
    _when("doc_no", bad=wanted and missing)


def no_period(work: Work) -> None:
    """Refuse to promise a day where the agency's own period counts."""
    _when("no_period", bad=clocks.main_rule(work).amount > 0)


def has_successor(work: Work) -> None:
    """Refuse to let go of an application that nothing has taken the place of."""
    _when("has_successor", bad=not sight.goes_on(work.unit, work.filing.id))


GUARDS: Mapping[str, Callable[[Work], None]] = {
    guard.__name__: guard
    for guard in (
        handler_complete, named, anonymous, many, extension_left, supplement_over,
        not_asked_again, asked_again, within_onsite, onsite_once, ours_counts, first_extension,
        second_extension, consent_asked, overdue, due_near, urged_today, ask_first, share_allows, own_words, fact_asked,
        answer_complete, doc_no, approval, document, english_summary, close_due, repeat_noticed, committee_reviewed,
        record_asked, earlier, data_handler, wants_erasure, declared, not_own_draft, approval_no,
        no_period, has_successor,
    )
}  # fmt: skip
