import json
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter
from starlette.testclient import TestClient

from bot.dialogs.replies import Block, Option, Sheet
from bot.errors import Overloaded
from bot.handlers.api import Answered
from bot.handlers.chat.guard import WebLimits
from bot.handlers.chat.published import Problem
from bot.handlers.chat.shape import shape
from bot.handlers.chat.talk import address_of
from tests import issues
from tests.telegram.test_hostile import HOSTILE
from tests.web.calls import KEYS, PROBLEM, client, problem_of, say
from tests.web.fakes import FakeTalk, parts, randoms

GOLDEN = Path(__file__).resolve().parent.parent / "golden" / "web" / "news"


def test_first_call_makes_a_conversation_and_later_ones_carry_its_cookie():
    browser = client()
    first = say(browser, command="passive_report")
    assert first.status_code == 200
    secret = first.json()["conversation"]
    assert len(secret) == 43
    cookie = first.headers["set-cookie"]
    assert cookie.startswith(f"__Host-chat={secret};")
    for word in ("HttpOnly", "Secure", "SameSite=strict", "Path=/"):
        assert word in cookie
    second = say(browser, "a2", text="길이 파였어요")
    assert "conversation" not in second.json()
    heard = browser.app_parts.talk.heard
    assert [turn.address for turn in heard] == [address_of(secret)] * 2
    assert secret not in repr(heard)


def test_on_plain_http_a_rehearsal_gets_a_cookie_that_browsers_keep():
    browser = client(url="http://127.0.0.1:8080", rehearsal=True)
    answer = say(browser, text="안녕하세요")
    assert answer.headers["set-cookie"].startswith("chat=")
    assert "Secure" not in answer.headers["set-cookie"]


def test_a_bearer_continues_a_conversation_and_sets_no_cookie():
    browser = client()
    secret = say(browser, text="하나").json()["conversation"]
    browser.cookies.clear()
    answer = browser.post(
        "/chat", json={"id": "b", "text": "둘"}, headers={"authorization": f"Bearer {secret}"}
    )
    assert answer.status_code == 200
    assert "set-cookie" not in answer.headers
    assert len(browser.app_parts.talk.peers) == 1


@pytest.mark.parametrize("shown", ["x", "a" * 43, "", "가" * 43, "a" * 5000])
def test_a_conversation_that_we_do_not_know_opens_nothing(shown):
    browser = client()
    answer = browser.post(
        "/chat",
        json={"id": "b", "text": "둘"},
        headers={"authorization": f"Bearer {shown}".encode()},
    )
    problem_of(answer, 401, "unknown")
    assert browser.app_parts.talk.heard == []


def test_an_erased_conversation_is_unknown_and_its_cookie_goes():
    browser = client()
    secret = say(browser, text="하나").json()["conversation"]
    browser.app_parts.back.erased.add(address_of(secret))
    answer = say(browser, "b", text="둘")
    problem_of(answer, 401, "unknown")
    assert "Max-Age=0" in answer.headers["set-cookie"]
    assert say(browser, "c", text="셋").json()["conversation"] != secret


def test_every_reply_has_every_key_and_fits_the_published_schema():
    browser = client()
    published = TypeAdapter(Answered)
    calls = [
        {"text": "길"},
        {"press": {"turn": 1, "index": 8}},
        {"submit": {"turn": 2, "answers": {"name": "김가온"}}},
        {"press": {"turn": 3, "index": 9}},
    ]
    kinds = []
    for number, call in enumerate(calls):
        body = say(browser, f"n{number}", **call).json()
        published.validate_python(body, strict=True)
        for reply in body["replies"]:
            assert set(reply) >= KEYS
            kinds.append(reply["kind"])
    assert kinds == ["say", "ask", "page", "summary", "receipt"]


def test_a_summary_lists_its_edits_among_the_options_too():
    browser = client()
    body = say(browser, submit={"turn": 1, "answers": {"name": "김"}}).json()
    reply = body["replies"][0]
    assert reply["items"][0]["edit"] == {"turn": 1, "index": 3}
    assert {"turn": 1, "index": 3} in [option["press"] for option in reply["options"]]
    assert {option["role"] for option in reply["options"]} == {"confirm", "cancel", "edit"}


