"""`keys`: the keys that everything sealed depends on: made, rotated, put into the safe."""

import os
import time
from pathlib import Path
from typing import Annotated

import typer

from bot.app import App
from bot.cli.help import Typer
from bot.cli.running import ready
from bot.errors import BadStart
from bot.opening import read_ring
from bot.settings import Settings, read_settings
from storage import crypto, escrow, key_files, provider, rotating
from storage.learning import STEP

app = Typer(help="열쇠 파일.")


def _mark(setting: str) -> bytes:
    """Name the module that new keys belong to: the agency's own where one is set."""
    return list(provider.load(setting))[-1]


@app.command("new")
def new(
    path: Annotated[Path, typer.Argument(help="만들 파일(자료 폴더 밖)")],
    desk: Annotated[
        Path | None, typer.Option(help="직원 열쇠를 따로 둘 파일. 없으면 같은 파일에 넣는다.")
    ] = None,
) -> None:
    """새 열쇠를 파일의 맨 앞에 더한다(처음이면 파일을 만든다). 권한은 0600."""
    mark = _mark(os.environ.get(provider.SETTING, "").strip())
    if desk is None:
        crypto.add_key(path, mark=mark)
    else:
        key_files.add(path, crypto.new_key_text(mark=mark))
        key_files.add(desk, crypto.new_desk_text(mark=mark))
        typer.echo(f"{desk}: 직원 열쇠를 더했습니다. 시민 화면(public) 쪽에는 두지 마세요.")
    typer.echo(f"{path}: 새 열쇠를 더했습니다. 자료와 다른 곳에 따로 보관해 주세요.")


@app.command("rotate")
def rotate(
    wait: Annotated[
        float, typer.Option(help="다른 프로세스가 새 열쇠를 읽도록 단계 사이에 기다릴 초")
    ] = STEP,
) -> None:
    """서비스를 멈추지 않고 열쇠를 새것으로 바꾼다. 자료는 그대로 둔다."""
    settings, parts = ready()
    try:
        if not rotating.begun(parts.store):
            _add(settings, parts)
        done = rotating.rotate(parts.store, lambda: time.sleep(wait))
    finally:
        parts.close()
    typer.echo(f"{done.wrapped}개를 새 열쇠로 다시 감쌌습니다.")
    for kid in done.retired:
        typer.echo(f"쓰지 않게 된 열쇠 {kid}: 파일에서 그 줄을 지우고, 옛 백업과 함께 보관하세요.")


def _add(settings: Settings, parts: App) -> None:
    file = settings.jeokgeuk_key_file
    if file is None:
        reason = (
            "값으로 둔 열쇠는 프로세스가 다시 켜져야 읽습니다. 새 열쇠(jeokgeuk keys new)를 값의 "
            "맨 앞에 더해 모든 프로세스를 다시 켠 뒤에 이 명령을 다시 하거나, JEOKGEUK_KEY_FILE로 "
            "옮겨 주세요"
        )
        raise BadStart("keys", "JEOKGEUK_KEYS", reason)
    mark = _mark(settings.jeokgeuk_crypto)
    if parts.store.ring.desk_first is not None:
        key_files.add(settings.jeokgeuk_desk_key_file or file, crypto.new_desk_text(mark=mark))
    key_files.add(file, crypto.new_key_text(mark=mark))


@app.command("escrow")
def escrow_() -> None:
    """열쇠마다 조각 셋을 적어 낸다. 그 가운데 둘이면 열쇠를 되살린다. 인쇄해 따로 금고에 둔다."""
    for kind, kid, shares in escrow.of_ring(read_ring(read_settings(os.environ))):
        name = "자료 열쇠" if kind == "ring" else "직원 열쇠"
        for number, words in enumerate(shares, 1):
            typer.echo(f"[{name} {kid}] 조각 {number}/{escrow.SHARES}\n{words}\n")


@app.command("restore")
def restore(path: Annotated[Path, typer.Argument(help="되살린 열쇠를 둘 파일")]) -> None:
    """금고의 조각 둘로 열쇠를 되살려 파일의 맨 앞에 더한다."""
    words = [typer.prompt(f"조각 {number}") for number in range(1, escrow.NEEDED + 1)]
    key_files.add(path, escrow.restore(words))
    typer.echo(f"{path}: 열쇠를 되살렸습니다.")
