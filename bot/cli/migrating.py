"""`migrate`: bring the tables to this version, or say first what would be locked and for how long."""

import json
import os
import re
from collections.abc import Iterator
from dataclasses import asdict
from typing import Annotated, Any

import typer

from bot.settings import read_settings
from storage import migrate as tables
from storage.host import own_folder
from storage.planning import READ, WRITE, File, Plan, Size, Step, Touched, plan_of
from storage.roles import statements

WHO = {
    "nobody": "아무도 기다리지 않음",
    "writers": "쓰는 쪽이 기다림",
    "everybody": "읽고 쓰는 쪽이 모두 기다림",
}
HOW = {
    "names": "이름과 값만 바꿈",
    "reads": "끝까지 읽어 봄",
    "rewrites": "통째로 다시 씀",
    "copies": "새 자리에 옮겨 적음",
    "builds": "색인을 만듦",
    "drops": "없앰",
}


def migrate(
    *,
    roles: Annotated[
        bool,
        typer.Option("--roles", help="PostgreSQL의 네 역할과 벽도 세운다(첫 번은 관리 계정으로)."),
    ] = False,
    sql: Annotated[
        bool, typer.Option("--sql", help="역할과 벽의 SQL을 적어 내기만 한다(DBA가 실행하도록).")
    ] = False,
    plan: Annotated[
        bool,
        typer.Option("--plan", help="무엇을 얼마나 잠글지 말하기만 한다. 아무것도 바꾸지 않는다."),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="--plan을 JSON으로.")] = False,
) -> None:
    """데이터베이스의 표를 이 판에 맞춘다."""
    if sql:
        typer.echo("".join(f"{statement};\n" for statement in statements()))
        return
    database = read_settings(os.environ).database
    if plan or as_json:
        _tell(database, as_json=as_json)
        return
    own_folder(read_settings(os.environ).data, "JEOKGEUK_DATA")
    typer.echo(tables.migrate(database, with_roles=roles))
    if roles and not database.startswith("sqlite"):
        typer.echo(
            "역할 jt_owner, jt_public, jt_desk, jt_work를 만들고 벽을 세웠습니다. 로그인 권한과 "
            "비밀번호는 직접 주세요. 예: ALTER ROLE jt_public LOGIN PASSWORD '…'"
        )


def _tell(database: str, *, as_json: bool) -> None:
    found = plan_of(database)
    if as_json:
        typer.echo(json.dumps(_values(found), ensure_ascii=False))
        return
    for line in said(found):
        typer.echo(line)


def _values(plan: Plan) -> dict[str, Any]:
    """Give the plan as it stands, with who waits for each lock and how long it is held."""

    def more(one: Touched) -> dict[str, Any]:
        return {**asdict(one), "waits": one.waits, "seconds": round(one.seconds, 1)}

    steps = [
        {
            **asdict(step),
            "before": [more(one) for one in step.before],
            "locks": [more(one) for one in step.locks],
        }
        for step in plan.steps
    ]
    return {**asdict(plan), "steps": steps}


def said(plan: Plan) -> Iterator[str]:
    """Say in words what `migrate` would do, and who waits."""
    if plan.at is not None and plan.at > plan.head:
        yield f"표가 이 프로그램보다 새것입니다(표 {plan.at}, 프로그램 {plan.head}). 할 일이 없습니다."
    elif not plan.steps:
        yield f"표가 이미 이 판의 것입니다({plan.head}). 할 일이 없습니다."
    elif plan.at is None:
        yield f"빈 데이터베이스입니다. 표를 {plan.head}까지 새로 만듭니다. 기다릴 사람이 없습니다."
    else:
        yield f"표는 {plan.at}, 이 프로그램은 {plan.head}입니다. 지금은 아무것도 바꾸지 않았습니다."
        yield from _file(plan.file, plan.steps) if plan.file else _server(plan)


