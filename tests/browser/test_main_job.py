"""The main job, from the report to the answer that is read, by keys alone in a real browser."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, expect

from bot.services import officials
from storage.repositories import second_factors
from tests.browser.conftest import DESK, IDLE, SITE, serve
from tests.browser.keys import Keys
from tests.desk.stage import PASSWORD, give_password
from tests.services.conftest import Office, settle_city
from tests.signing_in.conftest import digits

pytestmark = pytest.mark.browser

SECRETS = {
    "kim": "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", "park": "KRSXG5CTMVRXEZLUKRSXG5CTMVRXEZLU",
    "lee": "MFRGGZDFMZTWQ2LKMFRGGZDFMZTWQ2LK",
}  # fmt: skip
WHAT = "10월부터 중앙시장 앞 길이 파여 있어요"


@dataclass
class Town:
    """The whole service: the citizens' pages and the desk; passwords have a second step."""

    office: Office
    url: str
    sit: Callable[[], Keys] = field(repr=False)


@pytest.fixture
def town(tmp_path: Path, context_for: Callable[..., BrowserContext]) -> Iterator[Town]:
    site = tmp_path / "site.toml"
    words = SITE.read_text(encoding="utf-8")
    strict = words.replace('totp = "optional"', 'totp = "required"')
    assert strict != words
    site.write_text(strict, encoding="utf-8")
    ids: dict[str, int] = {}
    with serve(
        tmp_path, ["public", "desk"], lambda app, _, unit: ids.update(settle_city(app.svc, unit)),
        site,
    ) as (app, url, clock):  # fmt: skip
        office = Office(app.store, clock, app.svc, app.svc.texts)
        for login, secret in SECRETS.items():
            who = office.see(lambda u, login=login: officials.official(u, ids[login]))
            office.people[login] = officials.actor(who)
            give_password(office, login)
            office.do(
                lambda u, login=login, secret=secret: second_factors.put(
                    u, ids[login], secret, 0, clock()
                )
            )
        wrong: list[str] = []

        def sit() -> Keys:
            page = context_for(viewport=DESK).new_page()
            page.on("pageerror", lambda error: wrong.append(str(error)))
            return Keys(page)

        yield Town(office, url, sit)
        assert wrong == []


def report(town: Town) -> tuple[Keys, str, str]:
    """File a report in the web chat; gives the page, the number and the code."""
    me = town.sit()
    page = me.page
    page.goto(town.url)

    def settled() -> None:
        page.wait_for_function(IDLE)

    def press(label: str) -> None:
        me.to(label)
        with page.expect_response(lambda answer: "/api/chat" in answer.url):
            me.press("Enter")
        settled()

    def say(text: str) -> None:
        if page.evaluate("document.activeElement.id") != "text":
            me.to("#text")
        page.keyboard.type(text)
        with page.expect_response(lambda answer: "/api/chat" in answer.url):
            me.press("Enter")
        settled()

    settled()
    press("일을 미뤄서 신고하고 싶어요")
    press("네, 답을 들었는데 그대로예요")
    press("없어요")
    say(WHAT)
    press("다 썼어요")
    say("고치고 왜 미뤘는지 알고 싶어요")
    press("맞아요")
    press("없어요")
    press("이름을 밝히고 답 받기")
    me.write("이름", "홍길동")
    me.write("주소", "가온시 중앙로 12")
    me.pick("이 화면", "우편(종이)")
    press("다음")
    press("안내를 보았고 이대로 내기")
    number = page.locator(".receipt .number").first.locator("xpath=./*[1]").inner_text()
    return me, number, page.locator(".receipt .code").first.inner_text()


def sign_in(town: Town, login: str) -> Keys:
    """Come in with the password and what the telephone shows."""
    me = town.sit()
    town.office.clock.advance(minutes=1)  # a code is good for one time only
    me.page.goto(f"{town.url}/desk")
    me.to("본문 바로가기")
    me.press("Enter")
    me.write("아이디", login)
    me.write("비밀번호", PASSWORD)
    me.sends("로그인")
    expect(me.page.get_by_role("heading", name="2단계 인증")).to_be_visible()
    me.write("코드", digits(town.office, SECRETS[login]))
    me.sends("확인")
    return me


