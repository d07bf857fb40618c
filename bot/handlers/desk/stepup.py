"""Before a grave act: show once more who sits there, when the last time is over ten minutes ago.

`stepup.require(visit)` is the first line of a page that opens who reported, hands out originals or
decides for two. What was typed goes along with the question and comes back with its answer.
"""

from starlette.responses import Response
from starlette.routing import BaseRoute

from bot.errors import Refused
from bot.handlers.desk.pages import Pages
from bot.handlers.desk.parts import DeskParts
from bot.handlers.desk.reception import Reception
from bot.handlers.desk.visit import Unproved, Visit, inside, see
from bot.services import officials, sessions, signing

FIELD = "proof"


def require(visit: Visit) -> None:
    """Go on only where the second factor was shown in the last ten minutes.

    Raises `Unproved`, which the reception answers with the question; files are not kept.
    """
    parts, actor = visit.parts, visit.actor
    svc, store = parts.svc, parts.store
    if store.read(lambda unit: sessions.proved(svc, unit, visit.token)):
        return
    given = visit.sent.get(FIELD) if visit.post else ""
    if not given:
        raise Unproved(visit)
    who = store.read(lambda unit: officials.official(unit, actor.user_id or 0))
    caller = parts.caller(visit.request, who.login if who else "")
    try:
        signing.prove(svc, store, actor, visit.token, given, caller)
    except Refused as error:
        raise Unproved(visit, error) from None


def routes(parts: DeskParts, pages: Pages, reception: Reception) -> list[BaseRoute]:  # noqa: ARG001 - every area is asked alike
    def prove(visit: Visit) -> Response:
        """Take the answer to the question that a page asked before it was shown."""
        require(visit)
        return see(parts.base + inside(visit.sent.get("next")))

    return [reception.page("/prove", prove, resends=False)]
