"""Each hour: drafts that are over, what has done its time, and a signed root of the journal."""

from datetime import timedelta

from bot.dialogs import replies, tally
from bot.dialogs.replies import Option, Phrase, Say
from bot.services import access_reviews, keepsakes, peers, people, roads, tallies
from bot.services.base import Desk
from storage import roots
from storage.repositories import (
    attachments,
    calls,
    dialogs,
    inbox,
    outbox,
    questions,
    rates,
    relays,
    runs,
    sendings,
    sent_keys,
    sessions,
    tickets,
)
from storage.repositories import peers as addresses
from storage.unit import Unit

WARN = timedelta(days=3)
DAY, HOUR = 86400.0, 3600.0  # seconds


def upkeep(svc: Desk, unit: Unit) -> tuple[str, ...]:
    """Sweep everything once; gives the blobs to delete after the commit."""
    now, keep = svc.now(), svc.site.keep
    draft = timedelta(days=svc.site.draft_days)
    _warn(svc, unit)
    tallies.count(svc, unit, dialogs.sweep(unit, now - draft), tally.FORGOTTEN)
    blobs = list(peers.forget_unused(svc, unit).blobs)
    for file in attachments.orphans(unit, now - timedelta(days=keep.loose_files_days)):
        if file.peer_id is None or dialogs.version(unit, file.peer_id) == 0:
            blobs += attachments.remove(unit, file)
    inbox.sweep(unit, keep.commands_days * DAY, keep.answers_hours * HOUR)
    calls.sweep(unit, now - timedelta(days=svc.site.call_keep_days), now)
    questions.sweep(unit, now - timedelta(days=keep.questions_days))
    tickets.sweep(unit, now - timedelta(days=keep.links_days))
    sessions.sweep(unit, now)
    rates.sweep(unit)
    people.sweep(svc, unit)
    outbox.sweep(unit, keep.sent_days * DAY)
    sendings.sweep(unit, now - timedelta(days=keep.sendings_days))
    blobs += keepsakes.sweep(svc, unit)
    sent_keys.sweep(unit, keep.runs_days)
    runs.sweep(unit, keep.runs_days)
    addresses.sweep_people(unit)
    blobs += _strays(svc, unit)
    unit.blobs.sweep()  # what was taken away two days ago: no key opens it, so no commit matters
    access_reviews.upkeep(svc, unit)
    roots.sign(unit, now)  # an hour of the journal that nobody can rewrite unseen (S4)
    return tuple(blobs)


def more(svc: Desk, unit: Unit) -> bool:
    """Tell whether more has done its time than one sweep takes: then the next tick goes on."""
    ended = svc.now() - timedelta(days=svc.site.keep.sendings_days)
    late = inbox.behind(unit, svc.site.keep.commands_days * DAY + HOUR)
    return late or sendings.behind(unit, ended)


def sweep_more(svc: Desk, unit: Unit) -> tuple[str, ...]:
    """Go on with what grows fastest."""
    keep = svc.site.keep
    inbox.sweep(unit, keep.commands_days * DAY, keep.answers_hours * HOUR)
    outbox.sweep(unit, keep.sent_days * DAY)
    sendings.sweep(unit, svc.now() - timedelta(days=keep.sendings_days))
    return ()


def _strays(svc: Desk, unit: Unit) -> list[str]:
    """Name files without a row, one shelf an hour: a crash came between file and row (S22)."""
    old = unit.blobs.older(int(svc.now().timestamp() // HOUR))
    known = attachments.named(unit, old) | relays.named(unit, old)
    return [name for name in old if name not in known]


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
