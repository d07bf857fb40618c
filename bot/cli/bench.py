"""`bench`: figures, as ratios beside peers measured in the same run."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import asdict, replace
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
    kills: Annotated[int, typer.Option(help="몇 번 죽일까", min=1)] = 400,
    conversations: Annotated[
        int, typer.Option(help="모두 몇 분이 신고할까. 0이면 죽을 때까지 되는 만큼", min=0)
    ] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="JSON으로")] = False,
) -> None:
    """아무 때나 죽여도 잃거나 겹치는 신고가 없는가."""
    from bot.bench import crash as bench  # noqa: PLC0415

    found = bench.measure(kills, conversations)
    typer.echo(json.dumps(found, ensure_ascii=False, indent=1) if as_json else bench.words(found))
    if any(side["lost"] or side["doubled"] for side in found.values()):
        raise typer.Exit(1)


@app.command("power")
def power(
    cuts: Annotated[int, typer.Option(help="전원을 몇 번 끊을까", min=1)] = 200,
    people: Annotated[int, typer.Option(help="한 번 켜졌을 때 몇 분이 신고할까", min=4)] = 24,
    seed: Annotated[int, typer.Option(help="끊을 때를 고를 씨앗")] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="JSON으로")] = False,
) -> None:
    """전원이 끊겨도 보여 드린 접수번호와 받은 파일이 남는가(SQLite, 디스크에 굳지 않은 쓰기는 잃는다).

    C 컴파일러(cc)가 있어야 한다. 하나라도 없어지면 1로 끝난다.
    """
    from bot.bench import power as bench  # noqa: PLC0415

    log.set_up((), level="critical")
    if bench.compiler() is None:
        raise typer.BadParameter("C 컴파일러가 없습니다: apt-get install gcc libc6-dev")
    found = bench.measure(cuts, people, seed)
    typer.echo(json.dumps(asdict(found), ensure_ascii=False) if as_json else bench.words(found))
    if not found.within:
        raise typer.Exit(1)


@app.command("starvation")
def starvation(
    accounts: Annotated[int, typer.Option(help="몇 분이 한꺼번에 말을 걸까", min=1)] = 10_000,
    seconds: Annotated[float, typer.Option(help="몇 초 동안(옮긴 시계로)", min=10)] = 180.0,
) -> None:
    """모두가 한꺼번에 말을 걸어도 접수증·통지·소식지가 제때 나가는가(옮긴 시계, SQLite).

    바라는 값에 못 미치면 1로 끝난다.
    """
    from bot.bench import starving as bench  # noqa: PLC0415

    log.set_up((), level="critical")
    found = asyncio.run(bench.measure(bench.Size(accounts=accounts, seconds=seconds)))
    typer.echo(json.dumps(found, ensure_ascii=False, indent=1))
    if not found["within"]:
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


@app.command("broadcast")
def broadcast(
    only: Annotated[
        list[str] | None,
        typer.Option(
            help="잴 것(되풀이해 쓴다): fan, send, rate, memory, kill. 기본은 이 다섯이고, "
            "whole(처음부터 끝까지)과 five(답하는 셋과 보내는 둘이 한 한도를)는 적어야 잰다(PostgreSQL)"
        ),
    ] = None,
    recipients: Annotated[
        int, typer.Option(help="whole에서 받을 분의 수(기본 1,000,000)", min=0)
    ] = 0,
    quick: Annotated[bool, typer.Option("--quick", help="적은 수로 훑는다")] = False,
    seed: Annotated[int, typer.Option(help="죽일 때와 탈 날 곳을 고를 씨앗")] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="JSON으로")] = False,
) -> None:
    """한꺼번에 많은 분께 보내는 빠르기·한도·메모리를 재고, 죽여도 빠지는 분이 없는지 본다.

    하나라도 바라는 값에 못 미치면 1로 끝난다. 보내는 곳은 이 컴퓨터 안의 흉내이다.
    """
    from bot.bench import broadcast as bench  # noqa: PLC0415

    log.set_up((), level="error")
    if unknown := set(only or ()) - {*bench.PARTS, *bench.BIG}:
        raise typer.BadParameter(f"--only: {', '.join(sorted(unknown))}")
    size = bench.QUICK if quick else bench.Size()
    size = replace(size, recipients=recipients or size.recipients)
    found = bench.measure(size, seed, only or bench.PARTS)
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False, indent=1))
    else:
        bench.show(found)
    if not found["within"]:
        raise typer.Exit(1)


@app.command("peak")
def peak(
    minutes: Annotated[float, typer.Option(help="몇 분 동안 몰릴까", min=0.1, max=120)] = 10,
    times: Annotated[float, typer.Option(help="견디는 만큼의 몇 배가 올까", min=1, max=50)] = 7,
    lag: Annotated[float, typer.Option(help="데이터베이스의 답이 늦는 초", min=0, max=2)] = 0.05,
    processes: Annotated[int, typer.Option(help="serve 프로세스 수", min=1, max=16)] = 2,
    as_json: Annotated[bool, typer.Option("--json", help="JSON으로")] = False,
) -> None:
    """견디는 만큼의 일곱 배가 올 때 차례대로 줄이고, 잃는 신고 없이 돌아오는가(PostgreSQL).

    지키지 못한 것이 하나라도 있으면 1로 끝난다. 재는 쪽도 같은 코어를 쓴다.
    """
    from bot.bench import peak as bench  # noqa: PLC0415
    from bot.bench import peak_verdict  # noqa: PLC0415
    from bot.bench.peak_town import Size  # noqa: PLC0415

    log.set_up((), level="error")
    size = Size(minutes=minutes, times=times, lag=lag, processes=processes)
    found = bench.measure(size)
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False, indent=1))
    else:
        typer.echo(peak_verdict.lines(found))
    if not found["within"]:
        raise typer.Exit(1)


@app.command("scale")
def scale(
    processes: Annotated[str, typer.Option(help="견줄 serve 프로세스의 수, 쉼표로")] = "1,2,4,8",
    seconds: Annotated[float, typer.Option(help="한 번에 재는 초", min=1, max=600)] = 15,
    soak: Annotated[
        float, typer.Option(help="이만큼의 분 동안 70 % 부하로 오래 돌려 보기만 한다", min=0)
    ] = 0,
    quick: Annotated[bool, typer.Option("--quick", help="적은 수로 훑는다")] = False,
    seed: Annotated[int, typer.Option(help="사람들이 올 때를 고를 씨앗")] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="JSON으로")] = False,
) -> None:
    """한 대가 얼마나 감당하나: 진짜 프로세스와 PostgreSQL에 시민이 몰려와 신고를 쓴다.

    요청이 하나라도 잘못되거나, 오래 돌린 것이 평평하지 않으면 1로 끝난다.
    """
    from bot.bench import scale as bench  # noqa: PLC0415
    from bot.bench import soak as sitting  # noqa: PLC0415

    log.set_up((), level="error")
    many = tuple(int(one) for one in processes.split(",") if one.strip())
    size = bench.QUICK if quick else bench.Size(processes=many, seconds=seconds)
    found = sitting.measure(soak, size, seed=seed) if soak else bench.measure(size, seed)
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False, indent=1))
    elif soak:
        sitting.show(found)
    else:
        bench.show(found)
    if not found["flat" if soak else "whole"]:
        raise typer.Exit(1)


@app.command("growth")
def growth(
    sizes: Annotated[str, typer.Option(help="잴 크기, 쉼표로")] = "1000,10000,100000,1000000",
    only: Annotated[
        list[str] | None,
        typer.Option(help="잴 것(되풀이해 쓴다): filings, cases, subscribers. 기본은 모두"),
    ] = None,
    pictures: Annotated[
        Path | None, typer.Option(help="그림(SVG)을 쓸 폴더", exists=True, file_okay=False)
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="JSON으로")] = False,
) -> None:
    """신고·사례·받을 분이 열 배씩 늘 때 한 번에 드는 시간, 메모리, 디스크(PostgreSQL)."""
    from bot.bench import growth as bench  # noqa: PLC0415

    log.set_up((), level="critical")
    if unknown := set(only or ()) - set(bench.KINDS):
        raise typer.BadParameter(f"--only: {', '.join(sorted(unknown))}")
    counts = [int(one) for one in sizes.split(",") if one.strip()]
    found = bench.measure(counts, only or bench.KINDS, lambda said: typer.echo(said, err=True))
    if pictures is not None:
        bench.draw(found, pictures)
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False, indent=1))
    else:
        bench.show(found)


@app.command("import")
def import_(
    rows: Annotated[int, typer.Option(help="몇 건을 들여올까", min=1000, max=200_000)] = 100_000,
    format_: Annotated[str, typer.Option("--format", help="xlsx, csv, json, jsonl")] = "xlsx",
    as_json: Annotated[bool, typer.Option("--json", help="JSON으로")] = False,
) -> None:
    """사례를 파일로 들여오는 데 드는 시간과 메모리(SQLite). 백에 하나는 고칠 줄이다."""
    from bot.bench import case_import as bench  # noqa: PLC0415
    from bot.services.case_files import FORMATS  # noqa: PLC0415

    log.set_up((), level="error")
    chosen = next((one for one in FORMATS if one == format_), None)
    if chosen is None:
        raise typer.BadParameter(f"--format: {', '.join(FORMATS)} 가운데에서 고릅니다")
    found = bench.measure(rows, chosen)
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False, indent=1))
    else:
        typer.echo(bench.words(found))
    if not all(found["ok"].values()):
        raise typer.Exit(1)


@app.command("cards")
def cards(
    pictures: Annotated[int, typer.Option(help="몇 장을 그릴까", min=4, max=10_000)] = 100,
    as_json: Annotated[bool, typer.Option("--json", help="JSON으로")] = False,
) -> None:
    """카드뉴스를 그리는 데 드는 시간(함께 온 사례로). 백 장에 60초를 넘으면 1로 끝난다."""
    from bot.bench import cards as bench  # noqa: PLC0415

    found = bench.measure(pictures)
    typer.echo(json.dumps(found, ensure_ascii=False, indent=1) if as_json else bench.words(found))
    if not found["within_limit"]:
        raise typer.Exit(1)


@app.command("search")
def search(
    passages: Annotated[
        Path | None, typer.Option(help='잴 글, 한 줄에 하나: {"id", "title", "text"}', exists=True)
    ] = None,
    queries: Annotated[
        Path | None,
        typer.Option(help='물음, 한 줄에 하나: {"id", "gold": […], "clean": "…", …}', exists=True),
    ] = None,
    sizes: Annotated[
        str, typer.Option(help="빠르기를 잴 글의 수, 쉼표로. 빈 값이면 재지 않는다")
    ] = ("1000,10000,100000"),
    largest: Annotated[
        bool, typer.Option("--largest", help="백만 건도 잰다(오래 걸린다)")
    ] = False,
    kiwi: Annotated[bool, typer.Option(help="Kiwi와 함께도 잰다")] = True,
    seed: Annotated[int, typer.Option(help="오타와 띄어쓰기를 흩뜨릴 씨앗")] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="JSON으로")] = False,
) -> None:
    """사례와 답을 얼마나 잘, 빨리 찾나(다른 검색과 나란히)."""
    from bot.bench import search as bench  # noqa: PLC0415

    if (passages is None) != (queries is None):
        raise typer.BadParameter("--passages와 --queries는 함께 씁니다.")
    counts = [int(one) for one in sizes.split(",") if one.strip()] + [1_000_000] * largest
    found = bench.measure(passages, queries, counts, kiwi=kiwi, seed=seed)
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False, indent=1))
    else:
        bench.show(found)


@app.command("slots")
def slots(
    as_json: Annotated[bool, typer.Option("--json", help="JSON으로")] = False,
) -> None:
    """긴 첫 글에서 부서·때·곳·번호·바라는 것을 얼마나 바르게 읽나."""
    from bot.bench import slots as bench  # noqa: PLC0415

    found = bench.measure()
    typer.echo(json.dumps(found, ensure_ascii=False, indent=1) if as_json else bench.words(found))


@app.command("answers")
def answers(
    as_json: Annotated[bool, typer.Option("--json", help="JSON으로")] = False,
) -> None:
    """자주 묻는 질문에 맞게, 틀리게, 솔직하게 모른다고 답하는 몫."""
    from bot.bench import answers as bench  # noqa: PLC0415

    found = bench.measure()
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False, indent=1))
    else:
        bench.show(found, typer.echo)


@app.command("intents")
def intents(
    file: Annotated[
        Path | None,
        typer.Option(help="잴 말: 담긴 것과 같은 꼴의 JSON, 또는 TOML(뜻 = [말, …])", exists=True),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="JSON으로")] = False,
) -> None:
    """무엇을 바라는 말인지 얼마나 잘 알아듣나(배울 때 쓰지 않은 말로)."""
    from bot.bench import intents as bench  # noqa: PLC0415

    try:
        found = bench.measure(bench.read(file or bench.UNTOUCHED))
    except bench.Unreadable as wrong:
        raise typer.BadParameter(str(wrong)) from wrong
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False, indent=1))
    else:
        bench.show(found)
