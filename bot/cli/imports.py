"""`filings import`: cases kept elsewhere come in; first a dry run, then it is carried out."""

import hashlib
import uuid
from pathlib import Path
from typing import Annotated

import typer

from bot.app import App
from bot.cli.help import Typer
from bot.cli.running import given, ready, say
from bot.documents import reading
from bot.errors import Refused
from bot.services import importing, officials
from bot.services.base import Actor
from bot.services.importing import Brought, Case
from bot.services.uploads import Mistake
from storage.repositories import users
from storage.unit import Unit

app = Typer(help="신고를 옮겨 온다.")
CHUNK = 100


@app.callback()
def _filings() -> None:
    """신고를 옮겨 온다."""


class _Dry(Exception):  # noqa: N818 - the way back, not an accident
    pass


@app.command("import")
def load(
    file: Annotated[Path, typer.Argument(help="다른 곳에서 쓰던 민원 목록(XLSX)")],
    by: Annotated[str, typer.Option("--by", help="옮겨 오는 직원의 계정")],
    carry_out: Annotated[
        bool, typer.Option("--carry-out", help="정말 옮긴다. 없으면 보이기만 한다")
    ] = False,
) -> None:
    """번호·날짜·상태·내용을 옮겨 오고, 우리 달력으로 센 기한과 다른 것을 늘어놓는다."""
    content = given(file)
    _settings, parts = ready()
    try:
        found = reading.lines(
            content,
            rows=importing.MOST_ROWS,
            columns=importing.MOST_COLUMNS,
            longest=importing.LONGEST,
            times=True,
        )
        cases, mistakes = importing.read([(line.number, line.cells) for line in found])
        actor = parts.store.read(lambda unit: _who(unit, by))
        digest = hashlib.sha256(content).hexdigest()
        brought = _run(parts, actor, cases, digest, dry=not carry_out)
    except Refused as refused:
        typer.echo(say(parts, refused.key, **refused.params), err=True)
        raise typer.Exit(1) from None
    finally:
        parts.close()
    _tell(parts, brought, mistakes, dry=not carry_out)
    if mistakes:
        raise typer.Exit(1)


def _who(unit: Unit, login: str) -> Actor:
    row = users.by_login(unit, login)
    who = officials.official(unit, row.id) if row is not None else None
    if who is None or not who.active:
        raise Refused("access.user_unknown")
    return officials.actor(who)


def _run(parts: App, actor: Actor, cases: list[Case], digest: str, *, dry: bool) -> list[Brought]:
    """Bring the cases in a hundred at a time, so that nobody waits long for the pen."""
    procedure = importing.procedure_of(parts.svc)
    brought: list[Brought] = []
    for first in range(0, len(cases), CHUNK):
        some = cases[first : first + CHUNK]

        def work(unit: Unit, some: list[Case] = some) -> None:
            brought.extend(importing.bring(parts.svc, unit, actor, procedure, some, digest))
            if dry:
                raise _Dry

        try:
            parts.store.transact(work, f"cli:{uuid.uuid4()}")
        except _Dry:
            continue
    return brought


def _tell(parts: App, brought: list[Brought], mistakes: list[Mistake], *, dry: bool) -> None:
    for wrong in mistakes:
        typer.echo(f"{wrong.row}줄 {wrong.column}: {say(parts, wrong.key)}", err=True)
    new = [one for one in brought if one.number]
    for one in new:
        if one.differs:
            typer.echo(f"{one.row}줄: 기한이 다릅니다. 파일 {one.theirs} · 여기 {one.due}")
        if one.unit_unknown:
            typer.echo(f"{one.row}줄: 부서를 찾지 못했습니다. 접수 담당이 정해야 합니다")
    known = len(brought) - len(new)
    typer.echo(f"새로 옮길 것 {len(new)}건 · 이미 있는 것 {known}건 · 고칠 줄 {len(mistakes)}개")
    if dry:
        typer.echo("아직 옮기지 않았습니다. 맞으면 --carry-out을 붙여 다시 실행합니다.")
    else:
        typer.echo("옮겼습니다. 새 번호는 신고 목록에 있고, 전에 쓰던 번호로도 찾습니다.")
