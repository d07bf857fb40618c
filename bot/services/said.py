"""The parameters of a notice, read off the move: dates as ISO days in Seoul, words as phrases."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from bot.dialogs.replies import Called, Param, Phrase, Words
from bot.services import clocks, officials, sight, wishes
from bot.services.base import ANONYMOUS, Desk
from bot.services.guards import MANY
from bot.services.recounting import Shift
from bot.services.work import Work
from knowledge.calendar import seoul_day
from knowledge.korean import has_hangul
from storage.repositories.filings import Filing
from storage.unit import Unit


def day(at: datetime | None) -> Param:
    """Give a moment as the day it falls on in Seoul, or words that there is none yet."""
    return Phrase("notice.no_date") if at is None else seoul_day(at).isoformat()


def expected(filing: Filing) -> dict[str, Param]:
    """Give the date of the answer, for a text that says in a sentence of its own that none is set."""
    return {"due": day(filing.due_at)} if filing.due_at else {"due": "", "undated": 1}


def called(filing: Filing, at: datetime | None = None) -> Called:
    """Tell what the number is now, or was `at` a time: 도달 comes before 접수.

    Without a name it is a reference: such a report is no 민원 (민원처리법 제2조). So is what
    somebody keeps for himself.
    """
    if filing.mode == ANONYMOUS or filing.reach == sight.OWN:
        return "reference"
    received = filing.received_at
    return "submitted" if received is None or (at and at < received) else "received"


def bodies(svc: Desk) -> Words:
    """Name who hears grievances; the local ombudsman only where there is one."""
    return Phrase("remedy.bodies" if svc.site.ombudsman else "remedy.bodies_one")


def remedy(svc: Desk) -> Phrase:
    return Phrase("remedy.report", {"bodies": bodies(svc)})


def variant(svc: Desk, filing: Filing, key: str) -> str:
    """Give the text for a report without a name, or of this procedure, where there is one."""
    own = svc.own(key, filing.procedure)
    if filing.mode != ANONYMOUS:
        return own
    unnamed = (f"{own}_{ANONYMOUS}", f"{key}_{ANONYMOUS}")
    return next((one for one in unnamed if svc.texts.has(one)), own)


def base(svc: Desk, unit: Unit, filing: Filing, now: datetime) -> dict[str, Param]:
    """Give what every notice may say."""
    return {
        "number": filing.number,
        "procedure": Phrase(f"{filing.procedure}.title"),
        "number_name": Phrase(f"number.{called(filing)}"),
        "due": day(filing.due_at),
        "date": seoul_day(now).isoformat(),
        "unit": officials.unit_named(unit, filing.unit_id),
        "state": Phrase(
            variant(svc, filing, f"status.{filing.state}"), {"unit": "", "other_agency": ""}
        ),
        "bodies": bodies(svc),
        "remedy": remedy(svc),
    }


def shifted(shifts: Iterable[Shift]) -> list[Param]:
    """Say of each date what it is, what was told and what it is now."""
    return [
        Phrase(
            "notice.calendar_line",
            {"what": Phrase(f"deadline.{one.name}"), "old_due": old, "new_due": new},
        )
        for one in shifts
        for old, new in (one.days,)
    ]


def signed(svc: Desk, unit: Unit, filing: Filing) -> dict[str, Param] | None:
    """Give the handler's three lines; None when one is missing: then nothing may be sent."""
    who = officials.handler(svc, unit, filing)
    if who is None:
        return None
    return {"handler_unit": who.unit, "handler_name": who.name, "handler_phone": who.phone}


def of_move(work: Work, key: str, after: Filing) -> dict[str, Param]:
    """Give the parameters of one notice of a move; `after` is the filing as it is now."""
    told = base(work.svc, work.unit, after, work.now)
    told |= {
        "old_due": day(work.filing.due_at),
        "new_due": day(after.due_at),
        "received": after.received_at.isoformat() if after.received_at else "",
    }
    told |= {name: _plain(value) for name, value in work.answers.items()}
    told |= work.said
    if _standard_remedy(work):
        told["remedy"] = remedy(work.svc)
    told["korean"] = Phrase("notice.korean") if _in_korean(work) else ""
    own = _OWN.get(key)
    if own is not None:
        told |= own(work)
    return told


