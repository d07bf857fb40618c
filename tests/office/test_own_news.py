"""The news for officials: chosen at the desk for each address, and ended with the account."""

from typing import Any

import pytest

from bot.services import endings, own_news
from bot.services.subscriptions import Wanted
from storage.repositories import users
from tests.office.conftest import CHANNEL, link
from tests.services.conftest import Office

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def mine(office: Office) -> own_news.Mine:
    found: own_news.Mine = office.see(
        lambda u: own_news.mine(office.svc, u, office.people["park"])
    )
    return found


def save(office: Office, *channels: str, **wish: Any) -> None:
    actor = office.people["park"]
    office.do(lambda u: own_news.save(office.svc, u, actor, channels, Wanted(**wish)))


def test_at_the_desk_it_is_chosen_where_it_comes(office: Office) -> None:
    assert mine(office).channels == ("mail",)
    link(office, "park")
    assert (mine(office).channels, mine(office).on) == (("mail", CHANNEL), frozenset())
    save(office, "mail", CHANNEL, kinds=("news",))
    assert mine(office).on == {"mail", CHANNEL}
    save(office, "mail", kinds=("alert",), regions=("경기",))
    assert (mine(office).on, mine(office).wish) == (
        {"mail"},
        Wanted(("alert",), (), ("경기",)),
    )
    save(office)
    assert mine(office).on == frozenset()


def test_it_ends_with_the_account_and_not_with_a_password(office: Office) -> None:
    link(office, "park")
    save(office, "mail", CHANNEL)
    user = office.people["park"].user_id
    assert user is not None
    office.do(lambda u: users.set_active(u, user, active=False))
    office.do(lambda u: endings.ended(office.svc, u, user, "closed"))
    assert mine(office).on == frozenset()
    save(office, "mail")
    office.do(lambda u: users.set_active(u, user, active=True))
    office.do(lambda u: endings.ended(office.svc, u, user, "password"))
    assert mine(office).on == {"mail"}
