"""Files from strangers are told apart by content and copied from pixels only (security S25)."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pypdfium2
import pytest
from PIL import Image

from bot.documents import clean
from bot.documents.kinds import COPIES, ENDINGS, MIMES, copy_mime, kind_of
from tests.documents import made
from tests.documents.made import HWP, MARK


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (made.jpeg(), "jpg"), (made.png(), "png"), (made.gif(), "gif"), (made.webp(), "webp"),
        (made.heic(), "heic"), (made.pdf(), "pdf"), (made.hangul(), "hwpx"), (HWP, "hwp"),
        (made.word(), "docx"), (made.sheet(), "xlsx"), (made.film(), "video"),
        (b"\0\0\0\x1cftypM4A " + b"\0" * 40, "m4a"), (b"ID3\x04" + b"\0" * 40, "mp3"),
        (b"", None), (b"hello", "txt"), ("가나다\r\n".encode(), "txt"),
        ("가나다".encode("cp949"), "txt"), ("가나다".encode("utf-16"), "txt"),
        (b"MZ\x90\0" * 40, None), (b"BM" + b"\0" * 50, None), (b"\xff\xfe<\0s\0", None),
        (b"<svg onload='x'></svg>", None), (b"PK\x03\x04" + b"\0" * 90, None),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 900, None), (b"OggS" + b"\0" * 90, None),
        (b"<html>%PDF-1.4", None), (b"#!/bin/sh\nrm -rf /", None), (b"  \n", None),
        (b"a" * (2 * 1024 * 1024 + 1), None), (b"\0\0\0\x1cftypevil" + b"\0" * 40, None),
        (b"{\\rtf1 x}", None), (b"\xff\xff\xff", None),
    ],
)  # fmt: skip
def test_a_file_is_what_its_content_says(data, kind):
    assert kind_of(data) == kind


def test_a_recording_of_a_messenger_is_taken_only_as_a_voice():
    assert kind_of(b"OggS" + b"\0" * 90, voice=True) == "voice"


def test_every_kind_has_an_ending_and_every_copy_a_type():
    assert set(ENDINGS) == set(MIMES.values())
    assert {copy_mime(MIMES[kind]) for kind in COPIES} == {
        "image/jpeg", "image/png", "application/pdf"
    }  # fmt: skip
    assert copy_mime("video/mp4") == copy_mime("nonsense") == ""


def words(data: bytes) -> str:
    """Read the text of a PDF, page after page."""
    with pypdfium2.PdfDocument(data) as paper:
        return "\n".join(page.get_textpage().get_text_range() for page in paper)


def test_a_photo_loses_its_place_its_author_and_its_comment():
    exif = Image.Exif()
    exif[0x010E] = "MarkedDescription"
    exif[0x0112] = 6  # turned by a quarter
    photo = made.picture(
        "JPEG", (80, 40), exif=exif, comment=b"MarkedComment", icc_profile=b"MarkedProfile"
    )
    assert b"MarkedComment" in photo
    cleaned = clean.clean(photo, "jpg")
    assert cleaned is not None
    assert cleaned.mime == "image/jpeg"
    assert b"Marked" not in cleaned.data
    with Image.open(io.BytesIO(cleaned.data)) as image:
        assert image.size == (40, 80)
        assert not image.getexif()


@pytest.mark.parametrize("kind", ["png", "gif", "webp"])
def test_the_words_inside_a_picture_stay_behind(kind):
    data = getattr(made, kind)()
    assert MARK.encode() in data
    cleaned = clean.clean(data, kind)
    assert cleaned is not None
    assert cleaned.mime == "image/png"
    assert MARK.encode() not in cleaned.data
    with Image.open(io.BytesIO(cleaned.data)) as image:
        assert image.size == (64, 48)
        assert image.info == {}


def test_a_pdf_becomes_pictures_of_its_pages():
    data = made.pdf(3)
    assert MARK.encode() in data
    cleaned = clean.clean(data, "pdf")
    assert cleaned is not None
    assert cleaned.data.startswith(b"%PDF-")
    assert cleaned.data.count(b"/Subtype /Image") == 3
    assert MARK.encode() not in cleaned.data
    assert words(cleaned.data).strip() == ""


def test_of_a_long_paper_the_first_pages_are_drawn():
    cleaned = clean.clean(made.pdf(25), "pdf")
    assert cleaned is not None
    with pypdfium2.PdfDocument(cleaned.data) as paper:
        assert len(paper) == 20


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (made.word(), "도로 보수를 세 번 요청했습니다."), (made.sheet(), "민원 번호 | 12"),
        (made.signed_hangul(), "담당자가 답하지 않았습니다."), ("가나다\n라마바".encode("cp949"), "라마바"),
        ("가나다\n라마바".encode("utf-16"), "라마바"),
    ],
)  # fmt: skip
def test_an_office_file_becomes_its_bare_text_on_pages(data, said):
    cleaned = clean.clean(data, kind_of(data))
    assert cleaned is not None
    assert cleaned.mime == "application/pdf"
    assert said in words(cleaned.data)
    with pypdfium2.PdfDocument(cleaned.data) as paper:
        told = {key: value for key, value in paper.get_metadata_dict().items() if value}
    assert MARK not in words(cleaned.data) + str(told)
    assert set(told) <= {"Creator", "Producer"}


def test_what_a_person_wrote_is_never_markup_of_ours():
    text = '#import "@preview/x:1.0.0" \n#read("/etc/passwd") *별* $x$ <a> [b]'
    cleaned = clean.clean(made.word(text), "docx")
    assert cleaned is not None
    assert "#read(" in words(cleaned.data)


def test_a_very_long_text_is_cut_and_says_so():
    cleaned = clean.clean(("가" * 200 + "\n").encode() * 600, "txt")
    assert cleaned is not None
    assert words(cleaned.data).rstrip("0123456789 /\r\n").endswith("…")


@pytest.mark.parametrize("kind", ["hwp", "heic", "video", "m4a", "mp3", "voice"])
def test_what_cannot_be_drawn_here_has_no_preview(kind):
    assert clean.clean(HWP, kind) is None


def test_more_pixels_than_anybody_needs_are_not_drawn():
    large = made.saved(lambda out: Image.new("1", (8000, 5001)).save(out, "PNG"))
    assert clean.clean(large, "png") is None


LIMITED = """
import ctypes, json, os, resource, runpy, sys
before = os.readlink("/proc/self/ns/net")
runpy.run_path(sys.argv[1])["limit"]()
kinds = ("RLIMIT_AS", "RLIMIT_CPU", "RLIMIT_CORE", "RLIMIT_FSIZE")
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
    assert found["RLIMIT_CORE"] == found["RLIMIT_FSIZE"] == 0
    assert found["alone"] == found["may"]  # some kernels let nobody unshare


