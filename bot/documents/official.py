"""An official letter (시행문), as HWPX to be taken into the office's approval system and as PDF.

The shape is that of 행정업무의 운영 및 혁신에 관한 규정 시행규칙: 수신, (경유), 제목, a body numbered
1. 가. 1) …, tables, 붙임, and `끝.` two signs after the last word (one sign in, below a table), then
in whose name it goes. Both are made from the same lines; HWPX with python-hwpx, and nothing of the
document's properties says who made it or when.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace

from hwpx import HwpxDocument
from hwpx.oxml import HwpxOxmlParagraph

from bot.documents import typeset

MIME = "application/hwp+zip"
_LETTERS = "가나다라마바사아자차카타파하거너더러머버서어저처커터퍼허"
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_FONT = "함초롬바탕"
END = "끝."
_SIZES = {"head": 20, "field": 12, "body": 12, "signed": 10, "above": 12, "cell": 11, "sender": 18}
_CENTRED = {"head", "sender"}
_BOLD = {"head", "sender", "above"}
_GAP = {"above": 8, "sender": 20}
"""Points above a line."""
_MM = 7200 / 25.4  # HWP counts in 1/7200 of an inch
_MARGINS = {
    "left": 22.0,
    "right": 22.0,
    "top": 15.0,
    "bottom": 12.0,
    "header": 10.0,
    "footer": 10.0,
}
_WIDE = 210 - _MARGINS["left"] - _MARGINS["right"]
_LABELS = 42  # millimetres of a table's first column
_SHADE = "#F2F2F2"
_PADDING = {"left": 600, "right": 600, "top": 400, "bottom": 400}


@dataclass(frozen=True, slots=True)
class Point:
    """One numbered sentence of the body with what stands under it (가. 나. …)."""

    text: str
    under: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """Labels and what was written beside them; `title` stands above it."""

    rows: Sequence[tuple[str, str]]
    title: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """What stands on the paper; all texts are finished, lines apart by a line feed.

    `sender` is in whose name it goes (발신명의), `signed` the small lines at the end. `issued` (the
    day as ISO) and `proof` (the head of the record) are for the PDF, which is kept.
    """

    agency: str
    to: str
    title: str
    points: Sequence[Point]
    attached: Sequence[str] = ()
    signed: str = ""  # 담당: 부서 이름 전화
    labels: Sequence[str] = ("수신", "(경유)", "제목", "붙임")
    tables: Sequence[Table] = ()
    sender: str = ""
    issued: str = ""
    proof: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A paragraph: how deep it stands, and how it is written; or a table."""

    text: str
    depth: int = 0
    kind: str = "body"  # head, field, body, above, table, sender, signed
    rows: Sequence[tuple[str, str]] = ()


def lines(draft: Draft) -> tuple[Line, ...]:
    """Give the paragraphs of the paper, as they are also copied as plain words."""
    to, via, title, _ = draft.labels
    made = [
        Line(draft.agency, kind="head"),
        Line(f"{to}  {draft.to}", kind="field"),
        Line(via, kind="field"),
        Line(f"{title}  {draft.title}", kind="field"),
        Line("", kind="field"),
        *_body(draft.points),
        *_tables(draft.tables),
        *_attached(draft),
    ]
    last = made[-1]
    ended = Line(f" {END}") if last.rows else replace(last, text=f"{last.text}  {END}")
    made = [*made, ended] if last.rows else [*made[:-1], ended]
    if draft.sender:
        made.append(Line(draft.sender, kind="sender"))
    if draft.signed:
        made += [Line(""), *(Line(one, kind="signed") for one in draft.signed.split("\n"))]
    return tuple(made)


def _body(points: Sequence[Point]) -> Iterator[Line]:
    for number, point in enumerate(points, 1):
        yield from _item(f"{number}.", point.text, 0)
        for place, text in enumerate(point.under):
            yield from _item(f"{_LETTERS[place % len(_LETTERS)]}.", text, 1)