def test_a_wrong_answer_is_no_problem_but_an_answer_with_an_error():
    answer = say(client(), text="   ")
    assert answer.status_code == 200
    assert answer.json()["replies"][-1]["error"]


def test_errors_of_a_page_stand_beside_their_fields():
    body = say(client(), submit={"turn": 1, "answers": {}}).json()
    page = body["replies"][0]
    assert page["kind"] == "page"
    assert page["fields"][0]["error"] == "이름을 적어 주세요."


def test_a_repeated_id_gets_the_stored_answer_without_the_code():
    browser = client()
    say(browser, "a", text="하나")
    first = say(browser, "b", press={"turn": 1, "index": 9})
    again = say(browser, "b", press={"turn": 1, "index": 9})
    assert first.json()["replies"][0]["receipt"]["code"] == "AAAA-BBBB"
    assert again.json()["replies"][0]["receipt"]["code"] is None
    assert again.json()["replies"][0]["receipt"]["number"] == "2026-7K3M-Q9"
    assert len(browser.app_parts.talk.heard) == 2


def test_the_same_id_with_another_content_is_a_conflict():
    browser = client()
    say(browser, "a", text="하나")
    problem_of(say(browser, "a", text="둘"), 409, "conflict")


def test_the_same_id_in_another_language_is_a_repeat():
    browser = client()
    say(browser, "a", text="하나")
    assert browser.post("/chat", json={"id": "a", "lang": "en", "text": "하나"}).status_code == 200


def test_the_same_id_in_another_conversation_is_another_message():
    talk, random = FakeTalk(), randoms()
    one, two = client(talk, random=random), client(talk, random=random)
    say(one, "same", text="나의 비밀")
    other = say(two, "same", text="나의 비밀")
    assert other.status_code == 200
    assert other.json()["conversation"] != one.cookies["__Host-chat"]
    assert len(talk.heard) == 2


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"text": "글"},
        {"id": "a"},
        {"id": "", "text": "글"},
        {"id": "a" * 65, "text": "글"},
        {"id": "한글", "text": "글"},
        {"id": "a b", "text": "글"},
        {"id": 7, "text": "글"},
        {"id": "a", "text": 7},
        {"id": "a", "text": ["글"]},
        {"id": "a", "text": "글", "command": "report"},
        {"id": "a", "text": "글", "more": 1},
        {"id": "a", "text": "글", "lang": "xx"},
        {"id": "a", "text": "글", "pages": "yes"},
        {"id": "a", "command": "Report"},
        {"id": "a", "command": "../../etc"},
        {"id": "a", "press": {"turn": "1", "index": 0}},
        {"id": "a", "press": {"turn": 1}},
        {"id": "a", "press": {"turn": -1, "index": 0}},
        {"id": "a", "press": {"turn": 10**30, "index": 0}},
        {"id": "a", "press": {"turn": 1, "index": 1000}},
        {"id": "a", "press": {"turn": True, "index": 0}},
        {"id": "a", "press": [1, 0]},
        {"id": "a", "submit": {"turn": 1, "answers": []}},
        {"id": "a", "submit": {"turn": 1, "answers": {"a": {"b": {"c": {"d": {"e": {"f": 1}}}}}}}},
        {"id": "a", "submit": {"turn": 1, "answers": {str(n): 1 for n in range(65)}}},
        [],
        "글",
        None,
    ],
)
def test_a_call_of_another_shape_is_told_and_heard_by_nobody(body):
    browser = client()
    found = problem_of(browser.post("/chat", json=body), 422, "malformed")
    assert "errors" in found
    assert browser.app_parts.talk.heard == []
    assert "set-cookie" not in browser.post("/chat", json=body).headers


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"id":"a","text":"\\ud800"}',
        b'{"id":"a","submit":{"turn":1,"answers":{"\\ud800":"x"}}}',
        b'{"id":"a","submit":{"turn":1,"answers":{"who":{"\\ud800":"x"}}}}',
        b'{"id":"a","command":"status \\u0000"}',
        b'{"id":"a","text":NaN}',
    ],
)
def test_what_is_no_json_is_told(raw):
    browser = client()
    answer = browser.post("/chat", content=raw, headers={"content-type": "application/json"})
    assert answer.status_code in {400, 422}
    assert answer.headers["content-type"] == PROBLEM
    assert browser.app_parts.talk.heard == []


