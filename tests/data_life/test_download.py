"""What is kept about oneself, taken away from one's own page (개인정보 보호법 제35조)."""

import re

import pytest
from pypdfium2 import PdfDocument
from starlette.testclient import TestClient

from bot.handlers.public import application
from tests import plain_words
from tests.web.browse import Browser
from tests.web.city import City
from tests.web.reporter import HERE, Reporter


@pytest.fixture
def city(tmp_path):
    made = City(tmp_path)
    yield made
    made.close()


@pytest.fixture
def client(city):
    return TestClient(application(city.parts), base_url=HERE)


def take(client: TestClient, kind: str):
    return client.post("/mine", data={"format": kind}, headers={"Origin": HERE})


def test_the_page_offers_a_file_and_the_file_is_stored_nowhere(client):
    browser = Browser(client)
    Reporter(client).file()
    page = browser.open("/mine")
    assert "내 정보 내려받기" in page.text
    got = take(client, "json")
    assert got.status_code == 200
    assert got.headers["cache-control"] == "no-store"
    assert got.headers["content-disposition"] == 'attachment; filename="my-data.json"'
    kept = got.json()
    assert [one["state"] for one in kept["filings"]] == ["received"]
    assert kept["lang"] == "ko"
    assert kept["draft"] is None


def test_the_file_holds_no_code(client):
    reporter = Reporter(client)
    code = reporter.file()["code"]
    assert code
    assert code not in take(client, "json").text


def test_the_file_holds_the_answers_of_a_draft(client):
    reporter = Reporter(client)
    reporter.say(command="report")
    reporter.press("네, 답을 들었는데")
    draft = take(client, "json").json()["draft"]
    assert (draft["form"], draft["answers"]) == ("passive_report", {"prior": "answered"})


def test_the_same_on_paper(client):
    Reporter(client).file()
    got = take(client, "pdf")
    assert got.headers["content-type"] == "application/pdf"
    assert got.headers["cache-control"] == "no-store"
    assert got.content.startswith(b"%PDF-")
    text = PdfDocument(got.content)[0].get_textpage().get_text_range()
    for said in (
        "대화한 곳: 누리집",
        "언어: 한국어",
        "처음 오신 때: 2026년 11월 23일(월)",
        "쓰던 글 없음",
    ):
        assert said in text
    assert re.search(r"내신 신고: 2026-\S+, 2026년 11월 23일\(월\), 접수, 이름과 연락처를", text)
    assert plain_words.codes(text.partition("내신 신고")[0]) == []


def test_without_the_conversation_s_own_cookie_there_is_nothing(city, client):
    Reporter(client).file()
    stranger = TestClient(application(city.parts), base_url=HERE)
    assert take(stranger, "json").status_code == 401
    secret = client.cookies[city.parts.cookie]
    bearer = stranger.post(
        "/mine", data={"format": "json"},
        headers={"Origin": HERE, "Authorization": f"Bearer {secret}"},
    )  # fmt: skip
    assert bearer.status_code == 401


def test_another_site_s_page_cannot_ask_for_it(client):
    Reporter(client).file()
    got = client.post(
        "/mine", data={"format": "json"},
        headers={"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"},
    )  # fmt: skip
    assert got.status_code == 403
    assert "filings" not in got.text


def test_the_conversation_leads_to_the_page(client):
    reporter = Reporter(client)
    reporter.file()
    said = reporter.say(command="mydata_show")
    assert "/mine" in str(said)
