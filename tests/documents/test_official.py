"""Official letters with tables: HWPX and PDF say the same, and nothing written becomes markup."""

import re

import pypdfium2
import pytest
from hwpx import HwpxDocument
from hwpx.tools.layout_preview import render_layout_preview
from hwpx.tools.package_validator import validate_editor_open_safety, validate_package

from bot.documents import official
from bot.documents.official import Draft, Point, Table

LONG = "두 부서의 해석이 달라 석 달째 결론이 나지 않았다. " * 60
HOSTILE = '#read("/etc/passwd") #panic() $x$ ]] *a* </hp:t><x>&amp; "q" \u202e\x07'
LETTER = Draft(
    agency="가온시",
    to="감사담당관",
    title="사전컨설팅 신청",
    points=[Point("사전컨설팅을 신청합니다.", ["아래와 같습니다."])],
    tables=[
        Table([("업무명", "이동식 카페"), ("경위", f"3. 2. 신청\n3. 9. 회의\n{LONG.strip()}")]),
        Table([("신청자", HOSTILE)], title="확인"),
    ],
    attached=["도면 1부.", "사진 2부."],
    sender="위생과장",
    signed="신청: 위생과 나신청\n접수번호: 2026-7K3M-Q9",
    issued="2026-11-23",
    proof="기록 확인값 1:ab",
)


def squeezed(text: str) -> str:
    return re.sub(r"\s", "", text)


def words(data: bytes) -> str:
    document = pypdfium2.PdfDocument(data)
    return "\n".join(page.get_textpage().get_text_range() for page in document)


def test_a_letter_as_hwpx_is_what_the_library_opens_again_field_by_field():
    data = official.hwpx(LETTER)
    document = HwpxDocument.open(data)
    assert document.validate().issues == ()
    assert validate_package(data).ok
    assert validate_editor_open_safety(data).ok
    told = [
        tuple("\n".join(one.text for one in cell.paragraphs) for cell in row.cells)
        for table in document.tables
        for row in table.rows
    ]
    clean = HOSTILE.replace("\x07", "")
    assert told == [*LETTER.tables[0].rows, ("신청자", clean)]
    lines = [one.text for one in document.paragraphs if one.text.strip()]
    assert lines == [
        "가온시", "수신  감사담당관", "(경유)", "제목  사전컨설팅 신청", "1. 사전컨설팅을 신청합니다.",
        "가. 아래와 같습니다.", "확인", "붙임  1. 도면 1부.", "2. 사진 2부.  끝.", "위생과장",
        "신청: 위생과 나신청", "접수번호: 2026-7K3M-Q9",
    ]  # fmt: skip
    shown = render_layout_preview(data)
    assert shown.warnings == ()
    assert "이동식 카페" in shown.html
    assert "</hp:t><x>" not in shown.html


def test_a_table_longer_than_a_page_goes_on_over_the_pages():
    document = HwpxDocument.open(official.hwpx(LETTER))
    assert all(not table.treat_as_char for table in document.tables)
    assert len(pypdfium2.PdfDocument(official.pdf(LETTER))) > 1


def test_the_pdf_says_what_the_hwpx_says_and_can_be_kept():
    data = official.pdf(LETTER)
    assert b"pdfaid" in data
    text, feet = re.subn(r"가온시\d/\d기록확인값1:ab", "", squeezed(words(data)))
    assert feet == len(pypdfium2.PdfDocument(data))
    for line in official.lines(LETTER):
        for part in (line.text, *(cell for row in line.rows for cell in row)):
            for one in part.split("\n"):
                if one != HOSTILE:
                    assert squeezed(one) in text
    assert squeezed('#read("/etc/passwd") #panic() $x$ ]] *a* </hp:t><x>&amp;') in text


@pytest.mark.parametrize(
    ("attached", "end"),
    [((), " 끝."), (["도면 1부."], "붙임  도면 1부.  끝.")],
    ids=["table", "papers"],
)
def test_it_ends_below_the_table_or_after_what_goes_along(attached: list[str], end: str):
    draft = Draft("가온시", "과장", "제목", [Point("하나")], attached, tables=LETTER.tables[:1])
    assert official.lines(draft)[-1].text == end
    assert official.plain(draft).split("\n")[4:6] == ["1. 하나", "업무명: 이동식 카페"]


def test_a_table_of_nothing_leaves_its_title_alone():
    draft = Draft("가온시", "과장", "제목", [], tables=[Table([], title="확인")])
    assert [line.text for line in official.lines(draft)][-1] == "확인  끝."
