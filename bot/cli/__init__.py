"""The `jeokgeuk` command."""

import gc
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import typer

SERVICE = ("serve", "work")
"""What runs for months loads nothing of the other commands: spreadsheets, pictures, Slack's."""


def __getattr__(name: str) -> Any:
    """Give `app`, every command, when it is asked for."""
    if name != "app":
        raise AttributeError(name)
    from bot.cli.commands import app  # noqa: PLC0415 - see SERVICE

    return app


def main() -> None:
    """Run the command line."""
    with _uncollected():
        app = chosen(sys.argv[1:])
        from bot.cli import refusals  # noqa: PLC0415 - inside, like all that is imported
    gc.freeze()
    sys.exit(refusals.run(app))


def chosen(words: "Sequence[str]") -> "typer.Typer":
    """Load what these words need."""
    if words and words[0] in SERVICE:
        from bot.cli.running import service  # noqa: PLC0415

        return service()
    whole: typer.Typer = __getattr__("app")
    return whole


@contextmanager
def _uncollected() -> "Iterator[None]":
    """Import without the garbage collector.

    Nothing of what is imported is ever let go; looking through it again and again took a fifth of
    the start of every process.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
