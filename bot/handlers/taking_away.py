"""Words that are taken away as one text file: each block under what it is."""

from collections.abc import Callable, Iterable

from bot.dialogs.replies import Block, Words


def as_text(blocks: Iterable[Block], say: Callable[[Words], str]) -> str:
    """Give the text of the file, its lines ended as the oldest editors want them."""
    parts = [f"[{say(block.label).strip()}]\n{say(block.text).strip()}\n" for block in blocks]
    return "\n".join(parts).replace("\r\n", "\n").replace("\n", "\r\n")
