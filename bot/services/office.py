"""What an official can do from the messenger (security S29): a little, and never the grave.

Receive, assign, note, nudge, put off, and at the level `full` read; everything else opens the
desk. The guards of a move are the move's own: nothing is easier here than there.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import create_model

from bot.dialogs.form import Context, Form, Found
from bot.dialogs.put_off import FORM as PUT_OFF
from bot.dialogs.replies import Card, Cards, Phrase, Say, Words
from bot.errors import Refused
from bot.services import cards, matter, moves, nudges, office_apply, sight, views
from bot.services.base import Actor, Desk
from bot.services.cards import FULL, MOVES, NUMBERS
from bot.services.homes import Home, Line, Shelf, home
from bot.services.lookups import Lists
from bot.services.orders import command
from bot.services.sight import Filing
from bot.services.views import FilingView
from storage.unit import Unit

__all__ = [
    "FULL", "MAY", "NUMBERS", "Asked", "Home", "Line", "Shelf", "command", "do", "find", "form", "home",
    "words",
]  # fmt: skip

MAY = frozenset(FULL)
FIELDS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "numbers": {"assign": ("handler",), "reassign": ("handler",)},
    "full": {"assign": ("handler", "kind"), "reassign": ("handler",), "note": ("text",)},
}
"""What a form asks at each level. Naming the unit is a guard's affair, and so the desk's."""

APART = frozenset({*matter.APART, "who", "share", "link", "proof"})
"""Answers that are not the words of a report, or nobody's business here."""

TALK = frozenset({"supplement_reply", "message"})
MOST = 5  # of what the reporter wrote later
LISTED = 100


@dataclass(frozen=True, slots=True)
class Asked:
    """A form to fill in: what for, the steps with their context, and what is known already."""

    what: str
    number: str
    version: int
    title: Words
    form: Form[Any]
    context: Context
    prefill: Mapping[str, Any] = field(default_factory=dict)
    text: Words | None = None
    headed: bool = True  # `number` is that of a filing, and stands above the fields


def form(svc: Desk, unit: Unit, actor: Actor, what: str, number: str) -> Asked | None:
    """Give the form of an act; None: there is nothing to fill in. Raises `Refused` as `do`."""
    if what == office_apply.APPLY:
        return _application(svc, unit, actor, number)
    filing = _allowed(svc, unit, actor, what, number)
    title = Phrase(f"office.act.{what}")
    if what == "snooze":
        context = nudges.context(svc)
        return Asked(what, filing.number, filing.version, title, PUT_OFF, context)
    if what not in MOVES:
        return None
    open_ = {one.action: one for one in moves.available(svc, unit, actor, filing.number)}
    if what not in open_:
        raise Refused("move.not_now")
    asked = open_[what]
    if asked.blocked:
        blocked = asked.blocked[0]
        raise Refused(blocked.key if isinstance(blocked, Phrase) else "move.not_now")
    names = _names(svc, what)
    if asked.form is None or not names:
        return None
    return Asked(
        what,
        filing.number,
        filing.version,
        title,
        _narrowed(asked.form, names),
        moves.context(svc, unit, filing),
        {name: value for name, value in asked.prefill.items() if name in names},
    )


def _application(svc: Desk, unit: Unit, actor: Actor, procedure: str) -> Asked:
    whole, context = office_apply.asked(svc, unit, actor, procedure)
    form = _narrowed(whole, office_apply.names(whole))
    title = Phrase("office.act.apply")
    known = Phrase("office.apply.files")
    return Asked(office_apply.APPLY, procedure, 0, title, form, context, text=known, headed=False)


def do(
    svc: Desk,
    unit: Unit,
    actor: Actor,
    what: str,
    number: str,
    version: int | None,
    answers: Mapping[str, Any],
) -> Say | Cards:
    """Do it and say what was done.

    Raises `Refused` office.desk_only (with the desk's page), office.guard_first,
    office.ask_first, filing.unknown, what the move itself refuses; `moves.BadFields`.
    """
    if what == office_apply.APPLY:
        return office_apply.do(svc, unit, actor, number, answers, _narrowed)
    filing = _allowed(svc, unit, actor, what, number)
    if what == "read":
        return words(svc, unit, actor, number)
    if what == "remind":
        name = nudges.remind(svc, unit, actor, filing.number)
        return _done(svc, filing, what, name=name)
    if what == "snooze":
        until = nudges.put_off(svc, unit, actor, filing.number, answers)
        return _done(svc, filing, what, at=until.isoformat())
    given = {name: answers[name] for name in _names(svc, what) if name in answers}
    seen = filing.version if version is None else version
    moves.perform_once(svc, unit, actor, filing.number, seen, what, given)
    return _done(svc, filing, what)


