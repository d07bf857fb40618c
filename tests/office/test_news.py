"""The news in the officials' messenger: a consent of its own, and one press that ends it."""

import pytest

from bot.dialogs.replies import Say
from bot.errors import Refused
from bot.services import linking, orders, subscriptions
from storage.repositories import peers
from storage.unit import Unit
from tests.office.conftest import ACCOUNT, CHANNEL, address, link
from tests.services.conftest import Office

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def says(office_: Office, text: str, login: str = "park", account: str = ACCOUNT) -> Say:
    reply = office_.do(lambda u: orders.command(office_.svc, u, account, address(login), text))
    assert isinstance(reply, Say)
    return reply


def press(office_: Office, said: Say, number: int) -> Say:
    """Press a button as the messenger gives it back."""
    option = said.options[number]
    return says(office_, f"{option.command} {option.arg}".strip())


def gets(office_: Office, login: str = "park") -> bool:
    def look(unit: Unit) -> bool:
        peer = peers.find(unit, CHANNEL, ACCOUNT, address(login))
        return peer is not None and subscriptions.of_peer(unit, peer.id) is not None

    return bool(office_.see(look))


def test_it_begins_with_the_consent_and_ends_with_one_press(office: Office) -> None:
    link(office, "park")
    asked = says(office, "소식")
    assert "슬랙 주소" in office.say(asked.text)
    assert not gets(office)
    on = press(office, asked, 0)
    assert gets(office)
    choose, _stop = on.options
    assert choose.url is not None
    assert "/news/mine/" in choose.url
    press(office, on, 1)
    assert not gets(office)


@pytest.mark.parametrize("text", ["소식 그만", "news_stop 2026-11", "news_stop", "unsubscribe"])
def test_whoever_ends_it_is_not_asked_who_he_is(office: Office, text: str) -> None:
    link(office, "park")
    press(office, says(office, "뉴스레터"), 0)
    office.do(lambda u: linking.end(office.svc, u, office.people["park"].user_id, "own"))
    with pytest.raises(Refused, match="not_linked"):
        says(office, "소식")
    assert "이제 보내지 않습니다" in office.say(says(office, text).text)
    assert not gets(office)
    assert "지금 받으시는 소식이 없습니다" in office.say(says(office, text).text)


def test_whoever_refuses_or_is_a_stranger_gets_nothing(office: Office) -> None:
    link(office, "park")
    assert "보내지 않겠습니다" in office.say(press(office, says(office, "news"), 1).text)
    assert not gets(office)
    assert "없습니다" in office.say(says(office, "news_renew").text)
    assert "없습니다" in office.say(says(office, "news_stop", "lee").text)
    with pytest.raises(Refused, match="other_account"):
        says(office, "news_stop", account="T0OTHER")


def test_it_goes_on_when_that_is_asked(office: Office) -> None:
    link(office, "park")
    press(office, says(office, "소식"), 0)
    assert "앞으로도" in office.say(says(office, "news_renew").text)
    assert [one.command for one in says(office, "소식").options] == [None, "news_stop"]
