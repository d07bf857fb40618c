"""The example of a new procedure, laid into an agency's folder."""

import shutil
from pathlib import Path

EXAMPLE = Path(__file__).with_name("site")


def lay(folder: Path) -> Path:
    """Write form, procedure and words into an empty folder; gives it."""
    made = Path(shutil.copytree(EXAMPLE, folder / "site"))
    for path in made.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)
    return made


def change(folder: Path, old: str, new: str) -> None:
    """Change the procedure's file."""
    file = folder / "procedures" / "suggestion.toml"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