def words(svc: Desk, unit: Unit, actor: Actor, number: str) -> Cards:
    """Show what a report says; its opening is in the journal before anything is shown.

    Raises `Refused` office.desk_only (always at the level `numbers`), office.ask_first,
    filing.unknown.
    """
    filing = _allowed(svc, unit, actor, "read", number)
    view = views.view(svc, unit, actor, filing.number)
    if not view.acts:
        raise _at_desk(svc, filing.number)
    title = svc.title(filing.procedure)  # the window is called by the number
    told = (*_report(svc, view), *_later(view))
    return Cards(title, told, (cards.link(svc, filing.number),))


def find(svc: Desk, unit: Unit, actor: Actor, name: str, query: str) -> Sequence[Found]:
    """Give what a field may be filled with, best first; nothing of what is not asked here."""
    if name != "auditors" or not actor.roles:
        return ()
    lists = Lists.load(unit, svc.now())
    return lists.find(name, query, LISTED) if query.strip() else lists.all(name)[:LISTED]


def _allowed(svc: Desk, unit: Unit, actor: Actor, what: str, number: str) -> Filing:
    """Refuse what is the desk's, and what comes before it there."""
    if what not in MAY:
        raise Refused("office.unknown_act")
    if what not in cards.may(svc.office):
        raise _at_desk(svc, number)
    filing = sight.find(unit, actor, number)  # the move itself takes the lock
    if what in {"assign", "reassign"} and not cards.confirmed(unit, filing.id):
        url = f"{svc.desk_url}/filings/{filing.number}/guard"
        raise Refused("office.guard_first", number=filing.number, url=url)
    if what in {"note", "read"} and views.unasked(unit, actor, filing.number):
        raise Refused("office.ask_first", number=filing.number, url=_url(svc, filing.number))
    return filing


def _names(svc: Desk, what: str) -> tuple[str, ...]:
    return FIELDS[svc.office.level].get(what, ())


def _narrowed(whole: Form[Any], names: Sequence[str]) -> Form[Any]:
    """Keep the steps that are asked here; the others are optional, or the desk's."""
    steps = tuple(step for step in whole.steps if step.name in names)
    if len(steps) == len(whole.steps):
        return whole
    slots: dict[str, Any] = {
        name: (slot.annotation, slot)
        for name, slot in whole.answers.model_fields.items()
        if name in names
    }
    model = create_model(whole.answers.__name__, **slots)
    return Form(whole.id, whole.version, model, steps, summary=False)


def _report(svc: Desk, view: FilingView) -> Sequence[Card]:
    """Give what was filed, labelled as it was asked, without who filed it."""
    asked = svc.catalogue.form(view.row.procedure)
    found = []
    for step in asked.steps:
        value = view.answers.get(step.name)
        if step.transient or step.name in APART or value is None or value in ("", [], {}):
            continue
        base = asked.base(step)
        label = f"{base}.label" if svc.texts.has(f"{base}.label") else f"{base}.ask"
        found.append(Card(Phrase(label), step.show(base, value)))
    return found


def _later(view: FilingView) -> Sequence[Card]:
    said = [
        str(one.detail["text"])
        for one in view.timeline
        if one.kind in TALK and one.actor in {"citizen", "anonymous"} and one.detail.get("text")
    ]
    return [Card(Phrase("office.later"), text) for text in said[-MOST:]]


def _done(svc: Desk, filing: Filing, what: str, **more: str) -> Say:
    known = {"number": filing.number, **more}
    return Say(
        Phrase(svc.own(f"office.done.{what}", filing.procedure), known),
        (cards.link(svc, filing.number),),
    )


def _at_desk(svc: Desk, number: str) -> Refused:
    return Refused("office.desk_only", number=number, url=_url(svc, number))


def _url(svc: Desk, number: str) -> str:
    return f"{svc.desk_url}/filings/{number}"
