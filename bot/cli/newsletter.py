"""`newsletter`: what is sent to everybody who asked, from the console.

Whoever changes anything here says who he is, as at the desk: the second person is another one
(security S9).
"""

import json
import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, TypeVar

import typer
from rich.console import Console

from bot.app import App
from bot.channel import Carried, Parcel
from bot.cli import newsletter_far
from bot.cli.help import Typer
from bot.cli.running import ready, say
from bot.cli.signed import signed_in
from bot.errors import Refused
from bot.services import (
    approval_attempts,
    broadcast_approvals,
    broadcast_drafts,
    broadcast_runs,
    broadcast_tests,
    broadcasts,
    card_pictures,
    finding,
)
from bot.services.base import Actor
from bot.services.broadcast_drafts import Edit
from knowledge.korean import SEOUL
from storage.repositories import broadcasts as repository
from storage.repositories.broadcasts import Broadcast
from storage.unit import Unit

app = Typer(help="신청하신 분들께 보내는 소식.")
T = TypeVar("T")

Number = Annotated[str, typer.Argument(help="호 번호(2026-11 같은). status가 보여 준다.")]
Who = Annotated[
    str, typer.Option("--as", help="누가 하는지(직원 아이디). 비밀번호와 인증 번호는 묻는다.")
]
AsJson = Annotated[bool, typer.Option("--json", help="프로그램이 읽을 수 있게 쓴다.")]

LISTED = 20


@app.command("draft")
def draft(
    kind: Annotated[str, typer.Option(help="news, notice, cards")] = "news",
    case: Annotated[str, typer.Option(help="카드뉴스로 만들 사례 번호(cases list)")] = "",
    title: Annotated[str, typer.Option(help="제목")] = "",
    who: Who = "",
) -> None:
    """초안을 만든다. 소식이면 이달의 새 사례를 담고, 카드뉴스면 그림을 그린다."""

    def work(parts: App) -> str:
        actor = signed_in(parts, who)
        cards = _drawn(parts, case) if kind == "cards" else ()
        made = _do(parts, lambda unit: broadcast_drafts.draft(
            parts.svc, unit, actor, kind, ref=case, title=title, cards=cards
        ))  # fmt: skip
        one = parts.store.read(lambda unit: repository.get(unit, made))
        assert one is not None
        return f"{one.number} {one.title}\n{parts.settings.desk_url}/newsletters/{one.number}"

    typer.echo(_run(work))


@app.command("preview")
def preview(
    number: Number,
    channel: Annotated[str, typer.Option(help="telegram, mail, web, slack")] = "",
) -> None:
    """받는 그대로 본다. 아무에게도 보내지 않는다."""

    def work(parts: App) -> str:
        one = newsletter_far.known(parts, number)
        told = []
        news = parts.store.read(lambda unit: broadcasts.news(parts.svc, unit, one))
        pictures = parts.store.read(lambda unit: repository.pictures(unit, one.id))
        home = f"{parts.svc.public_url}/news"
        pngs = tuple(made.png for made in pictures)
        carried = Carried(pngs, (None,) * len(pngs), stop=home, prefer=home)
        for name, road in parts.channels.items():
            if not channel or name == channel:
                shown = road.preview(Parcel("", news, one.lang, carried=carried))
                buttons = "".join(f" [{label}]" for row in shown.buttons for label in row)
                told.append(
                    f"== {say(parts, f'desk.newsletter.channel.{name}')}\n{shown.text}\n{buttons}"
                )
        return "\n".join(told)

    typer.echo(_run(work))


@app.command("test")
def to_oneself(number: Number, who: Who = "") -> None:
    """자신의 전자우편과 메신저로 시험 발송한다. 시험한 사람은 그 판을 승인할 수 없다."""

    def work(parts: App) -> str:
        actor, one = signed_in(parts, who), newsletter_far.known(parts, number)
        _do(parts, lambda unit: broadcast_tests.send(parts.svc, unit, actor, one.id))
        return say(parts, "desk.newsletter.test_sent")

    typer.echo(_run(work))


