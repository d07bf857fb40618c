"""The documents say what is: settings, commands and the READMEs' promises."""

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli import app
from bot.cli.manual import manual
from bot.settings import OidcSite, PassiveReportSite, Settings, Site, TelegramSite
from bot.settings_newsletter import CardsSite
from bot.settings_site import KeepSite, PreconsultingSite
from knowledge import importing, tables

ROOT = Path(__file__).resolve().parents[2]
OPERATE = (ROOT / "docs" / "operate.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", [n for n in Settings.model_fields if n != "site"])
def test_every_variable_is_documented(name: str) -> None:
    assert f"`{name.upper()}`" in OPERATE


@pytest.mark.parametrize(
    "key",
    [n for n in Site.model_fields if n not in {"telegram", "passive_report", "preconsulting"}]
    + [f"oidc.{n}" for n in OidcSite.model_fields]
    + [f"telegram.{n}" for n in TelegramSite.model_fields]
    + [f"passive_report.{n}" for n in PassiveReportSite.model_fields]
    + [f"preconsulting.{n}" for n in PreconsultingSite.model_fields]
    + [f"keep.{n}" for n in KeepSite.model_fields]
    + [f"newsletter.cards.{n}" for n in CardsSite.model_fields],
)
def test_every_key_of_the_site_file_is_documented(key: str) -> None:
    assert f"`{key}`" in OPERATE


def test_every_link_between_documents_leads_somewhere() -> None:
    broken: list[str] = []
    for page in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]:
        targets = re.findall(r"\]\(([^)#\s]+)\)", page.read_text(encoding="utf-8"))
        broken += [
            f"{page.name}: {target}"
            for target in targets
            if "://" not in target and not (page.parent / target).exists()
        ]
    assert broken == []


def test_every_command_of_the_documents_exists() -> None:
    pages = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
    said = {
        match
        for page in pages
        for match in re.findall(r"jeokgeuk ([a-z]+)", page.read_text(encoding="utf-8"))
    }
    shown = CliRunner().invoke(app, ["--help"]).stdout
    known = set(re.findall(r"^\s+([a-z]+)\s", shown, re.MULTILINE))
    assert said <= known, said - known


def test_the_readme_has_no_more_than_two_commands_to_start() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert "make demo" in text
    assert "make test" in text


def test_the_page_of_commands_is_what_the_commands_say() -> None:
    assert (ROOT / "docs" / "commands.md").read_text(encoding="utf-8") == manual(app)


def test_the_page_of_cases_names_every_column_and_bound() -> None:
    page = (ROOT / "docs" / "cases.md").read_text(encoding="utf-8")
    for name, korean in importing.LABELS.items():
        row = next(line for line in page.splitlines() if line.startswith(f"| {korean} |"))
        assert f"`{name}`" in row
        bound = importing.LIMITS.get(name)
        assert bound is None or f"{bound:,}자" in row
    assert str(importing.FIRST_YEAR) in page
    assert f"{importing.MOST_KEYWORDS}개, 하나에 {importing.LONGEST_KEYWORD}자" in page
    assert f"{tables.UPLOAD.rows:,}건" in page
    assert f"{tables.CONSOLE.rows:,}건" in page
