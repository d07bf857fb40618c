"""`relay`: the road between two networks that may not touch (망연계), by files in folders."""

import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.help import Typer
from bot.cli.running import ready
from bot.errors import BadStart
from bot.roads import to_relay
from bot.worker.relaying import Relay, Standing
from knowledge.calendar import SEOUL
from storage import crossing
from storage.repositories.relays import File

app = Typer(help="맞닿지 않는 두 망 사이를 파일로 잇는다(망연계).")
EVERY = 5.0
"""Seconds between looks of `--watch`."""

ADVICE = {
    "unreadable": "깨졌거나 잘렸습니다. 상대쪽에서 다시 내보내게 하세요: jeokgeuk relay export --again {n}",
    "receiver": "다른 설치에게 봉한 파일이거나 그 머리가 바뀌었습니다. 두 쪽의 공개 열쇠와 옮긴 사람을 살펴보세요",
    "forged": "상대쪽이 서명하지 않았습니다. 이 폴더에 누가 쓸 수 있는지 살펴보세요",
    "direction": "반대 방향의 파일입니다. 두 폴더가 뒤바뀌었는지 살펴보세요",
    "conflict": "이미 읽은 번호의 다른 파일입니다. 상대쪽이 백업으로 되돌려졌으면 저절로 새 번호로 다시 옵니다",
    "chain": "앞 파일과 이어지지 않습니다. 상대쪽의 데이터베이스가 둘이 아닌지 살펴보세요",
    "size": "정한 크기보다 큽니다. 두 쪽의 JEOKGEUK_RELAY_MEGABYTES를 같게 하세요",
    "kind": "연습 설치와 운영 설치가 이어져 있습니다. 두 쪽의 JEOKGEUK_KIND를 살펴보세요",
    "shape": "서명은 맞지만 읽을 수 없는 글입니다. 두 쪽의 판을 같게 하세요",
}
"""What to do about a file that was refused, by what was wrong with it."""

Watch = Annotated[bool, typer.Option("--watch", help="멈출 때까지 계속한다(Ctrl+C).")]
Again = Annotated[
    int | None, typer.Option("--again", help="이 번호의 파일을 똑같이 다시 내보낸다.")
]


@app.command("keys")
def keys(path: Annotated[Path, typer.Argument(help="우리쪽 열쇠를 둘 새 파일")]) -> None:
    """이쪽의 열쇠를 만들고, 상대쪽에 적을 공개 열쇠 한 줄을 보인다."""
    try:
        public = crossing.new_own(path)
    except FileExistsError:
        raise BadStart("relay", str(path), "이미 있는 파일입니다") from None
    typer.echo(f"이쪽: JEOKGEUK_RELAY_KEY_FILE={path}")
    typer.echo(f"상대쪽: JEOKGEUK_RELAY_PEER={public}")


@app.command("export")
def export(watch: Watch = False, again: Again = None) -> None:
    """건너갈 것을 서명하고 봉한 파일로 내보낸다."""
    if again is None:
        _run(lambda relay: relay.put_out(), "파일 {n}개를 내보냈습니다.", watch=watch)
        return
    relay, close = _opened()
    try:
        if not relay.again(again):
            raise BadStart(
                "relay", str(again), "그 번호의 파일은 만든 적이 없거나 이미 지웠습니다"
            )
    finally:
        close()
    typer.echo(f"{crossing.name(relay.link.ends.writes, again)}: 똑같이 다시 내보냈습니다.")


@app.command("import")
def import_(watch: Watch = False) -> None:
    """건너온 파일을 번호 순서로 읽는다."""
    _run(lambda relay: relay.take_in(), "파일 {n}개를 읽었습니다.", watch=watch)


@app.command("status")
def status() -> None:
    """무엇이 건너갔고 무엇이 빠졌는지, 무엇을 하면 되는지 보인다."""
    relay, close = _opened()
    try:
        stands = relay.standing()
    finally:
        close()
    ends = relay.link.ends
    for line in lines(stands, ends.writes, ends.reads):
        typer.echo(line)
    if stands.missing or stands.stuck:
        raise typer.Exit(1)


def _opened() -> tuple[Relay, Callable[[], None]]:
    settings, parts = ready()
    relay = to_relay(settings, parts.store, parts.svc, "work")
    if relay is None:
        parts.close()
        raise BadStart(
            "relay", "JEOKGEUK_RELAY", "망연계가 켜져 있지 않습니다(outside 또는 inside)"
        )
    return relay, parts.close


def _run(work: Callable[[Relay], int], said: str, *, watch: bool) -> None:
    relay, close = _opened()
    try:
        while True:
            done = relay.alone(lambda: work(relay))
            if done is None:
                typer.echo("다른 프로세스가 지금 옮기고 있습니다.")
            elif done or not watch:
                typer.echo(said.format(n=done))
            if not watch:
                return
            time.sleep(EVERY)
    except KeyboardInterrupt:
        return
    finally:
        close()


def lines(stands: Standing, writes: crossing.Direction, reads: crossing.Direction) -> list[str]:
    """Say how the road is, and what to do about what is wrong."""
    found = [f"내보낸 파일: {stands.made}번까지 만들었고 {stands.arrived}번까지 닿았습니다."]
    found += [
        f"· {crossing.name(writes, one.number or 0)}: 닿았다는 말이 아직 없습니다({_when(one.at)}에 만듦). "
        f"잃었으면: jeokgeuk relay export --again {one.number}"
        for one in stands.waiting
    ]
    found.append(f"읽은 파일: {stands.read}번까지.")
    if stands.missing:
        numbers = ", ".join(str(one) for one in stands.missing)
        waits = ", ".join(str(one) for one in stands.ahead)
        found.append(
            f"✗ 빠진 번호 {numbers}: {waits}번이 기다립니다. 상대쪽에 저절로 다시 청하며, "
            f"바로 받으려면 그쪽에서: jeokgeuk relay export --again {stands.missing[0]}"
        )
    if stands.read + 1 in stands.ahead:
        found.append(
            f"· {stands.read + 1}번이 놓여 있고 아직 읽지 않았습니다. 읽기: jeokgeuk relay import"
        )
    if stands.stuck:
        name, _, what = stands.stuck.partition(" ")
        found.append(f"✗ {name}: {_STUCK.get(what, what)}")
    found += [f"✗ {_refused(one, reads)}" for one in stands.refused]
    found += [f"· 이름이 다른 파일이라 그대로 두었습니다: {name}" for name in stands.strange]
    return found


_STUCK = {
    "newer": "더 새로운 판이 만든 파일입니다. 이쪽을 먼저 올리면 이어서 읽습니다",
    "unreadable": "아직 다 옮겨지지 않은 파일 같습니다. 1분 뒤에도 그대로면 따로 치웁니다",
    "shape": ADVICE["shape"],
}


def _refused(file: File, reads: crossing.Direction) -> str:
    number = crossing.number_of(reads, file.name) or 0
    why = ADVICE.get(file.status, file.status).format(n=number)
    return f"{file.name} ({_when(file.at)}): {why}"


def _when(at: datetime) -> str:
    return f"{at.astimezone(SEOUL):%Y-%m-%d %H:%M}"
