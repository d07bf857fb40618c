"""Slack's own shapes, and the only place where words become them (security S31).

Whatever people wrote goes into `plain_text`, which Slack does not read as markup; `mrkdwn`, which
it does, is used for our own bold and our own links alone, escaped, and never for words that hold
signs of its markup. Bold inside a sentence is dropped: Slack's ends only before a blank, and a
Korean particle follows without one. Limits are those of `slack_sdk.models.blocks`.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final, TypeAlias

from bot.dialogs.replies import Words
from bot.handlers.cutting import clean, cuts, units
from bot.locale import Span

Speak: TypeAlias = Callable[[Words], tuple[Span, ...]]
"""Words → plain text with our own bold kept apart; language and site are bound already."""

Block: TypeAlias = Mapping[str, Any]

BUTTON: Final = 75
VALUE: Final = 2000
URL: Final = 3000
ACTION: Final = 255
HEADER: Final = 150
TEXT: Final = 3000
FIELD: Final = 2000
FIELDS: Final = 10
ELEMENTS: Final = 25

MARKUP: Final = frozenset("*_~`")
"""Signs that mrkdwn reads and that nothing can escape."""

NOTHING: Final = "—"
"""A text object must not be empty."""


def escape(text: str) -> str:
    """Take the meaning from `& < >` (docs.slack.dev, "Escaping text")."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def joined(spans: Iterable[Span]) -> str:
    """Give words without their bold, fit for a text object."""
    return clean("".join(span.text for span in spans)).strip()


def line(spans: Iterable[Span]) -> str:
    """Give words as one line."""
    return " ".join(joined(spans).split())


def short(text: str, most: int) -> str:
    """Shorten to `most` units at a whole sign."""
    if units(text) <= most:
        return text
    _, end = next(iter(cuts(text, most - 1)))
    return f"{text[:end].rstrip()}…"


def plain(text: str, most: int) -> Block:
    """Give text that Slack shows as it is."""
    return {"type": "plain_text", "text": short(text, most) or NOTHING, "emoji": False}


def bold(text: str, most: int, url: str | None = None) -> Block:
    """Give a label or a name in bold, and as our own link with a `url`."""
    kept = short(text, most) or NOTHING
    if MARKUP & set(kept):
        return plain(kept, most)  # its own signs would be read as markup
    if len(escape(kept)) > most:
        kept = short(text, most // 5)  # "&amp;" is five signs where a person sees one
    told = escape(kept)
    words = f"<{_bare(url)}|{told}>" if url else told
    return {"type": "mrkdwn", "text": f"*{words}*", "verbatim": True}


def paragraphs(text: str) -> Iterator[Block]:
    """Give a text of any length."""
    for start, end in cuts(text, TEXT):
        yield {"type": "section", "text": plain(text[start:end], TEXT)}


def button(
    label: str,
    action_id: str,
    *,
    value: str = "",
    url: str | None = None,
    style: str | None = None,
    about: str = "",
) -> Block:
    """Give a button; `about` is what a screen reader says more than its label.

    Raises `ValueError` when what it gives back does not fit.
    """
    if len(action_id) > ACTION or len(value) > VALUE or len(url or "") > URL:
        raise ValueError("a button's value is too long")
    made: dict[str, Any] = {
        "type": "button",
        "action_id": action_id,
        "text": plain(label, BUTTON),
    }
    if value:
        made["value"] = value
    if url:
        made["url"] = url
    if style:
        made["style"] = style
    if about:
        made["accessibility_label"] = short(f"{about} {label}", BUTTON)
    return made


def _bare(url: str) -> str:
    """Give an address that cannot end the link it stands in."""
    return url.replace("|", "%7C").replace("<", "%3C").replace(">", "%3E").replace("&", "&amp;")
