"""What every test starts from, read and made once in a process."""

import tempfile
from functools import cache
from pathlib import Path

from bot import catalogue
from bot.locale import Texts
from storage.migrate import migrate

SITE = Path("bot/rehearsal/site.toml")


@cache
def texts() -> Texts:
    """Read the words; nothing stands in place of one that is missing: a gap is an error."""
    return Texts.load(strict=True)


@cache
def book() -> catalogue.Book:
    """Read the procedures."""
    return catalogue.load(texts())


@cache
def _file() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "jeokgeuk.db"
        migrate(f"sqlite:///{file}")
        return file.read_bytes()


def new_file(folder: Path) -> Path:
    """Put an empty SQLite database at the newest revision into a folder: a copy costs 1 ms."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = folder / "jeokgeuk.db"
    file.write_bytes(_file())
    return file
