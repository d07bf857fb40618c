"""`cards`: card news and the case book out of published cases."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, get_args

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from bot.app import App
from bot.cli.help import Typer
from bot.cli.running import ready, say
from bot.documents.card_news import Drawn
from bot.errors import unreadable
from bot.services import card_pictures
from bot.settings_newsletter import Theme
from knowledge.calendar import seoul_day
from knowledge.cases import Case

app = Typer(help="공개한 사례로 카드뉴스와 사례집을 만든다.")

Refs = Annotated[list[str], typer.Argument(help="사례 번호. 여럿이면 빈칸으로 나눈다")]


@app.command("draw")
def draw(
    refs: Refs,
    to: Annotated[Path, typer.Option("--to", help="그림과 설명을 쓸 폴더. 없으면 만든다")],
    theme: Annotated[str, typer.Option(help="light 또는 dark. 없으면 기관의 설정")] = "",
) -> None:
    """사례마다 네모난 그림 넷에서 여섯 장을 PNG로 그리고, 그림을 말로 옮긴 글을 곁에 쓴다."""
    themes = [one for one in get_args(Theme) if one == theme]
    if theme and not themes:
        raise typer.BadParameter(f"--theme: {', '.join(get_args(Theme))} 가운데에서 고릅니다")
    _settings, parts = ready()
    try:
        fit, short = _chosen(parts, refs)
        to.mkdir(parents=True, exist_ok=True)
        with _progress() as bar:
            for case in bar.track(fit, description="그리는 중"):
                _write(to, case.ref, card_pictures.drawn(parts.svc, case, *themes))
    except OSError as error:
        raise typer.BadParameter(f"{to}: {unreadable(error)}") from None
    finally:
        parts.close()
    typer.echo(f"{to}: 사례 {len(fit)}건의 카드뉴스를 그렸습니다.")
    if short:
        raise typer.Exit(1)


@app.command("book")
def book(
    refs: Refs,
    to: Annotated[Path, typer.Option("--to", help="쓸 PDF 파일")],
) -> None:
    """차례와 찾아보기가 있는 사례집(PDF/A)을 만든다. 사례는 적은 차례로, 분야끼리 모은다."""
    _settings, parts = ready()
    try:
        fit, short = _chosen(parts, refs)
        made = card_pictures.book(parts.svc, fit, seoul_day(parts.svc.now()))
        to.write_bytes(made)
    except OSError as error:
        raise typer.BadParameter(f"{to}: {unreadable(error)}") from None
    finally:
        parts.close()
    typer.echo(f"{to}: 사례 {len(fit)}건을 담았습니다.")
    if short:
        raise typer.Exit(1)


def _write(to: Path, ref: str, made: Sequence[Drawn]) -> None:
    name = "".join(sign if sign.isalnum() or sign in "-_" else "_" for sign in ref)
    for old in to.glob(f"{name}-[1-9].png"):  # of a time when there was more to tell
        old.unlink()
    for n, one in enumerate(made, 1):
        (to / f"{name}-{n}.png").write_bytes(one.png)
    (to / f"{name}.txt").write_text("".join(f"{one.alt}\n" for one in made), encoding="utf-8")


def _chosen(parts: App, refs: Sequence[str]) -> tuple[tuple[Case, ...], bool]:
    """Give what can be drawn, and whether something was refused; says what of each was not."""
    found = parts.store.read(lambda unit: card_pictures.chosen(parts.svc, unit, refs))
    for ref in found.held:
        typer.echo(f"{ref}: {say(parts, 'cards.held')}", err=True)
    for ref, missing in found.no:
        for name in missing:
            key = "case.unknown" if name == "unknown" else f"cards.lack.{name}"
            typer.echo(f"{ref}: {say(parts, key)}", err=True)
    if not found.cases:
        typer.echo(say(parts, "cards.nothing"), err=True)
        raise typer.Exit(1)
    return found.cases, bool(found.no)


def _progress() -> Progress:
    """Make a bar on standard error, nothing where nobody looks."""
    console = Console(stderr=True)
    return Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
        console=console, transient=True, disable=not console.is_terminal,
    )  # fmt: skip
