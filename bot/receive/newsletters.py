"""The news in a chat: asked for with a consent of its own, chosen by buttons, ended by one press.

Never inside something else that is being written: then it is offered when that is done (wording.md
§12). Ending it works always, and asks nothing back.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bot.dialogs.replies import Option, Phrase, Say
from bot.errors import Refused
from bot.receive import doors, triage
from bot.receive.walk import offers
from bot.services import subscriptions
from bot.services.subscriptions import NEWS, Wanted
from knowledge.calendar import seoul_day

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.receive.walk import Choice, Walk
    from storage.repositories.subscriptions import Subscription

BEGIN: Choice = ("subscribing.begin", "news", "")
AGAIN: Choice = ("subscribing.again", "news", "")
STOP: Choice = ("news.button.stop", "news_stop", "")
PICKS: tuple[Choice, ...] = tuple(
    (f"subscribing.pick.{what}", "news_pick", what)
    for what in ("kinds", "fields", "regions", "lang")
)
ALL = "all"


def show(walk: Walk, _: str = "") -> None:
    """Ask for the consent, or say what somebody gets."""
    one = subscriptions.of_peer(walk.unit, walk.peer.id)
    if not _may(walk):
        return
    if one is None:
        walk.tell(
            subscriptions.consent(walk.parts.svc, walk.inbound.channel),
            ("subscribe.agree", "news_agree", ""),
            ("subscribe.refuse", "news_no", ""),
        )
    else:
        _tell(walk, one)


def agree(walk: Walk, _: str = "") -> None:
    """Begin, by the very text that was shown; what somebody gets can be changed from here."""
    if not _may(walk):
        return
    svc, peer = walk.parts.svc, walk.peer.id
    if subscriptions.of_peer(walk.unit, peer) is None:
        text = subscriptions.version(svc, walk.inbound.channel, walk.lang)
        subscriptions.subscribe(svc, walk.unit, peer, Wanted(lang=walk.lang), text)
        walk.say("subscribe.done", date=seoul_day(walk.now).isoformat())
    show(walk)


def refuse(walk: Walk, _: str = "") -> None:
    """Leave it: everything else is the same without."""
    walk.say("subscribing.refused", doors.HOME)
    walk.ask_again()


def pick(walk: Walk, what: str = "") -> None:
    """Show what can be chosen of one thing, with what is."""
    one = _mine(walk)
    if one is None:
        return
    if what == "lang":
        known: Sequence[str] = walk.parts.svc.texts.languages
        names = [
            Option(Phrase(f"web.{code}"), command="news_set", arg=f"lang {code}") for code in known
        ]
    elif what in subscriptions.KNOWN:
        names = _marked(what, _chosen(one)[what])
    else:
        _tell(walk, one)
        return
    done = offers((("subscribing.picked", "news", ""),))
    walk.replies.append(Say(Phrase(f"subscribing.ask.{what}"), (*names, *done)))


def choose(walk: Walk, arg: str = "") -> None:
    """Take one thing in, or leave it out; what a button never held changes nothing."""
    one = _mine(walk)
    if one is None:
        return
    what, _, which = arg.partition(" ")
    wish = subscriptions.wanted(one)
    if what == "lang" and which in walk.parts.svc.texts.languages:
        subscriptions.change(walk.unit, one.id, replace(wish, lang=which))
        show(walk)
        return
    if what in subscriptions.KNOWN and (which == ALL or which in _places(what)):
        chosen = {**_chosen(one), what: _turned(what, _chosen(one)[what], which)}
        try:
            wish = subscriptions.read(walk.parts.svc, **chosen, lang=wish.lang)
            subscriptions.change(walk.unit, one.id, wish)
        except Refused as nothing:
            walk.say(nothing.key)
    pick(walk, what)


def stop(walk: Walk, _: str = "") -> None:
    """End it at once, whatever is open; the argument names the issue under which it was pressed."""
    ended = subscriptions.stop_peer(walk.parts.svc, walk.unit, walk.peer.id)
    if ended:
        walk.say("unsubscribe.done", AGAIN)
    else:
        walk.say("unsubscribe.none", BEGIN, triage.MYDATA, doors.HOME)
    walk.ask_again()


def renew(walk: Walk, _: str = "") -> None:
    """Go on getting it, as was asked after two years."""
    one = subscriptions.of_peer(walk.unit, walk.peer.id)
    if one is not None and subscriptions.renew(walk.parts.svc, walk.unit, one.id):
        walk.say("subscribing.renewed", STOP)
    else:
        walk.say("unsubscribe.none", BEGIN)
    walk.ask_again()


def after(walk: Walk, seen: Sequence[str]) -> None:
    """Offer what somebody asked for while he was writing, now that it is done."""
    if NEWS in seen:
        walk.say("subscribing.after", BEGIN)


def _may(walk: Walk) -> bool:
    """Tell whether it can be asked for now; says what comes first where it cannot."""
    if walk.form() is not None and walk.state is not None:
        if NEWS not in walk.state.seen:
            walk.state = walk.state.copy()
            walk.state.seen.append(NEWS)
        walk.say("subscribing.later")
        walk.ask_again()
        return False
    if not walk.may_write:
        doors.here(walk, NEWS)
    return walk.may_write


def _mine(walk: Walk) -> Subscription | None:
    """Give what somebody gets; where there is nothing to choose yet it is asked for first."""
    one = subscriptions.of_peer(walk.unit, walk.peer.id)
    if one is None or walk.form() is not None:
        show(walk)
        return None
    return one


def _tell(walk: Walk, one: Subscription) -> None:
    walk.tell(subscriptions.told(subscriptions.wanted(one)), *PICKS, STOP, doors.HOME)


def _places(what: str) -> tuple[str, ...]:
    return tuple(str(place) for place in range(len(subscriptions.KNOWN[what])))


def _chosen(one: Subscription) -> dict[str, tuple[str, ...]]:
    wish = subscriptions.wanted(one)
    return {"kinds": wish.kinds, "fields": wish.fields, "regions": wish.regions}


def _turned(what: str, chosen: tuple[str, ...], which: str) -> tuple[str, ...]:
    """Give the choice with one thing turned; none chosen is all of them, of kinds every one."""
    if which == ALL:
        return subscriptions.KNOWN[what] if what == "kinds" else ()
    name = subscriptions.KNOWN[what][int(which)]
    return tuple(one for one in chosen if one != name) if name in chosen else (*chosen, name)


def _marked(what: str, chosen: tuple[str, ...]) -> list[Option]:
    """Give a button for each thing that there is, marked where it is chosen."""
    every = not chosen or len(chosen) == len(subscriptions.KNOWN[what])
    made = [_button(Phrase("subscribing.all"), f"{what} {ALL}", on=every)]
    for place, name in enumerate(subscriptions.KNOWN[what]):
        on = name in chosen and not (every and what != "kinds")
        made.append(_button(Phrase(subscriptions.name_of(what, name)), f"{what} {place}", on=on))
    return made


def _button(label: Phrase, arg: str, *, on: bool) -> Option:
    words = Phrase("subscribing.on", {"name": label}) if on else label
    return Option(words, command="news_set", arg=arg)
