"""A sealed bundle: whatever is changed in it later is found, file by file."""

import zipfile
from pathlib import Path

import pytest

from bot.documents import bundle
from bot.documents.bundle import Case, File

CASE = Case(
    agency="가온시", title="사전컨설팅", number="2026-7K3M-Q9", issued="2026-11-23", head="1:ab",
    facts=(), filed=(), person=(), journal=(), labels=("번호", "사람", "낸 것", "이력", "확인값"),
    files=(File("첨부1.pdf", lambda: b"paper"),), beside=(File("filed.json", lambda: b"{}"),),
)  # fmt: skip


@pytest.fixture
def made(tmp_path: Path) -> Path:
    path = tmp_path / "bundle.zip"
    bundle.write(path, [CASE], seal=lambda manifest: f"seal of {len(manifest)}")
    return path


def again(path: Path, name: str, content: bytes | None) -> None:
    """Write the bundle anew with one file changed, left out, or put in."""
    with zipfile.ZipFile(path) as old:
        parts = {one: old.read(one) for one in old.namelist()}
    parts[name] = content or b""
    if content is None:
        del parts[name]
    with zipfile.ZipFile(path, "w") as new:
        for one, data in parts.items():
            new.writestr(one, data)


def test_a_bundle_is_as_it_says(made: Path):
    opened = bundle.look(made)
    assert opened.wrong == ()
    assert opened.seal == f"seal of {len(opened.manifest)}\n"
    with zipfile.ZipFile(made) as archive:
        assert archive.read("2026-7K3M-Q9/files/첨부1.pdf") == b"paper"
        assert archive.read("2026-7K3M-Q9/filed.json") == b"{}"


@pytest.mark.parametrize(
    ("name", "content"),
    [("filed.json", b"{ }"), ("filed.json", None), ("more.txt", b"x")],
    ids=["changed", "left out", "put in"],
)
def test_what_is_not_as_it_says_is_named(made: Path, name: str, content: bytes | None):
    again(made, f"2026-7K3M-Q9/{name}", content)
    assert bundle.look(made).wrong == (f"2026-7K3M-Q9/{name}",)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_file_that_is_there_twice_is_not_as_it_says(made: Path):
    with zipfile.ZipFile(made, "a") as archive:
        archive.writestr("2026-7K3M-Q9/filed.json", b"{}")
    assert bundle.look(made).wrong == ("2026-7K3M-Q9/filed.json",)


def test_what_is_no_bundle_is_a_value_error(tmp_path: Path):
    other = tmp_path / "x.zip"
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("a", "b")
    text = tmp_path / "y"
    text.write_text("x")
    for path in (other, text, tmp_path / "none"):
        with pytest.raises(ValueError, match="not a bundle"):
            bundle.look(path)
