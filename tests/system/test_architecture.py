"""The shape of the house, read from the syntax trees."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import shipped

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("bot", "knowledge", "storage")
SYNC_ONLY = ("storage", "knowledge", "bot/services", "bot/dialogs", "bot/receive")


def modules(*places: str) -> Iterator[Path]:
    for place in places:
        path = ROOT / place
        yield from sorted(path.rglob("*.py")) if path.is_dir() else [path]


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_every_revision_follows_the_one_before() -> None:
    """Two that were written side by side would be two heads (security S23)."""
    files = modules("storage/migrations/versions")
    texts = [path.read_text(encoding="utf-8") for path in files if path.name[0].isdigit()]
    found = [
        re.findall(r'^(?:down_)?revision = (?:"(\d{4})"|None)', one, re.MULTILINE) for one in texts
    ]
    assert found == [[f"{n:04}", f"{n - 1:04}" if n > 1 else ""] for n in range(1, len(found) + 1)]


def test_the_core_never_awaits() -> None:
    found = [
        f"{name(path)}:{node.lineno}"
        for path in modules(*SYNC_ONLY)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.AsyncFunctionDef | ast.Await | ast.AsyncWith | ast.AsyncFor)
    ]
    assert found == []


def test_no_module_is_longer_than_four_hundred_lines() -> None:
    long = {
        name(path): lines
        for path in modules(*PACKAGES)
        if (lines := path.read_text(encoding="utf-8").count("\n")) > 400
    }
    assert long == {}


def test_no_function_needs_scrolling() -> None:
    long = [
        f"{name(path)}:{node.lineno} {node.name} {node.end_lineno - node.lineno + 1}"
        for path in modules(*PACKAGES)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno + 1 > 60
    ]
    assert long == []


def test_nobody_asks_the_wall_clock_inside() -> None:
    """Time comes in through parameters, so that it can be moved and repeated."""
    forbidden = {("datetime", "now"), ("datetime", "utcnow"), ("date", "today"), ("time", "time")}
    found = [
        f"{name(path)}:{node.lineno}"
        for path in modules("knowledge", "storage", "bot/services", "bot/dialogs", "bot/receive")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and (node.func.value.id, node.func.attr) in forbidden
    ]
    assert found == []


# Wait until a program that others wrote listens, which tells nobody when it does; and while a fault
# on many hosts takes its time.
MAY_WAIT = {"tests/programs.py", "tests/hosts/waiting.py"}


def test_no_test_patches_or_sleeps() -> None:
    words = ("mock." + "patch", "Magic" + "Mock", "time." + "sleep(", "pytest.mark." + "xfail")
    found = [
        f"{name(path)}: {word}"
        for path in modules("tests")
        for word in words
        if word in path.read_text(encoding="utf-8") and name(path) not in MAY_WAIT
    ]
    assert found == []


def test_the_import_rules_hold() -> None:
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:]


@pytest.mark.parametrize("lock", ["service", "test", "emulators", "bench"])
def test_a_lock_has_hashes_and_no_address(lock: str) -> None:
    text = (ROOT / "requirements" / f"{lock}.txt").read_text(encoding="utf-8")
    assert "--hash=sha256:" in text
    assert "://" not in text
    assert "--index-url" not in text


def test_no_file_names_a_place_of_somebodys_machine() -> None:
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split("\n")
    words = (
        "/ho" + "me/",
        "/ro" + "ot/",
        "/wo" + "rk/",
        "registry.npm" + "js.org",
        "pypi" + ".org/",
    )
    allowed = {".git", "LICENSE"}
    found = [
        f"{path}: {word}"
        for path in listed
        if path and path not in allowed and (ROOT / path).suffix not in {".woff2", ".png", ".otf"}
        for word in words
        if word in (ROOT / path).read_text(encoding="utf-8", errors="ignore")
    ]
    assert found == []


NAMED = {"bot/receive/mydata.py", "bot/services/civic.py"}
"""One's own data is asked for by its procedure; a word of the officials' command."""


def test_no_code_outside_its_form_names_a_procedure() -> None:
    """A new one is a form, a file and words: nothing else knows that there is one."""
    known = set(shipped.book().procedures)
    found = {
        str(path.relative_to(ROOT)): sorted(named)
        for path in sorted((ROOT / "bot").rglob("*.py"))
        if not {"dialogs", "rehearsal", "bench"} & set(path.parts)
        and (
            named := {
                node.value
                for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
                if isinstance(node, ast.Constant) and node.value in known
            }
        )
    }
    assert set(found) == NAMED, found
