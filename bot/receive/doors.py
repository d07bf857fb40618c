"""The first screen: three doors on a messenger, a menu on our own page, and what was agreed to."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from bot.dialogs.replies import Elsewhere, Phrase
from bot.receive import menu
from bot.receive.parts import ASKS, FLOWN
from bot.services import peers, portal, subscriptions
from bot.services.subscriptions import NEWS
from knowledge.slots import signals
from storage.repositories import peers as peer_rows

if TYPE_CHECKING:
    from bot.receive.walk import Choice, Walk

WEB: Choice = ("start.doors.web", "web", "")
HERE: Choice = ("start.doors.here", "here", "")
INFO: Choice = ("start.doors.info", "info", "")
HOME: Choice = ("dialog.home", "start", "")

DEEP_LINKS = frozenset({"my", "help", "ask", "cases", NEWS})
"""What a link to the bot may open beside the procedures (`t.me/<bot>?start=my`)."""


def start(walk: Walk, arg: str = "") -> None:
    """Show the first screen. A draft stays as it is and can be gone on with."""
    if (walk.door or arg == NEWS) and (
        arg in DEEP_LINKS or walk.parts.book.command(arg) is not None
    ):
        walk.next = (arg, "")
        return
    draft = walk.form() is not None
    if walk.door in {"own", "here"}:
        walk.say(
            "start.web",
            *([("dialog.draft_go_on", "continue", "")] if draft else []),
            *menu.whole(walk),
        )
    else:
        doors(walk)


def doors(walk: Walk) -> None:
    """Offer the agency's page first; the messenger only where its keeper is named (§1.1)."""
    if walk.parts.svc.site.telegram.may_continue():
        walk.say("start.telegram", WEB, HERE, INFO)
    else:
        walk.say("start.telegram_only_web", WEB, INFO)


def outside(walk: Walk) -> None:
    """Answer somebody who has gone through no door yet; nothing of what was said is kept."""
    urgent(walk)
    if walk.thought.masked:
        walk.hidden()
    doors(walk)


def urgent(walk: Walk) -> None:
    """Say first what may save a life."""
    for kind in ("self_harm", "danger"):
        if kind in signals(walk.thought.text):
            walk.say(f"remark.{kind}")


def web(walk: Walk, _: str = "") -> None:
    """Lead to the agency's page by a link that moves the dialog there (S2)."""
    if walk.door == "own":
        start(walk)
        return
    walk.replies.append(Elsewhere(Phrase("start.door.web"), label=Phrase("start.door.web_button")))


def here(walk: Walk, then: str = "") -> None:
    """Ask for the consent that going on at a messenger needs; `then` is what it is for."""
    if not walk.messenger or walk.door == "here":
        start(walk)
    elif not walk.parts.svc.site.telegram.may_continue():
        doors(walk)
    else:
        walk.say(
            "consent.transfer.text",
            ("consent.transfer.agree", "agree", NEWS if then == NEWS else ""),
            ("consent.transfer.refuse", "web", ""),
            ("consent.transfer.under14", "under14", ""),
        )


def agree(walk: Walk, then: str = "") -> None:
    """Record the consent, by the very text that was shown, and go on with what it was for."""
    if not walk.messenger or not walk.parts.svc.site.telegram.may_continue():
        start(walk)
        return
    text = version(walk, "consent.transfer.text")
    peers.agree(walk.parts.svc, walk.unit, walk.peer.id, FLOWN, text, walk.lang)
    if walk.inbound.name:
        peer_rows.set_name(walk.unit, walk.peer, walk.inbound.name)
    walk.consents |= {FLOWN}
    if then == NEWS:
        walk.next = (NEWS, "")
        return
    walk.say("consent.transfer.given", *menu.whole(walk))


def version(walk: Walk, key: str) -> str:
    """Name a text by its digest, with what the site puts into it."""
    said = walk.parts.svc.texts.render(Phrase(key), walk.lang, walk.parts.site)
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def under14(walk: Walk, _: str = "") -> None:
    """Lead a child to the page or the telephone (개인정보 보호법 제22조의2)."""
    walk.say("age.under14", WEB, HOME)


def info(walk: Walk, _: str = "") -> None:
    """Go through the third door: questions only."""
    if walk.messenger and not walk.door:
        peers.agree(walk.parts.svc, walk.unit, walk.peer.id, ASKS, "-", walk.lang)
        walk.consents |= {ASKS}
    walk.say("start.door.info" if walk.messenger else "start.door.ask", HOME)


def revoke(walk: Walk, kind: str = "") -> None:
    """Take a consent back; what was begun at a messenger goes on at the agency's page."""
    if kind == portal.WAITS:
        ended = peers.withdraw(walk.parts.svc, walk.unit, walk.peer.id, kind)
        walk.say("talk.data.consent_ended" if ended else "consent.transfer.none", HOME)
        return
    news = subscriptions.of_peer(walk.unit, walk.peer.id)
    if not walk.messenger or not peers.withdraw(walk.parts.svc, walk.unit, walk.peer.id, FLOWN):
        walk.say("consent.transfer.none", HOME)
        return
    walk.consents -= {FLOWN}
    walk.say("consent.transfer.revoked")
    if news is not None:
        walk.say("unsubscribe.too")
    if walk.form() is not None:
        web(walk)
