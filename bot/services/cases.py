"""Cases that everybody may read: written, reviewed by a second person, published, withdrawn.

What is published is what two persons have seen in these very words (security S9): every change
takes a case back to draft, and out of what is found until it was reviewed anew. A shipped case is
changed by a row in its place. What was done to a case stands in a journal of its own, and never a
word of it.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from bot.errors import Refused
from bot.services import approvals, case_words, codes, rights
from bot.services.base import CLOCK, Actor, Desk
from bot.services.case_words import ACCEPTABLE, Draft
from bot.services.rights import Right
from knowledge.cases import Case
from knowledge.korean import clean_text
from storage import journal
from storage.models import users
from storage.repositories import cases
from storage.unit import Unit

AS_SHIPPED = -1
"""The version of a shipped case that nobody here has changed."""
LEAST, MOST = 5, 500  # signs of a reason
WROTE = frozenset({"case_written", "case_changed"})
FROM: Mapping[str, tuple[str, ...]] = {
    "change": ("draft", "reviewed", "published"),
    "review": ("draft",),
    "publish": ("reviewed",),
    "send_back": ("reviewed", "published", "withdrawn"),
    "withdraw": ("draft", "reviewed", "published"),
}
"""Which moves there are, and in which status."""


def new_ref(svc: Desk) -> str:
    """Make the name of a case of one's own: `C-7K3M-Q9XT`."""
    signs = "".join(codes.CROCKFORD[byte % 32] for byte in svc.random(8))
    return f"C-{signs[:4]}-{signs[4:]}"


def new_row(
    svc: Desk, case: Case, origin: str, author_id: int | None, **more: Any
) -> dict[str, Any]:
    """Give the row of a case that is new here, for `storage.repositories.cases.add`."""
    now = svc.now()
    made = {"made_at": now, "changed_at": now, "author_id": author_id, "origin": origin}
    return {**cases.to_row(case), "version": 0, **made, **more}


def write(svc: Desk, unit: Unit, actor: Actor, draft: Draft) -> str:
    """Keep a new case as a draft; gives its ref. Raises `Refused` access.not_allowed, case.wrong."""
    _may(actor)
    _fits(draft)
    ref = new_ref(svc)
    case = replace(draft.case, ref=ref, status="draft")
    cases.add(unit, [new_row(svc, case, "written", actor.user_id)])
    _note(svc, unit, actor, "case_written", ref)
    return ref


def change(svc: Desk, unit: Unit, actor: Actor, ref: str, version: int, draft: Draft) -> None:
    """Write a case anew as it was at `version`: a draft again, found by nobody until reviewed.

    Raises `Refused` access.not_allowed, case.wrong, case.unknown, case.status, case.of_filing,
    case.stale (somebody else was first).
    """
    _may(actor)
    _fits(draft)
    before, row = _before(svc, unit, ref, "change")
    _of_ours(row)
    values = cases.to_row(replace(draft.case, ref=ref, status="draft"))
    values |= {"author_id": actor.user_id, "reviewer_id": None, "reviewed_at": None}
    _put(svc, unit, before, row, version, values)
    # Whoever brought these words in a file has left no line here, and is one of their writers.
    of = row.author_id if row is not None and before.status != "published" else None
    _note(svc, unit, actor, "case_changed", ref, of=of)


def review(
    svc: Desk,
    unit: Unit,
    actor: Actor,
    ref: str,
    version: int,
    accepted: Collection[str] = (),
) -> None:
    """Say, as a second person, that these words may be published.

    `accepted`: of `ACCEPTABLE` what one has looked at and lets stand. Raises `Refused`
    access.not_allowed, case.unknown, case.stale, case.status, case.lacking, and what
    `may_review` tells.
    """
    _may(actor)
    before, row = _before(svc, unit, ref, "review")
    no = may_review(svc, unit, actor, ref, row)
    if no is not None:
        raise no
    if case_words.lacking(svc, before, staff(unit), accepted):
        raise Refused("case.lacking")
    said = {"reviewer_id": actor.user_id, "reviewed_at": svc.now(), "reason": ""}
    _put(svc, unit, before, row, version, {"status": "reviewed", **said})
    _note(
        svc, unit, actor, "case_reviewed", ref, accepted=sorted(ACCEPTABLE.intersection(accepted))
    )


