"""Forms in a turn: opened, gone on with, finished into a filing or a move."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from bot.dialogs import call_back, engine
from bot.dialogs import ordinary as ordinary_form
from bot.dialogs.engine import MENU, Cancelled, Done, Leave, State
from bot.dialogs.events import Attach, Submit
from bot.dialogs.replies import Ask, Page, Phrase, Say
from bot.receive import calls, cases, menu, newsletters, ordinary
from bot.receive.doors import HOME
from bot.receive.walk import dumped
from bot.services import attachments, filings, moves, questions, refiling, sight
from bot.services.base import citizen
from bot.services.finding import Sought
from knowledge.calendar import seoul_day
from storage.repositories import attachments as rows

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.dialogs.form import AnyForm, Context
    from bot.dialogs.state import Outcome, Turn
    from bot.receive.walk import Walk

MOVE = "move"


def go_on(walk: Walk) -> Leave | None:
    """Give the event to what is open; gives the command that is left for others."""
    state = walk.state
    assert state is not None
    form = walk.form()
    if form is None:
        return _at_menu(walk, state)
    if calls.wants_out(walk, state):
        calls.leave(walk)
        return None
    if _album_waits(walk, state):
        return None
    before = state
    turn = engine.advance(form, state, walk.inbound.event, walk.context())
    if _same_album(walk, before, turn):
        return None
    _expect_files(walk, turn.state)
    return settle(walk, form, walk.take(turn))


def _at_menu(walk: Walk, state: State) -> Leave | None:
    """Press something of a menu; words are looked at by who searches."""
    if state.form != MENU:  # a form of a release that is no more: its draft cannot be shown
        walk.say("talk.form_gone", *menu.first(walk))
        walk.end()
        return None
    outcome = walk.take(engine.press_menu(state, walk.inbound.event, walk.context()))
    return outcome if isinstance(outcome, Leave) else None


def settle(walk: Walk, form: AnyForm, outcome: Outcome | None) -> Leave | None:
    """Do what the end of a turn asks for."""
    if isinstance(outcome, Leave):
        return outcome
    if isinstance(outcome, Done):
        finish(walk, form, outcome)
    elif isinstance(outcome, Cancelled):
        walk.forget = True
        bring_back(walk, walk.was)
    if outcome is not None and walk.was is not None:
        newsletters.after(walk, walk.was.seen)
    return None


def bring_back(walk: Walk, before: State | None, gone: frozenset[str] = frozenset()) -> None:
    """Put what waited beside `before` where it was, and say how to go on with it.

    `gone` are files that went with what was filed.
    """
    waited = engine.latest(before)
    form = walk.form_of(waited) if waited is not None else None
    if before is None or form is None:
        return
    walk.state = engine.unpark(before, form, walk.context(before.subject), walk.turn, gone)
    walk.say("dialog.waits", ("dialog.draft_go_on", "continue", ""), name=title(walk, form.id))


def title(walk: Walk, form: str) -> Phrase:
    """Name a form in a sentence."""
    key = f"{form}.title"
    return Phrase(key if walk.parts.svc.texts.has(key) else "dialog.what_was_open")


def open_report(walk: Walk, procedure: str, prefill: Mapping[str, Any], receipt: str = "") -> None:
    """Open the form of a procedure; `receipt` is what it files anew (S13).

    What is open waits beside it, with all that was written.
    """
    open_form(walk, walk.parts.book.forms[procedure], prefill, receipt)


def read(walk: Walk, procedure: str, told: str) -> Mapping[str, Any]:
    """Give what somebody's first words already tell of a form, the words themselves among it."""
    return read_into(walk.parts.book.forms[procedure], told)


def read_into(form: AnyForm, told: str) -> Mapping[str, Any]:
    """Give what somebody's words tell of the steps of a form."""
    story = next((step.name for step in form.steps if step.input == "long"), None)
    if not told or story is None:
        return {}
    return {story: told, **(form.reads(told) if form.reads is not None else {})}


