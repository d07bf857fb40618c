"""docs/procedures.md says what the procedure files say, in pictures that can be read."""

import re
from pathlib import Path

import pytest

from bot.cli import diagrams
from bot.cli.procedures import page, table
from knowledge.procedures import Procedure
from tests import shipped

DOCS = Path(__file__).parents[2] / "docs"
RULES = shipped.book().procedures.every()
LINES = (
    r"%%\{init: \{.*\}\}%%",
    "stateDiagram-v2",
    "  direction TB",
    r'  state "[^"<>{}#;:]+" as \w+',
    r"  \[\*\] --> s_\w+",
    r"  (s_\w+|many) --> s_\w+ : [^:;#<>{}\"]+(<br/>[^:;#<>{}\"]+)*",
    r"  classDef final stroke-width:3px",
    r"  class s_\w+(,s_\w+)* final",
)
"""All that we write of Mermaid's state diagrams (mermaid.js.org/syntax/stateDiagram.html)."""


def drawn(rules: Procedure) -> list[str]:
    return list(diagrams.drawn(rules, lambda name: f"상태 {name}", lambda name: f"일: {name};"))


def test_the_page_is_what_the_files_say():
    told = (DOCS / "procedures.md").read_text(encoding="utf-8")
    assert told == page(shipped.texts(), shipped.book().procedures), (
        "python -m bot.cli.procedures > docs/procedures.md"
    )


@pytest.mark.parametrize("rules", RULES, ids=lambda one: one.id)
def test_a_picture_has_every_move_that_goes_on_and_none_that_stays(rules):
    lines = drawn(rules)
    whole = re.compile("|".join(f"(?:{one})" for one in LINES))
    assert [line for line in lines if not whole.fullmatch(line)] == []
    words = " ".join(lines) + " "
    for move in rules.moves.values():
        assert (re.search(rf"일\s+{move.action}\b", words) is not None) == diagrams.moves_on(move)


@pytest.mark.parametrize("rules", RULES, ids=lambda one: one.id)
def test_a_picture_shows_every_state_and_no_more_arrows_than_can_be_followed(rules):
    arrows = diagrams.edges(rules)
    assert {name for pair in arrows for name in pair if name} == set(rules.states)
    assert len(arrows) <= 2 * len(rules.states)


def test_a_cell_of_a_table_stays_one():
    assert list(table(("a",), [("b | c\nd",)]))[-1] == "| b \\| c d |"