def _item(mark: str, text: str, depth: int) -> Iterator[Line]:
    first, *rest = text.split("\n")
    yield Line(f"{mark} {first}", depth)
    yield from (Line(line, depth + 1) for line in rest if line.strip())


def _tables(tables: Sequence[Table]) -> Iterator[Line]:
    for table in tables:
        if table.title:
            yield Line(table.title, kind="above")
        if table.rows:
            yield Line("", kind="table", rows=table.rows)


def _attached(draft: Draft) -> Iterator[Line]:
    if not draft.attached:
        return
    first, *rest = [f"{place}. {name}" for place, name in enumerate(draft.attached, 1)]
    yield Line("")
    yield Line(f"{draft.labels[3]}  {first if rest else draft.attached[0]}")
    yield from (Line(name, 2) for name in rest)


def plain(draft: Draft) -> str:
    """Give the body as words for another system's window; depth is two spaces."""
    return "\n".join(
        "\n".join(f"{label}: {text}" for label, text in line.rows)
        if line.rows
        else "  " * line.depth + line.text
        for line in lines(draft)[1:]
    )


def pdf(draft: Draft) -> bytes:
    """Set the letter as PDF/A-2b, to be kept as a record."""
    whole = asdict(draft) | {"lines": [asdict(line) for line in lines(draft)]}
    return typeset.pdf("official.typ", {"letter": whole})


def hwpx(draft: Draft) -> bytes:
    """Set the letter as HWPX."""
    document = HwpxDocument.new()
    document.page.setup(margins_mm=_MARGINS)
    hangul = _Hangul(document)
    for place, line in enumerate(lines(draft)):
        if line.rows:
            hangul.table(line.rows)
            continue
        paragraph = document.paragraphs[0] if place == 0 else document.add_paragraph("")
        hangul.write(paragraph, line)
    document.page.set_page_number(prefix="- ", suffix=" -")
    document.parts.clear_preview()
    document.parts.clear_document_metadata()
    document.parts.set_document_metadata(creator=draft.agency, title="")
    return document.to_bytes()


class _Hangul:
    """Writes lines and tables into a document."""

    def __init__(self, document: HwpxDocument) -> None:
        self._document = document

    def write(self, paragraph: HwpxOxmlParagraph, line: Line) -> None:
        """Put one line into a paragraph, as its kind is written."""
        styles, kind = self._document.styles, line.kind
        paragraph.text = _NOT_XML.sub("", line.text)
        paragraph.char_pr_id_ref = styles.ensure_run(
            bold=kind in _BOLD, size=_SIZES[kind], font=_FONT
        )
        styles.apply_paragraph_format(
            paragraphs=[paragraph],
            alignment="CENTER" if kind in _CENTRED else "LEFT",
            line_spacing_percent=160,
            indent_left_mm=4.2 * line.depth,  # two signs of 12 points
            spacing_before_pt=_GAP.get(kind, 0),
            keep_with_next=kind == "above",
        )

    def table(self, rows: Sequence[tuple[str, str]]) -> None:
        """Put a table of labels and texts, which goes on over the pages."""
        document = self._document
        border = document.styles.ensure_border_fill(
            border_color="#404040", active_borders=("left", "right", "top", "bottom")
        )
        table = document.add_table(
            len(rows), 2, width=round(_WIDE * _MM), border_fill_id_ref=border
        )
        table.set_treat_as_char(False)
        table.set_column_widths([_LABELS, _WIDE - _LABELS])
        for place, row in enumerate(rows):
            table.set_cell_shading(place, 0, _SHADE)
            for column, text in enumerate(row):
                cell = table.cell(place, column)
                cell.set_margins(**_PADDING)
                first, *rest = text.split("\n")
                self.write(cell.paragraphs[0], Line(first, kind="cell"))
                for more in rest:
                    self.write(cell.add_paragraph(""), Line(more, kind="cell"))
