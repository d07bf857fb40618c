"""Reading what is counted: who sees which figures, and that no difference betrays a report."""

from dataclasses import replace
from datetime import date

import pytest

from bot.errors import Refused
from bot.services import sight, statistics
from bot.services.base import CLOCK, Actor
from bot.services.figures import Middle
from bot.services.statistics import Wanted
from storage.repositories import dialog_counts
from tests.services.conftest import Office, answers, nameless
from tests.services.test_report_story import APPROVED, RESULT
from tests.storage.rows import add_filing


def wanted(office: Office, **asked: str) -> Wanted:
    return Wanted.read(office.svc, lambda name: asked.get(name, ""))


def seen(office: Office, who: str | Actor = "choi", **asked: str) -> statistics.Report:
    actor = office.people[who] if isinstance(who, str) else who
    return office.see(lambda u: statistics.report(office.svc, u, actor, wanted(office, **asked)))


def chief(office: Office, unit: str) -> Actor:
    """Make a 책임관 of somebody who serves in a unit."""
    who = {"road": "lee", "build": "jung"}[unit]
    return replace(office.people[who], roles=frozenset({"chief"}))


def answered(office: Office, **kw) -> str:
    filed = office.investigating(answers(**kw))
    office.act("park", filed.number, "to_approval", **RESULT)
    office.clock.set(office.clock().replace(day=27))
    office.act("park", filed.number, "result", **RESULT, **APPROVED)
    return filed.number


def confirmed(office: Office, **kw) -> str:
    filed = office.file(**kw)
    office.act("kim", filed.number, "assign", handler="park", unit="road")
    return filed.number


def test_a_report_is_counted_from_its_arrival_to_what_was_thought_of_it(office: Office):
    number = answered(office)
    me = office.filing(number)
    assert me.result_at == office.clock()
    found = seen(office)
    month = found.table.rows["2026-11"]
    assert (month.received, month.done, month.open, month.overdue) == (1, 1, 0, 0)
    assert month.result == Middle(1, 5, 4)  # Monday to Friday: five by the law, four gone by
    assert month.outcomes == {"upheld": 1}
    assert found.units == {"road": "도로과"}
    assert next(iter(found.table.rows)) == "2025-12"


def test_what_the_reporter_thought_is_counted(office: Office):
    filed = office.investigating()
    office.act("park", filed.number, "to_approval", **RESULT)
    office.act("park", filed.number, "result", **RESULT, **APPROVED)
    office.act(office.reporter(filed), filed.number, "survey", satisfied="partly", left="길")
    assert (seen(office).whole.asked, seen(office).whole.partly) == (1, 1)


def test_what_was_taken_back_is_no_answer_of_ours(office: Office):
    filed = office.investigating()
    office.act(office.reporter(filed), filed.number, "withdraw")
    whole = seen(office).whole
    assert (whole.received, whole.open, whole.done) == (1, 0, 0)
    assert whole.outcomes == {"withdrawn": 1}


def test_days_that_stood_still_do_not_count_by_the_law(office: Office):
    filed = office.investigating()
    office.act("park", filed.number, "ask_supplement", items="사진", why="자리", days="5")
    office.clock.set(office.clock().replace(day=25))
    office.act(office.reporter(filed), filed.number, "supplement_reply", text="여기요")
    office.act("park", filed.number, "to_approval", **RESULT)
    office.clock.set(office.clock().replace(day=30))
    office.act("park", filed.number, "result", **RESULT, **APPROVED)
    assert seen(office).whole.result == Middle(1, 3, 7)


def test_only_who_has_the_right_sees_statistics(office: Office):
    for who in ("kim", "park", "lee", "han", "seo"):
        with pytest.raises(Refused, match=r"access\.not_allowed"):
            seen(office, who)
    assert seen(office, "oh").whole.received == 0


def test_an_address_says_what_is_asked_and_nothing_else(office: Office):
    odd = wanted(office, since="2026-13", until="x", by="name", procedure="y", unit="' or")
    assert odd == Wanted("2025-12", "2026-11")
    chosen = wanted(office, since="2026-03", until="2026-05", by="unit", unit="road")
    assert chosen.query() == "since=2026-03&until=2026-05&unit=road&by=unit"
    assert (chosen.first, chosen.last) == (date(2026, 3, 1), date(2026, 5, 31))
    assert wanted(office, since="2026-09", until="2026-05").since == "2026-05"
    assert wanted(office, since="1995-01").since == "2021-12"


def test_of_a_guarded_report_no_sum_says_anything_to_who_is_kept_from_it(office: Office):
    """Nor do the dialogs: as many fewer were begun and finished (S8)."""
    kept = confirmed(office)
    other = answers(unit={"value": "build", "label": "건축과"})
    shown = office.file(other, address="b")
    office.act("kim", shown.number, "assign", handler="lim", unit="build")
    day = date(2026, 11, 23)
    rows = [("passive_report", 1, "started", "")] * 3 + [("passive_report", 1, "finished", "")] * 2
    office.do(
        lambda u: dialog_counts.add(u, day, [*rows, ("passive_report", 1, "stopped", "who")])
    )
    all_, part = seen(office, by="unit"), seen(office, chief(office, "road"), by="unit")
    assert set(all_.table.rows) == {"road", "build"}
    assert (set(part.table.rows), set(part.units)) == ({"build"}, {"build"})
    assert part.whole.received == 1
    assert (all_.dialogs[0].started, all_.dialogs[0].finished) == (3, 2)
    assert (part.dialogs[0].started, part.dialogs[0].finished) == (2, 1)
    assert part.dialogs[0].stops == {"who": 1}
    assert kept != shown.number


def test_what_nobody_confirmed_and_what_is_somebody_s_own_is_in_no_figure(office: Office):
    office.file()
    for number, reach in (("2026-0000-01", "own"), ("2026-0000-02", "unit")):
        office.do(lambda u, n=number, r=reach: add_filing(u, n, reach=r))
    assert seen(office).whole.received == 0
    with_clock = office.see(
        lambda u: statistics.cases(
            office.svc, u, sight.visible_filings(CLOCK), date(2026, 1, 1),
            date(2026, 12, 31),
        )
    )  # fmt: skip
    assert len(with_clock) == 1


def test_filters_narrow_the_table_and_keep_what_may_be_chosen(office: Office):
    confirmed(office)
    office.act(
        "kim", office.file(nameless(), address="b").number, "assign", handler="park", unit="build"
    )
    assert seen(office, unit="road").whole.received == 1
    assert set(seen(office, unit="road").units) == {"road", "build"}
    assert seen(office, procedure="personal_data").whole.received == 0
    assert seen(office, since="2026-10", until="2026-10").whole.received == 0


def test_a_dialog_that_came_back_was_not_left(office: Office):
    rows = [("passive_report", 1, what, "") for what in ("started", "switched", "returned")]
    office.do(lambda u: dialog_counts.add(u, date(2026, 11, 3), rows))
    (went,) = seen(office).dialogs
    assert (went.switched, went.ended, went.rate) == (0, 0, None)
