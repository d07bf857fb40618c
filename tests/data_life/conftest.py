"""The office of the services' tests, with a second head and a time of keeping."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from bot.services import approvals, attachments, disposals, officials
from bot.services.filings import Filed
from bot.settings_site import KeepSite
from storage import models
from storage.repositories import units, users
from tests.pictures import jpeg
from tests.services.conftest import (
    Office,
    answers,
    build,
    catalog,
    clock,
    office,
    site,
    texts,
)

__all__ = ["build", "catalog", "clock", "office", "site", "texts"]

YEARS = 3
LATER = "2031-02-03 10:00"
DECISION = "보존기간이 끝나고 업무에 더 쓰이지 않아 폐기하기로 함."


def second_head(office: Office) -> None:
    """Let somebody else decide; both have employee numbers."""

    def work(unit: Any) -> int:
        place = units.by_code(unit, "audit")
        made = users.add(unit, "song", "송국장", office.svc.now(), unit_id=place.id)
        users.grant(unit, made, "audit_head", office.svc.now())
        for number, user_id in (("1002", made), ("1001", office.people["choi"].user_id)):
            same = models.users.c.id == user_id
            unit.conn.execute(models.users.update().where(same).values(staff_no=number))
        return made

    made = office.do(work)
    office.people["song"] = officials.actor(office.see(lambda u: officials.official(u, made)))


@pytest.fixture
def archive(build: Callable[..., Office]) -> Office:
    """An office that keeps reports for three years."""
    made = build(keep=KeepSite(record_years=YEARS))
    second_head(made)
    return made


def with_identity(office: Office) -> Office:
    keep = office.svc.site.keep.model_copy(update={"bundle_identity": True})
    site = office.svc.site.model_copy(update={"keep": keep})
    return replace(office, svc=replace(office.svc, site=site))


def closed(office: Office, **given: Any) -> Filed:
    """File a report with a picture and withdraw it."""
    address = given.pop("address", "a")
    peer = office.peer(address=address)
    shot = office.do(
        lambda u: attachments.put(office.svc, u, office.store.blobs, peer, "IMG_1.jpg", jpeg())
    )
    proof = ({"ref": shot.ref, "kind": "photo", "name": shot.name, "size": shot.size},)
    filed = office.file(answers(proof=proof, **given), address=address)
    office.act("kim", filed.number, "assign", handler="park", unit="road")
    office.act(office.reporter(filed), filed.number, "withdraw")
    attachments.clean_next(office.store)
    return filed


def drafted(office: Office, *filed: Filed) -> int:
    """Record a board that let these go."""
    held_on = office.clock().date()
    numbers = [one.number for one in filed]
    head = office.people["choi"]
    return office.do(lambda u: disposals.draft(office.svc, u, head, held_on, 5, DECISION, numbers))


def approved(office: Office, disposal: int) -> None:
    """Export, ask, and let the second person say yes."""
    head, other = office.people["choi"], office.people["song"]
    office.do(lambda u: disposals.exported(office.svc, u, head, disposal, "ab" * 32, 10))
    asked = office.do(
        lambda u: disposals.ask(office.svc, u, head, disposal, "심의대로 파기합니다.")
    )
    office.do(
        lambda u: approvals.decide(office.svc, u, other, asked, yes=True, reason="확인했습니다.")
    )
