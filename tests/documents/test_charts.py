"""Charts as pictures: drawn from what their name tells, in colours that are told apart."""

import io

import pytest
from PIL import Image

from bot.documents import charts
from bot.documents.charts import Chart, Series

CHART = Chart("columns", "받은 것과 답한 것", ("10월", "11월"), (Series("받은 것", (12, 0)), Series("답한 것", (5.5, None))), "셈")  # fmt: skip
BLUE, BROWN = (0x0B, 0x50, 0xD0), (0x9E, 0x6A, 0x00)


def light(colour: tuple[int, int, int]) -> float:
    """Give the relative luminance of WCAG 2.2."""
    parts = [c / 255 for c in colour]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_a_picture_is_drawn_from_its_name_alone():
    named = charts.name(CHART)
    assert "\n" not in named
    image = Image.open(io.BytesIO(charts.picture(named)))
    assert (image.format, image.width) == ("PNG", 1280)
    colours = {colour[:3] for _, colour in image.convert("RGB").getcolors(1_000_000)}
    assert {BLUE, BROWN} <= colours
    assert all((1.05 / (light(one) + 0.05)) >= 3 for one in (BLUE, BROWN))  # WCAG 2.2, 1.4.11


def test_only_names_of_charts_are_drawn():
    with pytest.raises(ValueError, match="not the name"):
        charts.picture("blob1")


def test_many_labels_and_no_value_at_all_are_drawn_too():
    many = Chart("columns", "60달", tuple(map(str, range(60))), (Series("n", (None,) * 60),))
    assert many.empty
    assert not CHART.empty
    assert charts.png(many).startswith(b"\x89PNG")
