"""`slack`: the app that an agency makes at Slack, and whether it is as it should be."""

import json
import os
from typing import Annotated

import typer

from bot import log
from bot.cli.doctor import slack as look
from bot.cli.doctor.finding import guarded
from bot.cli.help import Typer
from bot.dialogs.replies import Words
from bot.handlers.slack.manifest import manifest as described
from bot.locale import SHIPPED, Span, Texts
from bot.settings import read_settings

app = Typer(help="직원이 쓰는 슬랙.")


@app.command("manifest")
def manifest(
    http: Annotated[
        bool, typer.Option("--http", help="소켓 대신 직원 화면의 주소로 부르게 한다.")
    ] = False,
) -> None:
    """슬랙에 앱을 만들 때 붙여 넣을 설명(JSON)을 쓴다. 한글 명령은 site.toml의 slack_aliases."""
    settings = read_settings(os.environ)
    texts = Texts.load((SHIPPED,))
    words = settings.site.words()

    def speak(said: Words) -> tuple[Span, ...]:
        return texts.spans(said, "ko", words)

    made = described(speak, settings.site.slack_aliases, settings.desk_url if http else "")
    typer.echo(json.dumps(made, ensure_ascii=False, indent=2))


@app.command("check")
def check() -> None:
    """토큰, 권한, 워크스페이스, 방이 맞는지 슬랙에 묻는다. 잘못이 있으면 1로 끝난다.

    아무에게도 아무 말도 보내지 않는다.
    """
    settings = read_settings(os.environ)
    log.set_up(settings.secrets(), level="error")
    grave = False
    for found in guarded("slack", lambda: look.slack(settings)):
        grave |= found.mark == "fault"
        typer.echo(found.line())
    raise typer.Exit(int(grave))
