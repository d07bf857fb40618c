"""The page of 대신 적기."""

import io

import pypdfium2
import pytest
from PIL import Image

from bot.services import views
from bot.services.base import CLOCK
from tests.desk.conftest import Desk, Seat
from tests.desk.forms import Page
from tests.services.conftest import WHAT

TOLD = {
    "road": "counter",
    "prior": "answered",
    "what": WHAT,
    "wish": "길을 고쳐 주세요.",
    "unit": "road",
    "who": "named",
    "name": "홍길동",
    "address": "가온시 중앙로 12",
    "reply_by": "phone",
    "phone": "010-1234-5678",
    "signed": "box",
    "read.intro": "yes",
    "read.notice": "yes",
}


def words_of(pdf: bytes) -> str:
    """Read a paper as a person does."""
    document = pypdfium2.PdfDocument(pdf)
    return "\n".join(page.get_textpage().get_text_range() for page in document)


def picture() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (40, 40), "white").save(file, "PNG")
    return file.getvalue()


def told(seat: Seat, files: object = None, **changes: object) -> object:
    """Fill the page in as an official does."""
    form = seat.get("/write").form()
    return seat.send("/write", form, "", files, **{**TOLD, **changes})


def test_the_whole_page_from_telling_to_paper(room: Desk):
    seat = room.seat("kim")
    answer = told(seat, with_code="yes")
    page = Page(answer.text)
    assert answer.status_code == 200, page.text
    assert "접수했습니다" in page.text
    assert "답변 예정일" in page.text
    form = page.form("/write/receipt")
    printed = seat.send("", form, "code")
    assert printed.headers["content-type"] == "application/pdf"
    words = words_of(printed.content)
    number = next(word for word in page.text.split() if word.startswith("2026-"))
    assert number in words
    assert "홍길동" not in words
    assert "접어 봉해" in words
    assert seat.send("", form, "code").status_code == 409
    again = seat.send("", form, "plain")
    assert "접어 봉해" not in words_of(again.content)
    seat.open(number)
    later = seat.client.get(f"{room.parts.url}/filings/{number}/receipt")
    assert number in words_of(later.content)


def test_the_page_speaks_to_somebody_who_listens(room: Desk):
    text = room.seat("kim").get("/write").text
    assert "말씀하신 그대로 적어 드려요" in text
    assert "쓰다가 멈춰도" not in text
    assert "확인 화면 + 전자우편 알림" in text
    assert "이 화면 + " not in text
    assert text.count("알면서 거짓으로 꾸민 신고") == 2  # whole, for who gives a name and who not
    assert text.index("한국어") < text.index("English")
    request = room.seat("kim").get("/write?procedure=personal_data").text
    assert "어떤 정보인지 적어 주세요" in request
    assert "무슨 일이 있었나요" not in request


def test_sent_twice_it_is_one_report(room: Desk):
    seat = room.seat("kim")
    form = seat.get("/write").form()
    first = seat.send("/write", form, "", **TOLD)
    second = seat.send("/write", form, "", **TOLD)
    assert "이미 접수했습니다" in Page(second.text).text
    assert "이미 접수했습니다" not in Page(first.text).text


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"read.notice": []}, 'href="#f-read-notice"'),
        ({"wish": ""}, "적습니다. 비어 있습니다"),
        ({"road": []}, "road"),
        ({"signed": []}, "signed"),
        ({"signed": "paper"}, "사진을 붙여"),
        ({"phone": "12"}, "전화번호"),
        ({"what": ""}, "what"),
    ],
)
def test_what_is_missing_is_said_and_nothing_typed_is_lost(room: Desk, change, says):
    answer = told(room.seat("kim"), **change)
    assert answer.status_code == 422
    assert says in answer.text
    kept = Page(answer.text).form().fields
    assert kept["name"] == ["홍길동"]
    assert change.get("what", WHAT) in kept["what"][0]


def test_health_is_asked_about_apart_once_it_was_told(room: Desk):
    seat = room.seat("kim")
    assert "sensitive" not in seat.get("/write").form().names
    sick = f"{WHAT} 우울증 약을 먹고 있어요."
    answer = told(seat, what=sick)
    assert answer.status_code == 422
    form = Page(answer.text).form()
    assert "sensitive" in form.names
    done = seat.send("/write", form, "", sensitive="no")
    assert done.status_code == 200
    number = next(word for word in Page(done.text).text.split() if word.startswith("2026-"))
    office = room.office
    filing = office.filing(number)
    view = office.see(lambda u: views.filings.answers(u, filing))
    assert "우울증" not in view["what"]


def test_the_signed_paper_and_scans_are_kept_with_the_report(room: Desk):
    seat = room.seat("kim")
    files = {
        "paper": ("서명.png", picture(), "image/png"),
        "proof": ("사진.png", picture(), "image/png"),
    }
    answer = told(seat, files, signed="paper")
    assert answer.status_code == 200, Page(answer.text).text
    number = next(word for word in Page(answer.text).text.split() if word.startswith("2026-"))
    office = room.office
    shown = office.do(lambda u: views.files_of(u, office.filing(number)))
    assert len(shown) == 2


def test_a_form_of_a_session_that_has_ended_comes_back_with_its_words(room: Desk):
    seat = room.seat("kim")
    form = seat.get("/write").form()
    seat.client.cookies.clear()
    kept = Page(seat.send("/write", form, "", **TOLD).text)
    assert any(WHAT in value for value in kept.form().fields["what"])
    again = room.seat("kim")
    page = Page(again.post("/write", kept.form().fields).text)
    assert page.form().fields["name"] == ["홍길동"]
    assert "read.intro" in page.form().fields
    assert room.office.see(lambda u: views.sight.several(u, views.visible_filings(CLOCK))) == ()
