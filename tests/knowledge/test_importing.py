"""Rows of a file as cases: what is taken, and every mistake by row and column."""

import io
import json
from datetime import date

import pytest

from knowledge import importing, tables
from knowledge.cases import Case, shipped, to_plain
from knowledge.importing import Checker, Mistake, normal

TODAY = date(2026, 11, 23)


def checked(rows):
    content = "\n".join(json.dumps(one) for one in rows).encode()
    checker = Checker(tables.read(io.BytesIO(content), importing.known), TODAY)
    return checker, list(checker.rows())


def wrong(**values):
    checker, rows = checked([{"title": "가로등 먼저 고치기", **values}])
    assert rows == []
    assert checker.refused == 1
    return [(one.column, one.what, one.value) for one in checker.mistakes]


def right(**values):
    checker, rows = checked([{"title": "가로등 먼저 고치기", **values}])
    assert checker.mistakes == []
    return rows[0]


def test_korean_and_english_names_are_one():
    row = right(기관="가온시", unit="도로과", 연도="2024년", 한_일="먼저 고쳤다")
    assert row.onto(None) == Case(
        "", "가로등 먼저 고치기", agency="가온시", unit="도로과", year=2024,
        action="먼저 고쳤다", detail="partial",
    )  # fmt: skip


def test_every_column_has_a_korean_and_an_english_name_and_each_means_one():
    for name, names in importing.COLUMNS.items():
        assert all(importing.known(one) == name for one in (name, *names)), name
    assert importing.known("나이") == ""
    asked = "제목 기관 부서 지역 연도 분야 문제 한_일 효과 낱말 근거 출처 이용_조건 자세함 종류 언어 번호"
    assert all(importing.known(one.replace("_", " ")) for one in asked.split())


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ({"title": " "}, [("title", "empty", "")]),
        ({"title": "가" * 101}, [("title", "long", "101/100")]),
        ({"problem": "가" * 4001}, [("problem", "long", "4001/4000")]),
        ({"kind": "보통"}, [("kind", "kind", "")]),
        ({"detail": "조금"}, [("detail", "detail", "")]),
        ({"lang": "fr"}, [("lang", "lang", "")]),
        ({"year": "작년"}, [("year", "year", "1960~2026")]),
        ({"year": 2027}, [("year", "year", "1960~2026")]),
        ({"year": "20245"}, [("year", "year", "1960~2026")]),
        ({"ref": "나 1"}, [("ref", "ref", "")]),
        ({"ref": "A" * 41}, [("ref", "long", "41/40")]),
        (
            {"keywords": ["가"] + [f"말{n}" for n in range(20)]},
            [("keywords", "keywords", "21/20")],
        ),
        ({"keywords": "가" * 31}, [("keywords", "long", "31/30")]),
        ({"effect": {"a": 1}}, [("effect", "type", "")]),
        ({"effect": True}, [("effect", "type", "")]),
        ({"year": 2024.5}, [("year", "year", "1960~2026")]),
        ({"action": "홍길동 주무관이 나섰다"}, [("action", "name", "")]),
        ({"effect": "김○○ 씨가 웃었다"}, [("effect", "name", "")]),
        (
            {"problem": "900101-1234567, 010-1234-5678", "note": "a@example.com"},
            [("problem", "number", ""), ("problem", "phone", ""), ("note", "email", "")],
        ),
        ({"effect": "농협 352-0123-4567-83으로 돌려주었다"}, [("effect", "account", "")]),
        ({"keywords": ["홍길동 팀장"]}, [("keywords", "name", "")]),
    ],
)
def test_what_cannot_be_taken_is_told_by_its_column(values, found):
    assert wrong(**values) == found


def test_no_mistake_repeats_what_stands_there():
    checker, _ = checked([{"title": "홍길동 과장 010-1234-5678", "year": "비밀", "kind": "비밀"}])
    assert not any(word in repr(checker.mistakes) for word in ("홍길동", "1234", "비밀"))


def test_a_number_that_stands_twice_names_the_first_row():
    checker, rows = checked([{"title": "가", "ref": "A-1"}, {"title": "나", "ref": "A-1"}])
    assert [row.number for row in rows] == [1]
    assert checker.mistakes == [Mistake(2, "ref", "ref_twice", "1")]


def test_a_row_without_a_title_is_told():
    assert checked([{"기관": "가온시"}])[0].mistakes == [Mistake(1, "title", "empty")]


def test_a_sheet_without_the_column_of_titles_is_refused_whole():
    table = tables.read(io.BytesIO("기관,연도\n가온시,2024\n".encode()), importing.known)
    with pytest.raises(tables.Unreadable, match="no_title"):
        list(Checker(table, TODAY).rows())


def test_a_sheet_s_formula_and_stray_cell_are_told_by_their_place():
    table = tables.read(io.BytesIO("제목,연도\n가,2024,남는 말\n".encode()), importing.known)
    checker = Checker(table, TODAY)
    assert list(checker.rows()) == []
    assert checker.mistakes == [Mistake(2, "", "wide", "C2")]


def test_signs_that_hide_or_turn_are_cleaned():
    row = right(
        title="가로\u202e등\u200b 먼저\t고치기\ud800\x00", problem="한 줄\r\n\u2067두 줄\x07"
    )
    assert row.values["title"] == "가로등 먼저 고치기"
    assert row.values["problem"] == "한 줄\n두 줄"


def test_keywords_are_taken_apart_once_each():
    assert right(keywords="도로, 등;도로\n빛").values["keywords"] == ("도로", "등", "빛")
    assert right(keywords=["도로,등", "빛"]).values["keywords"] == ("도로", "등", "빛")


def test_what_a_file_says_of_the_status_counts_for_nothing():
    assert right(status="published").onto(None).status == "draft"


def test_what_has_no_column_stays_and_what_is_empty_goes():
    before = Case("A-1", "전", agency="가온시", year=2024, effect="나아졌다", kind="passive")
    made = right(effect="", 연도="", kind="").onto(before)
    assert (
        made == Case("", "가로등 먼저 고치기", agency="가온시", kind="passive")
        or made.ref == "A-1"
    )
    assert (made.agency, made.year, made.effect, made.kind) == ("가온시", None, "", "passive")


def test_the_sign_that_keeps_a_cell_from_running_is_taken_back():
    text = "제목,효과\n'-5도에서도,''=그대로\n"
    checker = Checker(tables.read(io.BytesIO(text.encode()), importing.known), TODAY)
    assert [dict(row.values) for row in checker.rows()] == [
        {"title": "-5도에서도", "effect": "'=그대로"}
    ]


def test_too_many_mistakes_stop_the_reading(monkeypatch):
    monkeypatch.setattr(importing, "MOST_MISTAKES", 3)
    checker, rows = checked([{"title": ""}] * 9)
    assert rows == []
    assert checker.stopped
    assert checker.total == checker.refused == 3


def test_every_shipped_case_comes_through_as_it_is():
    checker, rows = checked([to_plain(one) for one in shipped().values()])
    assert checker.mistakes == []
    for row, case in zip(rows, shipped().values(), strict=True):
        assert normal(row.onto(case)) == normal(case)
        assert normal(row.onto(None)) == normal(case)
