"""The pages of the counter and the telephone, together."""

from starlette.routing import BaseRoute

from bot.handlers.desk import callers, calls, crowds, poster, repeating, writing
from bot.handlers.desk.pages import Pages
from bot.handlers.desk.parts import DeskParts
from bot.handlers.desk.reception import Reception

_PAGES = (writing, calls, callers, crowds, repeating, poster)


def routes(parts: DeskParts, pages: Pages, reception: Reception) -> list[BaseRoute]:
    return [route for page in _PAGES for route in page.routes(parts, pages, reception)]