def test_a_problem_never_repeats_what_was_typed():
    browser = client()
    answer = browser.post("/chat", json={"id": "a", "text": ["900101-1234567 홍길동"]})
    assert "홍길동" not in answer.text
    assert "900101" not in answer.text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "👍🏽👨‍👩‍👧",
        "\u202eabc\u202c",
        "길\u200b이",
        "ﷺ" * 50,
        "Дорога разбита",
        "\0",
        "a\r\nb",
        "가" * 4001,
    ],
)
def test_odd_words_reach_the_dialog_as_they_are(text):
    browser = client()
    answer = say(browser, text=text)
    assert answer.status_code == 200
    assert browser.app_parts.talk.heard[0].event.text == text


def test_a_megabyte_is_refused_before_it_is_read_on():
    browser = client()
    problem_of(say(browser, text="가" * 400_000), 413, "too_large")

    def chunks():
        for _ in range(40):
            yield b"x" * 65_536

    answer = browser.post("/chat", content=chunks(), headers={"content-type": "application/json"})
    problem_of(answer, 413, "too_large")
    assert browser.app_parts.talk.heard == []


def test_a_page_of_another_site_may_not_use_the_cookie():
    browser = client()
    say(browser, text="하나")
    foreign = {"origin": "https://evil.example"}
    problem_of(
        browser.post("/chat", json={"id": "b", "text": "둘"}, headers=foreign), 403, "foreign"
    )
    cross = {"sec-fetch-site": "cross-site"}
    problem_of(
        browser.post("/chat", json={"id": "b", "text": "둘"}, headers=cross), 403, "foreign"
    )
    null = {"origin": "null", "sec-fetch-site": "cross-site"}
    answer = browser.post("/chat", json={"id": "b", "text": "둘"}, headers=null)
    problem_of(answer, 403, "foreign")
    own = {"origin": "https://talk.example.go.kr", "sec-fetch-site": "same-origin"}
    assert browser.post("/chat", json={"id": "b", "text": "둘"}, headers=own).status_code == 200


def test_a_form_of_another_site_cannot_pass_as_json():
    browser = client()
    answer = browser.post(
        "/chat", content=b'{"id":"a","text":"x"}', headers={"content-type": "text/plain"}
    )
    assert answer.status_code in {400, 415, 422}
    assert browser.app_parts.talk.heard == []


def test_too_many_turns_are_asked_to_wait_and_may_go_on_afterwards():
    browser = client(limits=WebLimits(turns=(3, 1.0)))
    say(browser, "first", text="하나")
    for number in range(3):
        assert say(browser, f"n{number}", text="글").status_code == 200
    answer = say(browser, "n9", text="글")
    problem_of(answer, 429, "too_many")
    assert int(answer.headers["retry-after"]) >= 1
    browser.app_parts.now.move(seconds=5)
    assert say(browser, "n9", text="글").status_code == 200


def test_new_conversations_are_counted_by_network():
    talk = FakeTalk()
    browser = client(talk, limits=WebLimits(starts=(2, 60.0)))
    for number in range(2):
        assert say(browser, f"n{number}", text="글").status_code == 200
        browser.cookies.clear()
    problem_of(say(browser, "n9", text="글"), 429, "too_many")
    assert len(talk.peers) == 2


def test_a_database_that_is_away_is_told_with_a_time():
    talk = FakeTalk()
    browser = client(talk)
    talk.failure = Overloaded(7)
    answer = say(browser, text="글")
    problem_of(answer, 503, "overloaded")
    assert answer.headers["retry-after"] == "7"
    assert "set-cookie" not in answer.headers
    talk.failure = None
    assert say(browser, text="글").status_code == 200


