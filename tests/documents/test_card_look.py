"""An agency's own colours and mark: every word stays readable, and only a picture is a picture."""

import io
import random
from pathlib import Path

import pytest
from PIL import Image

from bot.documents import card_look, colours, marks
from bot.errors import BadStart
from bot.settings_newsletter import CardsSite

SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 60 20" width="60" height="20">{}</svg>'
SEEN = '<rect width="60" height="20" fill="#c00"/>'


def png(**how) -> bytes:
    out = io.BytesIO()
    Image.new("RGBA", how.pop("size", (60, 20)), how.pop("colour", (200, 0, 0, 255))).save(
        out, "PNG"
    )
    return out.getvalue()


def kept(folder: Path, data: bytes | str) -> Path:
    path = folder / "mark"
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return path


def test_contrast_is_counted_as_the_guideline_counts_it():
    assert colours.contrast("#000000", "#ffffff") == pytest.approx(21)
    assert colours.contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.005)
    assert colours.contrast("#777777", "#777777") == 1


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_whatever_colour_an_agency_has_every_word_can_be_read(theme):
    dice = random.Random(7)
    own = ["#0b50d0", "#ffffff", "#000000", "#ffff00", "#777777", "#00ff88", "#ff8800"]
    own += [f"#{dice.randrange(1 << 24):06x}" for _ in range(300)]
    for colour in own:
        made = card_look.palette(theme, colour, "#ffb114")
        for ink, on, least in card_look.ON:
            found = colours.contrast(getattr(made, ink), getattr(made, on))
            assert found >= least, (colour, ink, on, found)


def test_a_colour_that_can_be_read_is_left_as_it_is():
    made = card_look.palette("light", "#0b50d0", "#ffb114")
    assert (made.own, made.surface) == ("#0b50d0", "#0b50d0")
    pale = card_look.palette("light", "#ffe000", "#ffb114")
    assert (pale.surface, pale.on_surface) == ("#ffe000", "#000000")
    assert pale.own != "#ffe000"


@pytest.mark.parametrize("data", [png(), SVG.format(SEEN), png(size=(2000, 900))])
def test_a_mark_is_taken_from_what_is_in_the_file(tmp_path: Path, data):
    site = CardsSite(logo=kept(tmp_path, data), agency=" 가온시 홍보실 ")
    found = card_look.look(site, "가온시")
    assert found.agency == "가온시 홍보실"
    assert found.logo.startswith("<svg")
    assert card_look.look(CardsSite(), "가온시").logo == ""


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "그림이 아닙니다"),
        (b"%PDF-1.7", "그림이 아닙니다"),
        (png()[:40], "그림이 아닙니다"),
        (png(size=(5000, 1)), "픽셀보다 큽니다"),
        (png(colour=(0, 0, 0, 0)), "보이는 것이 없는"),
        (b"\x89PNG" + bytes(600 * 1024), "kB보다 큽니다"),
        ("<html xmlns='http://www.w3.org/1999/xhtml'/>", "그림이 아닙니다"),
        ("<svg/>", "그림이 아닙니다"),
        ("<!DOCTYPE svg [<!ENTITY a 'b'>]>" + SVG.format("&a;"), "DOCTYPE"),
        (SVG.format('<image href="/etc/passwd"/>'), "바깥"),
        (SVG.format('<image href="https://elsewhere.example/a.png"/>'), "바깥"),
        (SVG.format('<rect fill="url(https://elsewhere.example/a)"/>'), "바깥"),
    ],
)
def test_what_is_no_picture_stops_the_start_by_its_name(tmp_path: Path, data, reason: str):
    with pytest.raises(BadStart, match=reason) as stop:
        marks.read(kept(tmp_path, data))
    assert "newsletter.cards.logo" in str(stop.value)
    with pytest.raises(BadStart, match="그런 폴더나 파일이 없습니다"):
        marks.read(tmp_path / "none")
