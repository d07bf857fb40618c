"""Commands have no role: none of them shows what was reported or by whom, nor writes it unsealed.

On the desk every export goes by who asks (tests/guards/test_matrix.py); whoever runs a command has
the machine. So each command has its line here, and those that read reports are run beside one
that is marked and guarded.
"""

from pathlib import Path
from typing import Any

import pyrage
import pytest
import typer

from bot.cli import app
from bot.cli.running import ready
from storage.repositories import guards
from tests.data_life.test_commands import home, run
from tests.fakes.clock import MONDAY
from tests.storage.rows import add_filing

__all__ = ["home"]

NUMBER = "2026-7K3M-Q9"
MARKS = ("하늘다람쥐표식", "표식갑순", "표식로 77")
NOTHING = "of reports: nothing"
TELLS = {
    "demo": "a made-up city only",
    "serve": NOTHING,
    "work": NOTHING,
    "migrate": "names and sizes of tables",
    "doctor": "counts and settings",
    "verify": "whether a chain holds, by number",
    "backup": "every report, sealed, and locked to a key that is not here",
    "backup-key": NOTHING,
    "restore": "counts",
    "resume": "how many notices wait, by kind",
    "users import": NOTHING,
    "users add": NOTHING,
    "users tie": NOTHING,
    "filings import": "what whoever runs it brings himself, as an official who may, under new numbers",
    "keys new": NOTHING,
    "keys rotate": "counts",
    "keys escrow": "keys, for the safe",
    "keys restore": NOTHING,
    "relay keys": NOTHING,
    "relay export": "reports, signed and sealed to the other side; on the screen numbers of files",
    "relay import": "numbers of files",
    "relay status": "numbers, sizes and times of files",
    "slack manifest": NOTHING,
    "slack check": NOTHING,
    "mail bounced": NOTHING,
    "cases list": "cases, made general by two persons where they come of a report",
    "cases search": "published cases",
    "cases export": "cases, made general by two persons where they come of a report",
    "cases import": NOTHING,
    "cards draw": "published cases",
    "cards book": "published cases",
    "route": "what stands in the words that it is given",
    "newsletter draft": "public words and its number",
    "newsletter preview": "words that go to everybody who asked",
    "newsletter test": NOTHING,
    "newsletter schedule": "its number, title and counts",
    "newsletter approve": "its number, title, counts and who made it",
    "newsletter status": "numbers, titles, counts",
    "newsletter pause": "its number, title and counts",
    "newsletter resume": "its number, title and counts",
    "newsletter cancel": "its number, title and counts",
    "newsletter revive": "its number, title and counts",
    "newsletter correct": "its number, title and counts",
    "intents train": NOTHING,
    "bench search": NOTHING,
    "bench answers": NOTHING,
    "bench intents": NOTHING,
    "bench slots": NOTHING,
    "bench broadcast": "a database of its own",
    "bench import": "a database of its own",
    "bench cards": NOTHING,
    "bench turns": "a database of its own",
    "bench crash": "a database of its own",
    "bench power": "a database of its own",
    "bench starvation": "a database of its own",
    "bench slack": "a database of its own",
    "bench peak": "a database of its own",
    "bench scale": "a database of its own",
    "bench growth": "a database of its own",
}


def commands(group: Any, before: str = "") -> set[str]:
    found: set[str] = set()
    for name, command in group.commands.items():
        inner = hasattr(command, "commands")
        found |= commands(command, f"{before}{name} ") if inner else {before + name}
    return found


def test_every_command_has_said_what_it_tells():
    group = typer.main.get_command(app)
    assert commands(group) == set(TELLS)


@pytest.fixture
def report(home: Path) -> Path:
    """A report that is guarded, in the words of its marks, in an installation of its own."""
    _, parts = ready()

    def file(unit) -> None:
        row = add_filing(
            unit, NUMBER, answers={"what": MARKS[0]},
            identity={"name": MARKS[1], "address": MARKS[2]},
        )  # fmt: skip
        guards.add(unit, row.id, confirmed_at=MONDAY)

    parts.store.transact(file, None)
    parts.close()
    return home


def test_no_command_shows_a_word_of_a_report(report: Path, monkeypatch):
    made = run("backup-key", str(report / "identity"))
    public = made.output.split("JEOKGEUK_BACKUP_KEY=")[1].strip()
    monkeypatch.setenv("JEOKGEUK_BACKUP_KEY", public)
    told = [
        run(*words)
        for words in (
            ("backup", str(report / "safe")), ("verify",), ("verify", NUMBER), ("doctor",),
            ("doctor", "--json"), ("resume", "--review"), ("keys", "rotate", "--wait", "0"),
        )
    ]  # fmt: skip
    assert [one.exit_code for one in told[:3]] == [0, 0, 0], [one.output for one in told[:3]]
    said = "".join(one.output for one in told).encode()
    key = pyrage.x25519.Identity.from_str(_secret(report / "identity"))
    packed = [path.read_bytes() for path in (report / "safe").iterdir()]
    assert len(packed) >= 2
    opened = [pyrage.decrypt(one, [key]) for one in packed if one.startswith(b"age-encryption")]
    assert any(NUMBER.encode() in one for one in opened)  # it is in there
    for mark in MARKS:
        assert mark.encode() not in said
        assert not any(mark.encode() in one for one in (*packed, *opened)), mark


def _secret(path: Path) -> str:
    return next(line for line in path.read_text().splitlines() if line.startswith("AGE-SECRET"))
