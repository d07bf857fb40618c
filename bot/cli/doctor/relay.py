"""The road to the other network: what is missing, what was refused, what nobody has confirmed."""

from collections.abc import Iterator
from datetime import timedelta

from bot.app import App
from bot.cli.doctor.finding import Finding, fault, note, ok
from bot.roads import to_relay

LONG = timedelta(hours=2)
LOOK = "jeokgeuk relay status"


def relay(app: App) -> Iterator[Finding]:
    """Look how the road is, where there is one."""
    road = to_relay(app.settings, app.store, app.svc, "work")
    if road is None:
        return
    stands = road.standing()
    before = app.svc.now() - LONG
    late = [one for one in stands.waiting if one.at < before]
    if stands.missing:
        yield fault("relay", f"건너오는 파일 {len(stands.missing)}개가 빠졌습니다", LOOK)
    if late:
        text = f"내보낸 파일 {len(late)}개가 두 시간 넘게 닿았다는 말이 없습니다"
        yield fault("relay", text, LOOK)
    if stands.refused:
        yield note("relay", f"읽지 않고 치운 파일이 {len(stands.refused)}개 있습니다", LOOK)
    if not (stands.missing or late):
        text = f"망연계: {stands.arrived}번까지 닿았고 {stands.read}번까지 읽었습니다"
        yield ok("relay", text)
