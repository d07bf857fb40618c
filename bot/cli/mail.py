"""`mail`: what the mail server hands over to us."""

import sys
from typing import Annotated

import typer

from bot.cli.help import Typer
from bot.cli.running import ready
from bot.errors import BadStart
from bot.handlers.mail_bounce import MOST, Returns
from storage.errors import Busy, StartRefused

app = Typer(help="메일 서버에서 받는 것.")

LATER = 75
"""EX_TEMPFAIL (sysexits.h): the mail server keeps the letter and comes again."""


@app.command("bounced")
def bounced(
    to: Annotated[
        str, typer.Option("--to", help="메일 서버가 아는 받는 주소(Postfix의 ${recipient}).")
    ] = "",
) -> None:
    """되돌아온 편지 하나를 표준 입력에서 읽어 그 구독에 적는다(메일 서버의 파이프).

    읽었으면 0, 지금은 적을 수 없으면 75로 끝나 메일 서버가 다시 건넨다. 알아볼 수 없는 편지도 0이고,
    그렇다고 말한다.
    """
    raw = sys.stdin.buffer.read(MOST + 1)
    try:
        settings, parts = ready()
    except (BadStart, StartRefused, Busy) as wrong:
        typer.echo(str(wrong), err=True)
        raise typer.Exit(LATER) from None
    try:
        if not settings.mail_bounce:
            raise BadStart("settings", "MAIL_BOUNCE", "값이 없습니다")
        ended = Returns(parts.store, parts.svc, settings.mail_bounce).take(raw, to)
    except Busy:
        raise typer.Exit(LATER) from None
    finally:
        parts.close()
    if ended is None:
        typer.echo("알아볼 수 없는 편지라서 아무것도 적지 않았습니다.", err=True)