def _file(file: File, steps: tuple[Step, ...]) -> Iterator[str]:
    yield f"할 일: {', '.join(step.revision for step in steps)}"
    yield "SQLite에서는 서비스를 멈추고 합니다. 하는 동안 아무도 쓸 수 없습니다."
    yield (
        f"먼저 파일({file.path}, {_bytes(file.bytes)})을 그 옆에 베껴 두고, 다 되면 이레 뒤에 "
        f"지웁니다. 남은 자리 {_bytes(file.free)}."
    )
    yield f"베끼고 옮기는 데 길어야 {_seconds(file.bytes / READ + file.bytes / WRITE)}."
    if file.free < 2 * file.bytes:
        yield "자리가 모자랍니다. 파일의 두 배는 비워 두고 해 주세요."


def _server(plan: Plan) -> Iterator[str]:
    for step in plan.steps:
        stay = "지금 도는 프로세스는 그대로 두어도 됩니다"
        if step.raised:
            stay = f"min_code {step.min_code}보다 옛 프로그램은 먼저 멈춰야 합니다"
        yield f"{step.revision}: {stay}."
        for one in step.before:
            yield f"  미리 {_touched(one)}"
        for one in sorted(step.locks, key=lambda one: -one.seconds):
            if one.waits != "nobody":
                yield f"  {_touched(one)}"
        quiet = [one.table for one in step.locks if one.waits == "nobody"]
        if quiet:
            yield f"  아무도 기다리지 않고 값만 바꿈: {', '.join(quiet)}"
        if not step.before and not step.locks:
            yield "  있는 표는 건드리지 않습니다."
    if plan.busy:
        yield (
            f"지금 5초 넘게 열린 일이 {len(plan.busy)}개 있습니다(가장 오래된 것 "
            f"{_seconds(plan.busy[0])}). 같은 표를 쓰고 있으면 끝나야 잠글 수 있습니다."
        )
    yield from _rules()


def _rules() -> Iterator[str]:
    yield (
        "잠금은 2초까지 기다립니다. 얻지 못하면 그 판을 되돌리고 2, 4, 8, 16초 뒤에 다시 하며, "
        "다섯 번째에도 얻지 못하면 그 판을 하지 않고 멈춥니다. 기다리는 동안 그 표에 온 쪽도 함께 "
        "기다립니다."
    )
    yield (
        "어떤 잠금인지는 빈 표에 그대로 해 보고 PostgreSQL에게 물은 것입니다. 걸리는 시간은 표의 "
        f"크기를 두 코어 컴퓨터에서 잰 빠르기(읽기 초당 {_bytes(READ)}, 옮겨 적기 초당 "
        f"{_bytes(WRITE)})로 나눈 어림입니다."
    )


def _touched(one: Touched) -> str:
    lock = f"{_sql(one.mode)}, {WHO[one.waits]}, " if one.mode else ""
    long = f"{_seconds(one.seconds)}쯤" if one.seconds else "크기와 상관없이 1초 안"
    if lock and one.how in {"copies", "builds"}:
        return f"{one.table}: {HOW[one.how]}, {_size(one.size)}, {long}. {lock}다만 한순간"
    return f"{one.table}: {lock}{HOW[one.how]}, {_size(one.size)}, {long}"


def _sql(mode: str) -> str:
    """Write a lock as SQL names it: ACCESS EXCLUSIVE."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", mode.removesuffix("Lock")).upper()


def _size(size: Size) -> str:
    rows = "줄 수는 아직 모름" if size.rows is None else f"{size.rows:,}줄"
    return f"{rows} {_bytes(size.bytes)}"


def _bytes(count: float) -> str:
    for unit in ("B", "KB", "MB"):
        if count < 1000:
            return f"{count:.0f}{unit}"
        count /= 1000
    return f"{count:.1f}GB"


def _seconds(count: float) -> str:
    if count < 1:
        return "1초"
    return f"{count:.0f}초" if count < 120 else f"{count / 60:.0f}분"
