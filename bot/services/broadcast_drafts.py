"""What is sent to many, while it is made: drafts of the clock and of editors, and every change.

A change voids whatever was decided about the words before it (security S9), and its author can
be the second person for them no more.
"""

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol

from bot.dialogs.replies import Phrase
from bot.errors import Refused
from bot.services import approvals, broadcast_log, month_issue, rights
from bot.services.base import Actor, Desk
from bot.services.broadcast_checks import CHECKS, digest
from bot.services.rights import Right
from knowledge import subjects
from knowledge.calendar import seoul_day
from knowledge.identity import mask_numbers
from knowledge.korean import clean_line, clean_text
from knowledge.newsletter import ITEM_KINDS, Issue, Item, Segment
from storage.repositories import broadcasts
from storage.repositories.broadcasts import APPROVED, ASKED, DRAFT, OUT, Broadcast, Picture
from storage.unit import Unit

APPROVAL = "newsletter"
"""The name of the approval that a broadcast waits for."""
BY_HAND = ("news", "cards", "notice")
EDITABLE = (DRAFT, ASKED, APPROVED)
NATURES = ("guide", "results")
"""행정 안내, 사업 계획·실적 (공직선거법 제86조)."""
LONGEST = 20_000
"""Signs that are kept at all; what a channel takes is asked for when somebody wants it sent."""
LANGS = ("ko", "en")


