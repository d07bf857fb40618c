"""What leaves the desk: without the reporter, or with him by two persons; noted either way."""

import io
import re
import zipfile
from collections.abc import Callable
from typing import Any

import pypdfium2
import pytest
import sqlalchemy as sa
from hwpx import HwpxDocument
from openpyxl import load_workbook

from bot.documents import official, sheets
from bot.documents.official import Draft, Point
from bot.errors import Refused
from bot.handlers.desk.register import MIME
from bot.services import approvals, printing, veil
from bot.services.history import History
from bot.services.register import Period
from storage import models
from tests.desk.conftest import Desk, Seat
from tests.desk.forms import Page
from tests.services.conftest import Office, answers, at, nameless

WHAT = "홍길동입니다. 길이 파여 있어요. 010-2222-3333으로 전화 주세요."
ANSWER = {
    "judgement": "not_upheld", "checked": "정비 기록\n현장 사진", "why": "길동 님의 말씀대로 늦었지만",
    "demands": "보수: 받아들임", "action_state": "planned", "action": "길을 고칩니다.",
    "action_due": "2026-12-20", "remedy": "· 다시 신고\n· 고충민원",
}  # fmt: skip


@pytest.fixture
def number(office: Office) -> str:
    filed = office.investigating(answers(what=WHAT, prior_no="1AA-2609-7777777"))
    office.act("park", filed.number, "to_approval", **ANSWER)
    return filed.number


@pytest.fixture
def park(room: Desk, number: str) -> Seat:
    seat = room.seat("park")
    seat.open(number)
    return seat


def take(seat: Seat, path: str, step: str = "") -> Any:
    form = next(form for form in seat.get(path).forms if not form.action)
    return seat.send(path, form, step)


def pages(data: bytes) -> str:
    document = pypdfium2.PdfDocument(data)
    return "\n".join(page.get_textpage().get_text_range() for page in document)


def kinds(office: Office, number: str) -> list[str]:
    sid = office.filing(number).sid
    return [one.kind for one in office.see(lambda u: History(u, sid).all)]


def test_a_case_is_downloaded_without_the_reporter(park: Seat, number: str, office: Office):
    answer = take(park, f"/filings/{number}/print")
    assert answer.headers["content-type"] == "application/pdf"
    assert number not in answer.headers["content-disposition"]
    text = pages(answer.content)
    assert "길이 파여 있어요" in text
    for hidden in ("길동", "010-2222-3333", "중앙로", "hong@", "7777777"):
        assert hidden not in text
    assert "감사담당관 박감사" in text
    assert "printed" in kinds(office, number)


def test_an_answer_becomes_an_official_letter_that_the_library_opens_again(
    park: Seat, number: str, office: Office
):
    form = park.get(f"/filings/{number}").form("/draft")
    answer = park.post(f"/filings/{number}/draft", form.fields)
    assert answer.headers["content-type"] == official.MIME
    assert number not in answer.headers["content-disposition"]
    document = HwpxDocument.open(answer.content)
    assert document.validate().issues == ()
    lines = document.text.plain().split("\n")
    assert lines[0] == "가온시"
    assert lines[1] == "수신  신고하신 분 귀하"
    assert lines[2] == "(경유)"
    assert lines[3].startswith("제목  ")
    text = "\n".join(lines)
    for wanted in (
        f"1. 2026. 11. 23. 접수하신 건(접수번호 {number})",
        "2. 확인한",
        "가. 판단: ",
        "나. 확인한 것: 정비 기록",
    ):
        assert wanted in text
    assert "고충민원  끝." in text
    assert "길동" not in text
    assert f"{veil.VEIL} 님의 말씀대로" in text
    whole = zipfile.ZipFile(io.BytesIO(answer.content))
    told = b"".join(
        whole.read(name) for name in whole.namelist() if name.endswith((".xml", ".hpf"))
    )
    assert "길동".encode() not in told
    assert b"synthetic" not in told
    assert "exported" in kinds(office, number)


def test_there_is_no_letter_before_there_is_an_answer(room: Desk, office: Office):
    filed = office.investigating(address="other")
    park = room.seat("park")
    page = park.open(filed.number)
    assert not any(form.action.endswith("/draft") for form in page.forms)
    seal = page.forms[0].fields["seal"]
    answer = park.post(f"/filings/{filed.number}/draft", {"seal": seal})
    assert answer.status_code == 409
    assert "결재에 올린 답변이 없습니다" in Page(answer.text).text
    assert park.post("/filings/2026-AAAA-22/draft", {"seal": seal}).status_code == 404
    lim = room.seat("lim")
    assert lim.status(f"/filings/{filed.number}/copy") == 404
    assert lim.status(f"/filings/{filed.number}/unredacted") == 404


