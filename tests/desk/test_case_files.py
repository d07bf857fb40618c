"""Cases uploaded at the desk as a file, and downloaded as one."""

import io
import json
from dataclasses import replace

import pytest

from bot.services import case_files, case_import
from bot.services.library import Library
from knowledge.importing import HEAD
from storage import journal
from storage.models import cases as table
from storage.repositories import cases as rows
from tests.desk.conftest import Desk
from tests.desk.conftest import make as sit_down
from tests.desk.forms import Page
from tests.services.conftest import Office

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
WAY = "/cases/import"
NEW = {"title": "골목 가로등을 신고 전에 먼저 고치기", "agency": "가온시", "year": 2026}


@pytest.fixture
def room(office: Office) -> Desk:
    office.svc = replace(office.svc, library=Library(office.store))
    return sit_down(office)


def upload(seat, content: bytes, name="cases.jsonl", status=200, how="show") -> Page:
    form = seat.get(WAY).form(WAY)
    answer = seat.send(WAY, form, "", {"list": (name, content)}, how=how)
    assert answer.status_code == status, Page(answer.text).text
    return Page(answer.text)


def lines(*plain) -> bytes:
    return "\n".join(json.dumps(one) for one in plain).encode()


def count(office: Office) -> int:
    return len(office.see(lambda u: u.conn.execute(table.select()).all()))


def test_a_file_is_looked_at_and_then_brought_in_as_drafts(room: Desk, office: Office):
    park, came = room.seat("park"), office.svc.library.shipped()["AC-001"]
    content = lines(
        NEW, {"ref": "AC-001", "title": came.title, "effect": "나아졌다", "빛깔": "파랑"}
    )
    looked = upload(park, content)
    assert "새 사례 1건 · 바뀌는 사례 1건" in looked.text
    assert "함께 온 사례를 고칩니다" in looked.text
    assert "지금 공개된 사례 1건의 내용이 바뀝니다" in looked.text
    assert "읽지 않는 열: 빛깔" in looked.text
    assert count(office) == 0
    done = park.send(WAY, looked.form(WAY), "save")
    assert "작성 중인 사례로 들여왔습니다" in Page(done.text).text
    row = office.see(lambda u: rows.get(u, "AC-001"))
    assert (row.status, row.origin, row.effect) == ("draft", "shipped", "나아졌다")
    new = office.see(lambda u: [one for one in rows.every(u) if one.title == NEW["title"]])
    assert [(one.status, one.year) for one in new] == [("draft", 2026)]
    assert office.see(lambda u: office.svc.library.present(u, ["AC-001"])) == {}
    noted = office.see(
        lambda u: [e for e in journal.history(u, HOUSE) if e.kind == "cases_imported"]
    )
    assert [(one.actor, one.detail["new"], one.detail["changed"]) for one in noted] == [
        (office.people["park"].mark, 1, 1)
    ]
    assert NEW["title"] not in repr(noted)


def test_what_is_wrong_keeps_everything_out(room: Desk, office: Office):
    bad = {"title": "홍길동 주무관의 순찰", "year": "작년"}
    looked = upload(room.seat("park"), lines(NEW, bad), status=422)
    assert "사람 이름으로 보이는 말이 있습니다" in looked.text
    assert "연도를 네 자리로" in looked.text
    assert "홍길동" not in looked.text
    assert not [one for one in looked.forms if one.fields.get("step") == ["save"]]
    assert count(office) == 0


def test_what_was_told_before_waits_until_somebody_decides(room: Desk, office: Office):
    park = room.seat("park")
    content = lines(NEW, {**NEW, "year": 2025}, {"title": "새벽에 여는 시장 화장실"})
    asked = upload(park, content)
    assert "같거나 닮은 사례 1건" in asked.text
    assert "같은 파일 1줄" in asked.text
    form = asked.form(WAY)
    assert park.send(WAY, form, "save").status_code == 422
    assert count(office) == 0
    left = upload(park, content, how="skip")
    assert "빼는 줄 1개" in left.text
    assert "작성 중인 사례로" in Page(park.send(WAY, left.form(WAY), "save").text).text
    assert count(office) == 2
    again = upload(park, content, how="take")
    assert "새 사례 1건 · 바뀌는 사례 0건 · 그대로인 사례 2건" in again.text