def _standard_remedy(work: Work) -> bool:
    """Tell whether a reader of another language can have the remedies in it: ours, unchanged."""
    written = str(work.answers.get("remedy") or "").split()
    return work.filing.lang != "ko" and written == standard_remedy(work.svc).split()


def standard_remedy(svc: Desk) -> str:
    """Give the remedies in the words that an official finds in the field."""
    return svc.texts.render(remedy(svc), "ko", svc.site.words())


def _in_korean(work: Work) -> bool:
    """Tell whether a reader of another language finds Korean words of the office in a notice."""
    if work.filing.lang == "ko":
        return False
    ours = _standard_remedy(work)
    words = [
        str(work.answers.get(field.name) or "")
        for field in work.move.fields
        if field.kind == "long" and not (ours and field.name == "remedy")
    ]
    return any(has_hangul(one) for one in (*words, str(work.said.get("reason") or "")))


def _plain(value: Any) -> Param:
    if isinstance(value, dict):
        return str(value.get("label") or value.get("text") or "")
    if isinstance(value, list):
        return [str(one) for one in value if not isinstance(one, dict)]
    return "" if value is None else str(value)


def _supplement(work: Work) -> dict[str, Param]:
    now = clocks.running(work.unit, work.filing.id)
    name = "supplement_again" if work.move.action == "ask_again" else "supplement"
    first = now.get("supplement")
    used = 0
    started = work.history.last("ask_supplement")
    if started is not None:
        used = len(clocks.lengthened(work.unit, work.filing.id, "supplement", started.at))
    allowed = len(work.procedure.deadlines["supplement"].extendable)
    return {
        "supplement_due": day(now[name].due_at) if name in now else "",
        "first_due": day(first.due_at) if first else "",
        "left": max(0, allowed - used),
        "due": day(work.now_is("due_at")),
    }


def _onsite(work: Work) -> dict[str, Param]:
    here = clocks.running(work.unit, work.filing.id).get("onsite")
    return {
        "from": str(work.answers.get("start") or ""),
        "until": day(here.due_at) if here else "",
    }


def _late(work: Work) -> dict[str, Param]:
    reason, promise = (work.answers.get(name) for name in ("reason", "promise"))
    return {
        "due": day(work.filing.due_at),
        "reason": reason or Phrase("notice.overdue.reason"),
        "promise": str(promise) if promise else Phrase("notice.overdue.promise"),
    }


def _interim(work: Work) -> dict[str, Param]:
    received = work.filing.received_at or work.filing.arrived_at
    state = work.filing.state
    until = clocks.awaited(clocks.running(work.unit, work.filing.id), state)
    due = _expected(work)
    rest = {"due": due, "until": day(until.due_at if until else None)}
    return {
        "due": due,
        "n": (seoul_day(work.now) - seoul_day(received)).days,
        "done": work.answers.get("done")
        or Phrase(variant(work.svc, work.filing, f"status.{state}")),
        "todo": work.answers.get("todo")
        or Phrase(variant(work.svc, work.filing, f"next.{state}"), rest),
    }


def _expected(work: Work) -> Param:
    """Give the day of the answer; once it has passed, the day that was promised anew."""
    at = work.filing.due_at
    if at is None or at >= work.now:
        return day(at)
    late = work.history.last("overdue")
    promise = str(late.detail.get("promise") or "") if late is not None else ""
    return promise if promise >= seoul_day(work.now).isoformat() else day(None)


def _result(work: Work) -> dict[str, Param]:
    answers = work.answers
    number = answers.get("doc_no")
    # The day that stands on the paper itself, so that both say the same.
    on = answers.get("approved_on") or seoul_day(work.now)
    issued = {"doc_no": str(number), "issued": str(on)}
    return {
        "judgement": Phrase(f"judgement.{answers['judgement']}"),
        "action_due": _action_day(answers),
        "paper": Phrase("notice.result.paper", issued) if number else "",
        "summary": _english(work),
    }


