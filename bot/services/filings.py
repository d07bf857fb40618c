"""A report is filed: number, code, legal due date, journal, receipt (wording.md §3.2; S1, S24)."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from pydantic import BaseModel

from bot.dialogs.replies import Option, Phrase, Receipt, Reply, Say
from bot.services import (
    clocks,
    codes,
    crowd,
    guarding,
    handover,
    hands,
    matter,
    moves,
    notices,
    receipt_words,
    refiling,
    relay,
    roads,
    said,
    sight,
    whose,
)
from bot.services.base import ANONYMOUS, CLOCK, Actor, Desk, hour, stamp
from bot.services.matter import PERSON
from bot.services.whose import Author
from bot.services.work import Work
from knowledge import clock, slots
from knowledge.calendar import seoul_day
from knowledge.derivation import DerivationLine
from knowledge.procedures import Procedure
from storage import journal, receipts
from storage.errors import Again
from storage.repositories import (
    attachments,
    filings,
    finders,
    relays,
    sent_keys,
    sketches,
    tasks,
    terms,
)
from storage.repositories.filings import Filing
from storage.unit import Unit


@dataclass(frozen=True, slots=True)
class Prefs:
    """What the channel knows beside the answers.

    `at` is when it arrived (aware). `by` says how: dialog, or oral (an official wrote it down).
    `again`: a receipt that we signed and a restore has lost; `at` is then its own (S13).
    `author`: the unit from which, or to which, a filing of reach "unit" comes.
    `link`: somebody without a name asked a messenger for "새 소식만 받기". `own_page`: this is
    the agency's own page, so the code may be shown here. `number`: what another network gave it.
    """

    channel: str
    account: str
    lang: str
    at: datetime
    link: bool = False
    by: str = "dialog"
    own_page: bool = False
    number: str = ""
    again: receipts.Receipt | None = None
    author: Author | None = None


@dataclass(frozen=True, slots=True)
class Filed:
    """What came out. `replies` are for whoever filed, now; `code` only where it may be shown.

    `anonymous`: the receiver deletes the dialog row and keeps only a hash in the inbox (S1).
    """

    filing_id: int
    number: str
    code: str | None
    due_at: datetime | None
    lines: tuple[DerivationLine, ...]
    replies: tuple[Reply, ...]
    anonymous: bool


def file(
    svc: Desk,
    unit: Unit,
    procedure: str,
    answers: BaseModel | Mapping[str, Any],
    peer_id: int | None,
    prefs: Prefs,
    actor: Actor | None = None,
) -> Filed:
    """File the answers of a finished dialog; everything happens in the open transaction.

    Nothing refuses a report: what it lacks is asked for later (민원처리법 제9조). `actor` is the
    official who wrote it down; without one it is the reporter.
    """
    rules = svc.procedures.on(procedure, seoul_day(prefs.at))
    plain = answers.model_dump(mode="json") if isinstance(answers, BaseModel) else answers
    values: dict[str, Any] = dict(plain)
    hidden = values.get("who") == "anonymous"
    state = rules.filing.first(values)
    person = {name: value for name, value in values.items() if name in PERSON}
    values = rules.filing.kept(values) | person
    owner = None if hidden else peer_id
    filing, code = _write(svc, unit, rules, values, owner, prefs, peer_id, state)
    away = relay.away(filing)
    if "unit" in values and not away:  # a request about one's own data complains of nobody
        filing = guarding.propose(svc, unit, filing, values)
    _attach(unit, filing, values, peer_id)
    by = actor.mark if actor else (ANONYMOUS if hidden else "citizen")
    at = stamp(filing.mode, svc.now() if prefs.again else prefs.at)
    journal.append(unit, filing.sid, at, by, "filed", _filed_detail(values, prefs))
    if prefs.again is not None:
        detail = {"number": prefs.again.number, "signature": refiling.digest(prefs.again)}
        journal.append(unit, filing.sid, at, by, "refiled", detail)
        refiling.used(unit, prefs.again, filing.id)
    filing = _arrive(svc, unit, rules, filing)
    # Who files for his own office reads it at the desk: he is told nothing as a reporter is.
    receipt = [] if prefs.author else [_receipt(svc, unit, filing, code, prefs)]
    danger: list[Reply] = []
    if filing.reach != sight.OWN:  # what somebody keeps for himself is nothing to the office
        danger = _danger(svc, unit, filing, values)
    if filing.reach not in {sight.OWN, sight.AWAY}:
        hands.settle(svc, unit, filing.id)
    if away:
        terms.rest(unit, filing.id, filing.arrived_at)  # the inside's clock runs
        relay.leave(unit, filing)
    _tell_origin(svc, unit, filing)
    if filing.reach not in {sight.OWN, sight.AWAY}:
        crowd.counted(svc, unit, filing)  # last: others wait for the same row until the commit
    return Filed(
        filing.id,
        filing.number,
        code,
        filing.due_at,
        clocks.lines(filing),
        (*receipt, *_again(svc, filing, prefs), *danger),
        hidden,
    )


def bring(
    svc: Desk, unit: Unit, procedure: str, values: Mapping[str, Any], prefs: Prefs
) -> Filing:
    """Write a case that was kept elsewhere: guarded like every other, nobody is told of it."""
    rules = rules_on(svc, procedure, seoul_day(prefs.at))
    known = dict(values)
    filing, _ = _write(svc, unit, rules, known, None, prefs, None, rules.filing.first(known))
    guarding.propose(svc, unit, filing, known)
    hands.settle(svc, unit, filing.id)
    after = filings.get(unit, filing.id)
    assert after is not None
    return after


def rules_on(svc: Desk, procedure: str, day: date) -> Procedure:
    """Give the rules of a day; of what is older than all of them the first."""
    try:
        return svc.procedures.on(procedure, day)
    except KeyError:
        every = (one for one in svc.procedures.every() if one.id == procedure)
        return min(every, key=lambda one: one.version)


def new_code(svc: Desk, unit: Unit, filing_id: int) -> str:
    """Make a new code; the old one dies. Only for the agency's own page."""
    filing = filings.lock(unit, filing_id)
    code = codes.new_code(svc.random)
    filings.set_code(unit, filing_id, unit.keys.ring.code_mac(filing.number, code))
    at = stamp(filing.mode, svc.now())
    journal.append(unit, filing.sid, at, "service", "code_made", {})
    return code


