"""`verify`: whether the record holds."""

from collections.abc import Iterator
from functools import partial
from typing import Annotated

import sqlalchemy as sa
import typer

from bot.app import App
from bot.cli.running import ready
from storage import journal, roots
from storage.models import heads
from storage.repositories import filings
from storage.unit import Unit

BATCH = 500
"""Chains read in one transaction: a long read would keep the WAL from being checkpointed (S22)."""


def verify(
    number: Annotated[str, typer.Argument(help="접수번호(없으면 모두)")] = "",
    head: Annotated[str, typer.Option(help="접수증에 적힌 기록 확인값")] = "",
) -> None:
    """이력의 사슬을 처음부터 다시 센다. 접수증의 확인값이 있으면 그것과도 맞춰 본다."""
    _settings, app = ready()
    try:
        faults = list(_one(app, number, head) if number else _all(app))
    finally:
        app.close()
    for fault in faults:
        typer.echo(f"✗ {fault}")
    if faults:
        raise typer.Exit(1)
    typer.echo("✓ 이력이 모두 이어져 있습니다.")


def _one(app: App, number: str, head: str) -> Iterator[str]:
    try:
        receipt = journal.Head.parse(head) if head else None
    except ValueError:
        raise typer.BadParameter("접수증에 적힌 그대로 적어 주세요(숫자:글자)") from None
    filing = app.store.read(lambda unit: filings.by_number(unit, number))
    if filing is None:
        yield f"{number}: 그런 접수번호가 없습니다"
        return
    for fault in app.store.read(lambda unit: journal.verify(unit, filing.sid, receipt)):
        yield f"{number} {fault.seq}번째: {fault.what}"


def _all(app: App) -> Iterator[str]:
    after = b""
    while batch := app.store.read(partial(_subjects, after=after)):
        for subject in batch:
            for fault in app.store.read(partial(journal.verify, subject=subject)):
                yield f"{subject.hex()} {fault.seq}번째: {fault.what}"
        after = batch[-1]
    yield from app.store.read(roots.verify)


def _subjects(unit: Unit, after: bytes) -> list[bytes]:
    found = sa.select(heads.c.subject).where(heads.c.subject > after)
    return list(unit.conn.scalars(found.order_by(heads.c.subject).limit(BATCH)))
