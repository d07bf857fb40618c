"""The night's rest: what citizens did not just ask for leaves between 08 and 21 o'clock."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

SEOUL = ZoneInfo("Asia/Seoul")
FROM, UNTIL = 21, 8
"""Citizens' notices leave between 08 and 21 o'clock in Seoul; answers at any time."""


def until(now: datetime) -> datetime | None:
    """Give the time before which a citizen's notice must wait, or None to send it now."""
    local = now.astimezone(SEOUL)
    if UNTIL <= local.hour < FROM:
        return None
    opens = local.replace(hour=UNTIL, minute=0, second=0, microsecond=0)
    return opens if local.hour < UNTIL else opens + timedelta(days=1)
