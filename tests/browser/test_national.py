"""국민신청 길잡이 in a real browser: the text is copied, saved as a file, and stays when reloaded."""

from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.browser

GOAL = "옥상에서 음식을 팔고 싶어요 <b>"


def to_sheet(somebody: Any) -> None:
    somebody.open()
    somebody.press("거절당했는데 법이 애매하대요")
    for label in ("민원이 거부됐다는 통지", "법이나 규정이 없대요", "허가·등록·신고"):
        somebody.press(label)
    somebody.say("11월 3일")
    somebody.press("신청글 준비하기")
    somebody.say("가온시 건축과, 2026-1234")
    somebody.say(GOAL)
    somebody.press("다 썼어요")
    somebody.say("관련 규정이 없어 허가할 수 없음")
    somebody.say("기준을 세워 주세요. 작은 가게들이 함께 좋아져요")
    somebody.press("다 썼어요")


@pytest.mark.parametrize("phone", [True, False], ids=["phone", "desk"])
def test_the_text_can_be_taken_and_is_still_there(visit, audit, shots, tmp_path, phone):
    somebody = visit(phone=phone, permissions=["clipboard-read", "clipboard-write"])
    page = somebody.page
    to_sheet(somebody)
    assert audit(page) == []
    page.screenshot(path=shots / "sheet.png", full_page=True)
    page.get_by_role("button", name="신청 내용 복사").click()
    page.get_by_text("복사했어요.").first.wait_for()
    assert "하려던 일]\n" + GOAL in page.evaluate("navigator.clipboard.readText()")
    with page.expect_download() as wanted:
        page.get_by_role("link", name="파일로 받기").click()
    assert wanted.value.suggested_filename == "국민신청_글.txt"
    saved = tmp_path / "saved.txt"
    wanted.value.save_as(saved)
    data = saved.read_bytes()
    assert data.startswith("\ufeff[제목]\r\n".encode())
    assert GOAL.encode() in data
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.reload()
    page.get_by_role("button", name="신청 내용 복사").wait_for()
    link = page.get_by_role("link", name="국민신문고 열기")
    assert link.get_attribute("href") == "https://www.epeople.go.kr"
    somebody.press("아직이에요, 나중에")
    page.screenshot(path=shots / "consent.png", full_page=True)
    somebody.press("동의해요")
    somebody.press("이 대화로")
    page.screenshot(path=shots / "kept.png", full_page=True)
    assert "국민신청이 된 것은 아니에요" in page.locator(".receipt").inner_text()
    assert audit(page) == []


def test_where_nothing_can_be_copied_the_words_are_selected(visit, shots: Path):
    somebody = visit(phone=True)
    to_sheet(somebody)
    page = somebody.page
    page.evaluate(
        "() => { navigator.clipboard.writeText = () => Promise.reject(new Error('no')); }"
    )
    page.get_by_role("button", name="제목 복사").click()
    page.get_by_text("골라 두었어요").first.wait_for()
    assert page.evaluate("getSelection().toString()") == GOAL
