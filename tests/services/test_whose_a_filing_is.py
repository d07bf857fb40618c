"""Whose a filing is: the audit office's, a unit's until it is handed in, or one person's own."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from bot.services import rights, sight
from bot.services.base import Actor, citizen
from bot.services.rights import Right
from storage import models
from tests.services.conftest import Office

Set = Callable[..., str]


@pytest.fixture
def becomes(office: Office) -> Set:
    """Make a confirmed report into something else, as its procedure file would have it."""

    def change(**columns: Any) -> str:
        filed = office.investigating()
        row = models.filings.c
        moved = sa.update(models.filings).where(row.id == filed.filing_id)
        people = {name: office.people[who].user_id for name, who in columns.pop("of", {}).items()}
        office.do(lambda u: u.conn.execute(moved.values(assignee_id=None, **people, **columns)))
        office.do(lambda u: u.conn.execute(sa.delete(models.guards)))
        return filed.number

    return change


def who_sees(office: Office, number: str) -> set[str]:
    def sees(who: str) -> bool:
        seen = sight.visible_filings(office.people[who])
        rows = office.see(lambda u: sight.several(u, seen))
        return number in {row.number for row in rows}

    return {who for who in office.people if sees(who)}


def reader(office: Office, who: str, number: str) -> Actor:
    return sight.acting(office.people[who], office.filing(number))


def test_what_somebody_keeps_for_himself_is_nobodys_here(office: Office, becomes: Set):
    number = becomes(reach="own")
    assert who_sees(office, number) == set()
    peer = office.filing(number).peer_id
    assert office.see(lambda u: sight.find(u, citizen(peer), number)).number == number


def test_what_a_unit_prepares_is_its_writers_and_its_heads(office: Office, becomes: Set):
    number = becomes(reach="unit", of={"author_id": "lee", "approver_id": "yoon"})
    assert who_sees(office, number) == {"lee", "yoon"}
    assert "applicant" in reader(office, "lee", number).roles
    assert "approver" in reader(office, "yoon", number).roles
    assert rights.may(reader(office, "lee", number), Right.CONTENT)


def test_once_it_is_handed_in_the_audit_office_sees_it_too(office: Office, becomes: Set):
    number = becomes(
        reach="unit", of={"author_id": "lee", "approver_id": "yoon"}, handed_at=office.clock()
    )
    seen = who_sees(office, number)
    assert {"lee", "yoon", "kim", "choi"} <= seen
    assert "park" not in seen  # an auditor sees what is assigned to him
    assert "applicant" not in reader(office, "choi", number).roles


def test_before_that_nobody_has_a_role_of_the_audit_office_in_it(office: Office, becomes: Set):
    number = becomes(reach="unit", of={"author_id": "choi"})
    roles = reader(office, "choi", number).roles
    assert "applicant" in roles
    assert "audit_head" not in roles


def test_the_heads_deputy_is_the_approver(office: Office, becomes: Set):
    number = becomes(reach="unit", of={"author_id": "lee", "approver_id": "yoon"})
    park = office.people["park"]
    stands = replace(park, stands_for=frozenset({office.people["yoon"].user_id or 0}))
    assert "approver" in sight.acting(stands, office.filing(number)).roles
