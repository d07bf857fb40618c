"""일반 민원: what was written goes along, becomes words to take away, and is there on the way back."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, cast

from bot.dialogs import engine
from bot.dialogs.engine import MENU, State
from bot.dialogs.ordinary import FORM, Ordinary, compose
from bot.dialogs.replies import Option, Phrase, Sheet
from bot.receive import doors, menu, triage
from bot.receive.walk import offers

if TYPE_CHECKING:
    from bot.dialogs.engine import Done
    from bot.receive.walk import Choice, Walk

PORTAL = "https://www.epeople.go.kr"


def finish(walk: Walk, before: State, done: Done) -> None:
    """Give the words and the roads; what waited is open again, with what was added."""
    site = walk.parts.svc.site
    blocks = compose(cast("Ordinary", done.answers))
    _stand(walk, before, done)
    key = "ordinary.sheet_off" if site.epeople_down else "ordinary.sheet"
    portal = () if site.epeople_down else (Option(Phrase("ordinary.portal"), url=PORTAL),)
    back: Choice = ("dialog.switch_back", "continue", "")
    on = (back,) if walk.form() is not None else menu.first(walk)
    roads = offers((*on, triage.HUMAN, doors.HOME))
    walk.replies.append(Sheet(Phrase(key), blocks, Phrase("ordinary.file"), (*portal, *roads)))


def _stand(walk: Walk, before: State, done: Done) -> None:
    """Stand where the person came from; the words stay for whoever goes another road after all."""
    answers = done.answers.model_dump(mode="json", exclude_none=True)
    written = replace(before, answers=answers, drafts={}, turn=walk.turn)
    waited = engine.latest(before)
    form = walk.form_of(waited) if waited is not None else None
    if waited is None or form is None:
        walk.state = State(MENU, 1, walk.turn, parked={FORM.id: written.to_json()})
        return
    turn = engine.switch(form, written, walk.context(), walk.turn, waited.subject)
    assert turn.state is not None
    walk.turn = turn.turn
    walk.state = replace(turn.state, offered=[])
