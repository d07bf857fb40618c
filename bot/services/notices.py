"""Telling people: words go into the outbox as phrases, never as finished sentences.

What a reporter is told is also an event of the filing (`told`), so that it can be read again by
number and code, printed as a letter and proved. Roads are chosen here: the peer that filed, the
e-mail, a task for a person. Without a name there is at most one sentence: there is news (S1).
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from bot.dialogs import replies
from bot.dialogs.replies import Option, Param, Phrase, Reply, Say
from bot.services import clocks, direct, officials, relay, rights, roads, said, saying, sight
from bot.services.base import ANONYMOUS, CLOCK, Desk, stamp
from bot.services.newer import UNREAD, reply_of
from bot.services.saying import Occasion
from bot.services.sight import get
from bot.services.work import Work
from knowledge.calendar import SEOUL, seoul_day
from knowledge.clock import END_OF_DAY
from knowledge.procedures import Notice, NotKnown
from storage import journal
from storage.journal import Head
from storage.repositories import deputies, errands, filings, outbox, sent_keys, tasks
from storage.repositories.errands import Errand
from storage.repositories.filings import Filing
from storage.unit import Unit

LEGAL, REMINDER = 1, 5
NEWS_LEAST, NEWS_MOST = timedelta(minutes=10), timedelta(minutes=120)  # S1
TOLD = "told"
EXAMINER = "examiner"  # has one page of a filing, and no list of tasks
ALSO_WRITTEN = frozenset(
    {
        "receipt.named", "receipt.off_hours", "receipt.person",
        "notice.supplement.received", "notice.withdraw.done",
    }
)  # fmt: skip
"""Answers to what the reporter just did that are mailed as well; a person posts none of them."""


@dataclass(frozen=True, slots=True)
class Message:
    """One thing to tell the reporter; `once` is its key of repetition, `valid` its rule (S14)."""

    key: str
    params: Mapping[str, Param]
    options: tuple[Option, ...] = ()
    rank: int = LEGAL
    once: str = ""
    expires_at: datetime | None = None
    valid: str = ""
    direct: bool = False  # the answer to what the reporter just did: shown at once, not sent
    hidden: str = ""  # from whom, as the move is that it answers
    late: bool = False  # it ought to have been told before, and says so


def say(svc: Desk, unit: Unit, filing_id: int, message: Message) -> Reply | None:
    """Tell the reporter on every road chosen; None = not said (said before, nobody signs it).

    A notice that has to carry 소속·성명·연락처 is not sent while one of them is missing: it
    becomes a task (민원처리법 시행령 제31조).
    """
    return tell(svc, unit, get(unit, filing_id), message)


def tell(svc: Desk, unit: Unit, filing: Filing, message: Message) -> Reply | None:
    """Tell, with the filing at hand; see `say`."""
    now = svc.now()
    key = said.variant(svc, filing, message.key)
    params = dict(message.params)
    if "handler_name" in svc.texts.holes(key):
        signed = said.signed(svc, unit, filing)
        if signed is None:
            tasks.add(unit, "undelivered", now, filing_id=filing.id, reason="no_handler")
            return None
        params |= signed
    if message.once and not sent_keys.first(unit, message.once, filing.id):
        return None
    reply = Say(Phrase(key, params), message.options)
    body = json.loads(replies.dump(reply))
    detail = {"key": key, "reply": body, "by": message.rank}
    if message.hidden:
        detail["hidden"] = message.hidden
    if relay.crosses(svc, unit, filing.id):  # it is told outside, by who reads the journal
        until = message.expires_at.isoformat() if message.expires_at else None
        detail["way"] = {"expires": until, "valid": message.valid, "late": message.late}
        journal.append(unit, filing.sid, stamp(filing.mode, now), "service", TOLD, detail)
        return reply
    retell(svc, unit, filing, reply, detail, message)
    return reply


def retell(
    svc: Desk,
    unit: Unit,
    filing: Filing,
    reply: Reply,
    detail: Mapping[str, Any],
    message: Message,
) -> None:
    """Write down what is told, and send it on every road chosen."""
    at = stamp(filing.mode, svc.now())
    head = journal.append(unit, filing.sid, at, "service", TOLD, detail)
    if filing.mode == ANONYMOUS:
        if not message.direct:
            _news(svc, unit, filing, head.seq)
    else:
        _send(svc, unit, filing, reply, message, head)


def carry(svc: Desk, unit: Unit, filing: Filing, errand: Errand) -> None:
    """Bring to its road what the public part has told (`errands`)."""
    if errand.kind == "news":
        _news(svc, unit, filing, errand.event)
        return
    reply = next((say for seq, _, say in told(svc, unit, filing) if seq == errand.event), None)
    if reply is None:
        return
    if reply is UNREAD:
        raise NotKnown(errand.kind)  # a process of that release carries it (S23)
    head = journal.ends(unit, filing.sid)[errand.event].short
    valid = errand.valid_rule
    parcel = roads.Parcel(reply, errand.rank, filing.id, errand.expires_at, valid, head)
    who = filings.identity(unit, filing)
    reached = roads.by_choice(svc, unit, filing, who, parcel, by_hand=errand.by_hand)
    if not reached and errand.kind == "told" and errand.by_hand:
        _nowhere(svc, unit, filing)


def of_move(work: Work, notice: Notice, after: Filing) -> None:
    """Carry one notice of a move to whom it names."""
    if notice.named and work.anonymous:
        return
    if notice.to == "citizen":
        key = f"notice.{notice.key}"
        direct = work.actor.kind == "citizen"
        options = (*roads.buttons(notice.key, after.number), *_offered(work, notice, after))
        params = said.of_move(work, notice.key, after)
        once = f"{key}:{after.id}:{after.assignee_id}" if notice.once else ""
        message = Message(
            key, params, options, once=once, direct=direct, valid=_rule(after), late=work.late,
            hidden=str(work.detail.get("hidden") or ""),
        )  # fmt: skip
        reply = tell(work.svc, work.unit, after, message)
        if direct and reply is not None:
            work.replies.append(reply)
    elif notice.to == "unit":
        tell_unit(work, f"notice.{notice.key}")
    else:
        told = work.told.setdefault(notice.key, set())
        told |= tell_officials(
            work.svc,
            work.unit,
            after,
            notice.to,
            f"notice.{notice.key}",
            waits=work.actor.kind == "clock",
            but=told,
        )


def remind(
    svc: Desk, unit: Unit, filing: Filing, key: str, when: Occasion, *, late: bool
) -> Reply | None:
    """Remind the reporter of a date of his own, by day and while it is still to come."""
    params = said.base(svc, unit, filing, svc.now())
    params["reminded"] = when.day.isoformat()
    last = datetime.combine(when.day, END_OF_DAY, SEOUL)
    message = Message(
        f"notice.{key}",
        params,
        roads.buttons(key, filing.number),
        rank=REMINDER,
        expires_at=last,
        valid=f"runs:{when.name}:{when.day}",
        late=late,
    )
    return tell(svc, unit, filing, message)


def _offered(work: Work, notice: Notice, after: Filing) -> tuple[Option, ...]:
    """Give what can be answered with one press in the state as it is now."""
    moves = (work.procedure.moves[name] for name in notice.buttons)
    return tuple(
        Option(Phrase(f"button.{one.action}"), command="move", arg=f"{one.action} {after.number}")
        for one in moves
        if after.state in one.from_
    )


def tell_unit(work: Work, key: str) -> None:
    """Tell the members of a unit that something waits on their desk: no number, no word of it."""
    asked = work.filing.from_unit_id if work.filing.author_id is None else None
    place = work.told_unit if work.told_unit is not None else asked
    if place is None:
        return
    members = officials.of_unit(work.unit, place)
    beside = officials.unit_email(work.unit, place)
    words = Phrase(
        "official.unit_body",
        {"what": Phrase(_desk_key(key)), "desk_url": work.svc.desk_url},
    )
    direct.tell(work.svc, work.unit, members, Say(words), beside=[beside])


def tell_officials(
    svc: Desk,
    unit: Unit,
    filing: Filing,
    to: str,
    key: str,
    *,
    reminder: bool = False,
    waits: bool = False,
    but: Collection[int] = (),
    occasion: Occasion | None = None,
    params: Mapping[str, Param] | None = None,
) -> frozenset[int]:
    """Put a task on the desk and tell who has to know: number, kind, due date and a link only.

    Who is excluded by the guard is left out; a handler who is not there yet is the intake. A
    `reminder` does not leave any more once the filing is closed or two days have passed, or what
    it is of (`occasion`) is so no more (S14); it adds no second task of its kind. It, and what
    `waits`, leaves in office hours. `but` are accounts that were told the same already; gives
    those that are told now.
    """
    at = stamp(filing.mode, svc.now())
    to, people = audience(svc, unit, filing, to)
    people = [who for who in people if who.id not in but]
    if (but or filing.reach != sight.AUDIT) and not people:
        return frozenset()
    kind = key.removeprefix("notice.")
    listed = to != EXAMINER and to not in rights.IN_ONE  # they find it where it is theirs
    if listed and not (reminder and tasks.waits(unit, filing.id, kind, to)):
        tasks.add(unit, kind, at, filing_id=filing.id, reason=to)
    about = direct.About(filing.id, filing.mode != ANONYMOUS, reminder, waits)
    way = f"{svc.desk_url}/filings/{filing.number}/urge" if to == EXAMINER else ""
    what = Phrase(said.variant(svc, filing, key), params or {})
    direct.tell(
        svc, unit, people, saying.officially(svc, unit, filing, what, occasion, way=way), about
    )
    return frozenset(who.id for who in people)


def audience(
    svc: Desk, unit: Unit, filing: Filing, to: str
) -> tuple[str, list[officials.Official]]:
    """Give whom a notice is for, and of them those alone who may know of the filing.

    Where the guard leaves nobody of those asked for, it is who stands in for them, the handler,
    접수; of what is restricted always the inspector.
    """
    if filing.restricted_at is not None:
        return "inspector", _wanted(svc, unit, filing, "inspector")
    others = () if filing.reach != sight.AUDIT else ("stand_in", "handler", "intake")
    for one in dict.fromkeys((to, *others)):
        people = _wanted(svc, unit, filing, one)
        if people:
            return one, people
    return to, []


def _wanted(svc: Desk, unit: Unit, filing: Filing, to: str) -> list[officials.Official]:
    single = {
        "stand_in": filing.stand_in_id,
        "handler": filing.assignee_id,
        "applicant": filing.author_id,
        "approver": filing.approver_id,
    }
    if to in single and (to != "handler" or filing.assignee_id is not None):
        found = [officials.official(unit, one)] if (one := single[to]) is not None else []
    else:
        found = list(officials.with_role(unit, "intake" if to == "handler" else to))
    ids = {one.id for one in found if one}
    day = seoul_day(svc.now())
    away = {one for known in ids for one in deputies.of(unit, known, day)} - ids
    found += [officials.official(unit, one) for one in sorted(away)]
    return _knowing(svc, unit, filing, found)


def knows(svc: Desk, unit: Unit, filing: Filing, who: officials.Official) -> bool:
    """Tell whether a report exists for this official."""
    return bool(_knowing(svc, unit, filing, [who]))


def _knowing(
    svc: Desk, unit: Unit, filing: Filing, people: Sequence[officials.Official | None]
) -> list[officials.Official]:
    """Keep those to whom the report exists, by the selection that every reader starts from."""
    found = []
    for who in people:
        if who is None or not who.active:
            continue
        if sight.knows(unit, filing.id, officials.at_desk(svc, unit, who)):
            found.append(who)
    return found


def still_valid(unit: Unit, filing_id: int | None, rule: str) -> bool:
    """Decide at the claim whether a waiting row is still true (S14).

    Rules: "" always; "state:<state>" while the filing is there; "open" until a final state;
    "due:<ISO day>" while the due date is that day, "runs:<deadline>:<ISO day>" while a deadline
    of that day is not met.
    """
    if not rule or filing_id is None:
        return True
    filing = get(unit, filing_id, CLOCK)
    kind, _, value = rule.partition(":")
    if kind == "state":
        return filing.state == value
    if kind == "runs":
        name, _, day = value.partition(":")
        standing = clocks.running(unit, filing.id).get(name)
        return standing is not None and standing.open() and said.day(standing.due_at) == day
    if kind == "due":
        return said.day(filing.due_at) == value and filing.closed_at is None
    return filing.closed_at is None


def told(svc: Desk, unit: Unit, filing: Filing) -> tuple[tuple[int, datetime, Say], ...]:
    """Give what the reporter was told: the event's number, when, and the reply."""
    return tuple(
        (event.seq, event.at, reply_of(svc.texts, event.detail["reply"]))
        for event in journal.history(unit, filing.sid)
        if event.kind == TOLD and event.detail
    )


