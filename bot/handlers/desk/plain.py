"""Fields of the desk's own small forms: a reason, a unit, a day off."""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.dialogs.replies import Input
from bot.handlers.desk.pages import Pages
from bot.handlers.fields import Choice, Field


def field(
    pages: Pages,
    area: str,
    name: str,
    given: Mapping[str, Any],
    wrong: Mapping[str, str],
    *,
    kind: Input = "text",
    optional: bool = False,
    options: Sequence[Choice] = (),
) -> Field:
    """Make a field whose words are `desk.<area>.<name>` and `…_hint`."""
    value = given.get(name) or ()
    return Field(
        name,
        kind,
        pages.text(f"desk.{area}.{name}"),
        hint=pages.maybe(f"desk.{area}.{name}_hint"),
        error=wrong.get(name, ""),
        optional=optional,
        values=(value,) if isinstance(value, str) else tuple(value),
        options=tuple(options),
        max={"text": 100, "long": 2000}.get(kind),
    )


def empty(pages: Pages, given: Mapping[str, Any], *wanted: str) -> dict[str, str]:
    """Say of which wanted fields nothing was written."""
    words = pages.text("error.required")
    return {name: words for name in wanted if not given.get(name)}
