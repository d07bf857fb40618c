import re

import pytest

from tests.pictures import jpeg

pytestmark = pytest.mark.browser

EVIL = [
    "<img src=x onerror=alert(1)>",
    "<script>alert(1)</script>",
    '"><svg onload=alert(1)>',
    "javascript:alert(1)",
    "{{7*7}}${7*7}",
    "\u202eabc\u202c",
    "https://evil.example/?q=<b>",
]


def test_the_model_dialog_takes_at_most_twelve_actions_on_a_phone(visit, tmp_path):
    photo = tmp_path / "사진.jpg"
    photo.write_bytes(jpeg())
    somebody = visit(phone=True)
    somebody.open()
    somebody.say("길 파인거 몇번을 말해도 안고쳐줘요")
    somebody.press("네, 신고하기")
    somebody.press("네, 답을 들었는데 그대로예요")
    somebody.say("10월에 전화 두번")
    assert (
        "길 파인거 몇번을 말해도 안고쳐줘요"
        in somebody.page.locator(".from-service").last.inner_text()
    )
    somebody.say("중앙시장 정문앞")
    somebody.page.locator("#files").set_input_files(photo)
    somebody.actions += 1
    somebody._done(somebody.page.locator("#send").click)
    somebody.press("다 썼어요")
    somebody.say("얼른 메꿔주고 왜 미뤘는지 말해줘요. 아내가 넘어졌어요")
    assert somebody.page.get_by_text("배상받는 절차").count()
    somebody.press("맞아요")
    somebody.press("이름을 밝히고 답 받기")
    somebody.fill(이름="홍길동", 주소="가온시 중앙로 12")
    somebody.page.get_by_label("전화로 설명 듣기").check()
    somebody.fill(전화번호="010-1234-5678")
    assert somebody.page.get_by_label("먼저 저에게 물어보기").is_checked()
    somebody.press("다음")
    somebody.press("안내를 보았고 이대로 내기")
    receipt = somebody.page.locator(".receipt").inner_text()
    assert "12월 1일(화)" in receipt
    assert re.search(r"[0-9A-Z]{4}(-[0-9A-Z]{4}){3}", receipt)
    assert somebody.actions <= 12


def test_the_main_job_by_keys_alone(visit):
    somebody = visit()
    page = somebody.page
    somebody.open()

    def tab_to(label: str) -> None:
        for _ in range(80):
            page.keyboard.press("Tab")
            here = page.evaluate(
                "() => { const e = document.activeElement;"
                " if (e === document.body) return '';"
                " const l = e.labels && e.labels[0]; return (l ? l.innerText : e.innerText) || '' }"
            )
            if label in here:
                return
        raise AssertionError(f"no way to {label!r} by Tab")

    def press(label: str) -> None:
        tab_to(label)
        somebody._done(lambda: page.keyboard.press("Enter"))

    def write(text: str) -> None:
        if page.evaluate("document.activeElement.id") != "text":
            page.locator("#text").focus()
        page.keyboard.type(text)
        somebody._done(lambda: page.keyboard.press("Enter"))

    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.innerText") == "대화로 바로 가기"
    press("일을 미뤄서 신고하고 싶어요")
    press("네, 답을 들었는데 그대로예요")
    write("10월에 전화")
    write("10월부터 중앙시장 앞 길이 파여 있어요")
    press("다 썼어요")
    write("고쳐 주세요")
    press("모르겠어요")
    press("없어요")
    press("이름을 밝히고 답 받기")
    tab_to("이름")
    page.keyboard.type("홍길동")
    tab_to("주소")
    page.keyboard.type("가온시 중앙로 12")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    chosen = page.evaluate("document.activeElement.value")
    assert chosen in {"email", "mail", "post"}
    if chosen != "post":
        page.keyboard.press("ArrowDown")
    press("다음")
    press("안내를 보았고 이대로 내기")
    assert "접수" in page.locator(".receipt").inner_text()