def typed_back(svc: Desk, unit: Unit, number: str, code: str) -> bool:
    """Tell whether somebody without a name has kept the code (S24); noted once it is right."""
    known = codes.read_number(number) or ""
    mac = filings.code_mac(unit, known)
    if not unit.keys.ring.code_holds(mac, known, codes.read_code(code)):
        return False
    filing = filings.by_number(unit, known)
    assert filing is not None
    journal.append(unit, filing.sid, hour(svc.now()), "service", "code_kept", {})
    return True


def _write(
    svc: Desk,
    unit: Unit,
    rules: Procedure,
    values: dict[str, Any],
    owner: int | None,
    prefs: Prefs,
    peer_id: int | None,
    state: str,
) -> tuple[Filing, str | None]:
    hidden = values.get("who") == "anonymous"
    identity = {name: values.pop(name, None) for name in PERSON}
    exact = {"arrived_at": prefs.at.isoformat()}
    if prefs.link and peer_id is not None:
        exact["peer_id"] = str(peer_id)
    filing, number = None, ""
    while filing is None:
        if number and prefs.again is not None:
            raise Again  # somebody used the receipt this very moment
        number = _number(svc, unit, prefs)
        filing = filings.add(
            unit,
            sid=unit.sid(),
            number=number,
            answers=values,
            identity=None if hidden else {k: v for k, v in identity.items() if v is not None},
            exact=exact if hidden else None,
            procedure=rules.id,
            procedure_version=rules.version,
            state=state,
            mode="anonymous" if hidden else "named",
            peer_id=owner,
            lang=prefs.lang,
            channel=prefs.channel,
            share="" if hidden or prefs.author else str(values.get("share") or "ask_first"),
            **relay.whose(svc, prefs.by, whose.columns(unit, rules, values, prefs.author)),
            arrived_at=hour(prefs.at) if hidden else prefs.at,
            calendar_version=svc.calendar(unit).version,
        )
    if prefs.by == relay.ROAD:
        relays.begin(unit, filing.id)
    sketches.put(unit, filing.id, filing.sid, values)
    if not hidden:  # nobody is ever found by a report without a name
        finders.put(unit, filing.id, identity)
    if not prefs.own_page or filing.reach == sight.OWN:
        return filing, None
    code = codes.new_code(svc.random)
    filings.set_code(unit, filing.id, unit.keys.ring.code_mac(number, code))
    return filing, code


