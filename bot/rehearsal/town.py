"""가온시, the made-up city: its settings, its people, and a clock that can be moved."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bot.errors import BadStart
from bot.settings import Settings, is_loopback, read_settings
from storage import crypto, instance
from storage.store import Store

HERE = Path(__file__).parent
PASSWORD = "gaon-rehearsal-2026"  # noqa: S105 - of made-up people; no service starts with it
BACK = timedelta(days=45)
"""How long ago the oldest of the made-up filings was made."""


def settings_for(data: Path, port: int, bind: str = "127.0.0.1") -> Settings:
    """Make the settings of a rehearsal; its key lies beside the folder, never inside (S6)."""
    if not is_loopback(bind):
        reason = "이 컴퓨터 안의 주소(127.0.0.1, localhost)만 씁니다"
        raise BadStart("demo", "--bind", reason)
    if data.exists() and not data.is_dir():
        raise BadStart("demo", "--data", f"{data.name}: 폴더가 아닙니다")
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    keys = data.resolve().with_name(data.name + ".keys")
    if not keys.exists():
        if any(data.iterdir()):
            raise BadStart(
                "demo", "--data", f"{data.name}: 빈 폴더나 전에 쓰던 연습 폴더를 주세요"
            )
        crypto.add_key(keys)
    named = f"[{bind}]" if ":" in bind else bind
    return read_settings(
        {
            "JEOKGEUK_KIND": "rehearsal",
            "JEOKGEUK_DATA": str(data),
            "JEOKGEUK_SITE": str(HERE / "site.toml"),
            "JEOKGEUK_KEY_FILE": str(keys),
            "JEOKGEUK_PUBLIC_URL": f"http://{named}:{port}",
            "JEOKGEUK_BIND": bind,
            "JEOKGEUK_PORT": str(port),
            "JEOKGEUK_LOG": "warning",
        }
    )


def city() -> Mapping[str, Sequence[Mapping[str, Any]]]:
    """Read the units and officials of the made-up city."""
    return tomllib.loads((HERE / "city.toml").read_text(encoding="utf-8"))


@dataclass
class MovedClock:
    """The machine's clock plus an offset; the database keeps the offset, so a restart knows it."""

    offset: timedelta = field(default_factory=timedelta)

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.offset

    def restore(self, store: Store) -> None:
        """Go on where the last start left off."""
        self.offset = store.read(lambda unit: instance.clock_offset(unit.conn))

    def move_to(self, at: datetime, store: Store, command_id: str) -> None:
        """Set the clock to `at` (aware), in this process and in the database."""
        seconds = round((at - datetime.now(UTC)).total_seconds())
        store.transact(lambda unit: instance.move_clock(unit.conn, seconds), command_id)
        self.offset = timedelta(seconds=seconds)
