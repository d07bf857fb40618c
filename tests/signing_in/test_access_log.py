"""The access log: whose data, who, when, from where, to do what (안전성 확보조치 기준 제8조)."""

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.errors import Refused
from bot.services import access_log, access_reviews, accesses, reporter, views
from knowledge.calendar import seoul_day
from storage import models
from storage.repositories import accesses as repository
from tests.services.conftest import at

HERE = "10.1.2.3"
CALL = re.compile(r"accesses\.note\(\s*[\w.]+,\s*\w+,\s*[\w.]+,\s*\"(\w+)\"")


def lines(office):
    found = sa.select(models.accesses).order_by(models.accesses.c.id)
    return office.see(lambda u: list(u.conn.execute(found)))


def test_every_opening_leaves_a_line_with_who_when_where_whose_and_what(office):
    filed = office.investigating()
    park = replace(office.people["park"], network=HERE)
    office.do(lambda u: views.declare(office.svc, u, park, filed.number, conflict=False))
    office.do(lambda u: views.view(office.svc, u, park, filed.number))
    office.do(lambda u: reporter.reveal(office.svc, u, park, filed.number, "주소가 맞는지 봅니다"))
    filing = office.filing(filed.number)
    opened, identity = lines(office)
    assert [(one.what, one.user_id, one.network) for one in (opened, identity)] == [
        ("opened", park.user_id, HERE),
        ("identity", park.user_id, HERE),
    ]
    assert opened.at == office.clock()
    assert (opened.filing_id, opened.sid, opened.count) == (filing.id, filing.sid, 1)
    assert office.see(lambda u: repository.reason(u, identity)) == "주소가 맞는지 봅니다"
    assert office.see(lambda u: repository.reason(u, opened)) == ""
    assert "주소".encode() not in identity.reason


def test_citizens_and_the_clock_leave_no_line(office):
    filed = office.file()
    me = office.reporter(filed)
    office.do(lambda u: accesses.note(office.svc, u, me, "opened", office.filing(filed.number)))
    assert lines(office) == []


def test_a_line_is_never_altered(office):
    park = office.people["park"]
    office.do(lambda u: accesses.note(office.svc, u, park, "searched", count=3))
    with pytest.raises(sa.exc.DBAPIError, match="not altered"):
        office.do(lambda u: u.conn.execute(sa.update(models.accesses).values(user_id=1)))
    assert [one.count for one in lines(office)] == [3]


def noted(office, login, what="opened", number="", network=HERE, **more):
    who = replace(office.people[login], network=network)
    filing = office.filing(number) if number else None
    office.do(lambda u: accesses.note(office.svc, u, who, what, filing, **more))


def asked(office, **changes):
    today = seoul_day(office.clock())
    return access_log.Asked(**{"since": today, "until": today, **changes})


def test_only_the_inspector_reads_the_log(office):
    for login in ("kim", "park", "choi", "lee", "han"):
        with pytest.raises(Refused, match=r"access.not_allowed"):
            office.see(lambda u, w=login: access_log.lines(u, office.people[w], asked(office)))
    assert office.see(lambda u: access_log.lines(u, office.people["seo"], asked(office))) == (
        (),
        0,
    )


def test_the_log_is_read_by_person_day_and_report_and_hides_what_is_not_for_these_eyes(office):
    seen, guarded = office.investigating(), office.file(address="b")  # guarded: not confirmed yet
    seo = office.people["seo"]
    noted(office, "park", number=seen.number)
    noted(office, "kim", number=guarded.number, reason="확인하려고")
    office.clock.advance(days=1)
    noted(office, "park", "searched", count=4)

    def read(**changes):
        found, _ = office.see(lambda u: access_log.lines(u, seo, asked(office, **changes)))
        return found

    first = seoul_day(office.clock()) - timedelta(days=1)
    assert [line.what for line in read()] == ["searched"]
    new, old, oldest = read(since=first)
    assert (new.count, new.login, new.network) == (4, "park", HERE)
    assert (old.hidden, old.number, old.reason) == (True, "", "")
    assert (oldest.hidden, oldest.number) == (False, seen.number)
    assert [line.login for line in read(since=first, login="kim")] == ["kim"]
    assert [line.login for line in read(since=first, number=seen.number)] == ["park"]
    assert read(since=first, number=guarded.number) == ()
    assert read(since=first, number="2026-2222-22") == ()


def test_pages_of_the_log_go_by_key(office):
    for _ in range(7):
        noted(office, "park")
    seo, found, after = office.people["seo"], [], 0
    while True:
        page, after = office.see(
            lambda u, a=after: access_log.lines(u, seo, asked(office), after=a, most=3)
        )
        found += page
        if not after:
            break
    assert len(found) == 7


