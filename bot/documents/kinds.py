"""What kind of file this is, by its content alone: names and claims of senders do not count.

Nothing is taken apart here: this runs beside the keys, so it only looks for marks (security S25).
"""

from typing import Literal

Kind = Literal[
    "jpg", "png", "gif", "webp", "heic", "pdf", "hwp", "hwpx", "docx", "xlsx", "txt",
    "video", "m4a", "mp3", "voice",
]  # fmt: skip

MIMES: dict[Kind, str] = {
    "jpg": "image/jpeg",
    "png": "image/png",
    "gif": "image/gif",
    "webp": "image/webp",
    "heic": "image/heic",
    "pdf": "application/pdf",
    "hwp": "application/x-hwp",
    "hwpx": "application/hwp+zip",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "txt": "text/plain",
    "video": "video/mp4",
    "m4a": "audio/mp4",
    "mp3": "audio/mpeg",
    "voice": "audio/ogg",
}
ENDINGS: dict[str, str] = {
    mime: {"video": ".mp4", "voice": ".ogg"}.get(kind, f".{kind}") for kind, mime in MIMES.items()
}

PICTURES: frozenset[Kind] = frozenset({"jpg", "png", "gif", "webp", "heic"})
SOUNDS: frozenset[Kind] = frozenset({"m4a", "mp3", "voice"})

COPIES: dict[Kind, Kind] = {
    "jpg": "jpg", "png": "png", "gif": "png", "webp": "png",
    "pdf": "pdf", "hwpx": "pdf", "docx": "pdf", "xlsx": "pdf", "txt": "pdf",
}  # fmt: skip
"""What a clean copy is made as; of the other kinds there is none ("미리보기 없음")."""

WORDS_ONLY = frozenset(MIMES[kind] for kind in ("hwpx", "docx", "xlsx"))
"""Kinds whose copy has the text alone, without pictures and layout."""

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_HWP_MARK = b"HWP Document File"
_HWPX_MARK = b"mimetypeapplication/hwp+zip"  # the first entry of the archive, stored, not packed
_OFFICE: dict[bytes, Kind] = {b"word/document.xml": "docx", b"xl/workbook.xml": "xlsx"}
_HEIF = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")
_VIDEO = (b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"avc1", b"mp41", b"mp42", b"M4V ",
          b"MSNV", b"qt  ", b"3gp4", b"3gp5", b"3gp6", b"3g2a")  # fmt: skip
_TEXT_CONTROLS = frozenset("\t\n\r\f\v")
_MOST_TEXT = 2 * 1024 * 1024


def kind_of(data: bytes, *, voice: bool = False) -> Kind | None:
    """Tell the kind by the content; None for everything that is not taken.

    `voice` lets an Ogg recording of a messenger in.
    """
    if voice and data.startswith(b"OggS"):
        return "voice"
    if data.startswith(_OLE):
        return "hwp" if _HWP_MARK in data else None
    if data.startswith(b"PK\x03\x04"):
        return _archive(data)
    if data[4:8] == b"ftyp":
        return _box(data[8:12])
    return _picture_or_paper(data) or ("txt" if text_of(data) is not None else None)


def copy_mime(mime: str) -> str:
    """Give the type of the clean copy of a file of this type; "" where none is made."""
    kind = next((kind for kind, known in MIMES.items() if known == mime), None)
    return MIMES[COPIES[kind]] if kind in COPIES else ""


def text_of(data: bytes) -> str | None:
    """Read plain text as Korean editors save it; None for markup, programs and everything else."""
    if not data or len(data) > _MOST_TEXT:
        return None
    wide = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    for coding in ("utf-16",) if wide else ("utf-8-sig", "cp949"):
        try:
            text = data.decode(coding)
        except UnicodeDecodeError:
            continue
        plain = all(sign >= " " or sign in _TEXT_CONTROLS for sign in text)
        markup = text.lstrip().startswith(("<", "%!", "%PDF", "#!", "{\\rtf"))
        return text if plain and text.strip() and not markup else None
    return None


def _archive(data: bytes) -> Kind | None:
    if data[30:57] == _HWPX_MARK:
        return "hwpx"
    return next((kind for mark, kind in _OFFICE.items() if mark in data), None)


def _box(brand: bytes) -> Kind | None:
    """Tell what an ISO base media file says that it is (ISO/IEC 14496-12)."""
    if brand in _HEIF:
        return "heic"
    if brand in {b"M4A ", b"M4B "}:
        return "m4a"
    return "video" if brand in _VIDEO else None


def _picture_or_paper(data: bytes) -> Kind | None:
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return "webp"
    if data.startswith((b"GIF87a", b"GIF89a")):
        return "gif"
    if data.startswith(b"ID3"):
        return "mp3"
    if data.startswith(b"%PDF-"):
        return "pdf"
    import puremagic  # noqa: PLC0415 - reads its table of a megabyte where a file comes

    try:
        found = {match.mime_type for match in puremagic.magic_string(data[:4096])}
    except (puremagic.PureError, ValueError):
        return None
    known: dict[str, Kind] = {"image/jpeg": "jpg", "image/png": "png"}
    return next((kind for mime, kind in known.items() if mime in found), None)
