"""Handing many reports to one handler: each by itself, so that one that cannot stops no other."""

import json
from collections.abc import Sequence
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
    once = {one.number: one for one in chosen}
    return tuple(_one(svc, store, actor, command, one, handler) for one in once.values())


def _one(
    svc: Desk, store: Store, actor: Actor, command: str, chosen: Chosen, handler: str
) -> Result:
    def work(unit: Unit) -> bool:
        open_ = moves.available(svc, unit, actor, chosen.number)
        fits = {move.action for move in open_ if not move.blocked}
        action = next((one for one in ACTIONS if one in fits), None)
        if action is None:
            raise Refused("move.not_now")
        given = {"handler": handler}
        moves.perform(svc, unit, actor, chosen.number, chosen.version, action, given)
        return True

    body = json.dumps([chosen.number, handler]).encode()
    try:
        done = store.transact(
            work,
            f"desk:{actor.user_id}:{command}:{chosen.number}",
            body=body,
            again=lambda _unit: False,
        )
    except BodyConflict:
        return Result(chosen.number, Refused("desk.done_already"))
    except moves.BadFields:
        return Result(chosen.number, Refused("bulk.handler"))
    except Refused as problem:
        return Result(chosen.number, problem)
    return Result(chosen.number, before=not done)
