"""The pages of the news: one answer for everybody, GET changes nothing, one press ends it."""

import pytest

from bot.services import news_links, reminders, subscriptions
from bot.services.subscriptions import Wanted
from storage import models
from storage.repositories import peers, rates
from tests.web.reporter import Reporter

HONG = "hong@example.com"
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


def signs_up(client, email: str = HONG, **more):
    form = {"email": email, "kind": ["news", "alert"], "lang": "ko", "agree": "yes", **more}
    return client.post("/news", data=form)


def work(city) -> None:
    for due in city.store.read(lambda u: reminders.due_work(city.svc, u)):
        city.store.transact(due.work, due.run_key)


def subscription(city, email: str = HONG):
    def look(unit):
        peer = peers.find(unit, "mail", "news", email)
        return None if peer is None else subscriptions.repo.of_peer(unit, peer.id)

    return city.store.read(look)


@pytest.fixture
def token(client, city) -> str:
    """The token of an address that was typed, and got its letter."""
    signs_up(client)
    work(city)
    one = subscription(city)
    return city.store.read(lambda u: news_links.token(u, one.id))


@pytest.fixture
def reader(client, city, token) -> str:
    client.post(f"/news/confirm/{token}")
    return token


def test_the_page_asks_for_the_address_the_choices_and_the_consent(client) -> None:
    page = client.get("/news").text
    assert "소식 받기 동의(선택)" in page
    assert "<strong>소식 받기 동의(선택)</strong>" in page
    assert page.count('type="checkbox"') == 4 + 12 + 18 + 1
    assert "만 14세 이상이고 동의해요" in page
    assert "noindex" not in page
    assert "Get the monthly news" in client.get("/news?lang=en").text


def test_everybody_gets_the_same_answer_whoever_he_is(client, city, reader) -> None:
    known, unknown = signs_up(client), signs_up(client, "new@example.com")
    assert (known.status_code, known.text) == (unknown.status_code, unknown.text)
    assert "편지를 확인해 주세요" in known.text
    assert HONG not in known.text


def test_what_was_chosen_waits_for_the_letter(client, city) -> None:
    signs_up(client, field=["3", "99", "<b>"], region=["9"])
    assert subscription(city) is None
    work(city)
    one = subscription(city)
    assert one.state == "asked"
    assert subscriptions.wanted(one) == Wanted(("news", "alert"), ("교통·도로",), ("경기",))


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"email": "hong"}, "전자우편 주소를 다시 봐 주세요"),
        ({"email": f"{HONG}\r\nBcc: all@example.com"}, "전자우편 주소를 다시 봐 주세요"),
        ({"email": "<script>alert(1)</script>"}, "전자우편 주소를 다시 봐 주세요"),
        ({"kind": []}, "하나 이상 골라 주세요"),
        ({"kind": ["<b>"]}, "하나 이상 골라 주세요"),
        ({"agree": ""}, "동의를 눌러 주세요"),
    ],
)
def test_what_is_lacking_is_said_and_what_was_typed_stays(client, city, form, said) -> None:
    answer = signs_up(client, **{"email": HONG, "region": ["9"], **form})
    assert answer.status_code == 422
    assert said in answer.text
    assert 'role="alert"' in answer.text
    assert 'value="9" checked' in answer.text
    assert "<script>alert" not in answer.text
    work(city)
    assert subscription(city) is None


def test_a_network_that_signs_up_everybody_waits(client, city) -> None:
    for number in range(21):
        answer = signs_up(client, f"a{number}@example.com")
    assert answer.status_code == 429
    assert answer.headers["retry-after"]


def test_too_many_from_everywhere_wait_too(client, city) -> None:
    spent = {"every": 6.0, "burst": 600, "count": 600}
    city.store.transact(lambda u: rates.use(u, "sign_ups", **spent), None)
    assert signs_up(client).status_code == 429


def test_another_site_signs_nobody_up(client) -> None:
    foreign = {"origin": "https://evil.example", "sec-fetch-site": "cross-site"}
    answer = client.post("/news", data={"email": HONG}, headers=foreign)
    assert answer.status_code == 403


def test_following_a_link_begins_nothing_and_pressing_does(client, city, token) -> None:
    page = client.get(f"/news/confirm/{token}")
    assert "소식 받기 시작" in page.text
    assert subscription(city).state == "asked"
    assert "소식 받기를 시작했어요" in client.post(f"/news/confirm/{token}").text
    assert subscription(city).state == "on"
    assert "소식 받기를 시작했어요" in client.get(f"/news/confirm/{token}").text


def test_a_scanner_that_follows_the_link_stops_nothing(client, city, reader) -> None:
    page = client.get(f"/news/stop/{reader}")
    assert "까닭은 묻지 않아요" in page.text
    assert client.head(f"/news/stop/{reader}").status_code == 200
    assert subscription(city).state == "on"


