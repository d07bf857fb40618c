"""A notice on paper: the same words as on the screen, set by Typst as an A4 page.

The template is data (`templates/letter.typ`); everything a person wrote reaches it as strings,
never as markup. The font ships with us (Pretendard GOV, OFL 1.1): the same paper everywhere.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from bot.documents import qr, typeset


@dataclass(frozen=True, slots=True)
class Letter:
    """What stands on the paper; every text is finished, in the reader's language.

    `date` is how the day is written, `issued` the same day as ISO (PDF/A wants one).
    `paragraphs` keep their line breaks. `head` is the head of the filing's journal with this
    notice, as people compare it, and `proof` the signed line of it, drawn as a QR code beside
    `proof_text`: whoever keeps the paper can prove the record (security S4).
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
    proof: str = ""
    proof_text: str = ""
    labels: Sequence[str] = ("받는 분", "접수번호", "문서번호", "시행일", "기록 확인값")
    lang: str = "ko"


def pdf(letter: Letter) -> bytes:
    """Set a letter; PDF/A-2b so that it can be kept as a record."""
    return typeset.pdf("letter.typ", _values(letter))


def pictures(letter: Letter, ppi: float = 96) -> tuple[bytes, ...]:
    """Draw the pages of a letter as PNG, for the preview on the desk."""
    return typeset.pictures("letter.typ", _values(letter), ppi)


def _values(letter: Letter) -> dict[str, Any]:
    return {"letter": {**asdict(letter), "qr": qr.svg(letter.proof) if letter.proof else ""}}
