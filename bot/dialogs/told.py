"""A step whose options are lines that the person was told, in the filing at hand."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bot.dialogs.fields import Many
from bot.dialogs.form import Answers, Context, Pick
from bot.dialogs.replies import Phrase

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.dialogs.events import Json, Raw
    from bot.dialogs.replies import Words

SHOWN = 60
"""Signs of a line that stand on a button: the whole was told before."""


@dataclass(frozen=True, slots=True)
class Told(Many):
    """Any number of the lines that `of` names in `Context.filed`; kept as they were told."""

    def parse(self, raw: Raw, ctx: Context) -> Json:
        return Many.parse(replace(self, values=self._lines(ctx)), raw, ctx)

    def options(self, base: str, answers: Answers, ctx: Context) -> Sequence[Pick]:  # noqa: ARG002
        return [Pick(line, _short(line)) for line in self._lines(ctx)]

    def ask_words(self, base: str, answers: Answers, ctx: Context) -> Words:  # noqa: ARG002
        return Phrase(f"{base}.ask")

    def show(self, base: str, value: Json) -> Words:  # noqa: ARG002
        items = value if isinstance(value, list) else []
        return Phrase("list", {"items": [str(item) for item in items]})

    def _lines(self, ctx: Context) -> tuple[str, ...]:
        found = ctx.filed.get(self.of)
        return tuple(str(one) for one in found) if isinstance(found, list) else ()


def _short(line: str) -> str:
    return line if len(line) <= SHOWN else f"{line[: SHOWN - 1]}…"