def _number(svc: Desk, unit: Unit, prefs: Prefs) -> str:
    """Give the next number; to a report that is filed anew its own, if nobody has got it since."""
    if prefs.again is not None and not filings.taken(unit, prefs.again.number):
        return prefs.again.number
    number = prefs.number
    while not number or not (prefs.number or relay.ours(svc, number)):
        number = codes.new_number(seoul_day(prefs.at).year, svc.random)
    return number


def _filed_detail(values: dict[str, Any], prefs: Prefs) -> dict[str, Any]:
    """Say how it came, and what was filed by its digest: nothing of it can change unseen."""
    content = json.dumps(values, ensure_ascii=False, sort_keys=True).encode()
    return {
        "channel": prefs.channel,
        "by": prefs.by,
        "notice": "shown",
        "sensitive": values.get("sensitive"),
        "sha256": hashlib.sha256(content).hexdigest(),
    }


def _attach(unit: Unit, filing: Filing, values: dict[str, Any], peer_id: int | None) -> None:
    """Tie the files to the filing: those that its writer sent, whatever references came in."""
    for one in (*(values.get("proof") or ()), *(values.get("files") or ())):
        file = attachments.by_ref(unit, str(one["ref"]))
        if file is not None and file.filing_id is None and file.peer_id == peer_id:
            attachments.attach(unit, file, filing.id, keep_peer=filing.mode != ANONYMOUS)


def _arrive(svc: Desk, unit: Unit, rules: Procedure, filing: Filing) -> Filing:
    """Start the clocks; in office hours 도달 is 접수 unless the agency receives by hand.

    Nobody else can see what this transaction has just written: it is not locked anew.
    """
    receive = rules.moves.get("receive")
    if receive is None:  # it never comes to the office: only its own clocks run
        first = next(iter(rules.moves.values()))
        work = Work(svc, unit, CLOCK, filing, rules, first, {}, svc.now())
        clocks.begin(work, "arrived", filing.arrived_at)
        return filing
    if filing.state not in receive.from_:
        return filing  # it is not with the office yet
    work = _work(svc, unit, rules, filing)
    clocks.begin(work, "arrived", filing.arrived_at)
    got = clock.receipt(filing.arrived_at, work.calendar)
    if svc.site.receive == "auto":
        if not got.off_hours:
            return moves.carry_out(svc, unit, CLOCK, filing, None, "receive", {}, quiet=True).after
        if filing.mode != ANONYMOUS:
            clocks.recount(work, got.received)
            filings.change(unit, filing.id, filing.version, **work.changes)
    after = filings.get(unit, filing.id)
    assert after is not None
    return after


def _work(svc: Desk, unit: Unit, rules: Procedure, filing: Filing) -> Work:
    return Work(svc, unit, CLOCK, filing, rules, rules.moves["receive"], {}, svc.now())


