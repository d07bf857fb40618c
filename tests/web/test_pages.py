import json
import re

import pytest
from starlette.testclient import TestClient

from bot.errors import Overloaded
from bot.handlers.pages import policy
from bot.handlers.public import application
from bot.services import handover, sight
from bot.services.history import History
from storage.repositories import dialogs
from storage.repositories import peers as addresses
from tests.pictures import jpeg
from tests.web.browse import Browser, Page
from tests.web.city import City
from tests.web.fakes import SITE, FakeBack, FakeTalk, parts

HERE = "https://talk.gaon.example"
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40
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


@pytest.fixture
def city(tmp_path):
    made = City(tmp_path)
    yield made
    made.close()


@pytest.fixture
def client(city):
    return TestClient(application(city.parts), base_url=HERE)


@pytest.fixture
def browser(client):
    return Browser(client)


class Reporter:
    """Files a report by the API, as fast as can be."""

    def __init__(self, client: TestClient, name: str = "m") -> None:
        self.client, self.name, self.count = client, name, 0
        self.replies: list[dict] = []

    def say(self, **said) -> list[dict]:
        self.count += 1
        call = {"id": f"{self.name}{self.count}", "lang": "ko", "pages": True, **said}
        answer = self.client.post("/api/chat", json=call)
        assert answer.status_code == 200, answer.text
        self.replies = answer.json()["replies"]
        return self.replies

    def press(self, label: str) -> list[dict]:
        for reply in reversed(self.replies):
            for option in reply["options"]:
                if label in option["label"]:
                    pressed = (
                        {"press": option["press"]}
                        if option["press"]
                        else {"command": option["command"]}
                    )
                    return self.say(**pressed)
        raise AssertionError([o["label"] for r in self.replies for o in r["options"]])

    def summary(
        self, *, named: bool = True, what: str = "중앙시장 앞 길이 10월부터 파여 있어요"
    ) -> None:
        self.say(command="report")
        self.press("네, 답을 들었는데")
        self.press("없어요")
        self.say(text=what)
        self.press("다 썼어요")
        self.say(text="고치고 왜 미뤘는지 알고 싶어요")
        self.press("모르겠어요")
        self.press("없어요")
        self.press("이름을 밝히고" if named else "이름 없이")
        if named:
            person = {
                "name": "홍길동",
                "address": "가온시 중앙로 12",
                "reply_by": "post",
                "share": "ask_first",
            }
            self.say(submit={"turn": self.replies[-1]["turn"], "answers": person})

    def file(self, **how) -> dict:
        self.summary(**how)
        self.press("이대로 내기")
        return next(reply["receipt"] for reply in self.replies if reply["kind"] == "receipt")


# What every page has


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


# A case opened by number and code


@pytest.fixture
def filed(client):
    return Reporter(client).file()


def enter(browser, number: str, code: str) -> Page:
    browser.open("/status")
    return browser.press("열기", number=number, code=code)


def test_number_and_code_open_a_case_from_any_device(city, filed):
    other = Browser(TestClient(application(city.parts), base_url=HERE))
    page = enter(other, filed["number"], filed["code"])
    assert page.status == 200
    assert filed["number"] in page.text
    assert "12월 1일(화)" in page.text
    assert filed["code"] not in page.html
    assert "길이" not in page.text


def test_a_code_may_be_typed_as_people_type(city, filed):
    other = Browser(TestClient(application(city.parts), base_url=HERE))
    typed = filed["code"].lower().replace("-", " ").replace("0", "o")
    assert enter(other, filed["number"].replace("-", " "), typed).status == 200


def test_wrong_number_wrong_code_and_nothing_there_get_the_same_answer(browser, filed):
    wrong = [
        enter(browser, filed["number"], "AAAA-AAAA-AAAA-AAAA"),
        enter(browser, "2026-2222-22", filed["code"]),
        enter(browser, "<b>x</b>", "'; drop table filings"),
    ]
    assert {page.status for page in wrong} == {422}
    assert len({page.text for page in wrong}) == 1
    assert "<b>x</b>" not in wrong[2].html


def test_empty_fields_are_told_beside_themselves(browser):
    page = enter(browser, "", "")
    assert "접수번호를 적어 주세요" in page.text
    assert "확인 코드를 적어 주세요" in page.text
    assert 'aria-invalid="true"' in page.html