def publish(svc: Desk, unit: Unit, actor: Actor, ref: str, version: int) -> None:
    """Let everybody find the words that were reviewed. Raises `Refused` as `review` does.

    Of what was reviewed elsewhere and came in from a file nobody here was the second person: who
    publishes it is, and there is nothing that somebody has looked at and let stand.
    """
    _may(actor)
    before, row = _before(svc, unit, ref, "publish")
    elsewhere = row is not None and row.reviewer_id is None
    if elsewhere and (no := may_review(svc, unit, actor, ref, row)) is not None:
        raise no
    names, accepted = (staff(unit), frozenset[str]()) if elsewhere else ((), ACCEPTABLE)
    if case_words.lacking(svc, before, names, accepted):
        raise Refused("case.lacking")
    _put(svc, unit, before, row, version, {"status": "published", "published_at": svc.now()})
    _note(svc, unit, actor, "case_published", ref)


def publish_all(
    svc: Desk, unit: Unit, actor: Actor, chosen: Iterable[tuple[str, int]]
) -> tuple[tuple[str, str, Refused | None], ...]:
    """Publish several, each as it was seen at its version; one that cannot be stops no other.

    Gives ref, title and why not of each.
    """
    done: list[tuple[str, str, Refused | None]] = []
    for ref, version in chosen:
        try:
            publish(svc, unit, actor, ref, version)
        except Refused as error:
            done.append((ref, _title(svc, unit, ref), error))
        else:
            done.append((ref, _title(svc, unit, ref), None))
    return tuple(done)


def send_back(svc: Desk, unit: Unit, actor: Actor, ref: str, version: int, reason: str) -> None:
    """Make it a draft again, with a reason. Raises `Refused` as `change` does, case.reason."""
    _may(actor)
    before, row = _before(svc, unit, ref, "send_back")
    _of_ours(row)
    why = _reason(svc, reason)
    values = {"status": "draft", "reviewer_id": None, "reviewed_at": None, "reason": why}
    _put(svc, unit, before, row, version, values)
    _note(svc, unit, actor, "case_sent_back", ref, reason=why)


def withdraw(svc: Desk, unit: Unit, actor: Actor, ref: str, version: int, reason: str) -> None:
    """Take a case out of everything at once, with a reason; a draft is given up in the same way.

    Raises `Refused` as `review` does, case.reason.
    """
    _may(actor)
    before, row = _before(svc, unit, ref, "withdraw")
    why = _reason(svc, reason)
    gone = {"status": "withdrawn", "withdrawn_at": svc.now(), "reason": why}
    _put(svc, unit, before, row, version, gone)
    _note(svc, unit, actor, "case_withdrawn", ref, reason=why)


def hold(svc: Desk, unit: Unit, actor: Actor, ref: str, version: int, *, on: bool) -> None:
    """Keep a case out of what the agency sends by itself, without a reason; it is still found.

    The audit office alone. Raises `Refused` access.not_allowed, case.unknown, case.stale.
    """
    if not rights.may(actor, Right.CASE_HOLD):
        raise Refused("access.not_allowed")
    before, row = _before(svc, unit, ref)
    if on != (row is not None and row.held):
        _put(svc, unit, before, row, version, {"held": on})
        _note(svc, unit, actor, "case_held" if on else "case_let_go", ref)


def let_in(svc: Desk, unit: Unit, case: Case, *, author_id: int, reviewer_id: int) -> str:
    """Keep what two persons have let out of a closed filing, reviewed; gives its ref.

    For `CaseDraft` alone, which has checked the persons and that nobody can be told from it.
    Raises `Refused` case.lacking.
    """
    if case_words.lacking(svc, case, (), ACCEPTABLE):
        raise Refused("case.lacking")
    ref = case.ref or new_ref(svc)
    said = {"reviewer_id": reviewer_id, "reviewed_at": svc.now()}
    new = replace(case, ref=ref, status="reviewed")
    cases.add(unit, [new_row(svc, new, "filing", author_id, **said)])
    _note(svc, unit, CLOCK, "case_let_in", ref, author=author_id, reviewer=reviewer_id)
    return ref


