import pytest

pytestmark = pytest.mark.browser

STEPS = (
    "일을 미뤄서 신고하고 싶어요",
    "네, 답을 들었는데 그대로예요",
    "없어요",
)
PAGES = (
    "/", "/status", "/notice", "/plain", "/mine", "/c", "/k", "/cases", "/faq", "/news", "/news/archive",
)  # fmt: skip
MORE = (
    "/cases/AC-001", "/cases/P002", "/cases/nothing", "/news/stop/nothing", "/cases?region=부산&lang=en", "/nothing", "/?lang=en", "/status?lang=en", "/plain?lang=en",
)  # fmt: skip
NO_PAGES = {
    # what only takes a form; its answers are looked at where they come up
    "/leave", "/case", "/case/paper", "/c/look", "/kept",
    # one of many: some of them are looked at
    "/cases/{ref}", "/news/{number}",
    # opened by a link in a letter: the made-up one is looked at, the others in tests/web
    "/news/confirm/{token}", "/news/mine/{token}", "/news/stop/{token}",
    # not there unless the agency publishes: looked at in tests/web
    "/statistics",
    # for programs
    "/api", "/static", "/statistics.png", "/news/{number}/{n:int}.png", "/news/feed.xml", "/.well-known/jeokgeuk-receipts", "/healthz", "/readyz", "/metrics",
}  # fmt: skip
SMALL = """() => [...document.querySelectorAll('button, select, input, textarea, summary, .btn, nav a')]
    .filter(e => e.checkVisibility() && !e.closest('.only-read') && !e.closest('.check')
        && !['hidden', 'file'].includes(e.type))
    .filter(e => e.getBoundingClientRect().height < 43.5)
    .map(e => e.outerHTML.slice(0, 120))"""
NORMAL, HIGH = "normal", "high"
CONTRAST = "() => document.documentElement.dataset.contrast"
PUT_ON = "(contrast) => { document.documentElement.dataset.contrast = contrast }"
WIDE = "() => document.scrollingElement.scrollWidth - window.innerWidth"


def high(visitor) -> None:
    visitor.page.add_init_script("localStorage.setItem('look.contrast', 'high')")


def walk(visitor):
    """Go through a whole report, stopping at everything that looks different."""
    visitor.open()
    yield "hello"
    for label in STEPS:
        visitor.press(label)
        yield label
    visitor.page.locator("#send").click()
    yield "empty"
    visitor.say("10월부터 중앙시장 앞 길이 파여 있어요")
    visitor.press("다 썼어요")
    visitor.say("고치고 왜 미뤘는지 알고 싶어요")
    yield "unit"
    visitor.press(
        "모르겠어요" if not visitor.page.get_by_role("button", name="맞아요").count() else "맞아요"
    )
    visitor.press("없어요")
    yield "who"
    visitor.press("이름을 밝히고 답 받기")
    visitor.page.get_by_label("전화로 설명 듣기").check()
    yield "page"
    visitor.press("다음")
    yield "errors"
    visitor.fill(이름="홍길동", 주소="가온시 중앙로 12", 전화번호="010-1234-5678")
    visitor.press("다음")
    yield "summary"
    visitor.press("안내를 보았고 이대로 내기")
    yield "receipt"


@pytest.mark.parametrize("phone", [True, False])
def test_axe_finds_nothing_serious_in_a_whole_report_and_all_is_as_tall_as_a_finger(
    visit, audit, phone
):
    """The one begins in ordinary colours, the other in high contrast; each is seen in both."""
    somebody = visit(phone=phone)
    own, other = (NORMAL, HIGH) if phone else (HIGH, NORMAL)
    if own == HIGH:
        high(somebody)
    for place in walk(somebody):
        page = somebody.page
        assert page.evaluate(CONTRAST) == own, place
        assert audit(page) == [], place
        page.evaluate(PUT_ON, other)
        assert audit(page) == [], (place, other)
        page.evaluate(PUT_ON, own)
        assert not phone or page.evaluate(SMALL) == [], place


def test_every_public_address_is_a_page_here_or_none(served):
    app = served.app.asgi(["public"], work=False)._app
    assert {route.path for route in app.routes} == {*PAGES, *NO_PAGES}


