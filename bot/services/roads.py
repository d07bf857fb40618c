"""By which road words reach somebody: the peer, an e-mail, a person with a letter or a telephone."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from typing import Any

from bot.dialogs import replies
from bot.dialogs.replies import Option, Phrase, Reply, Say
from bot.services.base import Desk
from knowledge.calendar import SEOUL
from storage.repositories import outbox, peers, tasks
from storage.repositories.filings import Filing
from storage.unit import Unit

MAIL, MAIL_ACCOUNT, MAIL_DESK = "mail", "citizen", "desk"
WAKE, SLEEP = time(8), time(21)  # citizens are not disturbed outside (wording.md §0)
OFFICIAL = "official"  # the kind of a row that tells an official
BESIDE = 5  # its rank: what is beside the notices of the law
BY_HAND = {"post": "letter", "phone": "call"}

_Button = tuple[str, str, str]  # label, action, preset answers
_BUTTONS: Mapping[str, tuple[_Button, ...]] = {
    "supplement.ask": (
        ("supplement_reply", "supplement_reply", ""),
        ("supplement_extend", "supplement_extend", ""),
        ("supplement_help", "message", ""),
    ),
    "supplement.soon": (
        ("supplement_reply", "supplement_reply", ""),
        ("supplement_extend", "supplement_extend", ""),
        ("supplement_help", "message", ""),
    ),
    "supplement.soon_again": (
        ("supplement_reply", "supplement_reply", ""),
        ("supplement_help", "message", ""),
    ),
    "supplement.second": (
        ("supplement_reply", "supplement_reply", ""),
        ("supplement_help", "message", ""),
    ),
    "extension.second_ask": (
        ("extension_yes", "extension2_reply", "agree=yes"),
        ("extension_no", "extension2_reply", "agree=no"),
    ),
    "refer.ask": (
        ("refer_yes", "refer_reply", "share=with_name"),
        ("refer_content", "refer_reply", "share=without_name"),
        ("refer_no", "refer_reply", "share=no"),
    ),
    "overdue.late": (("demand", "demand_correction", ""), ("call", "request_call", "")),
    "result.named": (
        ("content", "survey", "satisfied=yes"),
        ("sorry", "survey", "satisfied=no"),
    ),
    "action.done": (
        ("survey_yes", "survey", "satisfied=yes"),
        ("survey_part", "survey", "satisfied=partly"),
        ("survey_no", "survey", "satisfied=no"),
    ),
    "message.office": (("supplement_reply", "message", ""),),
}


@dataclass(frozen=True, slots=True)
class Parcel:
    """What is told; `head` is what the end of the journal was with it, as people compare it (S4).

    Written words carry the head; in a messenger's bubble it would be noise.
    """

    reply: Reply
    rank: int
    filing_id: int | None
    expires_at: datetime | None = None
    valid: str = ""
    head: str = ""


def buttons(key: str, number: str) -> tuple[Option, ...]:
    """Give the buttons of a notice: command `move`, argument `<action> <number> [field=value]`."""
    made = [
        Option(
            Phrase(f"button.{label}"), command="move", arg=f"{action} {number} {preset}".strip()
        )
        for label, action, preset in _BUTTONS.get(key, ())
    ]
    if key == "result.named":
        paper = Option(Phrase("receipt.paper"), command="paper", arg=number)
        made += [Option(Phrase("button.remedy"), command="remedy", arg=number), paper]
    return tuple(made)


def to_peer(svc: Desk, unit: Unit, peer_id: int, parcel: Parcel) -> int:
    """Put a row for a peer; 0 when the person is gone. The page is pulled at any hour."""
    peer = peers.get(unit, peer_id)
    if peer.state == "gone":
        return 0
    now = svc.now()
    at = now if peer.channel == "web" else daytime(now)
    outbox.put(unit, peer_id, [_draft(parcel, at, "notice")], now)
    return 1


def by_choice(
    svc: Desk,
    unit: Unit,
    filing: Filing,
    who: Mapping[str, Any],
    parcel: Parcel,
    *,
    by_hand: bool = True,
) -> int:
    """Use the road that the reporter chose beside the page: e-mail, letter, telephone."""
    chosen = str(who.get("reply_by") or "")
    if chosen in BY_HAND and not by_hand:
        return 0
    if chosen in BY_HAND:
        tasks.add(unit, BY_HAND[chosen], svc.now(), filing_id=filing.id, reason=chosen)
        return 1
    address = str(who.get("email") or "")
    if chosen != "email" or not address:
        return 0
    now = svc.now()
    peer = peers.ensure(unit, MAIL, MAIL_ACCOUNT, address, filing.lang, now)
    outbox.put(unit, peer.id, [_draft(_written(parcel), daytime(now), "notice")], now)
    return 1


def _written(parcel: Parcel) -> Parcel:
    """Give the words as a letter has them: with what the record is compared by."""
    reply = parcel.reply
    if not parcel.head or not isinstance(reply, Say):
        return parcel
    text = Phrase("mail.proved", {"text": reply.text, "head": parcel.head})
    return replace(parcel, reply=replace(reply, text=text))


def mail_official(svc: Desk, unit: Unit, address: str, reply: Reply) -> None:
    """Mail an official about his account, at any hour and by itself."""
    now = svc.now()
    peer = peers.ensure(unit, MAIL, MAIL_DESK, address, "ko", now)
    outbox.put(unit, peer.id, [outbox.Draft(BESIDE, OFFICIAL, replies.dump(reply), now)], now)


def daytime(at: datetime) -> datetime:
    """Give the moment itself by day, else the next morning at eight."""
    here = at.astimezone(SEOUL)
    if WAKE <= here.time() < SLEEP:
        return at
    day = here.date() if here.time() < WAKE else here.date() + timedelta(days=1)
    return datetime.combine(day, WAKE, SEOUL)


def _draft(parcel: Parcel, at: datetime, kind: str) -> outbox.Draft:
    return outbox.Draft(
        parcel.rank,
        kind,
        replies.dump(parcel.reply),
        at,
        parcel.filing_id,
        parcel.expires_at,
        parcel.valid,
    )
