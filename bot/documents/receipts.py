"""접수증 and the poster: papers that people take home or see on a wall, set by Typst.

Templates are data; everything a person wrote reaches them as strings, never as markup.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import segno

from bot.documents import qr, typeset


@dataclass(frozen=True, slots=True)
class PaperReceipt:
    """A receipt; `rows` are (label, words), `days` how the due date was counted.

    `code` stands in the part under the fold, and nowhere else; "" leaves that part out. `head`
    is the head of the filing's journal, by which the record can be proved, and `proof` the signed
    line that stands for it where the database has lost it (security S4, S13).
    """

    agency: str
    title: str
    rows: Sequence[tuple[str, str]]
    counted: str
    days: Sequence[str]
    notes: Sequence[str]
    issued: str
    head_label: str
    head: str
    proof_label: str
    proof: str
    code: str = ""
    code_title: str = ""
    code_text: str = ""
    lang: str = "ko"


@dataclass(frozen=True, slots=True)
class Poster:
    """A page for a wall: `url` is drawn as a QR code and written below it; `lines` are large."""

    agency: str
    title: str
    url: str
    shown: str
    lines: Sequence[str]
    call: str
    foot: str
    issued: str


def receipt_pdf(receipt: PaperReceipt) -> bytes:
    """Set a receipt; PDF/A-2b like every record."""
    return typeset.pdf(
        "receipt.typ", {"receipt": {**asdict(receipt), "qr": qr.svg(receipt.proof)}}
    )


def poster_pdf(poster: Poster) -> bytes:
    """Set the poster. Error correction Q: a quarter of the code may be torn or dirty."""
    code = segno.make(poster.url, error="q", micro=False).svg_inline(border=4, scale=8)
    return typeset.pdf("poster.typ", {"poster": {**asdict(poster), "qr": code}})
