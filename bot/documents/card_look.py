"""How card news and the case book look: an agency's name, mark and colours, in two themes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from bot.documents.colours import LARGE, TEXT, WHITE, clearer, mixed, readable

if TYPE_CHECKING:
    from bot.settings_newsletter import CardsSite, Theme


@dataclass(frozen=True, slots=True)
class Palette:
    """Every colour of a theme. `ON` says what stands on what, and how clear it has to be."""

    paper: str  # behind words
    ink: str
    soft: str  # words of less weight
    line: str
    own: str  # the agency's colour, as words on paper and tint
    tint: str  # a little of it
    surface: str  # much of it: cover and last page
    on_surface: str
    shade: str  # shapes on the surface
    accent: str  # ornaments


ON: tuple[tuple[str, str, float], ...] = (
    ("ink", "paper", TEXT),
    ("soft", "paper", TEXT),
    ("own", "paper", TEXT),
    ("ink", "tint", TEXT),
    ("soft", "tint", TEXT),
    ("own", "tint", TEXT),
    ("on_surface", "surface", TEXT),
    ("on_surface", "shade", TEXT),
    ("own", "paper", LARGE),
)
_THEMES: dict[Theme, tuple[str, str, str, str]] = {
    "light": ("#ffffff", "#1e2124", "#464c53", "#cdd1d5"),
    "dark": ("#131416", "#f4f5f6", "#cdd1d5", "#464c53"),
}
"""Paper, words, words of less weight, lines (KRDS 1.1.0, light and high contrast)."""


@dataclass(frozen=True, slots=True)
class Look:
    """What a picture needs to know of the agency; `logo` is a PNG in an SVG, or ""."""

    agency: str
    palette: Palette
    logo: str = ""


@cache
def look(site: CardsSite, agency: str, theme: Theme | None = None) -> Look:
    """Read how it looks here, once; raises `BadStart` for a mark that is no picture."""
    colours = palette(theme or site.theme, site.colour, site.accent)
    mark = ""
    if site.logo is not None:
        from bot.documents import marks  # noqa: PLC0415 - Pillow, for this alone

        mark = marks.read(site.logo)
    return Look(site.agency.strip() or agency, colours, mark)


def palette(theme: Theme, colour: str, accent: str) -> Palette:
    """Make the colours of a theme out of the agency's own, moved until all can be read."""
    paper, ink, soft, line = _THEMES[theme]
    surface = colour if theme == "light" else mixed(colour, paper, 0.62)
    over = clearer(surface)
    away = "#000000" if over == WHITE else WHITE
    tint = mixed(paper, colour, 0.07 if theme == "light" else 0.16)
    return Palette(
        paper=paper,
        ink=readable(ink, tint),
        soft=readable(soft, tint),
        line=line,
        own=readable(readable(colour, paper), tint),
        tint=tint,
        surface=surface,
        on_surface=over,
        shade=mixed(surface, away, 0.16),
        accent=accent,
    )
