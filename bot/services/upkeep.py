"""Each hour: drafts that are over, what has done its time, and a signed root of the journal."""

from datetime import timedelta

from bot.dialogs import replies
from bot.dialogs.replies import Option, Phrase, Say
from bot.services import access_reviews, peers, people, roads
from bot.services.base import Desk
from storage import roots
from storage.repositories import (
    attachments,
    calls,
    dialogs,
    inbox,
    outbox,
    rates,
    sessions,
    tickets,
)
from storage.unit import Unit

WARN = timedelta(days=3)
LOOSE = timedelta(days=2)  # a file that no dialog and no filing holds
SENT = 30 * 86400.0  # seconds that a settled row is kept


def upkeep(svc: Desk, unit: Unit) -> tuple[str, ...]:
    """Sweep everything once; gives the blobs to delete after the commit."""
    now = svc.now()
    draft = timedelta(days=svc.site.draft_days)
    _warn(svc, unit)
    dialogs.sweep(unit, now - draft)
    blobs = list(peers.forget_unused(svc, unit).blobs)
    for file in attachments.orphans(unit, now - LOOSE):
        if file.peer_id is None or dialogs.version(unit, file.peer_id) == 0:
            blobs += attachments.remove(unit, file)
    inbox.sweep(unit)
    calls.sweep(unit, now - timedelta(days=svc.site.call_keep_days), now)
    tickets.sweep(unit, now - timedelta(days=1))
    sessions.sweep(unit, now)
    rates.sweep(unit)
    people.sweep(svc, unit)
    outbox.sweep(unit, SENT)
    access_reviews.upkeep(svc, unit)
    roots.sign(unit, now)  # an hour of the journal that nobody can rewrite unseen (S4)
    return tuple(blobs)


def _warn(svc: Desk, unit: Unit) -> None:
    """Say once, some days before, that a draft will be deleted."""
    now = svc.now()
    forsaken = dialogs.forsaken(unit, now - timedelta(days=svc.site.draft_days) + WARN)
    for row in forsaken:
        dialogs.reminded(unit, row.peer_id, now)
        if row.form == "menu":
            continue
        until = (row.touched_at + timedelta(days=svc.site.draft_days)).isoformat()
        go_on = Option(Phrase("button.go_on"), command="continue")
        words = Say(Phrase("notice.draft", {"until": until}), (go_on,))
        draft = outbox.Draft(
            5,
            "draft",
            replies.dump(words),
            roads.daytime(now),
            expires_at=now + WARN,
        )
        outbox.put(unit, row.peer_id, [draft], now)
