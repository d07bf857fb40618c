"""Nothing that grows is counted: each place that counts is bounded, or stands here with its reason."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.bench.counts import COUNTS, unbounded

ROOT = Path(__file__).parent.parent.parent
SOURCES = sorted(
    path
    for part in ("bot", "storage")
    for path in (ROOT / part).rglob("*.py")
    if not {"bench", "migrations"} & set(path.relative_to(ROOT).parts)
)

NAMED = {
    "storage/repositories/questions.py asks": "the answers that one person waits for",
    "storage/repositories/second_factors.py codes_left": "the recovery codes of one official",
    "storage/repositories/disposals.py size": "the files and the journal of one report",
    "storage/repositories/erasing.py erase": "the journal of one report",
    "storage/repositories/sendings.py _added": "what this very statement wrote, a chunk at most",
    "storage/repositories/audience.py counted": "piece by piece, for an editor's page",
    "bot/services/subscriptions.py counts": "piece by piece, for an editor's page",
    "storage/repositories/broadcasts.py results_between": "a quarter's issues, a dozen a month",
    "bot/services/register.py _counts": "of the reports of one page",
    "bot/services/statistics.py _longer": "of the period whose every report is read there anyway",
    "bot/cli/doctor/base.py _keys": "the keys of the ring, a handful",
    "bot/cli/resume.py _waiting": "what waits after a restore, asked for once by a person",
}
"""What counts without LIMIT, by file and function, and why that is no matter."""


def counting(path: Path) -> Iterator[str]:
    """Name the functions of a file that count without a bound."""
    text = path.read_text(encoding="utf-8")
    if "count(" not in text.lower():
        return
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        body = ast.unparse(node)
        sql = [
            one.value
            for one in ast.walk(node)
            if isinstance(one, ast.Constant) and isinstance(one.value, str)
        ]
        raw = any(COUNTS.search(one) and "SELECT" in one.upper() for one in sql)
        if ("func.count(" in body and ".limit(" not in body) or raw:
            yield f"{path.relative_to(ROOT)} {node.name}"


def test_each_place_that_counts_is_bounded_or_named_with_its_reason() -> None:
    found = {one for path in SOURCES for one in counting(path)}
    assert found == set(NAMED)


def test_no_table_is_counted_at_the_head_of_a_module() -> None:
    for path in SOURCES:
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.Assign | ast.AnnAssign):
                assert "func.count(" not in ast.unparse(node), path


@pytest.mark.parametrize(
    ("statement", "grows"),
    [
        ("SELECT count(*) AS count_1 FROM filings", True),
        ("SELECT count(*) FROM outbox WHERE status = $1", True),
        ("SELECT channel, count(id) FROM outbox GROUP BY channel", True),
        ("SELECT count(*) AS count_1 \nFROM (SELECT tasks.id AS id FROM tasks LIMIT $1) AS a", False),
        ("SELECT count(*) FROM question_askers WHERE question_askers.peer_id = $1", False),
        ("SELECT account FROM peers", False),
        ("SELECT discount(x) FROM peers", False),
    ],
)  # fmt: skip
def test_a_statement_that_counts_what_may_grow_is_known(statement: str, grows: bool) -> None:
    assert unbounded(statement) is grows