def test_guessing_slows_down_and_never_locks(city, browser, filed):
    for _ in range(5):
        enter(browser, filed["number"], "AAAA-AAAA-AAAA-AAAA")
    slow = enter(browser, filed["number"], filed["code"])
    assert "초 뒤에" in slow.text
    city.clock.move(hours=2)


def test_a_case_shows_what_came_and_lets_its_reporter_answer(city, client, filed):
    city.office("kim", filed["number"], "assign", handler="park", unit="road")
    city.office("park", filed["number"], "start")
    other = Browser(TestClient(application(city.parts), base_url=HERE))
    page = enter(other, filed["number"], filed["code"])
    assert "담당자가 정해졌어요" in page.text
    assert "연장에 답하기" not in page.text
    empty = other.press("글 보내기") and other.press("보내기")
    assert empty.status == 422
    assert 'aria-invalid="true"' in empty.html
    told = other.press("보내기", text="어제 또 전화했어요 <b>&</b>")
    assert 'role="status"' in told.html
    assert "<b>&</b>" not in told.html


def test_a_move_form_sent_twice_is_made_once(city, browser, filed):
    enter(browser, filed["number"], filed["code"])
    page = browser.press("글 보내기")
    form = next(form for form in page.forms if "version" in form.fields)
    first = browser.client.post(
        "/case", data=form.fields | {"text": "한 번"}, files=[("x", ("", b""))]
    )
    assert first.status_code == 200
    again = browser.client.post(
        "/case", data=form.fields | {"text": "한 번"}, files=[("x", ("", b""))]
    )
    assert again.status_code in {200, 409}
    history = city.store.read(
        lambda unit: [one.kind for one in History(unit, sight.get(unit, 1).sid).all]
    )
    assert history.count("message") == 1


def test_giving_up_is_asked_about_and_stands_apart(city, browser, filed):
    page = enter(browser, filed["number"], filed["code"])
    labels = [label for form in page.forms for label, name, _ in form.buttons if name == "action"]
    assert labels[-1] == "거두기"
    asked = browser.press("거두기")
    assert "누가 거두라고 했나요" in asked.text
    assert "감사담당관만 봐요" in browser.press("그런 일이 있었어요").text
    enter(browser, filed["number"], filed["code"])
    browser.press("거두기")
    assert "신고를 거두셨어요" in browser.press("거두기").text


def test_files_come_by_the_page_of_a_case_and_survive_another_mistake(city, browser, filed):
    city.office("kim", filed["number"], "assign", handler="park", unit="road")
    city.office("park", filed["number"], "start")
    city.office(
        "park",
        filed["number"],
        "ask_supplement",
        items="사진",
        why="위치를 알 수 없습니다",
        days="7",
    )
    page = enter(browser, filed["number"], filed["code"])
    label = next(
        label
        for form in page.forms
        for label, name, value in form.buttons
        if value == "supplement_reply"
    )
    page = browser.press(label)
    assert 'type="file"' in page.html
    field = re.search(r'type="file"[^>]* name="([a-z_]+)"', page.html)[1]
    wrong = browser.press(
        "보내기",
        files=[(field, ("사진.jpg", jpeg(), "image/jpeg")), (field, ("x.exe", b"MZ", "x"))],
    )
    assert wrong.status == 422
    assert "열 수 없는 종류" in wrong.text
    assert "사진.jpg" in wrong.text
    sealed = next(
        value
        for form in wrong.forms
        for name, options in form.choices.items()
        if name == f"kept-{field}"
        for value, _ in options
    )
    words = next(name for name in ("text", "words", "reply") if f'name="{name}"' in wrong.html)
    done = browser.press("보내기", **{words: "사진이에요", f"kept-{field}": sealed})
    assert done.status == 200
    assert "받았습니다" in done.text


def test_a_file_that_we_did_not_keep_cannot_be_slipped_in(city, browser, filed):
    forged = 'x.{"ref": "00112233445566778899aabbccddeeff", "kind": "photo"}'
    page = enter(browser, filed["number"], filed["code"])
    token = next(form.fields["pass"] for form in page.forms if "pass" in form.fields)
    answer = browser.client.post(
        "/case",
        data={
            "pass": token,
            "action": "message",
            "go": "1",
            "version": "x",
            "text": "a",
            "kept-files": forged,
        },
    )
    assert answer.status_code == 422


