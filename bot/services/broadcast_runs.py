"""The course of a broadcast: it begins, is fanned out, judged by its refusals, paused, ended.

The worker does the sending (`bot.worker.broadcaster`); what it is told to do stands here. A
broadcast pauses by itself when the first few are refused, when too many are, and when it was due
while nobody was there; then it waits for a person.
"""

import math
from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from bot.dialogs.replies import Param, Phrase, Say
from bot.errors import Refused
from bot.services import (
    approvals,
    broadcast_checks,
    broadcast_log,
    direct,
    officials,
    rights,
)
from bot.services.base import Actor, Desk
from bot.services.broadcast_drafts import APPROVAL
from bot.services.broadcast_months import EDITOR, WAY
from bot.services.broadcasts import bound
from bot.services.rights import Right
from knowledge.korean import clean_text
from storage.repositories import broadcast_lines, broadcasts, sendings
from storage.repositories.broadcast_lines import CANARY, OPEN, Count
from storage.repositories.broadcasts import (
    APPROVED,
    CANCELLED,
    DONE,
    DRAFT,
    PAUSED,
    SENDING,
    Broadcast,
)
from storage.repositories.sendings import DEAD, GONE, SENT, UNKNOWN
from storage.unit import Unit

BEGUN, HALTED, RESUMED = "broadcast_begun", "broadcast_paused", "broadcast_resumed"
STOPPED, REVIVED, ENDED = "broadcast_cancelled", "broadcast_revived", "broadcast_done"

WINDOW = 200
"""Verdicts among which refusals are counted."""
REFUSED_CANARIES = 1
"""More of the first few may not be refused for another reason than that somebody has gone."""
SMOOTH = 20.0
"""Seconds over which the speed that is shown is taken."""
REASON = 200  # signs

LATE, CHANGED, LACKING, RESTORED, PERSON = "late", "changed", "lacking", "restored", "person"
UNSHOWN = "unshown"
CANARIES, MANY, SILENT = "canary", "refused", "unknown"
WHYS = (LATE, CHANGED, LACKING, UNSHOWN, RESTORED, PERSON, CANARIES, MANY, SILENT)

_NAMES = {SENT: "sent", GONE: "gone", DEAD: "dead", UNKNOWN: "unknown"}
_OVER = (DONE, CANCELLED)


def begin(svc: Desk, unit: Unit, broadcast_id: int, *, shown: bool = True) -> str:
    """Begin what was approved and is due; gives the state it is in afterwards.

    What was approved is held against what is there (S9). What was due too long ago, because
    nobody was there to send it, waits for a person. Not `shown`: no channel could lay it out.
    """
    one = broadcasts.get(unit, broadcast_id, lock=True)
    now = svc.now()
    if one is None or one.state != APPROVED or (one.send_at is not None and one.send_at > now):
        return "" if one is None else one.state
    since = max((at for at in (one.send_at, one.approved_at) if at is not None), default=now)
    if now - since > timedelta(minutes=svc.site.newsletter.late_minutes):
        return _set(svc, unit, one.id, PAUSED, LATE, HALTED)
    return _start(svc, unit, one, None, shown=shown)


def halt_late(svc: Desk, unit: Unit) -> int:
    """Let what was on its way wait for a person, because nobody was there for a long while."""
    running = broadcasts.listed(unit, (SENDING,))
    for one in running:
        _set(svc, unit, one.id, PAUSED, LATE, HALTED)
    return len(running)


def halt_restored(svc: Desk, unit: Unit) -> int:
    """Let all that a restored backup would send wait for a person (S13)."""
    waiting = broadcasts.listed(unit, (APPROVED, SENDING))
    for one in waiting:
        _set(svc, unit, one.id, PAUSED, RESTORED, HALTED)
    return len(waiting)


def fan_out(svc: Desk, unit: Unit, broadcast_id: int, most: int = sendings.CHUNK) -> bool:
    """Make the next chunk of recipients; False: there are no more, or nothing is to be sent."""
    one = broadcasts.get(unit, broadcast_id, lock=True)
    if one is None or one.state != SENDING or one.fanned:
        return False
    if bound(unit, one) != one.approved_hash:
        _set(svc, unit, one.id, PAUSED, CHANGED, HALTED)
        return False
    found = sendings.fan_out(unit, one.id, one.segment, one.cursor, most)
    if found.cursor is not None:
        broadcasts.mark(unit, one.id, {"cursor": found.cursor})
        return True
    broadcasts.mark(unit, one.id, {"fanned": True})
    _end_if_over(svc, unit, one.id)
    return False