class Drawn(Protocol):
    """A picture that was drawn before: a card of `bot.services.card_pictures`."""

    @property
    def png(self) -> bytes: ...
    @property
    def alt(self) -> str: ...
    @property
    def width(self) -> int: ...
    @property
    def height(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Edit:
    """What is changed; None stays as it is.

    `confirmed` are names of `CHECKS` that the editor has looked at, with a remark ("" for none);
    it is good for the words as they are after this change. `alts` are by the number of a picture.
    """

    title: str | None = None
    lead: str | None = None
    items: tuple[Item, ...] | None = None
    segment: Segment | None = None
    send_at: datetime | None = None
    nature: str | None = None
    doc_no: str | None = None
    lang: str | None = None
    confirmed: Mapping[str, str] | None = None
    alts: Mapping[int, str] | None = None


def draft(
    svc: Desk,
    unit: Unit,
    actor: Actor | None,
    kind: str,
    *,
    lang: str = "ko",
    ref: str = "",
    title: str = "",
    number: str = "",
    cards: Sequence[Drawn] = (),
    send_at: datetime | None = None,
) -> int:
    """Make a draft; gives its id. `actor` None is the clock.

    "news" chooses this month's, "cards" tells the case `ref` with pictures that were drawn before
    (never inside a transaction), "notice" begins empty. `number` is found if it is not given.
    Raises `Refused` access.not_allowed, newsletter.kind, newsletter.case.gone.
    """
    _may(actor)
    if kind not in BY_HAND or lang not in LANGS:
        raise Refused("newsletter.kind")
    pictures: tuple[Picture, ...] = ()
    if kind == "news":
        made = month_issue.make(svc, unit, clean_line(title) or _month_title(svc, lang), lang)
        issue, pictures = made.issue, made.pictures
    elif kind == "cards":
        case = svc.library.present(unit, (ref,)).get(ref)
        if case is None:
            raise Refused("newsletter.case.gone", title=ref)
        item = month_issue.case_item(svc, case, lang)
        issue = Issue(clean_line(title) or item.title, "", (item,), lang)
        pictures = tuple(
            Picture(n, one.png, clean_line(one.alt), one.width, one.height)
            for n, one in enumerate(cards)
        )
    else:
        issue = Issue(clean_line(title), lang=lang)
    segment = Segment(kind, langs=() if lang == "ko" else (lang,))
    found = number or free_number(unit, f"{seoul_day(svc.now()):%Y-%m}", kind)
    return put(svc, unit, actor, kind, found, issue, segment, pictures=pictures, send_at=send_at)


def draft_correction(
    svc: Desk, unit: Unit, actor: Actor, of_id: int, wrong: str, right: str
) -> int:
    """Make the correction of what is out, for those who got it (wording.md §12.1); gives its id.

    Raises `Refused` access.not_allowed, newsletter.unknown, newsletter.not_out,
    newsletter.wrong_right (one of the two is empty, or both say the same).
    """
    _may(actor)
    of = _known(unit, of_id)
    if of.state not in OUT and of.begun_at is None:
        raise Refused("newsletter.not_out")
    was, now = clean_text(wrong), clean_text(right)
    if not was or not now or was == now:
        raise Refused("newsletter.wrong_right")
    title = _say(svc, of.lang, "newsletter.correction", title=of.title)
    text = _say(svc, of.lang, "newsletter.correct", title=of.title, wrong=was, right=now)
    item = Item("correction", title, text, url="")
    return put(
        svc, unit, actor, "correction", _free(unit, f"{of.number}-fix"),
        Issue(title, "", (item,), of.lang), Segment("correction", got=of.id),
        corrects_id=of.id, nature="guide",
    )  # fmt: skip


def put(
    svc: Desk,
    unit: Unit,
    actor: Actor | None,
    kind: str,
    number: str,
    issue: Issue,
    segment: Segment,
    *,
    pictures: Collection[Picture] = (),
    **more: Any,
) -> int:
    """Keep a new draft with its pictures, and say so in its journal."""
    made = broadcasts.add(
        unit, number=number, kind=kind, issue=issue, segment=segment,
        author_id=actor.user_id if actor is not None else None, now=svc.now(), **more,
    )  # fmt: skip
    if pictures:
        broadcasts.put_pictures(unit, made, pictures)
    broadcast_log.note(svc, unit, actor, broadcast_log.MADE, made, what=kind, number=number)
    return made


def edit(
    svc: Desk, unit: Unit, actor: Actor, broadcast_id: int, version: int, change: Edit
) -> int:
    """Change a draft as it was seen at `version`; gives the new version.

    What was asked for or approved is a draft again. Raises `Refused` access.not_allowed,
    newsletter.unknown, .state, .stale, .segment, .nature, .kind, .long, .number, .check_unknown.
    """
    _may(actor)
    one = _known(unit, broadcast_id)
    if one.state not in EDITABLE:
        raise Refused("newsletter.state")
    if one.version != version:
        raise Refused("newsletter.stale")
    issue = _issue(svc, one, change)
    segment = _segment(one, change.segment)
    if change.nature is not None and change.nature not in NATURES:
        raise Refused("newsletter.nature")
    if change.alts:
        _describe(unit, one, change.alts)
    doc_no = one.doc_no if change.doc_no is None else clean_line(change.doc_no)[:100]
    after = replace(
        one, title=issue.title, lang=issue.lang, issue=issue, segment=segment, doc_no=doc_no,
        send_at=change.send_at or one.send_at, nature=change.nature or one.nature,
    )  # fmt: skip
    values = {
        **broadcasts.words(issue, segment), "send_at": after.send_at, "nature": after.nature,
        "doc_no": doc_no, "confirmed": _confirmed(svc, unit, actor, after, change.confirmed),
        "state": DRAFT, "approved_hash": "", "approved_by_id": None, "approved_at": None,
    }  # fmt: skip
    if not broadcasts.change(unit, one.id, version, values, svc.now()):
        raise Refused("newsletter.stale")
    approvals.void_about(svc, unit, APPROVAL, one.id)
    told = {"version": version + 1, "was": one.state}
    broadcast_log.note(svc, unit, actor, broadcast_log.EDITED, one.id, **told)
    return version + 1


def move(
    svc: Desk, unit: Unit, actor: Actor, broadcast_id: int, version: int, place: int, to: int
) -> int:
    """Move the piece at `place` to `to` (both from 0). Raises `Refused` as `edit`, .place."""

    def moved(items: list[Item]) -> None:
        items.insert(_place(items, to), items.pop(_place(items, place)))

    return _pieces(svc, unit, actor, broadcast_id, version, moved)


def add_case(
    svc: Desk, unit: Unit, actor: Actor, broadcast_id: int, version: int, ref: str
) -> int:
    """Add a published case at the end. Raises `Refused` as `edit`, newsletter.case.gone."""
    case = svc.library.present(unit, (ref,)).get(ref)
    if case is None:
        raise Refused("newsletter.case.gone", title=ref)
    item = month_issue.case_item(svc, case, _known(unit, broadcast_id).lang)
    return _pieces(svc, unit, actor, broadcast_id, version, lambda items: items.append(item))


def add_text(
    svc: Desk, unit: Unit, actor: Actor, broadcast_id: int, version: int,
    title: str, text: str, url: str = "",
) -> int:  # fmt: skip
    """Add words of one's own at the end. Raises `Refused` as `edit`."""
    item = Item("text", title, text, url=url)
    return _pieces(svc, unit, actor, broadcast_id, version, lambda items: items.append(item))


def remove(
    svc: Desk, unit: Unit, actor: Actor, broadcast_id: int, version: int, place: int
) -> int:
    """Take out the piece at `place` (from 0). Raises `Refused` as `edit`, newsletter.place."""

    def taken(items: list[Item]) -> None:
        items.pop(_place(items, place))

    return _pieces(svc, unit, actor, broadcast_id, version, taken)


def free_number(unit: Unit, month: str, kind: str) -> str:
    """Find a number that nothing has: 2026-11, 2026-11-2, 2026-11-cards."""
    return _free(unit, month if kind == "news" else f"{month}-{kind}")


def _free(unit: Unit, stem: str) -> str:
    n = 1
    while broadcasts.of_number(unit, stem if n == 1 else f"{stem}-{n}") is not None:
        n += 1
    return stem if n == 1 else f"{stem}-{n}"


def _pieces(
    svc: Desk,
    unit: Unit,
    actor: Actor,
    broadcast_id: int,
    version: int,
    work: Callable[[list[Item]], None],
) -> int:
    items = list(_known(unit, broadcast_id).issue.items)
    work(items)
    return edit(svc, unit, actor, broadcast_id, version, Edit(items=tuple(items)))


def _place(items: Sequence[Item], place: int) -> int:
    if not 0 <= place < max(len(items), 1):
        raise Refused("newsletter.place")
    return place


def _issue(svc: Desk, one: Broadcast, change: Edit) -> Issue:
    before = one.issue
    items = before.items if change.items is None else tuple(map(_cleaned, change.items))
    issue = Issue(
        before.title if change.title is None else clean_line(change.title),
        before.lead if change.lead is None else clean_text(change.lead),
        items,
        before.lang if change.lang is None else change.lang,
    )
    if issue.lang not in LANGS or any(item.kind not in ITEM_KINDS for item in items):
        raise Refused("newsletter.kind")
    parts = [issue.title, issue.lead, *(part for one in items for part in (one.title, one.text))]
    if sum(map(len, parts)) > LONGEST:
        raise Refused("newsletter.long", most=LONGEST)
    if any(mask_numbers(part, seoul_day(svc.now())).found for part in parts):
        raise Refused("newsletter.number")
    return issue


def _cleaned(item: Item) -> Item:
    return replace(
        item, title=clean_line(item.title), text=clean_text(item.text), url=item.url.strip()
    )


def _segment(one: Broadcast, wanted: Segment | None) -> Segment:
    """Take whom it is for; its kind and whom a correction goes to are not the editor's."""
    if wanted is None:
        return one.segment
    try:
        subjects.bits(wanted.fields, subjects.FIELDS)
        subjects.bits(wanted.regions, subjects.REGIONS)
    except ValueError:
        raise Refused("newsletter.segment") from None
    if not set(wanted.langs) <= set(LANGS):
        raise Refused("newsletter.segment")
    return replace(wanted, kind=one.kind, got=one.segment.got, any_of=one.segment.any_of)


def _describe(unit: Unit, one: Broadcast, alts: Mapping[int, str]) -> None:
    """Change what is said to who does not see a picture."""
    made = broadcasts.pictures(unit, one.id)
    if not set(alts) <= {picture.n for picture in made}:
        raise Refused("newsletter.place")
    told = [replace(p, alt=clean_line(alts[p.n])) if p.n in alts else p for p in made]
    broadcasts.put_pictures(unit, one.id, told)


def _confirmed(
    svc: Desk, unit: Unit, actor: Actor, after: Broadcast, said: Mapping[str, str] | None
) -> str:
    """Keep what was looked at and is still as it was then."""
    if said is not None and not set(said) <= set(CHECKS):
        raise Refused("newsletter.check_unknown")
    now = {name: digest(svc, unit, after, name) for name in CHECKS}
    before = dict(after.confirmed or {})
    kept = {name: one for name, one in before.items() if one.get("of") == now.get(name)}
    for name, remark in (said or {}).items():
        kept[name] = {"by": actor.user_id, "of": now[name], "remark": clean_line(remark)[:200]}
    return json.dumps(kept, ensure_ascii=False)


def _month_title(svc: Desk, lang: str) -> str:
    return _say(svc, lang, "newsletter.title", month=f"{seoul_day(svc.now()):%Y-%m}")


def _say(svc: Desk, lang: str, key: str, **params: str) -> str:
    return svc.texts.render(Phrase(key, params), lang, svc.site.words())


def _known(unit: Unit, broadcast_id: int) -> Broadcast:
    found = broadcasts.get(unit, broadcast_id, lock=True)
    if found is None:
        raise Refused("newsletter.unknown")
    return found


def _may(actor: Actor | None) -> None:
    if actor is not None and not rights.may(actor, Right.NEWSLETTERS):
        raise Refused("access.not_allowed")
