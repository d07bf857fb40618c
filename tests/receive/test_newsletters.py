"""The news in a chat: a consent of its own, choices by buttons, and one press that ends it."""

import pytest

from bot.services import subscriptions
from bot.services.subscriptions import Wanted
from knowledge import subjects
from storage.repositories import consents, peers
from tests.fakes.city import City, Somebody

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
AGREE = "만 14세 이상이고 동의해요"


def gets(one: Somebody) -> Wanted | None:
    def look(unit):
        peer = peers.find(unit, one.channel, one.account, one.address)
        found = subscriptions.of_peer(unit, peer.id)
        return None if found is None else subscriptions.wanted(found)

    return one.city.store.read(look)


def subscribed(one: Somebody) -> Somebody:
    one.types("소식")
    one.press(AGREE)
    return one


@pytest.fixture
def reader(web: Somebody) -> Somebody:
    return subscribed(web)


def test_nothing_begins_before_the_consent(web: Somebody) -> None:
    web.types("소식")
    assert "소식 받기 동의(선택)" in web.text
    assert "2년마다 다시 여쭤요" in web.text
    assert gets(web) is None
    web.press("괜찮아요")
    assert "똑같이 쓸 수 있어요" in web.text
    assert gets(web) is None


def test_with_it_the_usual_begins_and_is_told(reader: Somebody) -> None:
    assert "11월 23일(월)에 소식 받기를 신청하셨어요" in reader.text
    assert (
        "종류: 월간 소식, 카드뉴스, 공지\n· 분야: 모두\n· 지역: 모두\n· 언어: 한국어"
        in reader.text
    )
    assert gets(reader) == Wanted()


def test_the_consent_names_the_text_that_was_shown(reader: Somebody) -> None:
    city = reader.city
    peer = city.store.read(lambda u: peers.find(u, "web", "web", reader.address))
    (row,) = city.store.read(lambda u: consents.of(u, peer.id))
    assert (row.kind, row.lang) == ("news", "ko")
    assert row.text_version == subscriptions.version(city.svc, "web", "ko")


def test_who_agrees_twice_is_told_what_he_gets(reader: Somebody) -> None:
    reader.press("종류 고르기")
    reader.press("월간 소식")
    reader.commands("news_agree")
    assert "신청하셨어요" not in reader.text
    assert gets(reader) == Wanted(("cards", "notice"))


def test_each_thing_is_turned_by_a_press(reader: Somebody) -> None:
    reader.press("분야 고르기")
    assert "✓ 모두" in reader.buttons
    reader.press("교통·도로")
    reader.press("환경·자원순환")
    assert gets(reader) == Wanted(fields=("환경·자원순환", "교통·도로"))
    assert {"모두", "✓ 교통·도로", "✓ 환경·자원순환"} <= set(reader.buttons)
    reader.press("교통·도로")
    reader.press("다 골랐어요")
    assert "분야: 환경·자원순환" in reader.text
    reader.press("분야 고르기")
    reader.press("모두")
    reader.press("다 골랐어요")
    reader.press("지역 고르기")
    reader.press("경기")
    assert gets(reader) == Wanted(regions=("경기",))
    reader.press("다 골랐어요")
    reader.press("언어 고르기")
    reader.press("English")
    assert gets(reader) == Wanted(regions=("경기",), lang="en")


def test_all_of_them_is_everything_and_none_at_all_is_refused(reader: Somebody) -> None:
    reader.press("종류 고르기")
    reader.press("모두")
    assert gets(reader) == Wanted(subjects.KINDS)
    for name in ("월간 소식", "카드뉴스", "공지", "새 사례 알림"):
        reader.press(name)
    assert "하나 이상 골라 주세요" in reader.text
    assert gets(reader) == Wanted(("alert",))


@pytest.mark.parametrize(
    "arg",
    ["", "fields", "fields 12", "fields -1", "fields ²", "kinds news", "lang xx", "colour 1"],
)
def test_what_no_button_holds_changes_nothing(reader: Somebody, arg: str) -> None:
    reader.commands("news_set", arg)
    assert gets(reader) == Wanted()


