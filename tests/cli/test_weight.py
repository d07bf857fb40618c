"""What a process that sends all day carries with it (figures: `jeokgeuk bench broadcast`)."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from bot.cli import chosen

ROOT = Path(__file__).parents[2]
HEAVY = (
    "numpy",
    "rapidfuzz",
    "joserfc",
    "puremagic",
    "alembic",
    "openpyxl",
    "lxml",
    "PIL",
    "slack_sdk",
    "slack_bolt",
)
SAYS = """
import json, sys
import bot.cli
bot.cli.chosen(["work"])
print(json.dumps(sorted(sys.modules)))
"""


def test_who_sends_loads_neither_search_nor_spreadsheets_nor_migrations():
    said = subprocess.run(
        [sys.executable, "-c", SAYS], capture_output=True, text=True, check=True, cwd=ROOT
    ).stdout
    assert set(json.loads(said)) & set(HEAVY) == set()


@pytest.mark.parametrize("word", ["serve", "work"])
def test_what_serves_knows_its_own_commands_only(word):
    names = {command.name for command in chosen([word]).registered_commands}
    assert names == {"serve", "work"}


def test_every_other_word_has_all_commands():
    assert chosen(["doctor"]) is chosen(["--help"])
