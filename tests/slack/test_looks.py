"""What Slack says of accounts and of the room: told by itself, and looked at daily (S29)."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.services import linking, rooms
from storage.repositories import posted
from tests.fakes.slack import BOT, FakeSlack
from tests.fakes.slack_errors import Bad, Page
from tests.office.conftest import ACCOUNT, address, build, catalog, clock, office, site, texts
from tests.services.conftest import Office
from tests.slack.town import Town, by_requests, founded

__all__ = ["build", "catalog", "clock", "office", "site", "texts"]
pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

NOT_WHOLE = {
    "deactivated": {"deleted": True},
    "guest": {"is_restricted": True},
    "single": {"is_ultra_restricted": True},
    "stranger": {"is_stranger": True},
    "elsewhere": {"team_id": "T0OTHER"},
    "bot": {"is_bot": True},
}
flags = pytest.mark.parametrize("flags", NOT_WHOLE.values(), ids=NOT_WHOLE.keys())


@pytest.fixture
async def town(office: Office, fake: FakeSlack) -> AsyncIterator[Town]:
    async with by_requests(founded(office, fake)) as made:
        yield made


def looked(town: Town, login: str) -> Any:
    """Say when the account was last found whole."""
    found = town.office.see(linking.watched)
    return {one.address: one.checked_at for one in found}.get(address(login))


@flags
async def test_an_account_that_is_not_whole_loses_its_link_when_it_is_looked_at(
    town: Town, flags: dict[str, Any]
) -> None:
    park = town.person("park")
    town.person("lim")
    park.flags |= flags
    await town.edge.looks.once()
    assert town.linked("park")  # looked at when it was linked
    town.office.clock.advance(hours=9)
    await town.edge.looks.once()
    assert not town.linked("park")
    assert looked(town, "lim") == town.office.clock()


async def test_an_account_that_slack_does_not_know_loses_its_link(town: Town) -> None:
    town.person("park")
    del town.fake.people[address("park")]
    town.office.clock.advance(hours=9)
    await town.edge.looks.once()
    assert not town.linked("park")


@pytest.mark.parametrize(
    "fault", [Bad("ratelimited", 429, "30"), Page(503), Bad("internal_error"), Bad("invalid_auth")]
)
async def test_what_slack_does_not_say_changes_nothing(town: Town, fault: Any) -> None:
    town.person("park")
    before = looked(town, "park")
    town.office.clock.advance(hours=9)
    town.fake.fail("users.info", fault)
    await town.edge.looks.once()
    assert looked(town, "park") == before
    await town.edge.looks.once()
    assert looked(town, "park") == town.office.clock()


@flags
async def test_slack_tells_of_a_change_and_the_link_ends_at_once(
    town: Town, flags: dict[str, Any]
) -> None:
    park, lim = town.person("park"), town.person("lim")
    await town.fake.event({"type": "user_change", "user": park.profile | flags})
    assert not town.linked("park")
    await town.fake.event({"type": "user_change", "user": lim.profile | {"real_name": "임"}})
    assert town.linked("lim")
    await town.fake.event({"type": "user_change", "user": {"id": "U0NOBODY", "deleted": True}})
    await town.settled()


async def test_an_event_of_another_workspace_touches_nobody(town: Town) -> None:
    park = town.person("park")
    change = {"type": "user_change", "user": park.profile | {"deleted": True}}
    await town.fake.event(change, team_id="T0OTHER")
    await town.fake.event(change, enterprise_id="E0OTHER")
    assert town.linked("park")


async def test_an_event_that_comes_again_is_done_once(town: Town) -> None:
    park = town.person("park")
    first = {"type": "user_change", "user": park.profile | {"deleted": True}}
    await town.fake.event(first, event_id="Ev1")
    assert not town.linked("park")
    linked_anew = town.person("park")
    assert linked_anew.profile["deleted"] is False
    assert (await town.fake.event(first, event_id="Ev1")).good
    assert town.linked("park")
    await town.settled()


async def test_every_link_ends_when_the_app_is_taken_away(town: Town) -> None:
    town.person("park")
    town.person("lim")
    await town.fake.event({"type": "tokens_revoked", "tokens": {"oauth": ["U1"], "bot": []}})
    assert town.linked("park")
    await town.fake.event({"type": "tokens_revoked", "tokens": {"bot": [BOT]}})
    assert not town.linked("park")
    assert not town.linked("lim")


async def test_the_room_is_clean_when_only_our_people_read_it(town: Town) -> None:
    town.room(town.person("park"), town.person("lim", linked=False))
    await town.edge.looks.once()
    assert town.clean


@flags
async def test_a_room_with_somebody_from_outside_is_told_nothing(
    town: Town, flags: dict[str, Any]
) -> None:
    away = flags.get("deleted", False)  # he reads nothing any more
    town.room(town.person("park"), town.person("lim", linked=False, **flags))
    await town.edge.looks.look_at_room()
    assert town.clean is away


@pytest.mark.parametrize("open_", ["private", "shared"])
async def test_a_room_that_others_can_open_is_told_nothing(town: Town, open_: str) -> None:
    room = town.room(town.person("park"))
    await town.edge.looks.look_at_room()
    assert town.clean
    setattr(room, open_, not getattr(room, open_))
    await town.edge.looks.look_at_room()
    assert not town.clean


async def test_a_large_room_is_asked_page_by_page_and_a_larger_one_not_at_all(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.fakes.slack_methods.PAGE", 20)
    room = town.room(*[town.fake.person(f"U1{number:04}") for number in range(45)])
    await town.edge.looks.look_at_room()
    assert town.clean
    assert len(town.fake.called("conversations.members")) == 3
    room.members += [f"U2{number:04}" for number in range(60)]
    await town.edge.looks.look_at_room()
    assert not town.clean
    assert len(town.fake.called("conversations.members")) == 3


async def test_whoever_comes_into_the_room_is_looked_at_before_anything_is_said(
    town: Town,
) -> None:
    room = town.room(town.person("park"))
    await town.edge.looks.look_at_room()
    guest = town.person("guest", linked=False, is_restricted=True)
    room.members.append(guest.id)
    town.fake.fail("conversations.info", Page(503))  # and Slack is away just now
    await town.fake.event({"type": "member_joined_channel", "user": guest.id, "channel": room.id})
    assert not town.clean
    await town.settled()
    assert not town.clean
    room.members.remove(guest.id)
    await town.fake.event({"type": "member_left_channel", "user": guest.id, "channel": room.id})
    await town.settled()
    assert town.clean


@pytest.mark.parametrize(
    "event",
    [
        {"type": "channel_deleted"}, {"type": "channel_archive", "user": "U1"},
        {"type": "group_left"}, {"type": "member_left_channel", "user": BOT},
    ],
)  # fmt: skip
async def test_a_room_that_is_gone_is_forgotten_with_its_messages(
    town: Town, event: dict[str, Any]
) -> None:
    room = town.room(town.person("park"))
    filed = town.office.file()
    await town.edge.looks.look_at_room()
    ours = town.office.do(lambda u: rooms.peer(town.office.svc, u))
    known = town.office.filing(filed.number).id
    town.office.do(lambda u: posted.put(u, known, ours, f"{room.id}:1.2", town.office.clock()))
    await town.fake.event(event | {"channel": "C0OTHER"})
    assert town.clean
    await town.fake.event(event | {"channel": room.id})
    assert not town.clean
    assert town.office.see(lambda u: posted.of(u, known, ours)) is None


@pytest.mark.parametrize("what", ["archived", "deleted", "put out"])
async def test_a_look_finds_a_room_gone_that_nobody_told_of(town: Town, what: str) -> None:
    room = town.room(town.person("park"))
    await town.edge.looks.look_at_room()
    if what == "put out":
        room.members.remove(BOT)
    else:
        setattr(room, what, True)
    await town.edge.looks.look_at_room()
    assert not town.clean


async def test_the_looks_go_on_after_a_bug_and_end_when_they_are_asked(
    town: Town, logged: Any
) -> None:
    import asyncio  # noqa: PLC0415

    stop, looks = asyncio.Event(), town.edge.looks
    rested: list[float] = []

    async def pause(seconds: float) -> None:
        rested.append(seconds)
        if len(rested) == 2:
            stop.set()

    looks.pause = pause
    looks.work.store, kept = None, looks.work.store  # type: ignore[assignment]
    await looks.run(stop)
    looks.work.store = kept
    assert rested == [600.0, 600.0]
    assert [line["event"] for line in logged] == ["slack_look_failed"] * 2


def test_the_account_of_the_city_is_the_one_that_is_watched(town: Town) -> None:
    assert town.edge.looks.place.account == ACCOUNT
