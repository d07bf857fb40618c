"""What an agency lays into its own folder: a procedure with its form and its words."""

from pathlib import Path

import pytest

from bot import catalogue
from bot.errors import BadStart
from bot.locale import SHIPPED, Texts
from bot.settings import Site, read_site
from tests import shipped
from tests.procedures import own


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return own.lay(tmp_path)


def load(folder: Path) -> catalogue.Book:
    texts = Texts.load((SHIPPED, folder / "locale"), new={"suggestion"})
    dirs = (catalogue.SHIPPED, folder / "procedures")
    return catalogue.load(texts, dirs, forms=folder / "forms")


def test_a_new_procedure_is_a_form_a_file_and_words(folder: Path) -> None:
    book = load(folder)
    assert book.command("suggestion") == "suggestion"
    assert book.opens["제안"] == "suggestion"
    assert [step.name for step in book.form("suggestion").steps][1:3] == ["idea", "area"]


def test_words_that_belong_to_no_new_procedure_change_only_what_is_there(folder: Path) -> None:
    (folder / "locale" / "ko" / "mine.toml").write_text('[mine]\nx = "y"\n', encoding="utf-8")
    with pytest.raises(BadStart, match=r"mine\.x: 이 서비스에 없는 이름입니다"):
        load(folder)


@pytest.mark.parametrize("mode", [0o664, 0o646])
def test_a_form_that_others_may_write_does_not_run(folder: Path, mode: int) -> None:
    (folder / "forms" / "suggestion.py").chmod(mode)
    with pytest.raises(BadStart, match=r"suggestion\.py: FORM: 다른 사람이 쓸 수 있는"):
        load(folder)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("FORM = ", "SyntaxError"),
        ("import nothing_of_that_name", "ModuleNotFoundError"),
        ("FORM = 'suggestion'", "FORM이라는 서식이 없습니다"),
    ],
)
def test_a_form_that_cannot_be_read_stops_the_start(folder: Path, text: str, why: str) -> None:
    (folder / "forms" / "suggestion.py").write_text(text, encoding="utf-8")
    with pytest.raises(BadStart, match=rf"suggestion\.py: FORM: .*{why}"):
        load(folder)


def test_a_form_of_ours_is_not_replaced(folder: Path) -> None:
    own.change(folder, 'form = "suggestion"', 'form = "passive_report"')
    (folder / "forms" / "suggestion.py").rename(folder / "forms" / "passive_report.py")
    with pytest.raises(BadStart, match="이 서비스에 있는 서식의 이름입니다"):
        load(folder)


def test_a_number_of_ones_own_counts_once_it_is_set(folder: Path) -> None:
    site = read_site(shipped.SITE)
    catalogue.check_settings(load(folder), site)
    assert site.value("procedures.suggestion.days") is None
    known = Site.model_validate({**site.model_dump(), "procedures": {"suggestion": {"days": 14}}})
    assert known.number("procedures.suggestion.days") == 14


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ('"procedures.suggestion.days"', '"suggestion.days"', "deadlines.answer.setting"),
        ('"procedures.suggestion.days"', '"agency"', "deadlines.answer.setting"),
        ("menu = 5", 'menu = 5\nneeds = "no_such_switch"', "filing.needs"),
    ],
)
def test_a_setting_that_there_is_not_stops_the_start(
    folder: Path, old: str, new: str, key: str
) -> None:
    own.change(folder, old, new)
    with pytest.raises(BadStart, match=rf"suggestion\.toml: {key}: site\.toml에 그런 설정이"):
        catalogue.check_settings(load(folder), read_site(shipped.SITE))
