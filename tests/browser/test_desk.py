"""The desk in a real browser: a case by clicks, and what helps people work and read."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from bot.services import access
from tests.browser.conftest import DESK
from tests.desk.stage import PASSWORD, a_days_work, give_password, open_office, serving
from tests.services.conftest import Office

pytestmark = pytest.mark.browser

RESULT = {
    "judgement": "upheld", "checked": "정비 기록", "why": "두 달 동안 계획이 없었습니다.",
    "demands": "보수: 받아들임.", "action_state": "planned", "action": "등을 바꿉니다.",
    "action_due": "2026-12-20", "remedy": "다시 신고하실 수 있습니다.",
}  # fmt: skip


@dataclass
class Room:
    """`seats` are the cookies of who has signed in: guessing slows down, and so would we."""

    office: Office
    url: str
    numbers: dict[str, str]
    seats: dict[str, Any] = field(default_factory=dict)


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    folder = tmp_path_factory.mktemp("desk")
    office = open_office(folder / "data")
    for login in ("kim", "park", "lee", "han", "seo"):
        give_password(office, login)
    numbers = a_days_work(office, folder)
    with serving(office) as url:
        yield Room(office, url, numbers)
    office.store.close()


@pytest.fixture
def official(
    room: Room, context_for: Callable[..., BrowserContext]
) -> Iterator[Callable[..., Page]]:
    """Sit an official down; at the end nothing may have been blocked, broken or sent away."""
    wrong: list[str] = []
    host = urlsplit(room.url).netloc

    def away(url: str) -> None:
        if urlsplit(url).netloc not in {host, ""}:
            wrong.append(f"asked elsewhere: {url}")

    def sit(login: str = "", **how: Any) -> Page:
        known = {"storage_state": room.seats[login]} if login in room.seats else {}
        page = context_for(**({"viewport": DESK} | known | how)).new_page()
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
        page.on("request", lambda request: away(request.url))
        page.goto(f"{room.url}/")
        if login and not known:
            page.get_by_label("아이디").fill(login)
            page.get_by_label("비밀번호").fill(PASSWORD)
            page.get_by_role("button", name="로그인", exact=True).click()
            page.wait_for_url(lambda url: "sign-in" not in url)
            room.seats[login] = page.context.storage_state()
        return page

    yield sit
    # A refusal is an answer with words: the browser notes its status, that is no mistake.
    assert [one for one in wrong if "the server responded with a status of 4" not in one] == []


def look(page: Page, room: Room, number: str) -> None:
    """Open a filing; the first time one says that there is no conflict."""
    page.goto(f"{room.url}/filings/{number}")
    none = page.get_by_role("button", name="없음", exact=True)
    if none.count():
        none.click()
        page.get_by_role("heading", name="신고한 내용").wait_for()


def test_a_case_is_worked_by_clicks(room: Room, official: Callable[..., Page]):
    number = room.office.file(address="clicks").number
    kim = official("kim")
    kim.get_by_role("link", name="담당 없음").click()
    kim.get_by_role("link", name=number).click()
    kim.get_by_role("button", name="없음", exact=True).click()
    kim.get_by_role("link", name="이해관계 확인", exact=True).click()
    kim.get_by_role("button", name="확인", exact=True).click()
    kim.get_by_role("link", name="담당 정하기").click()
    kim.get_by_label("담당", exact=True).select_option(label="박감사 (감사담당관)")
    kim.get_by_role("radio", name="업무해태").check()
    kim.get_by_role("button", name="담당 정하기").click()
    expect(kim.get_by_role("status")).to_contain_text("마쳤습니다: 담당 정하기")

    park = official("park")
    park.get_by_role("link", name=number).click()
    park.get_by_role("button", name="없음", exact=True).click()
    park.get_by_role("link", name="조사 시작 알리기").click()
    expect(park.get_by_role("heading", name="시민이 받는 글")).to_be_visible()
    expect(park.locator(".desk-letter")).to_contain_text("담당: 감사담당관 박감사")
    park.get_by_role("button", name="보내기: 조사 시작 알리기").click()
    expect(park.get_by_role("status")).to_contain_text("마쳤습니다")
    assert room.office.filing(number).state == "investigating"

    park.get_by_role("link", name="보완 부탁").click()
    park.get_by_role("button", name="미리 보기").click()
    expect(park.locator("#errors")).to_be_focused()
    expect(park.locator("#f-items-error")).to_be_visible()
    park.get_by_label("필요한 것").fill("허가 신청 접수증")
    park.get_by_label("까닭", exact=True).fill("날짜를 확인합니다.")
    park.get_by_label("며칠 드립니까?").fill("7")
    park.get_by_role("button", name="미리 보기").click()
    park.get_by_role("button", name="보내기: 보완 부탁").click()
    expect(park.get_by_role("status")).to_contain_text("보완 부탁")
    assert room.office.filing(number).state == "supplement"


def test_the_send_button_stays_off_until_every_point_is_filled(
    room: Room, official: Callable[..., Page]
):
    number = room.office.investigating(address="check").number
    room.office.act("park", number, "to_approval", **RESULT)
    park = official("park")
    look(park, room, number)
    park.goto(f"{room.url}/filings/{number}/moves/result")
    button = park.get_by_role("button", name="미리 보기")
    expect(button).to_be_disabled()
    checks = park.locator("[data-checklist] li")
    expect(checks.filter(has_text="문서번호")).to_contain_text("빈 칸")
    park.get_by_label("문서번호").fill("감사-7")
    expect(checks.filter(has_text="문서번호")).to_contain_text("채움")
    park.get_by_label("결재일").fill("2026-11-23")
    park.get_by_label("결재자(전결)").fill("최과장")
    expect(button).to_be_disabled()
    park.get_by_label("다른 사람과 직원의 이름이 없는 것을 확인했습니다.").check()
    expect(button).to_be_enabled()
    park.get_by_role("radio", name="없음").check()  # no action: its date is not wanted
    expect(park.get_by_label("끝내는 날")).to_be_hidden()
    expect(button).to_be_enabled()
    park.get_by_label("까닭", exact=True).fill("")
    expect(button).to_be_disabled()


def test_an_invitation_leaves_the_address_and_the_page_as_soon_as_it_is_read(
    room: Room, official: Callable[..., Page]
):
    user = room.office.people["choi"].user_id
    made = room.office.do(lambda u: access.invite(room.office.svc, u, None, user))
    page = official()
    page.goto(f"{room.url}/invite#{made.secret}")
    expect(page.get_by_label("새 비밀번호")).to_be_focused()
    assert made.secret not in page.url
    page.get_by_label("새 비밀번호").fill(PASSWORD)
    page.get_by_label("한 번 더").fill(PASSWORD)
    page.get_by_role("button", name="비밀번호 정하기").click()
    expect(page.get_by_role("status")).to_contain_text("비밀번호를 정했습니다")


def test_somebody_who_writes_long_is_warned_and_stays(room: Room, official: Callable[..., Page]):
    page = official("park")
    page.clock.install()
    page.goto(f"{room.url}/filings")
    page.clock.fast_forward("13:01")
    box = page.get_by_role("dialog", name="곧 자동으로 로그아웃됩니다")
    expect(box).to_be_visible()
    with page.expect_response(lambda answer: answer.url.endswith("/stay")) as kept:
        box.get_by_role("button", name="계속 쓰기").click()
    assert kept.value.status == 204
    expect(box).to_be_hidden()


def test_it_all_works_without_a_script(room: Room, official: Callable[..., Page]):
    number = room.office.investigating(address="noscript").number
    page = official("park", java_script_enabled=False)
    look(page, room, number)
    page.get_by_role("link", name="메모").click()
    page.get_by_label("메모(안에서만 봄)").fill("대본 없이")
    page.get_by_role("button", name="메모").click()
    expect(page.locator("#history")).to_contain_text("대본 없이")
    page.get_by_role("link", name="결재 올리기").click()
    page.get_by_role("button", name="결재 올리기").click()
    expect(page.locator("#errors")).to_contain_text("확인한 것")


def test_what_a_citizen_wrote_is_words_in_the_officials_browser(
    room: Room, official: Callable[..., Page]
):
    kim = official("kim")
    look(kim, room, room.numbers["hostile"])
    expect(kim.locator("#report")).to_contain_text("<script>document.title='x'</script>")
    assert kim.title() != "x"


def focused(page: Page) -> str:
    return page.evaluate("document.activeElement.innerText").strip()


def test_the_list_is_walked_by_single_keys_and_nobody_who_writes_is_disturbed(
    room: Room, official: Callable[..., Page]
):
    room.office.file(address="walk")
    page = official("kim")
    page.goto(f"{room.url}/filings")
    rows = [link.inner_text() for link in page.locator("[data-rows] th[scope=row] a").all()]
    page.keyboard.press("j")
    assert focused(page) == rows[0]
    page.keyboard.press("j")
    page.keyboard.press("k")
    assert focused(page) == rows[0]
    page.keyboard.press("x")
    box = page.get_by_role("checkbox", name=f"{rows[0]} 고르기")
    expect(box).to_be_checked()
    page.keyboard.press("a")
    expect(page.get_by_label("담당", exact=True).last).to_be_focused()
    page.keyboard.press("j")  # in a list to choose from, a letter is a letter
    expect(page.get_by_label("담당", exact=True).last).to_be_focused()
    page.locator("h1").click()
    page.keyboard.press("/")
    field = page.get_by_role("textbox", name="접수번호로 찾기")
    expect(field).to_be_focused()
    page.keyboard.type("jk?/")
    expect(field).to_have_value("jk?/")
    page.locator("h1").click()
    page.keyboard.press("j")
    page.keyboard.press("o")
    page.wait_for_url(f"**/filings/{rows[0]}")


def test_the_keys_are_explained_and_can_be_switched_off(
    room: Room, official: Callable[..., Page], audit: Callable[[Page], list[str]]
):
    page = official("kim")
    page.goto(f"{room.url}/filings")
    page.keyboard.press("?")
    box = page.get_by_role("dialog", name="단축키")
    expect(box).to_be_visible()
    assert audit(page) == []
    box.get_by_label("언제 듣나").select_option(label="쓰지 않음")
    box.get_by_role("button", name="닫기").click()
    page.keyboard.press("?")
    expect(box).to_be_hidden()
    page.reload()
    page.keyboard.press("j")
    expect(page.locator("[data-rows] a:focus")).to_have_count(0)
    page.get_by_role("button", name="단축키").click()
    box.get_by_label("언제 듣나").select_option(label="목록에 있을 때만")
    box.get_by_role("button", name="닫기").click()
    page.locator("h1").click()
    page.keyboard.press("/")
    expect(page.locator("input:focus")).to_have_count(0)
    page.locator("[data-rows] th[scope=row] a").first.focus()
    page.keyboard.press("/")
    expect(page.get_by_role("textbox", name="접수번호로 찾기")).to_be_focused()


def test_words_are_searched_and_copied_in_the_browser(room: Room, official: Callable[..., Page]):
    park = official("park")
    main = room.numbers["main"]
    look(park, room, main)
    park.goto(f"{room.url}/search")
    park.get_by_label("찾을 말").fill("중앙시장")
    park.get_by_role("button", name="찾기", exact=True).click()
    expect(park.get_by_role("link", name=main)).to_be_visible()
    assert "중앙시장" not in park.url
    expect(park.locator("mark").first).to_have_text("중앙시장")
    park.goto(f"{room.url}/filings/{main}/copy")
    park.locator("[data-copy=copy-matter]").click()
    expect(park.get_by_text("복사했습니다.")).to_be_visible()
