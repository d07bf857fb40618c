"""What leaves the desk of an application: its letters, and the bundle that proves them."""

import hashlib
import json
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
import sqlalchemy as sa
from hwpx import HwpxDocument

from bot.documents import bundle, official
from bot.handlers.desk import keeping
from bot.services import views
from bot.services.history import History
from storage import journal, models, receipts, seals
from storage.repositories import attachments
from tests.desk.conftest import Desk, Seat
from tests.desk.forms import Page
from tests.services.conftest import Office
from tests.services.test_papers import ASKED, Case, case

__all__ = ["case"]


@pytest.fixture
def lee(case: Case, room: Desk) -> Seat:
    seat = room.seat("lee")
    assert case.number
    return seat


def press(seat: Seat, number: str, step: str) -> Any:
    path = f"/filings/{number}/papers"
    form = next(form for form in seat.get(path).forms if not form.action)
    return seat.send(path, form, step)


def exported(office: Office, number: str) -> list[dict[str, Any]]:
    sid = office.filing(number).sid
    events = office.see(lambda u: History(u, sid).all)
    return [dict(one.detail) for one in events if one.kind == "exported"]


def test_letters_are_downloaded_by_whose_they_are_and_noted(lee: Seat, case: Case):
    page = lee.get(f"/filings/{case.number}/papers")
    assert "사전컨설팅 신청서" in page.text
    assert "회신서" not in page.text
    made = press(lee, case.number, "application.hwpx")
    assert made.headers["content-type"] == official.MIME
    assert "사전컨설팅 신청(충전소" in HwpxDocument.open(made.content).text.plain()
    printed = press(lee, case.number, "application.pdf")
    assert printed.content.startswith(b"%PDF-")
    for answer in (made, printed):
        assert case.number not in answer.headers["content-disposition"]
    told = {"what": "paper", "paper": "application"}
    assert exported(case.office, case.number) == [told, told]


@pytest.mark.parametrize("step", ["reply.pdf", "application.docx", "nothing", ""])
def test_what_there_is_not_is_not_there(lee: Seat, case: Case, step: str):
    assert press(lee, case.number, step).status_code == 404


def test_nobody_else_has_the_page_and_a_report_has_none(room: Desk, case: Case):
    report = case.office.investigating()
    for who in ("jung", "choi", "oh", "han"):
        assert room.seat(who).status(f"/filings/{case.number}/papers") == 404
    park = room.seat("park")
    park.open(report.number)
    assert park.status(f"/filings/{report.number}/papers") == 404


def attach(office: Office, number: str) -> None:
    """Tie a file to an application as its form does."""

    def work(unit: Any) -> None:
        file = attachments.add(unit, kind="document", now=office.clock(), name="도면.pdf",
                               mime="application/pdf", filing_id=office_id)  # fmt: skip
        attachments.store(unit, file, b"drawing")

    office_id = office.filing(number).id
    office.do(work)


