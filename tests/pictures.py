"""Small pictures, made on the spot."""

import io

from PIL import Image


def jpeg(width: int = 64, height: int = 48) -> bytes:
    """Make a JPEG of one colour."""
    out = io.BytesIO()
    Image.new("RGB", (width, height), (180, 120, 60)).save(out, "JPEG")
    return out.getvalue()