def _desk_key(key: str) -> str:
    return {
        "notice.fact.request": "notice.desk.fact_request",
        "notice.danger": "notice.desk.danger",
    }.get(key, key)


def _rule(after: Filing) -> str:
    return f"state:{after.state}" if after.state in {"supplement", "refer_asked"} else ""


def _send(
    svc: Desk, unit: Unit, filing: Filing, reply: Reply, message: Message, head: Head
) -> None:
    if message.late and isinstance(reply, Say):
        words = {"late": Phrase("notice.overslept"), "text": reply.text}
        reply = replace(reply, text=Phrase("talk.late", words))
    until, valid = message.expires_at, message.valid
    draft = roads.Parcel(reply, message.rank, filing.id, until, valid, head.short)
    reached = 0
    if filing.peer_id is not None and not message.direct:
        reached += roads.to_peer(svc, unit, filing.peer_id, draft)
    if not message.direct or message.key in ALSO_WRITTEN:
        if not unit.keys.may_open("filings.identity"):
            errands.put(
                unit,
                filing.id,
                "beside" if reached else "told",
                head.seq,
                svc.now(),
                rank=message.rank,
                by_hand=not message.direct,
                expires_at=message.expires_at,
                valid_rule=message.valid,
            )
            return
        who = filings.identity(unit, filing)
        reached += roads.by_choice(svc, unit, filing, who, draft, by_hand=not message.direct)
    if not reached and not message.direct:
        _nowhere(svc, unit, filing)


def _nowhere(svc: Desk, unit: Unit, filing: Filing) -> None:
    """Put on the desk that no road is left; of what somebody keeps for himself nobody learns."""
    if filing.reach != sight.OWN:
        tasks.add(unit, "undelivered", svc.now(), filing_id=filing.id, reason="no_road")


def _news(svc: Desk, unit: Unit, filing: Filing, event: int) -> None:
    """Say that there is news, later and at a random time, to the messenger that was tied to it."""
    now = svc.now()
    if not unit.keys.may_open("filings.exact"):
        errands.put(unit, filing.id, "news", event, stamp(filing.mode, now), rank=LEGAL)
        return
    peer_id = filings.exact(unit, filing).get("peer_id")
    if peer_id is None:
        return
    span = (NEWS_MOST - NEWS_LEAST) / timedelta(seconds=1)
    part = int.from_bytes(svc.random(4), "big") / 2**32
    at = now + NEWS_LEAST + timedelta(seconds=span * part)
    payload = replies.dump(Say(Phrase("notice.news")))
    draft = outbox.Draft(LEGAL, "news", payload, roads.daytime(at))
    outbox.put(unit, int(peer_id), [draft], now)
