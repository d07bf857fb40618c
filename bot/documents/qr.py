"""QR codes as what a page draws itself: no picture is fetched, no markup is passed on."""

from dataclasses import dataclass

import segno

QUIET = 4
"""Modules of white around a code (ISO/IEC 18004)."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A square of `size` modules and the `d` of an SVG path that fills the dark ones."""

    size: int
    path: str


def drawn(text: str) -> Drawn:
    """Draw a text."""
    rows = segno.make(text, error="m", micro=False).matrix
    parts = [
        f"M{x + QUIET} {y + QUIET}h1v1h-1z"
        for y, row in enumerate(rows)
        for x, dark in enumerate(row)
        if dark
    ]
    return Drawn(len(rows) + 2 * QUIET, "".join(parts))


def svg(text: str) -> str:
    """Draw a text as a picture of its own, for a paper."""
    return str(segno.make(text, error="m", micro=False).svg_inline(border=QUIET, scale=4))