@pytest.mark.parametrize("path", [*PAGES, *MORE])
def test_axe_finds_nothing_serious_on_the_other_pages_and_all_is_as_tall_as_a_finger(
    visit, audit, path
):
    somebody = visit(phone=True, quiet=path in MORE)
    page = somebody.page
    somebody.open(path)
    assert page.evaluate(CONTRAST) == NORMAL
    assert audit(page) == []
    assert path in MORE or page.evaluate(SMALL) == []
    page.evaluate("localStorage.setItem('look.contrast', 'high')")
    page.reload()
    assert page.evaluate(CONTRAST) == HIGH
    assert audit(page) == []


def test_axe_finds_nothing_serious_on_an_opened_case(visit, audit, served):
    somebody = visit(quiet=True)
    number, code = somebody.file()
    served.office("kim", number, "assign", handler="park", unit="road")
    served.office("park", number, "start")
    somebody.open("/status")
    somebody.page.get_by_role("button", name="열기").click()
    assert audit(somebody.page) == []
    somebody.page.get_by_label("번호", exact=True).fill(number)
    somebody.page.get_by_label("확인 코드").fill(code)
    somebody.page.get_by_role("button", name="열기").click()
    assert audit(somebody.page) == []
    somebody.page.locator(".acts button").first.click()
    somebody.page.get_by_role("button", name="돌아가기").wait_for()
    assert audit(somebody.page) == []


@pytest.mark.parametrize("width", [320, 640])
def test_nothing_runs_out_of_a_small_or_enlarged_window(visit, width):
    # 320 px is a window of 1280 px at 400 %, 640 px the same at 200 % (WCAG 1.4.10, 1.4.4).
    somebody = visit(viewport={"width": width, "height": 640}, quiet=True)
    for place in walk(somebody):
        assert somebody.page.evaluate(WIDE) <= 0, place
    for path in (*PAGES, *MORE):
        somebody.page.goto(somebody.served.url + path)
        assert somebody.page.evaluate(WIDE) <= 0, path


def test_contrast_and_text_size_are_the_readers_choice_and_stay(visit):
    somebody = visit()
    page = somebody.page
    somebody.open()
    page.get_by_text("화면 설정").click()
    before = page.evaluate("() => getComputedStyle(document.body).fontSize")
    page.get_by_label("글자 크기").select_option("xxlarge")
    page.get_by_role("button", name="고대비").click()
    assert page.get_by_role("button", name="고대비").get_attribute("aria-pressed") == "true"
    somebody.open("/status")
    after = page.evaluate("() => getComputedStyle(document.body).fontSize")
    assert float(after.removesuffix("px")) > 1.4 * float(before.removesuffix("px"))
    assert page.evaluate("() => getComputedStyle(document.body).backgroundColor") == "rgb(0, 0, 0)"
    assert page.evaluate(WIDE) <= 0


def test_who_asks_the_browser_for_more_contrast_gets_it(visit):
    somebody = visit(contrast="more")
    somebody.open()
    assert somebody.page.evaluate("() => document.documentElement.dataset.contrast") == "high"


def test_who_asks_for_less_motion_is_scrolled_at_once(visit):
    somebody = visit(reduced_motion="reduce", phone=True)
    somebody.page.add_init_script(
        "window.asked = []; const was = Element.prototype.scrollIntoView;"
        "Element.prototype.scrollIntoView = function (how) { asked.push(how.behavior); was.call(this, how); }"
    )
    somebody.open()
    somebody.press(STEPS[0])
    assert "smooth" not in somebody.page.evaluate("() => window.asked")


def test_where_the_focus_is_can_be_seen(visit):
    somebody = visit()
    somebody.open()
    seen = set()
    for _ in range(12):
        somebody.page.keyboard.press("Tab")
        seen.add(
            somebody.page.evaluate(
                "() => { const s = getComputedStyle(document.activeElement);"
                " return [s.outlineStyle, s.outlineWidth].join(' ') }"
            )
        )
    assert seen == {"solid 4px"}


def test_the_page_asks_nobody_else_for_anything(visit):
    somebody = visit()
    asked: list[str] = []
    somebody.page.on("request", lambda request: asked.append(request.url))
    somebody.file()
    assert asked
    assert all(url.startswith(somebody.served.url + "/") for url in asked)
