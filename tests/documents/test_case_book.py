"""The printed book of cases: found by contents and index, each with its source and terms."""

import ctypes
import re
from dataclasses import replace
from datetime import date

import pypdfium2
import pypdfium2.raw as raw
import pytest

from bot.documents import card_look, case_book
from bot.settings_newsletter import CardsSite
from knowledge.cases import shipped
from tests import shipped as known
from tests.documents.test_card_news import HOSTILE

TEXTS = known.texts()
TERMS = "출처를 밝히고 사실만 다시 쓴 것"
REFS = ("AC-098", "AC-001", "AC-097", "AC-026")


def say(phrase) -> str:
    return TEXTS.render(phrase, "ko", {})


def pdf(*cases) -> pypdfium2.PdfDocument:
    made = case_book.book([(one, TERMS) for one in cases])
    look = card_look.look(CardsSite(), "가온시")
    return pypdfium2.PdfDocument(case_book.pdf(made, look, say, date(2026, 11, 23)))


def printed(*cases) -> list[str]:
    """Give the words of every page."""
    return words(pdf(*cases))


def words(book: pypdfium2.PdfDocument) -> list[str]:
    return [page.get_textpage().get_text_range() for page in book]


@pytest.fixture(scope="module")
def book() -> pypdfium2.PdfDocument:
    return pdf(*(shipped()[ref] for ref in REFS))


@pytest.fixture(scope="module")
def pages(book) -> list[str]:
    return words(book)


def links(page: pypdfium2.PdfPage) -> int:
    """Count what can be pressed on a page."""
    at, link = ctypes.c_int(0), raw.FPDF_LINK()
    count = 0
    while raw.FPDFLink_Enumerate(page.raw, ctypes.byref(at), ctypes.byref(link)):
        count += 1
    return count


def test_contents_and_indexes_lead_to_their_pages_by_a_press(book, pages):
    assert links(book[1]) >= len(REFS)
    index = next(n for n, page in enumerate(pages) if page.startswith("찾아보기: 기관"))
    assert links(book[index]) >= len({shipped()[ref].agency for ref in REFS})
    assert [one.get_title() for one in book.get_toc() if one.level == 1][:1] == [
        shipped()[REFS[0]].title
    ]


def test_cases_stand_in_their_order_under_their_field():
    made = case_book.book([(shipped()[ref], TERMS) for ref in REFS])
    assert [one.name for one in made.fields] == ["농림·수산", "복지·보건", "안전·재난"]
    assert [one.cases for one in made.fields] == [(0, 1), (2,), (3,)]
    titles = [shipped()[ref].title for ref in ("AC-098", "AC-097", "AC-001", "AC-026")]
    assert [one.title for one in made.entries] == titles
    words = [word for word, _ in made.keywords]
    assert words == sorted(words)
    assert dict(made.agencies)["농림축산식품부"] == (0, 1)


def test_the_contents_and_the_index_name_the_page_on_which_a_case_stands(pages):
    case = shipped()["AC-001"]
    at = next(n for n, page in enumerate(pages, 1) if case.problem[:12] in page)
    contents = next(line for line in pages[1].splitlines() if line.startswith(case.title))
    assert re.sub(r"\D+", " ", contents).split()[-1] == str(at)
    index = next(page for page in pages if page.startswith("찾아보기: 열쇠말"))
    assert re.search(rf"{case.keywords[0]}\s+{at}\b", index)
    agencies = next(page for page in pages if page.startswith("찾아보기: 기관"))
    assert re.search(rf"{case.agency}\s+{at}\b", agencies)
    assert pages[at - 1].rstrip().endswith(str(at))


def test_every_case_says_where_it_comes_from_and_on_what_terms(pages):
    told = "".join("".join(pages).split())
    for ref in REFS:
        case = shipped()[ref]
        for part in (case.title, case.problem, case.action, case.effect, case.source):
            assert "".join(part.split()) in told, (ref, part)
    assert told.count("".join(f"이용 조건 {TERMS}".split())) == len(REFS)
    assert "적극행정 사례집" in pages[0]
    assert "2026년 11월 23일" in pages[0]


def test_a_passive_case_has_words_of_its_own():
    told = "".join(printed(shipped()["P012"]))
    assert "행정 사례집" in told
    assert "있었던 일" in told
    assert "나아진 것" not in told


def test_whatever_is_written_is_printed_as_text():
    names = ("title", "agency", "field", "problem", "action", "effect", "law", "source")
    case = replace(
        shipped()["AC-001"], **dict.fromkeys(names, HOSTILE), keywords=(HOSTILE, "끝없는" * 60)
    )
    told = "".join("".join(printed(case, replace(case, problem="긴 글이다.\n" * 700))).split())
    assert '#import"/etc/passwd"#panic("x")' in told
    assert "root:" not in told