def test_a_letter_with_several_papers_numbers_them_and_ends_once():
    draft = Draft(
        "가온시", "홍길동 귀하", "답변", [Point("알려 드립니다.", ["하나\n이어서", "둘"])],
        attached=["사진 1부.", "도면 1부."],
    )  # fmt: skip
    text = official.plain(draft)
    assert text.split("\n")[4:] == [
        "1. 알려 드립니다.", "  가. 하나", "    이어서", "  나. 둘", "",
        "붙임  1. 사진 1부.", "    2. 도면 1부.  끝.",
    ]  # fmt: skip
    hostile = Draft("가온시", "a<b>&\x07", "=1+1", [Point("</hp:t><x>")])
    opened = HwpxDocument.open(official.hwpx(hostile))
    assert opened.validate().issues == ()
    assert "</hp:t><x>  끝." in opened.text.plain()


def test_words_to_copy_are_there_without_the_reporter(park: Seat, number: str, office: Office):
    page = park.get(f"/filings/{number}/copy")
    assert f"접수번호: {number}" in page.text
    assert "길이 파여 있어요" in page.text
    assert "2. 확인한 결과는" in page.text
    assert "길동" not in page.text
    assert "010-2222" not in page.text
    assert "7777777" not in page.text
    assert "exported" in kinds(office, number)


def test_somebody_who_has_not_answered_about_a_conflict_gets_no_copy(room: Desk, number: str):
    choi = room.seat("choi")
    for path in ("copy", "print"):
        answer = choi.client.get(
            f"{room.parts.url}/filings/{number}/{path}", follow_redirects=False
        )
        assert answer.headers["location"].endswith(f"/filings/{number}")


def employee(office: Office, login: str, number: str) -> None:
    changed = sa.update(models.users).where(models.users.c.login == login)
    office.do(lambda u: u.conn.execute(changed.values(staff_no=number)))


@pytest.fixture
def decide(office: Office) -> Callable[[bool], None]:
    employee(office, "park", "1")
    employee(office, "choi", "2")
    choi = office.people["choi"]

    def work(yes: bool) -> None:
        one = office.see(lambda u: approvals.open_(office.svc, u, choi))[-1]
        office.do(
            lambda u: approvals.decide(office.svc, u, choi, one.id, yes, "법원 명령을 보았습니다")
        )

    return work


def test_a_copy_with_the_reporter_needs_another_person_and_is_made_once(
    park: Seat, number: str, office: Office, decide: Callable[[bool], None]
):
    path = f"/filings/{number}/unredacted"
    short = park.send(path, park.get(path).form(button="승인 청하기"), "ask", reason="응")
    assert short.status_code == 422
    asked = park.send(
        path, park.get(path).form(button="승인 청하기"), "ask", reason="법원의 문서 제출 명령"
    )
    assert asked.status_code == 303
    page = park.get(path)
    assert "승인을 기다립니다" in page.text
    fields = page.forms[0].fields
    early = park.post(path, {**fields, "step": "pdf"})
    assert "승인이 없거나" in Page(early.text).text
    decide(True)
    answer = take(park, path, "pdf")
    text = pages(answer.content)
    for told in ("홍길동", "중앙로 12", "hong@example.com", "010-2222-3333"):
        assert told in text
    assert re.sub(r"\s", "", text).count("감사담당관박감사·11월23일") >= 2  # across and below
    assert number not in answer.headers["content-disposition"]
    assert "승인이 없거나" in Page(park.post(path, {**fields, "step": "pdf"}).text).text
    sid = office.filing(number).sid
    made = [
        one
        for one in office.see(lambda u: History(u, sid).all)
        if one.kind == "printed_unredacted"
    ]
    assert [one.detail["reason"] for one in made] == ["법원의 문서 제출 명령"]


def test_the_draft_bears_the_name_only_where_it_was_granted(park, number, office, decide):
    path = f"/filings/{number}/unredacted"
    form = park.get(path).form(button="승인 청하기")
    park.send(path, form, "ask", reason="결재에 수신인을 적어야 합니다")
    decide(True)
    answer = take(park, path, "hwpx")
    assert "수신  홍길동 귀하" in HwpxDocument.open(answer.content).text.plain()


