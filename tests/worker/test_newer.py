"""What a later release wrote waits for a process of that release: never dead (security S23)."""

import sqlalchemy as sa

from bot.dialogs.replies import Phrase, Say, dump
from bot.worker import Worker
from knowledge.release import RELEASE
from storage import models
from storage.repositories import outbox, peers
from tests.fakes.channel import FakeChannel
from tests.worker.conftest import FAST

LATER = RELEASE + 1
HELLO = dump(Say(Phrase("dialog.saved")))
SAYS = (
    {"kind": "hologram", "payload": b'{"kind":"hologram","light":[1,2]}'},
    {"kind": "hologram", "payload": HELLO},
    {"payload": b'{"kind":"hologram"}'},
    {"payload": dump(Say(Phrase("later.words")))},
    {"payload": dump(Say(Phrase("dialog.saved", {"n": [Phrase("later.words")]})))},
    {"payload": HELLO, "valid_rule": "moon:full"},
)


def later(line, *born, release=LATER):
    ids = [one.id for one in born]
    changed = sa.update(models.outbox).where(models.outbox.c.id.in_(ids)).values(release=release)
    line.store.transact(lambda unit: unit.conn.execute(changed), None)


async def tick(line, times=8):
    for _ in range(times):
        await line.worker.round()
        line.city.clock.goes(seconds=90)


async def test_what_a_later_release_says_waits_and_is_claimed_once(line):
    born = [line.put(str(n), **what)[0] for n, what in enumerate(SAYS)]
    later(line, *born)
    await tick(line)
    rows = line.rows()
    assert {(row.status, row.problem, row.claims) for row in rows} == {("pending", "newer", 0)}
    assert all(row.payload is not None for row in rows)
    assert not line.channel.sent


async def test_what_a_later_release_says_in_our_words_is_sent(line):
    later(line, *line.put(payload=b'{"kind":"say","text":"Hello","glow":true,"options":[]}'))
    await tick(line, 1)
    assert [row.status for row in line.rows()] == ["sent"]


async def test_what_waits_for_a_later_release_holds_up_nobody_behind_it(line):
    later(line, *line.put(payload=b'{"kind":"hologram"}'))
    line.put()
    await tick(line)
    assert [row.status for row in line.rows()] == ["pending", "sent"]


async def test_the_release_that_knows_it_sends_it_at_once(line):
    later(line, *(born := line.put()))
    newer = sa.update(models.outbox).values(problem=outbox.NEWER)
    line.store.transact(lambda unit: unit.conn.execute(newer), None)
    await tick(line, 1)
    assert [row.status for row in line.rows()] == ["pending"]
    later(line, *born, release=RELEASE)
    await tick(line, 1)
    assert [row.status for row in line.rows()] == ["sent"]


async def test_what_may_have_arrived_already_goes_on_saying_so(line):
    born = line.put(payload=b'{"kind":"hologram"}')
    later(line, *born)
    again = sa.update(models.outbox).values(problem="again")
    line.store.transact(lambda unit: unit.conn.execute(again), None)
    await tick(line)
    assert [(row.status, row.problem, row.claims) for row in line.rows()] == [
        ("pending", "again", 0)
    ]


async def test_what_nobody_can_open_of_a_later_release_is_not_quarantined(line):
    """A later release may seal in a way of its own."""
    born = line.put()
    later(line, *born)
    strange = sa.text("UPDATE outbox SET payload = :sealed")
    values = {"sealed": b"\x7f a later way of sealing"}
    line.store.transact(lambda unit: unit.conn.execute(strange, values), None)
    await tick(line)
    assert [(row.status, row.problem) for row in line.rows()] == [("pending", "newer")]


async def test_what_this_release_wrote_and_cannot_read_is_a_mistake_and_ends(line):
    line.put(payload=b'{"kind":"hologram"}')
    await tick(line)
    assert [row.status for row in line.rows()] == ["quarantined"]


async def test_a_row_whose_words_cannot_be_laid_out_waits_too(scripted):
    line = scripted(KeyError("a later way of saying it"))
    later(line, *line.put())
    await tick(line, 1)
    assert [(row.status, row.problem) for row in line.rows()] == [("pending", "newer")]


async def test_an_official_is_mailed_by_who_knows_what_is_said(line):
    letters = FakeChannel(name="mail", limits=FAST)
    worker = Worker(
        line.city.store, line.city.svc, {"mail": letters},
        clock=line.ticks, settle_after=0.0, idle=0.01,
    )  # fmt: skip

    def put(unit):
        now = line.city.clock()
        peer = peers.ensure(unit, "mail", "desk", "kim@gaon.example", "ko", now)
        drafts = [
            outbox.Draft(5, kind, b'{"kind":"hologram"}', now) for kind in ("official", "digest")
        ]
        return outbox.put(unit, peer.id, drafts, now)

    later(line, *line.store.transact(put, None))
    for _ in range(3):
        await worker.round()
        line.city.clock.goes(seconds=90)
    assert {(row.status, row.problem, row.claims) for row in line.rows()} == {
        ("pending", "newer", 0)
    }
    assert not letters.sent
