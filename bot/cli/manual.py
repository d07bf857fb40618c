"""Writes docs/commands.md from the commands themselves: `python -m bot.cli.manual`."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer.main

HERE = Path(__file__).parents[2]


def manual(app: typer.Typer) -> str:
    """Give every command with its arguments and options as Markdown."""
    head = [
        "# 명령",
        "",
        "이 쪽은 `python -m bot.cli.manual > docs/commands.md`가 만듭니다. 손으로 고치지 않습니다.",
        "",
    ]
    return "\n".join([*head, *_pages("jeokgeuk", typer.main.get_command(app))]) + "\n"


def _pages(path: str, command: Any) -> Iterator[str]:
    inner = getattr(command, "commands", None)
    if inner:
        for name, child in inner.items():
            yield from _pages(f"{path} {name}", child)
        return
    yield f"## `{path}`"
    yield ""
    yield (command.help or "").strip()
    yield ""
    for parameter in command.params:
        if parameter.name != "help":
            yield f"* {_names(parameter)}: {parameter.help or ''}"
    yield ""


def _names(parameter: Any) -> str:
    names = parameter.opts if parameter.param_type_name == "option" else [parameter.name.upper()]
    default = parameter.default
    if isinstance(default, Path) and default.is_relative_to(HERE):
        default = default.relative_to(HERE)  # wherever it is installed
    shown = "" if default in (None, "", False) or callable(default) else f" (기본 {default})"
    return f"`{'`, `'.join(names)}`{shown}"


if __name__ == "__main__":
    from bot.cli import app as whole

    print(manual(whole), end="")
