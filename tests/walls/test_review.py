"""The papers for a security review say what is installed and what the settings are."""

import re
from pathlib import Path

from bot.cli import licences
from storage import roles

PAGE = Path("docs/security-review.md").read_text(encoding="utf-8")


def test_the_list_of_open_source_parts_is_what_is_installed() -> None:
    assert licences.put(PAGE) == PAGE


def test_every_part_says_its_licence_or_that_it_says_none() -> None:
    found = licences.parts()
    assert {"cryptography", "sqlalchemy", "starlette", "psycopg"} <= set(found)
    assert all(found.values())
    assert found["cryptography"] == "Apache-2.0 OR BSD-3-Clause"


def test_every_role_of_the_database_is_told() -> None:
    told = set(re.findall(r"^\| `(jt_\w+)`", PAGE, re.MULTILINE))
    assert told == set(roles.ROLES)


def test_no_paper_claims_a_validated_module() -> None:
    for page in (*Path().glob("README*.md"), *Path("docs").rglob("*.md")):
        for line in page.read_text(encoding="utf-8").splitlines():
            claims = "검증필" in line and not re.search(
                r"아닙니다|아니다|필요하면|말하지 않|써야 한다|쓸 수 있", line
            )
            assert not claims, f"{page}: {line}"
