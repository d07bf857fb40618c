"""Every page that citizens read, in both languages: no code, nothing in the other language."""

import re
from datetime import timedelta

import pytest
from starlette.testclient import TestClient

from bot.dialogs.replies import Phrase
from bot.handlers.public import application
from tests import plain_words
from tests.web.browse import Browser
from tests.web.city import City
from tests.web.reporter import HERE

PAGES = ("/", "/status", "/notice", "/mine", "/plain", "/c", "/k", "/nothing")
LATIN = frozenset("PDF JPG PNG HWP HWPX MB QR JSON JKR FZ LLC Telegram English summary".split())  # noqa: SIM905
"""Words that Korean pages write in Latin letters: formats, names."""

HANGUL = (
    # terms of the statutes and names that have no other form
    "소극행정", "국민신문고", "국민권익위원회",
    # what this agency or this citizen wrote, as it stands
    "가온시 중앙로 12", "도로과", "감사담당관", "park감사", "한국어",
)  # fmt: skip
WROTE = {"ko": "중앙시장 앞 길이 10월부터 파여 있어요", "en": "The road has had a hole since May"}
WANTS = {"ko": "길을 고쳐 주세요", "en": "Please mend the road"}
NAME = {"ko": "홍길동", "en": "Jane Doe"}
ANSWER = {
    "judgement": "upheld", "checked": "x", "why": "x", "demands": "x", "action_state": "planned",
    "action": "x", "action_due": "2027-01-20", "remedy": "x", "summary_en": "x", "doc_no": "x-1",
    "approved_on": "2026-11-23", "approver": "x",
}  # fmt: skip


class Reader:
    """Somebody who reads every page that comes, in one language."""

    def __init__(self, city: City, lang: str) -> None:
        self.city, self.lang = city, lang
        self.browser = Browser(TestClient(application(city.parts), base_url=HERE))
        self.found: list[tuple[str, list[str]]] = []

    def say(self, key: str) -> str:
        texts, site = self.city.texts, self.city.parts.site
        return texts.render(Phrase(key, dict.fromkeys(texts.holes(key), "")), self.lang, site)

    def look(self, where: str) -> str:
        text = plain_words.spoken(self.browser.page.html)
        wrong = plain_words.codes(text)
        if self.lang == "ko":
            wrong += plain_words.latin(text, LATIN | set(re.findall("[A-Za-z]+", "park x Doe")))
        else:
            wrong += plain_words.hangul(text, HANGUL)
        if wrong:
            self.found.append((where, wrong))
        return text

    def open(self, path: str) -> None:
        self.browser.open(path if self.lang == "ko" else f"{path}?lang={self.lang}")
        self.look(path)

    def press(self, key: str, **fields: str) -> str:
        self.browser.press(self.say(key), **fields)
        return self.look(key)


def file(reader: Reader, **person: str) -> str:
    """File by the plain page; gives the number. Whoever gives no name says nothing of himself."""
    lang = reader.lang
    reader.open("/plain")
    reader.press("passive_report.menu")
    reader.press("passive_report.prior.options.answered")
    reader.press("passive_report.prior_no.skip")
    reader.press("web.plain.send", text=WROTE[lang])
    asked = reader.press("dialog.written")
    if reader.say("passive_report.when_where.ask") in asked:  # a day is not read from English
        reader.press("passive_report.when_where.skip")
    reader.press("web.plain.send", text=WANTS[lang])
    reader.press("passive_report.unit.skip")
    reader.press("passive_report.proof.skip")
    if person:
        reader.press("passive_report.who.options.named")
        reader.press("web.chat.next", **{f"f-{name}": value for name, value in person.items()})
    else:
        reader.press("passive_report.who.options.anonymous")
    text = reader.press("passive_report.summary.confirm")
    match = plain_words.NUMBER.search(text)
    assert match, text
    return match[0]


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_no_page_of_the_citizens_says_a_code_or_speaks_the_other_language(city, lang):
    reader = Reader(city, lang)
    for path in PAGES:
        reader.open(path)
    number = file(
        reader, name=NAME[lang], address="가온시 중앙로 12", reply_by="post", share="ask_first"
    )
    code = re.search(r'<span class="code">([^<]+)</span>', reader.browser.page.html)[1]
    lived(city, reader, number, code)
    assert reader.found == []


@pytest.mark.parametrize(("lang", "typed"), [("ko", "내 정보"), ("en", "my data")])
def test_no_page_about_ones_own_data_says_a_code_or_speaks_the_other_language(city, lang, typed):
    reader = Reader(city, lang)
    reader.open("/plain")
    reader.press("web.plain.send", text=typed)
    reader.press("mydata.show")
    for ask in ("correct", "stop", "ask"):
        reader.press("web.plain.send", text=typed)
        reader.press(f"mydata.{ask}")
    reader.press("personal_data.ask.options.see")
    reader.press("web.plain.send", text=WROTE[lang])
    reader.press("dialog.written")
    assert reader.say("web.plain.if_chosen") in reader.browser.page.text
    reader.press("web.chat.next")  # refused: every question of the page says what it lacks
    reader.press("web.chat.next", **{"f-name": NAME[lang], "f-reply_by": "post"})
    reader.press("web.chat.next", **{"f-address": "가온시 중앙로 12"})
    text = reader.press("personal_data.summary.confirm")
    number = plain_words.NUMBER.search(text)
    assert number, text
    assert reader.found == []


def lived(city: City, reader: Reader, number: str, code: str) -> None:
    """Let the office do all that it may, and look at the page after each."""

    def enter() -> None:
        reader.open("/status")
        reader.press("web.status.open", number=number, code=code)

    def again() -> None:
        reader.press("web.case.again")

    enter()

    def office(who: str, action: str, /, **fields: str) -> None:
        city.office(who, number, action, **fields)
        again()

    office("kim", "assign", handler="park", unit="road")
    office("park", "start")
    office("park", "ask_supplement", items="x", why="x", days="7")
    for action in ("supplement_extend", "supplement_reply", "withdraw", "request_record"):
        reader.press(f"move.{action}.name")
        reader.press("web.case.back")
    reader.press("move.supplement_reply.name")
    reader.press("web.case.send", text="x")
    office("park", "extend", days="3", reason="x", done="x")
    office("park", "ask_extension2", days="3", reason="x")
    reader.press("move.extension2_reply.name")
    reader.press("web.case.back")
    office("park", "onsite", place="x", start="2026-11-24", until="2026-11-27")
    office("park", "onsite_end", seen="x")
    city.clock.move(days=40)
    enter()
    office("park", "interim", done="x", todo="x")
    office("park", "overdue", reason="x", promise=str((city.clock() + timedelta(9)).date()))
    office("park", "to_approval", **{k: v for k, v in ANSWER.items() if k not in SIGNED})
    office("park", "result", **ANSWER)
    reader.press("move.survey.name")


SIGNED = ("doc_no", "approved_on", "approver")
