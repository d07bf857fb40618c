"""What can be begun here, as things to press: made from the procedures, never listed by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.dialogs.replies import Phrase
from bot.locale import PREVAILING

if TYPE_CHECKING:
    from bot.dialogs.replies import Param
    from bot.receive.walk import Choice, Walk
    from bot.services.base import Desk

MY: Choice = ("start.menu.my", "my", "")
CASES: Choice = ("case_search.menu", "cases", "")
ASK: Choice = ("start.menu.ask", "ask", "")
NEWS: Choice = ("subscribing.menu", "news", "")


def filings(svc: Desk) -> tuple[Choice, ...]:
    """Give the way into each procedure that a citizen may begin."""
    return tuple((f"{one.id}.menu", one.filing.command, "") for one in svc.menu())


def first(walk: Walk) -> tuple[Choice, ...]:
    """Give the way into what most people come for; nothing where nothing is offered."""
    return filings(walk.parts.svc)[:1]


def begin(walk: Walk) -> str:
    """Give the command of what most people come for."""
    return next((command for _, command, _ in first(walk)), "start")


def whole(walk: Walk) -> tuple[Choice, ...]:
    """Give everything that the first screen offers."""
    return (*filings(walk.parts.svc), MY, CASES, ASK, NEWS)


def lines(walk: Walk) -> list[Param]:
    """Say for each procedure which word opens it."""
    svc = walk.parts.svc
    said: list[Param] = []
    for rules in svc.menu():
        key = f"{rules.id}.words"
        lang = walk.lang if key in svc.texts.keys(walk.lang) else PREVAILING
        word = svc.texts.raw(key, lang).split()[0]
        what = Phrase(f"{rules.id}.menu")
        said.append(Phrase("start.helps.procedure", {"word": word, "what": what}))
    return said
