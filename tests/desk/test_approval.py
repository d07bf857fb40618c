"""결재: what must be there before an answer can be sent, as the agency has it."""

import io
from typing import Any

from PIL import Image

from bot.documents.letters import Letter, pdf
from tests.desk.conftest import Seat, make
from tests.desk.forms import Page
from tests.services.conftest import Office

ANSWER = {
    "judgement": "not_upheld", "checked": "기록", "why": "까닭", "demands": "어려움",
    "action_state": "none", "action": "없음", "remedy": "다시 신고",
}  # fmt: skip
APPROVED = {"doc_no": "감사-1", "approved_on": "2026-11-23", "approver": "최과장(전결)"}


def paper() -> bytes:
    return pdf(Letter("가온시", "시행문", "1", "11월 23일", "2026-11-23", ["글"]))


def photo() -> bytes:
    held = io.BytesIO()
    Image.new("RGB", (4, 4)).save(held, "PNG")
    return held.getvalue()


def waiting(build: Any, **site: Any) -> tuple[Office, Seat, str]:
    office = build(**site)
    number = office.investigating().number
    office.act("park", number, "to_approval", **ANSWER)
    park = make(office).seat("park")
    park.open(number)
    return office, park, f"/filings/{number}/moves/result"


def test_the_approved_document_goes_with_the_answer(build: Any):
    office, park, path = waiting(build, document_required=True)
    number = path.split("/")[2]
    page = park.get(path)
    assert "시행문 PDF" in page.text
    given = {**APPROVED, "no_names": "yes"}
    none = park.send(path, page.form(), "look", **given)
    assert "시행문을 PDF로" in Page(none.text).text
    picture = {"document": ("scan.png", photo(), "image/png")}
    wrong = park.send(path, page.form(), "look", picture, **given)
    assert "시행문을 PDF로" in Page(wrong.text).text
    files = {"document": ("답변.pdf", paper(), "application/pdf")}
    looked = park.send(path, page.form(), "look", files, **given)
    assert looked.status_code == 200, Page(looked.text).text
    assert park.send(path, Page(looked.text).form(), "send").status_code == 303
    assert office.filing(number).state == "answered"


def test_every_line_of_the_approval_is_wanted(build: Any):
    _, park, path = waiting(build)
    form = park.get(path).form()
    for missing, words in (
        ("doc_no", "문서번호가 있어야"),
        ("approved_on", "결재일과 결재자"),
        ("approver", "결재일과 결재자"),
    ):
        given = {**APPROVED, "no_names": "yes", missing: ""}
        answer = park.send(path, form, "look", **given)
        assert answer.status_code == 422
        assert words in Page(answer.text).text
        assert park.send(path, form, "send", **given).status_code == 422


def test_an_agency_without_such_a_system_sends_without_it(build: Any):
    office, park, path = waiting(build, doc_no_required=False, document_required=True)
    page = park.get(path)
    assert "결재일과 결재자" not in page.text
    looked = park.send(path, page.form(), "look", no_names="yes")
    assert looked.status_code == 200
    assert (
        "문서번호" not in Page(looked.text).text.split("시민이 받는 글")[1].split("바뀌는 상태")[0]
    )
    assert park.send(path, Page(looked.text).form(), "send").status_code == 303
    assert office.filing(path.split("/")[2]).state == "answered"
