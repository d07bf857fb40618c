"""A notice on paper: the same words as on the screen, set by Typst as an A4 page.

The template is data (`templates/letter.typ`); everything a person wrote reaches it as strings,
never as markup. The font ships with us (Pretendard GOV, OFL 1.1): the same paper everywhere.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import typst

import knowledge

_TEMPLATE = Path(__file__).with_name("templates") / "letter.typ"
_FONTS = Path(knowledge.__file__).with_name("data") / "fonts"


@dataclass(frozen=True, slots=True)
class Letter:
    """What stands on the paper; every text is finished, in the reader's language.

    `date` is how the day is written, `issued` the same day as ISO (PDF/A wants one).
    `paragraphs` keep their line breaks. `head` is the head of the filing's journal when the
    letter was made: whoever keeps the paper can prove the record (security S4).
    """

    agency: str
    title: str
    number: str
    date: str
    issued: str
    paragraphs: Sequence[str]
    to: str = ""
    address: str = ""
    doc_no: str = ""
    handler: str = ""
    head: str = ""
    labels: Sequence[str] = ("받는 분", "접수번호", "문서번호", "시행일", "기록 확인값")
    lang: str = "ko"


def pdf(letter: Letter) -> bytes:
    """Set a letter; PDF/A-2b so that it can be kept as a record."""
    return typst.compile(
        str(_TEMPLATE),
        root=str(_TEMPLATE.parent),
        font_paths=[str(_FONTS)],
        ignore_system_fonts=True,
        format="pdf",
        sys_inputs=_inputs(letter),
        pdf_standards="a-2b",
    )


def pictures(letter: Letter, ppi: float = 96) -> tuple[bytes, ...]:
    """Draw the pages of a letter as PNG, for the preview on the desk."""
    made = typst.compile(
        str(_TEMPLATE),
        root=str(_TEMPLATE.parent),
        font_paths=[str(_FONTS)],
        ignore_system_fonts=True,
        format="png",
        ppi=ppi,
        sys_inputs=_inputs(letter),
    )
    return tuple(made) if isinstance(made, list) else (made,)


def _inputs(letter: Letter) -> dict[str, str]:
    return {"letter": json.dumps(asdict(letter), ensure_ascii=False)}
