"""What is kept about oneself, taken away from one's own page (개인정보 보호법 제35조)."""

import pytest
from starlette.testclient import TestClient

from bot.handlers.public import application
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


def test_the_same_on_paper(client):
    Reporter(client).file()
    got = take(client, "pdf")
    assert got.headers["content-type"] == "application/pdf"
    assert got.headers["cache-control"] == "no-store"
    assert got.content.startswith(b"%PDF-")


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
