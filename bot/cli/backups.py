"""`backup`, `backup-key`, `restore`: a whole service out, and in again (security S13, S36)."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn

from bot.app import build
from bot.cli.running import ready
from bot.errors import BadStart
from bot.log import set_up
from bot.opening import read_ring
from bot.services import replay
from bot.settings import Settings, read_settings
from storage import archive, erasures, files, instance, restore
from storage import backup as making
from storage.backup import Progress as Tell
from storage.crypto import KeyRing
from storage.erasures import Line
from storage.errors import StartRefused
from storage.repositories import heartbeats
from storage.restore import Backup, Report
from storage.unit import Unit

WORDS = {
    "copy": "데이터베이스를 옮기는 중",
    "rows": "표를 담는 중",
    "files": "파일을 담는 중",
    "chains": "이력의 사슬을 세는 중",
}

Data = Annotated[Path, typer.Argument(help="자료의 백업(jeokgeuk-….age)")]
Keys = Annotated[Path, typer.Option("--keys", help="자료 열쇠의 백업(jeokgeuk-….keys.age)")]
Private = Annotated[Path, typer.Option("--identity", help="age 개인 열쇠 파일")]
Trial = Annotated[
    bool, typer.Option("--verify", help="되살리지 않고, 딴 곳에 풀어 끝까지 확인만 한다")
]


def backup_key(
    path: Annotated[Path, typer.Argument(help="개인 열쇠를 둘 새 파일(서버가 아닌 컴퓨터에서)")],
) -> None:
    """백업을 잠글 열쇠 한 쌍을 만든다. 공개 열쇠를 서버의 JEOKGEUK_BACKUP_KEY에 적는다."""
    public = archive.new_identity(path)
    typer.echo(f"개인 열쇠: {path} (금고에 두고, 서버에는 두지 마세요)")
    typer.echo(f"JEOKGEUK_BACKUP_KEY={public}")


def backup(
    folder: Annotated[Path, typer.Argument(help="백업을 둘 폴더(다른 디스크)")],
) -> None:
    """서비스가 켜진 채로 백업한다: 자료 하나와, 이레만 두는 자료 열쇠 하나."""
    settings, app = ready()
    try:
        if not settings.jeokgeuk_backup_key:
            reason = "백업을 잠글 공개 열쇠가 없습니다. 만들기: jeokgeuk backup-key"
            raise BadStart("backup", "JEOKGEUK_BACKUP_KEY", reason)
        with shown() as tell:
            made = making.backup(
                app.store, folder, settings.jeokgeuk_backup_key, app.svc.now(), tell
            )
        app.store.transact(lambda unit: heartbeats.beat(unit, heartbeats.BACKUP), None)
    finally:
        app.close()
    typer.echo(f"{made.data.name}: {made.rows}줄, 파일 {made.files}개")
    typer.echo(f"{made.keys.name}: 자료 열쇠. 이레 뒤의 백업이 지웁니다.")
    typer.echo(f"확인하기: jeokgeuk restore --verify {made.data.name} (개인 열쇠가 있는 곳에서)")


def restore_(data: Data, keys: Keys, identity: Private, verify: Trial = False) -> None:
    """백업을 빈 데이터베이스에 되살린다. 되살린 뒤에는 사람이 볼 때까지 아무것도 보내지 않는다."""
    settings = read_settings(os.environ)
    set_up(settings.secrets(), level=settings.jeokgeuk_log)
    for path in (data, keys, identity):
        if not path.is_file():
            raise BadStart("restore", str(path), "그런 파일이 없습니다")
    from_ = Backup(data, keys, archive.identity(identity), read_ring(settings))
    if verify:
        with shown() as tell:
            report = restore.verify(from_, os.urandom, tell)
        _say(report)
        return
    with shown() as tell:
        loaded = restore.load(from_, settings.database, settings.data, os.urandom, tell)
    if loaded is None:
        typer.echo("끊긴 되살리기를 마저 합니다.")
    else:
        typer.echo(f"{sum(loaded.rows.values())}줄, 파일 {loaded.files}개를 되살렸습니다.")
    _finish(settings)
    typer.echo("아직 아무것도 보내지 않습니다. 살펴보고 다시 열기: jeokgeuk resume --review")


def _say(report: Report) -> None:
    for fault in report.faults:
        typer.echo(f"✗ {fault}")
    typer.echo(f"{report.rows}줄, 파일 {report.files}개, 사슬 {report.chains}개를 확인했습니다.")
    if report.faults:
        raise typer.Exit(1)
    typer.echo("✓ 이 백업으로 되살릴 수 있습니다.")


def _finish(settings: Settings) -> None:
    """Do again what was erased since; only then may anything start on this data."""
    ring = read_ring(settings)
    lines = _ledger(settings, ring)
    app = build(settings, restoring=True)
    try:
        done = app.store.transact(lambda unit: replay.replay(app.svc, unit, lines), None)
        app.store.transact(_end, None)
    finally:
        app.close()
    (settings.data / restore.LEDGER).unlink(missing_ok=True)
    typer.echo(
        f"그 뒤의 파기·철회 {len(lines)}건을 견주어 {sum(done.values())}건을 다시 했습니다."
    )


def _end(unit: Unit) -> None:
    instance.finish_restore(unit.conn)


def _ledger(settings: Settings, ring: KeyRing) -> list[Line]:
    """Take the longest erasure ledger that holds: the data's, the second place's, the backup's."""
    here = settings.data / erasures.NAME
    places = [here, settings.jeokgeuk_erasures_copy, settings.data / restore.LEDGER]
    best, most, broken = None, -1, False
    for path in places:
        if path is None or not path.is_file():
            continue
        try:
            count = erasures.count(path, ring)
        except erasures.Broken as bad:
            broken = True
            typer.echo(
                f"✗ {path.name}: {bad.line}번째 줄부터 믿을 수 없는 파기 원장이라 쓰지 않습니다"
            )
            continue
        if count > most:
            best, most = path, count
    if best is None:
        if broken:
            raise StartRefused(
                "restore", erasures.NAME, "믿을 수 있는 파기 원장이 하나도 없습니다"
            )
        typer.echo("· 파기 원장이 없습니다: 백업 뒤의 파기와 철회를 다시 하지 못합니다")
        return []
    if best != here:
        files.keep(here, best.read_bytes())
    return erasures.read(here, ring)


@contextmanager
def shown() -> Iterator[Tell]:
    """Show on a terminal how far it is; elsewhere nothing."""
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed}"),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        tasks: dict[str, TaskID] = {}

        def tell(what: str, done: int, whole: int) -> None:
            if what not in tasks:
                tasks[what] = bars.add_task(WORDS[what], total=whole or None)
            bars.update(tasks[what], completed=done, total=whole or None)

        yield tell
