"""Each hour: drafts that are over, what has done its time, and a signed root of the journal."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import NamedTuple

from bot.dialogs import replies, tally
from bot.dialogs.replies import Option, Phrase, Say
from bot.services import access_reviews, keepsakes, peers, people, roads, tallies
from bot.services.base import Desk
from storage import roots
from storage.repositories import (
    attachments,
    calls,
    dialogs,
    heartbeats,
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


class Sweep(NamedTuple):
    """`work` destroys so many at most; as many as `full` say that there may be more."""

    full: int
    work: Callable[[Unit], int | peers.Forgotten]


def sweeps(svc: Desk) -> Mapping[str, Sweep]:
    """Give what is swept of tables that grow, by name; each is one small delete (security S16)."""
    now, keep, site = svc.now(), svc.site.keep, svc.site
    draft, links = timedelta(days=site.draft_days), timedelta(days=keep.links_days)
    sent = timedelta(days=keep.sendings_days)
    called, asked = timedelta(days=site.call_keep_days), timedelta(days=keep.questions_days)
    marks, answers = keep.commands_days * DAY, keep.answers_hours * HOUR
    return {
        "dialogs": Sweep(500, partial(_drafts, svc, now - draft)),
        "peers": Sweep(200, partial(peers.forget_unused, svc)),
        "files": Sweep(100, partial(_loose, now - timedelta(days=keep.loose_files_days))),
        "inbox": Sweep(1000, partial(inbox.sweep, marks=marks, answers=answers)),
        "calls": Sweep(500, partial(calls.sweep, before=now - called, now=now)),
        "questions": Sweep(500, partial(questions.sweep, before=now - asked)),
        "tickets": Sweep(500, partial(tickets.sweep, before=now - links)),
        "sessions": Sweep(1000, partial(sessions.sweep, now=now)),
        "rates": Sweep(1000, rates.sweep),
        "rights": Sweep(1000, partial(people.sweep, svc)),
        "outbox": Sweep(1000, partial(outbox.sweep, seconds=keep.sent_days * DAY)),
        "sendings": Sweep(1, partial(sendings.sweep, before=now - sent)),
        "sent_keys": Sweep(1000, partial(sent_keys.sweep, days=keep.runs_days)),
        "runs": Sweep(1000, partial(runs.sweep, days=keep.runs_days)),
        "people": Sweep(1000, addresses.sweep_people),
    }


def upkeep(svc: Desk, unit: Unit) -> tuple[str, ...]:
    """Sweep everything once; gives the blobs to delete after the commit."""
    now = svc.now()
    _warn(svc, unit)
    blobs: list[str] = []
    for name, sweep in sweeps(svc).items():
        blobs += _swept(unit, name, sweep)
    blobs += keepsakes.sweep(svc, unit)
    blobs += _strays(svc, unit)
    unit.blobs.sweep()  # what was taken away two days ago: no key opens it, so no commit matters
    access_reviews.upkeep(svc, unit)
    roots.sign(unit, now)  # an hour of the journal that nobody can rewrite unseen (S4)
    return tuple(blobs)


def more(unit: Unit) -> list[str]:
    """Name the sweeps that found more than they take: the next ticks go on with those."""
    return heartbeats.begun(unit, heartbeats.MORE)


def sweep_more(svc: Desk, name: str, unit: Unit) -> tuple[str, ...]:
    """Go on with one of them, unless it has come to its end; gives the blobs to delete."""
    if heartbeats.age(unit, heartbeats.MORE + name) is None:
        return ()
    sweep = sweeps(svc).get(name)  # another release may have named one that we do not know
    return () if sweep is None else _swept(unit, name, sweep)


def _swept(unit: Unit, name: str, sweep: Sweep) -> tuple[str, ...]:
    done = sweep.work(unit)
    count, blobs = (done, ()) if isinstance(done, int) else (done.count, done.blobs)
    if count >= sweep.full:
        heartbeats.begin(unit, heartbeats.MORE + name)
    else:
        heartbeats.stop(unit, heartbeats.MORE + name)
    return blobs


def _drafts(svc: Desk, before: datetime, unit: Unit) -> int:
    states = dialogs.sweep(unit, before)
    tallies.count(svc, unit, states, tally.FORGOTTEN)
    return len(states)


def _loose(before: datetime, unit: Unit) -> peers.Forgotten:
    """Destroy files that belong to nothing, unless somebody is still writing."""
    count, blobs = 0, []
    for file in attachments.orphans(unit, before):
        if file.peer_id is None or dialogs.version(unit, file.peer_id) == 0:
            blobs += attachments.remove(unit, file)
            count += 1
    return peers.Forgotten(count, tuple(blobs))


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
