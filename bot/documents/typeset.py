"""Typst, as all papers use it: our template, our font, values as JSON, never as markup."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bot.documents import glyphs

TEMPLATES = Path(__file__).with_name("templates")


def pdf(template: str, values: Mapping[str, Any]) -> bytes:
    """Set a template of `templates/` as PDF/A-2b; each value is an input of that name."""
    import typst  # noqa: PLC0415 - seven megabytes, only where something is set

    made: bytes = typst.compile(**_how(template, values), format="pdf", pdf_standards="a-2b")
    return made


def pictures(template: str, values: Mapping[str, Any], ppi: float = 96) -> tuple[bytes, ...]:
    """Draw the pages of a template as PNG."""
    import typst  # noqa: PLC0415 - as above

    made = typst.compile(**_how(template, values), format="png", ppi=ppi)
    return tuple(made) if isinstance(made, list) else (made,)


def _how(template: str, values: Mapping[str, Any]) -> dict[str, Any]:
    texts = {name: glyphs.shown(value) for name, value in values.items()}
    return {
        "input": str(TEMPLATES / template),
        "root": str(TEMPLATES),
        "font_paths": [str(glyphs.FONTS)],
        "ignore_system_fonts": True,
        "sys_inputs": {name: json.dumps(one, ensure_ascii=False) for name, one in texts.items()},
    }
