"""Whom a broadcast is for, counted by the same question that the fan-out asks."""

import pytest
import sqlalchemy as sa

from knowledge import subjects
from knowledge.newsletter import Issue, Segment
from storage.models import peers as peers_table
from storage.models import people as persons
from storage.models import sendings
from storage.repositories import audience, broadcasts, peers, subscriptions
from storage.store import Store
from storage.unit import Unit
from tests.fakes.clock import MONDAY as NOW


def reader(unit: Unit, address: str, channel: str = "telegram", **own: object) -> int:
    peer = peers.ensure(unit, channel, channel, address, "ko", NOW)
    wants = {
        "kinds": subjects.bits(subjects.USUAL, subjects.KINDS),
        "fields": 0, "regions": 0, "lang": "ko", "state": "on", "text_version": "1", "now": NOW,
    }  # fmt: skip
    return subscriptions.put(unit, peer.id, **{**wants, **own})


@pytest.fixture
def people(store: Store) -> Store:
    def work(unit: Unit) -> None:
        roads = subjects.bits(("교통·도로",), subjects.FIELDS)
        south = subjects.bits(("부산", "경남"), subjects.REGIONS)
        reader(unit, "all")
        reader(unit, "roads", fields=roads)
        reader(unit, "south", "slack", regions=south)
        reader(unit, "english", "mail", lang="en")
        reader(unit, "alerts", "mail", kinds=subjects.bits(("alert",), subjects.KINDS))
        reader(unit, "asked", "mail", state="asked")
        subscriptions.end(unit, reader(unit, "off"), "self", NOW)
        gone = reader(unit, "gone")
        there = sa.select(subscriptions.get(unit, gone).peer_id).scalar_subquery()  # type: ignore[union-attr]
        unit.conn.execute(
            sa.update(peers_table).where(peers_table.c.id == there).values(state="gone")
        )

    store.transact(work, None)
    return store


@pytest.mark.parametrize(
    ("segment", "counted"),
    [
        (Segment("news"), {"mail": 1, "slack": 1, "telegram": 2}),
        (Segment("alert"), {"mail": 1}),
        (Segment("news", fields=("안전·재난",)), {"mail": 1, "slack": 1, "telegram": 1}),
        (Segment("news", fields=("안전·재난", "교통·도로")), {"mail": 1, "slack": 1, "telegram": 2}),
        (Segment("news", regions=("서울",)), {"mail": 1, "telegram": 2}),
        (Segment("news", regions=("경남",), channels=("slack",)), {"slack": 1}),
        (Segment("news", langs=("en",)), {"mail": 1}),
        (Segment("news", any_of=(("교통·도로", "서울"),)), {"mail": 1, "telegram": 2}),
        (Segment("news", any_of=(("안전·재난", "서울"), ("기타", "부산"))), {"mail": 1, "slack": 1, "telegram": 1}),
        (Segment("news", any_of=(("기타", ""),)), {"mail": 1, "slack": 1, "telegram": 1}),
        (Segment("news", channels=("web",)), {}),
    ],
)  # fmt: skip
def test_nothing_named_is_everybody_who_asked_for_the_kind(people: Store, segment, counted):
    assert people.read(lambda unit: audience.counted(unit, segment)) == counted


def test_a_correction_is_for_who_got_the_error_or_may_have_and_has_not_stopped(store: Store):
    def work(unit: Unit) -> dict[str, int]:
        first = broadcasts.add(
            unit, number="2026-11", kind="news", issue=Issue("호"), segment=Segment("news"),
            author_id=None, now=NOW,
        )  # fmt: skip
        every = [reader(unit, name) for name in ("sent", "unknown", "dead", "stopped", "new")]
        for subscription, status in zip(every, (2, 5, 4, 2), strict=False):
            row = {"broadcast_id": first, "channel": "telegram", "who": -subscription}
            more = {"peer_id": 1, "subscription_id": subscription, "claims": 1}
            unit.conn.execute(sa.insert(sendings).values(**row, **more, status=status))
        subscriptions.end(unit, every[3], "self", NOW)
        return audience.counted(unit, Segment("correction", got=first))

    assert store.transact(work, None) == {"telegram": 2}


def test_one_person_with_two_accounts_on_a_channel_counts_once(store: Store):
    def work(unit: Unit) -> dict[str, int]:
        made = sa.insert(persons).values(sid=unit.sid(), created_at=NOW).returning(persons.c.id)
        person = unit.conn.execute(made).scalar_one()
        for name in ("one", "two"):
            reader(unit, name)
        unit.conn.execute(sa.update(peers_table).values(person_id=person))
        return audience.counted(unit, Segment("news"))

    assert store.transact(work, None) == {"telegram": 1}