def test_the_right_to_a_case_ends_and_cannot_be_made(city, browser, filed):
    page = enter(browser, filed["number"], filed["code"])
    token = next(form.fields["pass"] for form in page.forms if "pass" in form.fields)
    assert browser.press("다시 확인하기").status == 200
    for forged in (
        token[:-1],
        token.replace(".1.", ".2.", 1),
        "x",
        "",
        "a.b.c.d",
        "00." + token.partition(".")[2],
    ):
        answer = browser.client.post("/case", data={"pass": forged})
        assert answer.status_code == 403
    city.clock.move(minutes=31)
    assert browser.client.post("/case", data={"pass": token}).status_code == 403


def test_a_notice_comes_as_paper(city, browser, filed):
    enter(browser, filed["number"], filed["code"])
    browser.press("PDF로 받기")
    assert browser.raw.headers["content-type"] == "application/pdf"
    assert browser.raw.content.startswith(b"%PDF")
    assert filed["number"] in browser.raw.headers["content-disposition"]


# One-time links


def telegram(city) -> tuple[int, str, str]:
    """Begin a report on Telegram and ask for the agency's page."""

    def work(unit):
        peer = addresses.ensure(unit, "telegram", "77", "4711", "ko", city.clock())
        state = {
            "form": "passive_report",
            "version": 1,
            "turn": 4,
            "at": "prior",
            "started": city.clock().isoformat(),
        }
        dialogs.save(
            unit, peer, "passive_report", json.dumps(state).encode(), city.clock(), read=0
        )
        addresses.touch(unit, peer.id, city.clock(), turn=4)
        link = handover.dialog_link(city.svc, unit, peer.id)
        return peer.id, link.url.partition("#")[2], link.nn

    return city.store.transact(work, None)


def post(client, path, **body):
    return client.post(path, json=body)


def test_opening_or_looking_at_a_link_uses_nothing_up(city, client):
    _, secret, nn = telegram(city)
    for _ in range(3):
        assert client.get("/c").status_code == 200
        assert post(client, "/c/look", secret=secret).json() == {
            "kind": "dialog",
            "channel": "텔레그램",
        }
    assert post(client, "/c", secret=secret, digits=nn).json() == {"go": "/"}


def test_a_redeemed_link_moves_the_dialog_and_works_no_second_time(city, client):
    peer_id, secret, nn = telegram(city)
    answer = post(client, "/c", secret=secret, digits=nn)
    assert answer.status_code == 200
    assert "__Host-chat=" in answer.headers["set-cookie"]
    assert "옮겨" in Reporter(client).say(command="resume")[-1]["text"]
    assert Reporter(client, "n").say(command="continue")[-1]["step"] == "prior"
    assert city.store.read(lambda unit: dialogs.get(unit, addresses.get(unit, peer_id))) is None
    again = post(TestClient(client.app, base_url=HERE), "/c", secret=secret, digits=nn)
    assert (again.status_code, again.json()["code"]) == (422, "gone")


def test_three_wrong_numbers_end_a_link(city, client):
    _, secret, nn = telegram(city)
    other = "10" if nn != "10" else "11"
    for _ in range(3):
        assert post(client, "/c", secret=secret, digits=other).json()["code"] == "wrong"
    assert post(client, "/c", secret=secret, digits=nn).json()["code"] == "gone"
    assert not client.cookies


def test_a_link_ends_after_a_quarter_of_an_hour(city, client):
    _, secret, nn = telegram(city)
    city.clock.move(minutes=16)
    assert post(client, "/c/look", secret=secret).json()["code"] == "gone"
    assert post(client, "/c", secret=secret, digits=nn).json()["code"] == "gone"


@pytest.mark.parametrize(
    "body",
    [{}, {"secret": "x"}, {"secret": "a" * 22, "digits": 12}, {"secret": "a" * 22, "more": 1}, []],
)
def test_a_knock_of_another_shape_is_a_problem(client, body):
    answer = client.post("/c", json=body)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_code_link_shows_a_new_code_once_and_the_old_one_dies(city, client, filed, browser):
    def work(unit):
        return handover.code_link(city.svc, unit, 1).url.partition("#")[2]

    secret = city.store.transact(work, None)
    found = post(client, "/k", secret=secret).json()
    assert found["number"] == filed["number"]
    assert found["code"] != filed["code"]
    assert post(client, "/k", secret=secret).json()["code"] == "gone"
    assert enter(browser, filed["number"], filed["code"]).status == 422
    assert enter(browser, filed["number"], found["code"]).status == 200


