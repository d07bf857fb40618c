"""Frequent questions for everybody: a page, its search, and the same as JSON."""

from datetime import UTC, datetime

import sqlalchemy as sa

from knowledge import faq, glossary
from storage.models import faqs as table
from storage.repositories import faqs

NOW = datetime(2026, 11, 23, tzinfo=UTC)
HOSTILE = "<b>주차장</b> 여는 때는?"


def has(city, ref: str, **values: str) -> None:
    """Put a row into the table of answers."""
    row = {
        "ref": ref, "status": "published", "lang": "ko", "audience": "시민", "category": "",
        "question": HOSTILE, "answer": "아침 <i>아홉</i> 시예요.", "source": "청사 규정",
        "confidence": "확인 필요", "made_at": NOW, "changed_at": NOW,
    }  # fmt: skip

    def work(unit) -> None:
        unit.conn.execute(sa.insert(table).values({**row, **values}))
        faqs.touched(unit)

    city.store.transact(work, f"answer {ref}")


def search(client, words: str, path: str = "/faq"):
    return client.post(path, data={"words": words}, follow_redirects=False)


def test_every_answer_stands_there_by_category_with_its_source_and_its_anchor(client, city):
    has(city, "A-1")
    page = client.get("/faq")
    assert page.headers["cache-control"] == "public, max-age=60"
    assert page.text.count('<details class="faq-entry">') == len(faq.shipped()) + 2
    for ref in faq.shipped():
        assert f'id="{ref}"' in page.text
    assert "공무원이 자주 묻는 질문" in page.text
    assert "그 밖의 질문" in page.text
    assert "&lt;b&gt;주차장&lt;/b&gt;" in page.text
    assert "이 답은 담당 부서에 다시 확인해 주세요" in page.text
    assert "국가법령정보센터 (www.law.go.kr)" in page.text
    for term in glossary.every():
        assert f"<strong>{term.term}</strong>" in page.text


def test_words_are_answered_from_the_body(client) -> None:
    found = search(client, "주말도 처리기간에 들어가나요?")
    assert found.headers["cache-control"] == "no-store"
    assert '<details class="faq-entry" open>' in found.text
    assert 'id="F008"' in found.text
    assert "주말" not in str(found.url)


def test_the_meaning_of_a_term_is_told(client) -> None:
    found = search(client, "반려가 무슨 뜻이에요?")
    assert "<h2>반려</h2>" in found.text
    assert "근거:" in found.text


def test_what_is_only_near_is_asked_back_and_nothing_is_made_up(client, city) -> None:
    near = search(client, "신고 처리 기간이 언제 멈추는지 궁금해요 어떻게 되나요?")
    assert "혹시 이 질문인가요?" in near.text or "찾은 답" in near.text
    none = search(client, "zzz 쀍")
    assert "맞는 답을 찾지 못했어요" in none.text
    assert "질문을 남기실 수 있어요" in none.text


def test_without_words_the_list_is_meant(client) -> None:
    assert search(client, " ?! ").headers["location"] == "/faq"
    assert search(client, "", "/faq?lang=en").headers["location"] == "/faq?lang=en"


def test_an_answer_that_was_withdrawn_is_gone(client, city) -> None:
    came = faq.shipped()["F008"]
    has(city, "F008", status="withdrawn", origin="shipped", question=came.question)
    assert 'id="F008"' not in client.get("/faq").text
    assert 'id="F008"' not in search(client, came.question).text


def test_too_many_searches_wait(client, city) -> None:
    for _ in range(130):
        answer = search(client, "zzz 쀍")
    assert answer.status_code == 429


def test_the_page_speaks_english_around_korean_answers(client) -> None:
    page = client.get("/faq?lang=en")
    assert "The answers are in Korean." in page.text


def test_the_same_is_public_json(client) -> None:
    every = client.get("/api/faq").json()["answers"]
    assert {one["ref"] for one in every} == set(faq.shipped())
    (one,) = [one for one in every if one["ref"] == "F001"]
    assert one["verified"] is True
    assert one["source"]
    assert one["url"].endswith("/faq#F001")


def test_a_question_is_answered_as_json_or_honestly_not(client) -> None:
    def ask(text: str):
        return client.post("/api/faq/search", json={"text": text}).json()

    assert ask("주말도 처리기간에 들어가나요?")["answer"]["ref"] == "F008"
    assert ask("반려가 무슨 뜻이에요?")["term"]["term"] == "반려"
    assert ask("zzz 쀍") == {"answer": None, "term": None, "near": []}
    assert client.post("/api/faq/search", json={"text": ""}).status_code == 422
