"""`intents train`: learn the weights of the intents anew from the utterances."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from bot.bench import intents as bench
from bot.cli.help import Typer
from knowledge import intents, training

app = Typer(help="무엇을 바라는 말인지 알아듣는 무게.")


@app.callback()
def _intents() -> None:
    """무엇을 바라는 말인지 알아듣는 무게."""


@app.command("train")
def train(
    to: Annotated[Path, typer.Option(help="무게를 적을 파일")] = intents.WEIGHTS,
) -> None:
    """담긴 말에서 무게를 다시 배운다(같은 말이면 같은 무게). scikit-learn이 있어야 한다."""
    columns = TextColumn("배우는 중"), BarColumn(), TextColumn("{task.completed}/{task.total}")
    try:
        with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
            task = bars.add_task("", total=None)
            model, held = training.train(
                intents.utterances(),
                lambda done, of: bars.update(task, completed=done, total=of),
                without=bench.kept_apart(),
            )
    except training.NotInstalledError:
        typer.echo(
            "scikit-learn이 없습니다. pip install 'jeokgeuktalk[train]'을 먼저 하세요.", err=True
        )
        raise typer.Exit(1) from None
    model.write(to)
    right = (held.margins.argmax(axis=1) == held.wanted).mean()
    typer.echo(
        f"{to}: 말 {held.wanted.size}개에서 조각 {model.size}개를 배웠습니다. "
        f"배우지 않고 남겨 둔 말은 {right:.3f}이 맞았습니다."
    )