def test_focus_goes_where_the_next_thing_is_to_be_done(visit):
    somebody = visit()
    page = somebody.page
    somebody.open()
    somebody.press("일을 미뤄서 신고하고 싶어요")
    assert page.evaluate("document.activeElement.getAttribute('role')") == "group"
    somebody.press("네, 답을 들었는데 그대로예요")
    assert page.evaluate("document.activeElement.id") == "text"
    for label in ("없어요",):
        somebody.press(label)
    somebody.say("10월부터 중앙시장 앞 길이 파여 있어요")
    assert page.evaluate("document.activeElement.id") == "text"
    somebody.press("다 썼어요")
    somebody.say("고쳐 주세요")
    somebody.press("모르겠어요")
    somebody.press("없어요")
    somebody.press("이름을 밝히고 답 받기")
    assert page.evaluate("document.activeElement.tagName") == "H2"
    somebody.press("다음")
    assert page.evaluate("document.activeElement.className").startswith("error-summary")
    page.get_by_role("link", name=re.compile("^이름: ")).click()
    assert page.evaluate("document.activeElement.name") == "name"


def test_what_is_wrong_stands_in_words_beside_the_field(visit):
    somebody = visit()
    page = somebody.page
    somebody.to_summary(named=False)
    somebody.open()
    page.wait_for_selector("[data-kind=summary]")
    page.locator("#send").click()
    assert page.locator("#compose-error").inner_text() == "아직 적으신 내용이 없어요."
    assert page.locator("#text").get_attribute("aria-invalid") == "true"
    assert page.evaluate("document.activeElement.id") == "text"


def test_hostile_words_stay_words(visit):
    somebody = visit()
    page = somebody.page
    page.on("dialog", lambda dialog: pytest.fail(dialog.message))
    page.add_init_script(
        "window.blocked = []; addEventListener('securitypolicyviolation', e => blocked.push(e.violatedDirective))"
    )
    somebody.open()
    somebody.press("일을 미뤄서 신고하고 싶어요")
    somebody.press("네, 답을 들었는데 그대로예요")
    somebody.press("없어요")
    for text in EVIL:
        somebody.say(text)
    somebody.press("다 썼어요")
    if page.get_by_role("button", name="모르겠어요").count():
        somebody.press("모르겠어요")
    somebody.say(EVIL[0])
    somebody.press("모르겠어요")
    somebody.press("없어요")
    somebody.press("이름 없이 알리기")
    shown = page.locator("[data-kind=summary]").inner_text()
    for text in EVIL[:5]:
        assert text in shown or text in page.locator("#log").inner_text()
    assert page.locator("#log img, #log script, #log svg, #log b").count() == 0
    assert page.locator("#log a[href*=evil]").count() == 0
    assert page.evaluate("window.blocked") == []


def test_double_clicks_and_two_enters_are_one_message(visit):
    somebody = visit()
    page = somebody.page
    calls: list[str] = []
    page.on(
        "request", lambda r: calls.append(r.post_data) if r.url.endswith("/api/chat") else None
    )
    somebody.open()
    page.get_by_role("button", name="일을 미뤄서").dblclick()
    page.wait_for_selector("[data-kind=ask]")
    assert len(calls) == 1
    page.get_by_role("button", name="네, 답을 들었는데").dblclick()
    page.get_by_text("접수번호가 있으면").wait_for()
    assert len(calls) == 2


def test_a_lost_answer_is_asked_for_again_under_the_same_id(visit):
    somebody = visit(quiet=True)
    page = somebody.page
    somebody.open()
    somebody.press("일을 미뤄서 신고하고 싶어요")
    sent: list[dict] = []

    def lose(route) -> None:
        sent.append(route.request.post_data_json)
        if len(sent) == 1:
            route.fetch()  # it arrived and was stored; only the answer is lost
            route.abort()
        else:
            route.continue_()

    page.route("**/api/chat", lose)
    page.get_by_role("button", name="네, 답을 들었는데").click()
    page.get_by_text("아직 보내지 못했어요").wait_for()
    page.get_by_role("button", name="다시 보내기").click()
    page.get_by_text("접수번호가 있으면").wait_for()
    assert sent[0] == sent[1]
    assert page.locator(".from-me .state").count() == 0
    assert page.get_by_text("접수번호가 있으면").count() == 1


