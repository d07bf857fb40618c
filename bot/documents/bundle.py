"""A transfer bundle: filed cases as an archive takes them, with a manifest of SHA-256 (S35).

A ZIP with a folder for each case: the record to read (PDF/A), the same for machines (XML, CSV), the
files that came with it. What people wrote reaches every format as text, never as markup or formula.
"""

import csv
import hashlib
import io
import os
import re
import zipfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from xml.etree import ElementTree as ET

from bot.documents import typeset

MANIFEST = "MANIFEST.sha256"
SEAL = "SEAL.txt"
_BAD_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
"""What a spreadsheet takes for a formula at the head of a cell (security S31)."""


@dataclass(frozen=True, slots=True)
class Value:
    """One thing that was filed: its name in the form, its label, what stands there.

    `shown` is how a person reads it, where that is something else (a day).
    """

    name: str
    label: str
    text: str
    shown: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the journal; `detail` is JSON, `when` and `who` are for people."""

    seq: int
    at: str
    actor: str
    kind: str
    label: str
    text: str
    detail: str
    when: str
    who: str


@dataclass(frozen=True, slots=True)
class File:
    """A file under the name that it has in the bundle; read when it is written."""

    name: str
    read: Callable[[], bytes]


@dataclass(frozen=True, slots=True)
class Case:
    """One case, finished in words; `issued` is an ISO day. `beside` are further files of it."""

    agency: str
    title: str
    number: str
    issued: str
    head: str
    facts: Sequence[Value]
    filed: Sequence[Value]
    person: Sequence[Value]
    journal: Sequence[Line]
    labels: Sequence[str]
    files: Sequence[File]
    beside: Sequence[File] = ()


@dataclass(frozen=True, slots=True)
class Bundle:
    sha256: str
    size: int
    cases: int


def write(
    path: Path,
    cases: Iterable[Case],
    told: Callable[[int], None] = lambda _count: None,
    seal: Callable[[bytes], str] | None = None,
) -> Bundle:
    """Write a bundle whole or not at all; `told` hears how many cases are in it.

    `seal` gives the line that stands beside the manifest and proves it.
    """
    half = path.with_name(f".{path.name}.part")
    try:
        count = 0
        with half.open("xb") as out:
            half.chmod(0o600)
            with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
                lines: list[str] = []
                for case in cases:
                    _case(archive, case, lines)
                    count += 1
                    told(count)
                manifest = "".join(lines).encode()
                archive.writestr(MANIFEST, manifest)
                if seal is not None:
                    archive.writestr(SEAL, f"{seal(manifest)}\n")
            out.flush()
            os.fsync(out.fileno())
        with half.open("rb") as made:
            digest = hashlib.file_digest(made, "sha256").hexdigest()
        half.rename(path)
    except BaseException:
        half.unlink(missing_ok=True)
        raise
    return Bundle(digest, path.stat().st_size, count)


def _case(archive: zipfile.ZipFile, case: Case, lines: list[str]) -> None:
    def put(name: str, content: bytes) -> None:
        full = f"{case.number}/{name}"
        archive.writestr(full, content)
        lines.append(f"{hashlib.sha256(content).hexdigest()}  {full}\n")

    put("record.pdf", _pdf(case))
    put("record.xml", _xml(case))
    put("record.csv", _csv([("", one.name, one.label, one.text) for one in _values(case)]))
    put("journal.csv", _csv([_row(one) for one in case.journal]))
    for file in case.beside:
        put(file.name, file.read())
    for file in case.files:
        put(f"files/{file.name}", file.read())


@dataclass(frozen=True, slots=True)
class Opened:
    """A bundle as it was found: its manifest and seal, and which files are not as they say."""

    manifest: bytes
    seal: str
    wrong: tuple[str, ...]


def look(path: Path) -> Opened:
    """Compare every file of a bundle with its manifest. Raises ValueError for what is no bundle."""
    try:
        with zipfile.ZipFile(path) as archive:
            there = archive.namelist()
            manifest = archive.read(MANIFEST)
            seal = archive.read(SEAL).decode("ascii") if SEAL in there else ""
            wanted = dict(line.split("  ", 1)[::-1] for line in manifest.decode().splitlines())
            listed = set(there) - {MANIFEST, SEAL}
            wrong = [
                name
                for name in sorted(listed | set(wanted))
                if there.count(name) != 1 or _digest(archive, name) != wanted.get(name)
            ]
    except (zipfile.BadZipFile, KeyError, UnicodeDecodeError, OSError) as bad:
        raise ValueError("not a bundle") from bad
    return Opened(manifest, seal, tuple(wrong))


def _digest(archive: zipfile.ZipFile, name: str) -> str:
    digest = hashlib.sha256()
    with archive.open(name) as file:
        while part := file.read(1 << 20):
            digest.update(part)
    return digest.hexdigest()


def _values(case: Case) -> list[Value]:
    return [*case.facts, *case.person, *case.filed]


def _row(line: Line) -> tuple[str, ...]:
    return (
        str(line.seq), line.at, line.actor, line.kind, line.label, line.text, line.detail,
    )  # fmt: skip


def _xml(case: Case) -> bytes:
    root = ET.Element("case", number=case.number, head=case.head)
    for name, values in (("facts", case.facts), ("person", case.person), ("filed", case.filed)):
        part = ET.SubElement(root, name)
        for one in values:
            field = ET.SubElement(part, "field", name=one.name, label=_clean(one.label))
            field.text = _clean(one.text)
    history = ET.SubElement(root, "journal")
    for line in case.journal:
        event = ET.SubElement(
            history, "event", seq=str(line.seq), at=line.at, actor=line.actor, kind=line.kind
        )
        event.text = _clean(line.detail)
    files = ET.SubElement(root, "files")
    for file in case.files:
        ET.SubElement(files, "file", name=file.name)
    text: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return text


def _clean(text: str) -> str:
    """Leave out what XML 1.0 cannot hold."""
    return _BAD_XML.sub("", text)


def _csv(rows: Iterable[Sequence[str]]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")  # RFC 4180
    for row in rows:
        writer.writerow([f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in row])
    return out.getvalue().encode("utf-8-sig")


def _pdf(case: Case) -> bytes:
    return typeset.pdf("record.typ", {"case": asdict(replace(case, files=(), beside=()))})
