"""The door: what waits goes in together on SQLite, each gets its own answer."""

import asyncio
import threading
from collections.abc import Sequence
from contextvars import ContextVar
from typing import Any

import pytest

from bot.channel import Gone, Inbound
from bot.dialogs.events import Answer, Command
from bot.errors import Conflict
from bot.handlers.door import Door
from bot.receive import Received
from tests.fakes.city import City

NAMES = [f"p{number}" for number in range(20)]
where: ContextVar[str] = ContextVar("where", default="nowhere")


class Held:
    """The receiver, with its first call held until the others wait at the door."""

    def __init__(self, city: City) -> None:
        self.city = city
        self.together: list[int] = []
        self.go_on = threading.Event()
        self.done = threading.Event()

    def receive(self, inbound: Inbound) -> Received:
        self.together.append(1)
        try:
            return self.city.receiver.receive(inbound)
        finally:
            self.done.set()

    def receive_all(self, entering: Sequence[Any]) -> list[Any]:
        assert self.together or self.go_on.wait(10)
        self.together.append(len(entering))
        try:
            return self.city.receiver.receive_all(entering)
        finally:
            self.done.set()

    def show(self, *asked: Any) -> Received:
        return self.city.receiver.show(*asked)

    def gone(self, gone: Gone) -> None:
        self.city.receiver.gone(gone)


async def let_in(held: Held, door: Door, inbounds: Sequence[Inbound]) -> list[Any]:
    """Let the first in, and the others come while it is inside."""
    tasks = [asyncio.create_task(door.receive(one)) for one in inbounds[:1]]
    for _ in range(3):
        await asyncio.sleep(0)
    tasks += [asyncio.create_task(door.receive(one)) for one in inbounds[1:]]
    for _ in range(3):
        await asyncio.sleep(0)
    held.go_on.set()
    return await asyncio.gather(*tasks, return_exceptions=True)


async def test_on_sqlite_those_who_wait_go_in_together_and_elsewhere_each_alone(
    city: City,
) -> None:
    held = Held(city)
    door = Door(held, parallel=city.store.parallel)  # type: ignore[arg-type]
    people = [city.person(name=name) for name in NAMES]
    answers = await let_in(held, door, [one.inbound(Command("report")) for one in people])
    assert held.together == ([1] * 20 if city.store.parallel else [1, 16, 3])
    for person, answer in zip(people, answers, strict=True):
        shown = await door.show("web", "web", person.address, "ko")
        assert shown.replies[-1:] == answer.replies[-1:]
        assert shown.peer_id == answer.peer_id


async def test_what_goes_wrong_for_one_is_nobody_elses(city: City) -> None:
    held = Held(city)
    door = Door(held, parallel=city.store.parallel)  # type: ignore[arg-type]
    first, second = city.person(name="a"), city.person(name="b")
    sent = first.inbound(Command("report"))
    other = first.inbound(Command("stop"), update_id=sent.update_id)
    answers = await let_in(held, door, [sent, second.inbound(Command("report")), other])
    assert isinstance(answers[1], Received)
    # Where several write at a time, either of the two may be the first.
    assert {type(answers[0]), type(answers[2])} == {Received, Conflict}


async def test_who_has_to_be_thought_about_comes_later_than_the_others(city: City) -> None:
    held = Held(city)
    door = Door(held, parallel=city.store.parallel)  # type: ignore[arg-type]
    people = [city.person(name=name) for name in NAMES[:3]]
    city.intents["무엇을 할 수 있나요"] = "help"
    said = [Command("report"), Answer("무엇을 할 수 있나요"), Command("report")]
    pairs = zip(people, said, strict=True)
    answers = await let_in(held, door, [one.inbound(event) for one, event in pairs])
    assert [answer.peer_id for answer in answers] == [
        (await door.show("web", "web", person.address, "ko")).peer_id for person in people
    ]
    assert answers[0].replies == answers[2].replies != answers[1].replies


async def test_what_waits_at_the_door_counts_as_waiting(city: City) -> None:
    # Or newcomers would not be turned away while the line outside grows (S20).
    now = [0.0]
    city.receiver._clock = lambda: now[0]
    held = Held(city)
    door = Door(held, parallel=False, clock=lambda: now[0])  # type: ignore[arg-type]
    people = [city.person(name=name) for name in NAMES[:2]]
    first = asyncio.create_task(door.receive(people[0].inbound(Command("report"))))
    for _ in range(3):
        await asyncio.sleep(0)
    second = asyncio.create_task(door.receive(people[1].inbound(Command("report"))))
    for _ in range(3):
        await asyncio.sleep(0)
    now[0] = 5.0
    held.go_on.set()
    await asyncio.gather(first, second)
    assert city.waits == [5.0, 5.0]


async def test_a_bug_at_the_door_leaves_nobody_waiting(city: City) -> None:
    held = Held(city)
    held.receive_all = held.receive = lambda *_: 1 / 0  # type: ignore[assignment, method-assign]
    door = Door(held, parallel=city.store.parallel)  # type: ignore[arg-type]
    answers = await let_in(held, door, [city.person().inbound(Answer("신고"))] * 3)
    assert [type(answer) for answer in answers] == [ZeroDivisionError] * 3


async def test_who_goes_away_before_the_answer_has_told_it_all_the_same(city: City) -> None:
    held = Held(city)
    door = Door(held, parallel=city.store.parallel)  # type: ignore[arg-type]
    person = city.person()
    task = asyncio.create_task(door.receive(person.inbound(Command("report"))))
    for _ in range(3):
        await asyncio.sleep(0)
    task.cancel()
    held.go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await asyncio.to_thread(held.done.wait, 10)
    assert (await door.show("web", "web", person.address, "ko")).replies


async def test_a_door_that_is_closed_lets_nobody_wait_for_ever(city: City) -> None:
    held = Held(city)
    door = Door(held, parallel=False)  # type: ignore[arg-type]
    waiting = [
        asyncio.create_task(door.receive(city.person(name=name).inbound(Command("report"))))
        for name in NAMES[:3]
    ]
    for _ in range(3):
        await asyncio.sleep(0)
    assert door._porter is not None
    door._porter.cancel()
    held.go_on.set()
    answers = await asyncio.gather(*waiting, return_exceptions=True)
    assert [type(answer) for answer in answers] == [asyncio.CancelledError] * 3
    assert await asyncio.to_thread(held.done.wait, 10)


async def test_each_turn_is_taken_in_the_context_of_who_brought_it(city: City) -> None:
    seen: list[str] = []
    city.receiver._waited = lambda _seconds: seen.append(where.get())  # type: ignore[method-assign]
    held = Held(city)
    door = Door(held, parallel=city.store.parallel)  # type: ignore[arg-type]

    async def one(name: str) -> Received:
        where.set(name)
        return await door.receive(city.person(name=name).inbound(Command("report")))

    held.go_on.set()
    await asyncio.gather(*(one(name) for name in NAMES[:5]))
    assert sorted(seen) == NAMES[:5]
