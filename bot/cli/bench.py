"""`bench`: figures, as ratios beside peers measured in the same run."""

import json
from typing import Annotated

import typer

from bot.cli.help import Typer

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
