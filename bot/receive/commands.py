"""Which command does what. Procedures bring their own (`catalogue`), moves are `move`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.dialogs import engine, ordinary
from bot.dialogs.engine import MENU, State
from bot.errors import Overloaded
from bot.receive import (
    calls,
    cases,
    dialogs,
    doors,
    menu,
    mydata,
    newsletters,
    reports,
    triage,
    unanswered,
    words,
)
from bot.receive.doors import HOME
from bot.receive.triage import WITH_WORDS
from bot.services import crowd, portal, refiling

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bot.receive.walk import Walk

MOST_STEPS = 5
"""Commands may lead to each other; a circle among them would be a bug."""


def run(walk: Walk, name: str, arg: str) -> None:
    """Run a command and what it leads to."""
    calls.give_way(walk, name)
    walk.next = (name, arg)
    for _ in range(MOST_STEPS):
        if walk.next is None:
            return
        name, arg = walk.next
        walk.next = None
        _one(walk, name, arg)
    raise RuntimeError("commands lead in a circle")


def _one(walk: Walk, name: str, arg: str) -> None:
    procedure = _offered(walk, name)
    if procedure is not None:
        _report(walk, procedure, name, arg)
    elif not triage.not_here(walk, name):
        COMMANDS.get(name, _unknown)(walk, arg)


def _offered(walk: Walk, name: str) -> str | None:
    """Give the procedure that a command opens, if it is one that a citizen may begin here."""
    svc, procedure = walk.parts.svc, walk.parts.book.command(name)
    if procedure is None or not svc.offers(svc.procedures[procedure]):
        return None
    return procedure


def _report(walk: Walk, procedure: str, name: str, arg: str) -> None:
    """Open a report; on a messenger only behind the second door."""
    if not walk.may_write:
        doors.here(walk)
        return
    form = walk.form()
    if form is not None and form.id == procedure:
        _collide(walk, f"{name} {arg}".strip())
        return
    if not _has_room(walk):
        walk.say("talk.busy_new", triage.HUMAN, HOME)
        return
    told = words.kept_words(walk) if arg == WITH_WORDS else ""
    dialogs.open_report(walk, procedure, dialogs.read(walk, procedure, told))


def _refile(walk: Walk, arg: str) -> None:
    """File anew what a restore has lost: with its receipt, on the agency's own page (S13)."""
    if walk.messenger:
        walk.next = ("web", "")
        return
    receipt = refiling.lost(walk.parts.svc, walk.unit, arg)
    if receipt is None:
        walk.say("refile.gone", *words.ways(walk))
    elif walk.form() is not None:
        _collide(walk, f"refile {receipt.text}")
    elif not _has_room(walk):
        walk.say("talk.busy_new", triage.HUMAN, HOME)
    else:
        dialogs.open_report(walk, receipt.procedure, {}, receipt.text)


