"""The office of the services' tests on both databases, and its desk."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa

from bot.locale import Texts
from bot.services import accounts, approvals
from bot.services.base import Actor
from storage.models import instance, users
from tests import shipped
from tests.desk.conftest import Desk, Seat, make
from tests.services.conftest import Office, build, catalog, clock, office, site

__all__ = ["add", "asked", "build", "catalog", "clock", "decide", "office", "older", "site"]


@pytest.fixture(scope="session")
def texts() -> Texts:
    return shipped.texts()


@pytest.fixture
def room(office: Office) -> Desk:
    return make(office)


@pytest.fixture
def seat(room: Desk) -> Callable[[str], Seat]:
    return room.seat


def older(office: Office, days: int = 30) -> None:
    """Let the installation and every account be so many days old."""
    at = office.clock() - timedelta(days=days)
    office.do(lambda u: u.conn.execute(sa.update(instance).values(created_at=at)))
    office.do(lambda u: u.conn.execute(sa.update(users).values(created_at=at)))


def add(office: Office, by: str | None, login: str, *roles: str, **own: str) -> accounts.Added:
    """Add an account in the audit office."""
    who = accounts.Particulars(
        own.get("name", "새직원"), own.get("unit", "audit"), staff_no=own.get("staff_no", login)
    )
    actor = office.people[by] if by else None
    reason = own.get("reason", "새로 오신 분입니다")
    return office.do(lambda u: accounts.add(office.svc, u, actor, login, who, roles, reason))


def asked(office: Office, by: str, kind: str, subject: int, **detail: object) -> int:
    actor = office.people[by]
    return office.do(
        lambda u: approvals.ask(office.svc, u, actor, kind, subject, detail, "까닭이 있습니다")
    )


def decide(
    office: Office, who: str | Actor, approval: int | None, *, yes: bool = True
) -> approvals.Approval:
    actor = office.people[who] if isinstance(who, str) else who
    assert approval is not None
    return office.do(
        lambda u: approvals.decide(office.svc, u, actor, approval, yes, "확인했습니다")
    )
