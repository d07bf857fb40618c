"""Similar replies: nearest first, of others only what the head of the audit office has shown."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa

from bot import catalogue
from bot.errors import BadStart, Refused
from bot.services import similar
from bot.services.similar import Like
from storage import models
from storage.repositories import guards
from tests import shipped
from tests.services import applying
from tests.services.conftest import Office

WAREHOUSE = {
    "task": "창고의 용도변경",
    "question_1": "도로에 걸친 창고의 용도변경을 받을 수 있습니까?",
    "laws": "건축법 제19조",
}
CAFE = {
    "task": "충전소 안 이동식 카페",
    "question_1": "충전소에서 이동식 카페의 영업신고를 받을 수 있습니까?",
    "laws": "식품위생법 제37조",
}
ASKED = "도로에 조금 걸친 창고를 다른 용도로 바꾸는 신고를 받아도 됩니까"


@pytest.fixture
def town(office: Office) -> Office:
    """An office with two replies to the road division: about a warehouse, about a café."""
    site = office.svc.site.model_copy(update={"document_required": False})
    office.svc = replace(office.svc, site=site)
    applying.staff(office)
    return office


def replied(office: Office, **words: Any) -> str:
    number = applying.reviewing(office, **words)
    applying.replied(office, number)
    return number


def find(office: Office, who: str, text: str = ASKED) -> tuple[Like, ...]:
    actor = office.people[who]
    svc = office.svc
    look = lambda u: similar.anywhere(svc, u, actor, text)  # noqa: E731
    return similar.noted(svc, office.store, actor, look)


def test_the_nearest_comes_first_and_is_not_said_to_be_the_same(town: Office):
    warehouse, cafe = replied(town, **WAREHOUSE), replied(town, **CAFE)
    found = find(town, "choi")
    assert found[0].number == warehouse
    assert find(town, "choi", "이동식 카페 영업신고")[0].number == cafe
    assert found[0].day == date(2026, 11, 23)
    assert found[0].tables[1].title.startswith("질문 1. 도로에 걸친 창고")
    assert find(town, "choi", "전혀 다른 말씀") == ()


def test_another_unit_reads_only_what_was_shown_and_nothing_of_who_asked(town: Office):
    number = replied(town, **WAREHOUSE)
    assert find(town, "jung") == ()
    assert [one.number for one in find(town, "lee")] == [number]  # he asked it himself
    town.act("choi", number, "show_reply", veiled=True)
    (seen,) = find(town, "jung")
    assert (seen.number, seen.shown) == ("", True)
    told = str(seen)
    for hidden in (number, "이도로", "길과장", "도로과", "감사담당관-77"):
        assert hidden not in told
    town.act("choi", number, "hide_reply")
    assert find(town, "jung") == ()


def test_only_the_head_shows_it_and_says_that_nobody_is_named(town: Office):
    number = replied(town, **WAREHOUSE)
    assert town.refused("choi", number, "show_reply", veiled=False) == "guard.declared"
    assert "show_reply" in town.can("choi", number)
    assert "show_reply" not in town.can("park", number)


def test_who_a_guard_keeps_out_finds_nothing(town: Office):
    number = replied(town, **WAREHOUSE)
    town.act("choi", number, "show_reply", veiled=True)
    filing, jung = town.filing(number), town.people["jung"]
    town.do(lambda u: guards.add(u, filing.id, user_id=jung.user_id, confirmed_at=town.clock()))
    assert find(town, "jung") == ()


def test_beside_an_application_stand_the_others_and_never_itself(town: Office):
    old = replied(town, **WAREHOUSE)
    town.act("choi", old, "show_reply", veiled=True)
    new = applying.apply(town, **{**WAREHOUSE, "question_1": ASKED})
    lee, jung = town.people["lee"], town.people["jung"]
    found = town.see(lambda u: similar.to(town.svc, u, lee, new))
    assert [one.number for one in found] == [old]
    assert town.see(lambda u: similar.to(town.svc, u, lee, old)) == ()
    with pytest.raises(Refused, match=r"filing\.unknown"):
        town.see(lambda u: similar.to(town.svc, u, jung, new))
    report = town.investigating()
    with pytest.raises(Refused, match=r"filing\.unknown"):
        town.see(lambda u: similar.to(town.svc, u, town.people["park"], report.number))


def test_a_search_is_noted_without_its_words_and_needs_some(town: Office):
    replied(town, **WAREHOUSE)
    find(town, "choi")
    rows = town.see(lambda u: u.conn.execute(sa.select(models.accesses)).mappings().all())
    assert [row["count"] for row in rows if row["what"] == "replies_found"] == [1]
    with pytest.raises(Refused, match=r"search\.short"):
        find(town, "choi", " ㄱ ")


def test_replies_compared_by_what_is_not_asked_stop_the_start(tmp_path: Any):
    text = '[replies]\nby = ["colour"]'
    (tmp_path / "preconsulting.toml").write_text(text, encoding="utf-8")
    with pytest.raises(BadStart, match="서식에 없는 칸입니다: colour"):
        catalogue.load(shipped.texts(), [catalogue.SHIPPED, tmp_path])