def test_the_bundle_has_all_as_it_was_filed_and_is_checked_without_us(
    lee: Seat,
    case: Case,
    tmp_path: Path,
):
    attach(case.office, case.number)
    case.replied()
    case.office.act("park", case.number, "note", text="안에서만 적은 말")
    office = case.office
    head = office.see(lambda u: journal.head(u, office.filing(case.number).sid))
    answer = press(lee, case.number, "evidence")
    assert answer.headers["content-type"] == "application/zip"
    assert case.number not in answer.headers["content-disposition"]
    path = tmp_path / "bundle.zip"
    path.write_bytes(answer.content)

    opened = bundle.look(path)
    seal = seals.read(opened.seal)
    assert opened.wrong == ()
    assert (seal.number, seal.head) == (case.number, head)
    ring = office.store.ring
    [public] = receipts.public_keys(ring).values()
    assert seals.holds(seal, opened.manifest, receipts.public_key(public))

    archive = zipfile.ZipFile(BytesIO(answer.content))
    read = lambda name: archive.read(f"{case.number}/{name}")  # noqa: E731
    assert json.loads(read("filed.json")) == ASKED.model_dump(mode="json")
    sid = office.filing(case.number).sid
    first = office.see(lambda u: History(u, sid).all)[0]
    assert first.detail["sha256"] == hashlib.sha256(read("filed.json")).hexdigest()
    assert read("files/첨부1.pdf") == b"drawing"
    assert "첨부1.pdf  도면.pdf" in read("files.txt").decode()
    assert "감사담당관-77" in read("README.txt").decode()
    assert str(head) in read("README.txt").decode()
    record = "\n".join(
        page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(read("record.pdf"))
    )
    for told in ("신청 내용", "조건을 지키면 가능", "2026. 12. 7.", "확인했습니다"):
        assert told in record
    assert "True" not in record
    assert "2026-12-07" in read("record.csv").decode()  # as machines read a day
    assert read("reply.pdf").startswith(b"%PDF-")
    assert HwpxDocument.open(read("application.hwpx")).validate().issues == ()
    whole = b"".join(archive.read(name) for name in archive.namelist())
    assert "안에서만 적은 말".encode() not in whole
    [noted] = exported(office, case.number)
    assert noted == {"what": "evidence", "sha256": hashlib.sha256(answer.content).hexdigest()}
    assert list((office.store.data_dir / keeping.FOLDER).iterdir()) == []


def test_the_audit_office_says_first_that_it_has_no_interest(room: Desk, case: Case):
    case.reviewed()
    choi = room.seat("choi")
    path = f"/filings/{case.number}/papers"
    answer = choi.client.get(f"{room.parts.url}{path}", follow_redirects=False)
    assert answer.headers["location"].endswith(f"/filings/{case.number}")
    office, actor = case.office, case.office.people["choi"]
    office.do(lambda u: views.declare(office.svc, u, actor, case.number, conflict=False))
    assert "사전컨설팅 신청서" in choi.get(path).text


def test_similar_replies_stand_beside_an_application_and_are_searched_by_words(
    room: Desk, case: Case
):
    case.replied()
    office, park = case.office, room.seat("park")
    office.act("choi", case.number, "show_reply", veiled=True)
    jung = room.seat("jung")
    page = jung.get("/replies")
    assert jung.send("/replies", page.form("/replies"), words="ㄱ").status_code == 422
    answer = jung.send("/replies", page.form("/replies"), words="충전소에서 카페 영업신고를 받나")
    text = Page(answer.text).text
    assert "비슷한 회신 1건을 찾았습니다. 같은 결론을 뜻하지는 않습니다." in text
    assert ASKED.question_1 in text
    assert case.number not in answer.text
    lee = room.seat("lee")
    assert "비슷한 회신을 찾지 못했습니다." in lee.get(f"/filings/{case.number}/replies").text
    for seat, number in ((jung, case.number), (park, "2026-AAAA-22")):
        assert seat.status(f"/filings/{number}/replies") == 404


def test_while_it_is_written_similar_replies_are_shown_and_nothing_typed_is_lost(
    room: Desk, case: Case
):
    case.replied()
    case.office.act("choi", case.number, "show_reply", veiled=True)
    jung, path = room.seat("jung"), "/applications/new"
    form = jung.get(path).form(button="비슷한 회신 보기")
    words = {"task": "충전소 옆 카페", "question_1": "충전소에서 카페 영업신고를 받습니까?"}
    answer = jung.send(path, form, "look", **words)
    page = Page(answer.text)
    assert answer.status_code == 200
    assert "비슷한 회신 1건을 찾았습니다. 같은 결론을 뜻하지는 않습니다." in page.text
    assert str(ASKED.question_2) in page.text
    kept = page.form(button="비슷한 회신 보기").fields
    assert [kept[name] for name in words] == [[value] for value in words.values()]
    assert len(case.office.see(lambda u: u.conn.execute(sa.select(models.filings)).all())) == 1
