"""What has to be mended before anything is sent: asked for at every step, and once more at the start.

An editor sees all of it at once (wording.md §12.1). Rules about elections (공직선거법 제86조) are
settings, and somebody at the election commission is asked besides: what is counted here is what
went out through this service.
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from bot.errors import Refused
from bot.services import agency_dates, broadcast_log, cases
from bot.services.base import Desk
from bot.services.case_words import link
from knowledge import issue_choice, issue_finds, subjects
from knowledge.calendar import SEOUL, seoul_day
from knowledge.issue_finds import Span
from knowledge.korean import clean_line, clean_text
from knowledge.newsletter import Issue, Segment
from storage.repositories import audience, broadcasts
from storage.repositories import cases as cases_repository
from storage.repositories.broadcasts import Broadcast
from storage.unit import Unit

CHECKS = ("elections", "head", "persons", "sources", "audit", "doc_no")
"""What the editor says to have looked at, in the order of the page."""
BY_CLOCK = "alert"
"""The kind whose words two persons have each seen before: no editor stands for it until one of
them changes it."""

TITLE, LEAD, ITEM, TEXT, ITEMS, WHOLE = 100, 300, 120, 1000, 12, 3500
"""Signs, pieces, signs of everything: one message of Telegram takes 4,096 signs, one block of
Slack 3,000 (platforms.md §1, §4); the rest is for links and the press that stops it."""
PICTURE = 5_000_000
"""Bytes of a picture; Telegram takes 10 MB."""
OPENS, CLOSES = 8, 21
"""Citizens are written to from 8 to 21 o'clock in Seoul (wording.md §0)."""
RESULTS = "results"

_PNG = b"\x89PNG\r\n\x1a\n"
_UNSAFE = re.compile(r"(?i)\bhttp://|\bfile://|\bdata:\w+/|\b(?:javascript|vbscript):")


@dataclass(frozen=True, slots=True)
class Find:
    """Something to look at: `place` is title, lead, `<n>.title`, `<n>.text` or `pictures.<n>`."""

    place: str
    span: Span


@dataclass(frozen=True, slots=True)
class Seen:
    """What stands beside the editor's checks.

    `results` went out in this quarter (without this one), `days` are left until `election`;
    `held`: publicity rests on the day of sending. `head_known`: the settings name the head of the
    agency; otherwise nobody is looked for. `title_only` cases are never in.
    """

    results: int
    election: date | None
    days: int | None
    held: bool
    head: tuple[Find, ...]
    head_known: bool
    persons: tuple[Find, ...]
    title_only: int
    recipients: Mapping[str, int]


def lacking(
    svc: Desk, unit: Unit, one: Broadcast, *, sending: bool = False
) -> tuple[Refused, ...]:
    """Name everything that has to be mended; () when it may be asked for, approved, sent.

    `sending`: at the beginning, when it is due. What the editor confirmed was bound before, and
    a night is waited for, not mended.
    """
    found = [
        *words(one.issue),
        *_items(svc, unit, one),
        *_pictures(unit, one),
        *_readers(unit, one.segment),
        *_nature(svc, unit, one),
    ]
    if not sending:
        found += _when(svc, one)
        found += _unconfirmed(svc, unit, one)
    return tuple(found)


def seen(svc: Desk, unit: Unit, one: Broadcast) -> Seen:
    """Give what the editor has to know while he looks."""
    day = seoul_day(one.send_at or svc.now())
    election = next((at for at in agency_dates.elections(svc, unit) if at >= day), None)
    return Seen(
        results=results(unit, day, one.id),
        election=election,
        days=(election - day).days if election is not None else None,
        held=agency_dates.held_back(svc, unit, day) is not None,
        head=heads(svc, unit, one),
        head_known=bool(svc.site.newsletter.head),
        persons=persons(svc, unit, one),
        title_only=title_only(svc, unit),
        recipients=audience.counted(unit, one.segment),
    )


