"""Whose account at the officials' messenger is whose (security S29).

An official asks at the desk for a code, where he has just shown his second factor, and says it
once in the messenger. The link lasts as long as the account, its roles and its sign-ins are what
they were, and as long as the messenger calls the account whole.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.dialogs.replies import Phrase, Say
from bot.errors import Refused
from bot.services import codes, direct, house, officials, rights, roads, rooms
from bot.services.barred import behind_the_wall
from bot.services.base import Actor, Desk
from bot.services.direct import LOOK
from bot.services.officials import Official
from bot.services.rights import Right
from storage import acting
from storage.repositories import official_links, peers, posted, tickets
from storage.repositories.official_links import Link
from storage.unit import Unit

TICKET = "office_link"
LIFE = timedelta(minutes=10)
ENDED = "office"
"""What the erasure ledger calls the end of a link, for the day of a restore (security S13)."""

BROKEN = ("deactivated", "external", "gone", "guest")
"""Why the messenger does not call an account whole; the words are `office.why.<word>`."""


@dataclass(frozen=True, slots=True)
class Linked:
    """A link as its owner and the administrator see it; `asleep`: not looked at for too long."""

    user_id: int
    linked_at: datetime
    checked_at: datetime
    asleep: bool


@dataclass(frozen=True, slots=True)
class Watched:
    """An account that the messenger is to be asked about."""

    user_id: int
    account: str
    address: str
    checked_at: datetime


def offer(svc: Desk, unit: Unit, actor: Actor) -> str:
    """Make the code that its owner says in the messenger: ten minutes, once; an earlier one dies.

    Raises `Refused` office.off, office.no_role.
    """
    _on(svc)
    who = _able(unit, actor.user_id)
    tickets.cancel(unit, TICKET, user_id=who.id)
    code, now = codes.new_code(svc.random), svc.now()
    kept = unit.keys.ring.blind_index(TICKET, code).hex()
    tickets.add(unit, kept, TICKET, now, now + LIFE, user_id=who.id)
    return code


def link(svc: Desk, unit: Unit, account: str, address: str, code: str) -> Official:
    """Tie the account that said a code to whoever asked for it, and tell him by mail.

    What either was tied to before ends. Raises `Refused` office.off, office.other_account,
    office.code, office.no_role.
    """
    ours(svc, account)
    said = codes.read_code(code)
    used = None
    for kept in unit.keys.ring.blind_indexes(TICKET, said):
        used = used or tickets.use(unit, kept.hex(), TICKET, svc.now())
    if used is None:
        raise Refused("office.code")
    who = _able(unit, used.user_id)
    peer = peers.ensure(unit, svc.office.channel, account, address, "ko", svc.now())
    other = official_links.of_peer(unit, peer.id)
    for one in {who.id, other.user_id if other is not None else who.id}:
        end(svc, unit, one, "again")
    peers.touch(unit, peer.id, svc.now())
    official_links.put(unit, who.id, peer.id, svc.now())
    house.note(svc, unit, officials.actor(who), "office_linked", {"user": who.id})
    _tell(svc, unit, who, "office_linked")
    return who


def unlink(svc: Desk, unit: Unit, user_id: int, by: Actor) -> bool:
    """End a link: one's own, or as who keeps the accounts. False: there was none.

    Raises `Refused` access.not_allowed.
    """
    if by.user_id != user_id and not rights.may(by, Right.USERS):
        raise Refused("access.not_allowed")
    return end(svc, unit, user_id, "own" if by.user_id == user_id else "admin", by)


def end(svc: Desk, unit: Unit, user_id: int, why: str, by: Actor | None = None) -> bool:
    """End a link in the commit that ends what it hung on; False: there was none.

    What waited for the messenger goes by mail. `why` is a word of `office.why.*`.
    """
    tickets.cancel(unit, TICKET, user_id=user_id)
    known = official_links.of_user(unit, user_id)
    if known is None:
        return False
    who = officials.official(unit, user_id)
    assert who is not None
    direct.instead(svc, unit, known.peer_id, who.email if who.active else "")
    sid = peers.get(unit, known.peer_id).sid
    official_links.end(unit, user_id)
    posted.forget(unit, known.peer_id)
    unit.note_gone(ENDED, sid, svc.now())
    house.note(svc, unit, by, "office_unlinked", {"user": user_id, "why": why})
    _tell(svc, unit, who, "office_unlinked", why)
    return True


def actor(svc: Desk, unit: Unit, account: str, address: str) -> Actor:
    """Give the official behind an account, as he stands today; the rest runs on his behalf.

    Raises `Refused` office.off, office.other_account, office.not_linked, office.unchecked (the
    messenger has not called the account whole for a day), office.no_role.
    """
    ours(svc, account)
    known = _known(svc, unit, account, address)
    if known is None:
        raise Refused("office.not_linked", url=f"{svc.desk_url}/slack")
    if svc.now() - known.checked_at > LOOK:
        raise Refused("office.unchecked")
    who = _able(unit, known.user_id)
    acting.sit(unit.conn, behind_the_wall(unit, who.id))
    return replace(officials.at_desk(svc, unit, who), network=svc.office.channel)


def user_of(svc: Desk, unit: Unit, account: str, address: str) -> int | None:
    """Name the official that an account is tied to, whether it may be used or not."""
    known = _known(svc, unit, account, address) if svc.office.on else None
    return known.user_id if known is not None else None


def whole(svc: Desk, unit: Unit, user_id: int) -> None:
    """Note that the messenger calls the account whole: a full member, active, of our agency."""
    known = official_links.of_user(unit, user_id)
    if known is not None:
        official_links.checked(unit, user_id, svc.now())
        peers.set_state(unit, known.peer_id, "open")


def broken(svc: Desk, unit: Unit, user_id: int, why: str) -> bool:
    """End the link of an account that the messenger does not call whole; `why` is of `BROKEN`."""
    assert why in BROKEN, why
    return end(svc, unit, user_id, why)


def lost(svc: Desk, unit: Unit, peer_id: int) -> bool:
    """End what hangs on a peer that the messenger does not know any more; False: nothing did."""
    known = official_links.of_peer(unit, peer_id)
    if known is not None:
        return end(svc, unit, known.user_id, "gone")
    if svc.office.on and peer_id == rooms.peer(svc, unit):
        rooms.note_gone(svc, unit)
        return True
    return False


def app_gone(svc: Desk, unit: Unit) -> int:
    """End every link, because the messenger has let go of us; gives how many there were."""
    rooms.note_gone(svc, unit)
    return sum(end(svc, unit, one.user_id, "app") for one in official_links.listed(unit))


def watched(unit: Unit) -> tuple[Watched, ...]:
    """List the accounts to ask the messenger about, those looked at longest ago first."""
    found = []
    for one in official_links.listed(unit):
        peer = peers.get(unit, one.peer_id)
        found.append(Watched(one.user_id, peer.account, peer.address, one.checked_at))
    return tuple(found)


def state(svc: Desk, unit: Unit, user_id: int) -> Linked | None:
    """Tell how somebody's link stands; None without one."""
    known = official_links.of_user(unit, user_id)
    return _linked(svc, known) if known is not None else None


