"""Who gets the news (월간 적극행정), about what, and that one press ends it (wording.md §12).

A subscription hangs on a peer, so the peer is the channel. Beside it stands the consent, with the
version of the text that was shown. It begins at once where the address is known to be its
owner's; one that was typed on a page waits for a press in the letter that goes there.
"""

import hashlib
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa

from bot.dialogs.replies import Param, Phrase
from bot.errors import Refused
from bot.services.base import Desk
from knowledge import subjects
from storage import models
from storage.repositories import audience, consents, outbox
from storage.repositories import subscriptions as repo
from storage.repositories.subscriptions import ASKED, OFF, ON, Subscription
from storage.unit import Unit

NEWS = "news"
"""The consent, the kind of its rows on their way, and the account of addresses typed on the page."""
STOPPED = "consent:news"
"""What the erasure ledger calls the end, for the day of a restore (security S13)."""

Why = Literal["self", "bounced", "renewal", "unconfirmed", "gone", "restore"]
"""Of the end: pressed, no such mailbox, not asked for again, never confirmed, blocked or cut off."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody asks for, by the names of `knowledge.subjects`; no field, no region: all."""

    kinds: tuple[str, ...] = subjects.USUAL
    fields: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    lang: str = "ko"


def read(
    svc: Desk,
    kinds: Collection[str],
    fields: Collection[str],
    regions: Collection[str],
    lang: str,
) -> Wanted:
    """Make a wish of what was sent: what we do not know is left out, and everything is nothing.

    Raises `Refused` subscribing.nothing where no kind is left.
    """
    known = tuple(one for one in subjects.KINDS if one in kinds)
    if not known:
        raise Refused("subscribing.nothing")
    spoken = lang if lang in svc.texts.languages else "ko"
    some = (_some(fields, subjects.FIELDS), _some(regions, subjects.REGIONS))
    return Wanted(known, *some, spoken)


def _some(asked: Collection[str], known: tuple[str, ...]) -> tuple[str, ...]:
    some = tuple(one for one in known if one in asked)
    return () if len(some) == len(known) else some


def wanted(one: Subscription) -> Wanted:
    """Read what a subscription asks for."""
    return Wanted(
        subjects.names(one.kinds, subjects.KINDS),
        subjects.names(one.fields, subjects.FIELDS),
        subjects.names(one.regions, subjects.REGIONS),
        one.lang,
    )


KNOWN = {"kinds": subjects.KINDS, "fields": subjects.FIELDS, "regions": subjects.REGIONS}


def name_of(what: str, name: str) -> str:
    """Give the key of the words for a kind, a field, a region (`what` of `KNOWN`)."""
    return f"subscribing.{what}.{name if what == 'kinds' else KNOWN[what].index(name)}"


def told(wish: Wanted) -> Phrase:
    """Say what somebody gets, of what, from where, in which language."""
    chosen = {"kinds": wish.kinds, "fields": wish.fields, "regions": wish.regions}
    every = [Phrase("subscribing.all")]
    said: dict[str, Param] = {
        what: [Phrase(name_of(what, name)) for name in names] or [*every]
        for what, names in chosen.items()
    }
    return Phrase("subscribing.summary", {**said, "lang": Phrase(f"web.{wish.lang}")})


def consent(svc: Desk, channel: str) -> Phrase:
    """Give the text that is agreed to; what it says of the channel and of renewal is settled."""
    years = svc.site.newsletter.renewal_years
    again = Phrase("subscribe.again", {"years": years}) if years else ""
    return Phrase(
        "subscribe.consent",
        {"channel": Phrase(f"subscribing.channel.{channel}"), "again": again},
    )


def version(svc: Desk, channel: str, lang: str) -> str:
    """Name the text by its digest, as it is shown in this language on this channel."""
    said = svc.texts.render(consent(svc, channel), lang, {})
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def subscribe(
    svc: Desk, unit: Unit, peer_id: int, wish: Wanted, text: str, *, confirmed: bool = True
) -> int:
    """Begin to send, in place of what was before; gives the subscription. `text` is the version.

    Not `confirmed`: it waits for `confirm`, and only then there is a consent.
    """
    made = repo.put(
        unit, peer_id, state=ON if confirmed else ASKED, text_version=text, now=svc.now(),
        **_bits(wish),
    )  # fmt: skip
    if confirmed:
        consents.give(unit, peer_id, NEWS, text, wish.lang, svc.now())
    return made


