"""Letters that an application becomes: application, reply and outcome, from its procedure alone."""

from dataclasses import dataclass, replace
from typing import Any

import pytest
from hwpx import HwpxDocument

from bot.dialogs.preconsulting import Preconsulting
from bot.documents import official
from bot.documents.official import Draft
from bot.errors import Refused
from bot.services import filings, papers, views
from bot.services.filings import Prefs
from bot.services.history import History
from bot.services.papers import head_of
from bot.services.whose import Author
from tests.services.conftest import Office

ASKED = Preconsulting(
    disposed="no", clear="no", unreviewed="no", pending="no",
    task="충전소 안 이동식 카페", background="3. 2. 신청\n3. 9. 두 과의 해석이 다름",
    question_1="충전소 부지에서 영업신고를 받을 수 있습니까?", question_2="가설건축물로 봅니까?",
    laws="식품위생법 제37조", sides="two", view_a="받을 수 있다", view_b="받을 수 없다",
    opinion="갑설", effect="주민이 편하다. 하지 않으면 석 달 더 늦는다.", wanted_by="2026-12-07",
    declare=True,
)  # fmt: skip
REPLY = {
    "conclusion": "conditional", "opinion_1": "possible", "basis_1": "같은 법 시행규칙 별표 14",
    "scope_1": "이 부지에만", "opinion_2": "conditional", "basis_2": "건축법 제20조",
    "conditions_2": "안전 거리를 둔다", "scope_2": "이동식만", "outcome_by": "2026-12-20",
    "doc_no": "감사담당관-77", "approved_on": "2026-11-23", "approver": "최과장",
}  # fmt: skip


@dataclass
class Case:
    """An application of the road unit, and the office that it is in."""

    office: Office
    number: str

    def letter(self, who: str, name: str) -> Draft:
        office = self.office
        return office.do(
            lambda u: papers.export(office.svc, u, office.people[who], self.number, name)
        )

    def offered(self) -> tuple[str, ...]:
        office = self.office
        filing = office.filing(self.number)
        return office.see(lambda u: papers.offered(office.svc, u, filing))

    def reviewed(self) -> None:
        """Carry it to the desk of an auditor."""
        office = self.office
        office.act("yoon", self.number, "approve", declare=True, doc_no="도로과-12")
        office.act("kim", self.number, "receive")
        office.act("choi", self.number, "assign", handler="park")

    def replied(self, **changes: Any) -> None:
        self.reviewed()
        self.office.act("park", self.number, "reply", **{**REPLY, **changes})


@pytest.fixture
def case(office: Office) -> Case:
    site = office.svc.site.model_copy(update={"document_required": False})
    office.svc = replace(office.svc, site=site)
    lee = office.people["lee"]
    author = Author(lee.user_id, lee.unit_id or 0, office.people["yoon"].user_id)
    prefs = Prefs("desk", "desk", "ko", office.clock(), by="desk", author=author)
    filed = office.do(
        lambda u: filings.file(office.svc, u, "preconsulting", ASKED, None, prefs, lee)
    )
    return Case(office, filed.number)


def rows(draft: Draft) -> dict[str, str]:
    return {label: text for table in draft.tables for label, text in table.rows}


def test_the_application_says_what_was_filed_and_both_declarations(case: Case):
    assert case.offered() == ("application",)
    draft = case.letter("lee", "application")
    assert (draft.to, draft.sender) == ("감사담당관", "도로과장")
    assert draft.title == "사전컨설팅 신청(충전소 안 이동식 카페)"
    said = rows(draft)
    assert said["질문 2"] == ASKED.question_2
    assert said["추진 경위와 지금 상황"] == ASKED.background
    assert said["갑설과 을설"] == "두 가지로 볼 수 있음"
    assert said["회신을 바라는 날"] == "2026. 12. 7."
    assert said["신청자의 확인"].endswith("도로과 이도로, 2026. 11. 23. 10:12")
    assert "질문 3" not in said
    assert "부서장의 확인" not in said
    case.reviewed()
    later = case.letter("lee", "application")
    assert rows(later)["부서장의 확인"].endswith("도로과 윤도로, 2026. 11. 23. 10:12")
    assert "문서번호: 도로과-12 (2026. 11. 23.)" in later.signed
    assert rows(later).items() > said.items()


