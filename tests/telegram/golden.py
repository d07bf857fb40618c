"""A message as a person can read it in a file: words with their marks, then the buttons."""

import os
from collections.abc import Iterable
from pathlib import Path

from bot.handlers.telegram_render import Key, Message
from bot.handlers.telegram_text import Mark

FOLDER = Path(__file__).resolve().parent.parent / "golden" / "telegram"
SIGNS = {"bold": ("**", "**"), "expandable_blockquote": ("⟦", "⟧"), "pre": ("‹", "›")}


def drawn(messages: Iterable[Message]) -> str:
    return "\n════════\n".join(map(_message, messages)) + "\n"


def check(name: str, messages: Iterable[Message]) -> None:
    check_text(name, drawn(messages))


def check_text(name: str, now: str) -> None:
    """Compare with the golden file; `JEOKGEUK_GOLDEN=write` writes it anew, to be looked at."""
    path = FOLDER / f"{name}.txt"
    if os.environ.get("JEOKGEUK_GOLDEN") == "write":
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(now, encoding="utf-8")
    assert now == path.read_text(encoding="utf-8"), "wanted? JEOKGEUK_GOLDEN=write, and look"


def _message(message: Message) -> str:
    lines = [f"(picture {message.picture})"] if message.picture else []
    lines += [f"(pictures {' '.join(map(str, message.pictures))})"] if message.pictures else []
    lines += (
        [f"(file {message.file.name})\n{message.file.text}".replace("\r\n", "\n")]
        if message.file
        else []
    )
    lines += [marked(message.part.text, message.part.marks)] if message.part.text else []
    if message.place:
        # Buttons of the typing field: they come back as words.
        lines.append(f"({message.place} → where the person is)")
    typed = message.place is not None
    lines += ["".join(_button(key, typed=typed) for key in row) for row in message.keys]
    return "\n".join(lines)


def _button(key: Key, *, typed: bool) -> str:
    return f"({key.label})" if typed else f"[{key.label} → {key.data or key.url}]"


def marked(text: str, marks: Iterable[Mark]) -> str:
    """Put the marks back where their UTF-16 offsets say: a wrong offset is seen at once."""
    data = text.encode("utf-16-le")
    edges: list[tuple[int, int, str]] = []
    for number, mark in enumerate(marks, 1):  # a link stands inside its bold
        before, after = SIGNS.get(mark.kind, ("[", f"]({mark.url})"))
        edges.append((mark.offset * 2, number, before))
        edges.append(((mark.offset + mark.length) * 2, -number, after))
    out, at = "", 0
    for place, _, sign in sorted(edges):
        out += data[at:place].decode("utf-16-le") + sign
        at = place
    return out + data[at:].decode("utf-16-le")