def test_links_are_tried_only_so_often(city, client):
    for number in range(30):
        answer = post(client, "/c", secret=f"{number:022d}", digits="11")
    assert answer.status_code == 429


# The same road without a script


def city_number(text: str) -> str:
    return re.search(r"20\d\d-\w{4}-\w\w", text)[0]


def test_a_report_without_a_name_goes_through_plain_forms_to_its_code(client, browser):
    page = browser.open("/plain")
    browser.press("일을 미뤄서")
    browser.press("네, 답을 들었는데")
    browser.press("없어요")
    browser.press("보내기", text="중앙시장 앞 길이 10월부터 파여 있어요 <b>&</b>")
    assert "<b>&</b>" not in browser.page.html
    browser.press("다 썼어요")
    browser.press("보내기", text="고쳐 주세요")
    browser.press("모르겠어요")
    browser.press("없어요")
    browser.press("이름 없이")
    page = browser.press("이대로 내기")
    assert "참고번호" in page.text
    code = re.search(r'<span class="code">([^<]+)</span>', page.html)[1]
    wrong = browser.press("맞는지 보기", typed="AAAA")
    assert "다르게 적으셨어요" in wrong.text
    assert code in wrong.text
    right = browser.press("맞는지 보기", typed=code.lower())
    assert "이 화면을 닫아도 돼요" in right.text
    assert enter(browser, city_number(page.text), code).status == 200


def test_a_named_report_goes_through_plain_forms_with_its_page(client, browser):
    reporter = Reporter(client)
    reporter.say(command="report")
    browser.open("/plain")
    browser.press("네, 답을 들었는데")
    browser.press("없어요")
    browser.press("보내기", text="중앙시장 앞 길이 10월부터 파여 있어요")
    browser.press("다 썼어요")
    browser.press("무슨 일인지만")
    browser.press("모르겠어요")
    browser.press("없어요")
    page = browser.press("이름을 밝히고")
    wrong = browser.press("다음", **{"f-name": "홍길동"})
    assert 'aria-invalid="true"' in wrong.html
    page = browser.press(
        "다음",
        **{
            "f-name": "홍길동",
            "f-address": "가온시 중앙로 12",
            "f-reply_by": "post",
            "f-share": "no",
        },
    )
    assert "이렇게 낼게요" in page.text
    page = browser.press("이대로 내기")
    assert "접수했어요" in page.text
    assert city_number(page.text)


def test_the_same_plain_form_sent_twice_files_once(client, browser):
    reporter = Reporter(client)
    reporter.summary(named=False)
    browser.open("/plain")
    form = next(
        form for form in browser.page.forms if any("이대로 내기" in b[0] for b in form.buttons)
    )
    press = next(value for label, _, value in form.buttons if "이대로 내기" in label)
    first = client.post("/plain", data=form.fields | {"press": press})
    second = client.post("/plain", data=form.fields | {"press": press})
    code = re.search(r'<span class="code">([^<]+)</span>', first.text)[1]
    assert code not in second.text


def test_a_plain_form_of_a_conversation_that_is_gone_says_so(client, browser):
    page = browser._take(client.post("/plain", data={"id": "a", "press": "3:1"}))
    assert "처음부터 시작해요" in page.text


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b"id=a&text=" + b"x" * 400_000, "application/x-www-form-urlencoded", 413),
        (b"id=%ff&text=x", "application/x-www-form-urlencoded", 422),
        (b"{}", "text/plain", 415),
        (b"&".join(b"a=%d" % n for n in range(500)), "application/x-www-form-urlencoded", 422),
        (b"id=&text=hello", "application/x-www-form-urlencoded", 422),
    ],
)
def test_a_plain_form_of_another_shape_has_a_page(client, content, kind, status):
    answer = client.post("/plain", content=content, headers={"content-type": kind})
    assert answer.status_code == status
    assert "<h1>" in answer.text
