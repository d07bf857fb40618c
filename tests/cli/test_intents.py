"""`route`, `intents train` and `bench intents` on the command line."""

import json
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.bench import intents as bench
from bot.cli import app
from knowledge import intents

runner = CliRunner()


def test_route_says_what_is_understood_of_one_text() -> None:
    said = runner.invoke(app, ["route", "도로과가 석 달째 길을 안 고쳐줘서 신고합니다", "--json"])
    found = json.loads(said.stdout)
    assert found["intent"] == "report_passive"
    assert len(found["top"]) == 3
    assert found["top"][0]["score"] == found["score"]
    assert found["slots"]["units"] == ["도로과"]
    assert found["does"] == "answer"
    words = runner.invoke(app, ["route", "죽고 싶어요"]).stdout
    assert "abuse_or_threat 1.00" in words
    assert "할 일: signal" in words


def test_route_reads_a_line_for_each_utterance_whatever_is_in_it() -> None:
    given = "며칠 걸려요\n\n".encode() + b"\xff\xfe\x00\r\n" + "끝".encode()
    said = runner.invoke(app, ["route"], input=given)
    found = [json.loads(line) for line in said.stdout.splitlines()]
    assert [one["text"] for one in found][:2] == ["며칠 걸려요", ""]
    assert len(found) == 4
    assert {one["does"] for one in found[1:3]} == {"menu"}


def test_route_hides_identity_numbers_as_the_bot_does() -> None:
    said = runner.invoke(app, ["route", "제 번호는 900101-1234567", "--json"])
    assert "1234567" not in said.stdout


def test_what_has_to_be_installed_for_learning_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "sklearn.svm", None)
    said = runner.invoke(app, ["intents", "train", "--to", str(tmp_path / "w.npz")])
    assert said.exit_code == 1
    assert "scikit-learn" in said.output
    assert not list(tmp_path.iterdir())


def test_a_set_of_ones_own_is_measured_beside_two_others(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text('withdraw = ["신고 취하할게요"]\nhuman_agent = ["전화 연결해 주세요"]', "utf-8")
    found = json.loads(
        runner.invoke(app, ["bench", "intents", "--json", "--file", str(own)]).stdout
    )
    ours, nearest, majority = found["rows"]
    assert (ours["accuracy"], majority["accuracy"]) == (1.0, 0.5)
    assert nearest["top3"] == 1.0
    assert found["confusion"] == {"human_agent": {"human_agent": 1}, "withdraw": {"withdraw": 1}}
    shown = runner.invoke(app, ["bench", "intents", "--file", str(own)]).stdout
    assert "묻지 않고 답함" in shown


@pytest.mark.parametrize("words", ["{", '{"items": [{}]}', '{"items": []}', "[]"])
def test_a_set_that_is_none_is_refused_in_one_sentence(tmp_path: Path, words: str) -> None:
    own = tmp_path / "own.json"
    own.write_text(words, "utf-8")
    said = runner.invoke(app, ["bench", "intents", "--file", str(own)])
    assert said.exit_code == 2
    assert "own.json" in said.output


def test_styles_are_told_apart(tmp_path: Path) -> None:
    items = [
        {"utterance": "신고 취하할게요", "intent": "withdraw", "style": "plain"},
        {"utterance": "취하요", "intent": "greeting", "style": "slang"},
    ]
    own = tmp_path / "own.json"
    own.write_text(json.dumps({"items": items}), "utf-8")
    styles = bench.measure(bench.read(own))["styles"]
    assert (styles["plain"]["accuracy"], styles["slang"]["accuracy"]) == (1.0, 0.0)


def test_macro_f1_is_the_mean_of_each_intent() -> None:
    pairs = [("a", "a"), ("a", "b"), ("b", "b")]
    assert bench.macro_f1(pairs) == pytest.approx((2 / 3 + 2 / 3) / 2)


def test_the_file_of_weights_is_small() -> None:
    assert intents.WEIGHTS.stat().st_size <= 2_000_000
