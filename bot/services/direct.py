"""Telling officials: at the messenger whoever is linked to it, by mail everybody else.

More than three in ten minutes become one message, so that nobody stops reading them.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.dialogs import replies
from bot.dialogs.replies import Param, Phrase, Say
from bot.services import roads
from bot.services.base import Desk
from bot.services.officials import Official
from knowledge.release import RELEASE
from storage.repositories import official_links, outbox, peers, snoozes
from storage.unit import Unit

OFFICIAL, DIGEST = roads.OFFICIAL, "digest"
FEW, SPAN = 3, timedelta(minutes=10)
LATE = timedelta(days=2)
"""A reminder that comes later would say what is not so."""

LOOK = timedelta(days=1)
"""So long one look of the messenger at an account is good (security S29: checked daily)."""


TELLING = frozenset(
    {
        "notice.desk.danger", "notice.desk.file_found", "notice.desk.pressure",
        "notice.desk.recused",
    }
)  # fmt: skip
"""Notices that say something of what was reported, or of who steps back from it."""

AT_ONCE = frozenset({"notice.desk.danger"})
"""Notices that never wait for others."""


@dataclass(frozen=True, slots=True)
class About:
    """The filing that is told of; `tied`: its rows may name it (S1: not of one without a name).

    `reminder`: an official who put it off is not disturbed, and it does not leave late. It, and
    what `waits`, leaves when the office is open.
    """

    filing_id: int
    tied: bool = True
    reminder: bool = False
    waits: bool = False

    @property
    def row(self) -> int | None:
        return self.filing_id if self.tied else None


def tell(
    svc: Desk,
    unit: Unit,
    people: Iterable[Official],
    reply: Say,
    about: About | None = None,
    *,
    beside: Iterable[str] = (),
) -> int:
    """Tell officials, each once; `beside` are addresses of units. Gives how many have a road."""
    mails, direct = set(beside), 0
    for who in {one.id: one for one in people if one.active}.values():
        if about is not None and about.reminder and _asleep(svc, unit, who.id, about.filing_id):
            direct += 1
            continue
        peer_id = messenger(svc, unit, who.id)
        if peer_id is None:
            mails.add(who.email)
        else:
            _direct(svc, unit, peer_id, reply, about)
            direct += 1
    mails -= {""}
    for address in sorted(mails):
        mail(svc, unit, address, reply, about)
    return direct + len(mails)


def mail(svc: Desk, unit: Unit, address: str, reply: Say, about: About | None = None) -> None:
    """Mail an official."""
    peer = peers.ensure(unit, roads.MAIL, roads.MAIL_DESK, address, "ko", svc.now())
    _direct(svc, unit, peer.id, reply, about)


def messenger(svc: Desk, unit: Unit, user_id: int) -> int | None:
    """Give the peer of an official's account, if it is linked and the messenger calls it whole."""
    known = official_links.of_user(unit, user_id) if svc.office.on else None
    if known is None or svc.now() - known.checked_at > LOOK:
        return None
    return known.peer_id if peers.get(unit, known.peer_id).state == "open" else None


def hushed(svc: Desk, what: Param) -> Param:
    """Say what happened, or only that there is something to look at where it tells of the words."""
    tells = isinstance(what, Phrase) and what.key in TELLING and not svc.office.words
    return Phrase("notice.desk.look") if tells else what


def instead(svc: Desk, unit: Unit, peer_id: int, address: str) -> int:
    """Mail what waits for a peer whose messenger is out of reach; gives how many.

    Without an address nothing goes anywhere: its owner has left.
    """
    found = [row for row in outbox.waiting_of(unit, peer_id) if row.kind in {OFFICIAL, DIGEST}]
    return sum(by_mail(svc, unit, address, row.id, row) for row in found if address)


def by_mail(svc: Desk, unit: Unit, address: str, row_id: int, row: outbox.Told) -> int:
    """Mail what a row of the messenger says; gives how many letters."""
    payload = outbox.read_payload(unit, row_id) or b""
    try:
        said = replies.load_all(payload) if row.kind == DIGEST else (replies.load(payload),)
    except ValueError:
        if row.release > RELEASE:  # only that release can say it (S23)
            return 0
        raise
    peer = peers.ensure(unit, roads.MAIL, roads.MAIL_DESK, address, "ko", svc.now())
    tied = (row.filing_id, row.expires_at, row.valid_rule)
    drafts = [
        outbox.Draft(roads.BESIDE, OFFICIAL, replies.dump(one), svc.now(), *tied) for one in said
    ]
    outbox.put(unit, peer.id, drafts, svc.now())
    return len(drafts)


def _asleep(svc: Desk, unit: Unit, user_id: int, filing_id: int) -> bool:
    until = snoozes.until(unit, user_id, filing_id)
    return until is not None and until > svc.now()


def _direct(svc: Desk, unit: Unit, peer_id: int, reply: Say, about: About | None) -> None:
    """Put a notice in line, or into one message with others of the same minutes or morning."""
    now = svc.now()
    rests = about is not None and (about.reminder or about.waits)
    at = svc.calendar(unit).opening(now) if rests else now
    reminder = about is not None and about.reminder
    if not _gathered(svc, unit, peer_id, reply, at):
        draft = outbox.Draft(
            roads.BESIDE,
            OFFICIAL,
            replies.dump(reply),
            at,
            about.row if about is not None else None,
            at + LATE if reminder else None,
            "open" if reminder else "",
        )
        outbox.put(unit, peer_id, [draft], now)


def _gathered(svc: Desk, unit: Unit, peer_id: int, reply: Say, at: datetime) -> bool:
    """Add a notice to a message of several that leaves at about that time, or begin one."""
    if not _may_wait(unit, peer_id, reply):
        return False
    now = svc.now()
    waiting = outbox.waiting_of(unit, peer_id)
    for row in waiting:
        # What a later release gathered may hold more than we can read: it is not written anew.
        ours = row.kind == DIGEST and row.release <= RELEASE
        if ours and row.due_at is not None and row.due_at <= at + SPAN:
            known = replies.load_all(outbox.read_payload(unit, row.id) or b"[]")
            outbox.rewrite(unit, row.id, replies.dump_all((*known, reply)))
            return True
    if at > now:
        same = [row for row in waiting if row.kind == OFFICIAL and row.due_at == at]
        due = at if len(same) >= FEW else None
    else:
        lately = outbox.since(unit, peer_id, OFFICIAL, now - SPAN)
        due = max(lately[0] + SPAN, now) if len(lately) >= FEW else None
    if due is None:
        return False
    draft = outbox.Draft(roads.BESIDE, DIGEST, replies.dump_all((reply,)), due)
    outbox.put(unit, peer_id, [draft], now)
    return True


def _may_wait(unit: Unit, peer_id: int, reply: Say) -> bool:
    """Tell whether a notice may stand as one line among others: not danger, not other words."""
    if not isinstance(reply.text, Phrase):
        return False
    what = reply.text.params.get("what")
    if isinstance(what, Phrase) and what.key in AT_ONCE:
        return False
    by_mail = peers.get(unit, peer_id).channel == roads.MAIL
    return not by_mail or "number" in reply.text.params