@app.command("schedule")
def schedule(
    number: Number,
    when: Annotated[str, typer.Argument(help="보낼 때(서울): 2026-11-25T10:00")],
    ask: Annotated[
        str, typer.Option(help="두 번째 사람에게 부탁하는 말. 있으면 승인을 부탁한다.")
    ] = "",
    nature: Annotated[str, typer.Option("--class", help="guide(행정 안내), results(실적)")] = "",
    doc_no: Annotated[str, typer.Option(help="전자결재 문서번호")] = "",
    checked: Annotated[
        list[str] | None,
        typer.Option(
            help="확인한 것(여러 번): elections, head, persons, sources, audit, doc_no. "
            "elections=누구에게 언제 물었는지"
        ),
    ] = None,
    who: Who = "",
) -> None:
    """보낼 때와 확인한 것을 정하고, --ask를 쓰면 두 번째 사람에게 승인을 부탁한다."""
    said = {name: remark for name, _, remark in (one.partition("=") for one in checked or ())}
    change = Edit(
        send_at=_moment(when), nature=nature or None, doc_no=doc_no or None, confirmed=said or None
    )

    def work(parts: App) -> str:
        actor, one = signed_in(parts, who), newsletter_far.known(parts, number)

        def set_(unit: Unit) -> None:
            svc = parts.svc
            version = broadcast_drafts.edit(svc, unit, actor, one.id, one.version, change)
            if ask:
                broadcast_approvals.ask(svc, unit, actor, one.id, version, ask)

        _do(parts, set_)
        return newsletter_far.line(parts, newsletter_far.known(parts, number))

    typer.echo(_run(work))


@app.command("approve")
def approve(
    number: Number,
    back: Annotated[str, typer.Option("--return", help="승인하지 않고 돌려보내는 까닭")] = "",
    who: Who = "",
) -> None:
    """두 번째 사람으로 승인하거나 돌려보낸다. 만들거나 고치거나 시험한 사람은 할 수 없다."""

    def work(parts: App) -> str:
        one = newsletter_far.known(parts, number)
        summary = parts.store.read(lambda unit: broadcast_approvals.summary(unit, one))
        typer.echo(say(parts, summary.key, **summary.params))
        actor = signed_in(parts, who)
        reason = back or say(parts, "desk.newsletter.yes_words")
        try:
            _do(parts, lambda unit: broadcast_approvals.decide(
                parts.svc, unit, actor, one.id, one.version, not back, reason
            ))  # fmt: skip
        except Refused as refused:
            _tried(parts, actor, one, refused)
            raise
        return newsletter_far.line(parts, newsletter_far.known(parts, number))

    typer.echo(_run(work))


@app.command("status")
def status(
    number: Annotated[str, typer.Argument(help="호 번호. 없으면 목록.")] = "",
    watch: Annotated[bool, typer.Option("--watch", help="끝날 때까지 지켜본다.")] = False,
    as_json: AsJson = False,
) -> None:
    """어디까지 왔는지 본다: 채널마다 보낸 수, 빠르기, 남은 시간, 실패한 까닭."""

    def work(parts: App) -> str:
        if not number:
            found = parts.store.read(lambda unit: repository.listed(unit, most=LISTED))
            if as_json:
                return json.dumps(
                    [newsletter_far.plain(parts, one) for one in found], ensure_ascii=False
                )
            return "\n".join(newsletter_far.line(parts, one) for one in found) or say(
                parts, "desk.newsletter.none"
            )
        one = newsletter_far.known(parts, number)
        if as_json:
            return json.dumps(newsletter_far.plain(parts, one), ensure_ascii=False)
        if watch:
            return newsletter_far.watched(parts, one)
        Console().print(newsletter_far.drawn(parts, one, newsletter_far.far_of(parts, one)))
        return ""

    told = _run(work)
    if told:
        typer.echo(told)


