"""Lines on paper with two logarithmic axes, as SVG: ten times as many, so many times as long."""

import math
from collections.abc import Mapping, Sequence
from html import escape

WIDE, HIGH, LEFT, TOP, RIGHT, BOTTOM = 640, 380, 70, 46, 36, 66
FONT = 'font-family="sans-serif" font-size="12" fill="#18181b"'
PALE = 'fill="#52525b"'
COLOURS = ("#0b50d0", "#c2410c", "#15803d", "#7e22ce", "#52525b", "#be123c")

Points = Sequence[tuple[float, float]]


def svg(title: str, across: str, up: str, lines: Mapping[str, Points]) -> str:
    """Draw lines by their names; what is 0 or less has no place on such an axis."""
    kept = {name: [p for p in points if min(p) > 0] for name, points in lines.items()}
    points = [point for line in kept.values() for point in line]
    xs, ys = _decades([x for x, _ in points]), _decades([y for _, y in points])
    found = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDE} {HIGH}" {FONT}>',
        f'<rect width="{WIDE}" height="{HIGH}" fill="#ffffff"/>',
        f'<text x="{LEFT}" y="20" font-size="15">{escape(title)}</text>',
        f'<text x="{LEFT}" y="38" {PALE}>{escape(up)}</text>',
        f'<text x="{WIDE - RIGHT}" y="{HIGH - BOTTOM + 34}" {PALE} text-anchor="end">',
        f"{escape(across)}</text>",
    ]
    for power in range(xs[0], xs[1] + 1):
        x = _x(10.0**power, xs)
        found.append(_rule(x, TOP, x, HIGH - BOTTOM))
        found.append(f'<text x="{x:.0f}" y="{HIGH - BOTTOM + 18}" text-anchor="middle">'
                     f"{_number(power)}</text>")  # fmt: skip
    for power in range(ys[0], ys[1] + 1):
        y = _y(10.0**power, ys)
        found.append(_rule(LEFT, y, WIDE - RIGHT, y))
        found.append(f'<text x="{LEFT - 8}" y="{y + 4:.0f}" text-anchor="end">'
                     f"{_number(power)}</text>")  # fmt: skip
    for number, (name, line) in enumerate(kept.items()):
        found += _line(name, line, xs, ys, number)
    return "\n".join([*found, "</svg>"]) + "\n"


def _line(
    name: str, line: Points, xs: tuple[int, int], ys: tuple[int, int], number: int
) -> list[str]:
    colour = COLOURS[number % len(COLOURS)]
    placed = [(_x(x, xs), _y(y, ys)) for x, y in line]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in placed)
    dots = "".join(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3"/>' for x, y in placed)
    column, row = number % 3, number // 3
    at = LEFT + column * 185, HIGH - 16 + (row - 1) * 16
    return [
        f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>',
        f'<g fill="{colour}">{dots}<rect x="{at[0]}" y="{at[1] - 8}" width="12" height="4"/></g>',
        f'<text x="{at[0] + 18}" y="{at[1]}">{escape(name)}</text>',
    ]


def _rule(x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<path d="M{x1:.1f} {y1:.1f}L{x2:.1f} {y2:.1f}" stroke="#e4e4e7"/>'


def _decades(values: Sequence[float]) -> tuple[int, int]:
    """Give the powers of ten between which all of them lie."""
    low = math.floor(math.log10(min(values, default=1)))
    high = math.ceil(math.log10(max(values, default=10)))
    return low, max(high, low + 1)


def _x(value: float, decades: tuple[int, int]) -> float:
    return LEFT + _share(value, decades) * (WIDE - LEFT - RIGHT)


def _y(value: float, decades: tuple[int, int]) -> float:
    return HIGH - BOTTOM - _share(value, decades) * (HIGH - TOP - BOTTOM)


def _share(value: float, decades: tuple[int, int]) -> float:
    return (math.log10(value) - decades[0]) / (decades[1] - decades[0])


def _number(power: int) -> str:
    return f"{10**power:,}" if power >= 0 else f"{10.0**power:.{-power}f}"
