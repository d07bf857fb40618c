"""News by e-mail: one letter that asks back, whatever is typed and however often; and the clock."""

from dataclasses import replace
from typing import Any

import pytest

from bot.dialogs.replies import Say, load
from bot.errors import Refused
from bot.services import news_links, sign_ups, subscriptions
from bot.services.subscriptions import Wanted
from storage import models
from storage.repositories import outbox
from storage.repositories import peers as addresses
from storage.repositories.subscriptions import Subscription
from tests.services.conftest import Office, at

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
HONG = "hong@example.com"


def asks(office: Office, address: str = HONG, network: str = "n", **wish: Any) -> None:
    office.do(lambda u: sign_ups.ask(office.svc, u, address, Wanted(**wish), network))


def letters(office: Office) -> list[str]:
    """Do what is due; give the letters that wait, as they are read."""
    office.tick()
    return [office.say(one.text) for one in sent(office)]


def sent(office: Office) -> list[Say]:
    waits = [row.id for row in office.rows("mail") if row.payload and row.kind == "news"]
    found = [office.see(lambda u, n=n: outbox.read_payload(u, n)) for n in waits]
    return [one for one in map(load, found) if isinstance(one, Say)]


def mine(office: Office, address: str = HONG) -> Subscription | None:
    def look(unit):
        peer = addresses.find(unit, "mail", "news", address)
        return subscriptions.of_peer(unit, peer.id) if peer is not None else None

    return office.see(look)


def confirmed(office: Office) -> Subscription:
    asks(office)
    letters(office)
    one = mine(office)
    assert one is not None
    office.do(lambda u: subscriptions.confirm(office.svc, u, one.id))
    office.do(lambda u: outbox.drop_peer(u, one.peer_id, "read"))
    return one


def test_one_letter_asks_back_and_its_link_begins_it(office: Office) -> None:
    asks(office, kinds=("alert",), regions=("경기",))
    assert mine(office) is None
    (said,) = letters(office)
    assert said.startswith("소식 받기 신청을 확인해 주세요\n11월 23일(월)에")
    one = mine(office)
    assert one is not None
    assert (one.state, subscriptions.wanted(one)) == ("asked", Wanted(("alert",), (), ("경기",)))
    (letter,) = sent(office)
    token = letter.options[0].url.rpartition("/")[2]
    assert office.see(lambda u: news_links.read(u, token)) == one.id
    assert office.do(lambda u: subscriptions.confirm(office.svc, u, one.id)) == "on"
    left = office.see(lambda u: u.conn.execute(models.sign_ups.select()).all())
    assert left == []


def test_a_hundred_times_and_in_any_spelling_it_is_one_letter(office: Office) -> None:
    spelt = [HONG, "HONG@EXAMPLE.com", "ho.ng@example.com", "hong+1@example.com"]
    for number in range(100):
        asks(office, spelt[number % 4], network=str(number))
    assert len(letters(office)) == 1


def test_who_gets_it_already_gets_the_way_to_his_choices(office: Office) -> None:
    one = confirmed(office)
    office.do(lambda u: u.conn.execute(models.rates.delete()))
    asks(office, kinds=("alert",))
    *_, said = letters(office)
    assert said.startswith("이미 소식을 받고 계세요")
    kept = mine(office)
    assert kept is not None
    assert (kept.state, subscriptions.wanted(kept)) == ("on", Wanted())
    assert "/news/mine/" in sent(office)[-1].options[0].url
    assert kept.id == one.id


@pytest.mark.parametrize(
    "address",
    [
        "", "hong", "hong@", "@example.com", "hong@example.com\nBcc: all@example.com",
        "hong@example.com\r\nSubject: x", "a@b.kr, c@d.kr", "<hong@example.com>", "한글@example.com",
        "hong@example.com\x00", f"{'a' * 65}@example.com", f"a@{'b.' * 130}kr", "hong@\u202eexample.com",
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused(office: Office, address: str) -> None:
    with pytest.raises(Refused, match=r"subscribing\.email"):
        asks(office, address)


def test_a_network_that_signs_up_everybody_is_held_back(office: Office) -> None:
    for number in range(sign_ups.A_NETWORK[0]):
        asks(office, f"a{number}@example.com")
    with pytest.raises(Refused, match=r"subscribing\.often"):
        asks(office)
    asks(office, network="another")


def test_an_address_that_nobody_confirms_is_forgotten(office: Office) -> None:
    asks(office)
    letters(office)
    office.goes("2026-11-29 10:00")
    assert mine(office) is not None
    office.goes("2026-12-01 23:00")  # nothing at night
    assert mine(office) is not None
    office.goes("2026-12-02 09:00")
    assert mine(office) is None
    gone = office.see(lambda u: addresses.find(u, "mail", "news", HONG))
    assert gone is None


def test_a_letter_that_cannot_arrive_is_no_work_for_the_office(office: Office) -> None:
    asks(office)
    letters(office)
    dead = models.outbox.update().values(status="dead", problem="mail_nobody")
    office.do(lambda u: u.conn.execute(dead))
    assert office.see(outbox.failed) == []


def test_after_two_years_it_is_asked_again_reminded_once_and_ended(office: Office) -> None:
    confirmed(office)
    office.goes("2028-11-22 10:00")
    office.goes("2028-11-23 10:00")
    office.goes("2028-11-23 15:00")
    (asked,) = [one for one in letters(office) if "계속 받으시겠어요" in one]
    assert "2026년 11월 23일(월)부터" in asked
    assert "1월 22일(월)까지 답이 없으시면" in asked
    office.goes("2028-12-23 11:00")
    office.goes("2028-12-30 10:00")
    assert sum("한 번 더" in one for one in letters(office)) == 1
    assert mine(office) is not None
    office.goes("2029-01-23 10:00")
    assert mine(office) is None
    *_, over = letters(office)
    assert over.startswith("이제 소식을 보내지 않아요")


def test_whoever_answers_is_left_alone_for_two_years_more(office: Office) -> None:
    one = confirmed(office)
    office.goes("2028-11-23 10:00")
    assert office.do(lambda u: subscriptions.renew(office.svc, u, one.id))
    office.goes("2029-06-01 10:00")
    kept = mine(office)
    assert kept is not None
    assert kept.renew_asked_at is None


def test_a_clock_that_slept_reminds_before_it_ends_anything(office: Office) -> None:
    confirmed(office)
    office.goes("2028-11-23 10:00")
    office.goes("2029-06-01 10:00")
    office.goes("2029-06-01 11:00")
    assert sum("한 번 더" in one and "7월 1일(일)" in one for one in letters(office)) == 1
    assert mine(office) is not None
    office.goes("2029-07-02 11:00")
    assert mine(office) is None


def test_where_nobody_is_asked_again_nothing_is_said(build) -> None:
    office = build()
    said = office.svc.site.newsletter.model_copy(update={"renewal_years": 0})
    office = build_again(office, said)
    confirmed(office)
    office.clock.set(at("2036-11-23 10:00"))
    assert letters(office) == []
    assert mine(office) is not None


def build_again(office: Office, said: Any) -> Office:
    site = office.svc.site.model_copy(update={"newsletter": said})
    return replace(office, svc=replace(office.svc, site=site))
