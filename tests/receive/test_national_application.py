"""국민신청 길잡이 in a conversation: a draft as any draft, and nothing is kept without a consent."""

from collections.abc import Callable
from dataclasses import replace

import pytest
import sqlalchemy as sa

from bot.dialogs.replies import Receipt, Sheet
from bot.errors import Overloaded
from bot.services import portal
from bot.services.library import Library
from knowledge.search import CaseIndex
from storage import models
from storage.errors import Busy
from storage.repositories import consents, peers
from tests.fakes.city import City, Somebody

NEVER = "여기서 쓴 것만으로는 신청된 것이 아니에요"


def to_sheet(one: Somebody) -> None:
    one.types("국민신청")
    for label in ("받은 통지가 없어요", "그래도 글 준비하기"):
        one.press(label)
    for words in ("쉼터를 늘리고 싶어요", "두 곳에 더 놓아 주세요"):
        one.types(words)
        one.press("다 썼어요")


def count(city: City, table: str) -> int:
    kept = models.metadata.tables[table]
    asked = sa.select(sa.func.count()).select_from(kept)
    return city.store.read(lambda u: int(u.conn.execute(asked).scalar_one()))


def test_who_does_not_agree_leaves_nothing(web: Somebody, city: City) -> None:
    to_sheet(web)
    assert any(isinstance(reply, Sheet) for reply in web.seen)
    web.press("국민신문고에 냈어요")
    web.press("괜찮아요")
    assert NEVER in web.text
    assert "여기에 남기지 않았어요" in web.text
    assert count(city, "filings") == 0


def test_the_text_is_shown_again_when_the_page_is_loaded_or_gone_on_with(
    web: Somebody, city: City
) -> None:
    to_sheet(web)
    shown = city.receiver.show("web", "web", web.address, "ko").replies
    assert any(isinstance(reply, Sheet) for reply in shown)
    web.types("나중에")
    web.commands("continue")
    assert any(isinstance(reply, Sheet) for reply in web.seen)


def test_what_is_given_to_take_away_stays_at_the_messenger(agreed: Somebody, city: City) -> None:
    to_sheet(agreed)
    agreed.press("여기서 마칠게요")
    assert agreed.last is not None
    assert [row.delete for row in agreed.last.rows if row.delete] == []
    o = models.outbox.c
    rows = city.store.read(lambda u: list(u.conn.execute(sa.select(o.kind))))
    assert "delete" not in [row.kind for row in rows]


def test_who_agrees_finds_it_again_and_nothing_of_it_goes_to_the_office(
    web: Somebody, city: City
) -> None:
    to_sheet(web)
    for label in ("아직이에요", "동의해요", "이 대화로"):
        web.press(label)
    (receipt,) = [reply for reply in web.seen if isinstance(reply, Receipt)]
    assert (receipt.called, receipt.code, receipt.proof) == ("reference", None, None)
    web.commands("my")
    assert "신청글을 준비하셨어요" in web.text
    assert "전화 부탁하기" not in web.text
    web.commands("paper", receipt.number)
    assert "찾을 수 없습니다" in web.text
    web.commands("move", f"stop_asking {receipt.number}")
    assert "이제 여쭤보지 않을게요" in web.text
    assert count(city, "tasks") == 0


def test_while_the_portal_is_open_there_is_nothing_to_wait_for(web: Somebody) -> None:
    web.commands("portal")
    assert "열려 있는 것으로" in web.text


def test_while_it_is_closed_one_can_wait_and_the_draft_stays(
    changed: Callable[..., City],
) -> None:
    city = changed(epeople_down=True)
    web = city.person("web")
    to_sheet(web)
    assert "지금 국민신문고가 열리지 않아요" in web.text
    web.press("열리면 알려 주세요")
    assert "알려 드릴게요" in web.text
    assert any(isinstance(reply, Sheet) for reply in web.seen)
    web.press("열리면 알려 주세요")
    assert "이미 적어 두었어요" in web.text
    peer = city.store.read(lambda u: peers.find(u, "web", "web", web.address))
    assert peer is not None
    assert city.store.read(lambda u: consents.has(u, peer.id, portal.WAITS))


def test_what_an_official_has_turned_counts_before_the_setting(web: Somebody, city: City) -> None:
    parts = city.receiver.parts
    city.receiver.parts = replace(parts, said=lambda: {portal.NAME: "yes"})
    to_sheet(web)
    assert "지금 국민신문고가 열리지 않아요" in web.text


def test_cases_that_are_like_it_are_offered_at_the_end_and_no_word_of_it_is_kept(
    web: Somebody, city: City
) -> None:
    web.types("국민신청")
    web.press("받은 통지가 없어요")
    web.press("그래도 글 준비하기")
    for words in ("봉안당 증축", "봉안당을 늘려 주세요"):
        web.types(words)
        web.press("다 썼어요")
    web.press("국민신문고에 냈어요")
    web.press("괜찮아요")
    assert "비슷한 일을 푼 사례가" in web.text
    assert "결과와는 관계없어요" in web.text
    web.press("사례 보기")
    assert "부산추모공원 봉안당 증축" in web.text
    assert "감사나 권고에서" not in web.text


def test_a_database_that_is_away_from_the_cases_holds_nobody_up(web: Somebody, city: City) -> None:
    to_sheet(web)
    web.press("국민신문고에 냈어요")

    class Away(Library):
        def cases(self) -> CaseIndex:
            raise Busy

    city.svc = replace(city.svc, library=Away())
    city.receiver.parts = replace(city.receiver.parts, svc=city.svc)
    web.press("괜찮아요")
    assert "여기에 남기지 않았어요" in web.text
    with pytest.raises(Overloaded):
        web.commands("cases", "봉안당")
