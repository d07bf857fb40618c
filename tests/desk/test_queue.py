"""The queue: by due date, filtered, paged by key; and what waits for a hand."""

from datetime import date
from functools import partial

from bot.services import external, listing, saved
from bot.services.listing import Wanted
from tests.desk.conftest import Desk, make
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


def test_the_queue_is_narrowed_by_every_open_column(room: Desk, office: Office):
    office.clock.set(at("2026-11-12 10:00"))
    old = office.investigating(address="1").number
    office.clock.set(at("2026-11-23 10:00"))
    new = office.file(address="2").number
    office.act("kim", new, "assign", handler="lim", unit="build", kind="neglect")
    none = office.file(nameless(), channel="telegram", address="3").number
    kim = room.seat("kim")
    for query, wanted in (
        ("unit=build", {new}),
        ("kind=neglect", {new}),
        ("channel=telegram", {none}),
        ("mode=anonymous", {none}),
        ("mode=named", {old, new}),
        ("due=overdue", {old}),
        ("due=none", {none}),
        ("due=week", set()),
        ("since=2026-11-23", {new, none}),
        ("until=2026-11-22", {old}),
        ("since=2026-11-12&until=2026-11-12", {old}),
        ("assignee=none", {none}),
        (f"number={old[5:9]}", {old}),
        (f"show=closed&number={old}", {old}),
        ("show=all", {old, new, none}),
        (
            "unit=%27%3B&kind=x&mode=x&since=x&until=9999-12-31&due=x&size=7&order=x",
            {old, new, none},
        ),
    ):
        assert set(numbers(kim.get(f"/filings?{query}"))) == wanted, query
    office.clock.set(at("2026-11-24 10:00"))
    assert set(numbers(room.seat("kim").get("/filings?due=week"))) == {new}


def test_pages_in_every_order_lose_nobody(office: Office):
    filed = [office.file(address=str(n)).number for n in range(3)]
    filed += [office.file(nameless(), address=f"n{n}").number for n in range(2)]
    kim = office.people["kim"]
    for order in listing.ORDERS:
        wanted = Wanted(order=order)
        whole = office.see(partial(listing.rows, office.svc, actor=kim, wanted=wanted))
        seen: list[str] = []
        while page := office.see(
            partial(
                listing.rows,
                office.svc,
                actor=kim,
                wanted=wanted,
                after=seen[-1] if seen else "",
                limit=2,
            )
        ):
            seen += [row.number for row in page]
        assert seen == [row.number for row in whole]
        assert sorted(seen) == sorted(filed)


def test_tabs_and_the_list_say_how_many_there_are_for_these_eyes(room: Desk, office: Office):
    office.investigating(address="1")
    office.file(address="2")
    page = room.seat("kim").get("/filings")
    assert "담당 없음 1" in page.text
    assert "처리 중 모두 2" in page.text
    assert "모두 2건" in page.text
    assert "모두 1건" in room.seat("park").get("/filings").text
    assert (
        "모두 0건" not in room.seat("lim").get("/filings").text
    )  # an empty list says so in words


def test_an_own_list_is_kept_used_renamed_and_taken_away(room: Desk, office: Office):
    late = office.file(address="1").number
    kim, choi = room.seat("kim"), room.seat("choi")
    form = kim.get("/filings?due=overdue&mode=named").form("/filings/views")
    assert kim.send("/filings/views", form, name=" ").status_code == 422
    assert kim.send("/filings/views", form, name="ㄱ" * 31).status_code == 422
    answer = kim.send("/filings/views", form, name="급한 것")
    assert answer.status_code == 303
    assert answer.headers["location"].endswith("/filings?show=open&due=overdue&mode=named")
    page = kim.get("/filings")
    assert "급한 것" in page.text
    assert any("due=overdue&mode=named" in link for link in page.links)
    assert not any("due=overdue" in link for link in choi.get("/filings").links)  # his own
    here = kim.get("/filings?show=open&due=overdue&mode=named")
    drop = here.form("/drop")
    path = drop.action.removeprefix("/desk")
    assert choi.post(path, choi.get("/filings").form("/filings/views").fields).status_code == 404
    assert kim.post(path, drop.fields).status_code == 303
    assert "급한 것" not in kim.get("/filings").text
    assert late in kim.get("/filings").text


def test_there_is_an_end_to_own_lists(room: Desk, office: Office):
    kim = office.people["kim"]
    for n in range(saved.MOST):
        office.do(lambda u, n=n: saved.keep(office.svc, u, kim, f"목록 {n}", Wanted()))
    seat = room.seat("kim")
    form = seat.get("/filings").form("/filings/views")
    answer = seat.send("/filings/views", form, name="하나 더")
    assert answer.status_code == 422
    assert "30개까지" in Page(answer.text).text
    form = seat.get("/filings?show=all").form("/filings/views")
    assert seat.send("/filings/views", form, name="목록 1").status_code == 303  # put in its place