def test_without_a_network_what_was_typed_waits_and_goes_by_itself(visit):
    somebody = visit(quiet=True)
    page = somebody.page
    somebody.open()
    somebody.press("일을 미뤄서 신고하고 싶어요")
    somebody.press("네, 답을 들었는데 그대로예요")
    page.context.set_offline(True)
    page.locator("#text").fill("11월 초 전화")
    page.locator("#send").click()
    page.get_by_text("인터넷이 끊겼어요").wait_for()
    assert "11월 초 전화" in page.locator(".from-me").last.inner_text()
    page.context.set_offline(False)
    page.get_by_text("무슨 일이 있었나요?").wait_for()
    assert page.locator(".from-me .state").count() == 0


def test_a_message_on_the_way_survives_a_reload(visit):
    somebody = visit(quiet=True)
    page = somebody.page
    somebody.open()
    somebody.press("일을 미뤄서 신고하고 싶어요")
    somebody.press("네, 답을 들었는데 그대로예요")
    page.route("**/api/chat", lambda route: route.abort())
    page.locator("#text").fill("11월 초 전화")
    page.locator("#send").click()
    page.get_by_text("아직 보내지 못했어요").wait_for()
    page.unroute("**/api/chat")
    page.reload()
    page.get_by_text("무슨 일이 있었나요?").wait_for()


def test_a_draft_goes_on_after_a_reload_with_the_words_that_were_not_sent(visit):
    somebody = visit()
    page = somebody.page
    somebody.open()
    somebody.press("일을 미뤄서 신고하고 싶어요")
    somebody.press("네, 답을 들었는데 그대로예요")
    page.locator("#text").fill("아직 다 못 쓴 글")
    page.reload()
    page.get_by_text("접수번호가 있으면").wait_for()
    assert page.locator("#text").input_value() == "아직 다 못 쓴 글"
    assert page.locator(".from-me").count() == 0


def test_words_on_a_page_of_fields_survive_a_look_at_an_explanation(visit):
    somebody = visit()
    page = somebody.page
    somebody.to_summary(named=False)
    page.get_by_role("button", name="이름 밝히기 고치기").click()
    page.get_by_role("button", name="이름을 밝히고 답 받기").click()
    page.get_by_label("이름", exact=True).fill("홍길동")
    somebody.press("나머지 보기")
    assert page.get_by_label("이름", exact=True).input_value() == "홍길동"


def test_a_conversation_that_is_gone_begins_anew_and_keeps_the_words(visit):
    somebody = visit(quiet=True)
    page = somebody.page
    somebody.open()
    somebody.press("일을 미뤄서 신고하고 싶어요")
    page.context.clear_cookies()
    page.context.add_cookies([{"name": "chat", "value": "a" * 43, "url": somebody.served.url}])
    page.locator("#text").fill("쓰던 글")
    page.locator("#send").click()
    page.get_by_text("새로 시작해요").wait_for()
    assert page.locator("#text").input_value() == "쓰던 글"
    page.locator("#send").click()
    page.wait_for_function("() => document.getElementById('text').value === ''")