def test_what_was_refused_or_has_lapsed_gives_no_copy(park, number, office, decide):
    path = f"/filings/{number}/unredacted"
    park.send(path, park.get(path).form(button="승인 청하기"), "ask", reason="확인이 필요합니다")
    decide(False)
    assert "승인 청하기" in park.get(path).text
    park.send(path, park.get(path).form(button="승인 청하기"), "ask", reason="다시 청합니다")
    decide(True)
    office.clock.advance(days=2)
    park_actor = office.people["park"]
    filing = office.filing(number)
    with pytest.raises(Refused, match="not_granted"):
        office.do(lambda u: printing.use(office.svc, u, park_actor, filing))


def test_nobody_learns_of_an_approval_about_a_report_that_is_hidden_from_him(park, number, office):
    path = f"/filings/{number}/unredacted"
    park.send(path, park.get(path).form(button="승인 청하기"), "ask", reason="확인이 필요합니다")
    see = lambda who: office.see(lambda u: approvals.open_(office.svc, u, office.people[who]))  # noqa: E731
    assert len(see("choi")) == 1
    choi, filing = office.people["choi"], office.filing(number)
    office.do(
        lambda u: u.conn.execute(
            sa.insert(models.guards).values(
                filing_id=filing.id, user_id=choi.user_id, confirmed_at=office.clock()
            )
        )
    )
    assert see("choi") == ()


def test_a_report_without_a_name_has_no_copy_with_one(room: Desk, office: Office):
    filed = office.file(nameless())
    office.act("kim", filed.number, "assign", handler="park", unit="road")
    park = room.seat("park")
    park.open(filed.number)
    path = f"/filings/{filed.number}/unredacted"
    answer = park.send(path, park.get(path).form(button="승인"), "ask", reason="누구인지 보려고")
    assert answer.status_code == 422
    assert "이름을 밝히지 않은" in Page(answer.text).text


def sheet(data: bytes) -> list[list[Any]]:
    book = load_workbook(io.BytesIO(data))
    return [[cell.value for cell in row] for row in book.active.iter_rows()]


def register(room: Desk, who: str, since: str, until: str) -> Any:
    seat = room.seat(who)
    form = next(form for form in seat.get("/register").forms if not form.action)
    return seat.send("/register", form, since=since, until=until)


def test_the_register_has_a_line_for_each_report_of_the_period(room: Desk, office: Office, number):
    office.clock.set(at("2026-12-02 10:00"))
    office.act("choi", number, "send_back", why="다시 봅니다")
    office.act("park", number, "ask_supplement", items="접수증", why="확인", days="7")
    office.file(address="later")
    answer = register(room, "choi", "2026-11-23", "2026-11-23")
    assert answer.headers["content-type"] == MIME
    lines = sheet(answer.content)
    head = lines[0]
    (line,) = (dict(zip(head, row, strict=True)) for row in lines[1:])
    assert line["접수번호"] == number
    assert line["담당자"] == "박감사"
    assert line["처리주무부서"] == "감사담당관"
    assert line["보완(번)"] == "1"
    assert line["연번"] == "1"
    flat = str(lines)
    assert "홍길동" not in flat
    assert "파여" not in flat
    assert all(value is None or isinstance(value, str) for row in lines for value in row)


def test_a_period_is_two_days_in_order_and_not_for_ever(room: Desk):
    for since, until, words in (
        ("2026-11-23", "2026-11-01", "앞섭니다"),
        ("2020-01-01", "2026-11-01", "세 해까지"),
        ("어제", "2026-11-01", "고칠 곳"),
        ("", "", "비어 있습니다"),
    ):
        answer = register(room, "choi", since, until)
        assert answer.status_code == 422
        assert words in Page(answer.text).text
    assert Period(at("2026-01-01 00:00").date(), at("2026-01-01 00:00").date())
    for who in ("kim", "park", "seo", "han", "lee"):
        assert room.seat(who).status("/register") == 404


@pytest.mark.parametrize("evil", ["=HYPERLINK(1)", "+1", "-1", "@x", "\tx", "＝1+1", "a\x00b\x0b"])
def test_no_cell_is_ever_a_formula(evil: str):
    data = sheets.sheet("표", [evil], [[evil]])
    book = load_workbook(io.BytesIO(data))
    cells = [cell for row in book.active.iter_rows() for cell in row]
    assert len(cells) == 2
    for cell in cells:
        assert cell.data_type == "s"
        assert cell.value[0] in {"'", "a"}
