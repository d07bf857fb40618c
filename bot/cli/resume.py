"""`resume`: a person ends the hold under which a restored database starts (security S13)."""

from enum import Enum
from typing import Annotated

import sqlalchemy as sa
import typer

from bot.app import App
from bot.cli.running import ready
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


Chosen = Annotated[
    Choice | None,
    typer.Option(
        "--old",
        help="기다리던 것을 보낼지(send), 보내지 않고 통지 불능 할 일로 남길지(drop).",
    ),
]


def resume(old: Chosen = None) -> None:
    """되살린 자료라서 멈춘 보내기를 다시 연다. 고르지 않으면 기다리는 것만 보여 준다."""
    _settings, app = ready()
    try:
        if not app.store.hold:
            typer.echo("멈춘 것이 없습니다.")
            return
        typer.echo(f"보내기를 멈춘 까닭: {app.store.hold}")
        for line in app.store.read(_waiting) or ["기다리는 것이 없습니다."]:
            typer.echo(f"· {line}")
        if old is None:
            typer.echo("다시 열려면 --old send 또는 --old drop을 붙여 주세요.")
            raise typer.Exit(1)
        _open(app, old)
    finally:
        app.close()


def _open(app: App, old: Choice) -> None:
    if old is Choice.drop:
        typer.echo(f"{app.store.transact(_drop, None)}건을 보내지 않고 할 일로 남겼습니다.")
    app.store.resume()
    typer.echo("다시 열었습니다. 켜져 있는 서비스는 다시 시작해 주세요.")


def _waiting(unit: Unit) -> list[str]:
    """Say how many of each kind wait, and since when the oldest."""
    count, since = sa.func.count(), sa.func.min(_o.created_at)
    found = sa.select(_o.channel, _o.kind, count, since).where(WAITING)
    rows = unit.conn.execute(found.group_by(_o.channel, _o.kind).order_by(since))
    return [
        f"{channel} {kind} {number}건, 가장 오래된 것 {moment_text(at.astimezone(SEOUL))}"
        for channel, kind, number, at in rows
    ]


def _drop(unit: Unit) -> int:
    """End what waits as undeliverable: of ranks 0-5 a task for a person comes of it."""
    ended = sa.update(outbox).where(WAITING).values(
        status="dead", problem="restored", settled_at=db_now(), lease_until=None, lease_token=None
    )  # fmt: skip
    return unit.conn.execute(ended).rowcount
