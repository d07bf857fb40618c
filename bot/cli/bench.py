"""`bench`: figures, as ratios beside peers measured in the same run."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from bot import log
from bot.app import App
from bot.cli.help import Typer
from bot.settings import Settings

app = Typer(help="재 보기: 같은 때에 잰 상대와의 비율로 읽는다.")


@app.command("turns")
def turns(
    count: Annotated[int, typer.Option("--turns", help="한 번에 재는 차례 수")] = 2000,
    rounds: Annotated[int, typer.Option(help="되풀이")] = 3,
    as_json: Annotated[bool, typer.Option("--json", help="JSON으로")] = False,
) -> None:
    """1초에 몇 차례를 저장하고 답하는가."""
    from bot.bench import turns as bench  # noqa: PLC0415 - only when it is asked for

    found = bench.measure(count, rounds)
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False, indent=1))
    else:
        bench.show(found)


@app.command("crash")
def crash(
    kills: Annotated[int, typer.Option(help="몇 번 죽일까")] = 400,
    as_json: Annotated[bool, typer.Option("--json", help="JSON으로")] = False,
) -> None:
    """아무 때나 죽여도 잃거나 겹치는 신고가 없는가."""
    from bot.bench import crash as bench  # noqa: PLC0415

    found = bench.measure(kills)
    typer.echo(json.dumps(found, ensure_ascii=False, indent=1) if as_json else bench.words(found))
    if any(side["lost"] or side["doubled"] for side in found.values()):
        raise typer.Exit(1)


@app.command("slack")
def slack(
    rate: Annotated[int, typer.Option(help="1초에 몇 번 명령할까", min=1, max=500)] = 20,
    seconds: Annotated[int, typer.Option(help="한 번에 재는 초", min=1, max=600)] = 20,
    rounds: Annotated[int, typer.Option(help="되풀이", min=1, max=20)] = 3,
    as_json: Annotated[bool, typer.Option("--json", help="JSON으로")] = False,
) -> None:
    """슬랙의 명령에 얼마나 빨리 답하나(요청에서 답까지, SQLite 한 대). 300ms를 넘으면 1로 끝난다."""
    from bot.bench import slack as bench  # noqa: PLC0415
    from bot.rehearsal import opening  # noqa: PLC0415

    def opens(folder: Path, changed: Callable[[Settings], Settings]) -> App:
        given = opening.settings_for(folder, 8080, "127.0.0.1")
        return opening.open_stage(changed(given)).app

    log.set_up((), level="error")
    found = asyncio.run(bench.measure(opens, rate, seconds, rounds))
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False, indent=1))
    else:
        for name, row in found["rows"].items():
            figures = f"p50 {row['p50_ms']:.1f} ms · p95 {row['p95_ms']:.1f} ms"
            typer.echo(f"{name}: {figures} · 가장 오래 {row['most_ms']:.1f} ms")
        typer.echo(f"p95의 비율 {found['p95_ratio_to_bolt']}")
    if not found["within_limit"]:
        raise typer.Exit(1)
