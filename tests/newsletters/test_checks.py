"""What has to be mended before anything leaves: each is named, and nobody has got anything."""

from dataclasses import replace
from datetime import date

import pytest

from bot.services import broadcast_checks
from bot.services.broadcast_checks import CHECKS, ITEMS, TEXT
from bot.settings_site import Election
from knowledge.newsletter import Item, Segment
from storage.repositories import broadcasts, cases
from storage.repositories.broadcasts import Picture
from tests.newsletters.conftest import Press, at, refused

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

PNG = b"\x89PNG\r\n\x1a\n..."
GOOD = Item("text", "쉬는 날", "11월 30일에 쉽니다.")


def lacking(press: Press, one: int, *, sending: bool = False) -> list[str]:
    found = press.office.see(
        lambda u: broadcast_checks.lacking(press.svc, u, press.one(one), sending=sending)
    )
    assert all(press.office.texts.has(why.key) for why in found)
    return [why.key.removeprefix("newsletter.") for why in found]


@pytest.fixture
def good(press: Press) -> int:
    """A notice that lacks nothing."""
    press.case()
    one = press.draft(kind="notice", title="안내")
    press.ready(one, items=(GOOD,))
    return one


def test_a_notice_that_says_everything_lacks_nothing(press: Press, good: int):
    assert lacking(press, good) == []
    assert lacking(press, good, sending=True) == []


def test_an_empty_one_names_all_that_it_lacks_at_once(press: Press):
    one = press.draft(kind="cards", ref=press.case(), cards=())
    press.edit(one, title="", items=())
    press.do(
        lambda u: broadcasts.mark(u, one, {"segment": '{"kind": "cards", "channels": ["web"]}'})
    )
    assert lacking(press, one) == [
        "lack.title", "lack.empty", "lack.cards", "lack.nobody", "lack.nature", "lack.when",
        "lack.doc_no", *(f"check.{name}" for name in CHECKS),
    ]  # fmt: skip
    assert refused(lambda: press.ask(one)) == "newsletter.lack.title"


@pytest.mark.parametrize(
    ("items", "why"),
    [
        ((replace(GOOD, title=""),), ["lack.item_title"]),
        ((replace(GOOD, url="http://a.example/"),), ["lack.link"]),
        ((replace(GOOD, url="javascript:alert(1)"),), ["lack.link"]),
        ((replace(GOOD, text="http://a.example/ 를 여세요"),), ["lack.address"]),
        ((replace(GOOD, text="여기 data:text/html,x"),), ["lack.address"]),
        ((replace(GOOD, text="가" * (TEXT + 1)),), ["lack.long"]),
        ((replace(GOOD, text="가" * TEXT),) * 4, ["lack.whole"]),
        ((GOOD,) * (ITEMS + 1), ["lack.items"]),
        ((replace(GOOD, picture=0),), ["lack.picture"]),
        ((Item("case", "이름 없는 사례"),), ["lack.no_case"]),
        ((Item("case", "모르는 사례", "", "C-none"),), ["case.gone", "check.sources", "check.audit"]),
        ((Item("question", "모르는 답", "", "Q-none"),), ["lack.answer", "check.sources", "check.audit"]),
    ],
)  # fmt: skip
def test_each_fault_of_the_words_is_named(press: Press, good: int, items, why):
    press.edit(good, items=items)
    assert lacking(press, good) == why


def test_signs_that_came_in_past_the_desk_are_found_before_anything_leaves(
    press: Press, good: int
):
    words = broadcasts.words(
        replace(press.one(good).issue, title="안내\u202e\r\nBcc: x@y.kr"), press.one(good).segment
    )
    press.do(lambda u: broadcasts.mark(u, good, words))
    assert "lack.signs" in lacking(press, good)


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"status": "withdrawn"}, "case.gone"),
        ({"status": "draft"}, "case.gone"),
        ({"held": True}, "case.held"),
        ({"detail": "title_only"}, "case.title_only"),
        ({"source": ""}, "case.source"),
        ({"problem": "", "action": "", "effect": ""}, "case.silent"),
    ],
)
def test_a_case_is_looked_at_as_it_is_now(press: Press, good: int, values, why):
    press.ready(good, items=(Item("case", "버스", "말", "C-1"),))
    assert lacking(press, good) == []
    press.do(lambda u: cases.change(u, "C-1", 0, values, press.svc.now()))
    assert lacking(press, good) == [why]
    assert why in lacking(press, good, sending=True)


def test_an_editor_may_add_a_passive_case_that_a_draft_never_takes_by_itself(press: Press):
    press.case("C-p", kind="passive", field="업무해태")
    one = press.draft()
    assert "C-p" not in {item.ref for item in press.one(one).issue.items}
    press.ready(one, items=(Item("case", "늦은 일", "말", "C-p"),))
    assert lacking(press, one) == []


def test_a_picture_has_to_be_one_and_to_be_described(press: Press, good: int):
    bad = [Picture(0, b"GIF89a", "그림", 1, 1), Picture(1, PNG, " ", 1, 1)]
    press.do(lambda u: broadcasts.put_pictures(u, good, bad))
    press.ready(good)
    assert lacking(press, good) == ["lack.picture_bad", "lack.alt"]
    press.do(lambda u: broadcasts.put_pictures(u, good, [Picture(1, PNG, "그림", 1, 1)]))
    assert "lack.picture" in lacking(press, good)


