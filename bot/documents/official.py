"""An answer as the draft of an official letter (시행문), to be taken into the office's approval system.

The shape is that of 행정업무의 운영 및 혁신에 관한 규정 시행규칙: 수신, (경유), 제목, a body numbered
1. 가. 1) …, 붙임, and `끝.` two signs after the last word. HWPX is made with python-hwpx; nothing of
the document's properties says who made it or when.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from hwpx import HwpxDocument

MIME = "application/hwp+zip"
_LETTERS = "가나다라마바사아자차카타파하거너더러머버서어저처커터퍼허"
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_FONT = "함초롬바탕"
END = "끝."
_SIZES = {"head": 20, "field": 12, "body": 12, "signed": 10}


@dataclass(frozen=True, slots=True)
class Point:
    """One numbered sentence of the body with what stands under it (가. 나. …)."""

    text: str
    under: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Draft:
    """What stands on the paper; all texts are finished, lines apart by a line feed."""

    agency: str
    to: str
    title: str
    points: Sequence[Point]
    attached: Sequence[str] = ()
    signed: str = ""  # 담당: 부서 이름 전화
    labels: Sequence[str] = ("수신", "(경유)", "제목", "붙임")


@dataclass(frozen=True, slots=True)
class Line:
    """A paragraph: how deep it stands, and how it is written."""

    text: str
    depth: int = 0
    kind: str = "body"  # head, field, body, signed


def lines(draft: Draft) -> tuple[Line, ...]:
    """Give the paragraphs of the paper, as they are also copied as plain words."""
    to, via, title, attached = draft.labels
    made = [
        Line(draft.agency, kind="head"),
        Line(f"{to}  {draft.to}", kind="field"),
        Line(via, kind="field"),
        Line(f"{title}  {draft.title}", kind="field"),
        Line("", kind="field"),
        *_body(draft.points),
    ]
    if draft.attached:
        made.append(Line(""))
        names = [f"{place}. {name}" for place, name in enumerate(draft.attached, 1)]
        single = len(names) == 1
        made.append(Line(f"{attached}  {draft.attached[0] if single else names[0]}"))
        made += [Line(name, 2) for name in names[1:]]
    made[-1] = Line(f"{made[-1].text}  {END}", made[-1].depth, made[-1].kind)
    if draft.signed:
        made += [Line(""), Line(draft.signed, kind="signed")]
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


def plain(draft: Draft) -> str:
    """Give the body as words for another system's window; depth is two spaces."""
    return "\n".join("  " * line.depth + line.text for line in lines(draft)[1:])


def hwpx(draft: Draft) -> bytes:
    """Set the draft as HWPX."""
    document = HwpxDocument.new()
    for place, line in enumerate(lines(draft)):
        paragraph = document.paragraphs[0] if place == 0 else document.add_paragraph("")
        paragraph.text = _NOT_XML.sub("", line.text)
        size = _SIZES[line.kind]
        paragraph.char_pr_id_ref = document.styles.ensure_run(
            bold=line.kind == "head", size=size, font=_FONT
        )
        document.styles.apply_paragraph_format(
            paragraphs=[paragraph],
            alignment="CENTER" if line.kind == "head" else "LEFT",
            line_spacing_percent=160,
            indent_left_mm=4.2 * line.depth,  # two signs of 12 points
        )
    document.parts.clear_preview()
    document.parts.clear_document_metadata()
    document.parts.set_document_metadata(creator=draft.agency, title="")
    return document.to_bytes()
