"""`keys`: the key file that everything sealed depends on."""

from pathlib import Path
from typing import Annotated

import typer

from bot.cli.help import Typer
from bot.cli.running import ready
from storage import crypto

app = Typer(help="열쇠 파일.")


@app.command("new")
def new(path: Annotated[Path, typer.Argument(help="만들 파일(자료 폴더 밖)")]) -> None:
    """새 열쇠를 파일의 맨 앞에 더한다(처음이면 파일을 만든다). 권한은 0600."""
    crypto.add_key(path)
    typer.echo(f"{path}: 새 열쇠를 더했습니다. 자료와 다른 곳에 따로 보관해 주세요.")


@app.command("rotate")
def rotate() -> None:
    """모든 자료 열쇠를 맨 앞 열쇠로 다시 감싼다. 자료는 그대로 둔다."""
    _settings, parts = ready()
    try:
        typer.echo(f"{parts.store.rewrap()}개를 다시 감쌌습니다.")
    finally:
        parts.close()
