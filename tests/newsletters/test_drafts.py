"""Drafts: what the month holds, what an editor changes, and what it forgets to look at again."""

from dataclasses import dataclass
from datetime import date, datetime

import pytest

from bot.services import agency_dates, broadcast_drafts, broadcast_log
from bot.services.base import Actor
from knowledge.newsletter import Item, Segment
from storage.repositories import broadcasts
from tests.newsletters.conftest import Press, at, refused

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

KINDS = ["case", "last_year", "question", "figures", "dates"]


@dataclass(frozen=True)
class Card:
    png: bytes = b"\x89PNG\r\n\x1a\n..."
    alt: str = "표지"
    width: int = 1080
    height: int = 1080


def kinds(press: Press, one: int) -> list[str]:
    return [item.kind for item in press.one(one).issue.items]


def test_a_month_tells_new_cases_last_year_s_a_question_figures_and_coming_days(press: Press):
    press.case("C-new", days=5, year=2026)
    press.case("C-then", days=365, field="안전·재난", title="작년 일")
    press.case("C-left", days=200, field="세정·재정")
    chief = Actor("official", press.who("chae").user_id, roles=frozenset({"chief"}))

    def dates(unit):
        for kind, title, day in (
            ("selection", "상반기 우수공무원 선발", date(2026, 12, 10)),
            ("meeting", "안에서 하는 회의", date(2026, 12, 9)),
            ("plan", "먼 날의 계획", date(2027, 3, 1)),
        ):
            agency_dates.add(
                press.svc, unit, chief, kind=kind, title=title, day=day, repeats="", ahead=(1,),
                role="editor",
            )  # fmt: skip

    press.do(dates)
    first = press.one(press.draft())
    assert first.number == "2026-11"
    assert first.title == "가온시 월간 적극행정 2026년 11월호"
    assert (first.nature, first.state) == ("", "draft")
    told = [item.kind for item in first.issue.items]
    assert list(dict.fromkeys(told)) == KINDS
    assert [item.ref for item in first.issue.items[:2]] == ["C-new", "C-left"]
    assert [item.ref for item in first.issue.items if item.kind == "last_year"] == ["C-then"]
    assert len({item.ref for item in first.issue.items if item.kind == "case"}) == 5
    then = next(item for item in first.issue.items if item.kind == "last_year")
    assert then.title == "지난해 이맘때: 작년 일"
    assert first.issue.items[0].text.endswith("편해졌다.\n나온시 교통과 · 2026년")
    assert first.issue.items[-1].text == "12월 10일(목) 상반기 우수공무원 선발"
    (chart,) = press.office.see(lambda u: broadcasts.pictures(u, first.id))
    assert chart.width == 1280
    assert "환경·자원순환" in chart.alt
    (figures,) = [item for item in first.issue.items if item.kind == "figures"]
    assert "사례 106건 가운데 환경·자원순환 사례가 17건" in figures.text
    second = press.one(press.draft())
    assert second.number == "2026-11-2"
    before, after = (
        {item.ref for item in one.issue.items if item.kind in {"case", "question"}}
        for one in (first, second)
    )
    assert not before & after


def test_an_english_draft_tells_what_is_written_in_english_to_who_reads_it(press: Press):
    press.case("C-en", days=2, lang="en", title="Buses that come")
    one = press.one(press.draft(lang="en"))
    assert one.title == "Gaon City news, November 2026"
    assert [item.ref for item in one.issue.items if item.kind == "case"] == ["C-en"]
    assert one.segment.langs == ("en",)


def test_a_case_that_is_held_never_comes_in_and_nothing_says_why(press: Press):
    press.case("C-held", days=2, held=True)
    press.case("C-bare", days=2, detail="title_only")
    press.case("C-none", days=2, source="")
    refs = {item.ref for item in press.one(press.draft()).issue.items}
    assert not refs & {"C-held", "C-bare", "C-none"}


def test_figures_of_reports_are_told_where_the_agency_publishes_them(staffed):
    from storage.repositories import publications  # noqa: PLC0415

    press = staffed(public_statistics=True)
    line = [{"done": 12, "late": 0}, None, None]
    small = [{"done": None, "late": None}, None, None]
    told = {"months": {"2026-09": line, "2026-10": small, "*": line}, "procedures": {}}
    import json  # noqa: PLC0415

    figures = json.dumps({**told, "outcomes": {}})
    press.do(lambda u: publications.put(u, date(2026, 10, 1), figures, press.svc.now()))
    one = press.draft()
    (item,) = [item for item in press.one(one).issue.items if item.kind == "figures"]
    assert "12건" in item.text
    (chart,) = press.office.see(lambda u: broadcasts.pictures(u, one))
    assert chart.alt == "최근 열두 달에 답한 신고와 신청. 2026년 9월: 12 / 2026년 10월: 가림"


def test_cards_and_notices_begin_with_what_they_are_made_of(press: Press):
    press.case()
    cards = press.draft(kind="cards", ref="C-1", cards=[Card(), Card(alt="문제")])
    one = press.one(cards)
    assert (one.number, one.title) == ("2026-11-cards", "버스 노선을 고쳤어요")
    assert [item.ref for item in one.issue.items] == ["C-1"]
    assert [p.alt for p in press.office.see(lambda u: broadcasts.pictures(u, cards))] == [
        "표지", "문제",
    ]  # fmt: skip
    assert press.one(press.draft(kind="notice", title="쉬는 날 안내")).issue.items == ()
    assert refused(lambda: press.draft(kind="cards", ref="C-none")) == "newsletter.case.gone"
    assert refused(lambda: press.draft(kind="alert")) == "newsletter.kind"