def _action_day(answers: Mapping[str, Any]) -> Param:
    """Give when the action was finished, or the day that is promised for it."""
    match answers.get("action_state"):
        case "done":
            return Phrase("notice.result.finished", {"date": str(answers["action_on"])})
        case "planned":
            return str(answers["action_due"])
    return Phrase("notice.result.no_date")


def _many(work: Work) -> dict[str, Param]:
    """Say what is needed: five names need their list on paper, three a choice (시행령 제8조)."""
    listed = int(work.answers["people"]) >= MANY
    return {
        "roster": Phrase("notice.many_people.roster") if listed else "",
        "choose": Phrase("notice.many_people.choose") if work.answers["chosen"] == "no" else "",
    }


def _left_words(work: Work) -> dict[str, Param]:
    judged = Phrase(f"judgement.{work.answers['judgement']}")
    return {"text": [judged, str(work.answers["summary"])], "summary": _english(work)}


def _english(work: Work) -> Param:
    """Give the short English summary of an answer to a foreign-language filing."""
    text = work.answers.get("summary_en")
    return Phrase("notice.result.summary", {"text": str(text)}) if text else ""


def _refer(work: Work) -> dict[str, Param]:
    return {"new_due": str(work.answers.get("due") or ""), "unit": _plain(work.answers["unit"])}


def _ask_refer(work: Work) -> dict[str, Param]:
    return {"due": str(work.answers["due"]), "unit": _plain(work.answers["unit"])}


def _repeat(work: Work) -> dict[str, Param]:
    return {"n": int(work.answers["count"])}


def _excluded(work: Work) -> dict[str, Param]:
    ground = Phrase(f"field.ground.options.{work.answers['ground']}")
    return {
        "reason": [ground, str(work.answers["reason"])],
        "other_road": str(work.answers["remedy"]),
        "remedy": remedy(work.svc),
    }


def _second_ask(work: Work) -> dict[str, Param]:
    from_now = clocks.foreseen(work, int(work.answers["days"]))
    return {"new_due": day(from_now), "due": day(work.filing.due_at)}


def _record_asked(work: Work) -> dict[str, Param]:
    here = clocks.running(work.unit, work.filing.id).get("record")
    return {"due": day(here.due_at) if here else ""}


def _record(work: Work) -> dict[str, Param]:
    wanted = set(work.detail.get("seqs") or ())
    seen = [one for one in work.history.all if one.seq in wanted]
    return {
        "lines": [
            Phrase(
                "notice.record.line",
                _reader(work, one.at, one.actor) | {"what": Phrase(f"notice.opened.{one.kind}")},
            )
            for one in seen
        ]
    }


def _reader(work: Work, at: datetime, actor: str) -> dict[str, Param]:
    _, _, number = actor.partition(":")
    who = officials.official(work.unit, int(number)) if number.isdecimal() else None
    roles: list[Param] = [Phrase(f"desk.role.{role}") for role in sorted(who.roles)] if who else []
    return {"at": at.isoformat(), "unit": who.unit if who else "", "role": roles}


def _ground(work: Work) -> dict[str, Param]:
    return {"ground_words": Phrase(f"ground.{work.answers['ground']}")}


def _follow(work: Work) -> dict[str, Param]:
    return {"question": Phrase(f"notice.follow.question.{work.filing.state}")}


_OWN: Mapping[str, Callable[[Work], dict[str, Param]]] = {
    "personal_data.declined": _ground,
    "follow.ask": _follow,
    "supplement.ask": _supplement,
    "supplement.second": _supplement,
    "supplement.extended": _supplement,
    "supplement.received": _supplement,
    "supplement.go_on": _supplement,
    "onsite.begin": _onsite,
    "onsite.extend": _onsite,
    "overdue.late": _late,
    "interim": _interim,
    "result.named": _result,
    "result.anonymous": _left_words,
    "many_people.ask": _many,
    "refer.ask": _ask_refer,
    "refer.done": _refer,
    "refer.unnamed": _refer,
    "closed.repeat": _repeat,
    "closed.excluded": _excluded,
    "extension.second_ask": _second_ask,
    "record.requested": _record_asked,
    "record.given": _record,
    "survey.thanks": wishes.marked,
    "survey.left": wishes.marked,
}