def _receipt(svc: Desk, unit: Unit, filing: Filing, code: str | None, prefs: Prefs) -> Receipt:
    """Make the receipt; the outbox and the journal never hold the code."""
    key, params = receipt_words.words(svc, unit, filing)
    message = notices.Message(key, params, direct=True)
    reply = notices.tell(svc, unit, filing, message)
    assert isinstance(reply, Say)
    look = Phrase(svc.own("receipt.status", filing.procedure))
    options = [Option(look, command="status", arg=filing.number)]
    if filing.reach == sight.OWN:  # nothing was filed: no date, no paper, nothing to prove
        return Receipt(filing.number, reply.text, options=tuple(options), called="reference")
    if filing.due_at is not None:
        lines = Option(Phrase("receipt.derivation"), command="derivation", arg=filing.number)
        options.append(lines)
    if filing.mode != ANONYMOUS:
        options.append(Option(Phrase("receipt.paper"), command="paper", arg=filing.number))
    if not prefs.own_page and prefs.by == "dialog":
        link = handover.code_link(svc, unit, filing.id)
        options.insert(0, Option(Phrase("receipt.see_code"), url=link.url))
    return Receipt(
        filing.number,
        reply.text,
        seoul_day(filing.due_at).isoformat() if filing.due_at else None,
        code,
        Phrase("receipt.spoken", {"spoken": codes.spoken(filing.number, filing.lang)}),
        tuple(options),
        called=said.called(filing),
        proof=proof(unit, filing) if prefs.own_page else None,
    )


def proof(unit: Unit, filing: Filing) -> str:
    """Sign what a receipt proves: number, arrival, procedure and the head of its chain (S4)."""
    head = journal.head(unit, filing.sid)
    assert head is not None
    return receipts.sign(unit.keys.ring, filing.number, filing.arrived_at, filing.procedure, head)


def _again(svc: Desk, filing: Filing, prefs: Prefs) -> list[Reply]:
    """Say what became of a receipt: the time that counts, and that its date may have passed."""
    if prefs.again is None:
        return []
    words = [Say(Phrase("refile.done", {"at": prefs.again.at.isoformat()}))]
    if filing.number != prefs.again.number:
        changed = {"old": prefs.again.number, "number": filing.number}
        words.append(Say(Phrase("refile.renumbered", changed)))
    if filing.due_at is not None and filing.due_at < svc.now():
        words.append(Say(Phrase("refile.overdue", {"due": said.day(filing.due_at)})))
    return list(words)


def _danger(svc: Desk, unit: Unit, filing: Filing, values: dict[str, Any]) -> list[Reply]:
    """Say where help is at once, and put the danger before the office."""
    words = matter.words(svc, filing.procedure, values)
    found: list[Reply] = []
    if slots.self_harm(words):
        found.append(Say(Phrase("safety.self_harm")))
    if slots.danger(words):
        found.append(Say(Phrase("safety.now")))
        notices.tell_officials(svc, unit, filing, "intake", "notice.desk.danger")
    return found


def _tell_origin(svc: Desk, unit: Unit, filing: Filing) -> None:
    """Give the number, and nothing else, to the messenger the dialog came from if asked (S2)."""
    if filing.peer_id is None:
        return
    for peer_id in handover.origins(unit, filing.peer_id):
        named = Phrase(f"number.{said.called(filing)}")
        words = Say(Phrase("receipt.moved", {"number_name": named, "number": filing.number}))
        roads.to_peer(svc, unit, peer_id, roads.Parcel(words, notices.LEGAL, None))


def on_paper(svc: Desk, unit: Unit, actor: Actor, number: str) -> None:
    """Put on the desk that somebody wants his notices on paper (민원처리법 시행령 제29조).

    Raises `Refused` filing.unknown.
    """
    filing = sight.find(unit, actor, number)
    if sent_keys.first(unit, f"paper:{filing.id}:{filing.version}", filing.id):
        at = stamp(filing.mode, svc.now(), actor)
        tasks.add(unit, "letter", at, filing_id=filing.id, reason="asked")
        journal.append(unit, filing.sid, at, moves.mark(actor, filing), "paper_asked", {})
