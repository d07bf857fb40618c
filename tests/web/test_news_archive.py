"""What went out, read again: the list, an issue, the feed, and what is not shown."""

from datetime import UTC, date, datetime, timedelta
from xml.etree import ElementTree as ET

import pytest

from knowledge.cases import Case
from knowledge.newsletter import Issue, Item, Segment
from storage.models import broadcast_lines
from storage.repositories import agency_dates, broadcasts
from storage.repositories.broadcasts import Picture
from tests.web.test_cases import has

NOW = datetime(2026, 11, 20, 1, tzinfo=UTC)
BAD = "<b>굵게</b>\x07\x00 & ]]> \ufffe"
ATOM = "{http://www.w3.org/2005/Atom}"
PNG = b"\x89PNG\r\n\x1a\n0"


def out(city, number: str = "2026-11", *items: Item, state: str = "done", **more) -> int:
    """Put an issue there that went out."""
    issue = Issue(
        more.pop("title", "11월 소식"),
        more.pop("lead", "이번 달 이야기"),
        items or (Item("text", "알림", "몸글"),),
    )
    kind = more.pop("kind", "news")
    begun = None if state in {"draft", "asked", "approved"} else NOW + timedelta(hours=len(number))

    def work(unit) -> int:
        made = broadcasts.add(
            unit, number=number, kind=kind, issue=issue, segment=Segment("news"), author_id=None,
            now=NOW, **{"nature": "guide", **more},
        )  # fmt: skip
        broadcasts.put_pictures(unit, made, [Picture(0, PNG, "그림의 말", 10, 10)])
        broadcasts.mark(unit, made, {"state": state, "begun_at": begun})
        return made

    return city.store.transact(work, f"out {number}")


def test_what_went_out_is_listed_and_read_with_its_pictures(client, city) -> None:
    out(
        city,
        "2026-11",
        Item("case", "봉안당", "늘렸어요", ref="AC-001"),
        Item("figures", "통계", picture=0),
    )
    for state in ("draft", "asked", "approved", "cancelled"):
        out(city, f"n-{state}", title="아직 아님", state=state)
    whole = client.get("/news/archive")
    assert "11월 소식" in whole.text
    assert "아직 아님" not in whole.text
    assert whole.headers["cache-control"] == "public, max-age=60"
    page = client.get("/news/2026-11").text
    for words in (
        "이번 달 이야기",
        'href="/cases/AC-001"',
        "출처: www.newspim.com",
        'alt="그림의 말"',
    ):
        assert words in page
    assert client.get("/news/2026-11/0.png").content == PNG
    codes = [client.get(f"/news/{path}").status_code for path in ("2026-11/1.png", "n-draft", "x")]
    assert codes == [404, 404, 404]
    assert "더 오래된 소식은 없어요" in client.get("/news/archive?page=7&lang=ko").text
    assert "in Korean" in client.get("/news/archive?lang=en&page=x").text


def test_one_that_was_stopped_half_way_is_there_for_those_who_got_it(client, city) -> None:
    made = out(city, "2026-11", state="cancelled")
    assert client.get("/news/2026-11").status_code == 404
    line = broadcast_lines.insert().values(broadcast_id=made, channel="mail", total=9, sent=3)
    city.store.transact(lambda unit: unit.conn.execute(line), "line")
    assert client.get("/news/2026-11").status_code == 200


def test_a_withdrawn_case_is_told_no_more_where_it_was_told(client, city) -> None:
    item = Item("case", "내릴 사례", "그 일", ref="AC-002", picture=0)
    out(city, "2026-11", item, Item("text", "다른 글"))
    out(city, "c-1", item, kind="cards", title="카드뉴스 내릴 사례")
    assert "내릴 사례" in client.get("/news/2026-11").text
    has(city, Case("AC-002", "내린 사례", status="withdrawn"), "shipped")
    page = client.get("/news/2026-11").text
    assert "내린 사례입니다" in page
    assert "내릴 사례" not in page
    assert "다른 글" in page
    assert client.get("/news/2026-11/0.png").status_code == 404
    assert client.get("/news/c-1").status_code == 410
    for path in ("/news/archive", "/news/feed.xml", "/news/c-1"):
        assert "내릴 사례" not in client.get(path).text


def test_results_rest_before_an_election_and_come_back(client, city) -> None:
    out(city, "2026-11", nature="results", title="우리가 한 일")
    out(city, "2026-10", title="안내")
    city.store.transact(
        lambda unit: agency_dates.add(
            unit, kind="election", title="보궐", day=date(2027, 4, 7), repeats="", ahead="30",
            role="chief", user_id=None, now=NOW,
        ), "election",
    )  # fmt: skip
    held = client.get("/news/2026-11")
    assert held.status_code == 404
    assert "2027년 4월 7일" in held.text
    assert client.get("/news/2026-11/0.png").status_code == 404
    for path in ("/news/archive", "/news/feed.xml", "/news/2026-11"):
        assert "우리가 한 일" not in client.get(path).text
    assert "안내" in client.get("/news/archive").text
    city.clock.move(days=200)
    assert "우리가 한 일" in client.get("/news/archive").text


def test_a_correction_marks_the_old_issue_everywhere(client, city) -> None:
    old = out(city, "2026-11")
    words = Item("correction", "바로잡음", "20곳 → 12곳")
    out(city, "2026-11-c1", words, kind="correction", title="바로잡아요", corrects_id=old)
    page = client.get("/news/2026-11").text
    assert "20곳 → 12곳" in page
    assert 'href="/news/2026-11-c1"' in page
    assert 'href="/news/2026-11"' in client.get("/news/2026-11-c1").text
    assert "바로잡음</span>" in client.get("/news/archive").text
    assert "[바로잡음] 11월 소식" in client.get("/news/feed.xml").text


@pytest.mark.parametrize("path", ["/news/archive", "/news/2026-11"])
def test_hostile_words_stay_words(client, city, path: str) -> None:
    item = Item("text", BAD, BAD, url="javascript:alert(1)")
    out(city, "2026-11", item, title=BAD, lead=BAD)
    page = client.get(path).text
    assert "<b>굵게" not in page
    assert 'href="javascript' not in page


def test_the_feed_is_atom_whatever_words_stand_in_it(client, city) -> None:
    empty = ET.fromstring(client.get("/news/feed.xml").content)
    assert empty.find(f"{ATOM}updated") is not None
    out(city, "2026-11", Item("text", BAD, BAD), title=BAD, lead=BAD)
    answer = client.get("/news/feed.xml")
    assert answer.headers["content-type"] == "application/atom+xml"
    feed = ET.fromstring(answer.content)
    links = {one.get("rel"): one.get("href") for one in feed.findall(f"{ATOM}link")}
    assert links["self"] == "https://talk.gaon.example/news/feed.xml"
    (entry,) = feed.findall(f"{ATOM}entry")
    told = {
        name: entry.findtext(f"{ATOM}{name}") for name in ("id", "title", "updated", "content")
    }
    assert told["id"] == "tag:talk.gaon.example,2026:news/2026-11"
    assert told["title"] == "<b>굵게</b> & ]]> "
    assert told["updated"] == "2026-11-20T08:00:00Z"
    assert told["content"].startswith("<b>굵게</b>")
