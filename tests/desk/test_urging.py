"""The examiner's desk: what is late, and pressing for it, one by one or many (시행령 제28조)."""

import io
import zipfile

import pytest
from hwpx import HwpxDocument

from bot.documents import official
from bot.services import moves, urging, views
from storage.repositories import users
from tests.desk.conftest import Desk
from tests.desk.forms import Page
from tests.services.conftest import WHAT, Office, answers, at


@pytest.fixture
def late(office: Office) -> str:
    number = office.investigating(answers(prior_no="1AA-2610-0123456")).number
    office.clock.set(at("2026-12-02 10:00"))
    return number


def test_an_examiner_presses_from_the_list_and_reads_no_word_of_it(room: Desk, late, office):
    oh = room.seat("oh")
    page = oh.get("/filings?due=overdue")
    assert f"/desk/filings/{late}/urge" in page.links
    assert f"/desk/filings/{late}" not in page.links
    sheet = oh.get(f"/filings/{late}/urge")
    for telling in (WHAT, "홍길동", "1AA"):
        assert telling not in sheet.text
    assert "박감사" in sheet.text
    sent = oh.send(f"/filings/{late}/urge", sheet.form())
    assert sent.status_code == 303
    after = oh.get(sent.headers["location"].removeprefix("/desk"))
    assert "독촉장을 보냈습니다" in after.text
    assert "오늘 이미 보냈습니다" in after.text
    assert not after.asks(f"/filings/{late}/urge")
    assert "desk.urged" in office.tasks("park")
    assert oh.status(f"/filings/{late}") == 404


def test_a_form_that_comes_twice_presses_once(room: Desk, late, office):
    oh = room.seat("oh")
    form = oh.get(f"/filings/{late}/urge").form()
    assert oh.send(f"/filings/{late}/urge", form).status_code == 303
    assert oh.send(f"/filings/{late}/urge", form).status_code == 303
    other = {**form.fields, "command": "6a2f1b1e-3c1f-4a8e-9d5f-0c0a5b1d2e3f"}
    refused = oh.post(f"/filings/{late}/urge", other)
    assert refused.status_code == 422
    assert "하루에 한 번" in Page(refused.text).text


def test_many_are_pressed_for_from_the_list(room: Desk, late, office):
    two = office.investigating(address="two").number
    oh = room.seat("oh")
    form = oh.get("/filings").form("/filings/urge")
    rows = [f"{late} 1", f"{two} 1", "2026-AAAA-22 1", "nonsense"]
    answer = oh.post("/filings/urge", {**form.fields, "row": rows})
    page = Page(answer.text)
    assert answer.status_code == 200
    assert "1건을 보냈고 2건은 보내지 못했습니다" in page.text
    assert "기한이 지났거나 가까운" in page.text
    assert f"/desk/filings/{late}/urge" in page.links
    again = oh.post("/filings/urge", {**form.fields, "row": rows[:1]})
    assert "이미 보냈습니다" in Page(again.text).text
    none = oh.post("/filings/urge", form.fields)
    assert none.status_code == 422
    assert "하나 이상 골라" in Page(none.text).text
    assert oh.status("/filings/urge") == 303


def test_who_hands_out_and_presses_does_both_from_one_list(room: Desk, late, office):
    user_id = office.people["kim"].user_id
    office.do(lambda u: users.grant(u, user_id, "examiner", office.clock()))
    kim = room.seat("kim")
    html = kim.client.get(f"{room.parts.url}/filings").text
    assert Page(html).asks("/filings/assign")
    assert f"/desk/filings/{late}" in Page(html).links
    assert 'formaction="/desk/filings/urge"' in html
    kim.open(late)
    move = kim.client.get(f"{room.parts.url}/filings/{late}/moves/urge", follow_redirects=False)
    assert move.headers["location"] == f"/desk/filings/{late}/urge"


def test_where_nobody_may_be_pressed_the_page_says_why(room: Desk, office: Office):
    early = office.investigating().number
    oh = room.seat("oh")
    assert "기한이 지났거나 가까운" in oh.get(f"/filings/{early}/urge").text
    office.act(office.reporter(office.filing(early)), early, "withdraw")
    assert "끝났거나," in oh.get(f"/filings/{early}/urge").text


def test_whoever_is_kept_out_finds_no_page(room: Desk, late, office):
    oh = office.people["oh"]
    office.do(lambda u: views.declare(office.svc, u, oh, late, conflict=True))
    assert room.seat("oh").status(f"/filings/{late}/urge") == 404
    for who in ("kim", "park", "choi", "seo"):
        assert room.seat(who).status(f"/filings/{late}/urge") == 404, who


def test_the_handler_reads_in_the_record_who_pressed(room: Desk, late, office):
    office.do(lambda u: moves.perform(office.svc, u, office.people["oh"], late, None, "urge", {}))
    park = room.seat("park")
    assert "민원심사관이 독촉장을" in park.get("/tasks").text
    assert "독촉장 보내기 민원실 오심사" in " ".join(park.open(late).text.split())


def test_it_is_handed_out_as_a_letter_without_a_word_of_the_reporter(room: Desk, late, office):
    oh, path = room.seat("oh"), f"/filings/{late}/urge"
    made = oh.send(path, oh.get(path).form("/letter"), "hwpx")
    assert made.headers["content-type"] == official.MIME
    document = HwpxDocument.open(made.content)
    assert document.validate().issues == ()
    rows = {row.cells[0].text: row.cells[1].text for row in document.tables[0].rows}
    assert rows == {
        "접수번호": late, "제도": "소극행정 신고", "접수일": "2026. 11. 23.",
        "처리기한": "2026. 12. 1. (1일 지남)", "담당자": "박감사",
    }  # fmt: skip
    text = document.text.plain()
    assert "수신  감사담당관(담당 박감사)" in text
    assert "처리기한이 지난" in text
    assert "민원심사관" in text
    whole = zipfile.ZipFile(io.BytesIO(made.content))
    for telling in (WHAT, "홍길동", "1AA", "중앙", "도로"):
        assert all(telling.encode() not in whole.read(name) for name in whole.namelist())
    form = oh.get(path).form("/letter")
    assert oh.send(path, form, "pdf").content.startswith(b"%PDF-")
    assert oh.send(path, form, "doc").status_code == 404
    assert oh.status(f"{path}/letter") == 303
    assert room.seat("park").status(f"{path}/letter") == 404


def test_the_letter_is_of_the_day_on_which_it_was_sent_and_names_those_before(
    late: str, office: Office
):
    office.act("oh", late, "urge")
    office.clock.set(at("2026-12-03 10:00"))
    office.act("oh", late, "urge")
    office.clock.set(at("2026-12-07 10:00"))
    oh = office.people["oh"]
    draft = office.do(lambda u: urging.letter(office.svc, u, oh, late))
    rows = dict(draft.tables[0].rows)
    assert rows["처리기한"] == "2026. 12. 1. (2일 지남)"
    assert rows["전에 보낸 날"] == "2026. 12. 2."
    assert draft.issued == "2026-12-03"