@pytest.mark.parametrize("command", ["news_set", "news_pick"])
def test_who_gets_nothing_is_asked_first(web: Somebody, command: str) -> None:
    web.commands(command, "fields 1")
    assert "소식 받기 동의(선택)" in web.text


@pytest.mark.parametrize("way", ["word", "intent", "press", "issue"])
def test_one_press_ends_it_and_offers_the_way_back(reader: Somebody, way: str) -> None:
    reader.city.intents["소식지 이제 그만요"] = "newsletter_unsubscribe"
    {
        "word": lambda: reader.types("소식 끊기"),
        "intent": lambda: reader.types("소식지 이제 그만요"),
        "press": lambda: reader.press("그만 받기"),
        "issue": lambda: reader.commands("news_stop", "2026-11"),
    }[way]()
    assert "이제 보내지 않아요" in reader.text
    assert gets(reader) is None
    reader.press("다시 받기")
    assert "소식 받기 동의(선택)" in reader.text


def test_who_gets_nothing_is_told_so(web: Somebody) -> None:
    web.commands("news_stop")
    assert "받고 계신 소식이 없어요" in web.text


def test_it_is_never_asked_inside_something_else(web: Somebody) -> None:
    web.commands("report")
    web.press("답을 들었는데")
    standing = web.text
    for _ in range(2):
        web.types("소식")
        assert "마친 뒤에 여쭤볼게요" in web.text
    assert web.text.endswith(standing.split("\n", 1)[1])
    for command in ("news_agree", "news_pick", "news_set"):
        web.commands(command, "fields 1")
    assert gets(web) is None
    web.commands("news_no")
    assert "보내지 않을게요" in web.text
    web.types("그만")
    web.press("지우")
    assert "지금 신청하시겠어요" in web.text
    web.press("소식 받기")
    assert "소식 받기 동의(선택)" in web.text


def test_it_is_stopped_inside_something_else_which_stays(reader: Somebody) -> None:
    reader.commands("report")
    reader.commands("news_set", "fields 1")
    reader.commands("news_stop")
    assert "이제 보내지 않아요" in reader.text
    assert "답을 들었는데" in reader.text
    assert gets(reader) is None


def test_a_messenger_asks_for_its_own_consent_first_and_comes_back(telegram: Somebody) -> None:
    telegram.commands("start", "news")
    assert "외국 서버 보관 동의" in telegram.text
    telegram.press(AGREE)
    assert "소식 받기 동의(선택)" in telegram.text
    telegram.press(AGREE)
    assert gets(telegram) == Wanted()


def test_news_at_a_messenger_ends_with_the_consent_it_stands_on(agreed: Somebody) -> None:
    subscribed(agreed)
    agreed.types("동의 철회")
    assert "소식도 이제 보내지 않아요" in agreed.text
    assert gets(agreed) is None


def test_my_data_shows_it_and_ends_it(reader: Somebody) -> None:
    reader.commands("mydata_show")
    assert "동의: 소식 받기" in reader.text
    assert "종류: 월간 소식" in reader.text
    reader.press("그만 받기")
    assert gets(reader) is None


def test_going_on_is_one_press(reader: Somebody) -> None:
    reader.commands("news_renew")
    assert "앞으로도 보내 드릴게요" in reader.text
    reader.commands("news_stop")
    reader.commands("news_renew")
    assert "받고 계신 소식이 없어요" in reader.text


def test_an_intent_asks_for_the_consent(city: City, web: Somebody) -> None:
    city.intents["소식지 신청이요"] = "newsletter_subscribe"
    web.types("소식지 신청이요")
    assert "소식 받기 동의(선택)" in web.text


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_every_subject_has_a_name_in_each_language(city: City, lang: str) -> None:
    for what, known in (("fields", subjects.FIELDS), ("regions", subjects.REGIONS)):
        said = [city.texts.raw(f"subscribing.{what}.{n}", lang) for n in range(len(known))]
        assert lang == "en" or tuple(said) == known
        assert len(set(said)) == len(known)
