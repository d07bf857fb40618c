"""PostgreSQL: what a failover would lose, whether the replica is read, who stands between."""

from collections.abc import Iterator

from bot.app import App
from bot.cli.doctor.finding import Finding, fault, note, ok
from storage import replication, tuning
from storage.replication import Replication
from storage.store import Store
from storage.unit import Unit

SPARE = 10
"""Connections that are left for the console, the backup and the one who looks after the server."""

ASYNC = (
    "대기 서버를 두고 synchronous_standby_names에 적으면(synchronous_commit은 on 또는 "
    "remote_apply) 확인한 것은 사라지지 않습니다"
)


def server(app: App) -> Iterator[Finding]:
    """Say what the chosen set-up of the server means; who we are there is told by `walls`."""
    if not app.store.read(replication.writable):
        text = "데이터베이스가 읽기 전용입니다(대기 서버이거나 잠겨 있음)"
        todo = "주 서버를 가리키게 하거나, DATABASE_URL에 서버를 모두 쉼표로 적어 주세요"
        yield fault("database", text, todo)
    found = app.store.read(replication.look)
    yield from _loss(found)
    if found.pooled:
        yield ok("pooler", "연결: 풀러(PgBouncer)를 거칩니다. 제한은 트랜잭션마다 알립니다")
    yield _room(app, found)
    if app.store.replica is not None:
        yield _replica(app.store)
    yield from app.store.read(vacuum)


def vacuum(unit: Unit) -> list[Finding]:
    """Say which of the shipped storage parameters somebody has changed or taken away (S16)."""
    found = []
    for one in tuning.off(unit.conn):
        text = f"표 {one.table}의 {one.name}: {one.found or '없음'}(함께 나온 값 {one.shipped})"
        todo = f"뜻한 것이 아니면 ALTER TABLE {one.table} SET ({one.name} = {one.shipped})"
        found.append(note("vacuum", text, todo))
    return found or [ok("vacuum", "붐비는 표의 청소(autovacuum) 값이 함께 나온 그대로입니다")]


def _loss(found: Replication) -> Iterator[Finding]:
    """Say what a failover loses, in words of what the citizen saw."""
    text = f"복제: synchronous_commit={found.commit}, 기다리는 대기 서버 '{found.names or '없음'}'"
    seen = "볼 권한이 없어 세기만 함" if found.waited < 0 else f"기다리는 것 {found.waited}"
    text += f", 따라오는 서버 {found.standbys}대({seen})"
    if found.loss == "crash":
        lost = "서버가 꺼지기만 해도 화면에 접수번호를 보인 신고가 사라질 수 있습니다"
        todo = "synchronous_commit을 on, fsync와 full_page_writes를 on으로 바꿔 주세요"
        yield fault("replicas", f"{text}: {lost}", todo)
    elif found.loss == "seconds":
        lost = "주 서버를 잃으면 마지막 몇 초의 신고가 사라질 수 있습니다"
        yield note("replicas", f"{text}: {lost}", ASYNC)
    elif found.waited == 0:
        lost = "기다리는 대기 서버가 이어져 있지 않아 아무것도 확인하지 못합니다(503)"
        todo = "대기 서버를 켜거나, 없이 갈 것이면 synchronous_standby_names를 비워 주세요"
        yield fault("replicas", f"{text}: {lost}", todo)
    else:
        yield ok("replicas", f"{text}: 주 서버를 잃어도 확인한 것은 남습니다")


def _room(app: App, found: Replication) -> Finding:
    """Say how many connections one process may hold, and how many the server takes."""
    each = app.settings.jeokgeuk_pool
    text = f"연결: 프로세스의 한 부분이 {each}개까지(모든 부분이 함께면 {each * 3}개)"
    if found.pooled:
        return ok("connections", f"{text}, 서버의 몫은 풀러가 나눕니다")
    fits = (found.room - SPARE) // each
    text += f", 서버는 {found.room}개까지: 부분 {fits}개를 띄울 수 있습니다"
    if fits >= 3:
        return ok("connections", text)
    todo = "JEOKGEUK_POOL을 줄이거나 서버의 max_connections를 늘려 주세요"
    return note("connections", text, todo)


def _replica(store: Store) -> Finding:
    """Say whether the replica is read, and if not, why."""
    replica = store.replica
    assert replica is not None
    read = store.stale(lambda unit: unit.conn.engine is replica.engine)
    if replica.wrong is not None:
        todo = "DATABASE_REPLICA_URL을 고쳐 주세요. 그때까지 주 서버에서 읽습니다"
        return fault("replica", f"읽기 복제본: {replica.wrong.reason}", todo)
    if read:
        return ok("replica", f"읽기 복제본: 답하고, 뒤처짐 {max(0.0, replica.behind):.0f}초")
    text = "읽기 복제본: 답하지 않거나 너무 뒤처져 주 서버에서 읽습니다"
    return note("replica", text, "그 서버가 켜져 있는지, 주 서버를 따라오는지 봐 주세요")
