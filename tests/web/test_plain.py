import re
from html import escape
from urllib.parse import unquote

import pytest
from starlette.testclient import TestClient

from bot.channel import Parcel
from bot.dialogs.replies import Block, Sheet
from bot.handlers.chat.channel import WebChannel
from bot.handlers.public import application
from tests import issues
from tests.web.browse import Browser
from tests.web.fakes import FakeTalk, parts
from tests.web.reporter import HERE, Reporter, enter


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


def test_going_on_where_nothing_is_open_says_so_and_begins_no_conversation(browser):
    browser.open("/plain")
    browser.press("이어서 하기")
    assert "이어서 쓸 것이 없어요" in browser.page.text
    assert not browser.client.cookies


def test_the_first_plain_page_takes_words_as_well_as_a_choice(browser):
    browser.open("/plain")
    browser.press("보내기", text="내 정보")
    browser.press("요청서 내기")
    assert "10일 안에 답해요" in browser.page.text


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


def test_a_sheet_stands_on_the_plain_page_whole_and_as_a_file():
    blocks = (Block("제목", "옥상 영업"), Block("까닭", "둘째 줄\n<b>"))
    sheet = Sheet("붙여 넣어 주세요.", blocks, "글.txt", turn=1)
    talk = FakeTalk(lambda _event, _turn: (sheet,))
    browser = Browser(TestClient(application(parts(talk=talk)), base_url=HERE))
    browser.open("/plain")
    page = browser.press("보내기", text="가져가기")
    assert re.findall(r'<div class="take-words"[^>]*>([^<]*)</div>', page.html) == [
        "옥상 영업",
        "둘째 줄\n&lt;b&gt;",
    ]
    link = re.search(r'href="data:text/plain;charset=utf-8,([^"]*)" download="글.txt"', page.html)
    assert unquote(link[1]) == "\ufeff[제목]\r\n옥상 영업\r\n\r\n[까닭]\r\n둘째 줄\r\n<b>\r\n"


@pytest.mark.parametrize("words", ["월간 적극행정", '<script>alert(1)</script>" onerror="\u202ex'])
def test_an_issue_stands_on_the_plain_page_with_its_pictures_and_the_stop(words):
    talk = FakeTalk(lambda _event, _turn: (issues.hostile(words),))
    browser = Browser(TestClient(application(parts(talk=talk)), base_url=HERE))
    browser.open("/plain")
    page = browser.press("보내기", text="소식")
    words = words.replace("\u202e", "")
    assert "\u202e" not in page.html.split("news_stop")[0].split("<h3>", 1)[1]
    assert "<script>a" not in page.html
    assert ' onerror="' not in page.html
    assert re.findall(r'<img class="picture" src="([^"]*)" alt="([^"]*)">', page.html) == [
        (f"/news/2026-11/{n}.png", escape(words).replace("&quot;", "&#34;")) for n in (0, 1)
    ]
    assert re.findall(r'<h3><a href="([^"]*)"', page.html) == [
        "https://gaon.example/cases/x",
        "https://evil.example/?a=|b&gt;c",
    ]
    assert 'name="command" value="news_stop 2026-11"' in page.html


def test_the_preview_of_an_issue_is_what_the_page_shows():
    channel = WebChannel(parts().texts, {})
    made = channel.preview(Parcel("", issues.monthly(), "ko"))
    before, after = made.pieces
    assert (before.pictures, after.pictures) == ((), (0,))
    assert before.text.endswith("신고 31건 가운데 28건을 기한 안에 답했습니다.")
    assert after.text.startswith("옥외 영업 지침\n지침이")
    assert "그림: 막대그래프" in made.text
    assert made.buttons == (("누리집에서 보기",), ("그만 받기",))
    cards = channel.preview(Parcel("", issues.cards(2), "ko")).pieces
    assert [one.pictures for one in cards] == [(), (0, 1)]
