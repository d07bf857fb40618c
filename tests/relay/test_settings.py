"""The road is opened by settings; each that is wrong stops the start by its name."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.cli import relay
from bot.errors import BadStart
from bot.roads import to_relay
from bot.settings import read_settings
from bot.worker.relaying import Standing
from storage import crossing
from storage.crypto import new_key_text
from storage.repositories.relays import File
from tests.services.conftest import SITE

SOURCES = "".join(
    Path(path).read_text(encoding="utf-8")
    for path in ("storage/crossing.py", "bot/services/relay_apply.py", "bot/worker/relaying.py")
)


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    for name in ("data", "out", "in"):
        (tmp_path / name).mkdir()
    crossing.new_own(tmp_path / "mine")
    peer = crossing.new_own(tmp_path / "theirs")
    return {
        "JEOKGEUK_KIND": "service",
        "JEOKGEUK_DATA": str(tmp_path / "data"),
        "JEOKGEUK_SITE": str(SITE),
        "JEOKGEUK_PUBLIC_URL": "https://talk.gaon.example",
        "JEOKGEUK_KEYS": new_key_text(),
        "JEOKGEUK_RELAY": "outside",
        "JEOKGEUK_RELAY_OUT": str(tmp_path / "out"),
        "JEOKGEUK_RELAY_IN": str(tmp_path / "in"),
        "JEOKGEUK_RELAY_KEY_FILE": str(tmp_path / "mine"),
        "JEOKGEUK_RELAY_PEER": str(peer),
    }


def road(environ: dict[str, str], part: str = "work") -> object:
    return to_relay(read_settings(environ), None, None, part)  # type: ignore[arg-type]


def wrong(environ: dict[str, str], **changes: str) -> str:
    with pytest.raises(BadStart) as caught:
        road({**environ, **changes})
    return str(caught.value).split(": ")[1]


def test_the_side_says_which_direction_is_written(environ: dict[str, str]):
    assert road(environ).link.ends.writes == "in"
    assert road({**environ, "JEOKGEUK_RELAY": "inside"}).link.ends.writes == "out"


def test_the_public_part_needs_neither_keys_nor_folders(environ: dict[str, str], tmp_path: Path):
    (tmp_path / "mine").unlink()
    assert road(environ, "public") is None
    assert road(environ, "desk") is None


def test_what_is_missing_or_wrong_is_named(environ: dict[str, str], tmp_path: Path):
    for name in ("OUT", "IN", "KEY_FILE", "PEER"):
        less = {key: value for key, value in environ.items() if key != f"JEOKGEUK_RELAY_{name}"}
        assert wrong(less) == f"JEOKGEUK_RELAY_{name}"
    lonely = {key: value for key, value in environ.items() if key != "JEOKGEUK_RELAY"}
    assert wrong(lonely).startswith("JEOKGEUK_RELAY_")
    assert wrong(environ, JEOKGEUK_RELAY="between") == "JEOKGEUK_RELAY"
    assert wrong(environ, JEOKGEUK_RELAY_IN=str(tmp_path / "no")) == "JEOKGEUK_RELAY_IN"
    assert wrong(environ, JEOKGEUK_RELAY_IN=environ["JEOKGEUK_RELAY_OUT"]) == "JEOKGEUK_RELAY_IN"
    assert wrong(environ, JEOKGEUK_RELAY_PEER="jtr1.x.y") == "JEOKGEUK_RELAY_PEER"
    mine = str(crossing.read_own(tmp_path / "mine").public)
    assert wrong(environ, JEOKGEUK_RELAY_PEER=mine) == "JEOKGEUK_RELAY_PEER"
    (tmp_path / "mine").chmod(0o644)
    assert wrong(environ) == "JEOKGEUK_RELAY_KEY_FILE"
    inside = {"JEOKGEUK_RELAY_KEY_FILE": str(tmp_path / "data" / "mine")}
    assert wrong(environ, **inside) == "JEOKGEUK_RELAY_KEY_FILE"
    other = {"JEOKGEUK_RELAY_KEY_FILE": str(SITE)}
    assert wrong(environ, **other) == "JEOKGEUK_RELAY_KEY_FILE"


def test_a_key_that_is_there_is_never_written_over(tmp_path: Path):
    crossing.new_own(tmp_path / "mine")
    assert (tmp_path / "mine").stat().st_mode & 0o777 == 0o600
    with pytest.raises(FileExistsError):
        crossing.new_own(tmp_path / "mine")


def test_keys_are_shown_to_nobody(environ: dict[str, str], tmp_path: Path):
    own = crossing.read_own(tmp_path / "mine")
    seed = (tmp_path / "mine").read_text().splitlines()[1]
    assert "SECRET" not in repr(own)
    assert seed not in repr(own)
    assert seed in read_settings(environ).secrets()


def test_every_reason_to_refuse_a_file_has_its_advice():
    reasons = set(re.findall(r'Refuse\("([a-z]+)"\)', SOURCES)) | {
        "direction",
        "receiver",
        "unreadable",
    }
    reasons |= set(re.findall(r'_refuse\(path, content, "([a-z]+)"\)', SOURCES))
    assert reasons - {"newer"} == set(relay.ADVICE)
    assert all("{n}" not in relay.ADVICE[one].format(n=1) for one in relay.ADVICE)


def test_status_says_what_is_wrong_and_what_to_do():
    at = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
    lost = File(1, b"", "in", 7, "made", b"", "x", 1, 1, 0, "", at, at, None)
    bad = File(
        2, b"", "out", None, "forged", b"", "", 1, 0, 0, "out-0000000004.jtr", at, None, None
    )
    stands = Standing(
        made=7, arrived=6, waiting=(lost,), read=3, ahead=(6,), missing=(4, 5), refused=(bad,),
        strange=("note.txt",), stuck="out-0000000009.jtr newer",
    )  # fmt: skip
    said = "\n".join(relay.lines(stands, "in", "out"))
    for part in (
        "7번까지 만들었고 6번까지", "export --again 7", "빠진 번호 4, 5: 6번이 기다립니다",
        "export --again 4", "out-0000000004.jtr (2026-11-23 10:00): 상대쪽이 서명하지 않았습니다",
        "note.txt", "더 새로운 판",
    ):  # fmt: skip
        assert part in said
