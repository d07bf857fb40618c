"""Taking in what a person gave at the question at hand: words, or the fields of a page."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from bot.dialogs.board import Offer
from bot.dialogs.fields import LongText
from bot.dialogs.form import Choose, Reject
from bot.dialogs.replies import Phrase
from knowledge.identity import mask_numbers
from knowledge.korean import clean_line, fold

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bot.dialogs.events import Json, Raw
    from bot.dialogs.form import Step
    from bot.dialogs.play import Play

# So many letters are a story that must not be lost, fewer are a slip of the finger.
STORY = 8

# Six digits, a hyphen, seven digits: never let through, whatever the person says of it.
_PLAINLY = re.compile(r"\d{6}\s*[-–—−]\s*\d{7}(?!\d)")


def hide(play: Play, text: str) -> str:
    """Hide identity numbers before anything is kept (S27) and say so."""
    state = play.state
    if "unmask" in state.seen:
        state.seen.remove("unmask")
        if not _PLAINLY.search(unicodedata.normalize("NFKC", text)):
            return text
    masked = mask_numbers(text, play.ctx.today, state.tail)
    if masked.halves:
        _hide_first_half(play, state.tail.strip())
        play.halves = True
    state.tail, state.tail_in = masked.tail, ""
    if masked.found:
        play.masked += masked.found
        wrong = Offer(Phrase("masked.wrong"), "unmask", state.at, "info")
        play.say(Phrase("masked.text", {"shown": ", ".join(masked.found)}), wrong)
    return masked.text


def _hide_first_half(play: Play, tail: str) -> None:
    """Take the first half out of what was kept, now that the second one shows what it was."""
    for kept in (play.state.answers, play.state.drafts):
        for name, value in kept.items():
            if isinstance(value, str) and value.endswith(tail):
                kept[name] = value.removesuffix(tail) + "******"
            if isinstance(value, dict) and str(value.get("text", "")).endswith(tail):
                kept[name] = {**value, "text": str(value["text"]).removesuffix(tail) + "******"}


def take_text(play: Play, text: str) -> None:
    """Take words as the answer to the question at hand."""
    step = play.step()
    if isinstance(step, LongText):
        _more(play, step, text, "typed")
    elif step is not None:
        _parse(play, step, text)


def _more(play: Play, step: LongText, text: str, by: str) -> None:
    """Put a message under what was written; say what did not fit."""
    draft = play.state.drafts.get(step.name)
    kept = draft if isinstance(draft, dict) else {}
    if not clean_line(text):  # nothing that anybody could see: no part of a story
        if not kept.get("text"):
            play.reject(step, Reject("empty"))
        return
    whole, too_much = step.add(str(kept.get("text") or ""), text)
    play.state.drafts[step.name] = {**kept, "text": whole, "by": by}
    play.calm()
    if too_much:
        play.say(play.form.reject(step, Reject("long", most=f"{step.most:,}"), play.ctx.texts))


def _parse(play: Play, step: Step, text: str) -> None:
    try:
        value = step.parse(text, play.ctx)
    except Reject as why:
        if play.ctx.aside and not isinstance(why, Choose):
            play.says.extend(play.ctx.aside)
        elif step.closed and len(fold(text)) >= STORY and keep_words(play, text):
            play.say(Phrase("dialog.kept"))
        else:
            play.reject(step, why)
    else:
        play.accept(step, value)


def keep_words(play: Play, text: str) -> bool:
    """Keep a story that was told at the wrong question; False where the form has no place."""
    for step in play.scene().visible:
        if not isinstance(step, LongText) or (step.personal and play.ctx.personal == "no"):
            continue
        have = play.state.answers.get(step.name)
        if isinstance(have, str):
            play.state.answers[step.name] = step.add(have, text)[0]
        else:
            draft = play.state.drafts.get(step.name)
            by = draft.get("by") if isinstance(draft, dict) else "prefill"
            _more(play, step, text, str(by))
        return True
    return False


def take_field(play: Play, step: Step, raw: Mapping[str, Raw]) -> None:
    """Take the one field that is asked, as a page sends it."""
    given = _hide_field(play, raw.get(step.name, _stored(play, step.name)))
    answers = dict(play.state.answers)
    try:
        value = play.form.take(step, given, answers, play.ctx)
    except Reject as why:
        play.reject(step, why)
    else:
        play.accept(step, value)


def take_fields(play: Play, steps: Sequence[Step], raw: Mapping[str, Raw]) -> None:
    """Take several fields at once: all of them, or all errors."""
    answers = dict(play.state.answers)
    for step in steps:
        if step.transient:
            continue
        given = _hide_field(play, raw.get(step.name, _stored(play, step.name)))
        if step not in play.form.walk(answers, play.ctx)[0]:
            play.state.drafts[step.name] = given
            continue
        try:
            answers[step.name] = play.form.take(step, given, answers, play.ctx)
        except Reject as why:
            play.errors[step.name] = play.form.reject(step, why, play.ctx.texts)
        play.state.drafts[step.name] = given
    if play.errors:
        again = play.state.misses % 2 == 1
        play.state.misses += 1
        play.error = Phrase("error.page_again" if again else "error.page")
        return
    for step in steps:
        play.state.drafts.pop(step.name, None)
    play.state.answers = answers
    play.go_on()


def _stored(play: Play, name: str) -> Json:
    draft = play.state.drafts.get(name)
    if isinstance(draft, dict):
        return draft.get("text")
    return draft if draft is not None else play.state.answers.get(name)


def _hide_field(play: Play, raw: Raw) -> Raw:
    if not isinstance(raw, str):
        return raw
    masked = mask_numbers(raw, play.ctx.today)
    if masked.found:
        play.masked += masked.found
        play.say(Phrase("masked.text", {"shown": ", ".join(masked.found)}))
    return masked.text
