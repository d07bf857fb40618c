"""일반 민원: the words to tell the office in charge, ready to be taken there (wording.md §3).

Nothing is filed here: what is written becomes a sheet to copy, beside the roads it can go.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

from bot.dialogs import first_words
from bot.dialogs.fields import LongText, Place, Text
from bot.dialogs.form import Form
from bot.dialogs.replies import Block, Phrase
from knowledge import slots

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from bot.dialogs.form import Answers

TITLE = 40
"""Signs of a title that is made of the first line."""


class Ordinary(BaseModel):
    """What an office has to know to mend something."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    what: str
    when_where: dict[str, str | float | None] | None = None
    wish: str | None = None


def _knows_when_or_where(answers: Answers) -> bool:
    return slots.tells_when_or_where(str(answers.get("what") or ""))


FORM = Form(
    "ordinary",
    1,
    Ordinary,
    steps=(
        LongText("what", 2000, personal=True),
        Place("when_where", optional=True, ask="if_unknown", known=_knows_when_or_where),
        Text("wish", 500, lines=True, optional=True, personal=True),
    ),
    summary=False,
    carries={
        "what": ("passive_report.what", "national_application.goal"),
        "when_where": ("passive_report.when_where",),
        "wish": ("passive_report.wish", "national_application.wish"),
    },
    reads=first_words.read,
)


def compose(form: Ordinary) -> tuple[Block, ...]:
    """Make the parts of the petition of what was written; the words stay as they are."""
    spot: Mapping[str, Any] = form.when_where or {}
    where = str(spot.get("text") or "")
    if not where and spot.get("lat") is not None:
        where = f"{spot['lat']}, {spot['lon']}"
    parts = {
        "title": title(form.what),
        "what": form.what,
        "when_where": where,
        "wish": form.wish or "",
    }
    return tuple(
        Block(Phrase(f"ordinary.block.{name}"), text) for name, text in parts.items() if text
    )


def title(text: str) -> str:
    """Give the first line, cut at a word where it is long."""
    first = text.strip().partition("\n")[0].strip()
    if len(first) <= TITLE:
        return first
    cut = first[: TITLE - 1]
    return (cut.rpartition(" ")[0] or cut).rstrip(" .,") + "…"
