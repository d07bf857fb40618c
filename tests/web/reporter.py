"""Somebody who files a report by the API, and opens it again by its code."""

from starlette.testclient import TestClient

from tests.web.browse import Page

HERE = "https://talk.gaon.example"


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


def enter(browser, number: str, code: str) -> Page:
    browser.open("/status")
    return browser.press("열기", number=number, code=code)
