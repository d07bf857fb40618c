"""What a move does beside state, clock and notices. A closed set, like the guards."""

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any

from bot.errors import Refused
from bot.services import accesses, clocks, matter, officials, passed_on, peers, recounting, said
from bot.services.work import Work
from knowledge.calendar import seoul_day
from storage.repositories import attachments, fact_requests, guards, tasks


def assign(work: Work) -> None:
    """Make somebody the handler; who is excluded cannot be one. Confirms the guard (S8)."""
    who = officials.official(work.unit, _number(work.picked("handler")))
    stands_in = who is not None and who.id == work.filing.stand_in_id
    if who is None or not who.active or not (stands_in or who.roles & {"auditor", "audit_head"}):
        raise Refused("guard.inactive")
    if who.id in {work.filing.author_id, work.filing.approver_id}:
        raise Refused("guard.conflict")
    _confirmed(work)
    set_unit(work)
    if not officials.may_handle(work.unit, work.filing.id, who):
        raise Refused("guard.conflict")
    work.changes["assignee_id"] = who.id
    work.detail["handler"] = who.id
    guards.confirm(work.unit, work.filing.id, work.now)


def _confirmed(work: Work) -> None:
    """Refuse to hand out a report whose guard nobody has looked at (S8).

    Naming the unit beside the handler is looking at it, where the words propose nothing else.
    """
    rows = guards.of(work.unit, work.filing.id)
    waits = any(one.confirmed_at is None for one in rows)
    if any(one.proposed for one in rows) or (waits and not work.picked("unit")):
        raise Refused("guard.unconfirmed")


def set_unit(work: Work) -> None:
    """Take over the unit that intake or the head found; the guard follows it."""
    code = work.picked("unit")
    if not code:
        return
    found = officials.unit_by_code(work.unit, code)
    if found is None:
        raise Refused("access.unit_unknown")
    work.changes["unit_id"] = found["id"]
    work.detail["unit"] = code
    rows = guards.of(work.unit, work.filing.id)
    days = [one.since for one in rows if one.since is not None]
    for one in rows:
        if one.user_id is None and not one.proposed:
            guards.remove(work.unit, one.id)
    guards.add(
        work.unit,
        work.filing.id,
        unit_id=found["id"],
        confirmed_at=work.now,
        reason="complained",
        since=min(days, default=seoul_day(work.filing.arrived_at)),
    )
    work.resettle = True


def set_kind(work: Work) -> None:
    if work.answers.get("kind"):
        work.changes["kind"] = work.answers["kind"]


def recuse(work: Work) -> None:
    """회피: from now on this person sees nothing of it (LR 제11조의2)."""
    user_id = work.actor.user_id
    guards.add(work.unit, work.filing.id, user_id=user_id, confirmed_at=work.now, reason="self")
    if work.filing.assignee_id == user_id:
        work.changes["assignee_id"] = None
    work.detail["only"] = "audit_head"
    work.resettle = True


def mark_many(work: Work) -> None:
    work_item(work, "many_people")


def set_representatives(work: Work) -> None:
    finish_items(work, "many_people")


def add_to_filing(work: Work) -> None:
    """Tie the files that came with it to the filing: an addition, nothing filed is changed."""
    added = 0
    for one in work.answers.get("files") or ():
        file = attachments.by_ref(work.unit, str(one["ref"]))
        if file is None or file.filing_id is not None or file.peer_id != work.actor.peer_id:
            continue  # somebody else's, or used before
        attachments.attach(work.unit, file, work.filing.id, keep_peer=not work.anonymous)
        added += 1
    if added:
        work.detail["added"] = added


def ask_consent(work: Work) -> None:
    """Note the date that was offered; silence until the due date is no."""
    due = work.now_is("due_at")
    work.detail["asked_until"] = due.isoformat() if due else None


