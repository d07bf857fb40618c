"""What can be found: shipped cases, the agency's own in their place, and nothing that was withdrawn."""

from datetime import UTC, datetime

import pytest

from bot.services.library import Library
from knowledge.cases import Case
from storage.repositories import cases

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)

STREET = Case("C-1", "가로등 먼저 고치기", problem="고장 신고가 밀렸다.", status="published")


def put(store, case, origin="written"):
    def work(unit):
        row = cases.get(unit, case.ref)
        values = cases.to_row(case)
        if row is None:
            cases.add(unit, [{**values, "origin": origin, "made_at": NOW, "changed_at": NOW}])
        else:
            assert cases.change(unit, case.ref, row.version, values, NOW)
        cases.touched(unit)

    store.transact(work, None)


def found(store, library, words):
    refs = [hit.key for hit in library.cases().search(words).hits]
    return list(store.read(lambda unit: library.present(unit, refs)))


def test_what_was_shipped_is_found_without_a_row(store):
    assert "AC-001" in found(store, Library(store), "부산추모공원 봉안당 증축")


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_an_agency_may_do_without_what_was_shipped(store):
    assert found(store, Library(store, shipped=False), "부산추모공원 봉안당 증축") == []


def test_a_case_of_ones_own_is_found(store):
    put(store, STREET)
    assert "C-1" in found(store, Library(store), "가로등 먼저 고치기")


def test_a_shipped_case_that_was_withdrawn_is_gone_at_once_though_the_index_is_old(store):
    library = Library(store)
    came = library.shipped()["AC-001"]
    assert "AC-001" in found(store, library, came.title)
    put(store, Case("AC-001", came.title, status="withdrawn"), "shipped")
    assert "AC-001" in [hit.key for hit in library.cases().search(came.title).hits]
    assert "AC-001" not in found(store, library, came.title)


@pytest.mark.parametrize("status", ["draft", "reviewed", "withdrawn"])
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_what_is_not_published_is_in_no_index(store, status):
    put(store, Case("C-1", STREET.title, status=status))
    library = Library(store)
    assert "C-1" not in {hit.key for hit in library.cases().search(STREET.title, most=50).hits}


def test_a_shipped_draft_is_never_shown(store):
    library = Library(store)
    assert library.shipped()["P019"].status == "draft"
    assert store.read(lambda unit: library.present(unit, ["P019"])) == {}


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_without_a_database_there_is_what_was_shipped(store):
    assert Library().cases().search("부산추모공원 봉안당 증축").best.key == "AC-001"


def test_cases_may_be_found_by_their_words_too():
    asked = []

    def words(text):
        asked.append(text)
        return text.split()

    assert Library(words=words).cases().search("부산추모공원 봉안당 증축").best.key == "AC-001"
    assert asked[-1] == "부산추모공원 봉안당 증축"