def test_what_is_a_bug_of_ours_is_told_in_korean_without_a_trace():
    talk = FakeTalk()
    talk.failure = ZeroDivisionError("홍길동")
    browser = TestClient(
        client(talk).app, "https://talk.example.go.kr", raise_server_exceptions=False
    )
    answer = say(browser, text="글")
    problem_of(answer, 500, "broken")
    assert "홍길동" not in answer.text


def test_two_presses_at_once_are_one_turn():
    talk = FakeTalk()
    browser = client(talk)
    say(browser, "a", text="하나")
    with browser, ThreadPoolExecutor(2) as pool:
        answers = list(
            pool.map(lambda _: say(browser, "p", press={"turn": 1, "index": 8}), range(2))
        )
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json() == answers[1].json()
    assert len(talk.heard) == 2


def test_resuming_shows_what_is_open_and_changes_nothing():
    talk = FakeTalk()
    browser = client(talk)
    shown = say(browser, "a", text="하나").json()["replies"]
    answer = say(browser, "b", command="resume")
    assert answer.json()["replies"] == shown
    assert len(talk.heard) == 1


def test_resuming_without_a_conversation_begins_one():
    talk = FakeTalk()
    assert "conversation" in say(client(talk), command="resume").json()
    assert talk.heard[0].event.name == "resume"


def test_a_command_may_bring_what_it_is_about():
    browser = client()
    say(browser, command="/supplement_reply 2026-7K3M-Q9")
    event = browser.app_parts.talk.heard[0].event
    assert (event.name, event.arg) == ("supplement_reply", "2026-7K3M-Q9")


def test_other_addresses_and_methods_are_problems_too():
    browser = client()
    problem_of(browser.get("/chat"), 405, "method")
    problem_of(browser.get("/nothing"), 404, "missing")
    assert browser.get("/docs").status_code == 404
    assert browser.get("/redoc").status_code == 404


def document() -> dict[str, Any]:
    return client().get("/openapi.json").json()


def test_openapi_names_the_calls_the_replies_and_the_problems():
    spec = document()
    talk = {"/chat", "/chat/files", "/chat/events"}
    assert set(spec["paths"]) == talk | {
        "/cases",
        "/cases/search",
        "/cases/{ref}",
        "/faq",
        "/faq/search",
    }
    assert set(spec["components"]["schemas"]["ReplyOut"]["required"]) >= KEYS
    TypeAdapter(Problem).validate_python(say(client(), text=None).json(), strict=True)
    for way in spec["paths"].values():
        for call in way.values():
            for status, told in call["responses"].items():
                kinds = set(told["content"])
                assert kinds <= (
                    {PROBLEM} if status != "200" else {"application/json", "text/event-stream"}
                )


def test_a_stranger_learns_from_the_document_how_a_conversation_is_shown():
    spec = document()
    ways = spec["components"]["securitySchemes"]
    assert ways["bearer"]["scheme"] == "bearer"
    assert ways["__Host-chat"] == {"type": "apiKey", "in": "cookie", "name": "__Host-chat"}
    assert {} in spec["paths"]["/chat"]["post"]["security"]
    assert {} not in spec["paths"]["/chat/events"]["get"]["security"]
    assert set(spec["paths"]["/chat/files"]["post"]["requestBody"]["content"]) == {
        "multipart/form-data"
    }


def test_the_document_says_that_a_call_is_exactly_one_thing():
    call = document()["components"]["schemas"]["Call"]
    assert [way["required"] for way in call["oneOf"]] == [
        ["text"], ["command"], ["press"], ["submit"],
    ]  # fmt: skip
    assert call["properties"]["command"]["anyOf"][0]["pattern"].startswith("^/?[a-z]")
    assert call["additionalProperties"] is False


