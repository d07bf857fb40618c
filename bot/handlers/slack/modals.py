"""Forms as Slack's modals: pure functions from a form to a view, and from a view to raw answers.

The steps of a form stay the only place that knows what is asked and what is accepted. A block is
named after its field, so that Slack keeps what was typed when the view is drawn again, and shows
an error where it belongs. What comes back proves nothing: the services check it all once more.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from bot.dialogs.events import Raw
from bot.dialogs.form import Found, Is
from bot.dialogs.lookup import Lookup
from bot.dialogs.replies import Cards, Option, Phrase, Reply, Say, Words
from bot.handlers import fields
from bot.handlers.fields import Choice, Field
from bot.handlers.slack.blocks import Block, Speak, joined, line, plain, short
from bot.handlers.slack.render import render
from bot.services.office import Asked

TITLE: Final = 24  # title, submit, close (slack_sdk.models.views.View)
LABEL: Final = 2000  # label and hint of an input
INPUT: Final = 3000  # what can be typed, and what stands there at first
OPTION: Final = 75  # an option's text and description
OPTION_VALUE: Final = 150
OPTIONS: Final = 100  # of a select
FEW: Final = 10  # radio buttons, check boxes
VIEW: Final = 100  # blocks
META: Final = 3000
ERROR: Final = 2000

DO: Final = "do"
"""`callback_id` of a view that does something when it is sent."""
SHOW: Final = "show"
"""… and of one that only shows."""
FIELD: Final = "f:"


@dataclass(frozen=True, slots=True)
class Meta:
    """What a view is about, as it comes back from Slack: to be checked like any other input."""

    what: str
    number: str
    version: int | None


def opening(
    asked: Asked,
    speak: Speak,
    values: Mapping[str, Raw] | None = None,
) -> Block:
    """Give the view of a form, with what is known already or was typed before."""
    typed = dict(asked.prefill if values is None else values)
    shown = _visible(asked, typed, speak)
    hang = {step.when.name for step in asked.form.steps if isinstance(step.when, Is)}
    # Pressed on one card of many: which filing it is must stand here too.
    number = asked.number if asked.headed else None
    blocks = [*_text(number, speak), *_text(asked.text, speak)]
    blocks += [_block(one, speak, live=one.name in hang) for one in shown]
    meta = {"w": asked.what, "n": asked.number, "v": asked.version}
    return _view(
        asked.title,
        blocks,
        speak,
        submit="slack.modal.submit",
        callback=DO,
        meta=json.dumps(meta, separators=(",", ":")),
    )


def waiting(title: Words, speak: Speak) -> Block:
    """Give what stands there while a form is got ready: the trigger lasts three seconds."""
    return _view(title, _text(Phrase("slack.modal.waiting"), speak), speak)


def words(title: Words, reply: Reply, speak: Speak) -> Block:
    """Give a view that shows something to read; what is over Slack's limit is left to the desk."""
    made: list[Block] = [block for message in render(reply, speak) for block in message.blocks]
    if len(made) > VIEW:
        made = [*made[: VIEW - 1], *_text(Phrase("slack.modal.more"), speak)]
    return _view(title, made, speak)


def done(reply: Say | Cards, speak: Speak) -> Block:
    """Give what stands there when it is done."""
    return words(Phrase("slack.modal.done"), reply, speak)


def refused(why: Words, speak: Speak, url: str = "") -> Block:
    """Say why it was not done, and give the way that remains."""
    options = (Option(Phrase("slack.open_desk"), url=url),) if url else ()
    return words(Phrase("slack.modal.refused"), Say(why, options), speak)


def about(view: Mapping[str, Any]) -> Meta | None:
    """Read what a view is about; None for what no view of ours says."""
    text = view.get("private_metadata")
    if not isinstance(text, str) or not text or len(text) > META:
        return None
    try:
        raw = json.loads(text)
    except ValueError:
        return None
    match raw:
        case {"w": str(what), "n": str(number), "v": int(version) | (None as version)}:
            return None if isinstance(version, bool) else Meta(what, number, version)
    return None


def read(view: Mapping[str, Any]) -> dict[str, Raw]:
    """Give what stands in the fields of a view as raw answers; an empty field is none."""
    found: dict[str, Raw] = {}
    state = view.get("state")
    values = state.get("values") if isinstance(state, Mapping) else None
    for name, held in (values or {}).items():
        for element in held.values() if isinstance(held, Mapping) else ():
            value = _value(element)
            if value is not None and value != "":
                found[str(name)] = value
    return found


def redrawn(asked: Asked, view: Mapping[str, Any], speak: Speak) -> Block:
    """Give the view again as its answers now want it: fields come and go, what was typed stays."""
    return opening(asked, speak, read(view))


def errors(wrong: Mapping[str, Words], view: Mapping[str, Any], speak: Speak) -> dict[str, str]:
    """Give errors by field, as `response_action: errors` takes them.

    What is wrong with a field that is not shown stands at the first that is, with its reason.
    Empty: the view has no field at all.
    """
    inputs = [one["block_id"] for one in view.get("blocks", ()) if one.get("type") == "input"]
    found: dict[str, list[str]] = {}
    for name, why in wrong.items():
        place = name if name in inputs else next(iter(inputs), None)
        if place is not None:
            found.setdefault(place, []).append(line(speak(why)))
    return {place: short(" ".join(said), ERROR) for place, said in found.items()}


