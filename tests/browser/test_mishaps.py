import pytest

pytestmark = pytest.mark.browser


def test_a_page_that_was_not_taken_leaves_no_trace_of_having_been_sent(visit):
    somebody = visit()
    page = somebody.page
    somebody.to_summary()
    somebody.press("이름 고치기")
    page.get_by_label("이름", exact=True).last.fill("")
    sent = page.locator(".from-me").count()
    somebody.press("다음")
    assert page.locator(".error-summary").count() == 1
    assert page.locator(".from-me").count() == sent
    # What is wrong stands at the page's own fields, not at the field for questions.
    assert page.locator("#compose-error").is_hidden()
    assert page.locator("#text").get_attribute("aria-invalid") is None


def test_more_files_than_may_be_sent_stay_chosen(visit):
    somebody = visit()
    page = somebody.page
    somebody.open()
    somebody.press("일을 미뤄서 신고하고 싶어요")
    one = {"mimeType": "image/png", "buffer": b"x"}
    page.locator("#files").set_input_files([{"name": f"{n}.png", **one} for n in range(6)])
    page.locator("#send").click()
    assert "5개까지" in page.locator("#compose-error").inner_text()
    assert page.locator("#chosen li").count() == 6


def test_a_file_that_is_too_large_is_named_and_stays_chosen(visit):
    somebody = visit()
    page = somebody.page
    somebody.open()
    somebody.press("일을 미뤄서 신고하고 싶어요")
    page.evaluate("""() => {
        const chosen = new DataTransfer();
        chosen.items.add(new File([new Uint8Array(21 * 2 ** 20)], "road.jpg"));
        const files = document.getElementById("files");
        files.files = chosen.files;
        files.dispatchEvent(new Event("change"));
    }""")
    page.locator("#send").click()
    assert (
        "road.jpg: 파일이 너무 커요. 하나에 20MB까지"
        in page.locator("#compose-error").inner_text()
    )
    assert page.locator("#chosen li").count() == 1


@pytest.mark.parametrize("phone", [True, False])
def test_what_could_not_be_sent_is_seen_whole_with_its_button(visit, phone):
    somebody = visit(quiet=True, phone=phone)
    page = somebody.page
    somebody.open()
    somebody.press("일을 미뤄서 신고하고 싶어요")
    somebody.press("네, 답을 들었는데 그대로예요")
    somebody.press("없어요")
    page.context.set_offline(True)
    page.locator("#text").fill("중앙시장 앞 길이 파였어요")
    page.locator("#send").click()
    page.get_by_text("인터넷이 끊겼어요").wait_for()
    page.wait_for_function(
        """() => document.querySelector(".state .btn").getBoundingClientRect().bottom
            <= document.getElementById("dock").getBoundingClientRect().top""",
        timeout=3000,
    )


def test_an_emoji_does_not_shift_what_stands_out(visit):
    somebody = visit()
    somebody.open()
    text = "😀 첫째\n· 👍🏽 굵게 뒤"
    begin = text.index("굵게")
    bold = """([how, text, marks]) => import(
            document.querySelector('script[type=module][src]').src.replace(/[^/]*$/, 'words.js')
        ).then((words) => {
            const box = document.createElement('div');
            box.append(...[words[how](text, marks)].flat());
            return box.querySelector('strong').textContent;
        })"""
    for how in ("lines", "rich"):
        assert somebody.page.evaluate(bold, [how, text, [[begin, begin + 2]]]) == "굵게"
