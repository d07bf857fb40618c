"""News of the city: readers, an issue that went out, one that waits for its second person, a draft."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from bot.app import App
from bot.services import (
    broadcast_approvals,
    broadcast_drafts,
    finding,
    month_issue,
    peers,
    subscriptions,
)
from bot.services.base import Actor
from bot.services.broadcast_checks import CHECKS
from bot.services.broadcast_drafts import Edit
from bot.services.subscriptions import Wanted
from knowledge.calendar import SEOUL, seoul_day
from knowledge.newsletter import Issue, Segment
from storage.models import broadcast_lines
from storage.repositories import broadcasts
from storage.unit import Unit

EDITOR = "moon"
READERS = (("web", "web", 4), ("mail", subscriptions.NEWS, 8))
"""Channel, account and number of those who asked for news."""
CASES = ("AC-001", "AC-011", "AC-021")
HOUR = 10


def write(app: App, people: Mapping[str, Actor]) -> None:
    """Let the city have sent an issue last month, and be about to send a notice."""
    editor = people[EDITOR]
    app.store.transact(lambda unit: _readers(app, unit), "seed:readers")
    app.store.transact(lambda unit: _sent(app, unit, editor), "seed:sent")
    app.store.transact(lambda unit: _asked(app, unit, editor), "seed:asked")
    this = f"{seoul_day(app.svc.now()):%Y-%m}"
    if app.store.read(lambda unit: broadcasts.of_number(unit, this)) is None:
        app.store.transact(
            lambda unit: broadcast_drafts.draft(app.svc, unit, editor, "news"), "seed:month"
        )


def _readers(app: App, unit: Unit) -> None:
    svc = app.svc
    for channel, account, count in READERS:
        text = subscriptions.version(svc, channel, "ko")
        for n in range(count):
            address = f"reader{n}@gaon.example" if channel == "mail" else f"rehearsal-reader-{n}"
            peer = peers.meet(svc, unit, channel, account, address, "ko")
            kinds = (*Wanted().kinds, "alert") if n % 3 == 0 else Wanted().kinds
            subscriptions.subscribe(svc, unit, peer.id, Wanted(kinds=kinds), text)


def _sent(app: App, unit: Unit, editor: Actor) -> None:
    """Put last month's issue there, as it stands when everybody has got it."""
    last = seoul_day(app.svc.now()).replace(day=1) - timedelta(days=1)
    begun = datetime(last.year, last.month, 25, HOUR, tzinfo=SEOUL)
    number = f"{last:%Y-%m}"
    drafted = broadcasts.of_number(unit, number)  # the clock may have made it
    made = drafted.id if drafted is not None else _written(app, unit, editor, number)
    values = {"nature": "guide", "doc_no": "감사-101", "fanned": True}
    over = begun + timedelta(minutes=2)
    broadcasts.mark(unit, made, {**values, "state": "done", "begun_at": begun, "ended_at": over})
    for channel, _, count in READERS:
        line = {"channel": channel, "total": count, "sent": count, "phase": "open"}
        unit.conn.execute(
            broadcast_lines.insert().values(
                broadcast_id=made, begun_at=begun, last_at=over, **line
            )
        )


def _written(app: App, unit: Unit, editor: Actor, number: str) -> int:
    """Write an issue of that number by hand."""
    svc = app.svc
    items = tuple(month_issue.case_item(svc, one) for one in finding.shown(svc, unit, CASES))
    title = f"{svc.site.agency} 월간 적극행정 {number[:4]}년 {int(number[5:])}월호"
    issue = Issue(title, "이번 호에는 적극행정 사례 3건을 담았어요.", items)
    return broadcast_drafts.put(svc, unit, editor, "news", number, issue, Segment("news"))


def _asked(app: App, unit: Unit, editor: Actor) -> None:
    """Let the editor ask for a second person for a notice."""
    svc = app.svc
    day = seoul_day(svc.now()) + timedelta(days=1)
    made = broadcast_drafts.draft(svc, unit, editor, "notice", title="적극행정 우수사례 투표 안내")
    text = "이달 말까지 누리집에서 마음에 드는 사례를 골라 주세요."
    version = broadcast_drafts.add_text(svc, unit, editor, made, 0, "투표하는 방법", text)
    ready = Edit(
        nature="guide", doc_no="감사-102", confirmed=dict.fromkeys(CHECKS, ""),
        send_at=datetime(day.year, day.month, day.day, HOUR, tzinfo=SEOUL),
    )  # fmt: skip
    version = broadcast_drafts.edit(svc, unit, editor, made, version, ready)
    broadcast_approvals.ask(svc, unit, editor, made, version, "투표 안내를 봐 주세요.")
