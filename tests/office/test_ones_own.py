"""What somebody keeps for himself never comes to the officials' messenger, at either level."""

import pytest

from bot.errors import Refused
from bot.services import orders
from bot.services.office import words
from tests.desk.test_ones_own import follow
from tests.office.conftest import (
    ACCOUNT,
    CHANNEL,
    address,
    at_messenger,
    clean,
    here,
    link,
    with_messenger,
)
from tests.services.conftest import Office

LISTS = ("대기", "내것", "지연")
pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.mark.parametrize("level", ["numbers", "full"])
async def test_no_card_no_line_no_list_has_it(office: Office, level: str):
    with_messenger(office, level)
    messenger = at_messenger(office)
    clean(office)
    link(office, "kim", "choi")
    filed = follow(office)
    office.act(office.reporter(filed), filed.number, "told_filed")
    for who, orders_of in (("kim", LISTS), ("choi", (*LISTS, "통계"))):
        for word in orders_of:
            said = office.do(
                lambda u, w=who, a=word: orders.command(office.svc, u, ACCOUNT, address(w), a)
            )
            assert filed.number not in str(said), (who, word)
        actor = here(office, who)
        with pytest.raises(Refused):
            office.see(lambda u, a=actor: words(office.svc, u, a, filed.number))
    office.goes("2026-12-08 09:00")
    sent = await messenger.round()
    assert filed.number not in str(sent)
    assert [row for row in office.rows(CHANNEL) if row.filing_id == filed.filing_id] == []
