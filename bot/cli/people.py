"""`users`: the first official, and who is there."""

import uuid
from typing import Annotated

import typer

from bot.app import App
from bot.cli import staff
from bot.cli.help import Typer
from bot.cli.running import ready, say
from bot.errors import Refused
from bot.services import access, accounts, oidc
from knowledge.calendar import seoul_day
from storage.repositories import units
from storage.unit import Unit

app = Typer(help="직원 계정.")
app.command("import")(staff.load)

Role = Annotated[
    list[str],
    typer.Option("--role", help="admin, intake, auditor, audit_head, inspector 들(여러 번 가능)"),
]


@app.command("add")
def add(
    login: Annotated[str, typer.Argument(help="아이디(로마자)")],
    role: Role,
    name: Annotated[str, typer.Option(help="이름")],
    unit: Annotated[str, typer.Option(help="부서 코드")] = "audit",
    phone: Annotated[str, typer.Option(help="행정전화")] = "",
    email: Annotated[str, typer.Option(help="전자우편")] = "",
    staff_no: Annotated[str, typer.Option(help="사번: 두 사람이 정하는 일에 쓴다")] = "",
    title: Annotated[str, typer.Option(help="직위")] = "",
    reason: Annotated[str, typer.Option(help="역할을 주는 까닭(승인하는 사람이 읽는다)")] = "",
) -> None:
    """계정을 만들고 비밀번호를 정하는 한 번짜리 링크를 보여 준다(7일).

    관리자가 두 명 이상이면 신고를 보거나 사람을 들이는 역할은 다른 사람이 승인해야 주어진다.
    """
    unknown = [given for given in role if given not in access.ROLES]
    if unknown:
        raise typer.BadParameter(f"{', '.join(access.ROLES)} 가운데에서 고릅니다: {unknown[0]}")
    settings, parts = ready()

    who = accounts.Particulars(name, unit, phone, email, staff_no, title)

    def work(open_: Unit) -> accounts.Added:
        _audit_office(parts, open_)
        return accounts.add(parts.svc, open_, None, login, who, role, reason)

    try:
        made = parts.store.transact(work, f"cli:{uuid.uuid4()}")
    except Refused as refused:
        typer.echo(say(parts, refused.key, **refused.params), err=True)
        raise typer.Exit(1) from None
    finally:
        parts.close()
    typer.echo("아래 주소를 본인에게만 알려 주세요. 한 번만, 7일 안에 쓸 수 있습니다.")
    typer.echo(f"{settings.desk_url}/invite#{made.invited.secret}")
    if made.approval is not None:
        typer.echo("관리자가 두 명 이상이라 역할은 다른 사람이 승인한 뒤에 주어집니다.")
        typer.echo(f"{settings.desk_url}/approvals/{made.approval}")


@app.command("tie")
def tie(
    login: Annotated[str, typer.Argument(help="아이디")],
    subject: Annotated[str, typer.Argument(help="기관 로그인이 주는 식별자(sub)")],
) -> None:
    """기관 로그인 계정을 직원 계정에 잇는다. 한 번만 이을 수 있고, 전자우편으로는 잇지 않는다."""
    settings, parts = ready()
    site = settings.site.oidc
    try:
        if site is None:
            raise typer.BadParameter("site.toml에 [oidc]가 없습니다")
        parts.store.transact(
            lambda unit: oidc.tie(parts.svc, unit, site, login, subject), f"cli:{uuid.uuid4()}"
        )
    except Refused as refused:
        typer.echo(say(parts, refused.key, **refused.params), err=True)
        raise typer.Exit(1) from None
    finally:
        parts.close()
    typer.echo("이었습니다.")


def _audit_office(app: App, unit: Unit) -> None:
    """Make the audit office as the first unit: without it nobody could be the first official."""
    today = seoul_day(app.svc.now())
    if not units.standing(unit, today):
        name = app.settings.site.audit_unit
        units.add(unit, "audit", name, valid_from=today, kind="audit")