def count(
    svc: Desk,
    unit: Unit,
    broadcast_id: int,
    channel: str,
    done: Mapping[tuple[int, str], int],
    *,
    judged: bool = True,
) -> None:
    """Add what became of sendings to the counters, and pause what is refused too often.

    `done` is what `sendings.settle` gave. Not `judged`: no vendor said so, we knew it ourselves.
    """
    ends: Counter[str] = Counter()
    codes: Counter[str] = Counter()
    for (status, code), n in done.items():
        if status in _NAMES and n:
            ends[_NAMES[status]] += n
            if status != SENT:
                codes[code or _NAMES[status]] += n
    if not ends:
        return
    line = broadcast_lines.count(unit, broadcast_id, channel, lock=True)
    assert line is not None
    values, why = _judged(svc, line, ends, svc.now(), judged=judged)
    broadcast_lines.write(unit, broadcast_id, channel, values)
    broadcast_lines.failed(unit, broadcast_id, channel, codes)
    if why:
        _halt(svc, unit, broadcast_id, f"{why}:{channel}")
    elif line.left <= ends.total():
        _end_if_over(svc, unit, broadcast_id)


def pause(svc: Desk, unit: Unit, actor: Actor, broadcast_id: int, reason: str = "") -> None:
    """Pause it until a person lets it go on; what is on its way this second still arrives."""
    one = _known(unit, actor, broadcast_id)
    if one.state not in {APPROVED, SENDING}:
        raise Refused("newsletter.state")
    _set(svc, unit, one.id, PAUSED, PERSON, HALTED, actor, reason=_reason(reason))


def resume(svc: Desk, unit: Unit, actor: Actor, broadcast_id: int) -> None:
    """Let it go on: a person has looked. Raises Refused with the first thing to be mended."""
    one = _known(unit, actor, broadcast_id)
    if one.state != PAUSED:
        raise Refused("newsletter.state")
    if bound(unit, one) != one.approved_hash:
        raise Refused("sending.changed")
    if one.begun_at is None:
        _go_on(svc, unit, actor, one)
        return
    rests = broadcast_checks.resting(svc, unit, one)
    if rests is not None:
        raise rests
    why, _, channel = one.why.partition(":")
    for line in broadcast_lines.counts(unit, one.id):
        values: dict[str, Any] = {"window_n": 0, "window_bad": 0}
        if line.channel == channel:
            values["phase"] = OPEN
            values["gone_ok"] = line.gone_ok or why == MANY
        broadcast_lines.write(unit, one.id, line.channel, values)
    _set(svc, unit, one.id, SENDING, "", RESUMED, actor)
    _end_if_over(svc, unit, one.id)


def _go_on(svc: Desk, unit: Unit, actor: Actor, one: Broadcast) -> None:
    """Let go what nobody has got yet: now, or when it was to be sent."""
    found = broadcast_checks.lacking(svc, unit, one, sending=True)
    if found:
        raise found[0]
    if one.send_at is not None and one.send_at > svc.now():
        _set(svc, unit, one.id, APPROVED, "", RESUMED, actor)
    else:
        _start(svc, unit, one, actor)


def cancel(svc: Desk, unit: Unit, actor: Actor, broadcast_id: int, reason: str = "") -> None:
    """End it for good, at any moment; who has it already keeps it."""
    one = _known(unit, actor, broadcast_id)
    if one.state in _OVER:
        raise Refused("newsletter.state")
    approvals.void_about(svc, unit, APPROVAL, one.id)
    broadcasts.mark(unit, one.id, {"ended_at": svc.now()})
    _set(svc, unit, one.id, CANCELLED, "", STOPPED, actor, reason=_reason(reason))


def revive(svc: Desk, unit: Unit, actor: Actor, broadcast_id: int) -> int:
    """Send once more to those of whom nobody knows whether it arrived; gives how many (S12).

    Some of them get it twice: that is why a person decides it.
    """
    one = _known(unit, actor, broadcast_id)
    if one.state not in {SENDING, PAUSED, DONE}:
        raise Refused("newsletter.state")
    again = 0
    for line in broadcast_lines.counts(unit, one.id):
        n = sendings.revive(unit, one.id, line.channel)
        if n:
            values = {"unknown": line.unknown - n, "revived": line.revived + n}
            broadcast_lines.write(unit, one.id, line.channel, values)
        again += n
    if again:
        if one.state == DONE:
            broadcasts.mark(unit, one.id, {"state": SENDING, "ended_at": None})
        broadcast_log.note(svc, unit, actor, REVIVED, one.id, n=again)
    return again


