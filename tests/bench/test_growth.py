"""How cost grows is drawn and seeded as it says; the figures come from `bench growth`."""

import xml.etree.ElementTree as ET

from bot.bench import growth, plots, seeding
from storage.models import metadata

SVG = "{http://www.w3.org/2000/svg}"


def test_ten_times_as_many_is_always_as_far_on_paper():
    made = ET.fromstring(plots.svg("t", "x", "y", {"a": [(1, 1), (10, 10), (100, 100)]}))
    (line,) = made.iter(f"{SVG}polyline")
    xs, ys = zip(
        *((float(n) for n in p.split(",")) for p in line.get("points").split()), strict=True
    )
    assert abs((xs[1] - xs[0]) - (xs[2] - xs[1])) < 0.2
    assert abs((ys[0] - ys[1]) - (ys[1] - ys[2])) < 0.2


def test_what_could_not_be_measured_has_no_point_and_names_are_escaped():
    made = plots.svg("a < b", "x", "y", {"<one>": [(1, 0), (10, 5)], "none": []})
    found = ET.fromstring(made)
    assert len(list(found.iter(f"{SVG}circle"))) == 1
    assert "a < b" in "".join(found.itertext())


def test_every_table_that_a_report_is_copied_to_exists_with_the_columns_that_change():
    for name, _which, changed in seeding._BESIDE:
        assert set(changed) <= set(metadata.tables[name].columns.keys())


def test_pictures_are_drawn_of_what_was_measured_only(tmp_path):
    rows = [{"size": 10**n, "fan_out_s": 0.1 * 10**n} for n in (3, 4)]
    made = growth.draw({"subscribers": rows}, tmp_path)
    assert [one.name for one in made] == ["growth-subscribers.svg"]
    assert "받을 분" in made[0].read_text(encoding="utf-8")
