"""Words that were typed: a command, a button's label, a side question, or an answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.dialogs.acts import act, aside, back, cancel, done, later, skip, stay
from bot.dialogs.commands import HERE, OWN, command_of
from bot.dialogs.form import Reject
from bot.dialogs.matching import choose
from bot.dialogs.replies import Phrase, dump_all
from bot.dialogs.scene import elsewhere
from bot.dialogs.taking import hide, take_text
from bot.dialogs.view import draw, offers_of
from knowledge.korean import fold, ordinal
from knowledge.slots import is_question

if TYPE_CHECKING:
    from bot.dialogs.board import Offer
    from bot.dialogs.events import Command
    from bot.dialogs.form import Step
    from bot.dialogs.play import Play
    from bot.dialogs.scene import Scene
    from bot.dialogs.state import State, Turn

# These have words of their own (뒤로, 그만, 나중에), so a number never means them.
_NOT_COUNTED = frozenset({"back", "cancel", "later"})


def typed(play: Play, origin: State, text: str) -> Turn:
    """Take words that were typed."""
    text = hide(play, text)
    if play.state.hold:
        picked = pick(play, text)
        if picked is not None:
            return act(play, origin, picked.act, picked.value)
    command = command_of(text, play.ctx.opens)
    if command is not None:
        return commanded(play, origin, command)
    if play.state.hold:
        _let_go(play)
    step = play.step()
    kept = step is not None and not step.closed
    play.remark(text, step.remarks if step else (), kept=kept)
    return _at_question(play, origin, text)


def _let_go(play: Play) -> None:
    """Go on from a question beside the form: what comes now is about the form again."""
    if play.state.hold == "aside":
        aside(play)
    stay(play)


def _at_question(play: Play, origin: State, text: str) -> Turn:
    scene = play.scene()
    step = scene.step()
    if step is None or step.closed or elsewhere(scene, step) or _on_page(play):
        picked = pick(play, text)
    else:
        picked = _at_step(play, scene, step, text)
    if picked is not None:
        return act(play, origin, picked.act, picked.value)
    if step is None or _on_page(play):
        _not_here(play, "error.summary" if step is None else "error.on_page")
    elif elsewhere(scene, step):
        play.says.extend(play.ctx.aside or ())
    elif not _ended(play, step, text):
        _answered(play, step, text)
    return play.turn()


def _ended(play: Play, step: Step, text: str) -> bool:
    """End the question if the words say that there is no more, or nothing."""
    word = HERE.get(fold(text))
    if word is None or not (step.collects if word == "done" else step.optional):
        return False
    state = play.state
    collected = step.collects and (state.answers.get(step.name) or state.drafts.get(step.name))
    if collected or (word == "done" and not step.optional):
        done(play)
    else:
        skip(play)
    return True


def _answered(play: Play, step: Step, text: str) -> None:
    """Take an answer; words that are clearly a question to the service are asked back."""
    if not step.closed and play.ctx.aside and is_question(text):
        held = dump_all(play.ctx.aside).decode()
        play.state.hold, play.state.held = "aside", {"text": text, "aside": held}
    else:
        take_text(play, text)


def _on_page(play: Play) -> bool:
    step = play.step()
    return step is not None and play.ctx.pages and step.group is not None


def _not_here(play: Play, error: str) -> None:
    """Answer a side question where no words are asked for, or say what to do instead."""
    if play.ctx.aside:
        play.says.extend(play.ctx.aside)
        return
    play.state.misses += 1
    play.error = Phrase(error if play.state.error != error else "error.press")
    play.state.error = play.error.key
    if play.state.at is None:  # a summary has no place for what was wrong
        play.say(play.error)


def pick(play: Play, text: str) -> Offer | None:
    """Give the offer that is meant by a number, its label or a clear part of it.

    A number never files: who sends the last answer's number twice has not read the summary, and
    the button's words are what says that the notice was seen.
    """
    offers = [offer for offer in _offers(play) if offer.act not in _NOT_COUNTED]
    labels = [_label(play, offer) for offer in offers]
    place = choose(text, labels, [offer.word for offer in offers])
    if place is None or (offers[place].act == "confirm" and ordinal(text) is not None):
        return None
    return offers[place]


def _at_step(play: Play, scene: Scene, step: Step, text: str) -> Offer | None:
    """Give the offer that is meant at an open question: by its label, where words are answers."""
    shown = step.present(
        play.form.base(step), play.state.drafts.get(step.name), scene.known, play.ctx
    )
    if shown.closed:
        return pick(play, text)
    if len(text) > 40:
        return None
    offers = offers_of(scene, step, shown.picks)
    said = fold(text)
    return next((offer for offer in offers if fold(_label(play, offer)) == said != ""), None)


def _offers(play: Play) -> list[Offer]:
    scene = play.scene()
    draw(scene)
    return scene.board.offers


def _label(play: Play, offer: Offer) -> str:
    return play.ctx.texts.render(offer.label, play.ctx.lang, play.ctx.site)


def commanded(play: Play, origin: State, command: Command) -> Turn:
    """Do a command that is the form's own; give every other one back."""
    if command.name not in OWN:
        return play.leave(origin, command.name, command.arg)
    if command.name == "later":
        stay(play)
        return later(play)
    if command.name == "new":
        play.state.hold, play.state.held = "draft", {"command": play.form.id}
    else:
        {"back": back, "stop": cancel, "continue": stay, "skip": _skip}[command.name](play)
    return play.turn()


def _skip(play: Play) -> None:
    scene = play.scene()
    step = scene.step()
    if play.state.hold or step is None or elsewhere(scene, step) or _on_page(play):
        return
    if step.optional:
        skip(play)
    else:
        play.reject(step, Reject("needed"))
