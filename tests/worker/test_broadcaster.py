"""Broadcasts: everybody once, the first few first, and a pause where too many say no."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from bot.channel import Delivered, Later, Limits, Moved, Never, Parcel, Unknown
from bot.errors import Refused
from bot.services import (
    broadcast_far,
    broadcast_log,
    broadcast_progress,
    broadcast_runs,
    broadcasts,
    pressing,
    silence,
)
from bot.services.base import Actor
from bot.worker.broadcaster import Broadcaster, Lane
from bot.worker.dispatch import Dispatch
from knowledge import subjects
from knowledge.newsletter import Issue, Item, Segment
from knowledge.procedures import NotKnown
from storage import models
from storage.errors import Busy
from storage.repositories import broadcasts as repository
from storage.repositories import peers, rates, sendings, subscriptions
from storage.repositories.broadcasts import Picture
from storage.unit import Unit
from tests.fakes.channel import FakeChannel
from tests.worker.conftest import FAST, WEB, Line

EDITOR = Actor("official", 1, roles=frozenset({"editor"}))
ISSUE = Issue("11월호", items=(Item("text", "알림", "내용"),))


@dataclass
class Mailing:
    """A line with readers, one broadcast to them, and who sends it."""

    line: Line
    of: int = 0
    more: dict[str, FakeChannel] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.sender = self.another()

    def another(self, kind: type[Dispatch] = Dispatch, **more: Any) -> Broadcaster:
        channels = {"telegram": self.line.channel, "web": FakeChannel(name="web", limits=WEB)}
        worker = self.line.worker
        self.dispatch = kind(worker.ledger, self.line.ticks, **more)
        return Broadcaster(self.dispatch, channels | self.more, worker._measures)

    def do(self, work: Callable[..., Any], *given: Any) -> Any:
        svc = self.line.city.svc
        return self.line.store.transact(lambda unit: work(svc, unit, *given), None)

    def readers(self, count: int, channel: str = "telegram", **own: Any) -> None:
        now = self.line.city.clock()

        def work(unit: Unit) -> None:
            for n in range(count):
                peer = peers.ensure(unit, channel, "77", f"{channel}{n}", "ko", now)
                wants: dict[str, Any] = {
                    "kinds": 7, "fields": 0, "regions": 0, "lang": "ko", "state": "on",
                    "text_version": "1", "now": now,
                }  # fmt: skip
                subscriptions.put(unit, peer.id, **{**wants, **own})

        self.line.store.transact(work, None)

    def approve(self, *, pictures: int = 0, **own: Any) -> int:
        """Put an approved broadcast that is due now."""
        now = self.line.city.clock()

        def work(unit: Unit) -> int:
            wants: dict[str, Any] = {
                "number": "2026-11", "kind": "news", "nature": "guide", "issue": ISSUE,
                "segment": Segment("news"), "author_id": None, "now": now, "send_at": now,
            }  # fmt: skip
            made = repository.add(unit, **{**wants, **own})
            png = b"\x89PNG\r\n\x1a\n"
            repository.put_pictures(
                unit, made, [Picture(n, png, "그림", 1, 1) for n in range(pictures)]
            )
            one = repository.get(unit, made)
            assert one is not None
            done = {"state": "approved", "approved_hash": broadcasts.bound(unit, one)}
            repository.mark(unit, made, {**done, "approved_at": now})
            return made

        self.of = self.line.store.transact(work, None)
        return self.of

    async def run(self, rounds: int = 40) -> None:
        for _ in range(rounds):
            await self.sender.round()
            self.line.ticks.at += 1

    @property
    def one(self) -> repository.Broadcast:
        found = self.line.store.read(lambda unit: repository.get(unit, self.of))
        assert found is not None
        return found

    @property
    def progress(self) -> broadcast_progress.Progress:
        svc = self.line.city.svc
        return self.line.store.read(lambda u: broadcast_progress.progress(svc, u, self.one))

    @property
    def ends(self) -> tuple[int, int, int, int]:
        found = self.progress
        return found.sent, found.gone, found.dead, found.unknown

    @property
    def to(self) -> list[str]:
        return [parcel.address for parcel in self.line.channel.sent]

    def rows(self) -> Sequence[sa.RowMapping]:
        found = sa.select(models.sendings).order_by(models.sendings.c.who)
        return self.line.store.read(lambda unit: unit.conn.execute(found).mappings().all())


# The policy is the same on both; what the statements do is asked of both in the kill test.
pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def mailing(scripted: Callable[..., Line]) -> Callable[..., Mailing]:
    def make(*script: Any, limits: Limits = FAST, readers: int = 30, **own: Any) -> Mailing:
        made = Mailing(scripted(*script, limits=limits))
        made.readers(readers)
        made.approve(**own)
        return made

    return make


async def test_everybody_who_asked_gets_the_same_words_once(mailing: Callable[..., Mailing]):
    made = mailing()
    made.line.store.transact(
        lambda unit: subscriptions.end(unit, 3, "self", made.line.city.clock()), None
    )
    await made.run(5)
    assert made.one.state == "done"
    assert made.ends == (29, 0, 0, 0)
    assert sorted(made.to) == sorted(f"telegram{n}" for n in range(30) if n != 2)
    assert len({id(parcel.reply) for parcel in made.line.channel.sent}) == 1
    assert (made.progress.total, made.progress.left) == (29, 0)
    kinds = [e.kind for e in made.line.store.read(lambda u: broadcast_log.history(u, made.of))]
    assert kinds == ["broadcast_begun", "broadcast_done"]


async def test_the_first_few_go_first_and_the_others_wait_for_them(
    mailing: Callable[..., Mailing],
):
    made = mailing()
    await made.run(1)
    assert len(made.to) == 20
    made.line.channel._script = iter(())
    await made.run(1)
    assert len(made.to) == 30


async def test_two_of_the_first_refused_pause_it_until_a_person_has_looked(
    mailing: Callable[..., Mailing],
):
    made = mailing(Never("bad_request"), Never("gone", peer_gone=True), Never("forbidden"))
    await made.run(3)
    assert (made.one.state, made.progress.why, made.progress.channel) == (
        "paused", "canary", "telegram",
    )  # fmt: skip
    assert made.ends == (17, 1, 2, 0)
    assert made.progress.failures == {
        ("telegram", "bad_request"): 1, ("telegram", "gone"): 1, ("telegram", "forbidden"): 1,
    }  # fmt: skip
    made.do(broadcast_runs.resume, EDITOR, made.of)
    await made.run(3)
    assert made.one.state == "done"
    assert made.ends == (27, 1, 2, 0)


async def test_more_than_five_in_a_hundred_refused_pause_it(mailing: Callable[..., Mailing]):
    gone = [Never("gone", peer_gone=True)] * 12
    made = mailing(*[Delivered("1")] * 20, *gone, readers=60)
    await made.run(4)
    assert (made.one.state, made.one.why) == ("paused", "refused:telegram")
    made.do(broadcast_runs.resume, EDITOR, made.of)
    made.line.channel._script = iter(gone)  # a person has seen that many are gone
    await made.run(4)
    assert made.one.state == "done"
    assert made.progress.gone > 12


async def test_one_press_is_in_force_in_mid_broadcast(mailing: Callable[..., Mailing]):
    made = mailing()
    await made.run(1)

    def stop(unit: Unit) -> None:
        left = [row for row in made.rows() if row["status"] == 0]
        subscriptions.end(unit, left[0]["subscription_id"], "self", made.line.city.clock())
        peers.set_state(unit, left[1]["peer_id"], "gone")

    made.line.store.transact(stop, None)
    await made.run(2)
    assert made.ends == (28, 2, 0, 0)
    assert made.progress.failures == {("telegram", "stopped"): 1, ("telegram", "gone"): 1}


async def test_paused_by_a_person_nothing_leaves_and_it_goes_on_where_it_was(
    mailing: Callable[..., Mailing],
):
    made = mailing()
    await made.run(1)
    made.do(broadcast_runs.pause, EDITOR, made.of, "그림이 이상해요")
    await made.run(2)
    assert len(made.to) == 20
    made.do(broadcast_runs.resume, EDITOR, made.of)
    await made.run(2)
    assert len(set(made.to)) == len(made.to) == 30


async def test_what_has_to_rest_by_now_does_not_go_on(mailing: Callable[..., Mailing]):
    made = mailing(nature="results")
    await made.run(1)
    made.do(broadcast_runs.pause, EDITOR, made.of)
    day = made.line.city.clock().date() + timedelta(days=30)
    hold = made.line.city.site.election_hold.model_copy(update={"days": (day,)})
    made.line.city.settles(election_hold=hold)
    with pytest.raises(Refused, match=r"newsletter\.lack\.held"):
        made.do(broadcast_runs.resume, EDITOR, made.of)


async def test_cancelled_it_ends_for_good(mailing: Callable[..., Mailing]):
    made = mailing()
    await made.run(1)
    made.do(broadcast_runs.cancel, EDITOR, made.of)
    await made.run(2)
    assert (made.one.state, len(made.to)) == ("cancelled", 20)
    for act in (broadcast_runs.resume, broadcast_runs.cancel, broadcast_runs.revive):
        with pytest.raises(Refused, match=r"newsletter\.state"):
            made.do(act, EDITOR, made.of)


async def test_who_has_no_right_can_do_nothing_with_it(mailing: Callable[..., Mailing]):
    made = mailing()
    for act in (broadcast_runs.pause, broadcast_runs.cancel, broadcast_runs.revive):
        with pytest.raises(Refused, match=r"access\.not_allowed"):
            made.do(act, Actor("official", 2, roles=frozenset({"intake"})), made.of)


async def test_without_a_verdict_it_is_counted_and_goes_again_only_by_a_person(
    mailing: Callable[..., Mailing],
):
    made = mailing(Unknown(), Unknown())
    await made.run(4)
    assert made.ends == (28, 0, 0, 2)
    assert made.one.state == "done"
    assert made.do(broadcast_runs.revive, EDITOR, made.of) == 2
    await made.run(2)
    assert (made.ends, made.progress.revived) == ((30, 0, 0, 0), 2)
    assert made.one.state == "done"


async def test_a_channels_fault_blames_nobody(mailing: Callable[..., Mailing]):
    made = mailing(Later(30, counts=False, fault="http_403"), readers=5)
    await made.run(3)
    assert {(row["claims"], row["status"]) for row in made.rows()} == {(0, 0)}
    assert len(made.to) == 1  # the others went back, and nobody tried again
    end_breaker(made)
    await made.run(2)
    assert made.ends == (5, 0, 0, 0)


def end_breaker(made: Mailing) -> None:
    made.line.store.transact(lambda unit: unit.conn.execute(sa.delete(models.leases)), None)


async def test_asked_for_patience_the_whole_channel_waits_and_nobody_is_blamed(
    mailing: Callable[..., Mailing],
):
    made = mailing(Later(7, counts=False), readers=5)
    await made.run(1)
    before = len(made.to)
    made.line.city.clock.goes(minutes=1)
    await made.run(3)
    assert len(made.to) == before
    end_breaker(made)
    await made.run(2)
    assert made.ends == (5, 0, 0, 0)
    assert all(row["claims"] <= 1 for row in made.rows())


async def test_what_breaks_over_one_row_is_that_rows_trouble(mailing: Callable[..., Mailing]):
    made = mailing(ValueError("no such thing"), readers=5)
    await made.run(2)
    assert made.ends == (4, 0, 0, 0)
    assert made.one.state == "sending"
    (bad,) = [row for row in made.rows() if row["status"] == 0]
    assert (bad["claims"], bad["code"]) == (1, "render")


async def test_a_row_that_nobody_settles_is_given_up_after_five_claims(
    mailing: Callable[..., Mailing],
):
    made = mailing(readers=2)
    svc = made.line.city.svc
    await asyncio.to_thread(made.dispatch.prepare)
    for _ in range(6):
        made.line.store.transact(
            lambda unit: sendings.claim(unit, made.of, "telegram", svc.now(), 5, lease=-1), None
        )
    assert {(row["status"], row["code"]) for row in made.rows()} == {(4, "claims")}


async def test_a_chat_that_moved_is_found_at_its_new_address(mailing: Callable[..., Mailing]):
    made = mailing(Moved("-100"), readers=1)
    await made.run(2)
    assert made.to == ["telegram0", "-100"]
    assert made.ends == (1, 0, 0, 0)


async def test_pictures_go_up_once_with_the_very_first(mailing: Callable[..., Mailing]):
    def up(parcel: Parcel) -> Delivered:
        assert parcel.carried is not None
        return Delivered("1,2", ("a", "b") if None in parcel.carried.uploaded else ())

    made = mailing(*[up] * 40, pictures=2)
    await made.run(1)
    assert len(made.to) == 1
    await made.run(4)
    went = [parcel.carried.uploaded for parcel in made.line.channel.sent if parcel.carried]
    assert went == [(None, None), *[("a", "b")] * 29]


async def test_what_is_pulled_becomes_a_row_of_its_reader(mailing: Callable[..., Mailing]):
    made = mailing(readers=1)
    made.readers(3, "web")
    await made.run(3)
    assert made.one.state == "done"
    rows = [row for row in made.line.rows() if row["channel"] == "web"]
    assert [(row["rank"], row["kind"], row["broadcast_id"]) for row in rows] == [
        (9, "news", made.of)
    ] * 3


async def test_a_letter_carries_its_readers_own_links(mailing: Callable[..., Mailing]):
    made = mailing(readers=0)
    made.more["mail"] = FakeChannel(name="mail", limits=FAST)
    made.sender = made.another()
    made.readers(2, "mail")
    await made.run(3)
    sent = [parcel.carried for parcel in made.more["mail"].sent]
    assert len({one.stop for one in sent if one}) == 2
    assert all(one and one.stop.endswith(one.bounce) for one in sent)


def told(made: Mailing) -> list[tuple[str, str, int]]:
    """Give what the subscriptions say of letters that did not arrive."""
    c = models.subscriptions.c
    found = sa.select(c.state, c.why, c.soft).order_by(c.id.desc())
    return made.line.store.read(lambda u: [tuple(row) for row in u.conn.execute(found)])


async def test_a_mailbox_that_is_not_there_gets_no_more_letters(mailing: Callable[..., Mailing]):
    made = mailing(readers=0)
    said = [Never("mail_nobody", peer_gone=True), Never("mail_refused"), Delivered("1")]
    made.more["mail"] = FakeChannel(name="mail", limits=FAST, script=said)
    made.sender = made.another()
    made.readers(3, "mail")
    await made.run(6)
    assert made.ends == (1, 1, 1, 0)
    assert told(made) == [("off", "bounced", 0), ("on", "", 1), ("on", "", 0)]


async def test_a_letter_that_is_put_off_to_the_end_counts_once(mailing: Callable[..., Mailing]):
    made = mailing(readers=0)
    made.more["mail"] = FakeChannel(name="mail", limits=FAST, script=[Later(60)] * 9)
    made.sender = made.another()
    made.readers(1, "mail")
    for _ in range(8):
        await made.run(2)
        made.line.city.clock.goes(minutes=2)
    assert made.ends == (0, 0, 1, 0)
    assert told(made) == [("on", "", 1)]


async def test_a_mail_domain_gets_its_share_and_no_more(mailing: Callable[..., Mailing]):
    made = mailing(readers=0)
    slow = Limits(4096, 0, per_second=1000, per_chat=1, per_domain=3)
    made.more["mail"] = FakeChannel(name="mail", limits=slow)
    made.sender = made.another(domain_of=lambda address: address[-1])
    made.readers(8, "mail")
    made.sender = made.another(domain_of=lambda _address: "x.kr")
    await made.run(1)
    assert len(made.more["mail"].sent) == 3
    assert {row["claims"] for row in made.rows()} == {0, 1}


async def test_a_flood_of_replies_leaves_a_tenth_to_the_news(mailing: Callable[..., Mailing]):
    slow = Limits(4096, 0, per_second=0.01, per_chat=1)
    made = mailing(limits=slow, readers=3)
    await asyncio.to_thread(made.dispatch.prepare)

    def flood(unit: Unit) -> None:
        rates.push(unit, "telegram", every=100, count=50)

    made.line.store.transact(flood, None)
    await made.run(1)
    assert len(made.to) == 1  # its own
    await made.run(1)
    assert len(made.to) == 1


async def test_messages_beyond_the_first_are_counted_to_the_rate(mailing: Callable[..., Mailing]):
    slow = Limits(4096, 0, per_second=0.04, per_chat=1)
    made = mailing(Delivered("1,2,3,4"), limits=slow, readers=1)
    await made.run(1)
    wait = made.line.store.transact(lambda u: rates.take(u, "telegram", every=25), None)
    assert wait > 75


async def test_a_pause_tells_the_editors_and_is_no_silence(mailing: Callable[..., Mailing]):
    made = mailing()
    made.line.city.clock.goes(minutes=61)
    await made.run(1)
    signs = made.line.store.read(lambda u: silence.signs(made.line.city.svc, u, ("telegram",)))
    assert (signs.away, signs.notice) == ({}, 0.0)
    said = made.line.city.svc.texts.render(broadcast_progress.why(made.progress), "ko", {})
    assert said.startswith("보낼 때에 서비스가 쉬고 있었습니다")


async def test_how_far_it_is_and_how_long_it_takes_is_told(mailing: Callable[..., Mailing]):
    made = mailing(readers=60)
    await made.run(1)
    made.line.city.clock.goes(seconds=10)
    found = made.progress
    assert (found.total, found.sent, found.left) == (60, 20, 40)
    assert found.per_second > 0
    assert found.seconds_left is not None
    assert found.resting_until is None
    made.line.city.clock.goes(hours=12)
    assert made.progress.resting_until is not None


async def test_while_those_who_serve_are_full_it_waits_and_then_goes_on_by_itself(
    mailing: Callable[..., Mailing],
):
    made, beats = mailing(readers=60), models.heartbeats
    store = made.line.store
    await made.run(1)
    store.transact(pressing.note, None)
    await made.run(3)
    assert (len(made.to), made.one.state, made.progress.waits) == (20, "sending", True)
    said = made.line.city.svc.texts.render(broadcast_far.line(made.progress), "ko", {})
    assert "저절로" in said
    long_ago = timedelta(seconds=pressing.LASTS)

    def goes(unit: Unit) -> None:
        at = unit.conn.execute(sa.select(beats.c.at).where(beats.c.name == "pressed")).scalar_one()
        mine = sa.update(beats).where(beats.c.name == "pressed")
        unit.conn.execute(mine.values(at=at - long_ago))

    store.transact(goes, None)
    await made.run(2)
    assert (len(made.to), made.one.state, made.progress.waits) == (60, "done", False)


async def test_while_those_who_serve_are_full_nobody_is_written_down_to_get_it(
    mailing: Callable[..., Mailing],
):
    made = mailing()
    made.line.store.transact(pressing.note, None)
    await made.run(3)
    assert (made.one.state, made.one.fanned, list(made.rows())) == ("sending", False, [])
    lane = Lane(made.dispatch, made.line.channel, made.line.worker._measures, 32, 0.1)
    assert await lane.once() == 0


async def test_what_is_over_is_swept_in_its_time(mailing: Callable[..., Mailing]):
    made = mailing()
    await made.run(3)
    later = made.line.city.clock() + timedelta(days=1)
    early = later - timedelta(days=2)
    assert made.line.store.transact(lambda u: sendings.sweep(u, early), None) == 0
    swept = [made.line.store.transact(lambda u: sendings.sweep(u, later, 20), None) for _ in "123"]
    assert swept == [20, 10, 0]
    assert made.progress.sent == 30


async def test_at_night_nothing_leaves(mailing: Callable[..., Mailing]):
    made = mailing()
    made.line.city.clock.goes(hours=12)
    await made.run(2)
    assert made.to == []


async def test_what_was_due_while_nobody_was_there_waits_for_a_person(
    mailing: Callable[..., Mailing],
):
    made = mailing()
    made.line.city.clock.goes(minutes=61)
    await made.run(2)
    assert (made.one.state, made.progress.why, made.to) == ("paused", "late", [])
    made.do(broadcast_runs.resume, EDITOR, made.of)
    await made.run(4)
    assert made.one.state == "done"


async def test_paused_before_its_time_it_still_leaves_at_its_time(
    mailing: Callable[..., Mailing],
):
    made = mailing(readers=2, send_at=None)
    at = made.line.city.clock() + timedelta(hours=1)
    made.line.store.transact(lambda u: resealed(u, made.of, send_at=at), None)
    made.do(broadcast_runs.pause, EDITOR, made.of)
    made.do(broadcast_runs.resume, EDITOR, made.of)
    await made.run(1)
    assert (made.one.state, made.to) == ("approved", [])
    made.line.city.clock.goes(hours=1)
    await made.run(2)
    assert len(made.to) == 2


def resealed(unit: Unit, broadcast_id: int, **values: Any) -> None:
    """Change what is approved, and approve it anew."""
    repository.mark(unit, broadcast_id, values)
    one = repository.get(unit, broadcast_id)
    assert one is not None
    repository.mark(unit, broadcast_id, {"approved_hash": broadcasts.bound(unit, one)})


async def test_changed_while_it_is_fanned_out_it_stays_where_it_is(
    mailing: Callable[..., Mailing],
):
    made = mailing()
    made.do(broadcast_runs.begin, made.of)
    made.line.store.transact(lambda u: repository.mark(u, made.of, {"doc_no": "다른-1"}), None)
    await made.run(2)
    assert (made.one.state, made.progress.why, made.to) == ("paused", "changed", [])
    with pytest.raises(Refused, match=r"sending\.changed"):
        made.do(broadcast_runs.resume, EDITOR, made.of)


async def test_all_that_a_restored_backup_would_send_waits_for_a_person(
    mailing: Callable[..., Mailing],
):
    made = mailing()
    assert made.do(broadcast_runs.halt_restored) == 1
    await made.run(2)
    assert (made.progress.why, made.to) == ("restored", [])


class Shaky(Dispatch):
    """A dispatch whose second exchange meets a database that is away."""

    met = 0

    def exchange(self, *given: Any) -> Any:
        self.met += 1
        if self.met == 2:
            raise Busy("away")
        return super().exchange(*given)


async def test_verdicts_that_cannot_be_written_are_kept_and_tried_again(
    mailing: Callable[..., Mailing],
):
    made = mailing(readers=3)
    made.sender = made.another(Shaky)
    await made.run(3)
    assert made.ends == (3, 0, 0, 0)
    assert len(made.to) == 3


async def test_the_loop_sends_until_it_is_stopped_and_writes_all_down(
    mailing: Callable[..., Mailing],
):
    stop = asyncio.Event()

    def last(_parcel: Parcel) -> Delivered:
        stop.set()
        return Delivered("1")

    made = mailing(*[Delivered("1")] * 24, last, readers=50)
    await made.sender.run(stop)
    assert len(set(made.to)) == len(made.to) == made.progress.sent >= 25
    assert {row["status"] for row in made.rows()} <= {0, 2}


async def test_what_was_on_its_way_when_all_went_down_waits_for_a_person(
    mailing: Callable[..., Mailing],
):
    made = mailing()
    await made.run(1)
    past = sa.update(models.heartbeats).values(at=Line.past() - timedelta(hours=2))
    made.line.worker.tick()
    made.line.store.transact(lambda unit: unit.conn.execute(past), None)
    made.dispatch.wake()
    assert (made.one.state, made.progress.why) == ("paused", "late")


async def test_on_hold_nothing_begins_and_nothing_leaves(mailing: Callable[..., Mailing]):
    made = mailing()
    made.line.store.hold = "restored"
    await made.run(2)
    assert (made.one.state, made.to) == ("approved", [])


async def test_what_changed_after_its_approval_is_a_draft_again(mailing: Callable[..., Mailing]):
    made = mailing()
    made.line.store.transact(lambda u: repository.mark(u, made.of, {"title": "x", "content":
        '{"title": "다른 말", "items": []}'}), None)  # fmt: skip
    await made.run(2)
    assert (made.one.state, made.one.why, made.one.approved_hash) == ("draft", "changed", "")
    assert made.to == []


async def test_what_a_template_cannot_show_is_sent_to_nobody(mailing: Callable[..., Mailing]):
    made = mailing()

    class Torn(FakeChannel):
        def preview(self, parcel: Parcel) -> Any:
            raise KeyError(parcel.lang)

    made.line.worker.ledger.channels = {"telegram": made.line.channel, "mail": Torn(name="mail")}
    await made.run(2)
    assert (made.one.state, made.one.why) == ("draft", "unshown")
    assert made.to == []
    assert not made.rows()


async def test_somebody_with_two_addresses_on_a_channel_gets_it_once(
    mailing: Callable[..., Mailing],
):
    made = mailing(readers=3)
    made.line.store.transact(lambda unit: peers.join(unit, 1, 2), None)
    await made.run(2)
    assert len(made.to) == 2
    assert made.progress.total == 2


async def test_only_who_asked_for_the_kind_gets_it(mailing: Callable[..., Mailing]):
    made = mailing(readers=2, kind="notice", segment=Segment("notice"))
    one = subjects.bits(("news",), subjects.KINDS)
    made.line.store.transact(lambda unit: subscriptions.change(unit, 1, {"kinds": one}), None)
    await made.run(2)
    assert made.to == ["telegram1"]


LATER = (
    {"kind": "hologram"},
    {"content": '{"title": "11월호", "items": [], "lang": "ko", "glow": 1}'},
    {"content": '{"title": "11월호", "items": [{"kind": "hologram", "title": "빛"}]}'},
    {"segment": '{"kind": "news", "moods": ["glad"]}'},
)


@pytest.mark.parametrize("what", LATER)
async def test_a_broadcast_of_a_later_release_waits_for_it_and_holds_up_no_other(
    mailing: Callable[..., Mailing], what: dict[str, str]
):
    made = mailing()
    later = made.approve(number="2026-12")
    changed = sa.update(models.broadcasts).where(models.broadcasts.c.id == later).values(what)
    made.line.store.transact(lambda unit: unit.conn.execute(changed), None)
    made.of = later - 1
    await made.run(5)
    assert made.one.state == "done"
    row = sa.select(models.broadcasts.c.state).where(models.broadcasts.c.id == later)
    assert made.line.store.read(lambda unit: unit.conn.execute(row).scalar_one()) == "approved"
    listed = made.line.store.read(repository.listed)
    assert {one.id for one in listed} >= {made.of}
    if "kind" not in what:
        with pytest.raises(NotKnown):
            made.line.store.read(lambda unit: repository.get(unit, later))