def _start(
    svc: Desk, unit: Unit, one: Broadcast, actor: Actor | None, *, shown: bool = True
) -> str:
    why = ""
    if bound(unit, one) != one.approved_hash:
        why = CHANGED
    elif not shown:
        why = UNSHOWN
    elif broadcast_checks.lacking(svc, unit, one, sending=True):
        why = LACKING
    if why:
        void = {"approved_hash": "", "approved_by_id": None, "approved_at": None}
        broadcasts.mark(unit, one.id, void)
        return _set(svc, unit, one.id, DRAFT, why, broadcast_log.RETURNED, actor)
    broadcasts.mark(unit, one.id, {"begun_at": svc.now()})
    return _set(svc, unit, one.id, SENDING, "", BEGUN, actor)


def _set(
    svc: Desk,
    unit: Unit,
    broadcast_id: int,
    state: str,
    why: str,
    kind: str,
    actor: Actor | None = None,
    **detail: Any,
) -> str:
    broadcasts.mark(unit, broadcast_id, {"state": state, "why": why})
    broadcast_log.note(svc, unit, actor, kind, broadcast_id, why=why, **detail)
    if why and actor is None:
        _tell(svc, unit, broadcast_id, why)
    return state


def _tell(svc: Desk, unit: Unit, broadcast_id: int, why: str) -> None:
    """Tell the editors that it waits for one of them, and why."""
    one = broadcasts.get(unit, broadcast_id)
    assert one is not None
    words: dict[str, Param] = {
        "what": Phrase("sending.told", {"title": one.title, "why": why_words(why)}),
        "late": "",
        "desk_url": svc.desk_url + WAY.format(one.number),
    }
    people = officials.with_role(unit, EDITOR)
    direct.tell(svc, unit, people, Say(Phrase("official.newsletter", words)))


def _halt(svc: Desk, unit: Unit, broadcast_id: int, why: str) -> None:
    """Pause what is sending; what a person has paused or ended meanwhile stays as he left it."""
    if broadcasts.move(unit, broadcast_id, SENDING, {"state": PAUSED, "why": why}):
        broadcast_log.note(svc, unit, None, HALTED, broadcast_id, why=why)
        _tell(svc, unit, broadcast_id, why)


def _end_if_over(svc: Desk, unit: Unit, broadcast_id: int) -> None:
    if any(line.left for line in broadcast_lines.counts(unit, broadcast_id)):
        return
    ended = {"state": DONE, "why": "", "ended_at": svc.now()}
    if broadcasts.move(unit, broadcast_id, SENDING, ended, fanned=True):
        broadcast_log.note(svc, unit, None, ENDED, broadcast_id)


def _judged(
    svc: Desk, line: Count, ends: Mapping[str, int], now: datetime, *, judged: bool
) -> tuple[dict[str, Any], str]:
    """Give the new counters of a line, and why it has to pause ("": it need not)."""
    rules = svc.site.newsletter
    new = {name: getattr(line, name) + ends.get(name, 0) for name in broadcast_lines.ENDS}
    n = sum(ends.values())
    values: dict[str, Any] = {
        **new,
        "begun_at": line.begun_at or now,
        "last_at": now,
        "speed": faded(line, now) + n / SMOOTH,
    }
    why = ""
    if line.phase == CANARY:
        first = min(rules.canaries, line.total)
        if new["dead"] > REFUSED_CANARIES:
            why = CANARIES
        elif sum(new.values()) >= first:
            why = SILENT if new["unknown"] * 2 > first else ""
            values["phase"] = CANARY if why else OPEN
    if judged:
        refused = ends.get("dead", 0) + (0 if line.gone_ok else ends.get("gone", 0))
        bad, seen = line.window_bad + refused, line.window_n + n
        if not why and bad * 100 > rules.refused_percent * WINDOW:
            why = MANY
        over = seen >= WINDOW
        values |= {"window_n": 0 if over else seen, "window_bad": 0 if over else bad}
    return values, why


def why_words(why: str) -> Phrase:
    """Say why something waits for a person, as `broadcasts.why` has it: a code, and a channel."""
    code, _, channel = why.partition(":")
    params: dict[str, Param] = {}
    if channel:
        params["channel"] = Phrase(f"subscribing.channel.{channel}")
    return Phrase(f"sending.why.{code}", params)


def faded(line: Count, now: datetime) -> float:
    """Give the speed of late as it is now: without anything sent it fades."""
    if line.last_at is None:
        return 0.0
    passed = max(0.0, (now - line.last_at).total_seconds())
    return line.speed * math.exp(-passed / SMOOTH)


def _known(unit: Unit, actor: Actor, broadcast_id: int) -> Broadcast:
    if not rights.may(actor, Right.NEWSLETTERS):
        raise Refused("access.not_allowed")
    found = broadcasts.get(unit, broadcast_id, lock=True)
    if found is None:
        raise Refused("newsletter.unknown")
    return found


def _reason(typed: str) -> str:
    return clean_text(typed)[:REASON]
