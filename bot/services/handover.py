"""One-time links: a dialog moves to the agency's page (S2); a code is shown there once (S24).

The secret stands behind the `#`, so that no log, referrer or preview robot ever has it; looking
has no effects, only the button on the page redeems, and what is stored is a hash.
"""

import json
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa

from bot.dialogs import replies, tally
from bot.dialogs.engine import MENU
from bot.dialogs.replies import Phrase, Say
from bot.errors import Refused
from bot.services import tallies
from bot.services.base import Desk
from storage.models import attachments
from storage.models import peers as peers_table
from storage.repositories import consents, dialogs, outbox, peers, tickets
from storage.unit import Unit

MINUTES = 15
TRIES = 3
SECRET_BYTES = 16  # 128 bits
REPLY = 0  # the rank of what answers a turn
DIALOG, CODE = "dialog", "code"
PATHS = {DIALOG: "/c", CODE: "/k"}


@dataclass(frozen=True, slots=True)
class Link:
    """A link that nobody's log sees: the secret stands behind the `#`. `nn` only for a dialog."""

    url: str
    nn: str = ""


@dataclass(frozen=True, slots=True)
class Offered:
    """What the page may say before the button is pressed: where it came from, nothing else."""

    kind: str  # "dialog" | "code"
    channel: str


def dialog_link(svc: Desk, unit: Unit, peer_id: int) -> Link:
    """Make the link that moves this peer's dialog to the page; an earlier one dies."""
    tickets.cancel(unit, DIALOG, peer_id=peer_id)
    nn = f"{10 + int.from_bytes(svc.random(4), 'big') % 90}"
    secret = _secret(svc)
    now = svc.now()
    until = now + timedelta(minutes=MINUTES)
    detail = json.dumps({"nn": nn}).encode()
    tickets.add(unit, secret, DIALOG, now, until, peer_id=peer_id, detail=detail)
    return Link(f"{svc.public_url}{PATHS[DIALOG]}#{secret}", nn)


def code_link(svc: Desk, unit: Unit, filing_id: int) -> Link:
    """Make the link behind [누리집에서 코드 보기].

    Neither a peer nor, openly, the filing is tied to it: its time is exact (S1).
    """
    secret = _secret(svc)
    now = svc.now()
    until = now + timedelta(minutes=MINUTES)
    detail = json.dumps({"filing": filing_id}).encode()
    tickets.add(unit, secret, CODE, now, until, detail=detail)
    return Link(f"{svc.public_url}{PATHS[CODE]}#{secret}")


def offered(svc: Desk, unit: Unit, secret: str) -> Offered | None:
    """Look at a link without using it up (a GET has no effects)."""
    for kind in (DIALOG, CODE):
        found = tickets.find(unit, secret, kind)
        if found is not None and found.used_at is None and found.expires_at > svc.now():
            channel = "" if found.peer_id is None else peers.get(unit, found.peer_id).channel
            return Offered(kind, channel)
    return None


def redeem_dialog(
    svc: Desk,
    unit: Unit,
    secret: str,
    nn: str,
    web_peer_id: int,
    *,
    tell_number: bool = False,
    over: bool = False,
) -> str:
    """Move the dialog to the web peer; gives the channel it came from.

    The origin's dialog ends, it is told so, and no reply that was waiting for it leaves any
    more; only with `tell_number` does it later get the receipt number, and nothing else (S2). A wrong number is
    counted, so call `count_wrong` in a transaction of its own when this raises link.number.
    A draft of the page gives way only when its writer said so (`over`).

    Raises `Refused` link.gone, link.number, link.draft.
    """
    found = tickets.find(unit, secret, DIALOG)
    if found is None or found.tries >= TRIES or found.peer_id is None:
        raise Refused("link.gone")
    if found.used_at is not None or found.expires_at <= svc.now():
        raise Refused("link.gone")
    if json.loads(found.detail)["nn"] != nn.strip():
        raise Refused("link.number")
    if not over and _writing(unit, web_peer_id):
        raise Refused("link.draft")
    if tickets.use(unit, secret, DIALOG, svc.now()) is None:
        raise Refused("link.gone")
    return _move(svc, unit, found.peer_id, web_peer_id, tell_number=tell_number)


def count_wrong(unit: Unit, secret: str) -> int:
    """Count a wrong two-digit number; at the third the link is dead."""
    return tickets.tried(unit, secret)


def redeem_code(svc: Desk, unit: Unit, secret: str) -> int:
    """Use a code link up; gives the filing's id. Raises `Refused` link.gone.

    The page then shows `filings.new_code`: codes are never stored, so each look makes a new one.
    """
    found = tickets.use(unit, secret, CODE, svc.now())
    if found is None:
        raise Refused("link.gone")
    return int(json.loads(found.detail)["filing"])


def origins(unit: Unit, peer_id: int) -> tuple[int, ...]:
    """Give the messenger peers that asked to hear the number of what this page files."""
    c = peers_table.c
    person = peers.get(unit, peer_id).person_id
    if person is None:
        return ()
    others = sa.select(c.id).where(
        c.person_id == person, c.id != peer_id, c.channel.not_in(["web", "mail"])
    )
    return tuple(unit.conn.scalars(others))


def _move(svc: Desk, unit: Unit, origin_id: int, web_peer_id: int, *, tell_number: bool) -> str:
    first, second = sorted((origin_id, web_peer_id))
    locked = {one: peers.lock(unit, one) for one in (first, second)}
    origin, page = locked[origin_id], locked[web_peer_id]
    now = svc.now()
    opened = dialogs.get(unit, origin)
    if opened is not None:
        known = dialogs.get(unit, page)
        read = 0 if known is None else known.version
        dialogs.save(unit, page, opened.form, opened.state, now, read=read)
        dialogs.delete(unit, origin.id)
        tallies.count(svc, unit, [opened.state], tally.MOVED)
    turn = max(origin.turn, page.turn)
    peers.touch(unit, page.id, now, turn=turn, lang=origin.lang)
    outbox.drop_peer(unit, origin.id, "moved", most_rank=REPLY)
    words = replies.dump(Say(Phrase("elsewhere.moved")))
    outbox.put(unit, origin.id, [outbox.Draft(REPLY, "notice", words, now)], now)
    _files(unit, origin.id, page.id)
    if tell_number:
        peers.join(unit, origin.id, page.id)
    for row in consents.of(unit, origin.id):
        if row.kind == "sensitive" and row.withdrawn_at is None:
            consents.give(unit, page.id, row.kind, row.text_version, row.lang, row.given_at)
    return origin.channel


def _writing(unit: Unit, peer_id: int) -> bool:
    opened = dialogs.get(unit, peers.get(unit, peer_id))
    return opened is not None and opened.form != MENU


def _files(unit: Unit, origin_id: int, page_id: int) -> None:
    mine = (attachments.c.peer_id == origin_id, attachments.c.filing_id.is_(None))
    unit.conn.execute(sa.update(attachments).where(*mine).values(peer_id=page_id))


def _secret(svc: Desk) -> str:
    return urlsafe_b64encode(svc.random(SECRET_BYTES)).rstrip(b"=").decode()
