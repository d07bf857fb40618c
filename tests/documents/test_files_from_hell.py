"""files_from_hell (security S25): whatever is sent, the child may die, the service lives."""

import io
import zipfile

import pytest
from PIL import Image

from bot.documents import clean
from bot.documents.kinds import kind_of
from tests.documents import made


def bomb_of_pixels() -> bytes:
    out = io.BytesIO()
    Image.new("1", (15000, 15000)).save(out, "PNG")
    return out.getvalue()


def bomb_of_zip() -> bytes:
    """Give a Word file with a gigabyte of nothing in it."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(made.word())) as old, zipfile.ZipFile(out, "w", 8) as new:
        for part in old.infolist():
            new.writestr(part, old.read(part))
        with new.open("word/media/nothing.bin", "w") as hole:
            for _ in range(100):
                hole.write(bytes(1 << 20))
    return out.getvalue()


def many_parts() -> bytes:
    out = io.BytesIO(made.word())
    with zipfile.ZipFile(out, "a") as archive:
        for number in range(2100):
            archive.writestr(f"x{number}", b"")
    return out.getvalue()


def laughs() -> bytes:
    """Give a billion laughs."""
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    text = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "ha">{entities}]><x>&l9;</x>'
    return made.with_part(made.word(), "word/document.xml", text.encode())


def reader_of_our_files(coding: str = "utf-8") -> bytes:
    """Give an entity that names a file of the server."""
    text = (
        f'<?xml version="1.0" encoding="{coding}"?><!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]>'
        '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
        "<w:body><w:p><w:r><w:t>&f;</w:t></w:r></w:p></w:body></w:document>"
    )
    return made.with_part(made.word(), "word/document.xml", text.encode(coding))


def endless_pdf() -> bytes:
    return made.pdf(1).replace(b"/Kids", b"/Kids [1 0 R 1 0 R] /Kids")


HELL = {
    "pixels": bomb_of_pixels, "zip": bomb_of_zip, "parts": many_parts,
    "laughs": laughs, "entity": reader_of_our_files,
    "wide entity": lambda: reader_of_our_files("utf-16"),
    "half a jpeg": lambda: made.jpeg()[:300], "half a docx": lambda: made.word()[:2000],
    "half a pdf": lambda: made.pdf()[:200], "a gif of nothing": lambda: b"GIF89a" + b"\xff" * 500,
    "a webp of nothing": lambda: b"RIFF\xff\xff\xff\xffWEBPVP8 " + b"\xff" * 100,
    "a pdf with a password": lambda: b"%PDF-1.7\n1 0 obj<</Encrypt 2 0 R>>endobj trailer<<>>",
    "an hwpx that is none": lambda: b"PK\x03\x04" + b"\0" * 26 + b"mimetypeapplication/hwp+zip",
}  # fmt: skip


@pytest.mark.parametrize("name", HELL)
def test_what_would_hurt_has_no_preview(name):
    data = HELL[name]()
    kind = kind_of(data)
    assert kind is not None
    assert clean.clean(data, kind) is None


@pytest.mark.parametrize(
    "data",
    [
        b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        b"<!doctype html><script>alert(1)</script>",
        b"\xef\xbb\xbf  <html>",
        b"%!PS-Adobe-3.0\nsystem",
        b"MZ" + b"\x90\0" * 100,
        b"\x7fELF" + b"\0" * 100,
        b"Rar!\x1a\x07\x00" + b"\0" * 100,
    ],
)
def test_what_a_browser_or_a_computer_would_run_is_not_taken(data):
    assert kind_of(data) is None


@pytest.mark.parametrize("kind", ["jpeg", "png", "gif", "pdf", "word"])
def test_of_a_file_that_is_two_only_what_is_drawn_remains(kind):
    """A polyglot: a picture or a paper that is a page, a program or an archive as well."""
    script = b"<script>alert('hell')</script>"
    data = getattr(made, kind)() + script + made.word("hidden")
    name = kind_of(data)
    assert name is not None
    cleaned = clean.clean(data, name)
    assert cleaned is not None
    assert b"<script>" not in cleaned.data
    assert b"PK\x03\x04" not in cleaned.data


def test_a_formula_of_a_workbook_is_never_run_nor_shown():
    import openpyxl  # noqa: PLC0415

    book = openpyxl.Workbook()
    book.active.append(["보임", '=HYPERLINK("https://evil.example","x")', "=cmd|'/c calc'!A0"])
    data = made.saved(book.save)
    cleaned = clean.clean(data, "xlsx")
    assert cleaned is not None
    assert b"evil.example" not in cleaned.data
    assert b"/URI" not in cleaned.data