def change(unit: Unit, subscription_id: int, wish: Wanted) -> None:
    """Let a subscription ask for something else. Raises `Refused` subscribing.over."""
    one = repo.get(unit, subscription_id)
    if one is None or one.state == OFF:
        raise Refused("subscribing.over")
    repo.change(unit, subscription_id, _bits(wish))


def _bits(wish: Wanted) -> dict[str, Any]:
    return {
        "kinds": subjects.bits(wish.kinds, subjects.KINDS),
        "fields": subjects.bits(wish.fields, subjects.FIELDS),
        "regions": subjects.bits(wish.regions, subjects.REGIONS),
        "lang": wish.lang,
    }


def confirm(svc: Desk, unit: Unit, subscription_id: int) -> Literal["on", "already", "over"]:
    """Begin what was asked for by a letter's link; "over": it has ended, or is not there."""
    one = repo.get(unit, subscription_id)
    if one is None or one.state == OFF:
        return "over"
    if one.state == ON:
        return "already"
    now = svc.now()
    repo.change(unit, one.id, {"state": ON, "on_at": now, "renewed_at": now})
    consents.give(unit, one.peer_id, NEWS, one.text_version, one.lang, now)
    return "on"


def renew(svc: Desk, unit: Unit, subscription_id: int) -> bool:
    """Note that somebody wants to go on; False: it has ended."""
    one = repo.get(unit, subscription_id)
    if one is None or one.state != ON:
        return False
    never = {"renew_asked_at": None, "renew_reminded_at": None}
    repo.change(unit, one.id, {"renewed_at": svc.now(), **never})
    return True


def stop(svc: Desk, unit: Unit, subscription_id: int, why: Why = "self") -> bool:
    """End a subscription, in force at once; False: it had ended already, or is not there."""
    one = repo.get(unit, subscription_id)
    return one is not None and _end(svc, unit, one, why)


def stop_peer(
    svc: Desk, unit: Unit, peer_id: int, why: Why = "self", before: datetime | None = None
) -> bool:
    """End what a peer gets; with `before` only what was asked for until then."""
    one = repo.of_peer(unit, peer_id)
    if one is None or (before is not None and one.asked_at > before):
        return False
    return _end(svc, unit, one, why)


def _end(svc: Desk, unit: Unit, one: Subscription, why: Why) -> bool:
    done = repo.end(unit, one.id, why, svc.now())
    consents.withdraw(unit, one.peer_id, NEWS, svc.now())
    outbox.drop_peer(unit, one.peer_id, "stopped", kind=NEWS)
    if done:
        unit.note_gone(STOPPED, one.sid, svc.now())
    return done


def of_peer(unit: Unit, peer_id: int) -> Subscription | None:
    """Give what a peer gets, or waits to confirm; None: nothing."""
    one = repo.of_peer(unit, peer_id)
    return None if one is None or one.state == OFF else one


def plain(one: Subscription | None) -> Mapping[str, object] | None:
    """Give a subscription as plain values, for whom it is about."""
    if one is None or one.state == OFF:
        return None
    wish = wanted(one)
    return {
        "state": one.state,
        "kinds": list(wish.kinds),
        "fields": list(wish.fields) or "all",
        "regions": list(wish.regions) or "all",
        "lang": wish.lang,
        "since": (one.on_at or one.asked_at).isoformat(),
    }


@dataclass(frozen=True, slots=True)
class Count:
    """How many want a kind of news on a channel, by the state of the subscription."""

    kind: str
    channel: str
    state: str
    n: int


def counts(unit: Unit) -> tuple[Count, ...]:
    """Count subscriptions by kind, channel and state, in this order; nothing of nobody."""
    c, p = models.subscriptions.c, models.peers.c
    how_many = sa.select(p.channel, c.state, c.kinds, sa.func.count().label("n"))
    each = how_many.join(models.peers, p.id == c.peer_id).group_by(p.channel, c.state, c.kinds)
    found: Counter[tuple[str, str, str]] = Counter()
    for piece in audience.pieces(unit):
        for row in unit.conn.execute(each.where(piece)):
            for kind in subjects.names(row.kinds, subjects.KINDS):
                found[kind, row.channel, row.state] += row.n
    order = sorted(found, key=lambda key: (subjects.KINDS.index(key[0]), *key[1:]))
    return tuple(Count(*key, found[key]) for key in order)
