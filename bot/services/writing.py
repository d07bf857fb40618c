"""[대신 적기]: an official writes down what somebody says at the counter or on the telephone.

The same form, the same filing; the actor is the official, and the journal says by which road it
came, what was read aloud and how the person agreed (wording.md §13; 민원처리법 제8조: 구술).
"""

from base64 import urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from pydantic import BaseModel

from bot.dialogs.replies import Say, Words
from bot.errors import Refused
from bot.services import accesses, filings, paper_receipts, rights, sight
from bot.services.base import CLOCK, Actor, Desk, stamp
from bot.services.filings import Filed, Prefs
from bot.services.paper_receipts import PaperReceipt
from bot.services.rights import Right
from knowledge.procedures import Procedure
from storage import journal
from storage.repositories import attachments, tickets
from storage.unit import Unit

ROADS = ("counter", "phone")
SIGNED = ("box", "paper", "read_back")
PRINT_WITHIN = timedelta(minutes=30)
PAPER, CODE = "paper_receipt", "paper_code"


@dataclass(frozen=True, slots=True)
class Oral:
    """What is known beside the answers. `read` are the notices that were read aloud.

    `signed`: a paper was signed before the official (box), its picture is kept (paper, with
    `paper` its ref), or what was written was read back on the telephone and found right.
    """

    road: Literal["counter", "phone"]
    lang: str
    read: Sequence[str]
    signed: Literal["box", "paper", "read_back"]
    paper: str = ""
    with_code: bool = False


@dataclass(frozen=True, slots=True)
class Written:
    """What came out: the filing, two secrets that print its receipt, what to say at once.

    `receipt` prints for half an hour, `code` once and only if it was wanted. `visible`: the
    writer may go on seeing it; a report on his own unit is closed to him from here (S8).
    """

    filed: Filed
    receipt: str
    code: str
    visible: bool
    say: tuple[Words, ...]


def procedures(svc: Desk) -> tuple[Procedure, ...]:
    """Give what can be written down for somebody: citizens' procedures of the audit office."""
    return tuple(one for one in svc.offered() if one.filing.reach == "audit")


def write_in(
    svc: Desk, unit: Unit, actor: Actor, procedure: str, answers: BaseModel, oral: Oral
) -> Written:
    """File what was told. Raises `Refused` access.not_allowed."""
    known = {one.id for one in procedures(svc)}
    if not rights.may(actor, Right.WRITE_IN) or procedure not in known:
        raise Refused("access.not_allowed")
    prefs = Prefs(oral.road, "desk", oral.lang, svc.now(), by="oral")
    with unit.as_service():  # the report may be closed to its writer as soon as it is there
        filed = filings.file(svc, unit, procedure, answers, None, prefs, actor)
        filing = sight.get(unit, filed.filing_id, CLOCK)
        if oral.paper:
            file = attachments.by_ref(unit, oral.paper)
            if file is not None and file.filing_id is None and file.peer_id is None:
                attachments.attach(unit, file, filing.id, keep_peer=False)
        at = stamp(filing.mode, svc.now(), actor)
        detail = {
            "road": oral.road,
            "read": sorted(oral.read),
            "signed": oral.signed,
            "paper": oral.paper,
        }
        journal.append(unit, filing.sid, at, actor.mark, "written_in", detail)
        accesses.note(svc, unit, actor, "written_in", filing)
    return Written(
        filed,
        _ticket(svc, unit, actor, PAPER, filing.id),
        _ticket(svc, unit, actor, CODE, filing.id) if oral.with_code else "",
        _sees(unit, actor, filing.number),
        tuple(reply.text for reply in filed.replies if isinstance(reply, Say)),
    )


def print_receipt(
    svc: Desk, unit: Unit, actor: Actor, secret: str, *, with_code: bool
) -> PaperReceipt:
    """Give the paper of what was just written; with a new code once, in the part to be folded.

    It is for the writer, who may not be one to see the report. Raises `Refused` link.gone.
    """
    now = svc.now()
    kind = CODE if with_code else PAPER
    found = tickets.find(unit, secret, kind)
    if found is None or found.user_id != actor.user_id or found.filing_id is None:
        raise Refused("link.gone")
    if found.expires_at <= now or (with_code and tickets.use(unit, secret, kind, now) is None):
        raise Refused("link.gone")
    with unit.as_service():  # the report may be closed to its writer already
        filing = sight.get(unit, found.filing_id, CLOCK)
        code = ""
        if with_code:
            code = filings.new_code(svc, unit, filing.id)
            at = stamp(filing.mode, now, actor)
            journal.append(unit, filing.sid, at, actor.mark, "code_printed", {})
        return paper_receipts.of(svc, unit, filing, code)


def _ticket(svc: Desk, unit: Unit, actor: Actor, kind: str, filing_id: int) -> str:
    secret = urlsafe_b64encode(svc.random(16)).rstrip(b"=").decode()
    now = svc.now()
    tickets.add(
        unit, secret, kind, now, now + PRINT_WITHIN, user_id=actor.user_id, filing_id=filing_id
    )
    return secret


def _sees(unit: Unit, actor: Actor, number: str) -> bool:
    try:
        sight.find(unit, actor, number)
    except Refused:
        return False
    return True
