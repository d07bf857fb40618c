"""Calls of the API on made-up parts."""

from starlette.testclient import TestClient

from bot.handlers.api import application
from bot.handlers.chat.feed import Feed
from bot.handlers.chat.talk import Conversations
from tests.web.fakes import FakeTalk, parts

PROBLEM = "application/problem+json"
KEYS = {"kind", "text", "step", "input", "optional", "turn", "progress", "error", "hint", "options", "items", "receipt", "sheet"}  # fmt: skip
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40


def client(talk: FakeTalk | None = None, **changes) -> TestClient:
    talk = talk or FakeTalk()
    made = parts(talk=talk, **changes)
    feed = Feed(made.back, most=5, per_conversation=3)
    app = application(made, Conversations(made), feed)
    browser = TestClient(app, base_url="https://talk.example.go.kr")
    browser.app_parts = made
    return browser


def say(browser: TestClient, call: str = "a1", **said):
    return browser.post("/chat", json={"id": call, "lang": "ko", **said})


def problem_of(answer, status: int, code: str) -> dict:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == PROBLEM
    body = answer.json()
    assert body["status"] == status
    assert body["code"] == code
    assert any("가" <= letter <= "힣" for letter in body["detail"])
    return body
