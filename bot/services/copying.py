"""Prepared words for the office's own systems (새올 등): no reporter in them, nothing to retype."""

from dataclasses import dataclass
from typing import Any

from bot.dialogs.replies import Phrase
from bot.documents import official
from bot.services import (
    accesses,
    drafts,
    external,
    listing,
    matter,
    officials,
    printing,
    sight,
    veil,
)
from bot.services.base import Actor, Desk
from bot.services.external import External
from bot.services.sight import Filing
from knowledge.calendar import seoul_day
from storage import journal
from storage.repositories import filings
from storage.unit import Unit

LANG = "ko"


@dataclass(frozen=True, slots=True)
class Block:
    """Words to be copied as they are; the heading is `copy.<name>.title`."""

    name: str
    text: str


def blocks(svc: Desk, unit: Unit, actor: Actor, number: str) -> tuple[Block, ...]:
    """Give the blocks of a filing that have something in them; noted first.

    Raises `Refused` filing.unknown, conflict.ask.
    """
    filing = sight.find(unit, actor, number, lock=True)
    printing.allowed(unit, actor, filing)
    journal.append(unit, filing.sid, svc.now(), actor.mark, "exported", {"what": "copy"})
    accesses.note(svc, unit, actor, "exported", filing)
    over = veil.of(svc, unit, filing)
    filed = filings.answers(unit, filing)
    made = [Block("received", _received(svc, unit, actor, filing, external.of(unit, filing)))]
    words = matter.words(svc, filing.procedure, filed)
    made.append(Block("matter", over.over(words).strip()))
    draft = drafts.of(svc, unit, filing, over)
    if draft is not None:
        made.append(Block("result", official.plain(draft)))
    return tuple(block for block in made if block.text)


def _received(svc: Desk, unit: Unit, actor: Actor, filing: Filing, other: External | None) -> str:
    """Give number, days and units, a line each."""
    row = listing.row_of(svc, unit, actor, filing.number)
    texts = svc.texts
    handler = officials.official(unit, filing.assignee_id) if filing.assignee_id else None
    lines = [
        ("number", filing.number),
        ("other", f"{other.system} {other.number}" if other else ""),
        ("procedure", svc.title(filing.procedure)),
        (
            "kind",
            texts.render(Phrase(f"field.kind.options.{row.kind}"), LANG, {}) if row.kind else "",
        ),
        ("received", _day(svc, filing.received_at or filing.arrived_at)),
        ("due", _day(svc, row.due_at) if row.due_at else ""),
        ("unit", row.unit),
        ("handler", f"{handler.unit} {handler.name} {handler.phone}" if handler else ""),
    ]
    return "\n".join(
        texts.render(Phrase(f"copy.line.{name}", {"value": value}), LANG, svc.site.words())
        for name, value in lines
        if value
    )


def _day(svc: Desk, at: Any) -> str:
    return svc.texts.render(Phrase("desk.day", {"day": seoul_day(at).isoformat()}), LANG, {})