def open_form(walk: Walk, form: AnyForm, prefill: Mapping[str, Any], subject: str = "") -> None:
    """Open a form beside what is open, with what is known beforehand."""
    walk.take(_begun(walk, form, replace(walk.context(), prefill=prefill), subject))


def _begun(walk: Walk, form: AnyForm, ctx: Context, subject: str) -> Turn:
    """Open a form; what is open, and what waits, waits beside it."""
    state = walk.state
    if state is None or not (walk.form() or state.parked):
        return engine.start(form, ctx, walk.turn, subject)
    return engine.switch(form, state, ctx, walk.turn, subject)


def go_back(walk: Walk, key: str) -> bool:
    """Go back to a dialog that waits; False when none of that key does."""
    state = walk.state
    waited = state.parked.get(key) if state is not None and walk.may_write else None
    if state is None or not isinstance(waited, dict):
        return False
    before = State.from_json({**waited, "turn": 0})
    form = walk.form_of(before)
    if form is not None:
        walk.take(
            engine.switch(form, state, walk.context(before.subject), walk.turn, before.subject)
        )
    return form is not None


def open_move(walk: Walk, arg: str) -> None:
    """Open the form of a move on one's own filing, or make the move if it asks nothing.

    One that cannot be made now is refused with where the filing stands, and what can. Raises
    `Refused` filing.unknown.
    """
    action, number, presets = moves.read_arg(arg)
    actor = citizen(walk.peer.id)
    found = moves.available(walk.parts.svc, walk.unit, actor, number)
    chosen = next((one for one in found if one.action == action), None)
    if chosen is None:
        walk.say("talk.move_gone")
        walk.next = ("status", number)
        return
    if chosen.form is None:
        _perform(walk, number, action, {})
        return
    form, subject = chosen.form, subject_of(walk, number)
    ctx = walk.context(subject)
    turn = _begun(walk, form, ctx, subject)
    for name, value in presets.items():
        if turn.state is not None and turn.state.at == name:
            turn = engine.advance(form, turn.state, Submit(turn.turn, {name: value}), ctx)
    settle(walk, form, walk.take(turn))


def subject_of(walk: Walk, number: str) -> str:
    """Name what a move's form is about so that its form is found again: procedure, version."""
    filing = sight.find(walk.unit, citizen(walk.peer.id), number)
    return f"{filing.procedure} {filing.procedure_version} {number}"


def finish(walk: Walk, form: AnyForm, done: Done) -> None:
    """File what was written, or make the move."""
    before = walk.was
    walk.end()
    if form.id == call_back.FORM.id and before is not None:
        calls.finish(walk, before, done)
        return
    if form.id == ordinary_form.FORM.id and before is not None:
        ordinary.finish(walk, before, done)
        return
    if form.id.startswith("move."):
        number = done.subject.split(" ")[-1]
        _perform(walk, number, form.id.removeprefix("move."), done.answers)
        bring_back(walk, before)
        return
    svc = walk.parts.svc
    alike = _alike(walk, form, done)
    if not _keeps(walk, form, done):
        bring_back(walk, before)
        cases.offer(walk, alike)
        return
    again = refiling.lost(svc, walk.unit, done.subject)
    prefs = filings.Prefs(
        channel=walk.inbound.channel,
        account=walk.inbound.account,
        lang=walk.lang,
        at=again.at if again else walk.now,
        link=getattr(done.answers, "link", "no") != "no",
        own_page=not walk.messenger,
        again=again,
    )
    filed = filings.file(svc, walk.unit, form.id, done.answers, walk.peer.id, prefs)
    walk.finished = True
    walk.replies += filed.replies
    walk.forget = True
    walk.kept = not filed.anonymous
    if filed.anonymous and questions.forget(svc, walk.unit, walk.peer.id):
        walk.say("answers.untold")  # a question may tell the same, beside who asked it (S1)
    if walk.kept:
        bring_back(walk, before, _files_of(done))
        cases.offer(walk, alike)
    elif engine.latest(before) is not None:
        # It may hold the same words; beside its writer they would undo "without a name" (S1).
        for file in rows.of_peer(walk.unit, walk.peer.id):
            walk.blobs += rows.remove(walk.unit, file)
        walk.say("dialog.waits_not")