def test_many_reports_are_handed_over_and_one_that_cannot_stops_no_other(
    room: Desk, office: Office
):
    one, two = (office.investigating(address=n).number for n in "12")
    gone = office.investigating(address="3").number
    kim = room.seat("kim")
    form = kim.get("/filings").form("/filings/assign")
    seen = office.filing(one).version
    rows = [f"{one} {seen}", f"{two} {seen}", f"{gone} 99", "2026-AAAA-22 1", "nonsense", " 1"]
    who = str(office.people["lim"].user_id)
    answer = kim.post("/filings/assign", {**form.fields, "row": rows, "handler": who})
    page = Page(answer.text)
    assert answer.status_code == 200
    assert "2건을 정했고 2건은" in page.text
    assert "그사이 다른 사람이 바꿨습니다" in page.text
    assert [office.filing(n).assignee_id for n in (one, two, gone)] == [
        int(who), int(who), office.people["park"].user_id
    ]  # fmt: skip
    again = kim.post("/filings/assign", {**form.fields, "row": rows[:2], "handler": who})
    assert Page(again.text).text.count("이미 정했습니다") == 2
    other = str(office.people["choi"].user_id)
    back = kim.post("/filings/assign", {**form.fields, "row": rows[:1], "handler": other})
    assert "이미 보냈습니다" in Page(back.text).text
    assert office.filing(one).assignee_id == int(who)


def test_handing_over_wants_rows_a_handler_and_the_right(room: Desk, office: Office):
    number = office.investigating(address="1").number
    kim = room.seat("kim")
    form = kim.get("/filings").form("/filings/assign")
    version = office.filing(number).version
    empty = kim.post("/filings/assign", {**form.fields, "row": [f"{number} {version}"]})
    assert empty.status_code == 422
    page = Page(empty.text)
    assert page.form("/filings/assign").fields["row"] == [f"{number} {version}"]
    none = kim.post("/filings/assign", {**form.fields, "handler": "1"})
    assert "하나 이상 골라" in Page(none.text).text
    yoon = str(office.people["yoon"].user_id)  # serves in the unit complained of
    given = {**form.fields, "row": [f"{number} {version}"], "handler": yoon}
    refused = kim.post("/filings/assign", given)
    assert "1건은 정하지 못했습니다" in Page(refused.text).text
    assert room.seat("park").post("/filings/assign", given).status_code == 404
    assert not any(
        form.action.endswith("/assign") for form in room.seat("park").get("/filings").forms
    )


def test_the_number_of_another_system_finds_the_report_and_stays_sealed(
    room: Desk, office: Office, tmp_path
):
    number = office.investigating(address="1").number
    park = room.seat("park")
    park.open(number)
    path = f"/filings/{number}/external"
    form = next(form for form in park.get(path).forms if not form.action)
    assert park.send(path, form, no=" ").status_code == 422
    assert park.send(path, form, no="1", due="어제").status_code == 422
    assert park.send(path, form, no="1AA-2611-0123456", due="2026-12-04").status_code == 303
    page = park.get(f"/filings/{number}")
    assert "1AA-2611-0123456" in page.text
    assert "새올에는 12월 4일(금)까지로" in page.text
    find = "/filings/find"
    form = park.get("/filings").form(find)
    for said in ("1AA-2611-0123456", "1aa 26110123456", number):
        assert park.send(find, form, number=said).headers["location"].endswith(number)
    assert park.status(f"{find}?number=1AA-2611-0123456") == 404  # never in an address
    lim = room.seat("lim")
    theirs = lim.get("/filings").form(find)
    assert lim.send(find, theirs, number="1AA-2611-0123456").status_code == 404
    assert room.seat("lim").status(path) == 404
    stored = b"".join(one.read_bytes() for one in tmp_path.rglob("*") if one.is_file())
    assert b"2611-0123456" not in stored
    assert b"26110123456" not in stored


def test_the_due_date_that_counts_is_the_agencys_choice(build):
    office = build(due_authority="theirs")
    room = make(office)
    number = office.investigating(address="1").number
    office.clock.set(at("2026-11-24 10:00"))
    choi = office.people["choi"]
    office.do(
        lambda u: external.put(
            office.svc, u, choi, number, external_no="7", due=date(2026, 11, 23)
        )
    )
    page = room.seat("park").get("/filings")
    assert "1일 지남" in page.text
    assert "새올 기준" in page.text
    park = room.seat("park")
    assert "새올에 적힌 기한을 따르고" in park.open(number).text
    (row,) = office.see(lambda u: listing.rows(office.svc, u, choi, Wanted(due="overdue")))
    assert (row.number, row.theirs) == (number, True)
