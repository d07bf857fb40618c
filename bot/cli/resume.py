"""`resume`: a person ends the hold under which a restored database starts (security S13)."""

from datetime import datetime
from enum import Enum
from functools import partial
from typing import Annotated, Any

import sqlalchemy as sa
import typer

from bot.app import App
from bot.cli.running import ready
from bot.services import broadcast_runs
from knowledge.korean import SEOUL, moment_text
from storage.columns import db_now
from storage.models import outbox
from storage.unit import Unit

_o = outbox.c
WAITING = sa.and_(_o.status.in_(["pending", "sending"]), _o.channel != "web")
"""What a worker would send; the page's own rows are read there by whom they concern."""


class Choice(Enum):
    send = "send"
    drop = "drop"
    mark = "mark"


Review = Annotated[bool, typer.Option("--review", help="무엇이 언제부터 기다리는지만 본다.")]
Chosen = Annotated[
    Choice | None,
    typer.Option(
        "--old",
        help="기다리던 것을 보낼지(send), 보내지 않고 통지 불능 할 일로 남길지(drop), "
        "이미 간 것으로 적을지(mark).",
    ),
]
Kind = Annotated[
    list[str] | None,
    typer.Option("--kind", help="이 종류만 먼저 정한다(여러 번 쓸 수 있다). 멈춤은 그대로 둔다."),
]


def resume(review: Review = False, old: Chosen = None, kind: Kind = None) -> None:
    """되살린 자료라서 멈춘 보내기를 다시 연다. 고르지 않으면 기다리는 것만 보여 준다."""
    _settings, app = ready()
    try:
        if not app.store.hold:
            typer.echo("멈춘 것이 없습니다.")
            return
        typer.echo(f"보내기를 멈춘 까닭: {app.store.hold}")
        now = app.svc.now()
        for line in app.store.read(partial(_waiting, now=now)) or ["기다리는 것이 없습니다."]:
            typer.echo(f"· {line}")
        if review:
            return
        if old is None:
            typer.echo("다시 열려면 --old send, --old drop, --old mark 가운데 하나를 붙여 주세요.")
            raise typer.Exit(1)
        _settle(app, old, tuple(kind or ()))
    finally:
        app.close()


def _settle(app: App, old: Choice, kinds: tuple[str, ...]) -> None:
    if old is not Choice.send:
        done = app.store.transact(partial(_end, how=old, kinds=kinds), None)
        left = (
            "보내지 않고 할 일로 남겼습니다" if old is Choice.drop else "이미 간 것으로 적었습니다"
        )
        typer.echo(f"{done}건을 {left}.")
    if kinds:
        typer.echo("멈춤은 그대로입니다. 나머지도 정하려면 --kind 없이 다시 해 주세요.")
        return
    halted = app.store.transact(partial(broadcast_runs.halt_restored, app.svc), None)
    if halted:
        typer.echo(f"소식 {halted}건은 멈춰 두었습니다. 이미 보낸 것이 아닌지 보고 이어 주세요.")
    app.store.resume()
    typer.echo("다시 열었습니다. 켜져 있는 서비스는 다시 시작해 주세요.")


def _waiting(unit: Unit, now: datetime) -> list[str]:
    """Say how many of each kind wait, and since when the oldest and the newest."""
    count, since, until = sa.func.count(), sa.func.min(_o.created_at), sa.func.max(_o.created_at)
    found = sa.select(_o.channel, _o.kind, count, since, until).where(WAITING)
    rows = unit.conn.execute(found.group_by(_o.channel, _o.kind).order_by(since))
    return [
        f"{channel} {kind} {number}건, 가장 오래된 것 {moment_text(first.astimezone(SEOUL))}"
        f"({(now - first).days}일 전), 가장 새것 {moment_text(last.astimezone(SEOUL))}"
        for channel, kind, number, first, last in rows
    ]


def _end(unit: Unit, how: Choice, kinds: tuple[str, ...]) -> int:
    """End what waits: undeliverable (of ranks 0-5 a task comes of it), or as if it had gone."""
    to: dict[str, Any] = {"status": "dead", "problem": "restored"}
    if how is Choice.mark:
        to |= {"status": "sent", "payload": None}
    chosen = sa.and_(WAITING, _o.kind.in_(kinds)) if kinds else WAITING
    ended = sa.update(outbox).where(chosen)
    values = {**to, "settled_at": db_now(), "lease_until": None, "lease_token": None}
    return unit.conn.execute(ended.values(values)).rowcount