def test_the_whole_main_job_is_done_by_keys_alone(town: Town):
    citizen, number, code = report(town)
    _received(town, number)
    park = _begun(town, number)
    _asked_for_facts(town, park)
    _examined(town, park, number)
    _read(citizen, number, code)


def _received(town: Town, number: str) -> None:
    """접수: open, say that there is no conflict, confirm who may not see it, assign."""
    kim = sign_in(town, "kim")
    kim.press("j")
    assert kim.here()["name"] == number
    with kim.page.expect_navigation():
        kim.press("o")
    kim.sends("없음")
    assert kim.goes_round() > 20
    kim.go("이해관계 확인")
    kim.sends("확인")
    kim.press("a")
    kim.page.wait_for_url("**/moves/assign")
    kim.sends("담당 정하기")  # nothing is filled in: it begins at what is missing
    kim.to("담당:")
    kim.press("Enter")
    assert kim.here()["id"] == "f-handler"
    kim.choose("박감사 (감사담당관)")
    kim.pick("적당편의", "업무해태")
    kim.sends("담당 정하기")
    expect(kim.page.get_by_role("status")).to_contain_text("마쳤습니다: 담당 정하기")


def _begun(town: Town, number: str) -> Keys:
    """조사: no conflict, start, a note."""
    park = sign_in(town, "park")
    park.go(number)
    park.sends("없음")
    park.go("조사 시작 알리기")
    park.sends("보내기: 조사 시작 알리기")
    assert town.office.filing(number).state == "investigating"
    park.press("n")
    park.page.wait_for_url("**/moves/note")
    park.write("메모(안에서만 봄)", "정비 대장을 보기로 함")
    park.sends("메모")
    return park


def _asked_for_facts(town: Town, park: Keys) -> None:
    """사실 확인: the unit is asked in words of the office's own, and answers."""
    park.go("부서에 사실 확인")
    park.write("사안", "도로 보수 요청의 처리 경위")
    park.write("확인할 것", "1. 접수한 날")
    park.day("기한", "2026-11-26")
    park.sends("미리 보기")
    park.sends("보내기: 부서에 사실 확인")
    lee = sign_in(town, "lee")
    lee.go("감사 자료 제출 요청")
    lee.sends("답 보내기")  # nothing is filled in
    lee.write("#f-text", "10월 5일에 접수했습니다.")
    lee.sends("답 보내기")
    expect(lee.page.get_by_role("table")).to_contain_text("답함")


def _examined(town: Town, park: Keys, number: str) -> None:
    """결재, the checklist, the preview, the sending."""
    park.go("결재 올리기")
    park.pick("인정", "인정")
    park.write("확인한 것", "정비 대장과 현장")
    park.write("까닭", "두 달 동안 정비 계획이 없었습니다.")
    park.write("바라신 것마다 답", "보수: 받아들임.")
    park.pick("마쳤음", "앞으로 함")
    park.write("조치의 내용", "길을 다시 포장합니다.")
    park.day("끝내는 날", "2026-12-20")
    park.write("구제절차", "다시 신고하실 수 있습니다.")
    park.sends("결재 올리기")
    assert town.office.filing(number).state == "approval"
    park.go("시민에게 보내기")
    _answered(park)
    assert town.office.filing(number).state in {"answered", "following"}


def _answered(park: Keys) -> None:
    button = park.page.get_by_role("button", name="미리 보기")
    expect(button).to_be_disabled()
    park.write("문서번호", "감사-7")
    park.day("결재일", "2026-11-23")
    park.write("결재자(전결)", "최과장")
    park.tick("다른 사람과 직원의 이름이 없는 것을 확인했습니다.")
    expect(button).to_be_enabled()
    park.sends("미리 보기")
    expect(park.page.locator(".desk-letter").first).to_contain_text("길을 다시 포장합니다.")
    assert park.goes_round() > 5
    park.sends("보내기: 시민에게 보내기")


def _read(citizen: Keys, number: str, code: str) -> None:
    """The citizen reads the answer by number and code."""
    citizen.go("낸 신고 확인")
    citizen.write("번호", number)
    citizen.write("확인 코드", code)
    citizen.go("열기")
    expect(citizen.page.get_by_role("heading", level=1)).to_contain_text(number)
    expect(citizen.page.get_by_text("길을 다시 포장합니다.").first).to_be_visible()
