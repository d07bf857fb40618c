"""`doctor`: what is missing, what is wrong, what waits for a person, and what to do about each."""

import json
import os
from collections.abc import Collection, Iterator, Mapping
from dataclasses import asdict
from functools import partial
from typing import Annotated

import typer

from bot import log
from bot.app import WHOLE, App, build
from bot.cli.doctor import base, place, relay, roads, slack, walls
from bot.cli.doctor.finding import Finding, fault, guarded, ok
from bot.errors import BadStart
from bot.opening import part_of
from bot.settings import Settings, read_settings

__all__ = ["doctor", "examine"]

AsJson = Annotated[bool, typer.Option("--json", help="한 줄에 하나씩 JSON으로.")]


Of = Annotated[
    str, typer.Option("--parts", help="살펴볼 프로세스의 부분(쉼표로): public, hooks, desk, work.")
]


def doctor(as_json: AsJson = False, parts: Of = ",".join(WHOLE)) -> None:
    """무엇이 빠졌고, 무엇이 기관의 확인을 기다리고, 무엇이 사람을 기다리는지 늘어놓는다.

    잘못이 하나라도 있으면 1로 끝난다. 개인정보와 비밀은 나오지 않는다.
    """
    grave = False
    chosen = tuple(part.strip() for part in parts.split(","))
    if not set(chosen) <= set(WHOLE):
        raise typer.BadParameter(f"{', '.join(WHOLE)} 가운데에서 고릅니다", param_hint="--parts")
    for found in examine(os.environ, chosen):
        grave |= found.mark == "fault"
        text = json.dumps(asdict(found), ensure_ascii=False) if as_json else found.line()
        typer.echo(text)
    raise typer.Exit(int(grave))


def examine(environ: Mapping[str, str], parts: Collection[str] = WHOLE) -> Iterator[Finding]:
    """Look at everything, one after the other; what cannot be looked at is said and passed."""
    try:
        settings = read_settings(environ)
    except BadStart as wrong:
        todo = "운영하기(docs/operate.md)의 표를 보고 그 값을 고친 뒤 다시 실행해 주세요"
        yield fault("settings", str(wrong), todo)
        return
    log.set_up(settings.secrets(), level="error")
    yield from guarded("settings", partial(place.site, settings))
    yield from guarded("keys", partial(place.keys, settings))
    yield from guarded("disk", partial(place.disk, settings))
    yield from guarded("fonts", place.fonts)
    yield from _opened(settings, parts)
    for area, look in (
        ("telegram", roads.telegram), ("mail", roads.mail), ("scanner", roads.scanner),
        ("slack", slack.slack), ("clock", roads.third_clock),
    ):  # fmt: skip
        yield from guarded(area, partial(look, settings))


def _opened(settings: Settings, parts: Collection[str]) -> Iterator[Finding]:
    """Look into the database, if it can be opened: every reason not to start shows here."""
    try:
        app = build(settings, parts=parts)
    except BadStart as wrong:
        yield fault("start", f"시작할 수 없습니다: {wrong}", "고친 뒤 다시 실행해 주세요")
        return
    except Exception as error:  # noqa: BLE001 - it is a finding, the rest is looked at all the same
        text = f"데이터베이스를 열지 못했습니다({type(error).__name__})"
        yield fault("database", text, "DATABASE_URL의 서버가 떠 있는지 봐 주세요")
        return
    try:
        yield ok("start", "시작할 수 있습니다")
        yield from _looks(app, parts)
    finally:
        app.close()


def _looks(app: App, parts: Collection[str]) -> Iterator[Finding]:
    yield from guarded("database", partial(base.database, app))
    yield from guarded("clock", lambda: [base.clock(app.store)])
    yield from guarded("walls", partial(walls.walls, parts, app))
    if part_of(parts) == "public":
        return  # the rest is the desk's, and this part cannot read it
    for area, look in (
        ("people", base.people), ("unconfirmed", base.procedures), ("work", base.work), ("backup", base.backups), ("records", base.lives),
        ("access_log", base.reviews), ("queue_checks", base.checks), ("stand_ins", base.stand_ins), ("slack", slack.links), ("relay", relay.relay),
    ):  # fmt: skip
        yield from guarded(area, partial(look, app))
