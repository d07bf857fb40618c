"""Nobody reads reports but by the one selection (S8): read off the syntax trees."""

import ast
from pathlib import Path

import pytest

TABLE = "storage.models"
REPOSITORY = "storage.repositories"
READERS = {
    "bot/services/sight.py": "the selection itself",
    "bot/services/replay.py": "what was erased stays so after a restore; tells nobody anything",
}
BESIDE = {
    "bot/services/peers.py": "which rows hang on an address that is to be forgotten",
    "bot/bench/power.py": "counts what a power cut left, in a database of its own",
    "bot/bench/crash.py": "counts what a killed process left, in a database of its own",
}
BY_NUMBER = {
    "bot/services/filings.py": "by the code of who filed it, and what was written just now",
    "bot/services/moves.py": "the very row that was moved",
    "bot/services/relay_ledger.py": "the very row that goes to the other network, sealed for it",
    "bot/services/refiling.py": "by a signed receipt: whether its number is another's by now",
    "bot/services/status.py": "by number and code, after the code was proved",
    "bot/cli/checks.py": "`verify` at the machine: whether a chain holds, no word of it",
}
BY_HAND = {
    "bot/bench/peak_verdict.py": "counts what came of a peak, in a database of its own",
    "bot/bench/seeding.py": "copies what it has made up, in a database of its own",
}


Trees = tuple[tuple[str, tuple[ast.AST, ...]], ...]


@pytest.fixture(scope="module")
def trees() -> Trees:
    """Give the syntax of every file in which reports are named at all; the others read none."""
    every = (
        (path, path.read_text(encoding="utf-8")) for path in sorted(Path("bot").rglob("*.py"))
    )
    return tuple(
        (str(path), tuple(ast.walk(ast.parse(text))))
        for path, text in every
        if "filing" in text.casefold()
    )


def test_the_table_of_reports_is_imported_where_it_is_selected_from(trees: Trees):
    found = {
        path
        for path, nodes in trees
        for node in nodes
        if isinstance(node, ast.ImportFrom) and node.module == TABLE
        if {one.name for one in node.names} & {"filings", "Filing"}
    }
    assert found == set(READERS)


def test_nobody_reaches_the_table_through_the_module_either(trees: Trees):
    found = {
        path
        for path, nodes in trees
        for node in nodes
        if isinstance(node, ast.Attribute) and node.attr == "filings"
        if isinstance(node.value, ast.Name) and node.value.id == "models"
    }
    assert found == set(BESIDE)


def test_the_repository_is_asked_for_a_report_by_who_may(trees: Trees):
    """`get`, `by_number` and `lock` know no actor."""
    found = {
        path
        for path, nodes in trees
        if any(
            isinstance(node, ast.ImportFrom)
            and node.module == REPOSITORY
            and any(one.name == "filings" for one in node.names)
            for node in nodes
        )
        for node in nodes
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in {"get", "by_number", "lock"}
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "filings"
    }
    assert found == set(BY_NUMBER)


def test_no_statement_is_written_by_hand_over_reports(trees: Trees):
    found = {
        path
        for path, nodes in trees
        for node in nodes
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        if " from filings" in node.value.casefold() or "join filings" in node.value.casefold()
    }
    assert found == set(BY_HAND)
