"""A form is checked against the texts at the start: every sentence it may say must exist."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.dialogs.fields import Card, Choice, Consent, Many, Text
from bot.dialogs.lookup import Lookup
from bot.dialogs.sheet import TakeAway
from bot.errors import BadStart

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.dialogs.form import AnyForm, Step
    from bot.locale import Texts


def keys_of(form: AnyForm) -> Iterator[str]:
    """Give every key that a form needs in a dialog."""
    for step in form.steps:
        base = form.base(step)
        yield f"{base}.ask"
        yield from (f"{base}.{name}" for name in _parts(step))
        for info in step.infos:
            yield from (f"{base}.info.{info}", f"{base}.info.{info}_text")
    for group in {step.group for step in form.steps if step.group}:
        yield f"{form.id}.{group}.page"
    if form.summary:
        yield from (f"{form.id}.summary.text", f"{form.id}.summary.confirm")


def _parts(step: Step) -> Iterator[str]:
    if not step.transient:
        yield "label"
    if step.shown == "always":
        yield "none"
    if step.ask == "edit" and step.group is None:
        yield "call"
    yield from (f"options.{name}" for name in _names(step))
    if isinstance(step, Text):
        yield from (f"preset.{preset}" for preset in step.presets)
    elif isinstance(step, Lookup) and step.guess:
        yield "confirm"
    elif isinstance(step, TakeAway):
        yield from ("file", "link")
        yield from ("ask_off", "instead") if step.switch else ()


def _names(step: Step) -> tuple[str, ...]:
    """Give the names of a step's buttons."""
    if isinstance(step, Choice | Many):
        return step.values
    if isinstance(step, Card):
        return tuple(name for name, _, _ in step.buttons)
    if isinstance(step, Consent):
        return ("yes", "no")
    if isinstance(step, Lookup):
        return ("right", "other") if step.guess else ()
    return step.presets if isinstance(step, Text) else ()


def check(form: AnyForm, texts: Texts) -> None:
    """Raise `BadStart` for the first sentence that is missing; a translation may lack some."""
    for key in keys_of(form):
        if not texts.has(key):
            raise BadStart(form.id, key, "이 서식이 쓰는 문장이 없습니다")
