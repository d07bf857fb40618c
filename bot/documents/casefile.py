"""A whole report on paper: what was said, what happened, set by Typst as A4 pages (PDF/A-2b)."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from bot.documents import typeset


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with labelled texts; `short` ones stand beside their labels."""

    title: str
    items: Sequence[tuple[str, str]]
    short: bool = False


@dataclass(frozen=True, slots=True)
class CaseFile:
    """What stands on the paper, finished. `issued` is the day as ISO.

    `mark` is written across every page (who may read this copy, since when); `made` stands under
    it; `head` is the head of the journal when the copy was made (security S4).
    """

    agency: str
    title: str
    notice: str
    sections: Sequence[Section]
    made: str
    head: str
    issued: str
    mark: str = ""


def pdf(paper: CaseFile) -> bytes:
    """Set the paper."""
    return typeset.pdf("casefile.typ", {"paper": asdict(paper)})
