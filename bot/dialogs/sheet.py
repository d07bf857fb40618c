"""A question that first gives something away: words to copy or to save, and what became of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.dialogs.fields import Choice
from bot.dialogs.form import Answers, Context, Pick, Shown
from bot.dialogs.replies import Phrase

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.dialogs.events import Json
    from bot.dialogs.replies import Block


@dataclass(frozen=True, slots=True)
class TakeAway(Choice):
    """Words made from the answers, with a link to where they belong, before one of several values.

    `makes` gives the blocks. `link` leads out; its label is `.link`, the file's name `.file`.
    Where the site's setting `switch` is "yes" the text is `.ask_off`, and the command `instead`
    is offered in place of the link (`.instead`).
    """

    makes: Callable[[Answers, Context], tuple[Block, ...]] | None = None
    link: str = ""
    switch: str = ""
    instead: str = ""

    def present(self, base: str, draft: Json, answers: Answers, ctx: Context) -> Shown:  # noqa: ARG002
        off = bool(self.switch) and ctx.site.get(self.switch) == "yes"
        way = (
            Pick(self.instead, Phrase(f"{base}.instead"), act="command")
            if off
            else Pick(None, Phrase(f"{base}.link"), url=self.link)
        )
        return Shown(
            Phrase(f"{base}.ask_off" if off else f"{base}.ask"),
            (way, *self.options(base, answers, ctx)),
            blocks=self.makes(answers, ctx) if self.makes is not None else (),
            file=Phrase(f"{base}.file"),
        )