def record_consent(work: Work) -> None:
    """Take the days that were asked for; only an explicit yes makes the period longer."""
    asked = work.history.open("ask_extension2", "extension2_reply")
    assert asked is not None  # the guard has looked
    work.detail |= {"days": asked.detail["days"], "consent": work.answers["agree"] == "yes"}
    work.said["reason"] = str(asked.detail.get("reason") or "")


def work_item(work: Work, kind: str = "") -> None:
    """Put something on the desk that a person has to do."""
    name = kind or work.move.action
    tasks.add(work.unit, name, work.now, filing_id=work.filing.id)


def finish_items(work: Work, *kinds: str) -> None:
    """Take done work off the desk."""
    for task in tasks.open_(work.unit, filing_id=work.filing.id):
        if task.kind in kinds:
            tasks.done(work.unit, task.id, work.actor.user_id, work.now)


def record_share(work: Work) -> None:
    work.changes["share"] = work.answers["share"]


def share_without_name(work: Work) -> None:
    """Silence: the content alone, as the question said."""
    work.changes["share"] = "without_name"


def forward_to_unit(work: Work) -> None:
    """Hand the matter to the unit: with the name only if the reporter said so."""
    content = {"kind": "referred", "content": work.answers.get("content") or ""}
    if work.answers.get("how") == "with_name":
        content["content"] = matter.words(work.svc, work.filing.procedure, work.filed)
        content |= {name: work.who.get(name) or "" for name in _CONTACT}
        content |= {name: work.answers.get(name) or "" for name in ("new_no", "due")}
    _hand_over(work, content, open_=False)
    passed_on.count(work)


_CONTACT = ("name", "address", "phone", "email")


def count_transfer(work: Work) -> None:
    """Count how often this matter has changed agencies."""
    before = work.history.count("transfer") + int(work.filed.get("transfers") or 0)
    work.detail["n"] = work.said["n"] = before + 1
    passed_on.count(work)


def send_fact_request(work: Work) -> None:
    """Ask a unit in the auditor's own words: no reporter, no number, no file (S8)."""
    names = ("matter", "questions", "materials", "due")
    asked = {"kind": "asked"} | {name: work.answers.get(name) or "" for name in names}
    signed = officials.handler(work.svc, work.unit, work.filing)
    assert signed is not None  # the guard has looked
    asked |= {"unit": signed.unit, "name": signed.name, "phone": signed.phone}
    _hand_over(work, asked, open_=True)


def tell_unit(work: Work) -> None:
    """Tell the unit of a danger, without who said so."""
    told = {"kind": "danger"} | {name: work.answers[name] for name in ("place", "matter")}
    _hand_over(work, told, open_=False)


def _hand_over(work: Work, content: Mapping[str, Any], *, open_: bool) -> None:
    found = officials.unit_by_code(work.unit, work.picked("unit"))
    if found is None:
        raise Refused("access.unit_unknown")
    due = work.answers.get("due")
    request = fact_requests.add(
        work.unit,
        work.filing.id,
        work.filing.sid,
        found["id"],
        json.dumps(content, ensure_ascii=False, default=str).encode(),
        work.now,
        clocks.end_of(date.fromisoformat(str(due))) if due else work.now,
        work.actor.user_id,
    )
    if not open_:
        fact_requests.close(work.unit, request)
    work.detail["unit"] = found["code"]
    work.said["unit"] = found["name"]
    work.told_unit = found["id"]


def record_fact_reply(work: Work) -> None:
    """Keep what the unit answered to the request at hand, or to all its open ones."""
    words = json.dumps(work.answers, ensure_ascii=False, default=str).encode()
    for one in fact_requests.of(work.unit, work.filing.id):
        mine = one.unit_id == work.actor.unit_id and one.state == "open"
        if mine and work.about in {None, one.id}:
            fact_requests.reply(work.unit, one.id, words, work.now)
    add_to_filing(work)


def keep_draft(work: Work) -> None:
    """Mark the draft that the journal keeps: the result is filled in from it."""
    work.detail["draft"] = True


def freeze_answer(work: Work) -> None:
    """Tie the paper document to the filing; the journal keeps the answer as it was sent."""
    document = work.answers.get("document") or ()
    work.answers["files"] = document
    add_to_filing(work)
    work.answers.pop("files")
    finish_items(work, "demand_correction")


