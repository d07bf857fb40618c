"""What is counted of dialogs: numbers of a day, nobody's, in the turn's own transaction."""

import sqlalchemy as sa

from bot.services import handover, upkeep
from storage import models
from storage.repositories import dialog_counts
from tests.fakes.city import City, Somebody


def counted(city: City) -> dict[tuple[str, str], int]:
    day = city.clock().date()
    found = city.store.read(lambda u: dialog_counts.between(u, day.replace(day=1), day))
    return {(one.what, one.step): one.n for one in found}


def test_a_report_that_is_filed_was_started_and_finished(web: Somebody) -> None:
    web.report()
    web.press("안내를 보았고")
    assert counted(web.city) == {("started", ""): 1, ("finished", ""): 1}


def test_who_stops_is_counted_where_he_stood(web: Somebody) -> None:
    web.commands("report")
    web.commands("stop")
    web.press("지우기")
    assert counted(web.city) == {("started", ""): 1, ("stopped", "prior"): 1}


def test_the_rows_are_sums_without_a_person_or_a_time(city: City) -> None:
    for name in ("a", "b"):
        city.person("web", name).commands("report")
    c = models.dialog_counts.c
    (row,) = city.store.read(lambda u: u.conn.execute(sa.select(models.dialog_counts)).all())
    assert row.n == 2
    assert {column.name for column in c} == {"day", "form", "version", "what", "step", "n"}


def test_a_draft_that_is_swept_was_forgotten_where_it_stood(web: Somebody) -> None:
    web.commands("report")
    city = web.city
    city.clock.goes(days=40)
    city.store.transact(lambda u: upkeep.upkeep(city.svc, u), None)
    assert counted(city)["forgotten", "prior"] == 1


def test_a_draft_whose_key_is_gone_is_swept_and_not_counted(web: Somebody) -> None:
    web.commands("report")
    city = web.city
    city.clock.goes(days=40)
    broken = sa.update(models.dialogs).values(
        state=sa.select(models.peers.c.address).limit(1).scalar_subquery()
    )
    city.store.transact(lambda u: u.conn.execute(broken).rowcount, None)
    city.store.transact(lambda u: upkeep.upkeep(city.svc, u), None)
    assert ("forgotten", "prior") not in counted(city)


def test_a_dialog_that_moves_to_the_page_goes_on_there(agreed: Somebody) -> None:
    agreed.commands("report")
    city, page = agreed.city, agreed.city.person("web", "page")
    page.commands("start")
    svc = city.svc

    def move(unit):
        ids = {
            row.channel: row.id
            for row in unit.conn.execute(sa.select(models.peers.c.channel, models.peers.c.id))
        }
        link = handover.dialog_link(svc, unit, ids["telegram"])
        secret = link.url.split("#")[1]
        handover.redeem_dialog(svc, unit, secret, link.nn, ids["web"], over=True)

    city.store.transact(move, None)
    assert counted(city) == {("started", ""): 1, ("moved", "prior"): 1}
