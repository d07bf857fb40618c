"""Who gets the news: asked for with a consent, ended by one press, and not begun again by a restore."""

import pytest

from bot.dialogs.replies import Say, dump
from bot.errors import Refused
from bot.services import peers as people
from bot.services import replay, subscriptions
from bot.services.subscriptions import Wanted
from storage import erasures
from storage.repositories import consents, outbox
from storage.repositories.subscriptions import Subscription
from tests.services.conftest import Office

ONE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
TEXT = "0123456789abcdef"


def asks(office: Office, peer: int, *, confirmed: bool = True, **wish: object) -> int:
    wanted = Wanted(**wish)  # type: ignore[arg-type]
    return office.do(
        lambda u: subscriptions.subscribe(office.svc, u, peer, wanted, TEXT, confirmed=confirmed)
    )


def gets(office: Office, peer: int) -> Subscription | None:
    return office.see(lambda u: subscriptions.of_peer(u, peer))


def agreed(office: Office, peer: int) -> bool:
    return office.see(lambda u: consents.has(u, peer, "news"))


def test_who_asks_gets_it_at_once_with_the_consent_beside_it(office: Office) -> None:
    peer = office.peer()
    asks(office, peer, kinds=("notice", "news"), regions=("경기",))
    one = gets(office, peer)
    assert one is not None
    assert subscriptions.wanted(one) == Wanted(("news", "notice"), (), ("경기",))
    (row,) = office.see(lambda u: consents.of(u, peer))
    assert (row.kind, row.text_version, row.given_at) == ("news", TEXT, office.clock())
    assert one.renewed_at == office.clock()
    found = office.see(subscriptions.counts)
    assert [(c.kind, c.channel, c.state, c.n) for c in found] == [
        ("news", "web", "on", 1),
        ("notice", "web", "on", 1),
    ]


def test_one_press_ends_it_with_what_waits_and_nothing_else(office: Office) -> None:
    peer = office.peer("telegram")
    one = asks(office, peer)
    drafts = [
        outbox.Draft(rank, kind, dump(Say("소식")), office.clock())
        for rank, kind in ((9, "news"), (1, "notice"))
    ]
    office.do(lambda u: outbox.put(u, peer, drafts, office.clock()))
    assert office.do(lambda u: subscriptions.stop(office.svc, u, one))
    assert [row.status for row in office.rows("telegram")] == ["dropped", "pending"]
    assert gets(office, peer) is None
    assert not agreed(office, peer)
    assert not office.do(lambda u: subscriptions.stop(office.svc, u, one))


@ONE
def test_an_address_that_was_typed_waits_for_its_owner_to_confirm(office: Office) -> None:
    peer = office.peer("mail", "someone@gaon.example")
    one = asks(office, peer, confirmed=False)
    assert not agreed(office, peer)
    assert office.do(lambda u: subscriptions.confirm(office.svc, u, one)) == "on"
    assert office.do(lambda u: subscriptions.confirm(office.svc, u, one)) == "already"
    assert agreed(office, peer)
    office.do(lambda u: subscriptions.stop(office.svc, u, one))
    assert office.do(lambda u: subscriptions.confirm(office.svc, u, one)) == "over"
    assert office.do(lambda u: subscriptions.confirm(office.svc, u, 4711)) == "over"


@ONE
def test_what_is_wanted_can_be_changed_until_it_ends(office: Office) -> None:
    peer = office.peer()
    one = asks(office, peer)
    wish = Wanted(("alert",), ("교통·도로",), (), "en")
    office.do(lambda u: subscriptions.change(u, one, wish))
    kept = gets(office, peer)
    assert kept is not None
    assert subscriptions.wanted(kept) == wish
    office.do(lambda u: subscriptions.stop(office.svc, u, one))
    with pytest.raises(Refused, match=r"subscribing\.over"):
        office.do(lambda u: subscriptions.change(u, one, wish))


@ONE
def test_everything_chosen_is_nothing_chosen_and_no_kind_is_refused(office: Office) -> None:
    every = subscriptions.subjects.REGIONS
    wish = subscriptions.read(office.svc, ["news", "<b>"], ["달나라"], every, "xx")
    assert wish == Wanted(("news",), (), (), "ko")
    with pytest.raises(Refused, match=r"subscribing\.nothing"):
        subscriptions.read(office.svc, [], [], [], "ko")


@ONE
@pytest.mark.parametrize(
    "end",
    [
        lambda o, u, p: people.withdraw(o.svc, u, p, "news"),
        lambda o, u, p: people.withdraw_all(o.svc, u, p),
        lambda o, u, p: people.unlink(o.svc, u, p),
        lambda o, u, p: people.away(o.svc, u, p, gone=True),
        lambda o, u, p: people.forget(u, p, people.peers.get(u, p).sid, o.clock()),
    ],
    ids=["withdraw", "withdraw_all", "unlink", "away", "forget"],
)
def test_every_way_out_ends_it(office: Office, end) -> None:
    peer = office.peer("telegram")
    asks(office, peer)
    office.do(lambda u: end(office, u, peer))
    assert gets(office, peer) is None
    assert not agreed(office, peer)


@ONE
def test_a_restore_begins_nothing_that_was_stopped(office: Office) -> None:
    store, peers_ = office.store, [office.peer("telegram", one) for one in "ab"]
    ids = [asks(office, one) for one in peers_]
    for one in ids:
        office.do(lambda u, one=one: subscriptions.stop(office.svc, u, one))
    office.clock.advance(hours=1)
    asks(office, peers_[1])  # asked for again: a new wish
    values = {"state": "on", "ended_at": None, "why": ""}
    back = subscriptions.repo.change
    office.do(lambda u: back(u, ids[0], values))
    office.do(lambda u: consents.give(u, peers_[0], "news", TEXT, "ko", office.clock()))
    lines = erasures.read(store.erasures.path, store.ring)
    office.do(lambda u: replay.replay(office.svc, u, lines))
    assert gets(office, peers_[0]) is None
    assert not agreed(office, peers_[0])
    ended = office.see(lambda u: subscriptions.repo.get(u, ids[0]))
    assert ended.why == "restore"
    assert gets(office, peers_[1]) is not None


@ONE
def test_the_version_of_the_text_follows_what_is_said(office: Office) -> None:
    texts = {
        subscriptions.version(office.svc, c, lang)
        for c in ("web", "mail")
        for lang in ("ko", "en")
    }
    assert len(texts) == 4
    assert "2년마다" in office.say(subscriptions.consent(office.svc, "mail"))
