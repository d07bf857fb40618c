"""Coming in, in a real browser: invitation, telephone, codes on paper; later a code by keys."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from bot.services import access
from tests.browser.conftest import PHONE
from tests.desk.stage import PASSWORD, open_office, serving
from tests.services.conftest import Office
from tests.signing_in.conftest import digits

pytestmark = pytest.mark.browser


@pytest.fixture
def strict(tmp_path) -> Iterator[tuple[Office, str]]:
    office = open_office(tmp_path / "data")
    site = office.svc.site.model_copy(update={"totp": "required"})
    office.svc = replace(office.svc, site=site)
    with serving(office) as url:
        yield office, url
    office.store.close()


def test_who_was_invited_comes_in_with_a_telephone_and_later_by_keys_alone(
    strict: tuple[Office, str],
    context_for: Callable[..., BrowserContext],
    audit: Callable[[Page], list[str]],
):
    office, url = strict
    made = office.do(lambda u: access.invite(office.svc, u, None, office.people["seo"].user_id))
    page = context_for(viewport=PHONE).new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    page.goto(f"{url}/invite#{made.secret}")
    page.get_by_label("새 비밀번호").fill(PASSWORD)
    page.get_by_label("한 번 더").fill(PASSWORD)
    page.get_by_role("button", name="비밀번호 정하기").click()
    expect(page.get_by_role("heading", name="인증 앱 등록")).to_be_visible()
    picture = page.get_by_role("img", name="인증 앱으로 찍는 그림")
    assert picture.evaluate("one => one.complete && one.naturalWidth") > 100
    assert audit(page) == []
    secret = re.search(r"[A-Z2-7]{4}(?: [A-Z2-7]{4}){7}", page.inner_text("main"))[0]
    page.get_by_label("2. 앱에 보이는 6자리").fill(digits(office, secret))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="복구 코드")).to_be_visible()
    assert page.locator("li code").count() == 10
    assert audit(page) == []
    page.get_by_role("link", name="두었습니다. 들어가기").click()
    page.get_by_role("link", name="서점검 내 로그인").click()
    expect(page.get_by_text("남은 복구 코드 10개")).to_be_visible()
    page.get_by_role("button", name="로그아웃", exact=True).click()
    office.clock.advance(minutes=1)
    page.get_by_label("아이디").fill("seo")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="2단계 인증")).to_be_visible()
    assert audit(page) == []
    page.get_by_label("코드", exact=True).fill(digits(office, secret))
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="로그아웃", exact=True)).to_be_visible()
    office.clock.advance(minutes=11)
    page.goto(f"{url}/me/codes")
    expect(page.get_by_role("heading", name="한 번 더 확인")).to_be_visible()
    assert audit(page) == []
    page.get_by_label("인증 앱의 6자리 코드 또는 복구 코드").fill(digits(office, secret))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="복구 코드 새로 만들기")).to_be_visible()
    over = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert over <= 0
    assert [one for one in wrong if "status of 401" not in one] == []
