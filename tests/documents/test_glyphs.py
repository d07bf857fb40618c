"""Whatever sign somebody writes, the paper is made (PDF/A refuses a sign that its font lacks)."""

from dataclasses import replace

import pypdfium2

from bot.documents import casefile, glyphs, letters
from bot.documents.casefile import CaseFile, Section
from tests.documents.test_letters import LETTER

STRANGE = "고마워요😀\u200d👍🏽 이龘 \U00020000 ﷺ 1️⃣ \x07\x0b\x85\u2028 א"


def test_a_sign_that_the_font_lacks_stands_there_by_its_number():
    assert glyphs.shown("이龘 님 😀") == "이[U+9F98] 님 [U+1F600]"
    assert glyphs.shown("1\ufe0f\x07\u2028") == "1"
    assert glyphs.shown("각") == "각"  # as a Mac types it
    assert glyphs.shown({"a": ("漢字\n", 1, None)}) == {"a": ["漢字\n", 1, None]}


def test_the_bold_font_has_the_same_signs():
    assert glyphs.known(glyphs.BOLD) == glyphs.known()
    assert {ord(sign) for sign in "가힣ㄱ漢①→㈜「」…"} <= glyphs.known()


def test_every_paper_is_made_of_strange_signs_too():
    letter = replace(LETTER, to=STRANGE, title=STRANGE, paragraphs=(STRANGE,))
    paper = CaseFile(
        "가온시", STRANGE, "", [Section(STRANGE, [(STRANGE, STRANGE)])], "", "", "2026-11-23"
    )
    for data in (letters.pdf(letter), casefile.pdf(paper)):
        page = pypdfium2.PdfDocument(data)[0].get_textpage().get_text_range()
        assert "고마워요" in page
        assert "[U+9F98]" in page