@pytest.mark.parametrize("deep", [1, 2, 3])
def test_an_answer_nests_no_deeper_than_the_document_says(deep):
    browser = client()
    say(browser, "a", text="하나")
    answer: Any = "깊어요"
    schema = document()["components"]["schemas"]["SubmitIn"]["properties"]["answers"]
    schema = schema["additionalProperties"]
    for _ in range(deep):
        answer = [answer]
        schema = next((kind["items"] for kind in schema["anyOf"] if "items" in kind), None)
        if schema is None:
            break
    sent = say(browser, "b", submit={"turn": 1, "answers": {"name": answer}})
    assert (sent.status_code == 200) == (schema is not None)


def test_a_whole_number_may_be_written_with_a_point():
    browser = client()
    say(browser, "a", text="하나")
    assert say(browser, "b", press={"turn": 1.0, "index": 0}).status_code == 200
    problem_of(say(browser, "c", press={"turn": 1.5, "index": 0}), 422, "malformed")
    problem_of(say(browser, "d", press={"turn": True, "index": 0}), 422, "malformed")


def test_a_401_and_a_405_name_the_way_in():
    browser = client()
    unknown = browser.get("/chat/events", headers={"authorization": "Bearer x"})
    assert unknown.headers["www-authenticate"] == "Bearer"
    assert browser.put("/chat").headers["allow"] == "POST"


def test_a_sheet_is_told_in_blocks_and_as_the_text_of_its_file():
    blocks = (Block("제목", "옥상 영업"), Block("까닭", "법이 없대요"))
    sheet = Sheet("붙여 넣어 주세요.", blocks, "글.txt", (Option("냈어요", index=0),), 1)
    body = say(client(FakeTalk(lambda _event, _turn: (sheet,))), text="가져가기").json()
    TypeAdapter(Answered).validate_python(body, strict=True)
    (reply,) = body["replies"]
    assert reply["sheet"] == {
        "blocks": [
            {"label": "제목", "text": "옥상 영업"},
            {"label": "까닭", "text": "법이 없대요"},
        ],
        "name": "글.txt",
        "file": "[제목]\r\n옥상 영업\r\n\r\n[까닭]\r\n법이 없대요\r\n",
    }
    assert reply["options"][0]["press"] == {"turn": 1, "index": 0}


def test_an_issue_is_told_with_its_pieces_its_pictures_and_the_stop():
    body = say(client(FakeTalk(lambda _event, _turn: (issues.monthly(),))), text="소식").json()
    TypeAdapter(Answered).validate_python(body, strict=True)
    (reply,) = body["replies"]
    assert (reply["kind"], reply["text"]) == ("news", "월간 적극행정 2026년 11월호")
    news = reply["news"]
    assert news["pictures"] == [
        {"src": "/news/2026-11/0.png", "alt": "막대그래프: 9월 25건, 10월 28건, 11월 31건"}
    ]
    assert [part["picture"] for part in news["parts"]] == [None, 0, None, None]
    assert news["parts"][0]["url"] == "https://gaon.example/cases/gaon-2026-3"
    page, stop = reply["options"]
    assert (page["label"], page["url"]) == ("누리집에서 보기", news["page"])
    assert (stop["label"], stop["command"]) == ("그만 받기", "news_stop 2026-11")


@pytest.mark.parametrize("lang", ["ko", "en"])
@pytest.mark.parametrize("kind", [issues.monthly, issues.cards])
def test_an_issue_is_told_as_the_golden_file_shows(kind, lang):
    """`JEOKGEUK_GOLDEN=write` writes it anew, to be looked at."""
    out = shape(kind(), parts().say(lang))
    told = {name: out[name] for name in ("kind", "text", "options", "news")}
    now = json.dumps(told, ensure_ascii=False, indent=1) + "\n"
    path = GOLDEN / f"{kind.__name__}.{lang}.json"
    if os.environ.get("JEOKGEUK_GOLDEN") == "write":
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(now, encoding="utf-8")
    assert now == path.read_text(encoding="utf-8")


def test_no_hostile_string_breaks_the_json_of_an_issue():
    say_ko = parts().say("ko")
    for text in HOSTILE:
        out = shape(issues.hostile(text), say_ko)
        json.dumps(out, ensure_ascii=False).encode()
        assert out["news"]["parts"][2]["url"] is None
