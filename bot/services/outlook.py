"""The figures at the officials' messenger: a table in words, and a picture made when it leaves.

Numbers alone at any level: no unit is named there. The row of the picture holds which months were
asked for; what it shows is counted when it leaves, for who reads it then (security S8, S14).
"""

from urllib.parse import parse_qs

from bot.dialogs.replies import Card, Cards, Option, Phrase, Picture
from bot.documents import charts
from bot.errors import Refused
from bot.services import direct, officials, rights, statistics, tabulating
from bot.services.base import Actor, Desk
from bot.services.officials import Official
from bot.services.rights import Right
from bot.services.roads import BESIDE
from bot.services.statistics import Report, Wanted
from storage.repositories import outbox
from storage.unit import Unit

FIGURES = "figures"
"""The kind of a row in the outbox that becomes a picture."""

LATEST = 6
"""So many months are told in words; the picture has all."""

LINES = ("received", "open", "overdue", "done", "late")


def told(svc: Desk, unit: Unit, actor: Actor) -> Cards:
    """Tell the figures of twelve months, and put the picture of them in line.

    Raises `Refused` office.no_statistics.
    """
    if not rights.may(actor, Right.STATISTICS):
        raise Refused("office.no_statistics")
    wanted = Wanted.read(svc, lambda _: "")
    report = statistics.report(svc, unit, actor, wanted)
    way = Option(Phrase("office.open"), url=f"{svc.desk_url}/statistics?{wanted.query()}")
    if not report.whole.received:
        return Cards(Phrase("statistics.empty"), (), (way,))
    peer_id = direct.messenger(svc, unit, actor.user_id or 0)
    if peer_id is not None:
        now = svc.now()
        draft = outbox.Draft(
            BESIDE, FIGURES, wanted.query().encode(), now, expires_at=now + direct.LATE
        )
        outbox.put(unit, peer_id, [draft], now)
    title = Phrase("statistics.period", {"since": wanted.since, "until": wanted.until})
    return Cards(title, (*_whole(svc, report), *_months(report)), (way,))


def picture(svc: Desk, unit: Unit, who: Official, query: str) -> Picture | None:
    """Make the picture for its reader; None: he may not see it any more, or there is nothing."""
    if not who.active:
        return None
    asked = {name: values[-1] for name, values in parse_qs(query).items()}
    wanted = Wanted.read(svc, lambda name: asked.get(name, ""))
    try:
        report = statistics.report(svc, unit, officials.at_desk(svc, unit, who), wanted)
    except Refused:
        return None
    note = tabulating.say(svc, "statistics.made", at=report.made_at.isoformat())
    drawn = tabulating.drawn(svc, report, note)
    if not drawn:
        return None
    return Picture(charts.name(drawn[0].chart), drawn[0].alt)


def _whole(svc: Desk, report: Report) -> list[Card]:
    whole = report.whole
    told_ = [
        Card(Phrase(f"statistics.tile.{name}"), f"{getattr(whole, name):,}") for name in LINES
    ]
    for name in ("read", "result"):
        days = tabulating.middle(svc, getattr(whole, name))
        told_.append(Card(Phrase(f"statistics.tile.{name}"), days))
    return told_


def _months(report: Report) -> list[Card]:
    rows = list(report.table.rows.items())[-LATEST:]
    return [
        Card(
            Phrase("statistics.month", {"year": name[:4], "month": int(name[5:])}),
            Phrase(
                "statistics.line",
                {"received": one.received, "done": one.done, "overdue": one.overdue},
            ),
        )
        for name, one in reversed(rows)
    ]
