"""The database: what it is, whose it is, how far its clock and its work are."""

import time
from collections.abc import Callable, Iterator

import sqlalchemy as sa

from bot.app import App
from bot.cli.doctor import server
from bot.cli.doctor.finding import Finding, fault, note, ok
from bot.handlers.probes import DRIFT, drift
from bot.services import chains, confirming, officials, silence
from knowledge.calendar import seoul_day
from storage import migrate
from storage.errors import Busy
from storage.models import key_checks, metadata
from storage.repositories import claims, heartbeats, outbox, queue_checks
from storage.store import Store
from storage.unit import Unit

APPROVE = frozenset({"admin", "audit_head"})
"""Who decides what two persons decide."""
ROADS = {heartbeats.POLL: "텔레그램에서 가져오기", heartbeats.SOCKET: "슬랙의 소켓"}
RUN = "jeokgeuk serve나 work가 떠 있는지 봐 주세요"


def database(app: App) -> Iterator[Finding]:
    """Say which database it is, and whether its tables are those of this code."""
    name = app.store.engine.dialect.name
    yield ok("database", f"데이터베이스: {name}")
    here = app.store.read(lambda unit: migrate.current(unit.conn))
    if here == migrate.head():
        yield ok("migrations", f"표는 이 판의 것입니다({here})")
    else:
        yield note(
            "migrations", f"표가 다른 판의 것입니다({here})", "jeokgeuk migrate를 해 주세요"
        )
    count = app.store.read(_keys)
    yield ok("keys", f"열쇠 {count}개의 확인값이 데이터베이스와 맞습니다")
    if name == "postgresql":
        yield from server.server(app)
    else:
        text = "SQLite에는 데이터베이스 계정의 벽이 없습니다"
        yield note("roles", text, "벽이 필요하면 PostgreSQL로 옮겨 주세요")


def _keys(unit: Unit) -> int:
    some = sa.select(sa.func.count()).where(key_checks.c.retired_at.is_(None))
    return int(unit.conn.scalar(some) or 0)


def clock(store: Store, wall: Callable[[], float] = time.time) -> Finding:
    """Compare this machine's clock with the database's; on SQLite they are one."""
    try:
        ahead = drift(store, wall)
    except Busy:
        text = "시계: 데이터베이스가 답하지 않아 견주지 못했습니다"
        return fault("clock", text, "데이터베이스를 먼저 봐 주세요")
    if store.engine.dialect.name == "sqlite" and abs(ahead) < 1:
        return ok("clock", "시계: 데이터베이스가 이 컴퓨터의 시계를 씁니다")
    return clocks("데이터베이스", ahead)


def clocks(other: str, ahead: float) -> Finding:
    """Say how far this machine's clock is from another one (S33)."""
    side = "빠릅니다" if ahead > 0 else "느립니다"
    text = f"시계: 이 컴퓨터가 {other}보다 {abs(ahead):.1f}초 {side}"
    if abs(ahead) <= DRIFT:
        return ok("clock", text)
    return fault("clock", f"{text}(한도 {DRIFT:.0f}초)", "시각 동기화(NTP)를 봐 주세요")


def people(app: App) -> Iterator[Finding]:
    """Say whether anybody is there to let others in, to receive reports and to examine them."""
    here = [one for one in app.store.read(officials.everybody) if one.active]
    roles = {role for one in here for role in one.roles}
    todo = "관리자가 직원 화면의 직원에서 역할을 주세요"
    for role, text, first in (
        ("admin", "관리자 계정이 없습니다", "jeokgeuk users add 아이디 --role admin --name 이름"),
        ("intake", "접수 담당이 없어 들어온 신고를 볼 사람이 없습니다", todo),
        ("auditor", "조사 담당이 없어 신고를 맡을 사람이 없습니다", todo),
    ):
        if role not in roles:
            yield note("people", text, first)
    if "admin" in roles and len([one for one in here if one.roles & APPROVE]) < 2:
        text = "관리자나 감사 부서장이 한 분뿐이라 승인할 다른 분이 없습니다"
        yield note(
            "people", text, "jeokgeuk users add로 둘째 관리자나 감사 부서장을 만들어 주세요"
        )
    if {"admin", "intake", "auditor"} <= roles:
        yield ok("people", "관리자, 접수 담당, 조사 담당이 있습니다")


def procedures(app: App) -> Iterator[Finding]:
    """List what law does not say and nobody of the agency has confirmed, and the days off."""
    waits = app.store.read(lambda unit: confirming.waiting(app.svc, unit))
    todo = "감사 부서장이 직원 화면의 '확인할 값'에서 확인해 주세요"
    for one in waits:
        yield note("unconfirmed", f"확인을 기다림: {one.name}", todo)
    if not waits:
        yield ok("unconfirmed", "법에 없는 값을 기관이 모두 확인했습니다")
    year = confirming.year_to_look_over(seoul_day(app.svc.now()))
    if app.store.read(lambda unit: confirming.looked_over(unit, year)) is None:
        todo = "관리자가 직원 화면의 '쉬는 날'에서 살펴보고 확인해 주세요"
        yield note("days_off", f"{year}년의 쉬는 날을 아무도 살펴보지 않았습니다", todo)
    else:
        yield ok("days_off", f"{year}년의 쉬는 날을 살펴보았습니다")


def checks(app: App) -> Iterator[Finding]:
    """Say whether a month's check of the queue waits (민원처리법 시행령 제22조)."""
    months = app.store.read(queue_checks.open_)
    if months:
        text = f"처리상황 점검을 기다림: {', '.join(months)}"
        yield note(
            "queue_checks", text, "감사 부서장이 직원 화면의 '처리상황 점검'에서 적어 주세요"
        )
    else:
        yield ok("queue_checks", "밀린 처리상황 점검이 없습니다")


