"""Whatever is wrong in a procedure's file stops the start and is named: file, key, reason."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from bot import app
from bot.errors import BadStart
from bot.settings import Settings, read_settings
from storage import crypto
from tests import shipped
from tests.procedures import own

WEIGHING = "[states.weighing]\n"
FAULTS = [
    # old, new, key, a part of the reason
    (WEIGHING, WEIGHING + "[states.lost]\n", "states.lost", "이 상태로 가는 일이 없습니다"),
    (
        'to = "declined"\nby = ["auditor"]\n',
        'to = "stuck"\nby = ["auditor"]\n',
        "moves.decide.to",
        "모르는 상태입니다: stuck",
    ),
    (
        'branch = { field = "verdict", to = { adopted = "adopted" } }\n',
        "",
        "states.adopted",
        "이 상태로 가는 일이 없습니다",
    ),
    ('from = ["weighing"]', 'from = ["adopted"]', "moves.decide.from", "나갈 수 없습니다"),
    ('from = ["weighing"]', "from = []", "moves.decide.from", "어느 상태에서"),
    ('from = ["weighing"]', 'from = ["weighed"]', "moves.decide.from.0", "모르는 상태입니다"),
    ('state = "submitted"', 'state = "sent"', "filing.state", "모르는 상태입니다: sent"),
    ('by = ["auditor"]\n', 'by = ["boss"]\n', "moves.decide.by.0", ""),
    ('by = ["auditor"]\n', "by = []\n", "moves.decide.by", "이 일을 할 사람이 없습니다"),
    ('"handler_complete"', '"handler_whole"', "moves.decide.guard.0", "모르는 조건입니다"),
    ('effects = ["assign"]', 'effects = ["asign"]', "moves.assign.effects.0", "모르는 효과입니다"),
    ('branch = { field = "verdict"', 'branch = { field = "verdit"', "moves.decide.branch", "칸"),
    ('outcome_field = "verdict"', 'outcome_field = "reason"', "moves.decide.outcome_field", "칸"),
    (
        'when = { field = "verdict", values = ["adopted"]',
        'when = { field = "verdict", values = ["taken"]',
        "moves.decide.notify.0.when",
        "고를 수 없는 값입니다: taken",
    ),
    (
        'kind = "long" },\n]\nguard',
        'kind = "essay" },\n]\nguard',
        "moves.decide.fields.1.kind",
        "",
    ),
    ('name = "handler"', 'name = "whom"', "moves.assign.effects.0", "handler"),
    ('lookup = "auditors"', 'lookup = "auditorz"', "moves.assign.fields.0.lookup", "auditorz"),
    ('deadline = "answer"', 'deadline = "reply"', "filing.deadline", "모르는 기한입니다: reply"),
    (
        'clock = "start"\non = "answer"',
        'clock = "start"\non = "reply"',
        "moves.receive.on",
        "기한",
    ),
    ('ends = ["decide"]', 'ends = ["decides"]', "deadlines.answer.ends.0", "모르는 일입니다"),
    ('starts = "received"', 'starts = "once"', "deadlines.answer.starts", "once"),
    ("amount = 30", 'amount = "30"', "deadlines.answer.amount", ""),
    ('count = "calendar_days"', 'count = "moons"', "deadlines.answer.count", ""),
    (
        'to = "handler", key = "answer_due"',
        'to = "boss", key = "x"',
        "deadlines.answer.before",
        "",
    ),
    ("told = true", 'told = true\nthen = "decide"', "deadlines.answer.then", "시계가 하는 일이"),
    ("menu = 5", "menus = 5", "filing.menus", ""),
    ('title = "적극행정 제안"\n', "", "title", "값이 없습니다"),
    ("menu = 5", 'menu = 5\nby = ["clerk"]', "filing.by.0", ""),
    ("menu = 5", 'menu = 5\nreach = "world"', "filing.reach", ""),
    ("menu = 5", 'menu = 5\nneeds = "no.such"', "filing.needs", "그런 설정이 없습니다: no.such"),
    ('form = "suggestion"', 'form = "proposal"', "filing.form", "그런 서식이 없습니다"),
    ('["suggestion"]', '["report"]', "filing.commands.report", "다른 일을 여는 명령입니다"),
    ('["suggestion"]', '["help"]', "filing.commands.help", "다른 일을 여는 명령입니다"),
    ('key = "withdraw.done"', 'key = "gone"', "notice.gone", "이 이름의 문장이 없습니다"),
    ("[filing]", "[filing", "", "TOML 문법에 맞지 않습니다"),
]


@pytest.fixture
def start(tmp_path: Path) -> Callable[[], None]:
    """Start as `serve` does, on the agency's folder; the database is never reached."""
    crypto.add_key(tmp_path / "keys")

    def go() -> None:
        app._words.cache_clear()
        app.build(settings(tmp_path))

    return go


def env(folder: Path) -> dict[str, str]:
    return {
        "JEOKGEUK_KIND": "rehearsal",
        "JEOKGEUK_DATA": str(folder / "data"),
        "JEOKGEUK_SITE": str(shipped.SITE),
        "JEOKGEUK_KEY_FILE": str(folder / "keys"),
        "JEOKGEUK_PUBLIC_URL": "http://127.0.0.1:8080",
        "JEOKGEUK_OVERLAY": str(folder / "site"),
    }


def settings(folder: Path) -> Settings:
    return read_settings(env(folder))


@pytest.mark.parametrize(("old", "new", "key", "why"), FAULTS)
def test_a_fault_stops_the_start_by_file_key_and_reason(
    tmp_path: Path, start: Callable[[], None], old: str, new: str, key: str, why: str
) -> None:
    folder = own.lay(tmp_path)
    own.change(folder, old, new)
    with pytest.raises(BadStart) as caught:
        start()
    said = str(caught.value)
    file = f"{folder}/procedures/suggestion.toml: "
    assert said.startswith(f"{file}{key}"), said
    assert why in said
    assert any("가" <= letter <= "힣" for letter in said.removeprefix(file)), said


def test_serve_itself_ends_in_that_sentence(tmp_path: Path) -> None:
    """A process of its own: what an agency sees on its terminal, and that nothing was opened."""
    crypto.add_key(tmp_path / "keys")
    own.change(own.lay(tmp_path), 'state = "submitted"', 'state = "sent"')
    done = subprocess.run(
        [sys.executable, "-m", "bot.cli", "serve"],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(Path.cwd()), **env(tmp_path)},
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert "suggestion.toml: filing.state: 모르는 상태입니다: sent" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "data" / "jeokgeuk.db").exists()
