"""The officials' pages. `routes` is all that `bot.app` needs."""

from collections.abc import Callable

from starlette.routing import BaseRoute, Mount, Router

from bot.handlers.desk import (
    access_log,
    answers,
    applications,
    approvals,
    auth,
    beside,
    bulk,
    case_draft,
    case_files,
    cases,
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
    newsletter,
    newsletter_preview,
    newsletter_run,
    newsletters,
    oidc,
    own,
    own_news,
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
    own_news.routes,
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
    beside.routes,
    case_draft.routes,
    copies.routes,
    external.routes,
    register.routes,
    statistics.routes,
    tasks.routes,
    templates.routes,
    answers.routes,
    lists.routes,
    case_files.routes,
    cases.routes,  # after what is no case: /cases/import
    newsletters.routes,
    newsletter_preview.routes,
    newsletter_run.routes,
    newsletter.routes,  # after /newsletters/new
    facts.routes,
    records.routes,
    users.routes,
    leavers.routes,
    approvals.routes,
    rights_log.routes,
    deputies.routes,
    chains.routes,
    units.routes,
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
