"""Colours that can be read: contrast as WCAG 2.2 counts it, and what is done where it is short."""

from itertools import pairwise

BLACK, WHITE = "#000000", "#ffffff"
TEXT, LARGE = 4.5, 3.0
"""Contrast that text needs, and large text or a sign that says something (1.4.3, 1.4.11)."""
_STEPS = 64


def contrast(one: str, other: str) -> float:
    """Give the contrast of two colours, 1 to 21 (WCAG 2.2, contrast ratio)."""
    lighter, darker = sorted((_light(one), _light(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def mixed(one: str, other: str, share: float) -> str:
    """Mix into a colour a share (0 to 1) of another one."""
    pairs = zip(_parts(one), _parts(other), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def clearer(on: str) -> str:
    """Give black or white, whichever is read better on a colour; 4.58 to 1 at the least."""
    return max(WHITE, BLACK, key=lambda ink: contrast(ink, on))


def readable(colour: str, on: str, least: float = TEXT) -> str:
    """Give a colour, made darker or lighter by no more than it needs to be read on another."""
    goal = clearer(on)
    steps = (mixed(colour, goal, step / _STEPS) for step in range(_STEPS + 1))
    return next((one for one in steps if contrast(one, on) >= least), goal)


def _parts(colour: str) -> tuple[int, ...]:
    return tuple(int(colour[a:b], 16) for a, b in pairwise((1, 3, 5, 7)))


def _light(colour: str) -> float:
    """Give the relative luminance (WCAG 2.2)."""
    red, green, blue = (_linear(part / 255) for part in _parts(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)
