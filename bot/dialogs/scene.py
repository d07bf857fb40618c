"""A state with what follows from it: what is visible, what is known, what comes before and next."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.dialogs.board import Board
from bot.dialogs.form import Is, wanted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.dialogs.events import Json
    from bot.dialogs.form import AnyForm, Context, Step
    from bot.dialogs.replies import Phrase
    from bot.dialogs.state import State


@dataclass(slots=True)
class Scene:
    """A state with what follows from it: the visible steps and their answers."""

    form: AnyForm
    state: State
    ctx: Context
    error: Phrase | None = None
    errors: Mapping[str, Phrase] = field(default_factory=dict)
    board: Board = field(default_factory=Board)
    visible: list[Step] = field(init=False)
    known: dict[str, Json] = field(init=False)
    questions: list[str] | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        self.visible, self.known = self.form.walk(self.state.answers, self.ctx)

    def step(self) -> Step | None:
        """Give the step now, None at the summary."""
        return self.form.step(self.state.at) if self.state.at else None


def counted(scene: Scene) -> list[str]:
    """Give what counts as one question each, by the name of its first step."""
    if scene.questions is None:
        scene.questions = _count(scene)
    return scene.questions


def _count(scene: Scene) -> list[str]:
    names: list[str] = []
    groups: set[str] = set()
    for step in scene.visible:
        if not is_question(step, scene):
            continue
        if scene.ctx.pages and step.group:
            if step.group in groups:
                continue
            groups.add(step.group)
        names.append(step.name)
    return names


def is_question(step: Step, scene: Scene) -> bool:
    """Tell a question that is asked on the way from words, cards and steps known or on call."""
    if step.transient or step.ask == "edit":
        return False
    if step.ask == "always" or f"asked:{step.name}" in scene.state.seen:
        return True
    return step.name not in scene.known and not (step.known and step.known(scene.known))


def first_of(scene: Scene, step: Step) -> str:
    """Give the name under which a step counts: its page's first question, or its own."""
    if not (scene.ctx.pages and step.group):
        return step.name
    return next(
        other.name
        for other in scene.visible
        if other.group == step.group and is_question(other, scene)
    )


def progress(scene: Scene, step: Step) -> tuple[int, int] | None:
    """Give [n, of], None for what is no question on the way."""
    names = counted(scene)
    if step.transient or step.ask == "edit":
        return None
    return names.index(first_of(scene, step)) + 1, len(names)


def can_go_back(scene: Scene, step: Step) -> bool:
    """Tell whether there is a question before this one, or a summary to return to."""
    return scene.state.editing or before(scene, step) is not None


def before(scene: Scene, step: Step) -> str | None:
    """Give the question before this one: answered on the way, no card, no word."""
    names = counted(scene)
    places = {name: number for number, name in enumerate(names)}
    if step.name in places or (scene.ctx.pages and step.group):
        place = places.get(first_of(scene, step), 0)
    else:  # a card or an edit step: after the last question that stands before it
        earlier = scene.visible[: scene.visible.index(step)]
        place = len([other for other in earlier if other.name in places])
    return names[place - 1] if place else None


def value_of(scene: Scene, step: Step) -> Json:
    """Give what was answered or begun before, for a client that fills it in."""
    draft = scene.state.drafts.get(step.name)
    if isinstance(draft, dict):  # a story in pieces, or what a lookup is at
        return str(draft["text"]) if "text" in draft else None
    have = scene.known.get(step.name)
    return draft if draft is not None else have


def group_of(scene: Scene, group: str) -> list[Step]:
    """Give the steps of a page: the visible ones, and those that hang on one of them."""
    here = {step.name for step in scene.visible if step.group == group}
    return [
        step
        for step in scene.form.steps
        if step.group == group
        and wanted(step, scene.ctx)
        and (step.name in here or (isinstance(step.when, Is) and step.when.name in here))
    ]


def elsewhere(scene: Scene, step: Step) -> bool:
    """Tell whether this step has to be answered on the agency's own page, or offers it first."""
    if not step.personal or scene.ctx.personal == "yes":
        return False
    if scene.ctx.personal == "no":
        return True
    return step.group is not None and f"here:{step.group}" not in scene.state.seen
