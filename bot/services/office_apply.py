"""Applying from the messenger: the form at the level `full`, at `numbers` the way to the desk.

Files are put in at the desk, and the head approves there alone (security S29).
"""

from collections.abc import Callable, Mapping
from typing import Any

from bot.dialogs.form import Context, Errors, Form
from bot.dialogs.replies import Card, Cards, Option, Phrase, Say
from bot.errors import Refused
from bot.services import applications, civic, rights
from bot.services.applications import Line
from bot.services.base import Actor, Desk
from bot.services.moves import BadFields
from bot.services.rights import Right
from knowledge.procedures import Procedure
from storage.unit import Unit

APPLY = "apply"
LISTED = 10

Narrow = Callable[[Form[Any], tuple[str, ...]], Form[Any]]


def meant(svc: Desk, text: str) -> str:
    """Give the procedure whose form a command opens here at once, "" for any other command."""
    wish = civic.understand(svc.texts, text).what
    return wish if svc.office.words and _rules(svc, wish) is not None else ""


def asked(svc: Desk, unit: Unit, actor: Actor, procedure: str) -> tuple[Form[Any], Context]:
    """Give what is asked, whoever may apply; raises `Refused` office.desk_only and as `apply`."""
    rules = _rules(svc, procedure)
    if rules is None or not rights.may(actor, Right.APPLY):
        raise Refused("access.not_allowed")
    if not svc.office.words:
        raise Refused("office.desk_only", number=rules.title, url=_new(svc, procedure))
    applications.in_whose_name(unit, actor)
    whole = svc.catalogue.form(procedure)
    return whole, applications.context(svc, unit)


def names(whole: Form[Any]) -> tuple[str, ...]:
    """Name the steps that can be asked here."""
    return tuple(step.name for step in whole.steps if step.input != "files")


def do(
    svc: Desk,
    unit: Unit,
    actor: Actor,
    procedure: str,
    given: Mapping[str, Any],
    narrow: Narrow,
) -> Say:
    """Put it before the head, and say so. Raises `Refused` as `asked`; `BadFields`."""
    whole, ctx = asked(svc, unit, actor, procedure)
    checked = narrow(whole, names(whole)).validate(given, ctx)
    if isinstance(checked, Errors):
        raise BadFields(dict(checked.by))
    answers = whole.answers.model_validate(checked.model_dump(mode="json"))
    filed = applications.apply(svc, unit, actor, procedure, answers, channel="slack")
    known = {"number": filed.number}
    return Say(Phrase("office.done.apply", known), (_page(svc, filed.number),))


def listed(svc: Desk, unit: Unit, actor: Actor, procedure: str) -> Cards:
    """Give what this official applied for and what waits for him, with the way to the desk."""
    rules = _rules(svc, procedure)
    if rules is None or not rights.may(actor, Right.APPLY):
        raise Refused("office.no_queue")
    lines = [
        line for line in applications.listed(svc, unit, actor) if line.row.procedure == procedure
    ]
    cards = tuple(_card(svc, line) for line in lines[:LISTED])
    way = Option(Phrase("office.apply.new", {"what": rules.title}), url=_new(svc, procedure))
    rest = Option(Phrase("office.apply.list"), url=f"{svc.desk_url}/applications")
    head = Phrase("office.apply.listed" if cards else "office.apply.none", {"what": rules.title})
    return Cards(head, cards, (way, rest))


def _card(svc: Desk, line: Line) -> Card:
    """Show a line: number, state and date, and no word of it."""
    row = line.row
    state = svc.state(row.procedure, row.state)
    text = Phrase("office.apply.line", {"number": row.number, "state": state})
    return Card("", text, (_page(svc, row.number),))


def _page(svc: Desk, number: str) -> Option:
    return Option(Phrase("office.open"), url=f"{svc.desk_url}/applications/{number}")


def _new(svc: Desk, procedure: str) -> str:
    return f"{svc.desk_url}/applications/new?procedure={procedure}"


def _rules(svc: Desk, procedure: str) -> Procedure | None:
    return next((one for one in svc.offered("official") if one.id == procedure), None)
