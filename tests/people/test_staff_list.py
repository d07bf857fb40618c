"""The staff list: a dry run that is what happens, and who has left is out in the same commit."""

import io
import zipfile
from datetime import timedelta
from typing import Any

import openpyxl
import pytest

from bot.documents import reading, sheets
from bot.errors import Refused
from bot.services import (
    access,
    house,
    leavers,
    officials,
    staff_list,
    staff_rows,
    unit_list,
    uploads,
    views,
)
from bot.services.staff_list import Plan
from storage.repositories import approvals, deputies, postings, sessions, tickets, users
from tests.desk.conftest import Desk
from tests.desk.forms import Page
from tests.people.conftest import add
from tests.services.conftest import Office, at

HEAD = staff_rows.HEAD
ONCE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
STAFF = [
    ["G001", "김접수", "minwon", "", "주무관", "", "031-000-0100", "", "kim"],
    ["G002", "박감사", "audit", "", "", "", "", "", ""],
    ["G004", "최과장", "audit", "", "과장", "예", "", "", ""],
    ["G005", "이도로", "build", "", "", "", "", "lee@gaon.example", ""],
    ["G006", "윤도로", "", "도로과", "", "", "", "", ""],
    ["G007", "정건축", "build", "", "", "", "", "", ""],
    ["G008", "한관리", "audit", "", "", "", "", "", ""],
    ["G009", "서점검이", "audit", "", "", "", "", "", ""],
    ["G010", "오심사", "minwon", "", "", "", "", "", ""],
    ["G011", "새사람", "road", "", "주무관", "y", "", "new@gaon.example", "new.one"],
]  # lim (G003) is not there


def book(rows: list[list[Any]], head: Any = HEAD) -> bytes:
    return sheets.sheet("직원", head, rows)


def read(content: bytes) -> staff_rows.Read:
    found = reading.lines(content, rows=5000, columns=40)
    return staff_rows.read(found)


def dry(office: Office, rows: list[list[Any]], *, whole: bool = True) -> Plan:
    given, han = read(book(rows)), office.people["han"]
    return office.see(lambda u: staff_list.plan(office.svc, u, han, given, whole=whole))


def carry_out(office: Office, plan: Plan) -> None:
    han = office.people["han"]
    office.do(lambda u: staff_list.carry_out(office.svc, u, han, plan))


def wrong(plan: Plan) -> list[tuple[int, str, str]]:
    return [(one.row, one.column, one.key) for one in plan.mistakes]


def test_the_dry_run_is_what_happens_and_a_second_run_finds_nothing(office: Office):
    plan = dry(office, STAFF)
    assert plan.mistakes == ()
    names = {what: [one.row.name for one in plan.of(what)] for what in ("new", "moved", "changed")}
    assert names == {
        "new": ["새사람"],
        "moved": ["이도로"],
        "changed": ["김접수", "최과장", "서점검이"],
    }
    assert [one.name for one in plan.gone] == ["임감사"]
    assert plan.same == 5
    before = {who.id: who for who in office.see(officials.everybody)}
    carry_out(office, plan)
    after = {who.id: who for who in office.see(officials.everybody)}
    told = {one.user_id for one in plan.people} | {one.user_id for one in plan.gone}
    assert {id_ for id_, who in after.items() if before.get(id_) != who} - {None} <= (
        told | {max(after)}
    )
    assert all(before[id_] == after[id_] for id_ in before if id_ not in told)
    for one in plan.people:
        who = after[one.user_id or max(after)]
        assert (who.name, who.unit, who.staff_no) == (one.row.name, one.unit, one.row.staff_no)
    again = dry(office, STAFF)
    assert again.nothing
    assert again.mistakes == ()


@pytest.mark.parametrize("account", ["new.one", "lee"])
def test_a_number_that_somebody_was_given_meanwhile_is_told_plainly(office: Office, account: str):
    lee = office.people["lee"].user_id or 0
    office.do(lambda u: users.change(u, lee, staff_no=None))
    plan = dry(office, [["G099", "이도로", "road", "", "", "", "", "", account]], whole=False)
    assert plan.mistakes == ()
    add(office, None, "other", "unit_member", staff_no="G099")
    with pytest.raises(Refused) as caught:
        carry_out(office, plan)
    assert caught.value.key == "access.staff_no"
    assert office.see(lambda u: users.get(u, lee)).staff_no is None


