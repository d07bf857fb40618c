"""A matter that is handed on and on: the second time the 책임관 is told, by number alone.

지방공무원 적극행정 운영규정 제6조제1항: there is one in every agency; a matter that nobody takes is his.
"""

from bot.dialogs.replies import Phrase
from bot.services import direct, notices, saying
from bot.services.officials import Official
from bot.services.work import Work

OFTEN = 2
HEADS = ("chief", "audit_head")
"""Who is told: the first of these roles that somebody has who may know of the filing."""


def count(work: Work) -> None:
    """Count that a filing was handed to another unit or agency, and tell of the second time."""
    times = work.filing.transfers + 1
    work.changes["transfers"] = times
    if times == OFTEN:
        _tell(work)


def _tell(work: Work) -> None:
    """Tell number, kind, state and date, and the way to the list: who reads it opens no report."""
    svc, filing = work.svc, work.filing
    listed = f"{svc.desk_url}/filings?show=all&number={filing.number}"
    what = Phrase("notice.desk.passed_on")
    told = saying.officially(svc, work.unit, filing, what, way=listed)
    # Not tied: the very move may close the filing, and with it goes what waits about it.
    about = direct.About(filing.id, tied=False)
    direct.tell(svc, work.unit, _heads(work), told, about)


def _heads(work: Work) -> list[Official]:
    for role in HEADS:
        found, people = notices.audience(work.svc, work.unit, work.filing, role)
        if found == role:
            return people
    return []
