"""The last look before filing: every answer, shortened, each with its way to change it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.dialogs.board import BACK, LATER, Offer
from bot.dialogs.replies import Ask, Item, Phrase, Summary

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.dialogs.form import Step
    from bot.dialogs.replies import Words
    from bot.dialogs.scene import Scene

SHORT = 200
"""Longer answers are shortened in the summary; the whole stands behind [모두 보기]."""

_STOP = Offer(Phrase("dialog.cancel"), "cancel", role="cancel", danger=True)


def draw_summary(scene: Scene) -> Summary:
    """Show everything that would be filed. Pressing an item changes it."""
    form, board = scene.form, scene.board
    confirm = board.put(
        Offer(Phrase(f"{form.id}.summary.confirm"), "confirm", role="confirm", word="yes")
    )
    change = board.put(Offer(Phrase("dialog.change"), "edit", role="edit", word="no"))
    calls = board.put_all(_on_call(scene))
    rest = board.put_all([BACK, LATER, _STOP])
    items = tuple(_item(scene, step) for step in _listed(scene))
    notice = f"{form.id}.summary.notice"
    return Summary(
        Phrase(f"{form.id}.summary.text"),
        items,
        scene.state.turn,
        (confirm, change, *calls, *rest),
        Phrase(notice) if scene.ctx.texts.has(notice) else None,
    )


def draw_edit(scene: Scene) -> Ask:
    """Ask which answer is to be changed."""
    offers = [
        Offer(Phrase(f"{scene.form.base(step)}.label"), "edit", step.name, role="edit")
        for step in _listed(scene)
    ]
    back = Offer(Phrase("dialog.back_to_summary"), "stay", role="back")
    return Ask(
        "edit",
        "choice",
        Phrase("dialog.edit_ask"),
        scene.state.turn,
        error=scene.error,
        options=scene.board.put_all([*offers, back]),
    )


def _on_call(scene: Scene) -> Iterator[Offer]:
    """Give the steps that are only asked from here, and the notices that can be read again."""
    for step in scene.visible:
        base = scene.form.base(step)
        if step.ask == "edit" and step.group is None and scene.known.get(step.name) is None:
            yield Offer(Phrase(f"{base}.call"), "edit", step.name, role="edit")
        if step.input == "notice" and scene.ctx.texts.has(f"{base}.read"):
            yield Offer(Phrase(f"{base}.read"), "show", f"{base}.ask", role="info")


def _listed(scene: Scene) -> Iterator[Step]:
    for step in scene.visible:
        answered = scene.known.get(step.name) is not None
        if step.transient or step.shown == "never" or (step.shown == "answered" and not answered):
            continue
        yield step


def _item(scene: Scene, step: Step) -> Item:
    base, value = scene.form.base(step), scene.known.get(step.name)
    words: Words = Phrase(f"{base}.none")
    full: Words | None = None
    if value is not None:
        words = step.show(base, value)
    if isinstance(words, str) and len(words) > SHORT:
        words, full = f"{words[:SHORT].rstrip()}…", words
    label = Phrase(f"{base}.label")
    change = scene.board.put(Offer(label, "edit", step.name, role="edit"))
    return Item(step.name, label, words, change.index, full)
