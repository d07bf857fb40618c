"""Procedures from their files: read, laid over each other, checked.

A procedure is one TOML file; a site's folder is laid over the shipped one, table by table. Which
guards and effects exist is told by who knows them: this package knows no services.
"""

import json
import tomllib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ConfigDict, TypeAdapter, ValidationError

from knowledge.clock import Deadline
from knowledge.procedure import (
    SAME,
    Branch,
    ClockWord,
    Field,
    FieldKind,
    Files,
    Filing,
    Move,
    Notice,
    Paper,
    Procedure,
    Reader,
    Replies,
    Role,
    State,
    When,
)
from knowledge.procedure_checks import faults

__all__ = [
    "SAME",
    "SHIPPED",
    "Branch",
    "ClockWord",
    "Deadline",
    "Field",
    "FieldKind",
    "Files",
    "Filing",
    "Move",
    "Notice",
    "Paper",
    "Procedure",
    "ProcedureError",
    "Procedures",
    "Reader",
    "Replies",
    "Role",
    "State",
    "When",
    "load_procedures",
]

SHIPPED = Path(__file__).parent / "data" / "procedures"
T = TypeVar("T")


class ProcedureError(ValueError):
    """A procedure that must not run: names file, key and reason."""

    def __init__(self, file: str, key: str, reason: str) -> None:
        super().__init__(f"{file}: {key}: {reason}")
        self.file = file
        self.key = key
        self.reason = reason


class NotKnown(KeyError):  # noqa: N818 - a later release may know it
    """Rules that this process has not: a filing of a later release, or of another site's files."""


class Procedures(Mapping[str, Procedure]):
    """All procedures; by id the newest version, older ones for the filings made under them."""

    def __init__(
        self, all_: Sequence[Procedure], files: Mapping[tuple[str, int], str] | None = None
    ) -> None:
        self._files = dict(files or {})
        self._versions = {(one.id, one.version): one for one in all_}
        self._newest = {one.id: one for one in sorted(all_, key=lambda one: one.version)}

    def __getitem__(self, key: str) -> Procedure:
        known = self._newest.get(key)
        if known is None:
            raise NotKnown(key)
        return known

    def __iter__(self) -> Iterator[str]:
        return iter(self._newest)

    def __len__(self) -> int:
        return len(self._newest)

    def file(self, procedure: Procedure) -> str:
        """Give the path of the file that a procedure stands in, the agency's own before ours."""
        key = (procedure.id, procedure.version)
        return self._files.get(key, f"{procedure.id}.toml")

    def every(self) -> tuple[Procedure, ...]:
        """Give all procedures in all versions."""
        return tuple(self._versions.values())

    def version(self, key: str, version: int) -> Procedure:
        """Give the rules that a filing was made under; raises `NotKnown`."""
        known = self._versions.get((key, version))
        if known is None:
            raise NotKnown(f"{key} {version}")
        return known

    def knows(self, key: str, version: int) -> bool:
        """Tell whether the rules that a filing was made under are here."""
        return (key, version) in self._versions

    def on(self, key: str, day: date) -> Procedure:
        """Give the newest version in force on a day; raises `KeyError` when there is none."""
        found = [
            one
            for (id_, _), one in self._versions.items()
            if id_ == key and one.effective_from <= day
        ]
        if not found:
            raise KeyError(f"{key} on {day}")
        return max(found, key=lambda one: one.version)


@dataclass(frozen=True, slots=True)
class _Head:
    """The tables of a file, the inner ones still unread."""

    __pydantic_config__ = ConfigDict(extra="forbid")
    id: str
    version: int
    title: str
    source: str
    effective_from: date
    filing: Filing
    states: Mapping[str, Mapping[str, Any]]
    deadlines: Mapping[str, Mapping[str, Any]]
    moves: Mapping[str, Mapping[str, Any]]
    papers: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    replies: Replies | None = None


_READERS: Mapping[type[Any], TypeAdapter[Any]] = {
    kind: TypeAdapter(kind) for kind in (_Head, State, Deadline, Move, Paper)
}


