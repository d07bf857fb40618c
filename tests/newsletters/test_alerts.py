"""New cases are told once a day at most, to whom one of them is for, and never the agency's own praise
when it has to rest."""

from datetime import date

import pytest

from bot.services import broadcast_checks, case_alerts
from bot.settings_site import Election
from knowledge import subjects
from storage.repositories import audience, broadcasts, sent_keys
from storage.repositories.broadcasts import Broadcast
from tests.newsletters.conftest import Press, at

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def look(press: Press, text: str) -> list[str]:
    press.office.clock.set(at(text))
    done = []
    for key, _, act in press.office.see(
        lambda u: list(case_alerts.due(press.svc, press.svc.calendar(u)))
    ):
        if not press.office.see(lambda u, key=key: sent_keys.has(u, key)):
            press.do(lambda u, key=key, act=act: sent_keys.first(u, key) and act(u))
            done.append(key)
    return done


def alerts(press: Press, *states: str) -> tuple[Broadcast, ...]:
    return press.office.see(
        lambda u: broadcasts.listed(u, states or ("approved",), ("alert",))[::-1]
    )


def refs(one: Broadcast) -> list[str]:
    return [item.ref for item in one.issue.items]


def test_a_day_has_one_digest_of_what_is_new_and_the_clock_lets_it_go(press: Press):
    press.case("C-1", days=1)
    press.case("C-2", days=1, title="둘째", field="안전·재난", region="서울")
    assert look(press, "2026-11-23 09:59") == []
    assert look(press, "2026-11-23 10:12") == ["alert:2026-11-23"]
    (one,) = alerts(press)
    assert refs(one) == ["C-1", "C-2"]
    assert (one.nature, one.author_id, one.approved_by_id) == ("guide", None, None)
    assert one.approved_hash
    assert one.number == "2026-11-23-alert"
    assert one.title == "새 적극행정 사례 2건: 버스 노선을 고쳤어요"
    press.case("C-3")
    assert look(press, "2026-11-23 15:00") == []
    assert look(press, "2026-11-24 10:00") == ["alert:2026-11-24"]
    assert [refs(one) for one in alerts(press)] == [["C-1", "C-2"], ["C-3"]]


def test_an_alert_that_an_editor_has_changed_is_an_editor_s(press: Press):
    press.case("C-1")
    look(press, "2026-11-23 10:30")
    (one,) = alerts(press)
    press.edit(one.id, title="내가 고친 말", send_at=at("2026-11-24 10:00"))
    (after,) = alerts(press, "draft")
    assert after.approved_hash == ""
    found = press.office.see(lambda u: broadcast_checks.lacking(press.svc, u, after))
    assert {why.key for why in found} >= {"newsletter.check.head", "newsletter.lack.doc_no"}


def test_nothing_new_makes_no_digest_and_an_outage_makes_one(press: Press):
    look(press, "2026-11-23 10:00")
    assert alerts(press) == ()
    for n in range(3):
        press.case(f"C-{n}", days=n)
    look(press, "2026-12-01 10:00")
    assert [refs(one) for one in alerts(press)] == [["C-2", "C-1", "C-0"]]


def test_what_was_published_long_ago_or_may_not_be_sent_is_no_news(press: Press):
    press.case("C-old", days=15)
    press.case("C-held", held=True)
    press.case("C-bad", kind="passive")
    look(press, "2026-11-23 10:30")
    assert alerts(press) == ()


def test_it_goes_to_whom_one_of_them_is_for(press: Press):
    roads = subjects.bits(("교통·도로",), subjects.FIELDS)
    south = subjects.bits(("부산",), subjects.REGIONS)
    press.reader("roads", fields=roads, regions=subjects.bits(("서울",), subjects.REGIONS))
    press.reader("south", "slack", fields=roads, regions=south)
    press.reader("news", "mail", kinds=subjects.bits(("news",), subjects.KINDS))
    press.case("C-1")
    look(press, "2026-11-23 10:30")
    (one,) = alerts(press)
    assert one.segment.any_of == (("교통·도로", "부산"),)
    counted = press.office.see(lambda u: audience.counted(u, one.segment))
    assert counted == {"slack": 1, "telegram": 1}  # who chose nothing, and who chose the south


def test_what_is_of_the_whole_country_is_for_every_region(press: Press):
    press.case("C-1", region="전국")
    look(press, "2026-11-23 10:30")
    assert alerts(press)[0].segment.any_of == (("교통·도로", ""),)


def test_the_agency_s_own_rest_before_an_election_and_others_do_not(staffed):
    press = staffed(election_hold=Election(days=(date(2026, 11, 25),), before=30))
    press.reader()
    press.case("C-own", agency="가온시 도로과")
    look(press, "2026-11-23 10:30")
    assert alerts(press) == ()
    press.case("C-else")
    look(press, "2026-11-24 10:30")
    look(press, "2026-11-26 10:30")
    assert [(refs(one), one.nature) for one in alerts(press)] == [
        (["C-else"], "guide"), (["C-own"], "results"),
    ]  # fmt: skip


def test_the_agency_s_own_rest_once_the_quarter_has_had_its_results(press: Press):
    press.case("C-1", agency="가온시 도로과")
    look(press, "2026-11-23 10:30")
    press.case("C-2", agency="가온시 도로과")
    look(press, "2026-11-24 10:30")
    assert [refs(one) for one in alerts(press)] == [["C-1"]]


def test_with_nobody_to_get_it_nothing_leaves(staffed):
    press = staffed()
    press.case("C-1")
    look(press, "2026-11-23 10:30")
    assert alerts(press, "approved", "draft", "cancelled") == ()


def test_what_does_not_fit_one_message_is_told_tomorrow_and_a_bad_one_stops_no_other(press: Press):
    press.case("C-bad", days=2, problem="http://a.example/ 를 보세요")
    for n in range(14):
        long = dict.fromkeys(("problem", "action", "effect"), "길게 씁니다 " * 40)
        press.case(f"C-{n:02}", days=1, agency="나온시 " + "과" * 90, **long)
    look(press, "2026-11-23 10:30")
    look(press, "2026-11-24 10:30")
    first, second = alerts(press)
    assert 5 < len(refs(first)) < 14
    assert len(refs(first)) + len(refs(second)) == 14
    assert "C-bad" not in refs(first) + refs(second)


@pytest.mark.parametrize(
    ("setting", "when", "looks"),
    [
        ({"alerts": False}, "2026-11-23 10:30", False),
        ({}, "2026-11-23 21:00", False),
        ({}, "2026-11-22 10:30", False),  # Sunday
        ({"alert_days": "every"}, "2026-11-22 10:30", True),
    ],
)
def test_it_looks_by_day_and_as_the_agency_says(staffed, site, setting, when, looks):
    press = staffed(newsletter=site.newsletter.model_copy(update=setting))
    assert bool(look(press, when)) == looks
