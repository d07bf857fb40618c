"""One act on many reports: each by itself, so that one that cannot stops no other."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.errors import Refused
from bot.services import moves
from bot.services.base import Actor, Desk
from storage.errors import BodyConflict
from storage.store import Store
from storage.unit import Unit

ACTIONS = ("assign", "reassign")
MOST = 100


@dataclass(frozen=True, slots=True)
class Chosen:
    """A report and the version in which it was seen."""

    number: str
    version: int


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one; without a problem it is done. `before`: this very press had done it."""

    number: str
    problem: Refused | None = None
    before: bool = False


def assign(
    svc: Desk, store: Store, actor: Actor, command: str, chosen: Sequence[Chosen], handler: str
) -> tuple[Result, ...]:
    """Give reports to a handler (`handler` is an account's number), each in its own transaction.

    `command` is the id of the press: sent twice, it has one effect on each report.
    """

    def act(unit: Unit, one: Chosen) -> None:
        open_ = moves.available(svc, unit, actor, one.number)
        fits = {move.action for move in open_ if not move.blocked}
        action = next((name for name in ACTIONS if name in fits), None)
        if action is None:
            raise Refused("move.not_now")
        given = {"handler": handler}
        try:
            moves.perform(svc, unit, actor, one.number, one.version, action, given)
        except moves.BadFields:
            raise Refused("bulk.handler") from None

    return _each(store, actor, command, chosen, handler, act)


def urge(
    svc: Desk, store: Store, actor: Actor, command: str, chosen: Sequence[Chosen]
) -> tuple[Result, ...]:
    """Send a 독촉장 for each; whoever has worked on one meanwhile does not hinder it."""

    def act(unit: Unit, one: Chosen) -> None:
        moves.perform(svc, unit, actor, one.number, None, "urge", {})

    return _each(store, actor, command, chosen, "urge", act)


def _each(
    store: Store,
    actor: Actor,
    command: str,
    chosen: Sequence[Chosen],
    said: str,
    act: Callable[[Unit, Chosen], None],
) -> tuple[Result, ...]:
    """Act on each report once; `said` is what the press stands for beside the report."""

    def one_by_one(one: Chosen) -> Result:
        def work(unit: Unit) -> bool:
            act(unit, one)
            return True

        try:
            done = store.transact(
                work,
                f"desk:{actor.user_id}:{command}:{one.number}",
                body=json.dumps([one.number, said]).encode(),
                again=lambda _unit: False,
            )
        except BodyConflict:
            return Result(one.number, Refused("desk.done_already"))
        except Refused as problem:
            return Result(one.number, problem)
        return Result(one.number, before=not done)

    return tuple(one_by_one(one) for one in {one.number: one for one in chosen}.values())
