"""Files from strangers are told apart by content and copied from pixels only (security S25)."""

import io
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import typst
from PIL import Image, PngImagePlugin

from bot.documents import clean
from bot.documents.clean import kind_of


def jpeg(size=(64, 48), **extra) -> bytes:
    out = io.BytesIO()
    Image.effect_noise(size, 40).convert("RGB").save(out, "JPEG", **extra)
    return out.getvalue()


def png(size=(64, 48), **extra) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "teal").save(out, "PNG", **extra)
    return out.getvalue()


def paper(pages: int = 2) -> bytes:
    text = "#pagebreak()".join(f"page {n} AuthorMark" for n in range(pages))
    return typst.compile(f'#set document(author: "SecretAuthor")\n{text}'.encode(), format="pdf")


def hwpx() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("mimetype", "application/hwp+zip")
        archive.writestr("Contents/section0.xml", "<x/>")
    return out.getvalue()


HWP = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + b"HWP Document File" + b"\0" * 200


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (jpeg(), "jpg"), (png(), "png"), (paper(), "pdf"), (hwpx(), "hwpx"), (HWP, "hwp"),
        (b"", None), (b"hello", None), (b"MZ\x90\0" * 40, None), (b"GIF89a" + b"\0" * 50, None),
        (b"<svg onload='x'></svg>", None), (b"PK\x03\x04" + b"\0" * 90, None),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 900, None), (b"OggS" + b"\0" * 90, None),
        (b"<html>%PDF-1.4", None),
    ],
)  # fmt: skip
def test_a_file_is_what_its_content_says(data, kind):
    assert kind_of(data) == kind


def test_a_recording_of_a_messenger_is_taken_only_as_a_voice():
    assert kind_of(b"OggS" + b"\0" * 90, voice=True) == "voice"


def test_a_photo_loses_its_place_its_author_and_its_comment():
    exif = Image.Exif()
    exif[0x010E] = "MarkedDescription"
    exif[0x0112] = 6  # turned by a quarter
    photo = jpeg((80, 40), exif=exif, comment=b"MarkedComment", icc_profile=b"MarkedProfile")
    assert b"MarkedComment" in photo
    cleaned = clean.clean(photo, "jpg")
    assert cleaned is not None
    assert cleaned.mime == "image/jpeg"
    assert b"Marked" not in cleaned.data
    with Image.open(io.BytesIO(cleaned.data)) as image:
        assert image.size == (40, 80)
        assert not image.getexif()


def test_the_words_inside_a_png_stay_behind():
    info = PngImagePlugin.PngInfo()
    info.add_text("Author", "MarkedAuthor")
    cleaned = clean.clean(png(pnginfo=info), "png")
    assert cleaned is not None
    assert b"MarkedAuthor" not in cleaned.data


def test_a_pdf_becomes_pictures_of_its_pages():
    data = paper(3)
    assert b"SecretAuthor" in data
    cleaned = clean.clean(data, "pdf")
    assert cleaned is not None
    assert cleaned.data.startswith(b"%PDF-")
    assert cleaned.data.count(b"/Subtype /Image") == 3
    assert b"SecretAuthor" not in cleaned.data


@pytest.mark.parametrize("kind", ["hwp", "hwpx", "voice"])
def test_what_cannot_be_drawn_here_has_no_preview(kind):
    assert clean.clean(HWP, kind) is None


def test_a_bomb_of_pixels_kills_nobody():
    out = io.BytesIO()
    Image.new("1", (30000, 30000)).save(out, "PNG")
    assert clean.clean(out.getvalue(), "png") is None


def test_more_pixels_than_anybody_needs_are_not_drawn():
    assert clean.clean(png((8000, 5001)), "png") is None


LIMITED = """
import ctypes, json, os, resource, runpy, sys
before = os.readlink("/proc/self/ns/net")
runpy.run_path(sys.argv[1])["limit"]()
kinds = ("RLIMIT_AS", "RLIMIT_CPU", "RLIMIT_CORE")
found = {kind: resource.getrlimit(getattr(resource, kind))[1] for kind in kinds}
found["alone"] = os.readlink("/proc/self/ns/net") != before
found["may"] = ctypes.CDLL(None).unshare(0x1000_0000 | 0x4000_0000) == 0 or found["alone"]
print(json.dumps(found))
"""


def test_the_child_has_little_memory_little_time_and_no_network():
    child = Path(clean.__file__).with_name("clean_child.py")
    done = subprocess.run(
        [sys.executable, "-I", "-c", LIMITED, str(child)], capture_output=True, check=True
    )
    found = json.loads(done.stdout)
    assert found["RLIMIT_AS"] == 512 * 2**20
    assert found["RLIMIT_CPU"] == 20
    assert found["RLIMIT_CORE"] == 0
    assert found["alone"] == found["may"]  # some kernels let nobody unshare


def test_a_broken_file_has_no_preview():
    assert clean.clean(jpeg()[:200], "jpg") is None
    assert clean.clean(b"%PDF-1.7 nothing", "pdf") is None


def test_a_child_that_takes_too_long_is_ended():
    assert clean.clean(jpeg(), "jpg", seconds=0) is None


def test_the_child_has_no_key_of_ours(monkeypatch, tmp_path):
    spy = tmp_path / "spy.py"
    spy.write_text("import os, sys\nsys.stdout.write(repr(sorted(os.environ)))\n")
    monkeypatch.setitem(os.environ, "JEOKGEUK_KEYS", "secret")
    monkeypatch.setattr(clean, "_CHILD", Path(spy))
    seen = clean.clean(b"x", "jpg")
    assert seen is not None
    assert b"JEOKGEUK" not in seen.data
