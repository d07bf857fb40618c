"""How a dialog looks now: the one question, page, summary or offer that the state stands at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.dialogs.board import BACK, CANCEL, HUMAN, Offer, submitted
from bot.dialogs.form import Is
from bot.dialogs.replies import Ask, Elsewhere, Option, Page, Phrase, Sheet
from bot.dialogs.scene import can_go_back, elsewhere, group_of, progress, value_of
from bot.dialogs.summary import draw_edit, draw_summary

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.dialogs.events import Json
    from bot.dialogs.form import Pick, Step
    from bot.dialogs.replies import Reply, Role, Words
    from bot.dialogs.scene import Scene

STUCK = 3
"""After so many wrong answers in a row the service shows a way to a person."""

_ROLES: dict[str, Role] = {
    "answer": "answer", "toggle": "answer", "open": "answer", "command": "answer",
    "skip": "skip", "done": "done", "retry": "retry", "show": "info",
}  # fmt: skip


def draw(scene: Scene) -> Reply:
    """Give the reply that the state stands at and fill the board."""
    step = scene.step()
    if scene.state.hold == "edit":
        return draw_edit(scene)
    if scene.state.hold:
        return _hold(scene)
    if step is None:
        return draw_summary(scene)
    if elsewhere(scene, step):
        return _elsewhere(scene, step)
    if scene.ctx.pages and step.group:
        return _page(scene, step)
    return _question(scene, step)


_HOLDS: dict[str, tuple[Offer, ...]] = {
    "cancel": (
        Offer(Phrase("dialog.cancel_yes"), "drop", role="confirm", danger=True, word="yes"),
        Offer(Phrase("dialog.cancel_no"), "stay", role="back", word="no"),
    ),
    "aside": (
        Offer(Phrase("dialog.aside_yes"), "aside", word="yes"),
        Offer(Phrase("dialog.aside_no"), "as_is", word="no"),
    ),
    "draft": (
        Offer(Phrase("dialog.draft_go_on"), "stay", word="yes"),
        Offer(Phrase("dialog.draft_new"), "new", word="no", danger=True),
    ),
}
HOLDS = frozenset({"", "edit", *_HOLDS})
"""What a state may hold beside the form."""


def _hold(scene: Scene) -> Ask:
    """Ask what stands beside the form: to cancel, a question in the middle, an old draft."""
    hold, state = scene.state.hold, scene.state
    held = state.held if isinstance(state.held, dict) else {}
    params = {"text": str(held.get("text", "")), "date": state.started}
    return Ask(
        hold,
        "choice",
        Phrase(f"dialog.{hold}_ask", params),
        state.turn,
        error=scene.error,
        options=scene.board.put_all(_HOLDS[hold]),
    )


def _elsewhere(scene: Scene, step: Step) -> Elsewhere:
    """Send the person to the agency's own page; whoever mints the link fills in the address."""
    here = f"here:{step.group}"
    offers = [BACK] if can_go_back(scene, step) else []
    if scene.ctx.personal == "offer":
        offers.insert(0, Offer(Phrase("elsewhere.here"), "here", here))
    key = "elsewhere.offer" if scene.ctx.personal == "offer" else "elsewhere.only"
    return Elsewhere(
        Phrase(key),
        label=Phrase("elsewhere.label"),
        options=scene.board.put_all([*offers, CANCEL]),
        turn=scene.state.turn,
        step=step.name,
    )


def _question(scene: Scene, step: Step) -> Ask | Sheet:
    base, state = scene.form.base(step), scene.state
    draft = state.drafts.get(step.name)
    shown = step.present(base, draft, scene.known, scene.ctx)
    stuck = [HUMAN] if state.misses >= STUCK else []
    back = [BACK] if can_go_back(scene, step) else []
    stop = [] if shown.blocks else [CANCEL]  # to end is one of the answers there
    offers = [*offers_of(scene, step, shown.picks), *stuck, *back, *stop]
    options = scene.board.put_all(offers)
    if shown.blocks and scene.error is None:  # what was wrong is said without all of it again
        return Sheet(shown.text, shown.blocks, shown.file, options, state.turn, step.name)
    return Ask(
        step.name,
        step.input,
        _with_brought(scene, step, base, shown.text),
        state.turn,
        hint=Phrase(f"{base}.hint")
        if shown.hint and scene.ctx.texts.has(f"{base}.hint")
        else None,
        error=scene.error,
        optional=step.optional,
        progress=progress(scene, step),
        options=options,
        value=value_of(scene, step),
        most=getattr(step, "most", None),
    )


