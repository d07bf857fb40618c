"""The walls between the parts: accounts of the database, keys of the desk, the crypto module."""

from collections.abc import Collection, Iterator
from datetime import UTC, datetime

from bot.app import App
from bot.cli.doctor.finding import Finding, fault, note, ok
from bot.opening import part_of
from storage import roles, rotation
from storage.provider import BUILT_IN

YEAR = 365  # days; 안전성 확보조치 기준 제7조: keys have a period of use


def walls(parts: Collection[str], app: App) -> Iterator[Finding]:
    """Say which walls stand around this part, and which do not."""
    part = part_of(parts)
    found = app.store.read(lambda unit: roles.standing(unit.conn))
    if found is not None:
        yield _account(found, part)
    yield from _desk_key(app, part)
    yield from _age(app)
    mark = app.store.ring.mark(app.store.ring.first)
    module = app.store.ring.providers[mark]
    if mark == BUILT_IN.mark:
        text = f"암호: {module.name}. 검증필 암호모듈이 아닙니다"
        yield note("crypto", text, "필요하면 JEOKGEUK_CRYPTO에 기관의 모듈을 적어 주세요")
    else:
        yield ok("crypto", f"암호: 기관의 모듈 {module.name}")


def _account(found: roles.Standing, part: str) -> Finding:
    own = roles.MAY[part][0]
    if not found.walled:
        todo = "나누려면 관리 계정으로 jeokgeuk migrate --roles(docs/operate.md 4절)"
        return note("roles", f"모든 부분이 한 계정({found.user})을 씁니다. 벽이 없습니다", todo)
    if found.above:
        text = f"최고 관리자 계정({found.user})은 벽을 지나칩니다"
        return fault("roles", text, f"{own} 역할의 계정으로 바꿔 주세요")
    if found.role != own:
        text = f"{own} 대신 {found.role} 역할({found.user})로 들어갑니다"
        return note("roles", text, f"부분을 나누었다면 {own} 역할의 계정을 주세요")
    return ok("roles", f"제 역할({own})의 계정으로 들어갑니다")


def _desk_key(app: App, part: str) -> Iterator[Finding]:
    ring, source = app.store.ring, app.store.learner
    held = source is not None and any(one.private for one in source.source.desk.values())
    if ring.desk_first is None:
        text = "신고한 사람의 신원이 따로 봉해져 있지 않습니다(직원 열쇠 없음)"
        yield note("desk_key", text, "jeokgeuk keys new --desk로 만들고 keys rotate를 해 주세요")
    elif part == "public" and held:
        text = "시민 화면 쪽에 직원 열쇠가 있습니다. 여기서는 쓰지 않습니다"
        yield fault(
            "desk_key", text, "JEOKGEUK_DESK_KEY_FILE과 그 파일을 이 컴퓨터에서 치워 주세요"
        )
    elif part == "public":
        yield ok("desk_key", "신원을 쓸 수만 있고 열 수 없습니다")
    else:
        yield ok("desk_key", "신원은 직원 열쇠로 봉해져 있습니다")


def _age(app: App) -> Iterator[Finding]:
    since = app.store.read(rotation.rotated_at)
    days = (datetime.now(UTC) - since).days if since is not None else 0
    if days > YEAR:
        text = f"열쇠를 바꾼 지 {days}일이 지났습니다"
        yield note("key_age", text, "jeokgeuk keys rotate(서비스를 멈추지 않습니다)")
    else:
        yield ok("key_age", f"지금 열쇠는 {days}일 되었습니다")
