"""Finding somebody who calls: both words or none, never one's own unit's, never the nameless."""

from collections.abc import Callable

import pytest
import sqlalchemy as sa

from bot.errors import Refused
from bot.services import callers
from bot.services.callers import Hits
from storage import models
from storage.crypto import KeyRing, new_key_text
from storage.repositories import erasing, filings
from storage.store import Store
from tests.services.conftest import Office, answers, nameless

TEXT = new_key_text()
CALLER = {"reply_by": "phone", "phone": "010-1234-5678", "email": None}


@pytest.fixture
def ring() -> KeyRing:
    return KeyRing.from_text("keys", TEXT)


def search(office: Office, name: str, contact: str, login: str = "kim") -> Hits:
    actor = office.people[login]
    return office.do(lambda u: callers.search(office.svc, u, actor, name, contact))


def numbers(found: Hits) -> list[str]:
    return [one.number for one in found.hits]


def test_name_and_four_digits_find_a_report_and_either_alone_finds_nothing(office: Office):
    filed = office.file(answers(**CALLER))
    mail = office.file(address="b")
    assert numbers(search(office, "홍 길동", "5678")) == [filed.number]
    assert numbers(search(office, "홍길동", "010-1234-5678")) == [filed.number]
    assert numbers(search(office, "홍길동", "HONG@example.com")) == [mail.number]
    assert numbers(search(office, "홍길동", "5679")) == []
    assert numbers(search(office, "김길동", "5678")) == []
    for name, contact in (("", "5678"), ("홍길동", ""), ("홍길동", "78"), ("홍길동", "길")):
        with pytest.raises(Refused, match=r"desk\.callers\.both"):
            search(office, name, contact)


def test_a_report_without_a_name_is_never_found(office: Office):
    office.file(nameless())
    rows = office.see(lambda u: u.conn.execute(sa.select(models.finders)).all())
    assert rows == []


def test_who_may_not_see_a_report_does_not_find_it(office: Office):
    filed = office.file(answers(**CALLER, unit={"value": "minwon", "label": "민원실"}))
    assert numbers(search(office, "홍길동", "5678")) == []  # kim serves in 민원실
    office.file(answers(**CALLER), address="b")
    assert filed.number not in numbers(search(office, "홍길동", "5678", "park"))
    with pytest.raises(Refused, match=r"access\.not_allowed"):
        search(office, "홍길동", "5678", "lee")


def test_five_are_shown_and_then_the_number_is_asked(office: Office):
    for n in range(6):
        office.file(answers(**CALLER), address=f"a{n}")
    found = search(office, "홍길동", "5678")
    assert len(found.hits) == 5
    assert found.more


def test_a_search_is_written_down_without_its_words(office: Office):
    office.file(answers(**CALLER))
    search(office, "홍길동", "5678")
    search(office, "김길동", "0000")
    c = models.accesses.c
    noted = office.see(lambda u: u.conn.execute(sa.select(c.what, c.count).order_by(c.id)).all())
    assert [tuple(row) for row in noted] == [("caller_searched", 1), ("caller_searched", 0)]


def test_nobody_leafs_through_names(office: Office):
    for n in range(10):
        search(office, "홍길동", f"{n:04}")
    with pytest.raises(Refused, match=r"desk\.callers\.often"):
        search(office, "홍길동", "9999")
    search(office, "홍길동", "9999", "choi")


def test_the_index_holds_neither_name_nor_number_and_goes_with_the_report(office: Office):
    filed = office.file(answers(**CALLER))
    rows = office.see(lambda u: u.conn.execute(sa.select(models.finders)).all())
    assert sorted(row.kind for row in rows) == ["address", "phone"]
    assert all(len(row.ix) == 32 for row in rows)
    filing = office.filing(filed.number)
    office.do(lambda u: erasing.erase(u, filing.id, filing.sid, office.clock(), "clock"))
    assert office.see(lambda u: u.conn.execute(sa.select(models.finders)).all()) == []
    assert office.see(lambda u: u.conn.execute(sa.select(models.sketches)).all()) == []


def test_a_corrected_identity_is_found_by_what_is_right(office: Office):
    filed = office.file(answers(**CALLER))
    filing = office.filing(filed.number)
    right = {"name": "홍길순", "phone": "010-9999-8888"}
    office.do(lambda u: filings.set_identity(u, filing, right))
    assert numbers(search(office, "홍길동", "5678")) == []
    assert numbers(search(office, "홍길순", "8888")) == [filed.number]


def test_the_index_turns_with_the_ring(office: Office, opened: Callable[..., Store]):
    filed = office.file(answers(**CALLER))
    old = office.see(lambda u: list(u.conn.scalars(sa.select(models.finders.c.ix))))
    office.store.close()
    office.store = opened(secrets=KeyRing.from_text("keys", f"{new_key_text()}\n{TEXT}"))
    assert numbers(search(office, "홍길동", "5678")) == [filed.number]
    office.store.rewrap()
    new = office.see(lambda u: list(u.conn.scalars(sa.select(models.finders.c.ix))))
    assert set(new).isdisjoint(old)
    assert numbers(search(office, "홍길동", "5678")) == [filed.number]
