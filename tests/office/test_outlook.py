"""`/civic 통계`: figures in words, and a picture that is made when it leaves."""

import pytest

from bot.dialogs.replies import Cards, Picture
from bot.documents import charts
from bot.errors import Refused
from bot.services.orders import command
from storage.repositories import users
from tests.office.conftest import ACCOUNT, Messenger, address, link
from tests.services.conftest import Office, answers
from tests.services.test_statistics import answered


def asks(office: Office, login: str) -> Cards:
    found = office.do(lambda u: command(office.svc, u, ACCOUNT, address(login), "통계"))
    assert isinstance(found, Cards)
    return found


def words(office: Office, cards: Cards) -> str:
    told = [cards.text, *(part for one in cards.cards for part in (one.title, one.text))]
    return "\n".join(office.say(one) for one in told)


async def test_the_head_is_told_numbers_and_sent_a_picture_of_them(
    office: Office, messenger: Messenger
):
    answered(office)
    link(office, "choi")
    await messenger.round()
    told = words(office, asks(office, "choi"))
    assert "2025-12부터 2026-11까지의 통계" in told
    assert "근무일 5일, 달력 4일" in told
    assert "받은 것 1, 답한 것 1, 기한 지남 0" in told
    (parcel,) = await messenger.round()
    assert parcel.address == address("choi")
    picture = parcel.reply
    assert isinstance(picture, Picture)
    assert "11월: 받은 것 1, 답한 것 1" in office.say(picture.alt)
    assert charts.picture(picture.media).startswith(b"\x89PNG")
    for name in ("도로과", "홍길동", "박감사"):
        assert name not in told + picture.media + str(picture.alt)


async def test_with_nothing_to_count_there_is_no_picture(office: Office, messenger: Messenger):
    link(office, "choi")
    await messenger.round()
    assert "볼 수 있는 건이 없습니다" in words(office, asks(office, "choi"))
    assert await messenger.round() == []


def test_who_may_see_no_statistics_is_told_so(office: Office):
    link(office, "park")
    with pytest.raises(Refused, match="no_statistics"):
        asks(office, "park")


async def test_the_picture_is_of_what_its_reader_may_see_when_it_leaves(
    office: Office, messenger: Messenger
):
    answered(office)
    other = office.file(answers(unit={"value": "build", "label": "건축과"}), address="c")
    office.act("kim", other.number, "assign", handler="lim", unit="build")
    lee = office.people["lee"].user_id or 0
    office.do(lambda u: users.grant(u, lee, "chief", office.clock()))
    link(office, "lee")
    await messenger.round()
    assert "받은 것 1, 답한 것 0" in words(
        office, asks(office, "lee")
    )  # that of his own unit: not
    office.do(lambda u: users.revoke(u, lee, "chief"))
    assert [one.reply for one in await messenger.round()] == []
