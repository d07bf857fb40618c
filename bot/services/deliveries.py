"""Rows for the officials' messenger at the moment they leave, and after they have arrived.

What is said is made from the filing as it is then, for who reads there then (security S14): the
row itself holds a number or the keys of a notice.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from bot.channel import Carried
from bot.dialogs import replies
from bot.dialogs.replies import Option, Phrase, Reply, Say
from bot.errors import Refused
from bot.services import (
    broadcast_telling,
    broadcast_tests,
    cards,
    digests,
    direct,
    duties,
    listing,
    notices,
    officials,
    outlook,
    saying,
    sight,
)
from bot.services.base import ANONYMOUS, CLOCK, Desk, stamp
from bot.services.roads import MAIL, MAIL_DESK
from storage.repositories import official_links, outbox, posted, users
from storage.repositories.claims import Claimed
from storage.unit import Unit

OURS = frozenset(
    {
        direct.OFFICIAL, cards.CARD, cards.THREAD, direct.DIGEST, digests.MORNING, outlook.FIGURES,
        broadcast_tests.TEST, broadcast_telling.FAR,
    }
)  # fmt: skip
LETTERS = frozenset({direct.OFFICIAL, direct.DIGEST, digests.MORNING, broadcast_tests.TEST})
DM: Mapping[str, str] = {
    "official.body": "official_dm.body",
    "official.unit_body": "official_dm.unit_body",
    "official.duty": "official_dm.duty",
    "official.approval_asked": "official_dm.approval_asked",
    "official.approval_approved": "official_dm.approval_approved",
    "official.approval_refused": "official_dm.approval_refused",
    "official.approval_stopped": "official_dm.approval_stopped",
    "official.approval_tried": "official_dm.approval_tried",
    "official.newsletter": "official_dm.newsletter",
}
"""The words of a letter as they are said at the messenger: the way is a button there."""

AGAIN = 60.0
"""Seconds until a line looks again whether its card has arrived."""


@dataclass(frozen=True, slots=True)
class Made:
    """What leaves: a reply, perhaps in place of a message or under one; or a message goes.

    `later`: not yet, but in so many seconds; something before it has still to arrive.
    """

    reply: Reply | None
    replaces: str | None = None
    thread: str | None = None
    delete: str | None = None
    later: float = 0.0
    carried: Carried | None = None


def concerns(svc: Desk, row: Claimed) -> bool:
    """Tell whether a row is one of those that are made when they leave."""
    return _mailed(row) or (
        svc.office.on and row.channel == svc.office.channel and row.kind in OURS
    )


def _mailed(row: Claimed) -> bool:
    return (row.channel, row.account) == (MAIL, MAIL_DESK) and row.kind in LETTERS


def made(svc: Desk, unit: Unit, row: Claimed) -> Made | None:
    """Make what a claimed row says now; None: it is true no more, or not for this reader.

    Raises `ValueError` for a payload that cannot be read.
    """
    if row.kind in _OWN:
        return _OWN[row.kind](svc, unit, row)
    if _mailed(row):
        return _letter(svc, unit, row)
    if row.kind == direct.DIGEST:
        readable = partial(_readable_there, svc, unit, row.peer_id)
        return _made(digests.fresh(svc, unit, row.payload, readable))
    if row.kind in {digests.MORNING, outlook.FIGURES}:
        return _made(_for_reader(svc, unit, row))
    reply = replies.load(row.payload)
    if not isinstance(reply, Say):
        return None
    return (_line if row.kind == cards.THREAD else _notice)(svc, unit, row, reply)


def before(svc: Desk, unit: Unit, row_ids: Collection[int]) -> tuple[outbox.Told, ...]:
    """Look at rows that are about to be settled: with a verdict their payload goes."""
    if not svc.office.on:
        return ()
    found = outbox.told(unit, row_ids)
    return tuple(one for one in found if one.channel == svc.office.channel and one.kind in OURS)


def arrived(svc: Desk, unit: Unit, row: outbox.Told, message: str) -> None:
    """Note which message shows a filing now."""
    number = _number(unit, row)
    if number is None or not message:
        return
    try:
        filing = sight.find(unit, CLOCK, number)
    except Refused:
        return
    known = posted.of(unit, filing.id, row.peer_id)
    first = row.kind == direct.OFFICIAL and known is None and filing.mode != ANONYMOUS
    if row.kind == cards.CARD or first:
        posted.put(unit, filing.id, row.peer_id, message, stamp(filing.mode, svc.now()))


def by_mail(svc: Desk, unit: Unit, row: outbox.Told) -> int:
    """Mail a notice that the messenger can never deliver; gives how many letters went."""
    known = official_links.of_peer(unit, row.peer_id)
    who = officials.official(unit, known.user_id) if known is not None else None
    if who is None or not who.active or not who.email:
        return 0
    if row.kind not in {direct.OFFICIAL, direct.DIGEST}:
        return 0
    return direct.by_mail(svc, unit, who.email, row.id, row)


def turned_off(svc: Desk, unit: Unit) -> int:
    """Mail what waits for a messenger that the agency does not use any more."""
    if svc.office.on:
        return 0
    count = 0
    for one in official_links.listed(unit):
        who = users.get(unit, one.user_id)
        assert who is not None
        count += direct.instead(svc, unit, one.peer_id, who.email if who.active else "")
        outbox.drop_peer(unit, one.peer_id, "off")
    return count


def _letter(svc: Desk, unit: Unit, row: Claimed) -> Made | None:
    """Make a letter to an official: what is so now, for who reads at that address now."""
    readers = officials.at_address(unit, row.address)
    if row.kind == digests.MORNING:
        every = (digests.morning(svc, unit, who) for who in readers)
        return _made(next((one for one in every if one is not None), None))
    readable = partial(_readable_by, svc, unit, readers)
    if row.kind == direct.DIGEST:
        return _made(digests.fresh(svc, unit, row.payload, readable))
    reply = replies.load(row.payload)
    told = _fresh(svc, unit, reply) if isinstance(reply, Say) else None
    if told is None or not isinstance(told.text, Phrase) or told.text.key != saying.BODY:
        return _made(told)
    number = str(told.text.params["number"])
    known = any(notices.knows(svc, unit, sight.find(unit, CLOCK, number), one) for one in readers)
    return Made(told) if known else None


def _fresh(svc: Desk, unit: Unit, reply: Say) -> Say | None:
    """Say what is so now, of a filing or of a duty."""
    told = saying.fresh(svc, unit, reply)
    return duties.fresh(svc, unit, told) if told is not None else None


def _readable_there(svc: Desk, unit: Unit, peer_id: int, number: str) -> listing.Row | None:
    return cards.readable(svc, unit, number, peer_id)


def _readable_by(
    svc: Desk, unit: Unit, readers: Sequence[officials.Official], number: str
) -> listing.Row | None:
    every = (cards.readable_by(svc, unit, number, one) for one in readers)
    return next((row for row in every if row is not None), None)


def _for_reader(svc: Desk, unit: Unit, row: Claimed) -> Reply | None:
    """Make what has no words before it leaves: the morning's message, a picture of figures."""
    known = official_links.of_peer(unit, row.peer_id)
    who = officials.official(unit, known.user_id) if known is not None else None
    if who is None:
        return None
    if row.kind == digests.MORNING:
        return digests.morning(svc, unit, who)
    return outlook.picture(svc, unit, who, row.payload.decode())


