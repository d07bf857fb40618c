"""Where a filing stands for somebody whose move came too late: what changed, what he may do now."""

from bot.dialogs.replies import Phrase
from bot.errors import Refused
from bot.locale import PREVAILING
from bot.services import moves, officials, sight
from bot.services.base import Actor, Desk
from bot.services.history import History
from storage.unit import Unit

STALE, NOT_NOW = "move.stale", "move.not_now"
SAID = {STALE: "move.changed", NOT_NOW: "move.other"}


def instead(svc: Desk, unit: Unit, actor: Actor, number: str, refused: Refused) -> Refused:
    """Give a refusal with what is: the last move and whose it was, the state, the moves open now.

    Gives `refused` itself where there is no more to say. Raises `Refused` filing.unknown.
    """
    if refused.key not in SAID:
        return refused
    filing = sight.find(unit, actor, number)
    rules = moves.procedure_of(svc, filing)
    done = (one for one in reversed(History(unit, filing.sid).all) if one.kind in rules.moves)
    last = next((one for one in done if not one.detail.get("only")), None)  # not a recusal's
    _, _, user = last.actor.partition(":") if last is not None else ("", "", "")
    who = officials.official(unit, int(user)) if user.isdecimal() else None
    open_ = moves.available(svc, unit, actor, number)

    def say(words: Phrase) -> str:
        return svc.texts.render(words, PREVAILING, svc.site.words())

    return Refused(
        SAID[refused.key],
        what=say(Phrase(f"move.{last.kind}.name")) if last is not None else "",
        who=who.name if who is not None else "",
        state=say(svc.state(filing.procedure, filing.state)),
        may=", ".join(say(Phrase(f"move.{one.action}.name")) for one in open_ if not one.blocked),
    )
