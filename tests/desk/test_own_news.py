"""An official's own news: chosen at the desk, for mail and the messenger."""

import pytest

from bot.services import own_news
from bot.services.subscriptions import Wanted
from tests.desk.conftest import Desk
from tests.services.conftest import Office


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_an_official_chooses_his_own_news(room: Desk, office: Office):
    seat = room.seat("park")
    page = seat.get("/me/news")
    assert "소식 받기 동의(선택)" in page.text
    assert "업무 메일" in page.text
    form = page.form("/me/news")
    chosen = {"channel": ["mail"], "kind": ["alert"], "region": ["9"]}
    assert seat.send("/me/news", form, **chosen).status_code == 303
    actor = office.people["park"]
    mine = office.see(lambda u: own_news.mine(room.parts.svc, u, actor))
    assert (mine.on, mine.wish) == ({"mail"}, Wanted(("alert",), (), ("경기",)))
    wrong = seat.send("/me/news", seat.get("/me/news").form("/me/news"), **{**chosen, "kind": []})
    assert wrong.status_code == 422
    assert "하나 이상 골라 주세요" in wrong.text