def _made(reply: Reply | None) -> Made | None:
    return Made(reply) if reply is not None else None


def _test(svc: Desk, unit: Unit, row: Claimed) -> Made | None:
    """Give what everybody would get, to who wanted to see it."""
    test = broadcast_tests.made(svc, unit, row.payload)
    return Made(test.news, carried=test.carried) if test is not None else None


def _far(svc: Desk, unit: Unit, row: Claimed) -> Made | None:
    """Say how far a broadcast is, in the place of what was said before."""
    edit = broadcast_telling.made(svc, unit, row.peer_id, row.payload)
    return Made(edit.reply, replaces=edit.replaces) if edit is not None else None


def _card(svc: Desk, unit: Unit, row: Claimed) -> Made | None:
    """Give the card, or take the message away from who may not have it any more."""
    number = row.payload.decode()
    card = cards.fresh(svc, unit, number, row.peer_id)
    shown = _posted(unit, number, row.peer_id)
    if card is not None:
        return Made(card, replaces=shown[1] if shown else None)
    if shown is None:
        return None
    filing_id, message = shown
    posted.gone(unit, filing_id, row.peer_id)
    outbox.turn_into(unit, row.id, cards.DELETE, message.encode())
    return Made(None, delete=message)


def _line(svc: Desk, unit: Unit, row: Claimed, reply: Say) -> Made | None:
    assert isinstance(reply.text, Phrase)
    number = str(reply.text.params["number"])
    if cards.readable(svc, unit, number, row.peer_id) is None:
        return None
    shown = _posted(unit, number, row.peer_id)
    if shown is not None:
        return Made(reply, thread=shown[1])
    # Its card may have arrived without a word of it: then it is on its way once more (S12).
    filing = sight.find(unit, CLOCK, number)
    return Made(None, later=AGAIN) if cards.waits(unit, row.peer_id, filing) else None


def _notice(svc: Desk, unit: Unit, row: Claimed, reply: Say) -> Made | None:
    """Give a notice: the first about a filing is its card, with the notice at its head."""
    told = _fresh(svc, unit, reply)
    if told is None:
        return None
    said = in_chat(svc, told)
    if not isinstance(said.text, Phrase) or "number" not in said.text.params:
        return Made(said)
    number, what = str(said.text.params["number"]), said.text.params["what"]
    assert isinstance(what, Phrase)
    card = cards.fresh(svc, unit, number, row.peer_id, head=saying.marked(told, what))
    if card is None:
        return None
    first = _posted(unit, number, row.peer_id) is None and row.filing_id is not None
    return Made(card if first else said)


def in_chat(svc: Desk, reply: Say) -> Say:
    """Turn the words of a letter into a message: the way to the desk is a button of it."""
    text = reply.text
    if not isinstance(text, Phrase):
        return reply
    url = text.params.get("desk_url")
    way = (Option(Phrase("office.open"), url=str(url)),) if url else ()
    params = {**text.params, "what": direct.hushed(svc, text.params.get("what"))}
    return replace(reply, text=Phrase(DM.get(text.key, text.key), params), options=way)


def _posted(unit: Unit, number: str, peer_id: int) -> tuple[int, str] | None:
    """Give the filing and the message that shows it to a peer."""
    try:
        filing = sight.find(unit, CLOCK, number)
    except Refused:
        return None
    message = posted.of(unit, filing.id, peer_id)
    return (filing.id, message) if message is not None else None


def _number(unit: Unit, row: outbox.Told) -> str | None:
    payload = outbox.read_payload(unit, row.id)
    if payload is None:
        return None
    if row.kind == cards.CARD:
        return payload.decode()
    reply = replies.load(payload) if row.kind == direct.OFFICIAL else None
    if not isinstance(reply, Say) or not isinstance(reply.text, Phrase):
        return None
    number = reply.text.params.get("number")
    return str(number) if number is not None else None


_OWN = {broadcast_tests.TEST: _test, broadcast_telling.FAR: _far, cards.CARD: _card}
"""Kinds that are made of something else than a reply that was kept."""
