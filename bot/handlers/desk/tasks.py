"""What waits for a hand: notices that did not arrive, letters, calls, words to read."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from starlette.responses import Response
from starlette.routing import BaseRoute

from bot.errors import Refused
from bot.handlers.desk.doing import new_command, once
from bot.handlers.desk.pages import Pages
from bot.handlers.desk.parts import DeskParts
from bot.handlers.desk.reception import Reception
from bot.handlers.desk.visit import Missing, Visit, see
from bot.services import access_reviews, confirming, leavers, queue_checks, rights, views
from bot.services.rights import Right
from bot.services.views import Task

TONES: Mapping[str, str] = {
    "undelivered": "danger",
    "desk.danger": "danger",
    "desk.pressure": "danger",
    "desk.shorter": "warning",
    "desk.urged": "warning",
    "call": "warning",
    "letter": "warning",
    "return_papers": "warning",
}


PATHS: Mapping[str, str] = {
    leavers.TASK: "/leavers",
    access_reviews.KIND: "/access-log",
    queue_checks.KIND: "/queue-checks",
    confirming.HOLIDAYS: "/admin/days",
    confirming.VALUES: "/values",
    "agency_date": "/dates",
}


def routes(parts: DeskParts, pages: Pages, reception: Reception) -> list[BaseRoute]:
    desk = _Tasks(parts, pages)
    return [
        reception.page("/tasks", desk.listed, Right.TASKS),
        reception.page("/tasks/{task_id:int}/done", desk.done, Right.TASKS_DONE),
    ]


@dataclass(frozen=True, slots=True)
class Item:
    """A task in words."""

    id: int
    number: str
    what: str
    tone: str
    at: datetime
    move: str  # the move that ends it, where a person has to decide
    path: str  # where it is done, when it is no report's
    there: bool  # it ends there, and nowhere else


class _Tasks:
    def __init__(self, parts: DeskParts, pages: Pages) -> None:
        self._parts = parts
        self._pages = pages

    def listed(self, visit: Visit) -> Response:
        found = self._parts.store.read(lambda unit: views.tasks_for(unit, visit.actor))
        return self._pages.show(
            visit,
            "tasks.html",
            items=[self._item(task) for task in found],
            acts=rights.may(visit.actor, Right.TASKS_DONE),
            command=new_command(visit),
        )

    def done(self, visit: Visit) -> Response:
        """Tick a task off: posted, called, read."""
        task_id = int(visit.path("task_id"))
        if visit.post:
            try:
                once(visit, "task", task_id, lambda unit: views.done(
                    self._parts.svc, unit, visit.actor, task_id
                ))  # fmt: skip
            except Refused:
                raise Missing from None
        return see(f"{self._parts.base}/tasks")

    def _item(self, task: Task) -> Item:
        has = self._parts.svc.texts.has
        keys = (f"task.{task.kind}", f"notice.{task.kind}", f"move.{task.kind}.name")
        key = next((key for key in keys if has(key)), "desk.task.other")
        tone = TONES.get(task.kind, "information")
        move = views.DECIDED.get(task.kind, "")
        path, there = PATHS.get(task.kind, ""), task.kind in views.ELSEWHERE
        return Item(task.id, task.number, self._pages.text(key), tone, task.at, move, path, there)
