"""One turn at work: a copy of the state, what is said on the way, and how it moves on."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.dialogs.board import Board, Offer
from bot.dialogs.fields import LongText
from bot.dialogs.form import Choose, Reject
from bot.dialogs.remarks import Remark, remarks
from bot.dialogs.replies import Phrase, Say
from bot.dialogs.scene import Scene, counted
from bot.dialogs.state import Cancelled, Done, Leave, State, Turn
from bot.dialogs.view import STUCK, draw

if TYPE_CHECKING:
    from bot.dialogs.events import Json
    from bot.dialogs.form import AnyForm, Context, Step
    from bot.dialogs.replies import Reply, Words
    from bot.dialogs.state import Outcome


@dataclass(slots=True)
class Play:
    """The working copy of one turn. Nothing outside sees it before it is done."""

    form: AnyForm
    state: State
    ctx: Context
    says: list[Remark | Reply] = field(default_factory=list)
    error: Phrase | None = None
    errors: dict[str, Phrase] = field(default_factory=dict)
    masked: tuple[str, ...] = ()
    halves: bool = False
    last: Scene | None = None  # good until an answer changes

    def scene(self) -> Scene:
        return Scene(self.form, self.state, self.ctx, self.error, self.errors)

    def step(self) -> Step | None:
        return self.form.step(self.state.at) if self.state.at else None

    def say(self, text: Words, *offers: Offer) -> None:
        self.says.append(Remark(text, offers))

    # Moving on

    def accept(self, step: Step, value: Json) -> None:
        """Keep an answer (None is a skip) and go on."""
        self.state.answers[step.name] = value
        self.state.drafts.pop(step.name, None)
        if value is not None:
            step.settle(value, self.state.answers)
        self.go_on()

    def go_on(self) -> None:
        """Stand at the first question that is still open, or at the summary."""
        state = self.state
        self.last = self.scene()
        state.at = next_open(self.last)
        state.hold, state.held = "", None
        state.editing = False
        self.calm()
        self.enter()

    def calm(self) -> None:
        """Forget wrong answers: the last one was right."""
        self.state.misses, self.state.error = 0, ""

    def enter(self) -> None:
        """Lay out what was written before, when a story is opened again or come back to."""
        step = self.step()
        if step is not None and step.ask == "if_unknown":
            asked = f"asked:{step.name}"
            self.state.seen += [] if asked in self.state.seen else [asked]
        if not isinstance(step, LongText):
            return
        draft, text = self.state.drafts.get(step.name), self.state.answers.get(step.name)
        if isinstance(draft, dict):
            by = draft.get("by")
            self.state.drafts[step.name] = {**draft, "by": "answer" if by == "typed" else by}
        elif text:
            self.state.drafts[step.name] = {"text": text, "by": "answer"}

    def stand_at(self, name: str | None) -> None:
        """Go back, or to an answer that is to be changed; a hidden step is never stood at."""
        visible = {step.name for step in self.scene().visible}
        self.state.at = name if name in visible else next_open(self.scene())
        self.state.hold, self.state.held = "", None
        self.calm()
        self.enter()

    def reject(self, step: Step, why: Reject) -> None:
        """Say what was wrong, never in the same words twice in a row."""
        state = self.state
        if isinstance(why, Choose):
            candidates: list[Json] = [found.json() for found in why.candidates]
            state.drafts[step.name] = {"said": why.said, "candidates": candidates}
            self.calm()
            return
        state.misses += 1
        own = self.form.reject(step, why, self.ctx.texts)
        example = self._example(step)
        general = Phrase("error.again" if state.misses < STUCK else "error.stuck", example)
        first = own if state.misses < STUCK else general
        other = general if first is own else own
        self.error = other if state.error == first.key else first
        state.error = self.error.key

    def _example(self, step: Step) -> dict[str, Words]:
        key = f"{self.form.base(step)}.example"
        known = self.ctx.texts.has(key)
        return {"example": Phrase(key if known else f"example.{step.input}")}

    def remark(self, text: str, kinds: tuple[str, ...] = (), *, kept: bool = True) -> None:
        """Say what certain words call for, each once in a dialog."""
        for name, remark in remarks(text, kinds, self.state.seen, self.ctx.site, kept=kept):
            self.state.seen.append(name)
            self.says.append(remark)

    # Ending the turn

    def turn(self, outcome: Outcome | None = None) -> Turn:
        """Show where the dialog stands now, one turn later."""
        state = self.state
        if outcome is None and state.at is None and not self.form.summary:
            return self.finish()
        state.turn += 1
        scene = self.last or self.scene()
        scene.error, scene.errors = self.error, self.errors
        self._notices(scene)
        view = draw(scene)
        replies = (*self._said(scene.board), view)
        state.offered = scene.board.json()
        return Turn(state, replies, outcome, state.turn, self.masked, self.halves)

    def _said(self, board: Board) -> list[Reply]:
        """Give what was said; its buttons are numbered after those of the question.

        So a question that is shown again without them keeps its numbers.
        """
        return [
            Say(said.text, board.put_all(said.offers), self.state.turn)
            if isinstance(said, Remark)
            else said
            for said in self.says
        ]

    def _notices(self, scene: Scene) -> None:
        """Say the words that stand above the question, once each."""
        here = scene.step()
        page = here.group if here is not None and self.ctx.pages else None
        for step in scene.visible:
            if step.input != "notice" or step.name in self.state.seen:
                continue
            if page is not None and step.group == page:  # the page shows it as a field
                self.state.seen.append(step.name)
                continue
            if here is not None and scene.visible.index(step) > scene.visible.index(here):
                break
            base = self.form.base(step)
            infos = tuple(
                Offer(Phrase(f"{base}.info.{info}"), "show", f"{base}.info.{info}_text", "info")
                for info in step.infos
            )
            self.say(Phrase(f"{base}.ask"), *infos)
            self.state.seen.append(step.name)

    def close(self, outcome: Outcome, *replies: Reply) -> Turn:
        """End the dialog; the turn number outlives it."""
        said = self._said(Board())
        over = (*said, *replies)
        return Turn(None, over, outcome, self.state.turn + 1, self.masked, self.halves)

    def finish(self) -> Turn:
        """Give the result, or stand at what is still missing."""
        missing = next_open(self.scene())
        if missing is not None:
            self.stand_at(missing)
            return self.turn()
        answers = self.form.result(self.state.answers, self.ctx)
        return self.close(Done(answers, self.state.subject))

    def cancel(self) -> Turn:
        return self.close(Cancelled(), Say(Phrase("dialog.cancelled")))

    def leave(self, before: State, command: str, arg: str = "") -> Turn:
        """Give a command back to the receiver; the dialog stays as it was."""
        return Turn(before, (), Leave(command, arg), before.turn, self.masked, self.halves)


def next_open(scene: Scene) -> str | None:
    """Give the first question that has no answer yet; None when the form is complete."""
    for step in scene.visible:
        if step.input == "notice" or step.ask == "edit" or step.name in scene.known:
            continue
        if step.ask == "if_unknown" and step.known and step.known(scene.known):
            continue
        return step.name
    return None


def last_question(scene: Scene) -> str | None:
    """Give the question before the summary."""
    names = counted(scene)
    return names[-1] if names else None