def work(app: App) -> Iterator[Finding]:
    """Say whether what should happen happens: ticks, notices, what nobody could deliver."""
    if app.store.hold:
        text = f"보내기를 멈춤({app.store.hold})"
        yield fault("hold", text, "되살린 자료인지 살펴보고 jeokgeuk resume")
    watched = app.watched()
    signs = app.store.read(lambda unit: silence.signs(app.svc, unit, watched.pushed))
    yield _beat(signs.ages.get(heartbeats.TICK), watched.patience.tick)
    if signs.notice > watched.patience.notice * 60:
        text = f"법정 알림이 {signs.notice / 60:.0f}분째 나가지 못합니다"
        yield fault("notices", text, "채널의 고장과 work를 봐 주세요")
    for name in silence.away(signs, watched.patience):
        text = f"{name}: {signs.away[name] / 60:.0f}분째 아무것도 보내지 못합니다"
        yield fault(
            "outbound", text, "그 서버가 살아 있는지, 나가는 길(방화벽)이 열렸는지 봐 주세요"
        )
    for name in watched.listens:
        yield _fetched(name, signs.ages.get(name), watched.patience.inbound)
    if later := app.store.read(claims.later):
        text = f"새 판의 프로그램만 보낼 수 있는 것이 {later}통 기다립니다"
        yield note("newer", text, "판올림을 마치거나, 되돌렸다면 새 판을 다시 켜 주세요")
    bad = app.store.read(outbox.failed)
    for row in bad:
        text = f"보내지 못함 #{row.id}: {row.status} {row.problem} ({row.channel}, {row.kind})"
        yield fault("outbox", text, "직원 화면의 할 일에서 전화나 우편으로 알려 주세요")
    if not bad:
        yield ok("outbox", "보내지 못하고 남은 것이 없습니다")


def _fetched(name: str, age: float | None, minutes: int) -> Finding:
    what, road = silence.FETCHED[name], ROADS[name]
    if age is None:
        return note(what, f"{road}: 아직 한 번도 이어지지 않았습니다", RUN)
    if age > minutes * 60:
        todo = "serve가 떠 있는지, 나가는 길(방화벽)이 열렸는지 봐 주세요"
        return fault(what, f"{road}: {age / 60:.0f}분째 끊겨 있습니다", todo)
    return ok(what, f"{road}: 이어져 있습니다")


def _beat(age: float | None, minutes: int) -> Finding:
    if age is None:
        return note("tick", "시계의 일이 아직 한 번도 돌지 않았습니다", RUN)
    if age > minutes * 60:
        return note("tick", f"시계의 일이 {age / 60:.0f}분째 돌지 않았습니다", RUN)
    return ok("tick", f"시계의 일이 {age:.0f}초 전에 돌았습니다")


def backups(app: App) -> Iterator[Finding]:
    """Say how old the last backup is."""
    age = app.store.read(heartbeats.ages).get(heartbeats.BACKUP)
    days = app.settings.jeokgeuk_backup_days
    todo = "jeokgeuk backup을 날마다 돌려 주세요"
    if age is None:
        yield note("backup", "백업을 한 적이 없습니다", todo)
    elif age > days * 86400:
        yield fault("backup", f"마지막 백업이 {age / 86400:.0f}일 전입니다", todo)
    else:
        yield ok("backup", f"마지막 백업은 {age / 3600:.0f}시간 전입니다")


def lives(app: App) -> Iterator[Finding]:
    """Say what a restore would lack, and what the agency has yet to say of its records."""
    ledger, settings = app.store.erasures, app.settings
    if not settings.jeokgeuk_backup_key:
        yield note("backup_key", "백업을 잠글 공개 열쇠가 없습니다", "jeokgeuk backup-key")
    if settings.jeokgeuk_erasures_copy is None:
        text = "파기 원장의 두 번째 자리가 없습니다"
        yield note("erasures", text, "JEOKGEUK_ERASURES_COPY에 다른 디스크의 파일을 적어 주세요")
    elif ledger is not None and ledger.behind():
        text = "파기 원장의 두 번째 자리가 뒤처졌습니다"
        yield fault("erasures", text, "그 디스크에 쓸 수 있는지 봐 주세요")
    else:
        yield ok("erasures", "파기 원장이 두 곳에 있습니다")
    if not settings.site.keep.record_years:
        text = "확인을 기다림: keep.record_years(종결된 신고의 보존기간)"
        yield note("unconfirmed", text, "기록관과 확인해 site.toml에 적어 주세요")


def reviews(app: App) -> Iterator[Finding]:
    """Say whether a month of the access log waits for its review (안전성 확보조치 기준 제8조)."""
    table = metadata.tables["access_reviews"]
    late = sa.select(table.c.month).where(table.c.reviewed_at.is_(None)).order_by(table.c.month)
    months = app.store.read(lambda unit: list(unit.conn.scalars(late.limit(24))))
    if months:
        text = f"접속기록 점검을 기다림: {', '.join(months)}"
        yield note("access_log", text, "점검자가 직원 화면에서 보고 적어 주세요")
    else:
        yield ok("access_log", "밀린 접속기록 점검이 없습니다")


def stand_ins(app: App) -> Iterator[Finding]:
    """Name the units whose reports nobody could take who has no interest in them (S8)."""
    names = app.store.read(chains.without)
    for name in names:
        todo = "직원 화면의 '대신 맡을 사람'에서 차례를 정해 주세요"
        yield note("stand_ins", f"대신할 사람이 없는 부서: {name}", todo)
    if not names:
        yield ok("stand_ins", "감사·접수 부서마다 대신할 사람이 있습니다")
