"""Letting filed cases go: a 심의, a transfer bundle, a second person, and only then the keys (S35).

Filed cases are public records: nothing here happens by itself. 공공기록물법 제27조: destroyed is
what an appraisal board let go; it is done in the order draft, export, ask, approve, destroy, and a
hold, or anything that happened to a case since, takes that case out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from bot.dialogs.replies import Phrase
from bot.errors import Refused
from bot.services import accesses, approvals, cards, case_returns, house, officials, relay, sight
from bot.services.approvals import Approval, Kind
from bot.services.base import CLOCK, Actor, Desk
from bot.services.holds import may
from bot.services.sight import Filing
from knowledge.calendar import SEOUL, seoul_day
from storage import models
from storage.repositories import disposals, erasing, holds, relays
from storage.unit import Unit

MOST = 200  # cases of one disposal: a person has to look at them
FILING = "filing"  # what the erasure ledger calls it
LEAST_WORDS = 10
KIND = "destroy"


@dataclass(frozen=True, slots=True)
class Ripe:
    """A closed case whose time of keeping is over."""

    number: str
    closed_at: datetime
    held: bool


@dataclass(frozen=True, slots=True)
class Item:
    """A case of a disposal; `state` waiting, held, changed, done. Files and events are counts."""

    filing_id: int
    number: str
    state: str
    files: int
    events: int
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Plan:
    """A disposal as it stands: exactly what will go, and what stays (dry run)."""

    id: int
    held_on: date
    members: int
    decision: str
    state: str
    made_by: str
    made_at: datetime
    bundle: str
    bundle_size: int
    exported_at: datetime | None
    approved_at: datetime | None
    finished_at: datetime | None
    items: tuple[Item, ...]

    def count(self, state: str) -> int:
        return sum(one.state == state for one in self.items)


def ripe(svc: Desk, unit: Unit, actor: Actor, limit: int = MOST) -> tuple[Ripe, ...]:
    """List what might be let go; nothing as long as the agency has not said how long it keeps.

    The time of keeping counts from the first of January after the case was closed
    (공공기록물법 시행령 제26조); `record_years` is what the agency itself has confirmed.
    """
    may(actor)
    years = svc.site.keep.record_years
    if not years:
        return ()
    first = datetime(seoul_day(svc.now()).year - years, 1, 1, tzinfo=SEOUL)
    seen = sight.visible_filings(actor)
    c = seen.selected_columns
    held = holds.standing(c.id).label("held")
    found = (
        seen.add_columns(held)
        .where(c.closed_at < first, ~disposals.taken(c.id))
        .order_by(c.number)
        .limit(limit)
    )
    rows = unit.conn.execute(found).mappings()
    return tuple(Ripe(row["number"], row["closed_at"], bool(row["held"])) for row in rows)


def draft(
    svc: Desk,
    unit: Unit,
    actor: Actor,
    held_on: date,
    members: int,
    decision: str,
    numbers: Sequence[str],
) -> int:
    """Record a 심의 and the cases that it let go; gives its number.

    Raises `Refused` access.not_allowed, desk.disposal.day, .members, .decision, .none (nothing
    chosen, or something that may not go).
    """
    may(actor)
    if held_on > seoul_day(svc.now()):
        raise Refused("desk.disposal.day")
    if members < 2:
        raise Refused("desk.disposal.members_few")
    if len(decision.strip()) < LEAST_WORDS:
        raise Refused("desk.disposal.decision_short", least=LEAST_WORDS)
    free = {one.number for one in ripe(svc, unit, actor) if not one.held}
    if not numbers or not set(numbers) <= free:
        raise Refused("desk.disposal.none")
    chosen = [sight.find(unit, actor, number, lock=True) for number in sorted(set(numbers))]
    items = [(one.id, one.version) for one in chosen]
    made = disposals.add(unit, held_on, members, decision.strip(), items, actor.user_id, svc.now())
    house.note(svc, unit, actor, "disposal_made", {"disposal": made, "cases": len(items)})
    return made


def listed(unit: Unit, actor: Actor) -> tuple[Any, ...]:
    """List the disposals of this house, the newest first, without what was decided."""
    may(actor)
    return tuple(disposals.listed(unit))


def plan(unit: Unit, actor: Actor, disposal_id: int) -> Plan:
    """Say exactly what a disposal destroys and what it leaves. Raises `Refused` desk.disposal.unknown."""
    may(actor)
    row = _known(unit, actor, disposal_id)
    made_by = officials.official(unit, row.made_by_id) if row.made_by_id else None
    return Plan(
        row.id,
        row.held_on,
        row.members,
        disposals.decision(unit, row),
        row.state,
        made_by.name if made_by else "",
        row.made_at,
        row.bundle,
        row.bundle_size,
        row.exported_at,
        row.approved_at,
        row.finished_at,
        tuple(_item(unit, one) for one in disposals.items(unit, disposal_id)),
    )


def filings_of(unit: Unit, actor: Actor, disposal_id: int) -> tuple[Filing, ...]:
    """Give the cases that a bundle holds: those that would go now."""
    ids = [one.filing_id for one in plan(unit, actor, disposal_id).items if one.state == "waiting"]
    seen = sight.visible_filings(actor)
    c = seen.selected_columns
    return sight.several(unit, seen.where(c.id.in_(ids)).order_by(c.number))


def exported(svc: Desk, unit: Unit, actor: Actor, disposal_id: int, sha256: str, size: int) -> int:
    """Record that the transfer bundle was made; the newest counts. Gives how many cases it holds.

    Raises `Refused` as `plan`, and desk.disposal.late.
    """
    may(actor)
    row = _known(unit, actor, disposal_id)
    if row.state not in {"drafted", "exported"}:
        raise Refused("desk.disposal.late")
    cases = filings_of(unit, actor, disposal_id)
    for one in cases:
        accesses.note(svc, unit, actor, "bundle", one)
        disposals.item_version(unit, disposal_id, one.id, one.version)
    disposals.change(
        unit,
        disposal_id,
        state="exported",
        bundle=sha256,
        bundle_size=size,
        exported_by_id=actor.user_id,
        exported_at=svc.now(),
    )
    told = {"disposal": disposal_id, "sha256": sha256, "cases": len(cases)}
    house.note(svc, unit, actor, "disposal_exported", told)
    return len(cases)


def ask(svc: Desk, unit: Unit, actor: Actor, disposal_id: int, reason: str) -> int:
    """Ask a second person to let it be done. Raises `Refused` desk.disposal.export_first, approval.…."""
    may(actor)
    row = _known(unit, actor, disposal_id)
    if row.state not in {"exported", "asked"}:  # asked: once more, after a refusal
        raise Refused("desk.disposal.export_first")
    going = [one for one in plan(unit, actor, disposal_id).items if one.state == "waiting"]
    if not going:
        raise Refused("desk.disposal.none")
    detail = {"cases": len(going), "bundle": row.bundle}
    made = approvals.ask(svc, unit, actor, KIND, disposal_id, detail, reason)
    disposals.change(unit, disposal_id, state="asked", approval_id=made)
    return made


def drop(svc: Desk, unit: Unit, actor: Actor, disposal_id: int) -> None:
    """Let the cases be; not once it was approved. Raises `Refused` desk.disposal.late."""
    may(actor)
    row = _known(unit, actor, disposal_id)
    if row.state not in {"drafted", "exported", "asked"}:
        raise Refused("desk.disposal.late")
    disposals.change(unit, disposal_id, state="dropped")
    house.note(svc, unit, actor, "disposal_dropped", {"disposal": disposal_id})


def destroy_one(svc: Desk, unit: Unit, disposal_id: int, filing_id: int) -> tuple[str, ...]:
    """Destroy one case of an approved disposal; gives the files to take away after the commit.

    The hold and the case itself are looked at here, in the transaction that destroys.
    """
    row = disposals.get(unit, disposal_id, lock=True)
    items = {one.filing_id: one for one in disposals.items(unit, disposal_id)}
    item = items.get(filing_id)
    if row is None or row.state != "approved" or item is None or item.state != "waiting":
        return ()
    filing = sight.get(unit, filing_id, CLOCK, lock=True)
    state = _state(unit, filing, item.version)
    blobs: tuple[str, ...] = ()
    counts: dict[str, int] = {}
    if state == "waiting":
        unit.note_gone(FILING, filing.sid, svc.now())
        cards.taken(svc, unit, filing.id)
        case_returns.gone(svc, unit, filing.id)
        crosses = relay.crosses(svc, unit, filing.id)
        gone = erasing.erase(unit, filing.id, filing.sid, svc.now(), f"disposal:{disposal_id}")
        blobs, state = gone.blobs, "done"
        if crosses:  # what it is shown by outside goes as well
            relays.put(unit, relay.GONE, svc.now(), ref=filing.number)
        counts = {"files": gone.files, "events": gone.events}
    disposals.item_is(unit, disposal_id, filing_id, state, svc.now(), **counts)
    if disposals.finish(unit, disposal_id, svc.now()):
        house.note(svc, unit, None, "disposal_done", {"disposal": disposal_id})
    return blobs


def waiting(unit: Unit, limit: int = 50) -> tuple[tuple[int, int], ...]:
    """Give what approved disposals have not done yet, as (disposal, case); for the clock."""
    return tuple((row.disposal_id, row.filing_id) for row in disposals.waiting(unit, limit))


def _known(unit: Unit, actor: Actor, disposal_id: int) -> Any:
    row = disposals.get(unit, disposal_id)
    if row is None or not _sees_all(unit, actor, disposal_id):
        raise Refused("desk.disposal.unknown")
    return row


def _sees_all(unit: Unit, actor: Actor, disposal_id: int) -> bool:
    """Tell whether no case of it is kept from this official by a guard (S8)."""
    seen = sight.visible_filings(actor).subquery()
    items = models.disposal_items
    hidden = (
        sa.select(items.c.filing_id)
        .where(
            items.c.disposal_id == disposal_id,
            items.c.state != "done",
            items.c.filing_id.not_in(sa.select(seen.c.id)),
        )
        .limit(1)
    )
    return unit.conn.execute(hidden).first() is None


def _item(unit: Unit, row: Any) -> Item:
    if row.state != "waiting":
        return Item(row.filing_id, row.number, row.state, row.files, row.events, row.closed_at)
    filing = sight.get(unit, row.filing_id, CLOCK)
    files, events = disposals.size(unit, filing.id, filing.sid)
    state = _state(unit, filing, row.version)
    return Item(filing.id, filing.number, state, files, events, filing.closed_at)


def _state(unit: Unit, filing: Filing, version: int) -> str:
    if holds.held(unit, filing.id):
        return "held"
    return "waiting" if filing.version == version and filing.closed_at else "changed"


def _carry_out(svc: Desk, unit: Unit, approval: Approval) -> None:
    row = disposals.get(unit, approval.subject, lock=True)
    if row is not None and row.state == "asked":
        disposals.change(
            unit,
            row.id,
            state="approved",
            approved_by_id=approval.decided_by,
            approved_at=svc.now(),
        )


def _bound(unit: Unit, subject: int, _detail: Mapping[str, Any]) -> Any:
    """Give what must not change between asking and letting it be done."""
    row = disposals.get(unit, subject)
    if row is None:
        return None
    cases = [[one.number, one.version] for one in disposals.items(unit, subject)]
    return [row.held_on.isoformat(), row.members, row.bundle, row.state == "dropped", cases]


def _sees(_svc: Desk, unit: Unit, actor: Actor, approval: Approval) -> bool:
    return actor.may("inspector") or _sees_all(unit, actor, approval.subject)


def _about(svc: Desk, unit: Unit, approval: Approval) -> str:
    """Say exactly what will go and what stays: what the second person signs."""
    row = disposals.get(unit, approval.subject)
    if row is None:
        return ""
    items = [_item(unit, one) for one in disposals.items(unit, approval.subject)]
    by = {state: [one for one in items if one.state == state] for state in ("waiting", "held")}
    said = {
        "id": row.id,
        "held_on": row.held_on.isoformat(),
        "n": len(by["waiting"]),
        "numbers": ", ".join(one.number for one in by["waiting"]),
        "files": sum(one.files for one in by["waiting"]),
        "events": sum(one.events for one in by["waiting"]),
        "held": len(by["held"]),
        "bundle": row.bundle,
    }
    return svc.texts.render(Phrase("desk.disposal.about", said), "ko", svc.site.words())


approvals.register(
    KIND,
    Kind(
        askers=frozenset({"audit_head"}),
        deciders=frozenset({"audit_head", "chief"}),
        carry_out=_carry_out,
        bound=_bound,
        sees=_sees,
        about=_about,
    ),
)