def take_back(svc: Desk, unit: Unit, actor: Actor, ref: str, reason: str) -> None:
    """Withdraw what came of a filing that is open again; nothing where it is withdrawn already.

    For `CaseDraft` alone: it knows who may. Raises `Refused` case.unknown.
    """
    before, row = _before(svc, unit, ref)
    if row is None or row.status == "withdrawn":
        return
    gone = {"status": "withdrawn", "withdrawn_at": svc.now(), "reason": reason}
    _put(svc, unit, before, row, row.version, gone)
    _note(svc, unit, actor, "case_withdrawn", ref)


def may_review(
    svc: Desk, unit: Unit, actor: Actor, ref: str, row: sa.Row[Any] | None
) -> Refused | None:
    """Tell why this official is no second person for these words; None: he is."""
    if row is None:
        return Refused("case.unwritten")  # a shipped draft, for which nobody here stands yet
    wrote = writers(unit, ref) | {row.author_id}
    if wrote & {actor.user_id, *actor.stands_for}:
        return Refused("case.second")
    return approvals.another(svc, unit, actor, wrote, wrote)


def writers(unit: Unit, ref: str) -> frozenset[int | None]:
    """Name who wrote any of the words since the case was last published."""
    found: set[int | None] = set()
    for event in history(unit, ref):
        if event.kind == "case_published":
            found.clear()
        elif event.kind in WROTE:
            found |= {int(event.actor.removeprefix("user:")), (event.detail or {}).get("of")}
    return frozenset(found)


def history(unit: Unit, ref: str) -> list[journal.Event]:
    """Read what was done to a case, in order; of an imported one not the import."""
    return journal.history(unit, _subject(ref))


def staff(unit: Unit) -> tuple[str, ...]:
    """Name everybody with an account: no published case names a colleague."""
    return tuple(unit.conn.scalars(sa.select(users.c.name)))


def _before(svc: Desk, unit: Unit, ref: str, move: str = "") -> tuple[Case, sa.Row[Any] | None]:
    """Read a case and its row, if it has one, and whether the move fits its status."""
    row = cases.get(unit, ref)
    case = svc.library.shipped().get(ref) if row is None else cases.to_case(row)
    if case is None:
        raise Refused("case.unknown")
    if move and case.status not in FROM[move]:
        raise Refused("case.status")
    return case, row


def _put(
    svc: Desk,
    unit: Unit,
    before: Case,
    row: sa.Row[Any] | None,
    version: int,
    values: Mapping[str, Any],
) -> None:
    """Change the case that was seen at `version`, and tell every process where it was shown."""
    if row is not None:
        if not cases.change(unit, before.ref, version, values, svc.now()):
            raise Refused("case.stale")
    elif version == AS_SHIPPED:
        cases.add(unit, [{**new_row(svc, before, "shipped", None), **values}])
    else:
        raise Refused("case.stale")
    if "published" in {before.status, values.get("status")}:
        cases.touched(unit)


def _title(svc: Desk, unit: Unit, ref: str) -> str:
    found = cases.of_refs(unit, [ref]).get(ref) or svc.library.shipped().get(ref)
    return found.title if found else ref


def _may(actor: Actor) -> None:
    if not rights.may(actor, Right.CASES):
        raise Refused("access.not_allowed")


def _of_ours(row: sa.Row[Any] | None) -> None:
    """Refuse what came of a filing: its words are checked where its draft is."""
    if row is not None and row.origin == "filing":
        raise Refused("case.of_filing")


def _fits(draft: Draft) -> None:
    if draft.wrong:
        raise Refused("case.wrong")


def _reason(svc: Desk, typed: str) -> str:
    why = clean_text(typed)
    if not LEAST <= len(why) <= MOST:
        raise Refused("case.reason", least=LEAST, most=MOST)
    return case_words.hide(svc, why)


def _subject(ref: str) -> bytes:
    return journal.named(f"case:{ref}")


def _note(svc: Desk, unit: Unit, actor: Actor, kind: str, ref: str, **detail: Any) -> None:
    journal.append(unit, _subject(ref), svc.now(), actor.mark, kind, {"ref": ref, **detail})