def _has_room(walk: Walk) -> bool:
    """Begin nothing that could not be finished: a full disk (S22), ten thousand robots (S34)."""
    if walk.parts.room() == "no_dialogs":
        return False
    name, whole = f"draft:{walk.inbound.channel}", walk.parts.svc.site.budget_drafts
    name, budget = crowd.part(name, whole, walk.inbound.address)
    return not crowd.over(walk.unit, name, budget, burst=budget // 4)


def _collide(walk: Walk, command: str) -> None:
    """Ask which shall be, the draft or the new one; a draft is never silently replaced."""
    form = walk.form()
    assert form is not None
    assert walk.state is not None
    walk.take(engine.collide(form, walk.state, walk.context(), command))


def _switch(walk: Walk, arg: str) -> None:
    """Change the road: open another form, or go back to one that waits; nothing is let go."""
    waiting = list(walk.state.parked) if walk.state is not None else []
    arg = arg or (waiting[-1] if waiting else "")
    name = arg.partition(" ")[0]
    here = {walk.state.key, walk.state.form} if walk.form() and walk.state else set()
    if not arg or arg in here:
        _resume(walk, "")
    elif not dialogs.go_back(walk, arg):
        if name in walk.parts.book.forms:
            _report(walk, name, "switch", arg)
        else:
            _unknown(walk, "")


def _new(walk: Walk, arg: str) -> None:
    """Let the draft go and begin what was wanted; what waits beside it goes on waiting."""
    state = walk.state
    walk.end()
    walk.forget = True
    name, _, rest = arg.partition(" ")
    if state is not None and state.parked:
        walk.state = State(MENU, 1, walk.turn, parked=state.parked)
    if name.startswith("move.") and state is not None:
        name, rest = dialogs.MOVE, f"{name.removeprefix('move.')} {state.subject.split(' ')[-1]}"
    walk.next = (name or menu.begin(walk), rest)


def _resume(walk: Walk, _: str) -> None:
    """Go on where the person left off."""
    form = walk.form()
    if form is None or walk.state is None:
        walk.say("talk.nothing_open", *menu.first(walk), HOME)
    else:
        walk.take(engine.resume(form, walk.state, walk.context()))


def _stop(walk: Walk, _: str) -> None:
    walk.say("talk.nothing_open", *menu.first(walk), HOME)


def _unknown(walk: Walk, _: str) -> None:
    if walk.later:  # a press of a menu of that release: it knows what was meant
        raise Overloaded
    unanswered.unknown(walk, None, words.kept_words(walk))


def _help(walk: Walk, _: str) -> None:
    offered = menu.filings(walk.parts.svc)
    walk.say("start.help", *offered, menu.MY, HOME, filings=menu.lines(walk))
    walk.ask_again()


def _human(walk: Walk, _: str) -> None:
    """Give the telephone; when nobody would answer it, offer to call back (wording.md §11)."""
    if walk.parts.svc.calendar(walk.unit).is_open(walk.now):
        walk.say("help.call")
    else:
        walk.say("help.closed", calls.CALL_BACK)
    walk.ask_again()


def _ordinary(walk: Walk, arg: str) -> None:
    """Make the words for the office in charge; what was written goes along, and stays here."""
    form = walk.form()
    if not walk.may_write:
        doors.here(walk)
    elif form is not None and form.id == ordinary.FORM.id:
        _resume(walk, "")
    elif not _has_room(walk):
        walk.say("talk.busy_new", triage.HUMAN, HOME)
    else:
        told = words.kept_words(walk) if arg == WITH_WORDS else ""
        dialogs.open_form(walk, ordinary.FORM, dialogs.read_into(ordinary.FORM, told))


def _question(walk: Walk, arg: str) -> None:
    unanswered.leave(walk, arg, words.kept_words(walk))


def _portal(walk: Walk, _: str) -> None:
    """Note who wants to hear that 국민신문고 is open again; the draft stays where it is."""
    version = doors.version(walk, "portal.asked")
    said = portal.wait(walk.parts.svc, walk.unit, walk.peer.id, version, walk.lang)
    walk.say(f"portal.{said}")
    walk.ask_again()


def _lang(walk: Walk, arg: str) -> None:
    """Speak another language from now on."""
    if arg in walk.parts.svc.texts.languages:
        walk.lang = arg
    walk.ask_again()
    if walk.form() is None:
        doors.start(walk)


COMMANDS: Mapping[str, Callable[[Walk, str], None]] = {
    "start": doors.start, "web": doors.web, "here": doors.here, "agree": doors.agree,
    "under14": doors.under14, "info": doors.info, "ask": doors.info, "revoke": doors.revoke,
    "my": reports.mine, "status": reports.show, "derivation": reports.derivation, "history": reports.history,
    "paper": reports.paper, "remedy": reports.remedy, "new_code": reports.new_code,
    "move": reports.move, "mydata": mydata.show, "mydata_show": mydata.everything,
    "mydata_correct": mydata.correct, "mydata_stop": mydata.erase, "unlink": mydata.unlink,
    "new": _new, "continue": _resume, "stop": _stop, "back": _stop, "later": _stop,
    "skip": _stop, "switch": _switch, "help": _help, "human": _human, "ordinary": _ordinary, "other": _unknown,
    "meant": words.chosen, "cases": cases.search, "case": cases.show, "found": cases.turn, "like": cases.like,
    "lang": _lang, "portal": _portal, "call_back": calls.begin, "refile": _refile,
    "faq": unanswered.show, "question": _question, "question_tell": unanswered.tell_me,
    "question_forget": unanswered.forget,
    "news": newsletters.show, "news_agree": newsletters.agree, "news_no": newsletters.refuse,
    "news_pick": newsletters.pick, "news_set": newsletters.choose, "news_stop": newsletters.stop, "news_renew": newsletters.renew,
}  # fmt: skip
