"""One turn at work inside its transaction: where the person stands, what is said, what is kept."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from bot.dialogs import call_back, newer, ordinary
from bot.dialogs.engine import MENU
from bot.dialogs.replies import Ask, Option, Phrase, Say, load_all
from bot.dialogs.scene import Scene
from bot.dialogs.state import State
from bot.dialogs.view import draw
from bot.errors import Overloaded, Refused
from bot.receive.parts import ASKS, FLOWN
from bot.services import attachments as files
from bot.services import moves, sight
from bot.services.base import citizen
from knowledge.release import RELEASE
from storage.repositories import attachments

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from bot.channel import Inbound, Limits
    from bot.dialogs.events import Attached
    from bot.dialogs.form import AnyForm, Context
    from bot.dialogs.replies import Param, Reply, Words
    from bot.dialogs.state import Outcome, Turn
    from bot.receive.parts import Parts, Thought
    from storage.repositories.dialogs import Dialog
    from storage.repositories.peers import Peer
    from storage.unit import Unit

BESIDE: dict[str, AnyForm] = {form.id: form for form in (call_back.FORM, ordinary.FORM)}
"""Forms that file nothing: they belong to no procedure."""

Choice = tuple[str, str, str]
"""Something to press: the key of its label, a command, the command's argument."""