def _alike(walk: Walk, form: AnyForm, done: Done) -> Sought:
    """Search for cases that are like what was told, where the procedure's file says by what."""
    name = walk.parts.svc.procedures.on(form.id, seoul_day(walk.now)).filing.cases
    told = getattr(done.answers, name, "") if name else ""
    return cases.good(walk, told) if isinstance(told, str) and told else Sought()


def _files_of(done: Done) -> frozenset[str]:
    files = getattr(done.answers, "proof", ())
    return frozenset(str(one.ref) for one in files or ())


def _keeps(walk: Walk, form: AnyForm, done: Done) -> bool:
    """Tell whether anything is filed; some forms are of use without (`only`), and say so."""
    svc = walk.parts.svc
    only = svc.procedures.on(form.id, seoul_day(walk.now)).filing.only
    if only is None or only.holds(done.answers.model_dump(mode="json")):
        return True
    walk.say(f"{form.id}.not_filed", HOME)
    return False


def _perform(walk: Walk, number: str, action: str, answers: Any) -> None:
    done = moves.perform(
        walk.parts.svc, walk.unit, citizen(walk.peer.id), number, None, action, answers
    )
    walk.replies += done.replies
    if not done.replies:
        walk.say("talk.done")


def _expect_files(walk: Walk, state: State | None) -> None:
    """Note files that still lie at the vendor; what the form did not take is not fetched.

    What it did not take of those that the page stored is deleted.
    """
    event = walk.inbound.event
    if not isinstance(event, Attach) or state is None:
        return
    kept = dumped(state).decode()
    walk.discard([file for file in event.files if file.ref not in kept])
    locators = {source.ref: source.locator for source in walk.inbound.sources}
    for file in event.files:
        if locators.get(file.ref) and file.ref in kept:
            attachments.expect(walk.parts.svc, walk.unit, walk.peer.id, file, locators[file.ref])


def _album_waits(walk: Walk, state: State) -> bool:
    """Put a further picture of an album where its first ones are: in the dialog that waits."""
    event, mark = walk.inbound.event, f"album:{walk.inbound.album}"
    if not isinstance(event, Attach) or event.text or mark in state.seen:
        return False
    for key, waited in state.parked.items():
        before = State.from_json({**waited, "turn": 0}) if isinstance(waited, dict) else state
        form = walk.form_of(before) if mark in before.seen else None
        after = (
            engine.advance(form, before, event, walk.context(before.subject))
            if form is not None
            else None
        )
        if after is not None and after.state is not None:
            walk.state = replace(state, parked={**state.parked, key: engine.kept(after.state)})
            _expect_files(walk, walk.state)
            said = [reply for reply in after.replies if isinstance(reply, Say)]
            walk.replies += said
            walk.silent = not said
            return True
    return False


def _same_album(walk: Walk, before: State, turn: Turn) -> bool:
    """Keep a further picture of an album in silence: the answer to the first stands for all."""
    mark = f"album:{walk.inbound.album}"
    if walk.inbound.album is None or turn.state is None:
        return False
    first = mark not in before.seen
    turn.state.seen = [*(s for s in turn.state.seen if not s.startswith("album:")), mark]
    shown = [reply for reply in turn.replies if isinstance(reply, Ask | Page)]
    wrong = len(turn.replies) > len(shown) or any(reply.error for reply in shown)
    if first or wrong:
        return False
    turn.state.turn, turn.state.offered = before.turn, before.offered
    _expect_files(walk, turn.state)
    walk.state = turn.state
    walk.silent = True
    return True
