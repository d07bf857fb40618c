"""A message as a person can read it in a file: its blocks one under the other, then what a
notification says."""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from bot.handlers.slack.render import Message

FOLDER = Path(__file__).resolve().parent.parent / "golden" / "slack"


def check(name: str, messages: Iterable[Message]) -> None:
    """Compare with the golden file; `JEOKGEUK_GOLDEN=write` writes it anew, to be looked at."""
    check_text(name, "\n════════\n".join(map(_message, messages)) + "\n")


def check_text(name: str, now: str) -> None:
    path = FOLDER / f"{name}.txt"
    if os.environ.get("JEOKGEUK_GOLDEN") == "write":
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(now, encoding="utf-8")
    assert now == path.read_text(encoding="utf-8"), "wanted? JEOKGEUK_GOLDEN=write, and look"


def drawn(blocks: Iterable[Mapping[str, Any]]) -> str:
    return "\n".join(line for block in blocks for line in _block(block))


def _message(message: Message) -> str:
    picture = f"(picture {message.picture})\n" if message.picture else ""
    return f"{picture}{drawn(message.blocks)}\n── {message.text}"


def _block(block: Mapping[str, Any]) -> list[str]:
    match block["type"]:
        case "header":
            return [f"# {_text(block['text'])}"]
        case "section":
            made = [_text(block["text"])] if "text" in block else []
            fields = [_text(field) for field in block.get("fields", ())]
            made += [" │ ".join(pair) for pair in zip(fields[::2], fields[1::2], strict=True)]
            if "accessory" in block:
                made[-1] += f"   {_button(block['accessory'])}"
            return made
        case "context":
            return [f"({' '.join(map(_text, block['elements']))})"]
        case "image":
            return [f"({block['image_url']}: {block['alt_text']})"]
        case "actions":
            return ["".join(map(_button, block["elements"]))]
    raise AssertionError(block)


def _text(text: Mapping[str, Any]) -> str:
    return text["text"] if text["type"] == "mrkdwn" else f"‹{text['text']}›"


def _button(button: Mapping[str, Any]) -> str:
    goes = button.get("url") or f"{button['action_id']} {button.get('value', '')}".strip()
    style = f" {button['style']}" if "style" in button else ""
    about = f" ({button['accessibility_label']})" if "accessibility_label" in button else ""
    return f"[{button['text']['text']} → {goes}{style}{about}]"