def listed(asked: Asked, block_id: str) -> str:
    """Name the list that a field looks things up in; "" for any other field."""
    step = asked.form.step(block_id)
    return step.list if isinstance(step, Lookup) else ""


def suggestions(found: Iterable[Found]) -> list[Block]:
    """Give what was looked up as the options of a select."""
    return [_option(Choice(one.value, one.label)) for one in list(found)[:OPTIONS]]


def _visible(asked: Asked, typed: Mapping[str, Raw], speak: Speak) -> Iterator[Field]:
    form, ctx = asked.form, asked.context
    steps, _ = form.walk(dict(typed), ctx)
    names = {step.name for step in steps}
    for one in fields.fields(form, dict(typed), ctx, _say(speak)):
        if one.name in names:
            yield one


def _say(speak: Speak) -> fields.Say:
    return lambda said: joined(speak(said))


def _text(said: Words | None, speak: Speak) -> list[Block]:
    if said is None:
        return []
    return [block for message in render(Say(said), speak) for block in message.blocks]


def _view(
    title: Words,
    blocks: Sequence[Block],
    speak: Speak,
    *,
    submit: str = "",
    callback: str = SHOW,
    meta: str = "",
) -> Block:
    close = "slack.modal.cancel" if submit else "slack.modal.close"
    view: dict[str, Any] = {
        "type": "modal",
        "callback_id": callback,
        "title": plain(line(speak(title)), TITLE),
        "close": plain(line(speak(Phrase(close))), TITLE),
        "blocks": list(blocks)[:VIEW],
    }
    if submit:
        view["submit"] = plain(line(speak(Phrase(submit))), TITLE)
    if meta:
        view["private_metadata"] = meta
    return view


def _block(field: Field, speak: Speak, *, live: bool) -> Block:
    if field.input in {"notice", "none"}:
        return {"type": "section", "block_id": field.name, "text": plain(field.label, INPUT)}
    made: dict[str, Any] = {
        "type": "input",
        "block_id": field.name,
        "label": plain(field.label, LABEL),
        "element": _element(field, speak),
        "optional": field.optional,
    }
    if field.hint:
        made["hint"] = plain(field.hint, LABEL)
    if live:
        made["dispatch_action"] = True
    return made


def _element(field: Field, speak: Speak) -> Block:
    name: dict[str, Any] = {"action_id": f"{FIELD}{field.name}"}
    match field.input:
        case "choice" | "lookup" | "consent":
            return name | _one_of(field, speak)
        case "many":
            return name | _some_of(field)
        case "day":
            return name | {"type": "datepicker"} | _first_day(field.value)
        case "files":
            return name | {"type": "file_input", "max_files": min(field.most or 1, FEW)}
        case "email":
            return name | {"type": "email_text_input"} | _first(field.value)
    most = min(field.max or INPUT, INPUT)
    element = {"type": "plain_text_input", "multiline": field.rows > 1, "max_length": most}
    return name | element | _first(field.value[:most])


def _one_of(field: Field, speak: Speak) -> dict[str, Any]:
    """Few to choose among stand there, many are a list, what is not known yet is looked up."""
    options = [_option(one) for one in field.options[:OPTIONS]]
    chosen = [one for one in options if one["value"] == field.value]
    first = {"initial_option": chosen[0]} if chosen else {}
    if not options or len(field.options) > OPTIONS:
        hint = {"placeholder": plain(line(speak(Phrase("slack.modal.look_up"))), OPTION)}
        return {"type": "external_select", "min_query_length": 1, **hint}
    if len(options) <= FEW and field.input != "lookup":
        return {"type": "radio_buttons", "options": options, **first}
    return {"type": "static_select", "options": options, **first}


def _some_of(field: Field) -> dict[str, Any]:
    options = [_option(one) for one in field.options[:OPTIONS]]
    chosen = [one for one in options if one["value"] in field.values]
    first = {"initial_options": chosen} if chosen else {}
    kind = "checkboxes" if len(options) <= FEW else "multi_static_select"
    return {"type": kind, "options": options, **first}


def _option(one: Choice) -> Block:
    made: dict[str, Any] = {"text": plain(one.label, OPTION), "value": one.value[:OPTION_VALUE]}
    if one.hint:
        made["description"] = plain(one.hint, OPTION)
    return made


def _first(value: str) -> dict[str, Any]:
    return {"initial_value": value} if value else {}


def _first_day(value: str) -> dict[str, Any]:
    try:
        return {"initial_date": date.fromisoformat(value).isoformat()}
    except ValueError:
        return {}


def _value(element: object) -> Raw:
    """Read one element of a view's state, whatever its kind."""
    match element:
        case {"selected_option": {"value": str(value)}} | {"selected_date": str(value)}:
            return value
        case {"selected_options": list(chosen)}:
            kept = [one["value"] for one in chosen if isinstance(one, Mapping) and "value" in one]
            return kept or None
        case {"type": "plain_text_input" | "email_text_input", "value": str(value)}:
            return value
    return None