def test_what_is_odd_is_listed_to_be_asked_about(build):
    office = build(access_log_hourly=3)
    mine, others = office.investigating(), office.file(address="b")
    office.act("kim", others.number, "assign", handler="lim", unit="road")
    for _ in range(4):
        noted(office, "park", number=mine.number)
    noted(office, "park", number=others.number)
    noted(office, "park", "searched")
    office.clock.set(at("2026-11-24 23:10"))
    noted(office, "lim", number=others.number)
    office.clock.set(at("2026-11-28 11:00"))  # a Saturday
    noted(office, "lim", "identity", number=others.number)
    whole = access_log.month(seoul_day(office.clock()))
    seo = office.people["seo"]
    found = office.see(lambda u: access_log.odd(office.svc, u, seo, whole))
    assert [(one.kind, one.login, one.count) for one in found] == [
        ("off", "lim", 1), ("night", "lim", 1), ("many", "park", 5), ("others", "park", 1),
    ]  # fmt: skip


def test_a_download_wants_a_reason_and_stands_in_the_log_itself(office):
    noted(office, "park")
    seo, svc = office.people["seo"], office.svc
    with pytest.raises(Refused, match=r"access_log.reason"):
        office.do(lambda u: access_log.download(svc, u, seo, asked(office), " 네 "))
    rows = office.do(lambda u: access_log.download(svc, u, seo, asked(office), "점검 보고에 붙임"))
    assert len(rows) == 1
    (taken,) = office.see(lambda u: access_log.taken(u, seo, asked(office)))
    assert (taken.what, taken.count, taken.reason) == ("log_downloaded", 1, "점검 보고에 붙임")


def test_a_month_is_looked_over_once_and_its_remark_kept(office):
    noted(office, "park")
    office.goes("2026-11-30 23:50")
    assert "access_review" not in office.tasks("seo")
    office.goes("2026-12-01 02:05")
    assert office.tasks("seo").count("access_review") == 1
    assert "access_review" not in office.tasks("han")
    office.goes("2026-12-02 09:05")
    assert office.tasks("seo").count("access_review") == 1
    seo, svc = office.people["seo"], office.svc

    def close(month, remark, who=seo):
        office.do(lambda u: access_reviews.close(svc, u, who, month, remark))

    for month, remark, who, key in (
        ("2026-11", "네", seo, "access_log.remark"),
        ("2026-10", "살펴보았습니다", seo, "access_log.month"),
        ("2026-11", "살펴보았습니다", office.people["han"], "access.not_allowed"),
    ):
        with pytest.raises(Refused, match=key):
            close(month, remark, who)
    close("2026-11", "모두 확인했습니다")
    with pytest.raises(Refused, match=r"access_log.reviewed"):
        close("2026-11", "다시 확인했습니다")
    assert "access_review" not in office.tasks("seo")
    (review,) = office.see(lambda u: access_reviews.listed(u, seo))
    assert (review.month, review.by, review.remark) == ("2026-11", "서점검", "모두 확인했습니다")


def test_a_day_that_was_altered_after_it_was_written_is_named(office):
    for day in ("2026-11-23 10:00", "2026-11-24 10:00", "2026-11-25 10:00"):
        office.clock.set(at(day))
        noted(office, "park")
        noted(office, "lim")
    office.goes("2026-11-26 02:00")
    seo, svc = office.people["seo"], office.svc
    whole = access_log.month(seoul_day(office.clock()))

    def altered():
        return [
            str(day) for day in office.see(lambda u: access_reviews.altered(svc, u, seo, whole))
        ]

    assert altered() == []
    c = models.accesses.c
    gone = sa.delete(models.accesses).where(
        c.user_id == office.people["lim"].user_id, c.at < at("2026-11-24 00:00")
    )
    office.do(lambda u: u.conn.execute(gone))
    assert altered() == ["2026-11-23"]
    office.clock.set(at("2026-11-25 12:00"))
    noted(office, "park")  # written into a day that is over
    office.clock.set(at("2026-11-26 12:00"))
    assert altered() == ["2026-11-23", "2026-11-25"]


def test_lines_go_after_their_years_and_not_a_day_before(build):
    office = build()
    for years, days in ((1, 366), (2, 732)):
        site = office.svc.site.model_copy(update={"access_log_years": years})
        svc = replace(office.svc, site=site)
        noted(office, "park")
        start = office.clock()
        office.clock.set(start + timedelta(days=days))
        office.do(lambda u, s=svc: access_reviews.upkeep(s, u))
        assert len(lines(office)) == 1
        office.clock.set(start + timedelta(days=days, seconds=1))
        office.do(lambda u, s=svc: access_reviews.upkeep(s, u))
        assert lines(office) == []


def test_every_word_of_the_log_has_its_sentence(office):
    said = set()
    for path in Path("bot").rglob("*.py"):
        said |= set(CALL.findall(path.read_text(encoding="utf-8")))
    assert {"opened", "identity", "searched", "signed_in"} <= said
    assert [word for word in sorted(said) if not office.texts.has(f"access_log.what.{word}")] == []
