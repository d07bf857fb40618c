"""The catalogue is derived from the procedure files; what does not fit stops the start."""

import re
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot import catalogue
from bot.dialogs.form import Context, Errors
from bot.errors import BadStart
from bot.locale import Texts
from knowledge.procedures import SHIPPED


@pytest.fixture(scope="module")
def book(texts: Texts) -> catalogue.Book:
    return catalogue.load(texts)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SHIPPED, tmp_path / "procedures"))


def change(folder: Path, old: str, new: str) -> None:
    file = folder / "passive_report.toml"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_a_command_opens_a_procedure_s_form(book):
    assert book.command("report") == "passive_report"
    assert book.command("unknown") is None
    assert book.form("passive_report").id == "passive_report"


def test_every_move_that_asks_something_has_a_form_with_its_texts(book, texts):
    for rules in book.procedures.every():
        for move in rules.moves.values():
            form = book.move_form(rules.id, rules.version, move.action)
            assert (form is None) == (not move.fields)
            for step in form.steps if form else ():
                assert texts.has(f"{form.base(step)}.ask")
                for value in getattr(step, "values", ()):
                    assert texts.has(f"{form.base(step)}.options.{value}")


def test_a_field_that_hangs_on_a_choice_is_asked_only_then(book, texts):
    form = book.move_form("passive_report", 1, "refer")
    ctx = Context(now=datetime(2026, 11, 23, tzinfo=UTC), texts=texts)
    assert [step.name for step in form.visible({"how": "without_name"}, ctx)] == [
        "how", "unit", "reason", "content",
    ]  # fmt: skip


@pytest.mark.parametrize("raw", ["", "0", "61", "-3", "일곱", "3.5", None, [], 10**30])
def test_a_number_out_of_its_bounds_is_an_error_of_its_field(book, texts, raw):
    form = book.move_form("passive_report", 1, "ask_supplement")
    ctx = Context(now=datetime(2026, 11, 23, tzinfo=UTC), texts=texts)
    found = form.validate({"items": "사진", "why": "곳", "days": raw}, ctx)
    assert isinstance(found, Errors)
    assert set(found.by) == {"days"}


def test_a_number_may_be_said_with_its_unit(book, texts):
    form = book.move_form("passive_report", 1, "ask_supplement")
    ctx = Context(now=datetime(2026, 11, 23, tzinfo=UTC), texts=texts)
    found = form.validate({"items": "사진", "why": "곳", "days": "７일"}, ctx)
    assert found.days == 7


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ('"handler_complete"', '"handler_compleat"', "handler_compleat"),
        ('effects = ["recuse"]', 'effects = ["explode"]', "explode"),
        ('key = "supplement.ask"', 'key = "supplement.asks"', "supplement.asks"),
        ('form = "passive_report"', 'form = "no_such_form"', "no_such_form"),
        ("[moves.recuse]", "[moves.recuses]", "move.recuses.name"),
    ],
)
def test_an_unknown_guard_effect_text_or_form_stops_the_start(folder, texts, old, new, named):
    change(folder, old, new)
    with pytest.raises(BadStart) as caught:
        catalogue.load(texts, [folder])
    assert named in str(caught.value)
    assert re.search("[가-힣]", str(caught.value))


def test_a_procedure_that_is_no_toml_is_told_in_korean(folder, texts):
    (folder / "other.toml").write_text("id = ", encoding="utf-8")
    with pytest.raises(BadStart, match=r"other\.toml: .*TOML 문법에 맞지 않습니다"):
        catalogue.load(texts, [folder])
    (folder / "other.toml").write_text("version = 1", encoding="utf-8")
    with pytest.raises(BadStart, match=r"other\.toml: id: 값이 없습니다"):
        catalogue.load(texts, [folder])


def test_two_procedures_cannot_share_a_command(folder, texts):
    text = (folder / "passive_report.toml").read_text(encoding="utf-8")
    other = text.replace('id = "passive_report"', 'id = "other"', 1)
    (folder / "other.toml").write_text(other, encoding="utf-8")
    with pytest.raises(BadStart) as caught:
        catalogue.load(texts, [folder])
    assert "filing.form" in str(caught.value)
    text = text.replace('form = "passive_report"\n', 'form = "personal_data"\n', 1)
    text = text.replace("menu = 1\n", "", 1)
    text = text.replace('id = "passive_report"', 'id = "personal_data"', 1)
    (folder / "other.toml").write_text(text, encoding="utf-8")
    (folder / "personal_data.toml").unlink()
    with pytest.raises(BadStart) as caught:
        catalogue.load(texts, [folder])
    assert "filing.commands" in str(caught.value)


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ('only = { field = "nothing", values = ["yes"] }', "filing.only"),
        ('only = { field = "who", values = ["named"] }', "passive_report.not_filed"),
    ],
)
def test_what_alone_is_kept_names_a_question_and_says_so_when_nothing_is(
    folder, texts, line, named
):
    change(folder, "menu = 1", f"menu = 1\n{line}")
    with pytest.raises(BadStart) as caught:
        catalogue.load(texts, [folder])
    assert named in str(caught.value)


@pytest.mark.parametrize("word", ["도움", "신고"])
def test_a_word_opens_one_thing(folder, texts, word):
    known = {lang: {key: texts.raw(key, lang) for key in texts.keys(lang)} for lang in ("ko",)}
    known["ko"] |= {"personal_data.menu": "내 정보", "personal_data.words": f"내정보요청 {word}"}
    file = folder / "personal_data.toml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("[filing]", "[filing]\nmenu = 2", 1), encoding="utf-8")
    with pytest.raises(BadStart) as caught:
        catalogue.load(Texts(known), [folder])
    assert "personal_data.words" in str(caught.value)


def test_a_procedure_says_its_states_in_words_of_its_own(folder, texts):
    known = {"ko": {key: texts.raw(key) for key in sorted(texts.keys())}}
    text = known["ko"].pop("state.checked")
    with pytest.raises(BadStart, match=r"state\.checked"):
        catalogue.load(Texts(known), [folder])
    known["ko"]["state.checked_personal_data"] = text
    assert catalogue.load(Texts(known), [folder]).form("personal_data")
