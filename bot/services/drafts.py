"""The answer as the draft of an official letter, for the office's approval system.

Days as official papers write them: 행정업무의 운영 및 혁신에 관한 규정 제7조제5항.
"""

from typing import Any

from bot.dialogs.replies import Phrase
from bot.documents.official import Draft, Point
from bot.errors import Refused
from bot.services import accesses, officials, printing, sight, veil
from bot.services.base import Actor, Desk
from bot.services.history import History
from bot.services.sight import Filing
from bot.services.veil import Veil
from knowledge.calendar import seoul_day
from storage import journal
from storage.repositories import filings
from storage.unit import Unit

LANG = "ko"
_DRAFTED = ("to_approval", "result")


def drafted(unit: Unit, filing: Filing) -> dict[str, Any] | None:
    """Give the answer as it was last put up for approval, or sent; None before that."""
    last = History(unit, filing.sid).last(*_DRAFTED)
    return dict(last.detail) if last is not None else None


def export(svc: Desk, unit: Unit, actor: Actor, number: str, *, named: bool) -> Draft:
    """Give the draft of a filing's answer; noted first. `named` uses an approval up.

    Raises `Refused` filing.unknown, conflict.ask, draft.none, printing.not_granted.
    """
    filing = sight.find(unit, actor, number, lock=True)
    printing.allowed(unit, actor, filing)
    answer = drafted(unit, filing)
    if answer is None:
        raise Refused("draft.none")
    if named:
        printing.use(svc, unit, actor, filing)
    detail = {"what": "draft", "named": named}
    journal.append(unit, filing.sid, svc.now(), actor.mark, "exported", detail)
    accesses.note(svc, unit, actor, "exported", filing)
    return _draft(
        svc, unit, filing, answer, Veil() if named else veil.of(svc, unit, filing), named
    )


def of(svc: Desk, unit: Unit, filing: Filing, over: Veil) -> Draft | None:
    """Give the draft without the reporter, for words that are copied; None before there is one."""
    answer = drafted(unit, filing)
    return None if answer is None else _draft(svc, unit, filing, answer, over, named=False)


def _draft(
    svc: Desk, unit: Unit, filing: Filing, answer: dict[str, Any], over: Veil, named: bool
) -> Draft:
    def say(key: str, **params: Any) -> str:
        return svc.texts.render(Phrase(key, params), LANG, svc.site.words())

    def text(name: str) -> str:
        plain = str(answer.get(name) or "").strip()
        return plain if named else over.over(plain)

    received = seoul_day(filing.received_at or filing.arrived_at).isoformat()
    judged = say(f"judgement.{answer['judgement']}")
    lines = [say("draft.judgement", text=judged)]
    lines += [
        say(f"draft.{name}", text=text(name))
        for name in ("checked", "why", "demands", "action")
        if text(name)
    ]
    due = answer.get("action_on") or answer.get("action_due")
    if due:
        lines.append(say("draft.action_day", day=str(due)))
    points = [
        Point(say("draft.intro", number=filing.number, received=received)),
        Point(say("draft.found"), tuple(lines)),
        Point(say("draft.remedy"), tuple(_lines(text("remedy")))),
    ]
    signed = officials.handler(svc, unit, filing)
    who = filings.identity(unit, filing) if named else {}
    name, address = (str(who.get(one) or "") for one in ("name", "address"))
    to = say("draft.to_name", name=name, address=address) if name else say("draft.to")
    return Draft(
        agency=svc.site.agency,
        to=to,
        title=say("draft.title", procedure=svc.title(filing.procedure)),
        points=points,
        signed=say("draft.signed", unit=signed.unit, name=signed.name, phone=signed.phone)
        if signed
        else "",
    )


def _lines(text: str) -> list[str]:
    return [line.strip().removeprefix("·").strip() for line in text.split("\n") if line.strip()]
