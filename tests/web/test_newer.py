"""What only a later release can show waits in its place; nobody else waits with it (S10, S23)."""

import sqlalchemy as sa

from bot.dialogs.replies import Phrase, Say, dump
from knowledge.release import RELEASE
from storage import models
from storage.repositories import outbox, peers
from storage.unit import Unit
from tests.web.city import City

HELLO = dump(Say(Phrase("dialog.saved")))
STRANGE = b'{"kind":"hologram","light":1}'


def put(city: City, address: str, *payloads: bytes, release: int = RELEASE) -> int:
    """Put rows for somebody; what is strange was put by `release`."""

    def work(unit: Unit) -> int:
        now = city.clock()
        peer = peers.ensure(unit, "web", "web", address, "ko", now)
        drafts = [outbox.Draft(1, "notice", one, now) for one in payloads]
        born = outbox.put(unit, peer.id, drafts, now)
        for one, payload in zip(born, payloads, strict=True):
            if payload == STRANGE:
                row = sa.update(models.outbox).where(models.outbox.c.id == one.id)
                unit.conn.execute(row.values(release=release))
        return peer.id

    return city.store.transact(work, None)


def test_the_news_of_a_conversation_stop_at_what_a_later_release_says(city: City) -> None:
    a = put(city, "a", HELLO, STRANGE, HELLO, release=RELEASE + 1)
    b = put(city, "b", HELLO)
    waiting = city.back.waiting({a: 0, b: 0})
    assert [(one.peer_id, one.seq) for one in waiting] == [(a, 1), (b, 1)]


def test_what_nobody_can_read_holds_up_neither_its_conversation_nor_another(city: City) -> None:
    a, b = put(city, "a", HELLO, STRANGE, HELLO), put(city, "b", HELLO)
    waiting = city.back.waiting({a: 0, b: 0})
    assert [(one.peer_id, one.seq) for one in waiting] == [(a, 1), (a, 3), (b, 1)]
