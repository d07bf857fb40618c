"""Typst, as all papers use it: our template, our font, values as JSON, never as markup."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import typst

import knowledge

TEMPLATES = Path(__file__).with_name("templates")
FONTS = Path(knowledge.__file__).with_name("data") / "fonts"


def pdf(template: str, values: Mapping[str, Any]) -> bytes:
    """Set a template of `templates/` as PDF/A-2b; each value is an input of that name."""
    return typst.compile(
        str(TEMPLATES / template),
        root=str(TEMPLATES),
        font_paths=[str(FONTS)],
        ignore_system_fonts=True,
        format="pdf",
        sys_inputs={name: json.dumps(value, ensure_ascii=False) for name, value in values.items()},
        pdf_standards="a-2b",
    )
