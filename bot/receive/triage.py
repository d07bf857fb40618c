"""Free words lead to the right road: a procedure that is offered, or where to go instead.

A guess saves a menu, never decides: it is asked back, with the words kept for what is chosen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.dialogs.replies import Phrase
from bot.receive import menu
from bot.receive.doors import HOME
from knowledge.slots import signals

if TYPE_CHECKING:
    from bot.receive.walk import Choice, Walk
    from knowledge.procedures import Procedure

WITH_WORDS = "with_words"
HUMAN: Choice = ("dialog.human", "human", "")
ORDINARY: Choice = ("triage.ordinary", "ordinary", WITH_WORDS)
MYDATA: Choice = ("triage.mydata", "mydata", "")

LEADS_TO = {
    "greeting": "start",
    "status_query": "my",
    "supplement_submit": "my",
    "withdraw": "my",
    "privacy_request": "mydata",
    "human_agent": "human",
    "correct_or_cancel_flow": "help",
}
"""Intents that a command answers."""

NEWS = {"newsletter_subscribe": "news", "newsletter_unsubscribe": "news_stop"}
"""Intents that come before any answer: who wants to be left alone is left alone at once."""

ELSEWHERE: dict[str, tuple[Choice, ...]] = {
    "preconsult": (HUMAN,),
    "committee_opinion": (HUMAN,),
    "official_support": (HUMAN,),
    "recommend_official": (HUMAN,),
    "reminder_settings": (menu.MY,),
    "re_report": (menu.MY, HUMAN),
    "objection_info": (HUMAN,),
    "out_of_scope": (ORDINARY, HUMAN),
}
"""Intents that are told where to go (`triage.<intent>`), with what can be pressed there."""

NEVER_ASKED = frozenset({"abuse_or_threat"})
"""Nobody is asked whether that is meant."""


def meant(walk: Walk, intent: str | None) -> Procedure | None:
    """Give the procedure that somebody seems to want, if it is offered here."""
    offered = walk.parts.svc.offered()
    return next((one for one in offered if intent in one.filing.intents), None)


def guess(walk: Walk, rules: Procedure, text: str) -> None:
    """Ask whether a procedure is meant; the words are kept for it where they may be."""
    texts = walk.parts.svc.texts
    own = {name: f"{rules.id}.{name}" for name in ("guess", "guess_yes")}
    asked = own["guess"] if texts.has(own["guess"]) else "triage.guess"
    yes = own["guess_yes"] if texts.has(own["guess_yes"]) else "triage.guess_yes"
    carries = walk.parts.book.forms[rules.id].carries.values()
    beside = any(one.startswith("ordinary.") for sources in carries for one in sources)
    walk.say(
        asked,
        (yes, rules.filing.command, WITH_WORDS),
        *((ORDINARY,) if beside else ()),
        ("triage.other", "other", ""),
        name=Phrase(f"{rules.id}.title"),
    )
    keep(walk, text)


def not_here(walk: Walk, command: str) -> bool:
    """Say where to go instead of a procedure that is not offered to citizens here."""
    procedure = walk.parts.book.command(command)
    wanted = walk.parts.svc.procedures[procedure].filing.intents if procedure else ()
    told = next((intent for intent in wanted if intent in ELSEWHERE), None)
    if told is not None:
        elsewhere(walk, told, "")
    return told is not None


def elsewhere(walk: Walk, intent: str, text: str) -> None:
    """Say where something is done that is not done here."""
    walk.say(f"triage.{intent}", *ELSEWHERE[intent], HOME)
    keep(walk, text)


def perhaps(walk: Walk, meant: tuple[str, ...], text: str) -> None:
    """Ask back which of a few is meant; the words are kept for what is chosen."""
    if meant[0] in NEVER_ASKED:
        (calmly if signals(text) & {"abuse", "danger"} else unclear)(walk, text)
        return
    choices = [_asked(walk, name) for name in meant if name not in NEVER_ASKED]
    walk.say("triage.perhaps", *choices, ("triage.other", "other", ""))
    keep(walk, text)


def _asked(walk: Walk, intent: str) -> Choice:
    """Give the button of an intent; in a procedure's own words where one is meant."""
    rules = meant(walk, intent)
    label = f"triage.ask.{intent}" if rules is None else f"{rules.id}.menu"
    return label, "meant", intent


def calmly(walk: Walk, text: str) -> None:
    """Answer anger calmly; where it may be despair or danger, say who helps at once."""
    seen = signals(text)
    if not seen & {"abuse", "danger", "self_harm"}:
        walk.say("triage.abuse_or_threat")
    elif "self_harm" not in seen and "abuse" in seen:
        walk.say("remark.abuse")
    walk.say("triage.listening", *menu.first(walk), HUMAN, HOME)


def unclear(walk: Walk, text: str) -> None:
    """Offer every road; what was written goes along on the one that is chosen."""
    roads = tuple(
        (label, command, WITH_WORDS if text else arg)
        for label, command, arg in menu.filings(walk.parts.svc)
    )
    walk.say("start.unknown", *roads, *((ORDINARY,) if text else ()), menu.MY, HUMAN, HOME)
    keep(walk, text)


def keep(walk: Walk, text: str) -> None:
    """Keep the words for the form that is opened next, where they may be kept at all."""
    if walk.may_write:
        walk.words = text