def test_without_a_name_the_code_is_typed_back_before_the_page_is_left(visit):
    somebody = visit()
    page = somebody.page
    _, code = somebody.file(named=False)
    left: list[str] = []
    page.on("dialog", lambda dialog: (left.append(dialog.type), dialog.dismiss()))
    page.get_by_label("적어 둔 확인 코드를").fill("AAAA")
    page.get_by_role("button", name="맞는지 보기").click()
    assert "다르게 적으셨어요" in page.locator(".receipt").inner_text()
    page.evaluate("window.location.reload()")
    page.wait_for_timeout(0)
    assert left == ["beforeunload"]
    page.get_by_label("적어 둔 확인 코드를").fill(code.lower().replace("-", " "))
    page.get_by_role("button", name="맞는지 보기").click()
    page.get_by_text("이 화면을 닫아도 돼요").wait_for()
    page.reload()
    assert left == ["beforeunload"]


def test_the_receipt_number_is_read_out_as_one_says_it(visit):
    somebody = visit()
    number, _ = somebody.file()
    shown = somebody.page.locator(".receipt .number")
    assert shown.locator("[aria-hidden=true]").inner_text() == number
    assert "이" in shown.locator(".only-read").inner_text()


def test_a_notice_of_the_office_appears_in_the_open_page(visit, served):
    somebody = visit()
    number, _ = somebody.file()
    served.office("kim", number, "assign", handler="park", unit="road")
    served.office("park", number, "start")
    news = somebody.page.locator(".news")
    news.first.wait_for()
    assert "담당자가 정해졌어요" in news.first.inner_text()
    assert somebody.page.get_by_role("log").get_attribute("aria-live") == "polite"


def test_a_notice_stays_when_the_page_is_loaded_again_until_the_next_turn(visit, served):
    somebody = visit()
    number, _ = somebody.file()
    served.clock.advance(seconds=1)
    served.office("kim", number, "assign", handler="park", unit="road")
    served.office("park", number, "start")
    somebody.page.locator(".news").wait_for()
    somebody.page.reload()
    somebody.page.locator(".news").wait_for()
    assert somebody.page.locator(".news").count() == 1


def test_a_case_is_opened_again_by_number_and_code_on_another_device(visit):
    number, code = visit().file()
    other = visit(phone=True)
    other.open("/status")
    other.page.get_by_label("번호", exact=True).fill(number)
    other.page.get_by_label("확인 코드").fill(code)
    other.page.get_by_role("button", name="열기").click()
    assert number in other.page.locator("h1").inner_text()
    assert other.page.url.endswith("/status")
    with other.page.expect_download() as download:
        other.page.get_by_role("button", name="PDF로 받기").first.click()
    assert download.value.suggested_filename == f"{number}.pdf"


def test_on_paper_there_is_the_receipt_and_nothing_else(visit):
    somebody = visit()
    number, _ = somebody.file()
    somebody.page.emulate_media(media="print")
    seen = somebody.page.locator("body").inner_text()
    assert number in seen
    assert "보내기" not in seen
    assert not somebody.page.locator("#dock").is_visible()
    assert not somebody.page.locator(".site-footer").is_visible()


def test_leaving_forgets_everything_on_this_device(visit):
    somebody = visit()
    page = somebody.page
    somebody.open()
    somebody.press("일을 미뤄서 신고하고 싶어요")
    page.get_by_role("button", name="이 기기에서 나가기").click()
    page.get_by_text("이 기기에서 나왔어요").wait_for()
    assert page.context.cookies() == []
    somebody.open()
    assert page.get_by_role("button", name="일을 미뤄서").is_visible()
    assert page.locator("#log > li").count() == 1


def test_without_a_script_the_same_buttons_lead_through_plain_forms(visit):
    somebody = visit(java_script_enabled=False)
    page = somebody.page
    somebody.open()
    assert "글자만 있는 화면으로 신고하기" in page.locator("noscript").inner_text()
    page.get_by_role("button", name="일을 미뤄서").click()
    page.get_by_role("button", name="네, 답을 들었는데").click()
    page.get_by_role("button", name="없어요").click()
    page.get_by_label("답이나 하실 말씀").fill("길이 파였어요")
    page.get_by_role("button", name="보내기").click()
    assert page.get_by_text("잘 받았어요").is_visible()