def everybody(svc: Desk, unit: Unit) -> dict[int, Linked]:
    """Give all links by account, for who keeps the accounts."""
    return {one.user_id: _linked(svc, one) for one in official_links.listed(unit)}


def _linked(svc: Desk, known: Link) -> Linked:
    asleep = svc.now() - known.checked_at > LOOK
    return Linked(known.user_id, known.linked_at, known.checked_at, asleep)


def _known(svc: Desk, unit: Unit, account: str, address: str) -> Link | None:
    peer = peers.find(unit, svc.office.channel, account, address)
    return official_links.of_peer(unit, peer.id) if peer is not None else None


def _on(svc: Desk) -> None:
    if not svc.office.on:
        raise Refused("office.off")


def ours(svc: Desk, account: str) -> None:
    """Refuse every place but the agency's own: account ids are unique only within one.

    Raises `Refused` office.off, office.other_account.
    """
    _on(svc)
    if account != svc.office.account:
        raise Refused("office.other_account")


def _able(unit: Unit, user_id: int | None) -> Official:
    who = officials.official(unit, user_id or 0)
    if who is None or not who.active or not officials.actor(who).roles:
        raise Refused("office.no_role")
    return who


def _tell(svc: Desk, unit: Unit, who: Official, what: str, why: str = "") -> None:
    """Mail the owner, whoever did it; where the messenger is in other hands he should know."""
    if not who.active or not who.email:
        return
    told: dict[str, Phrase | str] = {"login": who.login, "desk_url": f"{svc.desk_url}/slack"}
    if why:
        told["why"] = Phrase(f"office.why.{why}")
    roads.mail_official(svc, unit, who.email, Say(Phrase(f"official.{what}", told)))
