"""An agency's mark, told by what is in its file: a PNG, or an SVG that needs nothing from outside."""

from __future__ import annotations

import base64
import io
import re
import warnings
from typing import TYPE_CHECKING
from xml.parsers import expat

from PIL import Image

from bot.documents import typeset
from bot.errors import BadStart, unreadable

if TYPE_CHECKING:
    from pathlib import Path

MOST = 512 * 1024
"""Bytes of a mark."""
TALL = 160
"""Pixels: a mark is kept no taller, and at most six times as wide."""
_PIXELS = 4096
_WHERE = "newsletter.cards.logo"


def read(path: Path) -> str:
    """Read a mark, as an SVG that holds a PNG; raises `BadStart` naming the setting."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise _wrong(unreadable(error)) from None
    if len(data) > MOST:
        raise _wrong(f"{MOST // 1024} kB보다 큽니다")
    return wrapped(_png(data if data.startswith(b"\x89PNG") else _drawn(data)))


def _png(data: bytes) -> Image.Image:
    """Take a PNG, without anything that is no picture in it, as large as it is needed."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            image = Image.open(io.BytesIO(data), formats=["PNG"])
            if max(image.size) > _PIXELS:
                raise _wrong(f"가로나 세로가 {_PIXELS}픽셀보다 큽니다")
            shown = image.convert("RGBA")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError, Warning):
        raise _wrong("PNG나 SVG 그림이 아닙니다") from None
    box = shown.getbbox()
    if box is None:
        raise _wrong("보이는 것이 없는 그림입니다")
    shown = shown.crop(box)
    shown.thumbnail((TALL * 6, TALL))
    return shown


def _drawn(data: bytes) -> bytes:
    """Draw an SVG once: what it names outside itself is refused, not fetched."""
    _inside(data)
    try:
        return typeset.pictures("mark.typ", {"svg": data.decode()}, 72)[0]
    except (RuntimeError, UnicodeDecodeError):
        raise _wrong("PNG나 SVG 그림이 아닙니다") from None


def _inside(data: bytes) -> None:
    """See that it is one SVG that needs nothing from elsewhere."""
    first: list[str] = []
    parser = expat.ParserCreate(namespace_separator=" ")

    def refuse(*_: object) -> None:
        raise _wrong("SVG에 DOCTYPE이나 ENTITY를 적지 않습니다")

    def begun(name: str, given: dict[str, str]) -> None:
        first.append(name)
        for key, value in given.items():
            outside = key.rpartition(" ")[2] == "href" and not value.startswith(("#", "data:"))
            if outside or re.search(r"url\(\s*['\"]?(?!['\"]?#)", value):
                raise _wrong("SVG가 바깥에 있는 것을 부릅니다")

    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = begun
    try:
        parser.Parse(data, True)
    except expat.ExpatError:
        raise _wrong("PNG나 SVG 그림이 아닙니다") from None
    if first[0] != "http://www.w3.org/2000/svg svg":
        raise _wrong("PNG나 SVG 그림이 아닙니다")


def wrapped(image: Image.Image) -> str:
    """Give a picture as Typst takes it out of a string."""
    out = io.BytesIO()
    image.save(out, "PNG", optimize=True)
    width, height = image.size
    packed = base64.b64encode(out.getvalue()).decode()
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
        f'height="{height}"><image width="{width}" height="{height}" '
        f'href="data:image/png;base64,{packed}"/></svg>'
    )


def _wrong(reason: str) -> BadStart:
    return BadStart("site.toml", _WHERE, reason)
