"""Replies to what was asked before, nearest first: what an office once advised, never a promise.

Of another unit's application only what the head of the audit office has shown is read here, and
nothing of who asked; whoever may open the application itself finds its number too. Who a guard
keeps from it (S8) finds nothing.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from bot.documents.official import Table
from bot.errors import Refused
from bot.services import accesses, papers, rights, sight
from bot.services.base import Actor, Desk
from bot.services.rights import Right
from bot.services.sight import Filing
from knowledge.korean import clean_text
from knowledge.likeness import Nearest
from knowledge.postings import letters
from knowledge.procedure import Paper, Procedure, Replies
from storage.models import events
from storage.repositories import filings
from storage.store import Store
from storage.unit import Unit

MOST = 100
"""Replies that are compared, the newest: each has to be opened first (all of it a third of a second)."""
SHOWN = 5
LEAST = 0.12
"""So alike at least: below that two questions share little more than how one asks."""
LONGEST = 400  # signs that are compared
SHORTEST = 3  # letters (jamo) that a search needs
_e = events.c


@dataclass(frozen=True, slots=True)
class Like:
    """A reply; `number` is "" for whoever may not open the application that it is to."""

    number: str
    day: date
    shown: bool  # to other units
    tables: Sequence[Table]


def noted(
    svc: Desk, store: Store, actor: Actor, look: Callable[[Unit], tuple[Like, ...]]
) -> tuple[Like, ...]:
    """Look, and note how many were found before they are shown; nobody waits while it compares.

    Raises what `look` raises.
    """
    found = store.read(look)
    store.transact(
        lambda unit: accesses.note(svc, unit, actor, "replies_found", count=len(found)),
        f"desk-replies:{svc.random(16).hex()}",
    )
    return found


def to(svc: Desk, unit: Unit, actor: Actor, number: str) -> tuple[Like, ...]:
    """Give the replies that are like an application. Raises `Refused` filing.unknown."""
    filing = sight.find(unit, actor, number)
    if not rights.may(sight.acting(actor, filing), Right.CONTENT):
        raise Refused("filing.unknown")
    rules = svc.procedures.version(filing.procedure, filing.procedure_version)
    if rules.replies is None:
        raise Refused("filing.unknown")
    text = _compared(rules.replies, filings.answers(unit, filing))
    return find(svc, unit, actor, rules, text, but=filing.id)


def anywhere(svc: Desk, unit: Unit, actor: Actor, text: str) -> tuple[Like, ...]:
    """Give the replies under every procedure that are like a text. Raises `Refused` search.short."""
    if len(letters(clean_text(text))) < SHORTEST:
        raise Refused("search.short")
    every = svc.procedures.values()
    return tuple(one for rules in every for one in find(svc, unit, actor, rules, text))


def to_words(
    svc: Desk, unit: Unit, actor: Actor, procedure: str, typed: Mapping[str, Any]
) -> tuple[Like, ...]:
    """Give the replies that are like a form as it stands, half written or whole."""
    rules = svc.procedures[procedure]
    if rules.replies is None:
        return ()
    words = {name: value for name, value in typed.items() if isinstance(value, str)}
    return find(svc, unit, actor, rules, _compared(rules.replies, words))


def find(
    svc: Desk, unit: Unit, actor: Actor, rules: Procedure, text: str, but: int | None = None
) -> tuple[Like, ...]:
    """Give the replies under a procedure that are like a text, the nearest first."""
    if rules.replies is None or not clean_text(text):
        return ()
    paper = rules.papers[rules.replies.paper]
    known = _known(unit, actor, rules, paper, but)
    texts = [_compared(rules.replies, filings.answers(unit, one)) for one, _, _ in known]
    near = Nearest(texts, sizes=(4,)).several(clean_text(text)[:LONGEST], SHOWN)
    return tuple(_like(svc, unit, paper, *known[at]) for at, worth in near if worth >= LEAST)


def _known(
    unit: Unit, actor: Actor, rules: Procedure, paper: Paper, but: int | None
) -> list[tuple[Filing, bool, bool]]:
    """Give what this official may read the replies of: whether it is shown, and open to him."""
    assert rules.replies is not None
    seen = sight.not_kept_from(actor)
    c = seen.selected_columns
    replied = sa.select(_e.subject).where(_e.subject == c.sid, _e.kind == paper.of).exists()
    every = seen.where(c.procedure == rules.id, replied)
    if but is not None:
        every = every.where(c.id != but)
    newest = sight.several(unit, every.order_by(c.id.desc()).limit(MOST))
    shown = _shown(unit, rules.replies, [one.sid for one in newest])
    ids = [one.id for one in newest]
    mine = sight.visible_filings(actor)
    own = sight.several(unit, mine.where(mine.selected_columns.id.in_(ids)))
    opens = {one.id for one in own if rights.may(sight.acting(actor, one), Right.CONTENT)}
    return [
        (one, one.sid in shown, one.id in opens)
        for one in newest
        if one.sid in shown or one.id in opens
    ]


def _shown(unit: Unit, replies: Replies, sids: Sequence[bytes]) -> set[bytes]:
    """Tell which were shown to other units and not taken back since."""
    kinds = (replies.show, replies.hide)
    lines = sa.select(_e.subject, _e.kind).where(_e.subject.in_(sids), _e.kind.in_(kinds))
    last = {row.subject: row.kind for row in unit.conn.execute(lines.order_by(_e.seq))}
    return {sid for sid, kind in last.items() if kind == replies.show}


def _compared(replies: Replies, answers: Mapping[str, Any]) -> str:
    """Give the words of an application that are compared."""
    return "\n".join(str(answers[name]) for name in replies.by if answers.get(name))[:LONGEST]


def _like(svc: Desk, unit: Unit, paper: Paper, filing: Filing, shown: bool, opens: bool) -> Like:
    draft = papers.make(svc, unit, filing, paper.name)
    day = date.fromisoformat(draft.issued)
    return Like(filing.number if opens else "", day, shown, draft.tables)