@dataclass(frozen=True, slots=True)
class _Source:
    """The files of one procedure, the shipped one first, and what they say together."""

    files: tuple[tuple[str, Mapping[str, Any]], ...]
    merged: Mapping[str, Any]

    def problem(self, path: Sequence[str | int], reason: str) -> ProcedureError:
        """Blame the file that has most of the key, the site's before the shipped one."""
        name, _ = max(reversed(self.files), key=lambda file: _depth(file[1], path))
        return ProcedureError(name, ".".join(str(part) for part in path), reason)

    def read(self, path: tuple[str, ...], kind: type[T], value: Any) -> T:
        """Read one table strictly: an unknown key, a wrong type stop the start."""
        try:
            text = json.dumps(value, default=str)
            read: T = _READERS[kind].validate_json(text, strict=True)
        except ValidationError as error:
            first = error.errors()[0]
            raise self.problem((*path, *first["loc"]), first["msg"]) from error
        return read


def load_procedures(
    dirs: Sequence[Path], *, guards: Collection[str], effects: Collection[str]
) -> Procedures:
    """Read every `*.toml` of the folders, later ones over earlier ones of the same file name.

    Tables are merged key by key, lists are replaced. Older versions stand beside the newest
    under another name (`passive_report@1.toml`). Raises `ProcedureError`.
    """
    layers: dict[str, list[tuple[str, Mapping[str, Any]]]] = {}
    for folder in dirs:
        for path in sorted(folder.glob("*.toml")):
            layers.setdefault(path.name, []).append((str(path), _parse(path)))
    found: dict[tuple[str, int], str] = {}
    procedures = []
    for files in layers.values():
        merged: Mapping[str, Any] = {}
        for _, data in files:
            merged = _merge(merged, data)
        source = _Source(tuple(files), merged)
        procedure = _procedure(source)
        for where, reason in faults(procedure, guards, effects):
            raise source.problem(where, reason)
        key = (procedure.id, procedure.version)
        if key in found:
            raise source.problem(("version",), f"{key[1]}판이 이미 있습니다: {found[key]}")
        found[key] = files[-1][0]
        procedures.append(procedure)
    return Procedures(procedures, found)


def _parse(path: Path) -> Mapping[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ProcedureError(str(path), "(file)", str(error)) from error


def _merge(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(below)
    for key, value in above.items():
        old = merged.get(key)
        both = isinstance(old, Mapping) and isinstance(value, Mapping)
        merged[key] = _merge(old, value) if both else value  # type: ignore[arg-type]
    return merged


def _depth(data: Any, path: Sequence[str | int]) -> int:
    """Count how many parts of a key a file has."""
    for depth, part in enumerate(path):
        inside = (isinstance(data, Mapping) and part in data) or (
            isinstance(data, list) and isinstance(part, int) and part < len(data)
        )
        if not inside:
            return depth
        data = data[part]
    return len(path)


def _procedure(source: _Source) -> Procedure:
    head = source.read((), _Head, source.merged)
    states = {
        name: source.read(
            ("states", name), State, {"words": f"status.{name}", **table, "name": name}
        )
        for name, table in head.states.items()
    }
    deadlines = {
        name: source.read(("deadlines", name), Deadline, {**table, "name": name})
        for name, table in head.deadlines.items()
    }
    moves = {
        name: source.read(("moves", name), Move, {**table, "action": name})
        for name, table in head.moves.items()
    }
    groups = {
        "open": tuple(name for name, state in states.items() if not state.final),
        "all": tuple(states),
    }
    moves = {
        name: replace(move, from_=groups.get(move.from_[0], move.from_)) if move.from_ else move
        for name, move in moves.items()
    }
    papers = {
        name: source.read(("papers", name), Paper, {**table, "name": name})
        for name, table in head.papers.items()
    }
    return Procedure(
        head.id, head.version, head.title, head.source, head.effective_from, head.filing,
        states, deadlines, moves, papers, head.replies,
    )  # fmt: skip