def test_what_is_wrong_is_told_in_the_order_of_the_list():
    mixed = [staff_rows.Mistake(row, "사번", "staff.wrong.twice") for row in (4, 0, 3)]
    assert [one.row for one in uploads.by_row(mixed)] == [3, 4, 0]


def test_a_list_gives_no_grave_role_and_a_head_follows_his_posting(office: Office):
    carry_out(office, dry(office, STAFF))
    new = office.see(lambda u: users.by_login(u, "new.one"))
    assert office.see(lambda u: users.roles(u, new.id)) == {"unit_member", "unit_head"}
    road = new.unit_id
    day = office.clock().date()
    assert office.see(lambda u: postings.heads(u, road, day)) == {new.id}
    lee = office.people["lee"].user_id
    assert lee is not None
    served = office.see(lambda u: postings.of(u, lee))
    assert [row.last_day is None for row in served] == [True, False] or len(served) == 1
    rows = [[*row[:5], "아니오", *row[6:]] if row[0] == "G011" else row for row in STAFF]
    carry_out(office, dry(office, rows))
    assert office.see(lambda u: users.roles(u, new.id)) == {"unit_member"}
    assert office.see(lambda u: postings.heads(u, road, day)) == frozenset()


def test_who_has_left_loses_everything_in_the_same_commit(office: Office):
    lim = office.people["lim"].user_id
    assert lim is not None
    now, day = office.clock(), at("2026-11-23 09:00").date()
    filed = office.file()
    office.act("kim", filed.number, "assign", handler="lim", unit="road")
    office.do(lambda u: sessions.open_(u, "secret", lim, now, now + timedelta(hours=8)))
    office.do(
        lambda u: tickets.add(u, "link", access.INVITE, now, now + timedelta(days=7), user_id=lim)
    )
    park = office.people["park"].user_id
    office.do(lambda u: deputies.add(u, lim, park, day, day, None, now))
    plan = dry(office, STAFF)
    han = office.people["han"]
    with pytest.raises(RuntimeError):  # dying before the commit, nothing of it has happened
        office.do(lambda u: (staff_list.carry_out(office.svc, u, han, plan), _die()))
    assert office.see(lambda u: access.session(office.svc, u, "secret")) is not None
    carry_out(office, plan)
    assert office.see(lambda u: access.session(office.svc, u, "secret")) is None
    assert office.see(lambda u: access.invited(office.svc, u, "link")) is None
    assert office.see(lambda u: users.roles(u, lim)) == frozenset()
    assert office.see(lambda u: deputies.of(u, park, day)) == frozenset()
    assert office.see(lambda u: postings.present(u, lim, day + timedelta(days=1))) is None
    left = office.see(lambda u: leavers.handover_list(office.svc, u, office.people["kim"]))
    assert [(one.number, one.who) for one in left] == [(filed.number, "임감사")]
    assert office.see(lambda u: leavers.handover_list(office.svc, u, office.people["park"])) == ()
    assert office.see(lambda u: leavers.handover_list(office.svc, u, han)) == ()
    kinds = [one.kind for one in office.see(lambda u: views.tasks_for(u, office.people["kim"]))]
    assert kinds.count("desk.handover") == 1


def _die() -> None:
    raise RuntimeError


def test_who_is_back_waits_for_two_persons(office: Office):
    carry_out(office, dry(office, STAFF))
    back = [*STAFF, ["G003", "임감사", "audit", "", "", "", "", "", ""]]
    plan = dry(office, back)
    assert [one.row.name for one in plan.of("back")] == ["임감사"]
    carry_out(office, plan)
    lim = office.people["lim"].user_id
    assert not office.see(lambda u: officials.official(u, lim or 0)).active
    waits = office.see(approvals.live)
    assert [(one.kind, one.subject) for one in waits] == [("reopen", lim)]


