"""A road division that asks for advice: who writes, who heads it, and what they write."""

from dataclasses import replace
from typing import Any

from bot.dialogs.preconsulting import Preconsulting
from bot.services import applications, moves, officials
from bot.services.base import Actor
from storage.repositories import units, users
from tests.services.conftest import Office

PEOPLE = {
    "gil": ("길과장", "road", ("unit_head", "unit_member")),
    "nam": ("남도로", "road", ("unit_member",)),
}


def staff(office: Office) -> None:
    """Give the division a head and one more writer."""

    def work(unit: Any) -> None:
        for place, (login, (name, code, roles)) in enumerate(PEOPLE.items()):
            there = units.by_code(unit, code)
            assert there is not None
            made = users.add(
                unit, login, name, office.clock(), unit_id=there.id, phone="031-000-0200",
                email=f"{login}@gaon.example", staff_no=f"G9{place:02}",
            )  # fmt: skip
            assert made is not None
            for role in roles:
                users.grant(unit, made, role, office.clock())

    office.do(work)
    for who in office.see(officials.everybody):
        office.people[who.login] = officials.actor(who)


def words(**changes: Any) -> dict[str, Any]:
    """Give a whole form as a page sends it."""
    known: dict[str, Any] = {
        **dict.fromkeys(("disposed", "clear", "unreviewed", "pending"), "no"),
        "task": "도시계획도로에 걸친 창고의 용도변경 신고",
        "background": "9월 2일 신고가 들어왔고 9월 20일 부서 검토를 마쳤습니다.",
        "question_1": "도로에 걸친 부분을 빼고 용도변경을 받을 수 있습니까?",
        "question_2": "받는다면 조건을 붙일 수 있습니까?",
        "laws": "건축법 제19조, 국토계획법 제64조. 국토교통부에 물었으나 답이 없습니다.",
        "sides": "two",
        "view_a": "받을 수 있다: 건축물의 나머지는 도로에 걸리지 않는다.",
        "view_b": "받을 수 없다: 한 건축물이므로 나눌 수 없다.",
        "opinion": "갑설이 맞다고 봅니다.",
        "effect": "여섯 달째 비어 있는 창고를 쓸 수 있습니다. 위험은 보상 다툼입니다.",
        "declare": True,
    }
    return {**known, **changes}


def form(**changes: Any) -> Preconsulting:
    return Preconsulting.model_validate(words(**changes))


def apply(office: Office, who: str = "lee", after: str = "", **changes: Any) -> str:
    """Hand an application up to the head; gives its number."""
    actor = office.people[who]
    return str(office.do(
        lambda u: applications.apply(
            office.svc, u, actor, "preconsulting", form(**changes), after
        ).number
    ))  # fmt: skip


def approve(office: Office, number: str, who: str | Actor = "gil") -> moves.Performed:
    return office.act(who, number, "approve", declare=True)


def reviewing(office: Office, **changes: Any) -> str:
    """Apply, approve, receive, assign."""
    number = apply(office, **changes)
    approve(office, number)
    office.act("kim", number, "receive")
    office.act("kim", number, "assign", handler="park")
    return number


def replied(office: Office, number: str, **changes: Any) -> moves.Performed:
    """Reply to both questions: the second only under a condition."""
    told: dict[str, Any] = {
        "conclusion": "conditional",
        "opinion_1": "possible",
        "basis_1": "건축법 제19조는 나머지 부분의 변경을 막지 않습니다.",
        "scope_1": "도로에 걸친 부분을 쓰지 않는 때에 한합니다.",
        "opinion_2": "conditional",
        "basis_2": "행정기본법 제17조.",
        "conditions_2": "도로 사업이 시작되면 비우기로 약속을 받습니다.",
        "scope_2": "이 건축물에 한합니다.",
        "outcome_by": "2027-01-29",
        "doc_no": "감사담당관-77",
        "approved_on": "2026-11-23",
        "approver": "최과장(전결)",
    }
    return office.act("park", number, "reply", **{**told, **changes})


def deputy(office: Office, who: str, of: str) -> Actor:
    """Give somebody as he stands in for another today."""
    other = office.people[of]
    mine = office.people[who]
    return replace(
        mine,
        stands_for=frozenset({other.user_id or 0}),
        roles=mine.roles | other.roles,
    )
