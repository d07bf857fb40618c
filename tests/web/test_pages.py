import json
import re

import pytest
from starlette.testclient import TestClient

from bot.errors import Overloaded
from bot.handlers.pages import policy
from bot.handlers.public import application
from tests.web.browse import Browser, Page
from tests.web.fakes import SITE, FakeBack, FakeTalk, parts
from tests.web.reporter import Reporter

PAGES = (
    "/",
    "/notice",
    "/status",
    "/plain",
    "/c",
    "/k",
    "/nothing",
    "/?lang=en",
    "/status?lang=en",
)


def pages_of(client) -> list[Page]:
    return [Browser(client).open(path) for path in PAGES]


def test_every_page_has_the_strict_policy_and_is_kept_by_nobody(client):
    for page in pages_of(client):
        csp = page.headers["content-security-policy"]
        assert csp == policy()
        assert "unsafe" not in csp
        assert "frame-ancestors 'none'" in csp
        assert page.headers["referrer-policy"] == "no-referrer"
        assert page.headers["cache-control"] == "no-store"
        assert page.headers["x-content-type-options"] == "nosniff"


def test_no_page_asks_anything_of_anybody_else_or_runs_what_it_carries(client):
    for page in pages_of(client):
        for tag, given in page.tags:
            if tag == "script":
                assert (
                    given.get("src", "").startswith("/static/")
                    or given["type"] == "application/json"
                )
            if tag in {"link", "img", "form"}:
                assert (
                    given.get("href") or given.get("src") or given.get("action") or "/"
                ).startswith("/")
            assert "style" not in given
            assert not [name for name in given if name.startswith("on")]


def test_every_page_has_a_title_a_language_one_heading_and_a_way_past_the_menu(client):
    for path, page in zip(PAGES, pages_of(client), strict=True):
        html = next(given for tag, given in page.tags if tag == "html")
        assert html["lang"] == ("en" if "lang=en" in path else "ko")
        assert [tag for tag, _ in page.tags].count("h1") == 1
        assert re.search(r"<title>[^<]+</title>", page.html)
        skip = next(given["href"] for tag, given in page.tags if tag == "a")
        assert f'id="{skip[1:]}"' in page.html


def test_every_field_has_a_label_above_it(client):
    for page in pages_of(client):
        labels = {given.get("for") for tag, given in page.tags if tag == "label"}
        for tag, given in page.tags:
            kind = given.get("type", "text")
            if tag in {"input", "textarea", "select"} and kind not in {
                "hidden",
                "checkbox",
                "radio",
                "file",
            }:
                assert given.get("id") in labels, given


def test_static_files_are_ours_and_asked_for_again(client):
    for name in (
        "base.css",
        "web.css",
        "look.js",
        "chat.js",
        "draw.js",
        "fields.js",
        "receipt.js",
        "transport.js",
        "words.js",
        "door.js",
        "icon.svg",
    ):
        answer = client.get(f"/static/{name}")
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "public, no-cache"
        assert answer.headers["x-content-type-options"] == "nosniff"
    font = client.get("/static/fonts/PretendardGOV-Regular.subset.woff2")
    assert "immutable" in font.headers["cache-control"]
    assert "OPEN FONT LICENSE" in client.get("/static/fonts/PretendardGOV-LICENSE.txt").text
    assert client.get("/static/../web.py").status_code == 404


def test_only_a_rehearsal_may_frame_the_pages_and_only_at_home():
    made = parts(framed=True, rehearsal=True, url="http://127.0.0.1:8080")
    answer = TestClient(application(made), base_url="http://127.0.0.1:8080").get("/")
    assert "frame-ancestors 'self'" in answer.headers["content-security-policy"]
    assert "strict-transport-security" not in answer.headers


def test_what_a_site_says_of_itself_is_never_markup():
    evil = SITE | {"agency": "<script>alert(1)</script>", "call": '"><img src=x onerror=alert(1)>'}
    browser = Browser(
        TestClient(application(parts(site=evil)), base_url="https://talk.example.go.kr")
    )
    for path in ("/nothing",):
        page = browser.open(path)
        assert "<script>alert" not in page.html
        assert "<img" not in page.html


def test_the_words_for_the_script_cannot_end_their_block(client):
    page = Browser(client).open("/")
    block = re.search(
        r'<script type="application/json" id="words">(.*?)</script>', page.html, re.DOTALL
    )
    words = json.loads(block[1])
    assert words["texts"]["chat.send"] == "보내기"
    assert words["texts"]["chat.progress"] == "{total}단계 가운데 {now}단계"
    assert "<" not in block[1]


def test_a_browser_that_speaks_english_is_spoken_to_in_english(client):
    answer = client.get("/", headers={"accept-language": "en-US,en;q=0.9,ko;q=0.5"})
    assert '<html lang="en">' in answer.text
    assert '<html lang="ko">' in client.get("/", headers={"accept-language": "fr"}).text


def test_the_notice_page_says_what_the_form_says_with_the_settings_of_the_site(browser, city):
    page = browser.open("/notice")
    assert "개인정보 보호법 제15조" in page.text
    assert city.site.retention in page.text
    assert city.site.privacy_officer in page.text


def test_leaving_a_device_takes_the_cookie(client, browser):
    Reporter(client).say(text="하나")
    assert client.cookies
    browser.open("/")
    page = browser.press("이 기기에서 나가기")
    assert "나왔어요" in page.text
    assert not client.cookies


def test_a_page_of_another_site_cannot_press_our_buttons(client):
    for path in ("/leave", "/status", "/plain", "/case", "/c", "/k"):
        answer = client.post(path, data={"x": "1"}, headers={"origin": "https://evil.example"})
        assert answer.status_code == 403


def test_pages_that_are_not_there_and_bugs_have_pages_too():
    talk = FakeTalk()
    browser = Browser(
        TestClient(
            application(parts(talk=talk)),
            base_url="https://talk.example.go.kr",
            raise_server_exceptions=False,
        )
    )
    missing = browser.open("/nothing")
    assert missing.status == 404
    assert "찾으시는 화면이 없어요" in missing.text
    talk.failure = ZeroDivisionError("홍길동")
    broken = browser._take(browser.client.post("/plain", data={"id": "a", "text": "글"}))
    assert broken.status == 500
    assert "홍길동" not in broken.html
    assert "041-120" in broken.text


def test_a_database_that_is_away_has_a_page_with_a_time():
    class Away(FakeBack):
        def find(self, address):
            raise Overloaded(9)

    talk = FakeTalk()
    made = parts(talk=talk, back=Away(talk))
    client = TestClient(application(made), base_url="https://talk.example.go.kr")
    client.cookies.set("__Host-chat", "a" * 43)
    answer = client.get("/plain")
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "9"


@pytest.mark.parametrize(
    ("path", "trail"),
    [
        ("/status", ["홈", "낸 신고 확인"]),
        ("/notice", ["홈", "개인정보 안내"]),
        ("/plain", ["홈", "글자만 있는 화면"]),
        ("/c", ["홈", "이어서 쓰기"]),
        ("/nothing", []),
        ("/status?lang=en", ["Home", "My report"]),
        ("/", []),
    ],
)
def test_every_page_below_the_first_says_where_it_lies(client, path, trail):
    html = client.get(path).text
    nav = re.search(r'<nav class="crumbs[^>]*aria-label="[^"]+".*?</nav>', html, re.DOTALL)
    found = re.findall(r"<(?:a|span)[^>]*>([^<]+)</", nav[0]) if nav else []
    assert found == trail
    assert not nav or re.search(r'<span aria-current="page">[^<]+</span></li>\s*</ol>', nav[0])
