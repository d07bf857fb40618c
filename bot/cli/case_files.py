"""`cases import`, `cases export`: cases out of a file and into one."""

import hashlib
import json
import sys
import warnings
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import IO, Annotated, Any, Literal, cast

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn

from bot.app import App
from bot.cli.running import ready, say
from bot.errors import Refused, unreadable
from bot.services import case_files, case_import, officials
from bot.services.base import Actor
from bot.services.case_files import FORMATS, Result, Watch
from bot.services.case_import import HOWS, TAKEN, How
from knowledge.calendar import seoul_day
from knowledge.importing import LABELS, Mistake, Row
from storage.repositories import users
from storage.unit import Unit

MOST = 50
"""So many mistakes are shown; with --json all."""


def load(
    file: Annotated[Path, typer.Argument(help="사례 파일: XLSX, CSV, JSON, JSON Lines")],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="무엇이 들어올지 보이기만 한다")
    ] = False,
    status: Annotated[
        str,
        typer.Option(
            help="들어온 뒤의 상태: draft(작성 중), reviewed(검토 마침). 공개는 화면에서"
        ),
    ] = "draft",
    duplicates: Annotated[
        str,
        typer.Option(
            help="이미 있는 것과 같거나 닮은 줄: show(보이고 멈춘다), skip(빼고), take(다른 사례로)"
        ),
    ] = "show",
    by: Annotated[str, typer.Option(help="들여오는 직원의 계정. 검토는 다른 분이 한다")] = "",
    most: Annotated[int, typer.Option(help="고칠 곳과 닮은 것을 많아야 몇 개", min=1)] = MOST,
    as_json: Annotated[bool, typer.Option("--json", help="JSON으로, 빠짐없이")] = False,
) -> None:
    """사례를 파일로 들여온다. 한 파일은 모두 들어오거나 하나도 들어오지 않는다."""
    how = cast("How", _one_of("--duplicates", duplicates, HOWS))
    taken = cast("Literal['draft', 'reviewed']", _one_of("--status", status, TAKEN))
    warnings.filterwarnings("ignore", module="openpyxl")  # of what of a book is not read
    try:
        opened = file.open("rb")
    except OSError as error:
        raise typer.BadParameter(f"{file}: {unreadable(error)}") from None
    _settings, parts = ready()
    try:
        with opened:
            digest = hashlib.file_digest(opened, "sha256").hexdigest()
            found = _bring(parts, opened, how, taken, by, digest, dry=dry_run, quiet=as_json)
    except Refused as refused:
        _refuse(parts, refused, as_json=as_json)
        raise typer.Exit(1) from None
    finally:
        parts.close()
    if as_json:
        typer.echo(json.dumps(plain(parts, found), ensure_ascii=False, indent=1))
    else:
        _tell(parts, found, most, dry=dry_run)
    if found.mistakes or found.plan.undecided:
        raise typer.Exit(1)


def _bring(
    parts: App,
    file: IO[bytes],
    how: How,
    status: Literal["draft", "reviewed"],
    by: str,
    digest: str,
    *,
    dry: bool,
    quiet: bool,
) -> Result:
    svc, store = parts.svc, parts.store
    actor = store.read(lambda unit: _who(unit, by)) if by else None
    checker = case_files.open_file(file, seoul_day(svc.now()))
    with _progress(quiet=quiet) as bar:
        return case_files.bring(
            svc, store, checker, how,
            actor=actor, status=status, file=digest, dry=dry, watch=_watched(bar),
        )  # fmt: skip


def _watched(bar: Progress) -> Watch:
    """Show how far the work is."""

    def watch(stretch: Literal["read", "write"], rows: Iterable[Row]) -> Iterator[Row]:
        task = bar.add_task("읽는 중" if stretch == "read" else "옮기는 중", total=None)
        for row in rows:
            bar.advance(task)
            yield row
        if stretch == "read":
            bar.add_task("견주는 중", total=None)

    return watch


def _progress(*, quiet: bool) -> Progress:
    """Make a bar on standard error, nothing where nobody looks."""
    console = Console(stderr=True)
    return Progress(
        SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(),
        console=console, transient=True, disable=quiet or not console.is_terminal,
    )  # fmt: skip


def _who(unit: Unit, login: str) -> Actor:
    row = users.by_login(unit, login)
    who = officials.official(unit, row.id) if row is not None else None
    if who is None or not who.active:
        raise Refused("access.user_unknown")
    return officials.actor(who)


def _one_of(option: str, value: str, values: tuple[str, ...]) -> str:
    if value not in values:
        raise typer.BadParameter(f"{option}: {', '.join(values)} 가운데에서 고릅니다")
    return value


def _refuse(parts: App, refused: Refused, *, as_json: bool) -> None:
    words = say(parts, refused.key, **refused.params)
    if as_json:
        code = refused.key.rsplit(".", 1)[-1]
        typer.echo(
            json.dumps({"imported": False, "error": code, "words": words}, ensure_ascii=False)
        )
    typer.echo(words, err=True)


