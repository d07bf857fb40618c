"""The help in Korean: a formatter of our own, put where click lets one be put.

`Context.formatter_class` and `Command.context_class` are click's own places for it
(https://click.palletsprojects.com/en/stable/api/#click.Command.context_class).
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

SECTIONS = {"Arguments": "적을 것", "Options": "선택", "Commands": "명령"}
WORDS = {
    "[OPTIONS]": "[선택]",
    "COMMAND": "명령",
    "[ARGS]...": "...",
    "Show this message and exit.": "이 도움말을 보인다.",
    "[required]": "[꼭]",
    "[default: ": "[기본: ",
    "; required]": "; 꼭]",
}


def korean(text: str) -> str:
    """Put our words for click's."""
    for theirs, ours in WORDS.items():
        text = text.replace(theirs, ours)
    return text


class Formatter(typer.Context.formatter_class):  # type: ignore[misc,valid-type]
    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        super().write_usage(prog, korean(args), prefix or "쓰는 법: ")

    def section(self, name: str) -> AbstractContextManager[None]:
        return super().section(SECTIONS.get(name, name))  # type: ignore[no-any-return]

    def write_dl(self, rows: Sequence[tuple[str, str]], *spacing: int) -> None:
        super().write_dl([(name, korean(said)) for name, said in rows], *spacing)


class Context(typer.Context):
    formatter_class = Formatter


class Command(TyperCommand):
    context_class = Context


class Group(TyperGroup):
    context_class = Context


class Typer(typer.Typer):
    """Commands whose help is in Korean."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(cls=Group, no_args_is_help=True, rich_markup_mode=None, **settings)

    def command(self, name: str | None = None, **settings: Any) -> Callable[[Any], Any]:
        """Register a command."""
        return super().command(name, cls=Command, **settings)
