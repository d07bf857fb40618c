"""접속기록: who opened whose data, when, from where, and to do what.

안전성 확보조치 기준 제8조: 식별자, 접속일시, 접속지, 처리한 정보주체, 수행업무. The journal of a report
tells the reporter's story; this log tells the official's, and is kept for its own time.
"""

from bot.services.base import Actor, Desk
from storage.repositories import accesses
from storage.repositories.filings import Filing
from storage.unit import Unit

OFFICIAL = "official"


def note(
    svc: Desk,
    unit: Unit,
    actor: Actor,
    what: str,
    filing: Filing | None = None,
    sid: bytes | None = None,
    count: int = 1,
    *,
    reason: str = "",
) -> None:
    """Write one line, in the commit that shows the data; of officials only, never of citizens.

    `what` is a word of `access_log.what.*`; `sid` names whose data it was where there is no
    filing; `count` is of how many people; `reason` is what a download or an original asked for.
    """
    if actor.kind != OFFICIAL or actor.user_id is None:
        return
    accesses.add(
        unit,
        actor.user_id,
        svc.now(),
        what,
        network=actor.network,
        filing_id=filing.id if filing is not None else None,
        sid=sid if sid is not None else filing.sid if filing is not None else None,
        count=count,
        reason=reason,
    )