@ONCE
def test_a_part_of_a_list_lets_nobody_go_and_the_uploader_never_loses_himself(office: Office):
    assert dry(office, STAFF[:1], whole=False).gone == ()
    alone = dry(office, STAFF[:1], whole=True)
    assert wrong(alone) == [(0, "사번", "staff.wrong.self")]
    with pytest.raises(Refused):
        carry_out(office, alone)


@ONCE
@pytest.mark.parametrize(
    ("row", "column", "key"),
    [
        (["", "이름만", "road", "", "", "", "", "", "aaa"], "사번", "empty"),
        (["사번 하나", "이름", "road", "", "", "", "", "", "aaa"], "사번", "staff_no"),
        (["N1", "", "road", "", "", "", "", "", "aaa"], "이름", "empty"),
        (["N1", "이름", "", "", "", "", "", "", "aaa"], "부서코드", "empty"),
        (["N1", "이름", "moon", "", "", "", "", "", "aaa"], "부서코드", "unit"),
        (["N1", "이름", "", "달나라과", "", "", "", "", "aaa"], "부서", "unit"),
        (["N1", "이름", "road", "", "", "글쎄", "", "", "aaa"], "부서장", "head"),
        (["N1", "이름", "road", "", "", "", "", "골뱅이", "aaa"], "전자우편", "email"),
        (["N1", "이름", "road", "", "", "", "", "", "한글계정"], "아이디", "login"),
        (["N1", "이름", "road", "", "", "", "", "", ""], "아이디", "no_login"),
        (["N1", "이름", "road", "", "", "", "", "", "park"], "아이디", "login_taken"),
        (["G002", "박감사", "audit", "", "", "", "", "", "else"], "아이디", "other_login"),
    ],
)
def test_a_mistake_is_told_by_row_and_column(
    office: Office, row: list[Any], column: str, key: str
):
    plan = dry(office, [row], whole=False)
    assert (2, column, f"staff.wrong.{key}") in wrong(plan)


@ONCE
def test_the_same_number_twice_is_a_mistake(office: Office):
    rows = [STAFF[0], [*STAFF[1][:8], "kim2"], [*STAFF[0][:8], "kim3"]]
    keys = [(row, column) for row, column, key in wrong(dry(office, rows, whole=False))
            if key == "staff.wrong.twice"]  # fmt: skip
    assert keys == [(4, "사번")]


def refused(content: bytes) -> str:
    with pytest.raises(Refused) as caught:
        read(content)
    return caught.value.key


def formula() -> bytes:
    made = openpyxl.Workbook()
    leaf = made.active
    assert leaf is not None
    leaf.append(["사번", "성명", "부서 코드"])
    leaf.append(["=1+1", "수식", "road"])
    held = io.BytesIO()
    made.save(held)
    return held.getvalue()


def test_a_formula_is_named_and_not_read():
    given = read(formula())
    assert [(one.row, one.column, one.key) for one in given.mistakes] == [
        (2, "사번", "staff.wrong.formula")
    ]
    assert given.rows[0].staff_no == "=1+1"


def test_what_is_no_list_is_refused_in_plain_words():
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"<x>" + b" " * 40_000_000)
    entity = io.BytesIO()
    with zipfile.ZipFile(entity, "w") as archive:
        archive.writestr("xl/workbook.xml", b'<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>')
    assert refused(bomb.getvalue()) == "sheet.unreadable"
    assert refused(entity.getvalue()) == "sheet.unreadable"
    assert refused(b"staff_no,name") == "sheet.unreadable"
    assert refused(b"PK" * reading.MOST_BYTES) == "sheet.size"
    assert refused(book([])) == "staff.empty"
    assert refused(book([["G1"]], head=["사번"])) == "staff.columns"
    assert refused(book([[f"N{n}", "이름", "road"] for n in range(5002)])) == "sheet.rows"