@pytest.mark.parametrize(
    ("when", "why"),
    [
        ("2026-11-23 10:11", ["lack.past"]),
        ("2026-11-25 07:59", ["lack.night"]),
        ("2026-11-25 21:00", ["lack.night"]),
        ("2026-11-25 08:00", []),
        ("2026-11-25 20:59", []),
    ],
)
def test_it_leaves_in_the_future_and_by_day(press: Press, good: int, when, why):
    press.ready(good, send_at=at(when))
    assert lacking(press, good) == why


@pytest.mark.parametrize("when", ["2026-11-25 10:05", "2026-11-25 21:05"])
def test_what_is_due_is_not_past_and_a_night_is_waited_for(press: Press, good: int, when):
    press.office.clock.set(at(when))
    assert lacking(press, good, sending=True) == []


def test_a_segment_that_nobody_is_in_is_refused(press: Press, good: int):
    press.edit(good, segment=Segment("notice", channels=("slack",)))
    assert lacking(press, good) == ["lack.nobody"]


def test_results_rest_before_an_election_and_guidance_does_not(staffed):
    press = staffed(election_hold=Election(days=(date(2027, 4, 7),), before=180))
    press.reader()
    one = press.draft(kind="notice", title="안내")
    press.ready(one, items=(GOOD,))
    assert lacking(press, one) == []
    press.ready(one, nature="results")
    assert lacking(press, one) == ["lack.held"]
    assert lacking(press, one, sending=True) == ["lack.held"]
    seen = press.office.see(lambda u: broadcast_checks.seen(press.svc, u, press.one(one)))
    assert (seen.results, seen.election, seen.days, seen.held) == (0, date(2027, 4, 7), 133, True)
    assert seen.recipients == {"telegram": 1}
    assert (seen.title_only, seen.head_known) == (8, False)


def test_what_was_let_go_before_the_hold_does_not_begin_or_go_on_in_it(staffed):
    press = staffed(
        election_hold=Election(days=(date(2027, 6, 1),), before=180)
    )  # from 3 December
    press.reader()
    one = press.draft(kind="notice", title="안내")
    press.ready(one, items=(GOOD,), nature="results")
    assert lacking(press, one) == []
    press.office.clock.set(at("2026-12-03 08:00"))
    assert lacking(press, one, sending=True) == ["lack.held"]
    rests = press.office.see(lambda u: broadcast_checks.resting(press.svc, u, press.one(one)))
    assert rests.key == "newsletter.lack.held"


def test_a_quarter_has_room_for_so_many_with_results(press: Press, good: int):
    press.ready(good, nature="results")
    assert lacking(press, good) == []
    other = press.draft(kind="notice", title="앞선 것")
    gone = {"nature": "results", "state": "done", "begun_at": at("2026-10-01 10:00")}
    press.do(lambda u: broadcasts.mark(u, other, gone))
    assert lacking(press, good) == ["lack.results"]
    for change in (
        {"begun_at": at("2026-09-30 23:59")}, {"nature": "guide"},
        {"state": "cancelled", "begun_at": None}, {"kind": "correction"},
    ):  # fmt: skip
        press.do(
            lambda u, change=change: broadcasts.mark(
                u, other, {**gone, "kind": "notice", **change}
            )
        )
        assert lacking(press, good) == []  # fmt: skip
    press.do(lambda u: broadcasts.mark(u, other, {**gone, "kind": "notice", "state": "cancelled"}))
    assert lacking(press, good) == ["lack.results"]  # some have it already


def test_a_setting_of_none_counts_nothing(staffed, site):
    none = site.newsletter.model_copy(update={"results_per_quarter": 0, "doc_no_required": False})
    press = staffed(newsletter=none)
    press.reader()
    for _ in range(2):
        one = press.draft(kind="notice", title="안내")
        press.ready(one, items=(GOOD,), nature="results", doc_no="")
        assert lacking(press, one) == []
        press.do(lambda u, one=one: broadcasts.mark(u, one, {"state": "approved"}))


def test_results_say_whom_at_the_commission_one_has_asked(press: Press, good: int):
    press.ready(good, nature="results", confirmed=dict.fromkeys(CHECKS, ""))
    assert lacking(press, good) == ["lack.commission"]


def test_the_head_and_persons_are_shown_where_they_stand_and_have_to_be_looked_at(staffed, site):
    head = site.newsletter.model_copy(update={"head": ("홍길동", "시장")})
    press = staffed(newsletter=head)
    press.reader()
    one = press.draft(kind="notice", title="홍길동 시장 인사말")
    press.ready(one, items=(replace(GOOD, text="박감사 팀장 010-1234-5678, 차 12가 3456"),))
    seen = press.office.see(lambda u: broadcast_checks.seen(press.svc, u, press.one(one)))
    assert [(find.place, find.span.what) for find in seen.head] == [
        ("title", "name"), ("title", "title"), ("title", "words"),
    ]  # fmt: skip
    assert {(find.place, find.span.what) for find in seen.persons} >= {
        ("0.text", "person"), ("0.text", "number"), ("0.text", "car"),
    }  # fmt: skip
    assert lacking(press, one) == []
    press.edit(one, lead="시장님 말씀")
    assert lacking(press, one) == ["check.head"]


def test_a_hostile_case_comes_into_a_draft_as_text_and_needs_no_mending(press: Press):
    evil = "<!channel> <b>&\u202e\u200b =1+1\r\nBcc: all@example.org"
    press.case("C-evil", days=1, title=evil, agency=evil, problem=evil)
    one = press.draft()
    item = press.one(one).issue.items[0]
    assert item.title == "<!channel> <b>& =1+1 Bcc: all@example.org"
    assert "\u202e" not in item.text
    assert not {"lack.signs", "lack.address", "lack.long"} & set(lacking(press, one))
