"""A closed filing, and the words that may be made of it."""

from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from bot.services import case_drafts, views
from bot.services.case_drafts import Sheet
from storage.models import instance, users
from tests.guards.test_confirming import confirm
from tests.services.conftest import Office, answers

WHAT = (
    "저는 홍길동이고 10월 3일에 중앙시장 앞 길이 파여서 도로과 김철수 주무관에게 세 번 전화했는데 "
    "010-1234-5678로 답이 오지 않았어요."
)
GOOD = {
    "title": "파인 길을 두 달째 고치지 않던 일",
    "problem": "한 주민이 사람이 많이 다니는 길이 파였다고 여러 차례 알렸으나 답을 받지 못했습니다.",
    "action": "담당 부서가 현장을 다시 살피고 임시로 메운 뒤, 알린 분께 일정을 전화로 설명했습니다.",
    "effect": "같은 일이 생기면 이틀 안에 답하도록 순서를 정했습니다.",
    "keywords": "도로, 포장",
    "field": "",
    "kind": "active",
    "year": "yes",
    "unit": "",
    "told": "yes",
}
RESULT: dict[str, Any] = {
    "judgement": "upheld", "checked": "접수한 날", "why": "일정을 미룸", "demands": "보수",
    "action_state": "done", "action": "메움", "action_on": "2026-11-20", "remedy": "안내",
}  # fmt: skip
APPROVED = {"doc_no": "감사-1", "approved_on": "2026-11-20", "approver": "최과장"}


def old(office: Office) -> None:
    """Let the installation and its accounts be old, as two persons need them to be."""
    before = office.clock() - timedelta(days=400)
    office.do(lambda u: u.conn.execute(sa.update(users).values(created_at=before)))
    office.do(lambda u: u.conn.execute(sa.update(instance).values(created_at=before)))


def close(office: Office, number: str) -> None:
    """Bring a filing under investigation to its end, with a result."""
    site = office.svc.site
    assert not site.document_required
    office.act("park", number, "to_approval", **RESULT)
    office.act("park", number, "result", **RESULT, **APPROVED)
    office.clock.advance(days=31)
    office.act("park", number, "close")


def seen(office: Office, number: str) -> None:
    """Let 접수 confirm of whom a filing speaks; before that nobody counts it."""
    confirm(office, number, "road")


def crowd(office: Office, count: int) -> None:
    """File the reports of other people, of the same half of the year and unit."""
    for n in range(count):
        one = answers(what=f"다른 일 {n}: 가로등이 꺼졌어요.", name=f"김{n}", email=f"x{n}@a.kr")
        seen(office, office.file(one, address=f"other{n}").number)


def closed(office: Office, what: str = WHAT, others: int = 6, address: str = "r") -> str:
    filed = office.file(answers(what=what), address=address)
    seen(office, filed.number)
    office.act("kim", filed.number, "assign", handler="park", unit="road")
    office.act("park", filed.number, "start")
    crowd(office, others)
    close(office, filed.number)
    for who in ("park", "choi"):
        actor = office.people[who]
        office.do(lambda u, a=actor: views.declare(office.svc, u, a, filed.number, conflict=False))
    return filed.number


def sheet(office: Office, number: str, who: str = "park") -> Sheet:
    return office.do(lambda u: case_drafts.sheet(office.svc, u, office.people[who], number))


def save(office: Office, number: str, who: str = "park", **changes: str) -> Sheet:
    typed = {**GOOD, **changes}
    at = sheet(office, number, who).version
    office.do(lambda u: case_drafts.save(office.svc, u, office.people[who], number, at, typed))
    return sheet(office, number, who)


def step(office: Office, what: str, number: str, who: str) -> Any:
    at = sheet(office, number, who).version
    does = getattr(case_drafts, what)
    return office.do(lambda u: does(office.svc, u, office.people[who], number, at))


def released(office: Office, number: str) -> str:
    save(office, number)
    step(office, "ask", number, "park")
    return step(office, "release", number, "choi")
