"""`cases`: what the agency knows of cases, on the command line."""

import json
from typing import Annotated

import typer

from bot.cli import case_files, case_search
from bot.cli.help import Typer
from bot.cli.running import ready
from bot.services import case_import
from knowledge.cases import STATUSES, to_plain
from knowledge.importing import STATUS_WORDS

app = Typer(help="적극행정·소극행정 사례를 다룬다.")
app.command("import")(case_files.load)
app.command("export")(case_files.export)
app.command("search")(case_search.searched)


@app.callback()
def _cases() -> None:
    """적극행정·소극행정 사례를 다룬다."""


@app.command("list")
def listed(
    status: Annotated[
        str, typer.Option(help=f"이 상태만: {', '.join(STATUSES)}. 없으면 모두")
    ] = "",
    limit: Annotated[int, typer.Option(help="많아야 몇 건", min=1)] = 50,
    as_json: Annotated[bool, typer.Option("--json", help="JSON으로")] = False,
) -> None:
    """사례를 번호, 상태, 연도, 기관, 제목으로 늘어놓는다."""
    if status and status not in STATUSES:
        raise typer.BadParameter(f"--status: {', '.join(STATUSES)} 가운데에서 고릅니다")
    _settings, parts = ready()
    try:
        found = parts.store.read(lambda unit: list(case_import.every(parts.svc, unit)))
    finally:
        parts.close()
    wanted = [one for one in found if not status or one.status == status]
    if as_json:
        plain = [to_plain(one) for one in wanted[:limit]]
        typer.echo(
            json.dumps({"count": len(wanted), "cases": plain}, ensure_ascii=False, indent=1)
        )
        return
    for one in wanted[:limit]:
        told = (
            one.ref,
            STATUS_WORDS[one.status],
            str(one.year or "-"),
            one.agency or "-",
            one.title,
        )
        typer.echo(" · ".join(told))
    typer.echo(f"모두 {len(wanted)}건")
