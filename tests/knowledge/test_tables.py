"""Tables out of files: every format alike, and a clear reason for each that is none."""

import io
import json
import zipfile
from datetime import datetime

import openpyxl
import pytest

from knowledge import importing
from knowledge.tables import Bounds, Unreadable, read

SMALL = Bounds(1 << 20, 4 << 20, 5)


def taken(content, bounds=SMALL):
    table = read(io.BytesIO(content), importing.known, bounds)
    return table, list(table.records)


def why(content, bounds=SMALL):
    with pytest.raises(Unreadable) as caught:
        taken(content, bounds)
    return caught.value.what, dict(caught.value.told)


def book(*rows, **leaves):
    made = openpyxl.Workbook()
    for row in rows:
        made.active.append(row)
    held = io.BytesIO()
    made.save(held)
    return held.getvalue()


ROWS = [("제목", "연도"), ("가로등", 2024), ("보도블록", 2025)]
CSV = "제목,연도\r\n가로등,2024\r\n보도블록,2025\r\n"
PLAIN = [{"title": "가로등", "연도": 2024}, {"제목": "보도블록", "year": 2025}]
LINES = "\n".join(json.dumps(one, ensure_ascii=False) for one in PLAIN)


@pytest.mark.parametrize(
    ("content", "format_", "numbers"),
    [
        (book(*ROWS), "xlsx", [2, 3]),
        (CSV.encode(), "csv", [2, 3]),
        (CSV.encode("utf-8-sig"), "csv", [2, 3]),
        (CSV.encode("cp949"), "csv", [2, 3]),
        (CSV.replace(",", "\t").encode(), "csv", [2, 3]),
        (json.dumps(PLAIN).encode(), "json", [1, 2]),
        (json.dumps(PLAIN, indent=2, ensure_ascii=False).encode("utf-8-sig"), "json", [1, 2]),
        (LINES.encode(), "jsonl", [1, 2]),
        (f"{LINES}\n\n".encode("utf-8-sig"), "jsonl", [1, 2]),
    ],
)
def test_every_format_gives_the_same(content, format_, numbers):
    table, rows = taken(content)
    assert table.format == format_
    assert [row.number for row in rows] == numbers
    assert [row.values["title"] for row in rows] == ["가로등", "보도블록"]
    assert [int(row.values["year"]) for row in rows] == [2024, 2025]


def test_a_place_is_named_as_a_spreadsheet_does():
    table, rows = taken(book(["", "모르는 열", "제목"], ["", "", "가로등"]))
    assert table.place(rows[0].number, "title") == "C2"
    assert list(table.unknown) == ["모르는 열"]
    assert taken(LINES.encode())[0].place(1, "title") == ""


def test_a_formula_is_told_and_a_date_read():
    _, rows = taken(book(["제목", "연도", "효과"], ["=1+1", datetime(2024, 5, 1), "나아졌다"]))  # noqa: DTZ001
    assert rows[0].formulas == {"title"}
    assert rows[0].values["year"] == datetime(2024, 5, 1)  # noqa: DTZ001


def test_what_stands_under_no_name_is_told_by_its_column():
    _, rows = taken("제목,연도\n가로등,2024,남는 말\n보도블록,2025,\n".encode())
    assert [row.wide for row in rows] == ["C", ""]


def test_what_has_no_name_is_no_row_that_could_be_read():
    _, rows = taken(
        b'{"title": "a"}\n{broken}\n[1]\n{"title": "a", "\xec\xa0\x9c\xeb\xaa\xa9": "b"}'
    )
    assert [row.broken for row in rows] == ["", "json", "object", "twice"]


def packed(size):
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/worksheets/sheet1.xml", b" " * size)
    return held.getvalue()


def poisoned():
    held, source = io.BytesIO(), io.BytesIO(book(*ROWS))
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(held, "w") as archive:
        for one in old.infolist():
            content = old.read(one)
            if one.filename.endswith("sheet1.xml"):
                content = b'<!DOCTYPE x [<!ENTITY a "b">]>' + content
            archive.writestr(one.filename, content)
    return held.getvalue()


def zipped():
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("readme.txt", "no book")
    return held.getvalue()


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "empty"),
        (b" \r\n\t", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (b"PK\x03\x04 no zip at all", "xlsx"),
        (zipped(), "xlsx"),
        (poisoned(), "xlsx"),
        (packed(5 << 20), "bomb"),
        (packed(3 << 20), "bomb"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 an old book", "old"),
        (b"%PDF-1.7 ...", "kind"),
        ("제목".encode("utf-16"), "coding"),
        ("제목\n가로등".encode() + b"\xff\xff", "coding"),
        (book(["제목"]), "no_rows"),
        (b"title\n", "no_rows"),
        (b"[]", "no_rows"),
        ("이름,나이\n홍,3\n".encode(), "head"),
        (book(["아무 말"], ["제목"]), "head"),
        ("제목,연도,title\n가,2024,나\n".encode(), "twice"),
        ('제목,연도\n"가로등,2024\n'.encode(), "quotes"),
        ('제목,연도\n"가"나,2024\n'.encode(), "quotes"),
        (f"제목,문제\n가,{'나' * 200_000}\n".encode(), "quotes"),
        (b'[{"title": "a"}, {"title": ]', "json"),
        (b'[{"title": "a"} {"title": "b"}]', "json"),
        (b'[{"title": "a"}', "json"),
        (b'[{"title": "a"},]', "json"),
        (b'[{"title": "a"}] more', "json"),
        (b"[" * 100_000, "json"),
        (b'[{"title": ' + b"1" * 5000 + b"}]", "json"),
        ('[{"title": "가"}]'.encode("cp949"), "json_coding"),
        (b'{"title": "' + b"a" * 300_000, "json"),
        (("title\n" + "a\n" * 6).encode(), "rows"),
        (book(["제목"], *(["가"] for _ in range(6))), "rows"),
        (json.dumps([{"title": "a"}] * 6).encode(), "rows"),
        (b"title\n" + b"a" * (1 << 20), "size"),
    ],
)
def test_what_is_no_table_is_refused_by_a_reason_of_its_own(content, what):
    assert why(content)[0] == what


def test_a_row_far_down_is_not_waited_for():
    held, source = io.BytesIO(), io.BytesIO(book(*ROWS))
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(held, "w") as archive:
        for one in old.infolist():
            content = old.read(one)
            if one.filename.endswith("sheet1.xml"):
                content = content.replace(b'<row r="3"', b'<row r="1048577"')
            archive.writestr(one.filename, content)
    assert why(held.getvalue())[0] == "rows"


def test_the_places_of_two_names_that_are_one_are_told():
    assert why("제목,연도,title\n가,2024,나\n".encode()) == ("twice", {"one": "A1", "two": "C1"})
    assert why(b'[{"title": "a"}, 7, {"title": ]') == ("json", {"item": 3})
    assert why('제목\n가\n"나\n'.encode()) == ("quotes", {"row": 3})


def test_an_array_longer_than_what_is_read_at_once_is_read_whole():
    many = [{"title": f"제목 {n}", "problem": "가" * 1000} for n in range(1200)]
    _, rows = taken(json.dumps(many).encode(), Bounds(1 << 24, 1 << 24, 2000))
    assert [row.values["title"] for row in rows] == [one["title"] for one in many]
