"""A report of a later release at the desk of this one: in every list, opened by nobody (S23)."""

from dataclasses import replace

import pytest
import sqlalchemy as sa

from bot.locale import Texts
from bot.services import notices, sight
from bot.services.base import CLOCK
from knowledge.procedures import NotKnown
from storage import journal, models
from storage.repositories import errands
from storage.unit import Unit
from tests.desk.conftest import Desk, make
from tests.services.conftest import Office

LISTS = {"kim": ("/filings", "/search", "/tasks", "/crowd"), "choi": ("/statistics", "/register")}
LATER = (
    {"procedure": "ombudsman", "procedure_version": 1, "state": "moonlit"},
    {"procedure_version": 99},
    {"state": "moonlit"},
)


def brings(office: Office, number: str, **values: object) -> None:
    """Let a later release file a report."""
    c = models.filings.c
    changed = sa.update(models.filings).where(c.number == number).values(values)
    office.do(lambda u: u.conn.execute(changed))


@pytest.mark.parametrize("what", LATER)
def test_every_list_shows_it_and_its_own_page_waits(room: Desk, what: dict[str, object]) -> None:
    office = room.office
    filed, other = office.file(), office.file(address="b")
    kim = room.seat("kim")
    kim.open(filed.number)
    brings(office, filed.number, **what)
    for login, paths in LISTS.items():
        for path in paths:
            room.seat(login).get(path)
    page = kim.get("/filings").text
    assert filed.number in page
    assert other.number in page
    if "state" not in what or "procedure" in what:
        assert kim.status(f"/filings/{filed.number}") == 503
    kim.open(other.number)


@pytest.mark.parametrize("what", LATER)
def test_the_clock_does_what_is_due_of_the_others(office: Office, what: dict[str, object]) -> None:
    filed, other = office.investigating(), office.investigating(address="b")
    brings(office, filed.number, **what)
    for when in ("2026-11-30 09:05", "2026-12-02 09:05", "2026-12-04 09:05"):
        office.goes(when)
    assert "notice.overdue.late" in office.told(other)


def test_a_notice_that_only_a_later_release_can_read_says_so(office: Office) -> None:
    filed = office.file()
    filing = office.filing(filed.number)
    reply = {"kind": "hologram", "light": 3}
    told = {"key": "later", "reply": reply, "by": 1}
    office.do(lambda u: journal.append(u, filing.sid, office.clock(), "service", "told", told))
    assert "newer.told" in office.told(filed)


def test_what_the_public_part_told_in_a_later_way_is_not_carried_as_something_else(
    office: Office,
) -> None:
    filed = office.file()
    filing = office.filing(filed.number)
    told = {"key": "later", "reply": {"kind": "hologram"}, "by": 1}

    def leave(unit: Unit) -> None:
        head = journal.append(unit, filing.sid, office.clock(), "service", "told", told)
        errands.put(unit, filing.id, "told", head.seq, office.clock(), rank=1)
        errands.put(unit, filing.id, "hologram", head.seq, office.clock(), rank=1)

    office.do(leave)
    rows = office.see(lambda u: errands.waiting(u, ("told", "hologram")))
    (mine,) = [one for one in rows if one.kind == "told"]

    def carry(unit: Unit) -> None:
        notices.carry(office.svc, unit, sight.get(unit, filing.id, CLOCK), mine)

    with pytest.raises(NotKnown):
        office.do(carry)


def test_a_value_that_only_a_later_release_has_a_word_for_is_called_so(office: Office) -> None:
    """Tests find every word that is missing; an office sees a page and no error."""
    said = Texts.load()
    room = make(office, svc=replace(office.svc, texts=said))
    filed = office.file()
    kim = room.seat("kim")
    kim.open(filed.number)
    brings(office, filed.number, channel="hologram")
    assert "(새로 생긴 것)" in kim.get(f"/filings/{filed.number}").text
