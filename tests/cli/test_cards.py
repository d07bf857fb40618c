"""Card news on the command line: published cases alone, and what is held back without a reason."""

from pathlib import Path

import pytest

from bot.cli.running import ready
from bot.services.cases import new_row
from knowledge.cases import shipped
from storage.repositories import cases
from tests.cli.test_first_day import office, run

__all__ = ["office"]


@pytest.fixture
def opened(office: Path) -> Path:
    """An office in which the audit office holds AC-023 back."""
    run("keys", "new", str(office / "keys"))
    run("migrate")
    _, parts = ready()
    row = new_row(parts.svc, shipped()["AC-023"], "shipped", None) | {"held": True}
    parts.store.transact(lambda unit: cases.add(unit, [row]), None)
    parts.close()
    return office


def test_pictures_and_their_words_are_written_for_each_case(opened: Path) -> None:
    (opened / "new").mkdir()
    (opened / "new" / "AC-095-6.png").write_bytes(b"of an earlier time")
    made = run("cards", "draw", "AC-095", "AC-023", "--theme", "dark", "--to", str(opened / "new"))
    assert made.exit_code == 0, made.output
    assert sorted(path.name for path in (opened / "new").iterdir()) == [
        *(f"AC-095-{n}.png" for n in range(1, 6)), "AC-095.txt",
    ]  # fmt: skip
    told = (opened / "new" / "AC-095.txt").read_text(encoding="utf-8").splitlines()
    assert len(told) == 5
    assert "119패스" in told[0]
    assert "AC-023: 소식과 사례집에 싣지 않기로 한 사례라 뺐습니다." in made.output


def test_a_book_holds_what_is_fit_and_what_is_not_says_why(opened: Path) -> None:
    to = opened / "book.pdf"
    made = run("cards", "book", "AC-095", "AC-003", "AC-023", "--to", str(to))
    assert made.exit_code == 1
    assert "사례 1건을 담았습니다" in made.output
    assert "AC-003: 제목만 아는 사례는" in made.output
    data = to.read_bytes()
    assert data.startswith(b"%PDF")
    assert b"pdfaid" in data

    # nothing at all is made of what cannot be drawn
    refused = run("cards", "draw", "AC-003", "P019", "no-such", "--to", str(opened / "new"))
    assert refused.exit_code == 1
    assert "AC-003: 제목만 아는 사례는" in refused.output
    assert "P019: 공개한 사례만" in refused.output
    assert "no-such: 그런 사례가 없습니다." in refused.output
    assert not (opened / "new").exists()
    assert run("cards", "draw", "AC-095", "--theme", "grey", "--to", "x").exit_code == 2
