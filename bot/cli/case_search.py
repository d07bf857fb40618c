"""`cases search`: what citizens find, on the command line."""

import json
from collections.abc import Sequence
from typing import Annotated

import typer

from bot.cli.running import ready
from bot.services import finding
from bot.services.finding import Sought
from knowledge.cases import KINDS, Case


def searched(
    words: Annotated[str, typer.Argument(help="찾을 말")],
    limit: Annotated[int, typer.Option(help="많아야 몇 건", min=1, max=100)] = 5,
    region: Annotated[str, typer.Option(help="이 지역만")] = "",
    year: Annotated[int, typer.Option(help="이 해만. 0이면 모두")] = 0,
    field: Annotated[str, typer.Option(help="이 분야만")] = "",
    kind: Annotated[str, typer.Option(help=f"{' 또는 '.join(KINDS)}만")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="JSON으로")] = False,
) -> None:
    """공개한 사례에서 찾는다. 시민이 찾는 것과 같은 것이 같은 차례로 나온다."""
    if kind and kind not in KINDS:
        raise typer.BadParameter(f"--kind: {', '.join(KINDS)} 가운데에서 고릅니다")
    wanted = {"region": region, "year": str(year or ""), "field": field, "kind": kind}
    only = finding.tags({name: value for name, value in wanted.items() if value})
    _settings, parts = ready()
    try:
        sought = finding.seek(parts.svc, words, only=only, most=limit)
        found = parts.store.read(lambda unit: finding.shown(parts.svc, unit, sought.refs))
    finally:
        parts.close()
    typer.echo(_as_json(words, sought, found) if as_json else _as_text(sought, found))


def _as_json(words: str, sought: Sought, found: Sequence[Case]) -> str:
    """Tell what was found: `sure`, or only near; nothing when nothing fits."""
    score = {hit.key: round(hit.score, 3) for hit in sought.hits}
    told = {
        "query": words,
        "sure": sought.sure,
        "hits": [
            {"ref": case.ref, "title": case.title, "score": score[case.ref]}
            | {name: getattr(case, name) for name in ("kind", "agency", "region", "year", "field")}
            for case in found
        ],
        "meant": [{"word": one.word, "official": list(one.official)} for one in sought.meant],
    }
    return json.dumps(told, ensure_ascii=False, indent=1)


def _as_text(sought: Sought, found: Sequence[Case]) -> str:
    also = [f"'{one.word}': {', '.join(one.official)}도 찾음" for one in sought.meant]
    if not found:
        return "\n".join([*also, "맞는 사례가 없습니다."])
    head = [] if sought.sure else ["딱 맞는 것은 없고, 가까운 것입니다."]
    score = {hit.key: hit.score for hit in sought.hits}
    lines = [
        f"{score[case.ref]:.2f} · {case.ref} · {case.year or '-'} · {case.agency or '-'} · {case.title}"
        for case in found
    ]
    return "\n".join([*also, *head, *lines])