@app.command("pause")
def pause(number: Number, who: Who = "") -> None:
    """보내는 것을 잠시 멈춘다."""
    _act(number, who, lambda parts, actor, unit, one: broadcast_runs.pause(parts.svc, unit, actor, one.id))  # fmt: skip


@app.command("resume")
def resume(number: Number, who: Who = "") -> None:
    """멈춘 것을 이어서 보낸다."""
    _act(number, who, lambda parts, actor, unit, one: broadcast_runs.resume(parts.svc, unit, actor, one.id))  # fmt: skip


@app.command("cancel")
def cancel(number: Number, who: Who = "") -> None:
    """보내는 것을 그만둔다. 되돌릴 수 없다."""
    _sure()
    _act(number, who, lambda parts, actor, unit, one: broadcast_runs.cancel(parts.svc, unit, actor, one.id))  # fmt: skip


@app.command("revive")
def revive(number: Number, who: Who = "") -> None:
    """닿았는지 모르는 것을 다시 보낸다. 두 번 받는 분이 있을 수 있다."""
    _sure()
    _act(number, who, lambda parts, actor, unit, one: broadcast_runs.revive(parts.svc, unit, actor, one.id))  # fmt: skip


@app.command("correct")
def correct(
    number: Number,
    wrong: Annotated[str, typer.Option(help="잘못된 내용")],
    right: Annotated[str, typer.Option(help="바른 내용")],
    who: Who = "",
) -> None:
    """나간 것을 바로잡는 글의 초안을 만든다. 그것을 받은 분들께만 가고, 이것도 두 사람이 본다."""

    def work(parts: App) -> str:
        actor, one = signed_in(parts, who), newsletter_far.known(parts, number)
        made = _do(parts, lambda unit: broadcast_drafts.draft_correction(
            parts.svc, unit, actor, one.id, wrong, right
        ))  # fmt: skip
        found = parts.store.read(lambda unit: repository.get(unit, made))
        assert found is not None
        return newsletter_far.line(parts, found)

    typer.echo(_run(work))


def _act(number: str, who: str, act: Callable[[App, Actor, Unit, Broadcast], Any]) -> None:
    """Do what takes an official and a broadcast, and say where it stands then."""

    def work(parts: App) -> str:
        actor, one = signed_in(parts, who), newsletter_far.known(parts, number)
        _do(parts, lambda unit: act(parts, actor, unit, one))
        return newsletter_far.line(parts, newsletter_far.known(parts, number))

    typer.echo(_run(work))


def _run(work: Callable[[App], str]) -> str:
    """Open the installation for a command; a refusal is said and ends it with 1."""
    _, parts = ready()
    try:
        return work(parts)
    except Refused as refused:
        typer.echo(say(parts, refused.key, **refused.params), err=True)
        raise typer.Exit(1) from None
    finally:
        parts.close()


def _do(parts: App, work: Callable[[Unit], T]) -> T:
    return parts.store.transact(work, f"cli:{uuid.uuid4()}")


def _drawn(parts: App, ref: str) -> Any:
    """Draw the pictures of a case, with no transaction open."""
    case = parts.store.read(lambda unit: finding.one(parts.svc, unit, ref))
    if case is None:
        raise Refused("newsletter.case.gone", title=ref)
    return card_pictures.drawn(parts.svc, case)


def _tried(parts: App, actor: Actor, one: Broadcast, refused: Refused) -> None:
    def work(unit: Unit) -> None:
        waits = broadcast_approvals.waiting(unit, one.id)
        if waits is not None:
            approval_attempts.tried(parts.svc, unit, actor, waits.id, refused)

    _do(parts, work)


def _sure() -> None:
    typer.confirm("되돌릴 수 없습니다. 계속할까요?", abort=True)


def _moment(typed: str) -> datetime:
    try:
        at = datetime.fromisoformat(typed)
    except ValueError:
        raise typer.BadParameter("2026-11-25T10:00처럼 적습니다") from None
    return at if at.tzinfo is not None else at.replace(tzinfo=SEOUL)
