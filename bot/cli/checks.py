"""`verify`: whether the record holds."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import sqlalchemy as sa
import typer
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from bot.app import App
from bot.cli import sealed
from bot.cli.running import ready
from storage import journal, receipts, roots
from storage.models import heads
from storage.repositories import filings
from storage.unit import Unit

BATCH = 500
"""Chains read in one transaction: a long read would keep the WAL from being checkpointed (S22)."""


def verify(
    number: Annotated[str, typer.Argument(help="접수번호(없으면 모두)")] = "",
    head: Annotated[str, typer.Option(help="접수증이나 알림에 적힌 기록 확인값")] = "",
    receipt: Annotated[
        str, typer.Option(help="접수증이나 편지의 서명(JKR1, JKN1로 시작하는 한 줄)")
    ] = "",
    key: Annotated[str, typer.Option(help="공개 열쇠. 주면 이 설치 없이 서명만 본다")] = "",
    bundle: Annotated[
        Path | None, typer.Option(help="내려받은 면책 증빙 묶음(ZIP). 서명과 파일을 맞춰 본다")
    ] = None,
) -> None:
    """이력의 사슬을 처음부터 다시 센다. 접수증의 확인값이나 서명이 있으면 그것과도 맞춰 본다."""
    if receipt and key:
        _signed(receipt, key)
        return
    faults = _bundle(bundle, key) if bundle is not None else _record(number, head, receipt)
    for fault in faults:
        typer.echo(f"✗ {fault}")
    if faults:
        raise typer.Exit(1)
    if bundle is not None:
        typer.echo("✓ 묶음의 파일이 모두 내려받은 때 그대로입니다.")
    else:
        typer.echo("✓ 서명과 이력이 맞습니다." if receipt else "✓ 이력이 모두 이어져 있습니다.")


def _record(number: str, head: str, receipt: str) -> list[str]:
    """Check the record, with what a receipt says of it."""
    _settings, app = ready()
    try:
        if receipt:
            return list(_kept(app, receipt))
        return list(_one(app, number, head) if number else _all(app))
    finally:
        app.close()


def _bundle(path: Path, key: str) -> list[str]:
    """Check a bundle: with the published key alone, else with our keys and our record."""
    opened = sealed.look(path)
    if key:
        return list(sealed.outside(opened, public_of(key)))
    _settings, app = ready()
    try:
        faults = list(sealed.inside(opened, app))
        return faults or list(_one(app, *sealed.where(opened)))
    finally:
        app.close()


def _signed(text: str, key: str) -> None:
    """Check a receipt as an outsider does: with the public key, and nothing else."""
    found = receipts.read(text)
    public = public_of(key)
    if found is None or not receipts.holds(found, public):
        typer.echo("✗ 이 열쇠로 서명한 것이 아닙니다.")
        raise typer.Exit(1)
    _tell(found)


def public_of(key: str) -> Ed25519PublicKey:
    """Read the key that was given at the command line; says so where it is none."""
    try:
        return receipts.public_key(key)
    except ValueError:
        raise typer.BadParameter("공개 열쇠가 아닙니다. 누리집에 실린 그대로 주세요") from None


def _tell(found: receipts.Receipt) -> None:
    at = found.at.astimezone(ZoneInfo("Asia/Seoul"))
    typer.echo(f"✓ 서명이 맞습니다: {found.number}, {at:%Y-%m-%d %H:%M:%S}, {found.procedure}")


def _kept(app: App, text: str) -> Iterator[str]:
    """Check a receipt, and whether the record that it proves is here unchanged."""
    found = receipts.genuine(app.store.ring, text)
    if found is None:
        yield "이 설치가 서명한 것이 아닙니다"
        return
    _tell(found)
    yield from _one(app, found.number, str(found.head))


def _one(app: App, number: str, head: str) -> Iterator[str]:
    try:
        receipt = journal.Head.parse(head) if head else None
    except ValueError:
        raise typer.BadParameter("적힌 그대로 적어 주세요(숫자:글자)") from None
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
