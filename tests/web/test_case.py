import re

from starlette.testclient import TestClient

from bot.handlers.public import application
from bot.services import sight
from bot.services.history import History
from storage import journal, receipts
from storage.journal import Head
from tests.pictures import jpeg
from tests.web.browse import Browser
from tests.web.reporter import HERE, Reporter, enter


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
    assert "번호를 적어 주세요" in page.text
    assert "확인 코드를 적어 주세요" in page.text
    assert 'aria-invalid="true"' in page.html


def test_guessing_slows_down_and_never_locks(city, browser, filed):
    for _ in range(5):
        enter(browser, filed["number"], "AAAA-AAAA-AAAA-AAAA")
    slow = enter(browser, filed["number"], filed["code"])
    assert "뒤에 다시 적어" in slow.text
    city.clock.move(hours=2)


def test_a_case_shows_what_came_and_lets_its_reporter_answer(city, client, filed):
    city.office("kim", filed["number"], "assign", handler="park", unit="road")
    city.office("park", filed["number"], "start")
    other = Browser(TestClient(application(city.parts), base_url=HERE))
    page = enter(other, filed["number"], filed["code"])
    assert "담당자가 정해졌어요" in page.text
    assert "연장에 답하기" not in page.text
    form = other.press("글 보내기")
    trail = re.findall(r"<li><(?:a|span)[^>]*>([^<]+)</", form.html.split("crumbs", 1)[1])
    assert trail[:4] == ["홈", "낸 신고 확인", f"접수번호 {filed['number']}", "글 보내기"]
    empty = other.press("보내기")
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
    assert told(city).count("message") == 1


def test_going_back_and_sending_the_same_words_writes_them_once(city, browser, filed):
    enter(browser, filed["number"], filed["code"])
    for words in ("한 번", "한 번", "두 번", "두 번"):
        browser.press("글 보내기")
        page = browser.press("보내기", text=words)
        assert page.status == 200
    assert "이미 받았어요" in page.text
    city.clock.move(hours=2)
    enter(browser, filed["number"], filed["code"])
    browser.press("글 보내기")
    browser.press("보내기", text="두 번")
    assert told(city).count("message") == 3


def told(city) -> list[str]:
    return city.store.read(
        lambda unit: [one.kind for one in History(unit, sight.get(unit, 1).sid).all]
    )


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
        files=[
            (field, ("사진.jpg", jpeg(), "image/jpeg")),
            (field, ("x.exe", b"MZ\x90\x00\x03", "x")),
        ],
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


def test_each_notice_stands_with_what_its_letter_is_compared_by(city, browser, filed):
    page = enter(browser, filed["number"], filed["code"])
    heads = [letter.head for letter in letters(city, filed)]
    assert heads
    assert [one for one in heads if f'<code translate="no">{one}</code>' not in page.html] == []


def test_a_notice_comes_as_paper(city, browser, filed):
    enter(browser, filed["number"], filed["code"])
    browser.press("PDF로 받기")
    assert browser.raw.headers["content-type"] == "application/pdf"
    assert browser.raw.content.startswith(b"%PDF")
    assert filed["number"] in browser.raw.headers["content-disposition"]


def test_a_report_sent_after_hours_has_a_number_of_its_own_name_until_it_is_received(city, client):
    city.clock.move(hours=10)
    filed = Reporter(client).file()
    assert filed["label"] == "제출번호"
    page = enter(Browser(client), filed["number"], filed["code"])
    assert f"<h1>제출번호 {filed['number']}</h1>" in page.html
    assert "접수번호" not in page.text
    city.clock.move(hours=14)
    city.office("kim", filed["number"], "receive")
    page = enter(Browser(client), filed["number"], filed["code"])
    assert f"<h1>접수번호 {filed['number']}</h1>" in page.html
    assert [one.labels[1] for one in letters(city, filed)] == ["제출번호", "접수번호"]


def test_without_a_name_there_is_a_reference_and_nothing_else(city, client):
    filed = Reporter(client).file(named=False)
    assert (filed["called"], filed["label"]) == ("reference", "참고번호")
    page = enter(Browser(client), filed["number"], filed["code"])
    assert f"<h1>참고번호 {filed['number']}</h1>" in page.html
    assert "접수번호" not in page.text
    assert [one.labels[1] for one in letters(city, filed)] == ["참고번호"]


def test_in_english_every_number_has_one_name(city, client):
    city.clock.move(hours=10)
    filed = Reporter(client).file()
    page = enter(Browser(client), filed["number"], filed["code"])
    carried = next(form.fields["pass"] for form in page.forms if "pass" in form.fields)
    english = client.post("/case?lang=en", data={"pass": carried})
    assert f"<h1>Number {filed['number']}</h1>" in english.text


def letters(city, filed) -> list:
    """Print everything that the reporter was told."""
    status = city.back.by_code(filed["number"], filed["code"], "n")
    told = city.back.case(*status).status.told
    return [city.back.letter(*status, one.seq) for one in told]


def test_a_receipt_is_signed_and_its_key_is_published(city, client, filed):
    published = client.get("/.well-known/jeokgeuk-receipts").text
    found = receipts.read(filed["proof"])
    keys = dict(line.split() for line in published.splitlines())
    assert receipts.holds(found, receipts.public_key(keys[found.key_id]))
    assert found.number == filed["number"]
    assert filed["code"] not in filed["proof"]
    sid = city.store.read(lambda unit: sight.get(unit, 1).sid)
    assert city.store.read(lambda unit: journal.verify(unit, sid, found.head)) == []
    assert filed["qr"]["path"].startswith("M4 4h1")


def test_without_a_name_the_receipt_is_signed_with_the_hour_alone(client):
    filed = Reporter(client).file(named=False)
    at = receipts.read(filed["proof"]).at
    assert (at.minute, at.second) == (0, 0)


def lost(city) -> str:
    """Make the receipt of a report that the database does not have."""
    head = Head(3, bytes(32))
    return receipts.sign(city.store.ring, "2026-7K3M-Q9", city.clock(), "passive_report", head)


def asked(browser, **typed):
    browser.open("/status")
    return browser.press("열기", **typed)


def test_who_shows_the_receipt_of_a_lost_report_may_file_it_again(city, browser):
    page = asked(browser, receipt=lost(city))
    assert page.status == 200
    assert "신고를 잃어버렸어요" in page.text
    assert "잃어버린 것은 우리예요" in page.text
    assert "2026-7K3M-Q9" in page.text
    form = browser.press("다시 내기")
    assert "소극행정" in form.text or "답을 들었는데" in form.text


def test_every_other_receipt_gets_the_answer_of_an_unknown_number(city, browser, filed):
    line = lost(city)
    pages = [
        asked(browser, number="2026-2222-22", code="AAAA-AAAA-AAAA-AAAA"),
        asked(browser, number="2026-2222-22", receipt=line),
        asked(browser, receipt=line.replace("Q9", "Q7")),
        asked(browser, receipt=filed["proof"]),
        asked(browser, receipt="<b>x</b>"),
    ]
    assert {page.status for page in pages} == {422}
    problem = "번호나 확인 코드가 맞지 않아요"
    assert all(problem in page.text for page in pages)
    assert "&lt;b&gt;x" in pages[-1].html


def test_receipts_are_tried_as_slowly_as_codes(city, browser):
    for _ in range(5):
        asked(browser, receipt="x")
    assert "뒤에 다시 적어" in asked(browser, receipt=lost(city)).text
