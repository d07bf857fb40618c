"""Outside in parts: the public one takes and shows, `work` alone opens what crosses."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from bot.services import relay as names
from bot.services import status
from bot.services.base import citizen
from storage.errors import Closed
from storage.repositories import relays
from storage.store import Store
from tests.fakes.clock import FrozenClock
from tests.relay.conftest import Make, Pair


def test_the_public_part_hands_over_what_it_cannot_read(
    part: Callable[..., Store], second: Store, make: Make, clock: FrozenClock
):
    desk = part("desk")
    outside = make(part("work"), names.OUTSIDE)
    inside = make(second, names.INSIDE)
    public = replace(outside, store=part("public"))
    filed = public.file()
    pair = Pair(outside, inside, clock)
    pair.settle()
    inside.act("kim", filed.number, "assign", handler="park", unit="road")
    pair.settle()
    reporter = citizen(public.filing(filed.number).peer_id)
    seen = public.see(lambda u: status.by_number(public.svc, u, reporter, filed.number))
    assert seen.state == "triage"
    public.act(reporter, filed.number, "message", text="계단이 더 무너졌어요.")
    [item] = public.see(lambda u: relays.of_kind(u, names.ACT))
    with pytest.raises(Closed):
        public.see(lambda u: u.keys.open(relays.CONTENT, item.sid, _sealed(outside, item)))
    pair.settle()
    assert outside.told(filed.number)[-1] == inside.told(filed.number)[-1]
    desk.close()


def _sealed(side: object, item: relays.Item) -> bytes:
    from storage.models import relay_items  # noqa: PLC0415

    rows = relay_items.select().where(relay_items.c.id == item.id)
    return bytes(side.see(lambda u: u.conn.execute(rows).one()).content)  # type: ignore[attr-defined]