def keep_survey(work: Work) -> None:
    """Keep what the reporter thought; the handler does not see whose mark it is."""
    work.detail["hidden"] = "handler"
    work.changes["survey"] = str(work.answers.get("satisfied") or "")


def return_papers(work: Work) -> None:
    if work.answers.get("return_papers") == "yes":
        work_item(work, "return_papers")


def seal_for_head(work: Work) -> None:
    """Only the head of the audit office reads this (wording.md §10)."""
    work.detail["only"] = "audit_head"
    work_item(work, "pressure")


def note_urged(work: Work) -> None:
    """Write into the access log who pressed for a report that is not his (security S8)."""
    accesses.note(work.svc, work.unit, work.actor, "urged", work.filing)


OPENINGS = frozenset(
    {
        "viewed", "guard_opened", "file_opened", "identity_opened", "printed",
        "printed_unredacted", "exported", "receipt_printed", "compared",
    }
)  # fmt: skip
"""What counts as looking at a reporter's data. A unit that reads what it was asked sees none."""


def give_record(work: Work) -> None:
    """Say who opened the report, when and for what: unit and role, never a name."""
    finish_items(work, "request_record")
    seen = [one for one in work.history.all if one.kind in OPENINGS]
    work.detail["seqs"] = [one.seq for one in seen]


def recount(work: Work) -> None:
    """Bring dates forward after a day off was taken back, or keep those that were told (S33)."""
    sooner = work.answers["dates"] == "earlier"
    moved = recounting.bring_forward(work) if sooner else recounting.earlier(work)
    work.detail["moved"] = recounting.dates(moved)
    work.said["lines"] = said.shifted(moved)
    finish_items(work, "desk.shorter")


def _number(value: str) -> int:
    return int(value) if value.isdecimal() else -1


def _named(effects: Iterable[Callable[[Work], None]]) -> dict[str, Callable[[Work], None]]:
    return {effect.__name__: effect for effect in effects}


def forget_unfiled(work: Work) -> None:
    """Delete what was never filed: draft, consents, display name; what was filed is a record.

    Its files have no row any more and go with the sweep of those.
    """
    peer_id = work.filing.peer_id
    if peer_id is None:
        return
    work.detail["draft"] = peers.erase_draft(work.svc, work.unit, peer_id) is not None
    work.detail["consents"] = peers.withdraw_all(work.svc, work.unit, peer_id)


def hand_in(work: Work) -> None:
    """Let it come to the audit office: from now on it is theirs to see, and this is when it came."""
    work.changes |= {"handed_at": work.now, "arrived_at": work.now}


def promise(work: Work) -> None:
    """Take the day that the handler promises as the date that counts."""
    clocks.promise(work, date.fromisoformat(str(work.answers["day"])))


def take_on(work: Work) -> None:
    """Make the official who answers the one who signs (민원처리법 시행령 제31조)."""
    work.changes["assignee_id"] = work.actor.user_id


ASKS: Mapping[str, tuple[str, ...]] = {
    "assign": ("handler",),
    "set_unit": ("unit",),
    "set_kind": ("kind",),
    "record_share": ("share",),
    "record_consent": ("agree",),
    "tell_unit": ("place", "matter"),
    "recount": ("dates",),
}
"""The fields of its move that an effect reads; without them it would do nothing, or the wrong thing."""

EFFECTS: Mapping[str, Callable[[Work], None]] = _named(
    (
        assign, set_unit, set_kind, recuse, mark_many, set_representatives, add_to_filing,
        ask_consent, record_consent, work_item, record_share, share_without_name,
        forward_to_unit, count_transfer, send_fact_request, tell_unit, record_fact_reply,
        keep_draft, freeze_answer, keep_survey, return_papers, seal_for_head, give_record,
        recount, forget_unfiled, note_urged, hand_in, promise, take_on,
    )
)  # fmt: skip
