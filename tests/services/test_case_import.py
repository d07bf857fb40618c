"""Rows of a file as cases: what would happen, the same done whole, and nothing published."""

from dataclasses import replace

import pytest

from bot.errors import Refused
from bot.services import case_files, case_import, cases
from bot.services.case_import import Change
from bot.services.library import Library
from knowledge.cases import Case
from knowledge.importing import Mistake, Row
from storage.repositories import cases as rows
from storage.repositories import versions
from tests.services.conftest import Office

LIGHT = {
    "title": "골목 가로등을 신고 전에 먼저 고치기", "agency": "가온시", "year": 2026,
    "problem": "고장 신고가 밀려 밤길이 어두웠다.",
}  # fmt: skip
STALL = {"title": "새벽에 여는 시장 화장실", "agency": "나래군", "year": 2025}


@pytest.fixture
def town(office: Office) -> Office:
    office.svc = replace(office.svc, library=Library(office.store))
    return office


def file(*values):
    return [Row(number, one) for number, one in enumerate(values, 2)]


def plan(town, given, how="show"):
    return town.see(lambda u: case_import.compare(town.svc, u, given, how))


def bring(town, given, how="show", by="park", status="draft"):
    now = plan(town, given, how)
    actor = town.people[by] if by else None
    town.do(lambda u: case_import.carry_out(town.svc, u, actor, given, now, status=status))
    return now


def put(town, ref, **values):
    case = Case(ref, values.pop("title", "먼저 있던 사례"), status=values.pop("status", "draft"))
    made = {**cases.new_row(town.svc, case, "written", None), **values}
    town.do(lambda u: rows.add(u, [made]))


def row(town, ref):
    return town.see(lambda u: rows.get(u, ref))


def version(town):
    return town.see(lambda u: versions.get(u, rows.VERSION))


def test_new_changed_and_unchanged_rows_come_to_what_was_said(town: Office):
    put(town, "G-1", title="먼저 있던 사례", status="published", effect="나아졌다")
    same = {"ref": "G-1", "title": "먼저  있던 사례"}
    given = file(LIGHT, same, {"ref": "G-2", **STALL}, {"ref": "AC-002", "title": "옹벽 매뉴얼"})
    now = plan(town, given)
    assert now.counts == {"new": 2, "changed": 1, "unchanged": 1, "left_out": 0}
    assert now.changes == (Change(5, "AC-002", cases.AS_SHIPPED, "published", ("title",)),)
    assert (now.hidden, now.changes[0].shipped, now.undecided) == (1, True, 0)
    before = version(town)
    bring(town, given)
    assert version(town) > before  # the shipped one has to go out of every index
    changed, new = row(town, "AC-002"), row(town, "G-2")
    assert (changed.status, changed.origin, changed.title) == ("draft", "shipped", "옹벽 매뉴얼")
    assert (new.status, new.origin, new.author_id) == (
        "draft", "imported", town.people["park"].user_id,
    )  # fmt: skip
    assert (row(town, "G-1").status, row(town, "G-1").version) == ("published", 0)
    again = plan(town, given)
    assert again.counts == {"new": 0, "changed": 0, "unchanged": 4, "left_out": 0}
    assert not again.stirs


def test_what_was_published_and_is_changed_is_a_draft_again(town: Office):
    put(town, "G-1", status="published", reviewer_id=town.people["choi"].user_id)
    now = bring(town, file({"ref": "G-1", "title": "고친 제목"}), by="", status="reviewed")
    assert now.hidden == 1
    changed = row(town, "G-1")
    assert (changed.status, changed.title, changed.version) == ("reviewed", "고친 제목", 1)
    assert (changed.author_id, changed.reviewer_id) == (None, None)
    assert changed.reviewed_at is not None
    assert town.see(lambda u: town.svc.library.present(u, ["G-1"])) == {}


def test_what_was_told_before_is_shown_left_out_or_taken_but_never_merged(town: Office):
    put(town, "G-1", title=LIGHT["title"], agency="가온시", year=2026)
    slip = {**STALL, "title": "새벽에 여는 시장 화장실들"}
    given = file(LIGHT, STALL, slip)
    asked = plan(town, given)
    assert [(one.number, one.ref, one.row, one.exact) for one in asked.twins] == [
        (2, "G-1", 0, True), (4, "", 3, False),
    ]  # fmt: skip
    assert asked.undecided == 2
    with pytest.raises(Refused):
        town.do(lambda u: case_import.carry_out(town.svc, u, None, given, asked))
    assert bring(town, given, "skip").counts["left_out"] == 2
    titles = town.see(lambda u: sorted(one.title for one in rows.every(u)))
    assert titles == sorted([LIGHT["title"], STALL["title"]])
    bring(town, given, "take")
    assert row(town, "G-1").problem == ""
    assert len(town.see(lambda u: list(rows.every(u)))) == 4


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_case_that_came_of_a_filing_or_was_withdrawn_keeps_its_words(town: Office):
    put(town, "G-1", origin="filing")
    put(town, "G-2", status="withdrawn")
    put(town, "G-3", status="withdrawn", title="그대로인 사례")
    other = {"title": "다른 제목"}
    given = file({"ref": "G-1", **other}, {"ref": "G-2", **other}, STALL,
                 {"ref": "G-3", "title": "그대로인 사례"})  # fmt: skip
    now = plan(town, given)
    assert now.mistakes == (Mistake(2, "ref", "of_filing"), Mistake(3, "ref", "withdrawn"))
    assert now.fates == "ns"


def test_whoever_was_faster_keeps_the_whole_file_out(town: Office):
    put(town, "G-1")
    given = file(STALL, {"ref": "G-1", "title": "고친 제목"}, {"ref": "G-9", **LIGHT})
    now = plan(town, given)
    town.do(lambda u: rows.change(u, "G-1", 0, {"title": "남이 고친 제목"}, town.clock()))
    with pytest.raises(Refused):
        town.do(lambda u: case_import.carry_out(town.svc, u, None, given, now))
    assert [one.title for one in town.see(lambda u: list(rows.every(u)))] == ["남이 고친 제목"]
    now = plan(town, given)
    put(town, "G-9")
    with pytest.raises(Refused):
        town.do(lambda u: case_import.carry_out(town.svc, u, None, given, now))
    assert len(town.see(lambda u: list(rows.every(u)))) == 2


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_rows_on_disk_are_the_same_each_time(town: Office):
    given = file({**LIGHT, "keywords": ("빛", "밤")}, STALL)
    spool = case_files.Spool(given)
    assert list(spool) == list(spool) == given
    spool.close()
