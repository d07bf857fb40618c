"""Make a clean copy of one untrusted file, in a process of its own (security S25).

Started by `clean.py` with the kind and the folder of fonts as arguments and the file on standard
input; the picture (or a PDF) goes to standard output. Nothing of the service is imported here, no
key is in the environment, and the limits are set before the first byte is read.
"""

import contextlib
import ctypes
import io
import json
import resource
import sys
import zipfile
from collections.abc import Iterator

MEMORY = 512 * 1024 * 1024
SECONDS = 20
PIXELS = 40_000_000
EDGE = 2400  # pixels of the longer side of a picture
PAPER = 1800  # … and of a page: A4 at 150 dpi stays readable, twenty of them fit into memory
PAGES = 20
LETTERS = 100_000
ROWS, COLUMNS, SHEETS = 2000, 40, 20
PARTS, UNPACKED, RATIO = 2000, 96 * 1024 * 1024, 200
_NEW_USER, _NEW_NET = 0x1000_0000, 0x4000_0000

TEMPLATE = """
#set document(title: none, date: none)
#set page(paper: "a4", margin: 18mm, numbering: "1 / 1")
#set text(font: "Pretendard GOV", size: 10pt, lang: "ko")
#set par(leading: 0.7em)
#for line in json(bytes(sys.inputs.at("lines"))) [#line #parbreak()]
"""


def limit() -> None:
    """Take memory, time, new files and, where the kernel lets us, the network away."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).unshare(_NEW_USER | _NEW_NET)


def picture(data: bytes, kind: str) -> bytes:
    """Paint the pixels of a picture on a new one: comments, EXIF and XMP stay behind (P15).

    Of a moving picture it is the first frame.
    """
    from PIL import Image, ImageOps  # noqa: PLC0415 - after the limits

    formats = {"jpg": ["JPEG", "MPO"], "png": ["PNG"], "gif": ["GIF"], "webp": ["WEBP"]}
    with Image.open(io.BytesIO(data), formats=formats[kind]) as image:
        if image.width * image.height > PIXELS:
            raise ValueError("too many pixels")
        image.draft("RGB", (EDGE, EDGE))
        turned = ImageOps.exif_transpose(image) or image
        turned.thumbnail((EDGE, EDGE))
        flat = turned.convert("RGB" if kind == "jpg" else "RGBA")
    new = Image.new("RGB", flat.size, "white")
    new.paste(flat, mask=flat if flat.mode == "RGBA" else None)
    out = io.BytesIO()
    if kind == "jpg":
        new.save(out, "JPEG", quality=85)
    else:
        new.save(out, "PNG", optimize=False)
    return out.getvalue()


def pages(data: bytes) -> bytes:
    """Render a PDF to pictures of its pages and bind those as a new PDF."""
    import pypdfium2  # noqa: PLC0415 - after the limits

    drawn = []
    with pypdfium2.PdfDocument(data) as paper:
        for number in range(min(PAGES, len(paper))):
            page = paper[number]
            scale = min(3.0, PAPER / max(*page.get_size(), 1.0))
            drawn.append(page.render(scale=scale).to_pil().convert("RGB"))
            page.close()
    if not drawn:
        raise ValueError("no page")
    out = io.BytesIO()
    drawn[0].save(out, "PDF", save_all=True, append_images=drawn[1:], resolution=150)
    return out.getvalue()


def letters(lines: Iterator[str], fonts: str) -> bytes:
    """Set bare text as a new PDF; what is over the limit is left to the original."""
    import typst  # noqa: PLC0415 - after the limits

    kept: list[str] = []
    left = LETTERS
    for line in lines:
        if left <= 0:
            kept.append("…")
            break
        kept.append(_plain(line)[:left])
        left -= len(line) + 1
    if not any(line.strip() for line in kept):
        raise ValueError("no text")
    made: bytes = typst.compile(  # type: ignore[call-overload]
        TEMPLATE.encode(),
        font_paths=[fonts],
        ignore_system_fonts=True,
        format="pdf",
        sys_inputs={"lines": json.dumps(kept, ensure_ascii=False)},
    )
    return made


def _plain(line: str) -> str:
    return "".join(sign if sign.isprintable() else " " for sign in line)


def unpacked(data: bytes) -> io.BytesIO:
    """Look into an office file before a library does: no bomb, no entity, no DTD."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = archive.infolist()
        if len(parts) > PARTS or sum(part.file_size for part in parts) > UNPACKED:
            raise ValueError("too large")
        for part in parts:
            if part.file_size > RATIO * max(part.compress_size, 1024):
                raise ValueError("packed too tightly")
            if part.filename.endswith((".xml", ".rels", ".hpf", ".rdf")):
                head = archive.read(part)
                # An entity may read a file of ours; office files have no DTD.
                if b"<!DOCTYPE" in head or b"<!ENTITY" in head or b"\0" in head:
                    raise ValueError("not a part of an office file")
    return io.BytesIO(data)


def docx(data: bytes) -> Iterator[str]:
    """Give the paragraphs and the tables of a Word file."""
    import docx as word  # noqa: PLC0415 - after the limits
    from docx.table import Table  # noqa: PLC0415

    for block in word.Document(unpacked(data)).iter_inner_content():
        if isinstance(block, Table):
            for row in block.rows:
                yield " | ".join(cell.text.replace("\n", " ") for cell in row.cells)
        else:
            yield from block.text.splitlines() or [""]


def xlsx(data: bytes) -> Iterator[str]:
    """Give the sheets of a workbook row by row, as they were last calculated."""
    import openpyxl  # noqa: PLC0415 - after the limits

    book = openpyxl.load_workbook(unpacked(data), read_only=True, data_only=True, keep_links=False)
    for sheet in book.worksheets[:SHEETS]:
        yield f"[{sheet.title}]"
        for row in sheet.iter_rows(max_row=ROWS, max_col=COLUMNS, values_only=True):
            cells = ["" if cell is None else str(cell) for cell in row]
            if any(cells):
                yield " | ".join(cells).rstrip(" |")


def hwpx(data: bytes) -> Iterator[str]:
    """Give the paragraphs of an open Hangul document, those of its tables too."""
    from hwpx import TextExtractor  # noqa: PLC0415 - after the limits

    with zipfile.ZipFile(unpacked(data)) as archive:
        yield from TextExtractor(archive).extract_text(object_behavior="nested").splitlines()


def txt(data: bytes) -> Iterator[str]:
    """Give the lines of a text file, however a Korean editor saved it."""
    wide = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    for coding in ("utf-16",) if wide else ("utf-8-sig", "cp949"):
        with contextlib.suppress(UnicodeDecodeError):
            yield from data.decode(coding).splitlines()
            return


WORDS = {"docx": docx, "xlsx": xlsx, "hwpx": hwpx, "txt": txt}


def main() -> int:
    """Read, make, write; any failure is an exit code."""
    limit()
    kind, fonts = sys.argv[1:3]
    data = sys.stdin.buffer.read()
    if kind in WORDS:
        made = letters(WORDS[kind](data), fonts)
    else:
        made = pages(data) if kind == "pdf" else picture(data, kind)
    sys.stdout.buffer.write(made)
    return 0


if __name__ == "__main__":
    sys.exit(main())