def title_only(svc: Desk, unit: Unit) -> int:
    """Count the published cases of which the title is all that is known."""
    bare = {"status": "published", "kind": "active", "detail": "title_only"}
    came = [
        ref
        for ref, case in svc.library.shipped().items()
        if all(getattr(case, name) == value for name, value in bare.items())
    ]
    own = cases_repository.of_refs(unit, came)
    return cases_repository.count(unit, bare) + len(came) - len(own)


def heads(svc: Desk, unit: Unit, one: Broadcast) -> tuple[Find, ...]:
    """Find the head of the agency in words and in what is said of pictures."""
    names = svc.site.newsletter.head
    return tuple(
        Find(place, span)
        for place, text in _places(unit, one)
        for span in issue_finds.head(text, names)
    )


def persons(svc: Desk, unit: Unit, one: Broadcast) -> tuple[Find, ...]:
    """Find persons, their numbers and cars; officials of this service by their names."""
    today, names = seoul_day(svc.now()), cases.staff(unit)
    return tuple(
        Find(place, span)
        for place, text in _places(unit, one)
        for span in issue_finds.persons(text, today, names)
    )


def digest(svc: Desk, unit: Unit, one: Broadcast, check: str) -> str:
    """Give what a confirmation is good for: as long as this is the same, it stands."""
    refs = sorted(item.ref for item in one.issue.items if item.ref)
    day = seoul_day(one.send_at).isoformat() if one.send_at else ""
    of: Mapping[str, Callable[[], Any]] = {
        "elections": lambda: [one.nature, day],
        "head": lambda: sorted(find.span.said for find in heads(svc, unit, one)),
        "persons": lambda: sorted(find.span.said for find in persons(svc, unit, one)),
        "sources": lambda: [refs, len(broadcasts.pictures(unit, one.id))],
        "audit": lambda: refs,
        "doc_no": lambda: one.doc_no,
    }
    text = json.dumps([check, of[check]()], ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def results(unit: Unit, day: date, but: int) -> int:
    """Count what of the agency's plans and results goes or went out in the quarter of a day."""
    first = date(day.year, (day.month - 1) // 3 * 3 + 1, 1)
    end = (first + timedelta(days=95)).replace(day=1)
    moments = [datetime(one.year, one.month, 1, tzinfo=SEOUL) for one in (first, end)]
    return broadcasts.results_between(unit, *moments, but=but)


def words(issue: Issue) -> Iterator[Refused]:
    """Name what is wrong with the words alone: empty, too long, unsafe."""
    if not issue.title.strip():
        yield Refused("newsletter.lack.title")
    if not issue.items:
        yield Refused("newsletter.lack.empty")
    if len(issue.items) > ITEMS:
        yield Refused("newsletter.lack.items", most=ITEMS)
    for n, item in enumerate(issue.items, 1):
        if not item.title.strip():
            yield Refused("newsletter.lack.item_title", n=n)
        if item.kind in {"case", "last_year"} and not item.ref:
            yield Refused("newsletter.lack.no_case", n=n)
        if item.url and link(item.url) is None:
            yield Refused("newsletter.lack.link", n=n)
    lines = [(issue.title, TITLE), *((item.title, ITEM) for item in issue.items)]
    texts = [(issue.lead, LEAD), *((item.text, TEXT) for item in issue.items)]
    yield from (why for text, most in lines for why in _text(text, clean_line(text), most))
    yield from (why for text, most in texts for why in _text(text, clean_text(text), most))
    if sum(len(text) for text, _ in (*lines, *texts)) > WHOLE:
        yield Refused("newsletter.lack.whole", most=WHOLE)


def _text(text: str, clean: str, most: int) -> Iterator[Refused]:
    if clean != text:
        yield Refused("newsletter.lack.signs", part=clean_line(text)[:30])
    if _UNSAFE.search(text):
        yield Refused("newsletter.lack.address", part=clean_line(text)[:30])
    if len(text) > most:
        yield Refused("newsletter.lack.long", part=clean_line(text)[:30], most=most)


def _items(svc: Desk, unit: Unit, one: Broadcast) -> Iterator[Refused]:
    """Look at every case and answer as it is now."""
    told = [item for item in one.issue.items if item.ref]
    refs = [item.ref for item in told if item.kind != "question"]
    there = svc.library.present(unit, refs)
    held = {ref for ref, row in cases_repository.rows(unit, refs).items() if row.held}
    answers = [item.ref for item in told if item.kind == "question"]
    answered = svc.library.answers.present(unit, answers)
    for item in told:
        if item.kind == "question":
            if item.ref not in answered:
                yield Refused("newsletter.lack.answer", title=item.title)
            continue
        case = there.get(item.ref)
        why = (
            "gone"
            if case is None
            else issue_choice.unfit(case, held, svc.site.knowledge.permission, model=False)
        )
        if why is not None:
            yield Refused(f"newsletter.case.{why}", title=item.title)


def _pictures(unit: Unit, one: Broadcast) -> Iterator[Refused]:
    made = broadcasts.pictures(unit, one.id)
    if one.kind == "cards" and not made:
        yield Refused("newsletter.lack.cards")
    if [picture.n for picture in made] != list(range(len(made))):
        yield Refused("newsletter.lack.picture")
    for item in one.issue.items:
        if item.picture is not None and not 0 <= item.picture < len(made):
            yield Refused("newsletter.lack.picture")
    for picture in made:
        if not picture.png.startswith(_PNG) or len(picture.png) > PICTURE:
            yield Refused("newsletter.lack.picture_bad", n=picture.n + 1)
        if not picture.alt.strip():
            yield Refused("newsletter.lack.alt", n=picture.n + 1)


def _readers(unit: Unit, segment: Segment) -> Iterator[Refused]:
    try:
        subjects.bits(segment.fields, subjects.FIELDS)
        subjects.bits(segment.regions, subjects.REGIONS)
    except ValueError:
        yield Refused("newsletter.segment")
        return
    if not audience.anybody(unit, segment):
        yield Refused("newsletter.lack.nobody")


def _when(svc: Desk, one: Broadcast) -> Iterator[Refused]:
    if one.send_at is None:
        yield Refused("newsletter.lack.when")
        return
    if one.send_at <= svc.now():
        yield Refused("newsletter.lack.past")
    if not OPENS <= one.send_at.astimezone(SEOUL).hour < CLOSES:
        yield Refused("newsletter.lack.night", opens=OPENS, closes=CLOSES)


def resting(svc: Desk, unit: Unit, one: Broadcast) -> Refused | None:
    """Tell why it may not go on today although it had begun; None: it may."""
    return next(iter(_nature(svc, unit, one)), None)


def _nature(svc: Desk, unit: Unit, one: Broadcast) -> Iterator[Refused]:
    if not one.nature:
        yield Refused("newsletter.lack.nature")
    if one.nature != RESULTS:
        return
    day = seoul_day(max(one.send_at or svc.now(), svc.now()))
    election = agency_dates.held_back(svc, unit, day)
    if election is not None:
        yield Refused("newsletter.lack.held", day=election.isoformat())
    most = svc.site.newsletter.results_per_quarter
    if most and one.kind != "correction" and results(unit, day, one.id) >= most:
        yield Refused("newsletter.lack.results", most=most)


def _unconfirmed(svc: Desk, unit: Unit, one: Broadcast) -> Iterator[Refused]:
    if one.kind == BY_CLOCK and not broadcast_log.writers(unit, one.id):
        return
    given = one.confirmed or {}
    needed = svc.site.newsletter.doc_no_required
    if needed and not one.doc_no:
        yield Refused("newsletter.lack.doc_no")
    for name in CHECKS:
        if name == "doc_no" and not needed:
            continue
        said = given.get(name, {})
        if said.get("of") != digest(svc, unit, one, name):
            yield Refused(f"newsletter.check.{name}")
        elif name == "elections" and one.nature == RESULTS and not said.get("remark"):
            yield Refused("newsletter.lack.commission")


def _places(unit: Unit, one: Broadcast) -> Iterator[tuple[str, str]]:
    yield "title", one.issue.title
    yield "lead", one.issue.lead
    for n, item in enumerate(one.issue.items):
        yield f"{n}.title", item.title
        yield f"{n}.text", item.text
    for picture in broadcasts.pictures(unit, one.id):
        yield f"pictures.{picture.n}", picture.alt
