"""What kind of file this is, by its content, and a clean copy of it (security S25).

The original stays sealed and whole: it is evidence. Everybody else sees the copy made here, in a
child process without keys, network or much memory; if the child dies, the file has no preview.
"""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import puremagic

Kind = Literal["jpg", "png", "pdf", "hwp", "hwpx", "voice"]

MIMES: dict[Kind, str] = {
    "jpg": "image/jpeg",
    "png": "image/png",
    "pdf": "application/pdf",
    "hwp": "application/x-hwp",
    "hwpx": "application/hwp+zip",
    "voice": "audio/ogg",
}
SECONDS = 20
_CHILD = Path(__file__).with_name("clean_child.py")
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_HWP_MARK = b"HWP Document File"
_HWPX_MARK = b"mimetypeapplication/hwp+zip"  # the first entry of the archive, stored, not packed


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A copy made from pixels only."""

    data: bytes
    mime: str


def kind_of(data: bytes, *, voice: bool = False) -> Kind | None:
    """Tell the kind by the content; None for everything that is not taken.

    Names and the sender's claims do not count. `voice` lets an Ogg recording of a messenger in.
    """
    if voice and data.startswith(b"OggS"):
        return "voice"
    if data.startswith(_OLE):
        return "hwp" if _HWP_MARK in data else None
    if data.startswith(b"PK\x03\x04"):
        return "hwpx" if data[30:57] == _HWPX_MARK else None
    return _picture_or_paper(data)


def _picture_or_paper(data: bytes) -> Kind | None:
    try:
        found = {match.mime_type for match in puremagic.magic_string(data[:4096])}
    except (puremagic.PureError, ValueError):
        return None
    known: dict[str, Kind] = {"image/jpeg": "jpg", "image/png": "png"}
    for mime, kind in known.items():
        if mime in found:
            return kind
    return "pdf" if data.startswith(b"%PDF-") else None


def clean(data: bytes, kind: Kind, *, seconds: float = SECONDS) -> Cleaned | None:
    """Make the clean copy; None = "미리보기 없음" (no way to draw it, or the child died)."""
    if kind not in {"jpg", "png", "pdf"}:
        return None
    try:
        done = subprocess.run(  # noqa: S603 - our own script, fixed arguments
            [sys.executable, "-I", str(_CHILD), kind],
            input=data,
            capture_output=True,
            timeout=seconds,
            env={"LANG": "C.UTF-8"},
            check=False,
        )
    except subprocess.TimeoutExpired:
        return None
    if done.returncode != 0 or not done.stdout:
        return None
    return Cleaned(done.stdout, MIMES[kind])
