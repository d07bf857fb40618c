"""What is kept about a person, and what can be done about it at once (개인정보 보호법 제35조~제37조)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.dialogs.replies import Option, Phrase, Say
from bot.receive import menu, newsletters
from bot.receive.doors import HOME
from bot.receive.parts import FLOWN
from bot.receive.walk import offers
from bot.services import peers, portal, subscriptions

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from bot.dialogs.replies import Param
    from bot.receive.walk import Choice, Walk


ASK: Choice = ("mydata.ask", "personal_data", "")

FORGET: Choice = ("talk.data.forget_questions", "question_forget", "")


ENDS: Mapping[str, Choice] = {
    FLOWN: ("talk.data.revoke", "revoke", ""),
    portal.WAITS: ("talk.data.revoke_portal", "revoke", portal.WAITS),
    subscriptions.NEWS: newsletters.STOP,
}
"""Consents that end at once when they are taken back, by their kind."""


def show(walk: Walk, _: str = "") -> None:
    """Say what can be asked for."""
    walk.say(
        "mydata.text",
        ("mydata.show", "mydata_show", ""),
        ("mydata.correct", "mydata_correct", ""),
        ("mydata.stop", "mydata_stop", ""),
        ASK,
        HOME,
    )


def everything(walk: Walk, _: str = "") -> None:
    """List what is kept: that it is kept, not its words, which a chat would show to others."""
    kept = peers.my_data(walk.unit, walk.peer.id)
    lines: list[Param] = [
        Phrase("talk.data.since", {"at": kept["since"], "lang": Phrase(f"web.{kept['lang']}")}),
        *(_consent(walk, one) for one in kept["consents"]),
        Phrase("talk.data.draft_yes" if walk.form() is not None else "talk.data.draft_no"),
    ]
    if kept["filings"]:
        numbers: list[Param] = [one["number"] for one in kept["filings"]]
        lines.append(Phrase("talk.data.filings", {"number": numbers}))
    else:
        lines.append(Phrase("talk.data.no_filings"))
    news = subscriptions.of_peer(walk.unit, walk.peer.id)
    if news is not None:
        lines.append(subscriptions.told(subscriptions.wanted(news)))
    told = Phrase("talk.data.all", {"lines": lines})
    if kept["questions"]:
        lines.append(Phrase("talk.data.questions", {"n": kept["questions"]}))
    standing = {str(one["kind"]) for one in kept["consents"] if one["withdrawn"] is None}
    ends = tuple(button for kind, button in ENDS.items() if kind in standing)
    ends += (FORGET,) if kept["questions"] else ()
    if walk.messenger:  # a file is given on the page alone, to who sits in front of it
        walk.tell(told, menu.MY, *ends, HOME)
        return
    file = Option(Phrase("mydata.download"), url=f"{walk.parts.svc.public_url}/mine")
    walk.replies.append(Say(told, (*offers((menu.MY, *ends, HOME)), file)))


def _consent(walk: Walk, one: Mapping[str, Any]) -> Phrase:
    """Say what was agreed to and when, and when it was taken back."""
    key = f"talk.data.consent_{one['kind']}"
    what = Phrase(key if walk.parts.svc.texts.has(key) else "talk.data.consent_other")
    params: dict[str, Param] = {"what": what, "given": one["given"]}
    if one["withdrawn"] is None:
        return Phrase("talk.data.consent", params)
    return Phrase("talk.data.consent_over", {**params, "withdrawn": one["withdrawn"]})


def correct(walk: Walk, _: str = "") -> None:
    """Say how something is put right; what was filed is corrected by an addition."""
    walk.say("talk.data.correct", menu.MY, ASK, HOME)


def erase(walk: Walk, arg: str = "") -> None:
    """Erase what was not filed yet, once it was asked for a second time."""
    if arg == "sure":
        blobs = peers.erase_draft(walk.parts.svc, walk.unit, walk.peer.id)
        erased = walk.form() is not None or bool(blobs)
        walk.blobs += blobs or ()
        walk.state, walk.dialog, walk.was = None, None, None
        walk.say("talk.data.erased" if erased else "talk.data.nothing", HOME)
        return
    choices: list[Choice] = [("talk.data.erase_draft", "mydata_stop", "sure")]
    if walk.messenger:
        choices.append(("talk.data.unlink", "unlink", ""))
    walk.say("talk.data.stop", *choices, ASK, HOME)


def unlink(walk: Walk, _: str = "") -> None:
    """Cut the messenger off: the answer to this is the last thing that goes there."""
    if not walk.messenger:
        show(walk)
        return
    walk.say("talk.data.unlinked")
    walk.state = None
    walk.last.append(lambda: peers.unlink(walk.parts.svc, walk.unit, walk.peer.id))