def offers_of(scene: Scene, step: Step, picks: tuple[Pick, ...]) -> Iterator[Offer]:
    """Give what can be pressed at a question: its own picks, keep, skip and more to read."""
    base = scene.form.base(step)
    for pick in picks:
        role = _ROLES[pick.act]
        yield Offer(pick.label, pick.act, pick.value, role, pick.hint, pick.url, word=pick.word)
    kept = _kept(scene, step)
    if kept is not None:
        yield Offer(Phrase("dialog.keep"), "answer", kept)
    if step.optional and not any(pick.act == "done" for pick in picks):
        key = f"{base}.skip"
        label = Phrase(key if scene.ctx.texts.has(key) else "dialog.skip")
        yield Offer(label, "skip", role="skip")
    for info in step.infos:
        text = f"{base}.info.{info}_text"
        yield Offer(Phrase(f"{base}.info.{info}"), "show", text, role="info")


def _kept(scene: Scene, step: Step) -> Json:
    """Give the answer that may stay as it is when a question is asked again."""
    if step.closed or step.collects:
        return None
    draft = scene.state.drafts.get(step.name)
    if draft is None:
        return scene.known.get(step.name)
    return draft if step.input == "place" or not isinstance(draft, dict) else None


def _with_brought(scene: Scene, step: Step, base: str, ask: Words) -> Words:
    """Show what was brought along for a question, so that it can be kept or changed."""
    draft = scene.state.drafts.get(step.name)
    if draft is None or step.collects or (isinstance(draft, dict) and step.input != "place"):
        return ask
    return Phrase("dialog.brought", {"ask": ask, "value": step.show(base, draft)})


def _page(scene: Scene, step: Step) -> Page:
    """Give a group of steps as one page; a field that hangs on another one says so."""
    form, state = scene.form, scene.state
    members = group_of(scene, step.group or "")
    fields = tuple(_field(scene, member, members) for member in members)
    infos = [
        offer
        for member in members
        for offer in offers_of(scene, member, ())
        if offer.act == "show"
    ]
    done = Offer(Phrase("dialog.next"), "done", role="done")
    back = [BACK] if can_go_back(scene, step) else []
    return Page(
        step.group or "",
        Phrase(f"{form.id}.{step.group}.page"),
        fields,
        state.turn,
        error=scene.error,
        progress=progress(scene, next(m for m in members if not m.transient)),
        options=scene.board.put_all([done, *infos, *back, CANCEL]),
    )


def _field(scene: Scene, step: Step, members: list[Step]) -> Ask:
    base, state = scene.form.base(step), scene.state
    shown = step.present(base, None, scene.known, scene.ctx)
    hint = f"{base}.hint"
    on = step.when if isinstance(step.when, Is) else None
    inside = on is not None and any(member.name == on.name for member in members)
    value = value_of(scene, step)
    return Ask(
        step.name,
        step.input,
        shown.text,
        state.turn,
        hint=Phrase(hint) if scene.ctx.texts.has(hint) else None,
        error=scene.errors.get(step.name),
        optional=step.optional or step.ask == "edit",
        options=tuple(
            Option(pick.label, hint=pick.hint, value=submitted(pick.value))
            for pick in shown.picks
            if pick.act == "answer"
        ),
        value=value if value is not None else getattr(step, "default", None) or None,
        most=getattr(step, "most", None),
        shown_if=(on.name, on.values) if on is not None and inside else None,
    )
