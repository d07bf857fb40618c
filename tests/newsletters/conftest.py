"""The office of the services' tests with two editors, a chief, readers, and a month to tell of."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest

from bot.errors import Refused
from bot.services import approvals, broadcast_approvals, broadcast_drafts, officials
from bot.services.base import Actor
from bot.services.broadcast_checks import CHECKS
from bot.services.broadcast_drafts import Edit
from bot.services.cases import new_row
from knowledge import subjects
from knowledge.cases import Case
from storage.repositories import broadcasts, cases, peers, subscriptions, units, users
from storage.repositories.broadcasts import Broadcast
from storage.unit import Unit
from tests.people.conftest import older
from tests.services.conftest import Office, at, build, catalog, clock, office, site, texts

__all__ = ["build", "catalog", "clock", "office", "older", "site", "texts"]

CASE = Case(
    "C-1", "버스 노선을 고쳤어요", agency="나온시 교통과", region="부산", field="교통·도로",
    problem="버스가 오지 않았다.", action="노선을 고쳤다.", effect="편해졌다.",
    source="https://example.org/1", permission="출처 표시", status="published",
)  # fmt: skip
WHEN = "2026-11-25 10:00"
NEW = {"min": "editor", "song": "editor", "chae": "chief"}


@dataclass
class Press:
    """An office in which newsletters are made: `min` and `song` edit, `chae` is the chief."""

    office: Office

    @property
    def svc(self) -> Any:
        return self.office.svc

    def who(self, who: str | Actor) -> Actor:
        return self.office.people[who] if isinstance(who, str) else who

    def do(self, work: Callable[[Unit], Any]) -> Any:
        return self.office.do(work)

    def one(self, broadcast_id: int) -> Broadcast:
        found = self.office.see(lambda u: broadcasts.get(u, broadcast_id))
        assert found is not None
        return found

    def draft(self, who: str | None = "min", kind: str = "news", **given: Any) -> int:
        actor = self.who(who) if who else None
        return self.do(lambda u: broadcast_drafts.draft(self.svc, u, actor, kind, **given))

    def edit(self, broadcast_id: int, who: str | Actor = "min", **change: Any) -> int:
        seen = self.one(broadcast_id).version
        return self.do(
            lambda u: broadcast_drafts.edit(
                self.svc, u, self.who(who), broadcast_id, seen, Edit(**change)
            )
        )

    def ready(self, broadcast_id: int, who: str | Actor = "min", **change: Any) -> int:
        """Fill in what an editor has to say."""
        checks = dict.fromkeys(CHECKS, "선관위 김주무 11월 20일")
        given = {
            "nature": "guide", "send_at": at(WHEN), "doc_no": "감사-1", "confirmed": checks,
        }  # fmt: skip
        return self.edit(broadcast_id, who, **{**given, **change})

    def ask(self, broadcast_id: int, who: str | Actor = "min") -> int:
        seen = self.one(broadcast_id).version
        return self.do(
            lambda u: broadcast_approvals.ask(
                self.svc, u, self.who(who), broadcast_id, seen, "11월호입니다"
            )
        )

    def decide(self, approval: int, who: str | Actor, *, yes: bool = True) -> str:
        return self.do(
            lambda u: approvals.decide(
                self.svc, u, self.who(who), approval, yes, "다 살펴보았습니다"
            )
        ).state

    def add(self, login: str, *roles: Any, by: int | None = None, staff_no: str = "") -> Actor:
        """Add an account, as old as the clock is now."""

        def work(unit: Unit) -> int:
            place = units.by_code(unit, "audit")
            assert place is not None
            made = users.add(
                unit, login, login, self.svc.now(), unit_id=place.id,
                email=f"{login}@gaon.example", staff_no=staff_no or f"N-{login}", by=by,
            )  # fmt: skip
            assert made is not None
            for role in roles:
                users.grant(unit, made, role, self.svc.now())
            return made

        made = self.do(work)
        found = self.office.see(lambda u: officials.official(u, made))
        assert found is not None
        self.office.people[login] = officials.actor(found)
        return self.office.people[login]

    def case(self, ref: str = "C-1", days: int = 0, *, held: bool = False, **own: Any) -> str:
        """Publish a case of one's own, so many days before now."""
        case = replace(CASE, ref=ref, **own)
        when = self.svc.now() - timedelta(days=days)
        more = {"published_at": when, "held": held}
        self.do(lambda u: cases.add(u, [new_row(self.svc, case, "written", None, **more)]))
        return ref

    def reader(self, address: str = "55", channel: str = "telegram", **own: Any) -> int:
        def work(unit: Unit) -> int:
            now = self.svc.now()
            peer = peers.ensure(unit, channel, channel, address, "ko", now)
            wants = {
                "kinds": subjects.bits(subjects.KINDS, subjects.KINDS), "fields": 0,
                "regions": 0, "lang": "ko", "state": "on", "text_version": "1", "now": now,
            }  # fmt: skip
            return subscriptions.put(unit, peer.id, **{**wants, **own})

        return self.do(work)


@pytest.fixture
def staffed(build: Callable[..., Office]) -> Callable[..., Press]:
    def make(**changes: Any) -> Press:
        press = Press(build(**changes))
        for login, role in NEW.items():
            press.add(login, role)
        older(press.office)
        return press

    return make


@pytest.fixture
def press(staffed: Callable[..., Press]) -> Press:
    made = staffed()
    made.reader()
    return made


def refused(work: Callable[[], Any]) -> str:
    with pytest.raises(Refused) as caught:
        work()
    return caught.value.key
