"""The first screen, three doors, consents that can be taken back."""

from collections.abc import Callable

import pytest
import sqlalchemy as sa

from bot.dialogs.replies import Elsewhere
from bot.settings import TelegramSite
from storage import models
from tests.fakes.city import City, Somebody


def consents(city: City) -> list[tuple[str, bool]]:
    c = models.consents.c
    return city.store.read(
        lambda unit: [
            (row.kind, row.withdrawn_at is None)
            for row in unit.conn.execute(sa.select(models.consents).order_by(c.id))
        ]
    )


def links(person: Somebody) -> list[Elsewhere]:
    return [reply for reply in person.seen if isinstance(reply, Elsewhere)]


@pytest.mark.parametrize("words", ["안녕하세요", "길이 파였어요", "내 신고", "/report"])
def test_whoever_comes_first_sees_the_three_doors(telegram: Somebody, words: str) -> None:
    telegram.types(words)
    assert telegram.buttons == ["가온시 누리집에서 쓰기", "텔레그램에서 쓰기", "궁금한 것만 묻기"]


def test_nothing_of_what_was_said_before_a_door_is_kept(telegram: Somebody) -> None:
    telegram.types("홍길동인데요 길이 파였어요")
    kept = telegram.city.store.read(
        lambda unit: [dict(row) for row in unit.conn.execute(sa.select(models.dialogs)).mappings()]
    )
    assert all(row["form"] == "menu" for row in kept)
    assert not any("홍길동" in str(reply) for reply in telegram.seen)


def test_danger_is_answered_before_any_door(telegram: Somebody) -> None:
    telegram.types("지금 불이 났어요 사람이 갇혔어요")
    assert "119" in telegram.text
    assert "텔레그램에서 쓰기" in telegram.text


def test_a_number_that_was_typed_before_any_door_is_deleted(telegram: Somebody) -> None:
    received = telegram.types("900101-1234567", message="55")
    assert [row.delete for row in received.rows if row.delete] == ["55"]


def test_a_photo_before_any_door_gets_the_doors(telegram: Somebody) -> None:
    telegram.sends("photo", album="a")
    assert "저장하지 않았어요" in telegram.text
    assert "텔레그램에서 쓰기" in telegram.text
    assert telegram.sends("photo", album="a").rows == ()


def test_without_a_named_keeper_the_second_door_is_not_shown(
    changed: Callable[..., City],
) -> None:
    person = changed(telegram=TelegramSite()).person("telegram")
    person.commands("start")
    assert person.buttons == ["가온시 누리집에서 쓰기", "궁금한 것만 묻기"]
    person.commands("here")
    assert "텔레그램에서 쓰기" not in person.text
    person.commands("agree")
    assert consents(person.city) == []


def test_the_first_door_leads_to_the_page_by_a_link(telegram: Somebody) -> None:
    telegram.commands("start")
    telegram.press("누리집에서 쓰기")
    (link,) = links(telegram)
    assert link.url
    assert "15분" in telegram.text


def test_the_second_door_asks_for_a_consent_that_names_everything(telegram: Somebody) -> None:
    telegram.commands("start")
    telegram.press("텔레그램에서 쓰기")
    for words in ("Telegram FZ-LLC", "어느 나라로", "동의하지 않아도"):
        assert words in telegram.text
    telegram.press("만 14세 이상이고")
    assert consents(telegram.city) == [("transfer", True)]
    assert "일을 미뤄서 신고하고 싶어요" in telegram.text


def test_the_name_is_kept_only_with_the_consent(telegram: Somebody) -> None:
    telegram.commands("start")
    telegram.does(telegram.event_of("텔레그램에서 쓰기"), name="홍길동")

    def name(unit: object) -> object:
        column = models.peers.c.name
        return unit.conn.execute(sa.select(column)).scalar_one()  # type: ignore[attr-defined]

    assert telegram.city.store.read(name) is None
    telegram.does(telegram.event_of("만 14세 이상이고"), name="홍길동")
    assert telegram.city.store.read(name) is not None


def test_who_does_not_agree_is_led_to_the_page(telegram: Somebody) -> None:
    telegram.commands("start")
    telegram.press("텔레그램에서 쓰기")
    telegram.press("동의하지 않아요")
    assert links(telegram)
    assert consents(telegram.city) == []


def test_a_child_is_led_to_the_page_or_the_telephone(telegram: Somebody) -> None:
    telegram.commands("here")
    telegram.press("만 14세 미만")
    assert "보호자와 함께" in telegram.text
    assert "처음으로" in telegram.text


def test_the_third_door_takes_questions_only(telegram: Somebody) -> None:
    telegram.commands("start")
    telegram.press("궁금한 것만 묻기")
    assert "이름이나 연락처" in telegram.text
    assert consents(telegram.city) == [("info", True)]
    telegram.types("신고")
    assert "외국 서버 보관 동의" in telegram.text
    telegram.commands("info")
    assert consents(telegram.city) == [("info", True)]


def test_who_has_agreed_is_not_asked_again(agreed: Somebody) -> None:
    agreed.commands("here")
    assert "무엇을 도와 드릴까요" in agreed.text


def test_on_the_page_there_are_no_doors(web: Somebody) -> None:
    for name in ("here", "web", "agree"):
        web.commands(name)
        assert "무엇을 도와 드릴까요" in web.text
    web.commands("revoke")
    assert "거둘 동의가 없어요" in web.text


def test_a_consent_taken_back_leads_an_open_report_to_the_page(agreed: Somebody) -> None:
    agreed.commands("report")
    agreed.types("동의 철회")
    assert "동의를 거두셨어요" in agreed.text
    assert links(agreed)
    assert ("transfer", False) in consents(agreed.city)
    agreed.types("계속 쓸래요")
    assert "텔레그램에서 쓰기" in agreed.text


def test_a_consent_taken_back_without_a_draft_needs_no_link(agreed: Somebody) -> None:
    agreed.types("동의 철회")
    assert not links(agreed)
    agreed.types("동의 철회")
    assert "거둘 동의가 없어요" in agreed.text


def test_with_questions_only_left_an_open_report_goes_on_at_the_page(agreed: Somebody) -> None:
    agreed.commands("info")
    agreed.commands("report")
    agreed.commands("revoke")
    agreed.commands("info")
    agreed.types("길이 파였어요")
    assert links(agreed)
    agreed.commands("continue")
    assert links(agreed)
    agreed.commands("stop")
    agreed.press("지우기")
    assert "지웠어요" in agreed.text


@pytest.mark.parametrize(
    ("payload", "words"), [("report", "일을 미루거나"), ("my", "내신 신고가")]
)
def test_a_deep_link_opens_what_it_names_behind_the_door(
    agreed: Somebody, payload: str, words: str
) -> None:
    agreed.commands("start", payload)
    assert words in agreed.text


@pytest.mark.parametrize("payload", ["unlink", "../x", "mydata_stop"])
def test_a_deep_link_opens_nothing_else(agreed: Somebody, payload: str) -> None:
    agreed.commands("start", payload)
    assert "무엇을 도와 드릴까요" in agreed.text


def test_a_deep_link_before_any_door_shows_the_doors(telegram: Somebody) -> None:
    telegram.commands("start", "report")
    assert "텔레그램에서 쓰기" in telegram.text


def test_the_first_screen_offers_an_open_draft(web: Somebody) -> None:
    web.commands("report")
    web.press("답을 들었는데")
    web.commands("start")
    web.press("이어서 쓰기")
    assert "접수번호가 있으면" in web.text
