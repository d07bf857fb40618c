"""The queue: by due date, filtered, paged by key; and what waits for a hand."""

from functools import partial

from bot.services import listing
from bot.services.listing import Wanted
from tests.desk.conftest import Desk
from tests.desk.forms import Page
from tests.services.conftest import Office, answers, at, nameless


def numbers(page: Page) -> list[str]:
    return [
        link.rsplit("/", 1)[1] for link in page.links if link.startswith("/desk/filings/2026-")
    ]


def test_what_is_late_comes_first_and_says_so_in_words(room: Desk, office: Office):
    office.clock.set(at("2026-11-12 10:00"))
    late = office.file(address="1")
    office.clock.set(at("2026-11-23 10:00"))
    soon = office.file(address="2")
    none = office.file(nameless(), address="3")
    page = room.seat("kim").get("/filings")
    assert numbers(page) == [late.number, soon.number, none.number]
    assert "3일 지남" in page.text
    assert "D-8" in page.text
    assert "기한 없음" in page.text


def test_the_list_can_be_narrowed_and_holds_only_what_one_may_see(room: Desk, office: Office):
    mine = office.investigating(address="1")
    new = office.file(address="2")
    kim, park = room.seat("kim"), room.seat("park")
    assert set(numbers(kim.get("/filings"))) == {mine.number, new.number}
    assert numbers(kim.get("/filings?show=new")) == [new.number]
    assert numbers(kim.get("/filings?state=investigating")) == [mine.number]
    user = office.people["park"].user_id
    assert numbers(kim.get(f"/filings?assignee={user}")) == [mine.number]
    assert numbers(park.get("/filings")) == [mine.number]
    assert numbers(kim.get("/filings?show=closed")) == []
    assert numbers(kim.get("/filings?state=nonsense&assignee=x&after=y")) != []


def test_pages_go_by_key_and_lose_nobody(office: Office):
    filed = [office.file(address=str(n)).number for n in range(5)]
    filed += [office.file(nameless(), address=f"n{n}").number for n in range(3)]
    kim = office.people["kim"]
    seen: list[str] = []
    after = ""
    while rows := office.see(
        partial(listing.rows, office.svc, actor=kim, wanted=Wanted(), after=after, limit=2)
    ):
        seen += [row.number for row in rows]
        after = rows[-1].number
    assert seen == [
        row.number for row in office.see(lambda u: listing.rows(office.svc, u, kim, Wanted()))
    ]
    assert set(seen) == set(filed)
    assert len(seen) == len(filed)


def test_more_than_a_page_has_a_way_on(room: Desk, office: Office, monkeypatch):
    monkeypatch.setattr(listing, "SIZES", ("2", "50"))
    made = {office.file(address=str(n)).number for n in range(3)}
    kim = room.seat("kim")
    first = kim.get("/filings?size=2")
    more = next(link for link in first.links if "after=" in link)
    second = kim.get(f"/filings{more}")
    assert set(numbers(first)) | set(numbers(second)) == made
    assert not any("after=" in link for link in second.links)


def test_a_number_said_over_the_telephone_is_found(room: Desk, office: Office):
    filed = office.file()
    kim = room.seat("kim")
    said = filed.number.lower().replace("-", " ")
    answer = kim.client.get(
        f"{room.parts.url}/filings/find", params={"number": said}, follow_redirects=False
    )
    assert answer.headers["location"].endswith(filed.number)
    lost = kim.client.get(f"{room.parts.url}/filings/find", params={"number": "2026-ZZZZ-22"})
    assert lost.status_code == 404


def test_an_answered_report_is_not_late(room: Desk, office: Office):
    filed = office.investigating()
    given = {
        "judgement": "not_upheld", "checked": "기록", "why": "까닭", "demands": "어려움",
        "action_state": "none", "action": "없음", "remedy": "다시 신고",
    }  # fmt: skip
    office.act("park", filed.number, "to_approval", **given)
    office.act(
        "park", filed.number, "result",
        **given, doc_no="1", approved_on="2026-11-23", approver="최과장",
    )  # fmt: skip
    office.clock.advance(days=20)
    page = room.seat("park").get("/filings?show=mine")
    assert "답변함" in page.text
    assert "지남" not in page.text


def test_what_waits_is_listed_and_ticked_off_once(room: Desk, office: Office):
    filed = office.investigating(answers(reply_by="post", email=None))
    park = room.seat("park")
    page = park.get("/tasks")
    assert "종이로 보낼 알림" in page.text
    form = next(one for one in page.forms if one.action.endswith("/done"))
    path = form.action.removeprefix("/desk")
    count = len(office.tasks("park"))
    assert park.post(path, form.fields).status_code == 303
    assert park.post(path, form.fields).status_code == 303
    assert len(office.tasks("park")) == count - 1
    assert room.seat("lim").post(path, form.fields).status_code == 403
    assert filed.number not in room.seat("lim").get("/tasks").text