def test_a_broken_file_has_no_preview():
    assert clean.clean(made.jpeg()[:200], "jpg") is None
    assert clean.clean(b"%PDF-1.7 nothing", "pdf") is None


def test_a_child_that_takes_too_long_is_ended():
    assert clean.clean(made.jpeg(), "jpg", seconds=0) is None


def test_the_child_has_no_key_of_ours(monkeypatch, tmp_path):
    spy = tmp_path / "spy.py"
    spy.write_text("import os, sys\nsys.stdout.write(repr(sorted(os.environ)))\n")
    monkeypatch.setitem(os.environ, "JEOKGEUK_KEYS", "secret")
    monkeypatch.setattr(clean, "_CHILD", Path(spy))
    seen = clean.clean(b"x", "jpg")
    assert seen is not None
    assert b"JEOKGEUK" not in seen.data


def test_a_child_that_was_taken_over_and_writes_for_ever_is_ended(monkeypatch, tmp_path):
    spy = tmp_path / "spy.py"
    spy.write_text("import sys\nwhile True:\n    sys.stdout.write('x' * 65536)\n")
    monkeypatch.setattr(clean, "_CHILD", Path(spy))
    monkeypatch.setattr(clean, "MOST", 1024 * 1024)
    assert clean.clean(b"x", "jpg") is None
