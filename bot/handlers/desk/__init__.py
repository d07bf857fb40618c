"""The officials' pages. `routes` is all that `bot.app` needs."""

from collections.abc import Callable

from starlette.routing import BaseRoute, Mount, Router

from bot.handlers.desk import (
    access_log,
    applications,
    approvals,
    auth,
    bulk,
    chains,
    copies,
    counter,
    dates,
    days,
    deputies,
    external,
    facts,
    files,
    filing,
    guard,
    leavers,
    lists,
    messenger,
    move,
    oidc,
    own,
    paper,
    papers,
    portal,
    putting_off,
    queue,
    queue_checks,
    records,
    register,
    reorganising,
    replies,
    rights_log,
    search,
    second,
    statistics,
    stepup,
    tasks,
    templates,
    units,
    urging,
    users,
    values,
)
from bot.handlers.desk.pages import Pages
from bot.handlers.desk.parts import DeskParts
from bot.handlers.desk.reception import Reception
from bot.handlers.pages import SecureHeaders, static

__all__ = ["DeskParts", "routes"]

_AREAS: tuple[Callable[[DeskParts, Pages, Reception], list[BaseRoute]], ...] = (
    auth.routes,
    second.routes,
    oidc.routes,
    stepup.routes,
    own.routes,
    messenger.routes,
    access_log.routes,
    queue.routes,
    bulk.routes,
    urging.routes,
    search.routes,
    guard.routes,
    applications.routes,
    filing.routes,
    move.routes,
    files.routes,
    paper.routes,
    papers.routes,
    replies.routes,
    copies.routes,
    external.routes,
    register.routes,
    statistics.routes,
    tasks.routes,
    templates.routes,
    facts.routes,
    records.routes,
    users.routes,
    leavers.routes,
    approvals.routes,
    rights_log.routes,
    deputies.routes,
    chains.routes,
    units.routes,
    lists.routes,
    reorganising.routes,
    days.routes,
    portal.routes,
    dates.routes,
    values.routes,
    queue_checks.routes,
    putting_off.routes,
    counter.routes,
)


def routes(parts: DeskParts) -> list[BaseRoute]:
    """Make the desk's routes: one mount at the path of `parts.url`, headers included."""
    pages = Pages(parts)
    reception = Reception(parts, pages)
    made = [route for area in _AREAS for route in area(parts, pages, reception)]
    nowhere = reception.nowhere()
    desk = Router([*made, static(), nowhere])
    return [Mount(parts.base, SecureHeaders(desk, framed=parts.rehearsal, https=parts.secure))]
