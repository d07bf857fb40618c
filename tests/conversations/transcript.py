"""Conversations as people read them, run on every channel.

# 제목                      the title; below it `channels: web api`, `lang: en` where it matters,
                            and `site: name = value` for what the agency has set otherwise
> 글                        the citizen types
[버튼]                      the citizen presses (a clear part of the label is enough)
(사진) (음성) (스티커) (파일) the citizen sends
{web} …                     only on that channel (several: {web,api})
= name: 홍길동 | phone: …    the citizen fills in one page (web); on a chat, turn by turn
< 글                        the service says this (a part of it), in this order
!< 글                       the service did not say this since the last act
@han 처리 칸=값 | 칸=값      an official makes a move on the desk
@han portal down=yes        국민신문고 is said to be down (no: back)
@han answer text=…           the question that waits gets an answer, which publish=yes lets out
~ 2026-11-25 10:00          the clock is moved there (Asia/Seoul), ticks hour by hour
~~ 2026-12-08 09:00         the same at one stroke, for what lies weeks ahead
? 줄                        something that must hold, named in checks (state, due, actions)
"""

import re
from dataclasses import dataclass
from pathlib import Path

CHANNELS = ("web", "api", "telegram")


@dataclass(frozen=True)
class Line:
    number: int
    kind: str  # say press send page hear hush move clock jump check
    text: str
    fields: tuple[tuple[str, str], ...] = ()
    only: frozenset[str] = frozenset(CHANNELS)


@dataclass(frozen=True)
class Transcript:
    path: Path
    title: str
    channels: tuple[str, ...]
    lang: str
    lines: tuple[Line, ...]
    site: str = ""  # TOML that stands above the rehearsal's own


MARKS = {
    "> ": "say", "< ": "hear", "!< ": "hush", "= ": "page", "~~ ": "jump", "~ ": "clock",
    "? ": "check",
}  # fmt: skip


def read(path: Path) -> Transcript:
    """Read one transcript; a line that is none of the above is a mistake and raises."""
    title, channels, lang, site = "", CHANNELS, "ko", ""
    lines: list[Line] = []
    for number, raw in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        text = raw.strip()
        if not text or text.startswith("//"):
            continue
        if text.startswith("# "):
            title = text[2:]
        elif text.startswith("channels:"):
            channels = tuple(text.removeprefix("channels:").split())
        elif text.startswith("lang:"):
            lang = text.removeprefix("lang:").strip()
        elif text.startswith("site:"):
            site += text.removeprefix("site:").strip() + "\n"
        else:
            lines.append(_line(path, number, text))
    return Transcript(path, title, channels, lang, tuple(lines), site)


def _line(path: Path, number: int, text: str) -> Line:
    only = frozenset(CHANNELS)
    if found := re.match(r"\{([a-z,]+)\}\s*", text):
        only = frozenset(found[1].split(","))
        text = text[found.end() :]
    if text.startswith("[") and text.endswith("]"):
        return Line(number, "press", text[1:-1], only=only)
    if text.startswith("(") and text.endswith(")"):
        return Line(number, "send", text[1:-1], only=only)
    if text.startswith("@"):
        who, _, rest = text[1:].partition(" ")
        action, _, given = rest.partition(" ")
        return Line(number, "move", f"{who} {action}", _fields(given, "="), only)
    for mark, kind in MARKS.items():
        if text.startswith(mark):
            fields = _fields(text[2:], ":") if kind == "page" else ()
            return Line(number, kind, text[len(mark) :], fields, only)
    raise ValueError(f"{path.name}:{number}: {text}")


def _fields(given: str, sign: str) -> tuple[tuple[str, str], ...]:
    """Read what a form is filled in with; ` ⏎ ` begins a new line of a field."""
    parts = [part.partition(sign) for part in given.split("|") if part.strip()]
    return tuple((name.strip(), value.strip().replace(" ⏎ ", "\n")) for name, _, value in parts)