def test_a_mail_provider_stops_it_from_anywhere_without_anything(client, city, reader) -> None:
    client.cookies.clear()
    elsewhere = {"origin": "https://mail.example", "sec-fetch-site": "cross-site"}
    answer = client.post(
        f"/news/stop/{reader}", data=ONE_CLICK, headers=elsewhere, follow_redirects=False
    )
    assert answer.status_code == 200
    assert "set-cookie" not in answer.headers
    assert "이제 보내지 않아요" in answer.text
    assert subscription(city).state == "off"
    assert client.post(f"/news/stop/{reader}", content=b"x" * 1000).status_code == 200
    assert "이제 보내지 않아요" in client.get(f"/news/stop/{reader}").text


def test_after_that_no_link_begins_it_again(client, city, reader) -> None:
    client.post(f"/news/stop/{reader}")
    for path in ("confirm", "mine"):
        assert "끝난 신청이에요" in client.get(f"/news/{path}/{reader}").text
    assert "끝난 신청이에요" in client.post(f"/news/confirm/{reader}").text
    saved = client.post(f"/news/mine/{reader}", data={"kind": "news", "lang": "ko"})
    assert "끝난 신청이에요" in saved.text
    assert subscription(city).state == "off"


def test_the_reader_chooses_by_his_link_and_nobody_sees_whose_it_is(client, city, reader) -> None:
    page = client.get(f"/news/mine/{reader}")
    assert HONG not in page.text
    assert "hong" not in page.text
    form = {"kind": ["cards"], "field": ["0"], "lang": "en"}
    saved = client.post(f"/news/mine/{reader}", data=form)
    assert "저장했어요" in saved.text
    wish = Wanted(("cards",), ("환경·자원순환",), (), "en")
    assert subscriptions.wanted(subscription(city)) == wish
    wrong = client.post(f"/news/mine/{reader}", data={"lang": "en"})
    assert wrong.status_code == 422
    assert "하나 이상 골라 주세요" in wrong.text
    assert subscriptions.wanted(subscription(city)) == wish


def test_who_is_asked_again_answers_there_with_one_press(client, city, reader) -> None:
    now = city.clock()
    asked = models.subscriptions.update().values(renew_asked_at=now)
    city.store.transact(lambda u: u.conn.execute(asked), None)
    assert "소식을 계속 받으시겠어요?" in client.get(f"/news/mine/{reader}").text
    answer = client.post(f"/news/mine/{reader}", data={"do": "renew"})
    assert "앞으로도 보내 드릴게요" in answer.text
    assert subscription(city).renew_asked_at is None


def test_who_has_not_confirmed_can_do_so_there(client, token) -> None:
    page = client.get(f"/news/mine/{token}").text
    assert "아직 확인하지 않으셨어요" in page


def test_a_made_up_link_says_what_to_do(client) -> None:
    for made_up in ("a" * 36, "x", "%ED%95%9C%EA%B8%80", "a" * 500, "1"):
        for path in ("stop", "mine", "confirm"):
            address = f"/news/{path}/{made_up}"
            for answer in (client.get(address), client.post(address, data={"kind": "news"})):
                assert answer.status_code == 404
                assert "열 수 없는 링크예요" in answer.text


def test_to_stop_what_was_forgotten_long_ago_is_no_mistake(client, city) -> None:
    token = city.store.read(lambda u: news_links.token(u, 4711))
    answer = client.post(f"/news/stop/{token}", data=ONE_CLICK)
    assert (answer.status_code, "이제 보내지 않아요" in answer.text) == (200, True)
    assert "끝난 신청이에요" in client.post(f"/news/confirm/{token}").text


def test_what_a_link_opens_is_kept_by_nobody(client, token) -> None:
    for path in ("stop", "mine", "confirm"):
        answer = client.get(f"/news/{path}/{token}")
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert "noindex" in answer.headers["x-robots-tag"]
        assert '<meta name="robots" content="noindex, nofollow">' in answer.text


def test_the_footer_of_every_page_leads_there(client) -> None:
    assert 'href="/news"' in client.get("/").text


def test_what_a_chat_gets_is_in_its_own_data_and_ends_there(client, city) -> None:
    somebody = Reporter(client)
    somebody.say(text="소식")
    somebody.press("만 14세 이상이고 동의해요")
    data = client.post("/mine", data={"format": "json"}).json()
    assert data["news"]["kinds"] == ["news", "cards", "notice"]
    assert "이제 보내지 않아요" in client.post("/mine", data={"do": "news_stop"}).text
    assert client.post("/mine", data={"format": "json"}).json()["news"] is None
