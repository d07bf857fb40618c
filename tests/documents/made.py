"""Files as people send them, each with marks that a clean copy must not have."""

import io
import zipfile
from collections.abc import Callable

import docx
import openpyxl
import typst
from hwpx import HwpxDocument
from PIL import Image, PngImagePlugin

MARK = "MarkedSecret"


def picture(kind: str, size: tuple[int, int] = (64, 48), **extra: object) -> bytes:
    out = io.BytesIO()
    Image.effect_noise(size, 40).convert("RGB").save(out, kind, **extra)
    return out.getvalue()


def exif() -> Image.Exif:
    """Give a description and a place, as telephones write them."""
    made = Image.Exif()
    made[0x010E] = MARK
    made.get_ifd(0x8825)[1] = "N"
    made.get_ifd(0x8825)[29] = MARK
    return made


def jpeg() -> bytes:
    return picture("JPEG", exif=exif(), comment=MARK.encode(), icc_profile=MARK.encode())


def png() -> bytes:
    info = PngImagePlugin.PngInfo()
    info.add_text("Author", MARK)
    info.add_itxt("XML:com.adobe.xmp", MARK)
    return picture("PNG", pnginfo=info, exif=exif())


def gif() -> bytes:
    return picture("GIF", comment=MARK)


def webp() -> bytes:
    return picture("WEBP", exif=exif(), xmp=MARK.encode())


def pdf(pages: int = 2) -> bytes:
    text = "#pagebreak()".join(f"page {number}" for number in range(pages))
    return typst.compile(f'#set document(author: "{MARK}")\n{text}'.encode(), format="pdf")


def word(text: str = "도로 보수를 세 번 요청했습니다.") -> bytes:
    made = docx.Document()
    made.core_properties.author = MARK
    made.core_properties.comments = MARK
    made.add_paragraph(text)
    made.add_table(1, 2).cell(0, 0).text = "접수일"
    return saved(made.save)


def sheet() -> bytes:
    made = openpyxl.Workbook()
    made.properties.creator = MARK
    made.active.append(["민원 번호", 12, None])
    return saved(made.save)


def hangul() -> bytes:
    made = HwpxDocument.new()
    made.add_paragraph("담당자가 답하지 않았습니다.")
    return made.to_bytes()


def signed_hangul() -> bytes:
    """Give a Hangul document whose properties name its author."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(hangul())) as old, zipfile.ZipFile(out, "w") as new:
        for part in old.infolist():
            data = old.read(part)
            if part.filename.endswith("content.hpf"):
                data = data.replace(
                    b"</opf:metadata>",
                    f'<opf:meta name="creator" content="text">{MARK}</opf:meta></opf:metadata>'.encode(),
                )
            new.writestr(part, data)
    return out.getvalue()


def film() -> bytes:
    """Give the beginning of an MP4 with the place of Apple's telephones in it."""
    return b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + b"\xa9xyz" + MARK.encode() + b"\0" * 200


def heic() -> bytes:
    return b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + MARK.encode() + b"\0" * 200


HWP = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + b"HWP Document File" + b"\0" * 200


def with_part(data: bytes, name: str, content: bytes) -> bytes:
    """Put one more part into an archive, or another one in a part's place."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", 8) as new:
        for part in old.infolist():
            if part.filename != name:
                new.writestr(part, old.read(part))
        new.writestr(name, content)
    return out.getvalue()


def saved(save: Callable[[io.BytesIO], object]) -> bytes:
    out = io.BytesIO()
    save(out)
    return out.getvalue()