def plain(parts: App, found: Result) -> dict[str, Any]:
    """Give all of what a file did or would do as JSON has it."""
    plan, checker = found.plan, found.checker
    return {
        "format": checker.table.format,
        "rows": checker.total,
        "imported": found.done,
        **plan.counts,
        "refused": checker.refused + len(plan.mistakes),
        "stopped": checker.stopped,
        "hidden_until_published": plan.hidden,
        "unknown_columns": list(checker.table.unknown),
        "mistakes": [
            {
                "row": one.number,
                "column": one.column,
                "cell": checker.table.place(one.number, one.column),
                "what": one.what,
                "words": words(parts, one),
            }
            for one in found.mistakes
        ],
        "changes": [
            {"row": one.number, "ref": one.ref, "columns": one.columns, "status": one.status,
             "shipped": one.shipped}
            for one in plan.changes
        ],
        "duplicates": [
            {"row": one.number, "title": one.title, "ref": one.ref or None,
             "other_row": one.row or None, "other": one.other, "percent": one.percent,
             "exact": one.exact}
            for one in plan.twins
        ],
    }  # fmt: skip


def words(parts: App, one: Mistake) -> str:
    """Say a mistake."""
    return say(parts, f"desk.case_import.wrong.{one.what}", value=one.value)


def _tell(parts: App, found: Result, most: int, *, dry: bool) -> None:
    plan, table = found.plan, found.checker.table
    for one in found.mistakes[:most]:
        place = table.place(one.number, one.column) or f"{one.number}번째"
        label = f" {LABELS[one.column]}" if one.column else ""
        typer.echo(f"{place}{label}: {words(parts, one)}", err=True)
    if len(found.mistakes) > most:
        more = say(parts, "desk.case_import.more", n=len(found.mistakes) - most)
        typer.echo(more, err=True)
    if found.checker.stopped:
        typer.echo("고칠 곳이 너무 많아 파일을 끝까지 읽지 않았습니다.", err=True)
    for change in plan.changes[:most]:
        changed = ", ".join(LABELS[name] for name in change.columns)
        shipped = f" {say(parts, 'desk.case_import.shipped')}" if change.shipped else ""
        typer.echo(f"{change.number}번째: {change.ref} 바뀜({changed}).{shipped}")
    for twin in plan.twins[:most]:
        where = twin.ref or f"같은 파일 {twin.row}번째"
        alike = say(parts, "desk.case_import.exact") if twin.exact else f"{twin.percent}%"
        typer.echo(f"{twin.number}번째 '{twin.title}' = {where} '{twin.other}' ({alike})")
    if len(plan.twins) > most:
        typer.echo(say(parts, "desk.case_import.more", n=len(plan.twins) - most))
    _sum_up(parts, found, plan.counts, dry=dry)


def _sum_up(parts: App, found: Result, counts: Mapping[str, int], *, dry: bool) -> None:
    plan = found.plan
    if found.checker.table.unknown:
        names = ", ".join(found.checker.table.unknown)
        typer.echo(say(parts, "desk.case_import.unknown", names=names))
    told = {"new": counts["new"], "changed": counts["changed"], "same": counts["unchanged"]}
    typer.echo(say(parts, "desk.case_import.counts", **told, left=counts["left_out"]))
    typer.echo(f"고칠 줄 {found.checker.refused + len(plan.mistakes)}개")
    if plan.hidden:
        typer.echo(say(parts, "desk.case_import.hidden", n=plan.hidden))
    if found.done:
        typer.echo("들여왔습니다.")
    elif found.mistakes:
        typer.echo("고칠 곳이 있어 아무것도 들여오지 않았습니다.")
    elif plan.undecided:
        typer.echo(
            "이미 있는 것과 같거나 닮은 줄이 있어 아무것도 들여오지 않았습니다. "
            "--duplicates skip(빼고) 또는 take(다른 사례로)를 붙여 다시 실행합니다."
        )
    elif not plan.stirs:
        typer.echo(say(parts, "desk.case_import.nothing"))
    elif dry:
        typer.echo("아직 들여오지 않았습니다. 맞으면 --dry-run 없이 다시 실행합니다.")


def export(
    file: Annotated[
        Path | None, typer.Argument(help="쓸 파일. 없으면 --format으로 표준 출력에 쓴다")
    ] = None,
    format_: Annotated[
        str, typer.Option("--format", help="xlsx, csv, json, jsonl. 없으면 파일 이름으로 안다")
    ] = "",
    published: Annotated[bool, typer.Option("--published", help="공개된 것만")] = False,
    template: Annotated[
        bool, typer.Option("--template", help="사례 대신 열 이름과 보기 두 건을 쓴다")
    ] = False,
) -> None:
    """사례를 파일로 쓴다. 그대로 다시 들여오면 바뀌는 것이 없다."""
    suffix = file.suffix.removeprefix(".").lower() if file else ""
    wanted = _one_of("--format", format_ or suffix, FORMATS)
    chosen = next(one for one in FORMATS if one == wanted)
    if template:
        _write(file, lambda out: case_files.write(case_files.EXAMPLES, chosen, out))
        return
    _settings, parts = ready()
    try:

        def work(unit: Unit) -> None:
            every = case_import.every(parts.svc, unit)
            found = (one for one in every if not published or one.status == "published")
            _write(file, lambda out: case_files.write(found, chosen, out))

        parts.store.read(work)
    finally:
        parts.close()


def _write(file: Path | None, write: Any) -> None:
    if file is None:
        write(sys.stdout.buffer)
        return
    try:
        with file.open("wb") as out:
            write(out)
    except OSError as error:
        raise typer.BadParameter(f"{file}: {unreadable(error)}") from None
