"""`doctor` and `verify`: what is missing, what waits for a person, whether the record holds."""

import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Annotated

import sqlalchemy as sa
import typer

from bot.app import App
from bot.cli.running import ready
from bot.handlers.probes import DRIFT, drift
from bot.settings import Settings
from storage import journal, roots
from storage.errors import Busy
from storage.models import heads
from storage.repositories import filings, outbox
from storage.store import Store
from storage.unit import Unit

BATCH = 500
"""Chains read in one transaction: a long read would keep the WAL from being checkpointed (S22)."""


def doctor() -> None:
    """무엇이 빠졌고, 무엇이 기관의 확인을 기다리고, 무엇이 사람을 기다리는지 늘어놓는다."""
    settings, app = ready()
    try:
        grave = False
        for mark, line in _findings(settings, app):
            grave |= mark == "✗"
            typer.echo(f"{mark} {line}")
    finally:
        app.close()
    raise typer.Exit(int(grave))


def _findings(settings: Settings, app: App) -> Iterator[tuple[str, str]]:
    yield "✓", f"{'연습' if settings.kind == 'rehearsal' else '운영'}: {settings.site.agency}"
    yield "✓", f"데이터베이스: {app.store.engine.dialect.name}"
    yield clock_line(app.store)
    yield from _room(app)
    if app.store.hold:
        yield "✗", f"보내기를 멈춤({app.store.hold}): 되살린 자료인지 살펴보고 jeokgeuk resume"
    for feature, key in settings.site.off().items():
        yield "·", f"꺼진 기능 {feature}: site.toml의 {key}가 비어 있습니다"
    for procedure in app.svc.procedures.every():
        for key in procedure.unconfirmed():
            yield "·", f"확인을 기다림 {procedure.id}: {key}"
    if settings.jeokgeuk_desk_port is None:
        yield "·", "직원 화면이 시민 화면과 한 프로세스에 있습니다(나누려면 JEOKGEUK_DESK_PORT)"
    yield from _waiting(app)


def clock_line(store: Store, wall: Callable[[], float] = time.time) -> tuple[str, str]:
    """Compare this machine's clock with the database's; on SQLite they are one."""
    try:
        ahead = drift(store, wall)
    except Busy:
        return "✗", "시계: 데이터베이스가 답하지 않아 견주지 못했습니다"
    if store.engine.dialect.name == "sqlite" and abs(ahead) < 1:
        return "✓", "시계: 데이터베이스가 이 컴퓨터의 시계를 씁니다"
    side = "빠릅니다" if ahead > 0 else "느립니다"
    line = f"시계: 이 컴퓨터가 데이터베이스보다 {abs(ahead):.1f}초 {side}"
    if abs(ahead) <= DRIFT:
        return "✓", line
    return "✗", f"{line}(한도 {DRIFT:.0f}초). 두 곳의 시각 동기화(NTP)를 봐 주세요"


def _room(app: App) -> Iterator[tuple[str, str]]:
    space = app.store.space()
    free = f"{space.free / 2**30:.1f} GiB"
    words = {
        "enough": ("✓", f"디스크 {free} 남음"),
        "no_files": ("✗", f"디스크 {free}: 파일을 받지 않는 중입니다"),
        "no_dialogs": ("✗", f"디스크 {free}: 새 신고를 받지 않는 중입니다"),
    }
    yield words[space.room]


def _waiting(app: App) -> Iterator[tuple[str, str]]:
    bad = app.store.read(outbox.failed)
    for row in bad:
        yield "✗", f"보내지 못함 #{row.id}: {row.status} {row.problem} ({row.channel}, {row.kind})"
    if not bad:
        yield "✓", "보내지 못하고 남은 것이 없습니다"


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
