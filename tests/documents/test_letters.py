"""Notices on paper."""

from dataclasses import replace

from bot.documents.letters import Letter, pdf, pictures

LETTER = Letter(
    agency="가온시",
    title="[2026-7K3M-Q9] 신고하신 일에 대한 답변입니다.",
    number="2026-7K3M-Q9",
    date="2026년 12월 1일",
    issued="2026-12-01",
    paragraphs=("1. 판단: 보기는 어렵다고 판단했습니다.", "2. 확인한 것: 자료\n3. 까닭: …"),
    to="홍길동 님",
    doc_no="감사담당관-1234",
    handler="담당: 감사담당관 김감사 031-000-0000",
)


def test_a_letter_is_a_pdf_that_can_be_kept():
    made = pdf(LETTER)
    assert made.startswith(b"%PDF-")
    assert b"pdfaid" in made


def test_what_people_write_is_never_read_as_markup():
    hostile = '#read("/etc/passwd") #panic() $x$ ]] *a* \\ "q" \u202e</text>'
    letter = replace(LETTER, paragraphs=(hostile,), to=hostile, title=hostile, address=hostile)
    assert pdf(letter).startswith(b"%PDF-")


def test_a_long_letter_takes_several_pages():
    assert len(pictures(replace(LETTER, paragraphs=("가나다라 " * 40,) * 60))) > 1


def test_a_letter_in_english_and_an_empty_one_are_set_too():
    assert pictures(replace(LETTER, lang="en", paragraphs=(), handler="", to="", doc_no=""))