def test_the_reply_answers_each_question_under_its_own_words(case: Case):
    case.replied()
    draft = case.letter("lee", "reply")
    assert (draft.to, draft.sender) == ("도로과장", "감사담당관")
    assert [table.title for table in draft.tables] == [
        "", f"질문 1. {ASKED.question_1}", f"질문 2. {ASKED.question_2}",
    ]  # fmt: skip
    assert draft.tables[0].rows == [
        ("회신", "조건을 지키면 가능"), ("이행 결과를 낼 날", "2026. 12. 20."),
    ]  # fmt: skip
    assert draft.tables[1].rows == [
        ("의견", "추진 가능"), ("근거", REPLY["basis_1"]), ("적용되는 범위", "이 부지에만"),
    ]  # fmt: skip
    assert ("지킬 조건", "안전 거리를 둔다") in draft.tables[2].rows
    assert "사실이 다르면 이 의견을 그대로 쓸 수 없습니다." in draft.points[1].text
    assert "2026. 12. 20.까지" in draft.points[2].text
    assert "문서번호: 감사담당관-77 (2026. 11. 23.) · 결재 최과장" in draft.signed


def test_what_it_is_not_for_is_told_with_the_other_road(case: Case):
    case.reviewed()
    case.office.act(
        "park", case.number, "reply", conclusion="excluded", ground="clear", reason="분명함",
        road="유권해석", doc_no="감사담당관-78", approved_on="2026-11-23", approver="최과장",
    )  # fmt: skip
    draft = case.letter("lee", "reply")
    assert len(draft.points) == 1
    assert rows(draft) == {
        "회신": "대상 아님", "대상이 아닌 까닭": "법령이 분명한 일", "자세한 까닭": "분명함",
        "다른 길": "유권해석",
    }  # fmt: skip


def test_what_was_supplied_later_and_what_came_of_it_are_letters_too(case: Case):
    case.reviewed()
    office = case.office
    office.act("park", case.number, "ask_supplement", items="도면", why="거리", until="2026-11-27")
    office.act("lee", case.number, "supplement_reply", text="도면을 냅니다.")
    _, approved, supplied = case.letter("lee", "application").tables
    assert approved.title == "부서장 승인"
    assert supplied.title == "보완한 것 (도로과 이도로, 2026. 11. 23. 10:12)"
    assert supplied.rows == [("보완한 내용", "도면을 냅니다.")]
    office.act("park", case.number, "reply", **REPLY)
    office.act("lee", case.number, "report_outcome", followed="partly", text="거리를 더 두었다.")
    assert case.offered() == ("application", "reply", "outcome")
    draft = case.letter("yoon", "outcome")
    assert (draft.to, draft.sender) == ("감사담당관", "도로과장")
    assert rows(draft) == {
        "의견대로 처리했습니까?": "일부 다르게",
        "까닭과 결과": "거리를 더 두었다.",
    }


def test_every_letter_is_noted_and_is_what_the_library_opens_again(case: Case):
    case.replied()
    sid = case.office.filing(case.number).sid
    for name in ("application", "reply"):
        draft = case.letter("lee", name)
        document = HwpxDocument.open(official.hwpx(draft))
        assert document.validate().issues == ()
        told = [
            tuple("\n".join(part.text for part in cell.paragraphs) for cell in row.cells)
            for table in document.tables
            for row in table.rows
        ]
        assert told == [row for table in draft.tables for row in table.rows]
    made = [
        one.detail["paper"]
        for one in case.office.see(lambda u: History(u, sid).all)
        if one.kind == "exported"
    ]
    assert made == ["application", "reply"]


def test_who_may_not_see_it_gets_no_letter(case: Case):
    for who, name, key in (
        ("jung", "application", "filing.unknown"),
        ("choi", "application", "filing.unknown"),
        ("lee", "reply", "filing.unknown"),
        ("lee", "nothing", "filing.unknown"),
    ):
        with pytest.raises(Refused) as caught:
            case.letter(who, name)
        assert caught.value.key == key
    case.reviewed()
    with pytest.raises(Refused) as caught:
        case.letter("choi", "application")
    assert caught.value.key == "conflict.ask"
    office = case.office
    choi = office.people["choi"]
    office.do(lambda u: views.declare(office.svc, u, choi, case.number, conflict=False))
    assert case.letter("choi", "application").sender == "도로과장"


@pytest.mark.parametrize(
    ("place", "head"),
    [("위생과", "위생과장"), ("감사담당관", "감사담당관"), ("보건소", "보건소장"), ("", "")],
)
def test_the_head_of_a_unit_is_named_as_letters_do(place: str, head: str):
    assert head_of(place) == head