@dataclass(slots=True)
class Walk:
    """The working copy of one turn; `post` writes what it became.

    `state` None ends the dialog. `kept` False: nothing of the answer is stored for a repeat (a
    report without a name: S1). `delete` are ids of messages that the messenger shall take away.
    """

    parts: Parts
    unit: Unit
    inbound: Inbound
    thought: Thought
    peer: Peer
    dialog: Dialog | None
    consents: frozenset[str]
    lang: str
    began: float = float("-inf")  # monotonic, before the transaction
    replies: list[Reply] = field(default_factory=list)
    delete: list[str] = field(default_factory=list)
    kept: bool = True
    forget: bool = False  # take away our own messages that hold what the person told
    silent: bool = False
    next: tuple[str, str] | None = None  # another command that this one leads to
    words: str = ""  # kept with the menu, for the form that it may open
    beside: dict[str, Any] = field(default_factory=dict)  # kept with the menu as well
    blobs: list[str] = field(default_factory=list)  # to be deleted after the commit
    last: list[Callable[[], tuple[str, ...]]] = field(default_factory=list)  # after all is written
    turn: int = field(init=False)
    state: State | None = field(init=False)
    was: State | None = field(init=False)
    came: State | None = field(init=False)  # as `was`, whatever becomes of that
    finished: bool = False  # what was open was filed

    def __post_init__(self) -> None:
        self.turn = self.peer.turn
        self.state = None
        if self.dialog is not None:
            self.state = State.from_json(json.loads(self.dialog.state))
            if self.state.turn < self.peer.turn:
                # It was moved here from another channel: no number that was shown there, or
                # here before, may press anything in it.
                self.state = replace(self.state, turn=self.peer.turn + 1, offered=[])
            self.turn = self.state.turn
        self.was = self.came = self.state

    # Where the person stands

    @property
    def now(self) -> datetime:
        return self.inbound.at

    @property
    def limits(self) -> Limits:
        return self.parts.limits[self.inbound.channel]

    @property
    def messenger(self) -> bool:
        """Somebody else's servers keep what is written here."""
        return self.limits.personal != "yes"

    @property
    def door(self) -> str:
        """Tell the door of the first screen: "" not chosen, "here", "info"; "own" on our page."""
        if not self.messenger:
            return "own"
        if FLOWN in self.consents:
            return "here"
        return "info" if ASKS in self.consents else ""

    @property
    def may_write(self) -> bool:
        """What somebody tells about himself may be written here."""
        return self.door in {"own", "here"}

    @property
    def later(self) -> bool:
        """Tell whether a later release wrote what was open when the event came (S23)."""
        return self.came is not None and self.came.release > RELEASE

    def context(self, subject: str = "") -> Context:
        """Give what a turn may know; `subject` is the one of a dialog that is not open yet."""
        known = self.parts.context(self.inbound, self.lang, self.thought, may_write=self.may_write)
        open_now = self.state.subject if self.state is not None else ""
        known = replace(known, filed=self._told(subject or open_now))
        if not self.inbound.sources:
            return known
        left = files.left(self.parts.svc, self.unit, self.peer.id)  # fetched later (S34)
        return replace(known, limits=replace(known.limits, day_bytes=left))

    def _told(self, subject: str) -> Mapping[str, Any]:
        """Give what was told of the filing that a move is about, while it is there."""
        procedure, _, rest = subject.partition(" ")
        number = rest.partition(" ")[2]
        if not number or procedure not in self.parts.book.forms:
            return {}
        try:
            filing = sight.find(self.unit, citizen(self.peer.id), number)
        except Refused:
            return {}
        return moves.told(self.parts.svc, self.unit, filing)

    def form(self) -> AnyForm | None:
        """Give the form that is open; None for a menu, or for a form that is no more."""
        if self.state is None or self.state.form == MENU:
            return None
        return self.form_of(self.state)

    def form_of(self, state: State) -> AnyForm | None:
        """Find the form of a state: a procedure's own, or that of a move on a filing.

        Raises `Overloaded` for one that only a later release can go on with: a process of that
        one answers when the person asks again (S23).
        """
        form = self._known(state)
        if newer.strange(form, state):
            raise Overloaded
        return form

    def _known(self, state: State) -> AnyForm | None:
        book = self.parts.book
        if state.form in BESIDE:
            return BESIDE[state.form]
        if not state.form.startswith("move."):
            return book.forms.get(state.form)
        procedure, version, _ = (*state.subject.split(" "), "", "")[:3]
        action = state.form.removeprefix("move.")
        return book.move_form(procedure, int(version or 0), action)

    # What is said

    def say(self, key: str, *choices: Choice, **params: Param) -> None:
        """Say a phrase, with things to press that are commands."""
        self.tell(Phrase(key, params), *choices)

    def tell(self, words: Words, *choices: Choice) -> None:
        self.replies.append(Say(words, offers(choices)))

    def ask_again(self) -> None:
        """Show the open question once more; a menu stands in the chat anyway."""
        if self.form() is not None:
            self.replies += self.standing()

    def standing(self) -> tuple[Reply, ...]:
        """Draw what stands open, with the numbers that it has; nothing is changed."""
        form, state = self.form(), self.state
        if form is None or state is None:
            held = state.held if state is not None and state.form == MENU else None
            return load_all(held.encode()) if isinstance(held, str) else ()
        ctx = self.context()
        for pages in (ctx.pages, not ctx.pages):
            scene = Scene(form, state, replace(ctx, pages=pages))
            view = draw(scene)
            # A page and its single questions are numbered in different ways.
            if (
                scene.board.offers
                and scene.board.json() == state.offered[: len(scene.board.offers)]
            ):
                return (view,)
        # Moved here from another channel: it has to be gone on with before it can be pressed.
        return (Say(Phrase("talk.go_on"), offers((("dialog.draft_go_on", "continue", ""),))),)

    def resumed(self) -> tuple[Reply, ...]:
        """Draw what stands open for a page that is loaded again: it has forgotten what was told."""
        standing, state = self.standing(), self.state
        if self.form() is None or state is None or isinstance(standing[0], Say):
            return standing
        view, draft = standing[0], state.drafts.get(state.at or "")
        story = draft if isinstance(draft, dict) and draft.get("by") == "typed" else {}
        if story and isinstance(view, Ask) and view.step == state.at:
            view = replace(view, text=Phrase("dialog.so_far", {"text": str(story["text"])}))
        return (Say(Phrase("dialog.resumed")), view)

    def take(self, turn: Turn) -> Outcome | None:
        """Take over what the engine gave."""
        first = self.state.tail_in if self.state is not None and turn.halves else ""
        self.state = turn.state
        self.turn = max(self.turn, turn.turn)
        self.replies += turn.replies
        if turn.masked:
            self.hidden(first)
        if turn.state is not None and turn.state.tail and not turn.state.tail_in:
            turn.state.tail_in = self.inbound.message or ""
        return turn.outcome

    def hidden(self, first: str = "") -> None:
        """Delete the person's message with the number, where the messenger lets us (S27).

        `first` is the message before, if the number began there.
        """
        if self.inbound.message is not None and self.limits.push:
            self.delete += [first, self.inbound.message] if first else [self.inbound.message]
            self.say("masked.deleted_both" if first else "masked.deleted")

    def discard(self, files: Sequence[Attached]) -> None:
        """Delete what the page stored of files that nothing took."""
        for one in files:
            file = attachments.by_ref(self.unit, one.ref)
            if file is not None and file.filing_id is None and file.peer_id == self.peer.id:
                self.blobs += attachments.remove(self.unit, file)

    def end(self) -> None:
        """Close the dialog; its numbers are never used again."""
        self.state = None


def offers(choices: Sequence[Choice]) -> tuple[Option, ...]:
    """Make things to press of commands."""
    return tuple(
        Option(Phrase(label), command=command, arg=arg) for label, command, arg in choices
    )


def dumped(state: State) -> bytes:
    """Give a state as it is sealed."""
    return _STATE.encode(state.to_json()).encode()


_STATE = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