def test_a_cell_is_read_as_a_person_reads_it():
    made = openpyxl.Workbook()
    leaf = made.active
    assert leaf is not None
    leaf.append(["직원 번호", " 이름*", "소속(부서)", "비고"])
    leaf.append([20210, "  김\u200b 하나 ", "도로과", 3.5])
    leaf.append([None, None, None, None])
    leaf.append([20211.0, "이둘", "도로과", True])
    held = io.BytesIO()
    made.save(held)
    rows = read(held.getvalue()).rows
    assert [(one.number, one.staff_no, one.name) for one in rows] == [
        (2, "20210", "김 하나"), (4, "20211", "이둘"),
    ]  # fmt: skip


@ONCE
def test_a_list_is_uploaded_looked_at_and_carried_out(room: Desk, office: Office):
    han = room.seat("han")
    page = han.get("/admin/staff")
    assert han.client.get(f"{room.parts.url}/admin/staff/template").content[:2] == b"PK"
    none = han.send("/admin/staff", page.form("/admin/staff"))
    assert none.status_code == 422
    files = {"list": ("list.xlsx", book(STAFF))}
    answer = han.send("/admin/staff", page.form("/admin/staff"), "", files, how="leave")
    looked = Page(answer.text)
    assert answer.status_code == 200
    assert "아직 아무것도 바뀌지 않았습니다" in looked.text
    assert "부서: 도로과 → 건축과" in looked.text
    assert office.see(lambda u: users.by_login(u, "new.one")) is None
    form = looked.form("/admin/staff")
    office.do(lambda u: users.change(u, office.people["park"].user_id or 0, name="박감사님"))
    stale = Page(han.send("/admin/staff", form, "save").text)
    assert "그 사이에 계정이 바뀌어" in stale.text
    assert "이름: 박감사님 → 박감사" in stale.text
    done = han.send("/admin/staff", stale.form("/admin/staff"), "save")
    assert "명단대로 바꾸었습니다" in Page(done.text).text
    assert office.see(lambda u: users.by_login(u, "new.one")) is not None
    assert han.send("/admin/staff", stale.form("/admin/staff"), "save").status_code == 303
    bad = {"list": ("list.xlsx", book([["", "이름만", "road"]]))}
    wrong_ = han.send("/admin/staff", page.form("/admin/staff"), "", bad, how="keep")
    assert wrong_.status_code == 422
    assert "고칠 곳이 2군데" in Page(wrong_.text).text
    assert not any("이대로 반영" in words for one in Page(wrong_.text).forms
                   for _, _, words in one.buttons)  # fmt: skip


@ONCE
@pytest.mark.parametrize(
    ("path", "content", "how"),
    [
        ("/admin/staff", book(STAFF), {"how": "leave"}),
        ("/admin/unit-list", sheets.sheet("부서", unit_list.HEAD, [["water", "상수도과"]]), {}),
    ],
)
def test_whoever_carries_a_list_out_shows_once_more_who_he_is(
    room: Desk, office: Office, path: str, content: bytes, how: dict[str, str]
):
    han = room.seat("han")
    files = {"list": ("list.xlsx", content)}
    form = Page(han.send(path, han.get(path).form(path), "", files, **how).text).form(path)
    before = office.see(officials.everybody), office.see(house.unit_rows)
    office.clock.set(office.clock() + timedelta(minutes=11))
    asked = han.send(path, form, "save")
    assert asked.status_code == 401
    assert (office.see(officials.everybody), office.see(house.unit_rows)) == before


@ONCE
def test_what_was_left_behind_is_handed_over_together(room: Desk, office: Office):
    filed = office.file()
    office.act("kim", filed.number, "assign", handler="lim", unit="road")
    carry_out(office, dry(office, STAFF))
    kim = room.seat("kim")
    assert "떠난 분의 신고를 넘겨 주세요" in kim.get("/tasks").text
    page = kim.get("/leavers")
    assert "임감사" in page.text
    park = str(office.people["park"].user_id)
    answer = kim.send("/leavers", page.form("/filings/assign"), handler=park)
    assert answer.status_code == 200
    assert office.filing(filed.number).assignee_id == office.people["park"].user_id
    assert "넘길 신고가 없습니다" in kim.get("/leavers").text
