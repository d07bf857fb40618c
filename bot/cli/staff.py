"""`users import`: the staff list from a file, with the same dry run as the page's."""

import uuid
from pathlib import Path
from typing import Annotated

import typer

from bot.app import App
from bot.cli.running import given, ready, say
from bot.documents import reading
from bot.errors import Refused
from bot.services import staff_list, staff_rows
from bot.services.staff_list import Plan
from storage.unit import Unit

HEADINGS = ("new", "moved", "changed", "back")


def load(
    file: Annotated[Path, typer.Argument(help="직원 명단(XLSX)")],
    carry_out: Annotated[
        bool, typer.Option("--carry-out", help="정말 바꾼다. 없으면 보이기만 한다")
    ] = False,
    whole: Annotated[
        bool, typer.Option("--whole", help="모든 직원의 명단: 없는 사람은 떠난 것으로 한다")
    ] = False,
) -> None:
    """직원 명단을 읽어 계정, 소속, 떠난 사람을 맞춘다. 새 계정에는 부서 담당 역할만 준다."""
    content = given(file)
    _settings, parts = ready()
    try:
        plan = _run(parts, content, whole=whole, dry=not carry_out)
    except Refused as refused:
        typer.echo(say(parts, refused.key, **refused.params), err=True)
        raise typer.Exit(1) from None
    finally:
        parts.close()
    _tell(parts, plan, dry=not carry_out)
    if plan.mistakes:
        raise typer.Exit(1)


def _run(parts: App, content: bytes, *, whole: bool, dry: bool) -> Plan:
    lines = reading.lines(content, rows=staff_rows.MOST_ROWS, columns=staff_rows.MOST_COLUMNS)
    people = staff_rows.read(lines)

    def work(unit: Unit) -> Plan:
        plan = staff_list.plan(parts.svc, unit, None, people, whole=whole)
        if dry or plan.mistakes:
            return plan
        return staff_list.carry_out(parts.svc, unit, None, plan)

    return parts.store.transact(work, f"cli:{uuid.uuid4()}")


def _tell(parts: App, plan: Plan, *, dry: bool) -> None:
    for one in plan.mistakes:
        words = say(parts, one.key, value=one.value)
        typer.echo(f"{one.row}줄 {one.column}: {words}", err=True)
    for what in HEADINGS:
        people = plan.of(what)
        if people:
            typer.echo(f"{say(parts, f'desk.staff.is.{what}')}: {len(people)}명")
    if plan.gone:
        typer.echo(f"{say(parts, 'desk.staff.is.gone')}: {len(plan.gone)}명")
    if plan.nothing and not plan.mistakes:
        typer.echo(say(parts, "desk.staff.nothing"))
    if dry or plan.mistakes:
        typer.echo(say(parts, "desk.list.look_text"))
    if dry and not plan.mistakes and not plan.nothing:
        typer.echo("맞으면 --carry-out을 붙여 다시 실행합니다.")
