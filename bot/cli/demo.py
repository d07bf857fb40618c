"""`demo`: the whole service with a made-up city, an empty folder and no token."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.refusals import refuse_taken
from bot.cli.running import server, until_told
from bot.log import set_up
from storage.engine import file_of
from storage.host import only_one


def demo(
    port: Annotated[int, typer.Option(help="여는 포트", min=1, max=65535)] = 8080,
    data: Annotated[Path, typer.Option(help="자료를 둘 빈 폴더")] = Path("var/demo"),
    bind: Annotated[str, typer.Option(help="여는 주소(이 컴퓨터 안)")] = "127.0.0.1",
) -> None:
    """지어낸 도시 가온시로 모두 해 본다. 빈 폴더 하나면 되고 토큰은 필요 없다."""
    from bot.rehearsal import opening  # noqa: PLC0415 - the rehearsal is never part of a service

    settings = opening.settings_for(data, port, bind)
    refuse_taken("demo", bind, port)
    set_up(settings.secrets(), level=settings.jeokgeuk_log)
    typer.echo("가온시를 차리는 중입니다…")
    stage = opening.open_stage(settings, progress=typer.echo)
    typer.echo(f"\n  연습장   {settings.public_url}/rehearsal")
    typer.echo(f"  시민     {settings.public_url}/")
    typer.echo(f"  직원     {settings.public_url}/desk")
    logins = ", ".join(one["login"] for one in opening.city()["users"])
    typer.echo(f"           아이디 {logins}(누구인지는 연습장에)")
    typer.echo(f"       비밀번호   {opening.PASSWORD}\n")
    typer.echo("끝내려면 Ctrl+C. 다시 켜면 이어집니다.")
    try:
        with only_one(file_of(stage.app.store.engine.url)):
            asyncio.run(until_told(server(stage.asgi, bind, port)))
    finally:
        stage.app.close()
