"""The kill test's own counting: what is lost and what came twice is seen."""

from bot.bench.moods import FOREVER, Moods
from bot.bench.reckoning import over_rate, reckon

WHO = tuple(str(n) for n in range(40))


def test_what_all_accepted_once_is_neither_lost_nor_doubled():
    found = reckon(WHO, dict.fromkeys(WHO, "sent"), WHO, allowed=0)
    assert (found.sent, found.lost, found.doubled, found.adds_up) == (40, 0, 0, True)
    assert found.within


def test_what_is_said_to_be_sent_and_nobody_accepted_is_lost():
    found = reckon(WHO, dict.fromkeys(WHO, "sent"), WHO[1:], allowed=9)
    assert found.lost == 1
    assert not found.within


def test_what_was_refused_or_nobody_knows_is_not_lost():
    ended = dict(zip(WHO, ("gone", "dead", "unknown", *("sent",) * 37), strict=True))
    found = reckon(WHO, ended, WHO[2:], allowed=0)  # the unknown one had arrived
    assert (found.lost, found.doubled, found.accepted) == (0, 0, 38)
    assert found.within


def test_what_came_twice_is_doubled_and_held_against_what_may_be():
    took = (*WHO, "7", "7", "9")
    found = reckon(WHO, dict.fromkeys(WHO, "sent"), took, allowed=3)
    assert found.doubled == 3
    assert found.within
    assert not reckon(WHO, dict.fromkeys(WHO, "sent"), took, allowed=2).within


def test_who_has_no_row_is_forgotten_and_who_waits_is_left():
    ended = {**dict.fromkeys(WHO[2:], "sent"), "1": "waiting"}
    found = reckon(WHO, ended, WHO[2:], allowed=0)
    assert (found.forgotten, found.left) == (1, 1)
    assert not found.adds_up
    assert not found.within


def test_a_rate_is_exceeded_by_what_comes_beyond_it_in_any_stretch():
    steady = [n / 10 for n in range(100)]
    assert over_rate(steady, 10) < 1.01
    burst = [0.0] * 10 + steady[1:]
    assert 9.9 < over_rate(burst, 10) < 10.1
    assert over_rate([], 10) == 0


def test_the_same_seed_treats_the_same_people_in_the_same_way():
    one, other = Moods(7, 40), Moods(7, 40)
    met = [one.next(who, asked) for asked, who in enumerate(WHO)]
    assert met == [other.next(who, asked) for asked, who in enumerate(WHO)]
    assert met.count("proxy") == 4
    assert met != [Moods(8, 40).next(who, asked) for asked, who in enumerate(WHO)]


def test_who_is_gone_stays_gone_and_who_met_a_trouble_meets_it_once():
    moods = Moods(7, 0)
    chats = [str(n) for n in range(20_000)]
    first = {chat: moods.next(chat, 0) for chat in chats}
    second = {chat: moods.next(chat, 0) for chat in chats}
    for chat, mood in first.items():
        assert second[chat] == (mood if mood in FOREVER else "ok")
    assert {mood for mood in first.values() if mood != "ok"} == {name for name, _ in moods.shares}
