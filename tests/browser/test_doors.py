import json

import pytest

from bot.services import handover
from storage.repositories import dialogs, peers

pytestmark = pytest.mark.browser


@pytest.fixture
def link(served):
    """Begin a report on Telegram and ask for the agency's page."""
    count = [0]

    def make() -> tuple[str, str]:
        def work(unit):
            count[0] += 1
            peer = peers.ensure(
                unit, "telegram", "77", f"door{count[0]}{id(count)}", "ko", served.clock()
            )
            state = {
                "form": "passive_report", "version": 1, "turn": 4, "at": "prior_no",
                "answers": {"prior": "answered"}, "started": served.clock().isoformat(),
            }  # fmt: skip
            dialogs.save(
                unit, peer, "passive_report", json.dumps(state).encode(), served.clock(), read=0
            )
            peers.touch(unit, peer.id, served.clock(), turn=4)
            return handover.dialog_link(served.app.svc, unit, peer.id)

        found = served.app.store.transact(work, None)
        return found.url.partition("/c")[2], found.nn

    return make


def test_a_dialog_goes_on_here_after_the_two_digits(visit, link):
    path, digits = link()
    somebody = visit(phone=True)
    page = somebody.page
    somebody.open(f"/c{path}")
    page.get_by_text("텔레그램에서 쓰던 신고를").wait_for()
    assert page.evaluate("() => location.hash") == ""
    page.get_by_role("button", name="네, 이어서 쓰기").click()
    assert page.locator("#digits-error").inner_text() == "두 자리 숫자를 적어 주세요."
    assert page.evaluate("() => document.activeElement.id") == "digits"
    page.get_by_label("두 자리 숫자").fill(digits)
    page.get_by_role("button", name="네, 이어서 쓰기").click()
    page.get_by_text("접수번호가 있으면").wait_for()
    assert page.url.endswith("/")


def test_wrong_digits_are_told_and_a_used_link_says_so(visit, link):
    path, digits = link()
    somebody = visit(quiet=True)
    page = somebody.page
    somebody.open(f"/c{path}")
    page.get_by_label("두 자리 숫자").fill("10" if digits != "10" else "11")
    page.get_by_role("button", name="네, 이어서 쓰기").click()
    page.get_by_text("숫자가 달라요").wait_for()
    page.get_by_label("두 자리 숫자").fill(digits)
    page.get_by_role("button", name="네, 이어서 쓰기").click()
    page.get_by_text("접수번호가 있으면").wait_for()
    somebody.open("/status")
    somebody.open(f"/c{path}")
    page.get_by_text("이 링크는 더 쓸 수 없어요").wait_for()
    assert not page.get_by_role("button", name="네, 이어서 쓰기").is_visible()


def test_a_draft_in_this_browser_is_given_up_by_a_second_press(visit, link):
    somebody = visit(quiet=True)
    page = somebody.page
    for asked in (False, True):
        path, digits = link()
        somebody.open("/status")
        somebody.open(f"/c{path}")
        page.get_by_label("두 자리 숫자").fill(digits)
        page.get_by_role("button", name="네, 이어서 쓰기").click()
        if asked:
            page.get_by_text("쓰던 다른 글이 있어요").wait_for()
            page.get_by_role("button", name="지우고 이어받기").click()
        page.get_by_text("접수번호가 있으면").wait_for()


def test_saying_no_leaves_the_link_and_the_dialog_where_they_are(visit, link):
    path, digits = link()
    somebody = visit()
    page = somebody.page
    somebody.open(f"/c{path}")
    page.get_by_role("link", name="아니요").click()
    page.get_by_role("button", name="일을 미뤄서").wait_for()
    somebody.open("/status")
    somebody.open(f"/c{path}")
    page.get_by_label("두 자리 숫자").fill(digits)
    page.get_by_role("button", name="네, 이어서 쓰기").click()
    page.get_by_text("접수번호가 있으면").wait_for()


def test_a_page_without_a_secret_says_so(visit):
    somebody = visit()
    for path in ("/c", "/k"):
        somebody.open(path)
        somebody.page.get_by_text("이 링크는 더 쓸 수 없어요").wait_for()


def test_a_code_is_shown_once(visit, served, audit):
    number, _ = visit().file()

    def work(unit):
        from sqlalchemy import text  # noqa: PLC0415

        found = unit.conn.execute(text("select id from filings where number = :n"), {"n": number})
        return handover.code_link(served.app.svc, unit, found.scalar_one()).url.partition("/k")[2]

    path = served.app.store.transact(work, None)
    somebody = visit(phone=True, quiet=True)
    page = somebody.page
    somebody.open(f"/k{path}")
    page.get_by_role("button", name="확인 코드 보기").click()
    page.get_by_text(number).wait_for()
    assert page.locator("#door-number").inner_text() == number
    code = page.locator("#door-secret").inner_text()
    assert len(code) == 19
    assert audit(page) == []
    page.reload()
    page.get_by_text("이 링크는 더 쓸 수 없어요").wait_for()
    somebody.open("/status")
    page.get_by_label("번호", exact=True).fill(number)
    page.get_by_label("확인 코드").fill(code)
    page.get_by_role("button", name="열기").click()
    assert number in page.locator("h1").inner_text()
