"""What the public part does for a messenger behind its walls: answers at once (security S7, S18)."""

import pytest
import sqlalchemy as sa

from bot.channel import Delivered, Later, Never
from bot.settings import read_site
from storage.models import leases
from storage.repositories import finders
from storage.repositories import leases as held
from tests import shipped
from tests.fakes.channel import FakeChannel
from tests.fakes.city import SITE, City, Clock
from tests.storage.rows import a_filing
from tests.walls.test_roles import NOT_ALLOWED, desk_first, refused
from tests.worker.conftest import FAST, Line

__all__ = ["desk_first"]


@pytest.fixture
def public(part, desk_first):
    return desk_first[1]


def line(work, public, *script):
    city = City(work, Clock(), read_site(SITE), shipped.texts())
    city.store = public
    return Line(city, FakeChannel(script, name="telegram", limits=FAST))


async def test_the_public_part_sends_what_it_answers(part, public):
    here = line(part("work"), public, Delivered("1"))
    await here.worker.flush([here.born()])
    await here.worker.settled()
    assert [parcel.address for parcel in here.channel.sent] == ["a"]
    assert here.statuses == ["sent"]


async def test_the_public_part_notes_who_cannot_be_reached_any_more(part, public):
    here = line(part("work"), public, Never("blocked", peer_gone=True))
    await here.worker.flush([here.born()])
    await here.worker.settled()
    assert here.statuses == ["dead"]


async def test_the_public_part_tells_all_that_a_messenger_is_ill(part, public):
    here = line(part("work"), public, Later(5.0, fault="network"))
    await here.worker.flush([here.born()])
    await here.worker.settled()
    assert part("work").read(lambda u: held.held(u, "breaker:telegram"))
    assert public.read(lambda u: held.held(u, "breaker:telegram"))


def test_the_public_part_neither_sees_nor_takes_the_leases_of_the_others(part, public):
    work = part("work")
    assert work.transact(lambda u: held.take(u, "tick", "work", 60.0), None)
    assert public.read(lambda u: u.conn.execute(sa.select(leases)).all()) == []
    for name in ("tick", "tell"):
        taken = refused(public, lambda u, n=name: held.take(u, n, "public", 60.0))
        assert taken == NOT_ALLOWED


@pytest.mark.parametrize(
    "identity",
    [
        {"name": "홍길동", "address": "가온시 중앙로 12"},
        {"name": "홍길동", "address": "가온시 중앙로 12", "phone": "010-1234-5678"},
    ],
)
def test_a_report_is_filed_outside_with_one_contact_or_several(public, identity):
    filing = a_filing(public)
    public.transact(lambda u: finders.put(u, filing.id, identity), None)
