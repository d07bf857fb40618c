"""Beside a report: what is like it among what this official may see, and cases that fit (S28).

What is alike is found in the index of his own scope, so neither a hit nor a weight tells of what
is not for his eyes. Words of another report are compared only for whoever may read both.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.errors import Refused
from bot.services import accesses, comparing, house, listing, repeats, rights, search, sight, views
from bot.services.base import Actor, Desk
from bot.services.listing import Row
from bot.services.rights import Right
from bot.services.search import Searches
from bot.services.sight import Filing, visible_filings
from knowledge import sketch
from knowledge.cases import Case
from knowledge.korean import fold
from storage.repositories import filings, sketches
from storage.store import Store
from storage.unit import Unit

SHOWN = 5
CASES = 3
LEAST = 0.15
"""So much of a report's rarest words another must have: below, they share how one complains."""
LONGEST = 400  # signs by which cases are looked for
SENTENCES = 4
"""So many of its first sentences are looked for one by one: cases are told shorter than reports."""


@dataclass(frozen=True, slots=True)
class Like:
    """A report that is like the one at hand; `share` is per cent of its words.

    `again`: the same person's, or named as the earlier one; then, or where the two are nearly the
    same words, `new` says what only the one at hand has. `readable` once no conflict was declared.
    """

    row: Row
    share: int
    again: bool
    alike: bool
    readable: bool
    new: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Beside:
    likes: tuple[Like, ...]
    cases: tuple[Case, ...]


def of(svc: Desk, store: Store, searches: Searches, actor: Actor, number: str) -> Beside:
    """Look beside a report; nobody waits while it compares, and what is shown is noted first.

    Raises `Refused` filing.unknown, conflict.ask.
    """
    filing_id, text = store.read(lambda unit: _asked(svc, unit, actor, number))
    near = searches.like(svc, store, actor, text, SHOWN + 1)
    shares = {key: share for key, share in near if key != filing_id and share >= LEAST}
    refs = _cases(svc, text)
    return store.transact(
        lambda unit: _look(svc, unit, actor, number, shares, refs),
        f"desk-similar:{svc.random(16).hex()}",
    )


def _cases(svc: Desk, text: str) -> list[str]:
    """Give the cases that fit a report, the surest first: all of it, or a sentence of it.

    What is only near is taken of the whole alone: a sentence is near to too much.
    """
    index, best = svc.library.cases(), dict[str, tuple[bool, float]]()
    whole = index.search(text[:LONGEST], most=CASES * 2)
    for hit in whole.near:
        best[hit.key] = (False, hit.score)
    pieces = comparing.sentences({"what": text})[:SENTENCES]
    for found in (whole, *(index.search(words, most=CASES * 2) for words in pieces)):
        for hit in found.hits:
            best[hit.key] = max(best.get(hit.key, (False, 0.0)), (True, hit.score))
    return sorted(best, key=lambda ref: best[ref], reverse=True)[: CASES * 2]


def _asked(svc: Desk, unit: Unit, actor: Actor, number: str) -> tuple[int, str]:
    filing = _readable(unit, actor, number)
    return filing.id, search.text_of(svc, unit, filing)


def _readable(unit: Unit, actor: Actor, number: str) -> Filing:
    filing = sight.find(unit, actor, number)
    if not rights.may(sight.acting(actor, filing), Right.CONTENT):
        raise Refused("filing.unknown")
    return filing


def _look(
    svc: Desk,
    unit: Unit,
    actor: Actor,
    number: str,
    shares: Mapping[int, float],
    refs: Sequence[str],
) -> Beside:
    """Take what may still be seen, and what the same person wrote before, the most alike first."""
    filing = _readable(unit, actor, number)
    views.view(svc, unit, actor, number)
    before = {one.id for one in repeats.before(unit, filing, actor)}
    answers = filings.answers(unit, filing)
    seen = visible_filings(actor)
    here = sight.several(unit, seen.where(seen.selected_columns.id.in_({*shares, *before})))
    mine = [one for one in here if rights.may(sight.acting(actor, one), Right.CONTENT)]
    drawn = sketches.of(unit, [filing.id, *(one.id for one in mine)])
    rows = listing.rows_of(svc, unit, actor, [one.number for one in mine])
    told = fold(str(answers.get("prior_no") or ""))
    words = comparing.sentences(answers)
    found = []
    for one in mine:
        share = sketch.likeness(drawn.get(filing.id, ()), drawn.get(one.id, ()))
        again = one.id < filing.id and (one.id in before or fold(one.number) in told)
        alike = share >= sketch.ALIKE
        readable = views.answered(unit, actor, one)
        new: tuple[str, ...] = ()
        if readable and (again or alike):
            comparing.noted(svc, unit, actor, one, "repeats_compared" if again else "similar_read")
            then = comparing.sentences(filings.answers(unit, one))
            new = tuple(text for text in words if not comparing.said_in(text, then))
        percent = round(100 * max(shares.get(one.id, 0.0), share))
        found.append(Like(rows[one.number], percent, again, alike, readable, new))
    best = sorted(found, key=lambda like: (not like.again, -like.share))[:SHOWN]
    house.note(svc, unit, actor, "searched", {"hits": len(best)})
    accesses.note(svc, unit, actor, "similar_found", filing, count=len(best))
    here_now = svc.library.present(unit, refs)
    cases = [here_now[ref] for ref in refs if ref in here_now]
    return Beside(tuple(best), tuple(cases[:CASES]))