def test_a_case_changed_meanwhile_is_shown_anew(room: Desk, office: Office):
    park = room.seat("park")
    upload(park, lines({**NEW, "ref": "G-1"})).form(WAY)
    looked = upload(park, lines({**NEW, "ref": "G-1"}))
    office.do(lambda u: rows.add(u, [row(office, "G-1")]))
    stale = Page(park.send(WAY, looked.form(WAY), "save").text)
    assert "그 사이에" in stale.text
    assert "바뀌는 사례 1건" in stale.text


def row(office: Office, ref: str):
    from bot.services.cases import new_row  # noqa: PLC0415
    from knowledge.cases import Case  # noqa: PLC0415

    return new_row(office.svc, Case(ref, "먼저 있던 사례"), "written", None)


def test_a_case_that_came_of_a_filing_is_not_changed_by_a_file(room: Desk, office: Office):
    office.do(lambda u: rows.add(u, [{**row(office, "G-1"), "origin": "filing"}]))
    looked = upload(room.seat("park"), lines({**NEW, "ref": "G-1"}), status=422)
    assert "종결된 신고에서 온 사례" in looked.text


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.xlsx", b"PK nothing", "XLSX 파일로 읽지 못했습니다"),
        ("a.csv", "이름,나이\n홍,3\n".encode(), "아는 열 이름이 없습니다"),
        ("a.csv", b"title\n" + b"a\n" * 2001, "2000줄을 넘습니다"),
        ("a.csv", b"x" * (5 << 20), "4 MB를 넘습니다"),
        ("a.json", b"[]", "한 건도 없습니다"),
    ],
)
def test_what_cannot_be_read_is_said_beside_the_field(room: Desk, name, content, words):
    assert words in upload(room.seat("park"), content, name, status=422).text


def test_only_who_may_write_cases_may_bring_them(room: Desk):
    assert room.seat("han").status(WAY) == 404
    assert room.seat("han").status("/cases/export?format=csv&which=all") == 404


def test_what_is_downloaded_can_be_uploaded_again(room: Desk, office: Office):
    park = room.seat("park")
    assert "내려받은 파일은 고쳐서 다시" in park.get(WAY).text
    for format_ in case_files.FORMATS:
        answer = park.client.get(f"/desk/cases/export?format={format_}&which=published")
        assert answer.headers["content-type"] == case_files.MIMES[format_]
        looked = upload(park, answer.content, f"cases.{format_}")
        published = len(list(office.see(lambda u: list(office.svc.library.published(u)))))
        assert f"그대로인 사례 {published}건" in looked.text
        assert "들여올 것이 없습니다" in looked.text
    assert park.status("/cases/export?format=doc&which=all") == 303


def test_the_example_can_be_brought_in_as_it_is(room: Desk):
    park = room.seat("park")
    answer = park.client.get(f"/desk{WAY}/template")
    assert "새 사례 2건" in upload(park, answer.content, "example.xlsx").text


def test_more_than_a_page_can_wait_for_is_left_to_the_command_line(room: Desk, monkeypatch):
    monkeypatch.setattr(case_files, "AT_DESK", 3)
    answer = room.seat("park").client.get("/desk/cases/export?format=csv&which=all")
    assert answer.status_code == 409
    assert "3건을 넘어" in Page(answer.text).text


def test_formulas_are_written_so_that_nothing_runs_and_read_back_as_they_were(office: Office):
    from knowledge.cases import Case  # noqa: PLC0415

    case = Case(
        "H-1",
        "=1+1 줄이기",
        agency="@가온시",
        problem="-5도\n+3명",
        effect="'=그대로",
        law="＝제1조",
    )
    out = io.BytesIO()
    case_files.write([case], "csv", out)
    text = out.getvalue().decode("utf-8-sig")
    assert "'=1+1 줄이기" in text
    assert "'@가온시" in text
    assert "''=그대로" in text
    assert text.startswith(",".join(HEAD))
    for format_ in case_files.FORMATS:
        out = io.BytesIO()
        case_files.write([case], format_, out)
        checker = case_files.open_file(out, office.clock().date())
        (back,) = case_files.good(checker)
        made = back.onto(None)
        assert made == case, format_


HOUSE = case_import.house.HOUSE
