"""Make page pictures of one untrusted file, in a process of its own (security S25).

Started by `clean.py` with the kind as its argument and the file on standard input; the picture
(or a PDF of page pictures) goes to standard output. Nothing of the service is imported here, no
key is in the environment, and the limits are set before the first byte is read.
"""

import contextlib
import ctypes
import io
import resource
import sys
import tempfile
from pathlib import Path

MEMORY = 512 * 1024 * 1024
SECONDS = 20
PIXELS = 40_000_000
EDGE = 2400  # pixels of the longer side: an A4 page stays readable
PAGES = 20
_NEW_USER, _NEW_NET = 0x1000_0000, 0x4000_0000


def limit() -> None:
    """Take memory, time, new files and, where the kernel lets us, the network away."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).unshare(_NEW_USER | _NEW_NET)


def picture(data: bytes, kind: str) -> bytes:
    """Paint the pixels of a picture on a new one: comments, EXIF and XMP stay behind (P15)."""
    from PIL import Image, ImageOps  # noqa: PLC0415 - after the limits

    with Image.open(io.BytesIO(data), formats=["JPEG", "PNG"]) as image:
        if image.width * image.height > PIXELS:
            raise ValueError("too many pixels")
        image.draft("RGB", (EDGE, EDGE))
        turned = ImageOps.exif_transpose(image) or image
        turned.thumbnail((EDGE, EDGE))
        flat = turned.convert("RGBA" if kind == "png" else "RGB")
    new = Image.new("RGB", flat.size, "white")
    new.paste(flat, mask=flat if flat.mode == "RGBA" else None)
    out = io.BytesIO()
    if kind == "png":
        new.save(out, "PNG", optimize=False)
    else:
        new.save(out, "JPEG", quality=85)
    return out.getvalue()


def pages(data: bytes) -> bytes:
    """Render a PDF to pictures of its pages and bind those as a new PDF."""
    import typst  # noqa: PLC0415 - after the limits
    from PIL import Image  # noqa: PLC0415

    drawn = []
    with tempfile.TemporaryDirectory() as place:
        source = Path(place) / "in.pdf"
        source.write_bytes(data)
        for number in range(1, PAGES + 1):
            page = _page(typst, place, number)
            if page is None:
                break
            with Image.open(io.BytesIO(page)) as image:
                image.thumbnail((EDGE, EDGE))
                drawn.append(image.convert("RGB"))
    if not drawn:
        raise ValueError("no page")
    out = io.BytesIO()
    drawn[0].save(out, "PDF", save_all=True, append_images=drawn[1:], resolution=150)
    return out.getvalue()


def _page(typst: "object", place: str, number: int) -> bytes | None:
    text = (
        "#set page(width: 210mm, height: auto, margin: 0mm)\n"
        f'#image("in.pdf", format: "pdf", page: {number}, width: 100%)\n'
    )
    main = Path(place) / "main.typ"
    main.write_text(text, encoding="utf-8")
    try:
        made = typst.compile(str(main), root=place, format="png", ppi=144)  # type: ignore[attr-defined]
    except Exception:  # noqa: BLE001 - a page that does not exist and a broken one end alike
        return None
    return made[0] if isinstance(made, list) else bytes(made)


def main() -> int:
    """Read, make, write; any failure is an exit code."""
    limit()
    kind = sys.argv[1]
    data = sys.stdin.buffer.read()
    sys.stdout.buffer.write(pages(data) if kind == "pdf" else picture(data, kind))
    return 0


if __name__ == "__main__":
    sys.exit(main())