def test_an_editor_orders_adds_and_takes_out(press: Press):
    press.case("C-1", days=1)
    press.case("C-2", days=400, title="두 번째")
    one = press.draft(kind="notice", title="안내")
    svc, who = press.svc, press.who("min")
    press.do(lambda u: broadcast_drafts.add_case(svc, u, who, one, 0, "C-2"))
    press.do(
        lambda u: broadcast_drafts.add_text(svc, u, who, one, 1, "글", "여러 줄\n말", "https://a.example/")
    )  # fmt: skip
    assert kinds(press, one) == ["case", "text"]
    press.do(lambda u: broadcast_drafts.move(svc, u, who, one, 2, 1, 0))
    assert kinds(press, one) == ["text", "case"]
    press.do(lambda u: broadcast_drafts.remove(svc, u, who, one, 3, 0))
    assert kinds(press, one) == ["case"]
    events = press.office.see(lambda u: broadcast_log.history(u, one))
    assert [event.kind for event in events] == ["broadcast_made", *["broadcast_edited"] * 4]
    for work in (
        lambda u: broadcast_drafts.remove(svc, u, who, one, 4, 1),
        lambda u: broadcast_drafts.move(svc, u, who, one, 4, 0, 7),
    ):
        assert refused(lambda work=work: press.do(work)) == "newsletter.place"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"nature": "praise"}, "newsletter.nature"),
        ({"lang": "fr"}, "newsletter.kind"),
        ({"items": (Item("song", "x"),)}, "newsletter.kind"),  # type: ignore[arg-type]
        ({"segment": Segment("news", fields=("달나라",))}, "newsletter.segment"),
        ({"segment": Segment("news", langs=("fr",))}, "newsletter.segment"),
        ({"lead": "가" * 20_001}, "newsletter.long"),
        ({"lead": "900101-1234568"}, "newsletter.number"),
        ({"confirmed": {"weather": ""}}, "newsletter.check_unknown"),
        ({"alts": {7: "없는 그림"}}, "newsletter.place"),
    ],
)
def test_what_cannot_be_kept_is_refused_and_nothing_changes(press: Press, change, why):
    one = press.draft(kind="notice", title="안내")
    assert refused(lambda: press.edit(one, **change)) == why
    assert press.one(one).version == 0


def test_two_who_edit_at_once_do_not_overwrite_each_other(press: Press):
    one = press.draft(kind="notice", title="안내")
    press.edit(one, title="첫째")
    song = press.who("song")
    change = broadcast_drafts.Edit(title="둘째")
    assert (
        refused(lambda: press.do(lambda u: broadcast_drafts.edit(press.svc, u, song, one, 0, change)))
        == "newsletter.stale"
    )  # fmt: skip
    assert press.one(one).title == "첫째"


def test_what_is_out_or_over_is_edited_by_nobody(press: Press):
    one = press.draft(kind="notice", title="안내")
    for state in ("sending", "paused", "done", "cancelled"):
        press.do(lambda u, state=state: broadcasts.mark(u, one, {"state": state}))
        assert refused(lambda: press.edit(one, title="다른")) == "newsletter.state"


def test_hostile_signs_are_gone_before_they_are_kept(press: Press):
    one = press.draft(kind="notice", title="안\r\nBcc: all@example.org\u202e")
    press.edit(one, items=(Item("text", "<!channel>\n두 줄", "a\u202eb\tc"),))
    kept = press.one(one).issue
    assert kept.title == "안 Bcc: all@example.org"
    assert kept.items[0].title == "<!channel> 두 줄"
    assert kept.items[0].text == "ab c"


def test_what_was_looked_at_stands_until_it_changes(press: Press):
    press.case("C-1")
    one = press.draft(kind="notice", title="안내")
    press.ready(one)
    press.edit(one, lead="사람 이름이 없는 말")
    assert set(press.one(one).confirmed or {}) == {
        "elections", "head", "persons", "sources", "audit", "doc_no",
    }  # fmt: skip
    press.edit(one, lead="김철수 주무관에게 물어보세요. 신년사도 실었습니다.")
    assert set(press.one(one).confirmed or {}) == {"elections", "sources", "audit", "doc_no"}
    press.edit(
        one, items=(Item("case", "버스", "말", "C-1"),), nature="results", doc_no="다른 번호"
    )
    assert press.one(one).confirmed == {}


def test_a_correction_is_for_who_got_the_error_and_says_what_is_right(press: Press):
    press.case()
    one = press.draft()
    svc, who = press.svc, press.who("min")

    def correct(wrong: str = "3월", right: str = "5월") -> int:
        return press.do(
            lambda u: broadcast_drafts.draft_correction(svc, u, who, one, wrong, right)
        )

    assert refused(correct) == "newsletter.not_out"
    now: datetime = svc.now()
    press.do(lambda u: broadcasts.mark(u, one, {"state": "done", "begun_at": now}))
    assert refused(lambda: correct("같은 말", " 같은 말 ")) == "newsletter.wrong_right"
    assert refused(lambda: correct("", "5월")) == "newsletter.wrong_right"
    made = press.one(correct())
    assert (made.number, made.kind, made.nature) == ("2026-11-fix", "correction", "guide")
    assert (made.corrects_id, made.segment.got) == (one, one)
    assert made.issue.items[0].text == (
        "'가온시 월간 적극행정 2026년 11월호'에 잘못된 내용이 있어 바로잡아요: 3월 → 5월. 죄송합니다."
    )
    press.edit(
        made.id, segment=Segment("news", channels=("mail",)), send_at=at("2026-11-30 09:00")
    )
    after = press.one(made.id).segment
    assert (after.kind, after.got, after.channels) == ("correction", one, ("mail",))
    assert press.one(correct()).number == "2026-11-fix-2"
