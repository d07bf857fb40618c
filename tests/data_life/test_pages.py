"""The pages of records as a head of the audit office uses them."""

import hashlib
import io
import re
import zipfile
from xml.etree import ElementTree as ET

import pytest

from bot.services import approvals, bundles, disposals
from bot.settings_site import KeepSite
from tests import plain_words
from tests.data_life.conftest import DECISION, LATER, closed
from tests.desk.conftest import make
from tests.services.conftest import Office, at

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
BAD = '=HYPERLINK("http://evil.example")<b>&</b>\x0b'


@pytest.fixture
def ripe(archive: Office):
    """Two closed cases whose time is over."""
    cases = [closed(archive, what=f"{BAD} 중앙시장 앞 길"), closed(archive, address="b")]
    archive.clock.set(at(LATER))
    return archive, cases


def test_a_case_goes_all_the_way_by_the_pages(ripe):
    office, (goes, stays) = ripe
    choi = make(office).seat("choi")
    choi_page = choi.get("/records")
    assert goes.number in choi_page.text
    assert stays.number in choi_page.text
    made = choi.send(
        "/records/new", choi.get("/records/new").form(),
        held_on="2031-01-20", members="5", decision=DECISION, numbers=[goes.number],
    )  # fmt: skip
    assert made.status_code == 303
    path = made.headers["location"].partition("/desk")[2]
    page = choi.get(path)
    assert DECISION in page.text
    got = choi.send(path, page.form("/bundle"))
    assert got.status_code == 200
    assert got.headers["cache-control"] == "no-store"
    page = choi.get(path)
    assert hashlib.sha256(got.content).hexdigest() in page.text
    asked = choi.send(path, page.form("/ask"), why="심의대로 파기하려 합니다.")
    assert asked.status_code == 303
    assert "다른 분의 승인을 기다립니다" in choi.get(path).text
    song = make(office).seat("song")
    assert DECISION in song.get(path).text
    [waiting] = office.see(lambda u: approvals.open_(office.svc, u, office.people["song"]))
    office.do(
        lambda u: approvals.decide(
            office.svc, u, office.people["song"], waiting.id, yes=True, reason="확인했습니다."
        )
    )
    office.tick()
    page = choi.get(path)
    assert "파기한 것 1건" in page.text
    assert choi.status(f"/filings/{goes.number}") == 404


def bundle_of(office: Office, *cases) -> zipfile.ZipFile:
    choi = make(office).seat("choi")
    made = choi.send(
        "/records/new", choi.get("/records/new").form(),
        held_on="2031-01-20", members="5", decision=DECISION,
        numbers=[one.number for one in cases],
    )  # fmt: skip
    path = made.headers["location"].partition("/desk")[2]
    got = choi.send(path, choi.get(path).form("/bundle"))
    return zipfile.ZipFile(io.BytesIO(got.content))


def test_a_bundle_holds_each_case_and_its_manifest_holds(ripe):
    office, cases = ripe
    archive = bundle_of(office, *cases)
    lines = archive.read("MANIFEST.sha256").decode().splitlines()
    assert len(lines) == len(archive.namelist()) - 1
    for line in lines:
        digest, _, name = line.partition("  ")
        assert hashlib.sha256(archive.read(name)).hexdigest() == digest
    for case in cases:
        names = {name.partition("/")[2] for name in archive.namelist() if case.number in name}
        assert {"record.pdf", "record.xml", "record.csv", "journal.csv"} <= names
        assert any(re.fullmatch(r"files/첨부1\.jpg", name) for name in names)
        assert archive.read(f"{case.number}/record.pdf").startswith(b"%PDF-")
        root = ET.fromstring(archive.read(f"{case.number}/record.xml"))
        assert root.get("number") == case.number
        assert root.find("person").findall("field") == []
        assert "홍길동" not in archive.read(f"{case.number}/record.csv").decode("utf-8-sig")


def test_the_record_to_read_says_no_code_of_ours(ripe):
    office, cases = ripe
    [case] = bundles.cases(office.svc, office.see, (office.filing(cases[1].number),))
    shown = [one.shown or one.text for one in (*case.facts, *case.filed)]
    shown += [words for one in case.journal for words in (one.when, one.who, one.label, one.text)]
    assert {one.label for one in case.journal} >= {"신고가 들어옴", "알림을 보냄", "담당 정하기"}
    assert "" not in {one.who for one in case.journal}
    assert "말씀하신 부서(회피 확인): 도로과" in "\n".join(shown)
    text = "\n".join(shown)
    assert plain_words.codes(text) == []
    assert plain_words.latin(text, frozenset()) == []


def test_a_bundle_carries_hostile_words_as_words(ripe):
    office, cases = ripe
    archive = bundle_of(office, cases[0])
    csv = archive.read(f"{cases[0].number}/record.csv").decode("utf-8-sig")
    assert "\"'=HYPERLINK" in csv
    root = ET.fromstring(archive.read(f"{cases[0].number}/record.xml"))
    [what] = [one for one in root.iter("field") if one.get("name") == "what"]
    assert what.text.startswith('=HYPERLINK("http://evil.example")<b>&</b>')


def test_who_reported_is_in_it_only_by_the_agency_s_rule(build):
    office = build(keep=KeepSite(record_years=3, bundle_identity=True))
    case = closed(office)
    office.clock.set(at(LATER))
    archive = bundle_of(office, case)
    assert "홍길동" in archive.read(f"{case.number}/record.csv").decode("utf-8-sig")


def test_wrong_input_is_said_beside_its_field_and_nothing_typed_is_lost(ripe):
    office, (goes, _) = ripe
    choi = make(office).seat("choi")
    form = choi.get("/records/new").form()
    for given, said in (
        ({"held_on": "어제"}, "날짜를 알아보지 못했어요"),
        ({"held_on": "2099-01-01"}, "오늘이나 그 전"),
        ({"members": "다섯"}, "2 이상의 숫자"),
        ({"decision": "폐기"}, "10자 이상"),
        ({"numbers": ["2026-AAAA-AA"]}, "다시 확인해 주세요"),
        ({"numbers": []}, "비어 있습니다. 채워 주세요."),
    ):
        full = {
            "held_on": "2031-01-20", "members": "5", "decision": DECISION,
            "numbers": [goes.number], **given,
        }  # fmt: skip
        answer = choi.send("/records/new", form, **full)
        assert answer.status_code == 422, given
        assert said in answer.text
        assert f'id="f-{next(iter(given))}-error"' in answer.text
        if "decision" not in given:
            assert DECISION in answer.text


def test_holds_are_set_listed_and_ended(ripe):
    office, (goes, _) = ripe
    choi = make(office).seat("choi")
    form = choi.get("/records").form("/records/holds")
    assert choi.send("/records", form, number="2026-AAAA-AA", reason="소송 중").status_code == 422
    answer = choi.send("/records", form, number=goes.number, reason="소송")
    assert "까닭을 5자 이상" in answer.text
    form = choi.get("/records").form("/records/holds")
    assert (
        choi.send("/records", form, number=goes.number, reason="소송 중이라 남깁니다.").status_code
        == 303
    )
    assert (
        choi.send("/records", form, number=goes.number, reason="소송 중이라 남깁니다.").status_code
        == 303
    )
    page = choi.get("/records")
    assert "소송 중이라 남깁니다." in page.text
    [end] = [one for one in page.links if "/end" in one]
    path = end.partition("/desk")[2]
    ending = choi.get(path)
    assert "소송 중이라 남깁니다." in ending.text
    assert choi.send(path, ending.form(), reason="").status_code == 422
    assert choi.send(path, ending.form(), reason="소송이 끝났습니다.").status_code == 303
    assert choi.status(path) == 404


def test_a_disposal_is_dropped_and_double_presses_do_no_harm(ripe):
    office, (goes, _) = ripe
    choi = make(office).seat("choi")
    form = choi.get("/records/new").form()
    given = {
        "held_on": "2031-01-20", "members": "5", "decision": DECISION, "numbers": [goes.number],
    }  # fmt: skip
    first = choi.send("/records/new", form, **given)
    again = choi.send("/records/new", form, **given)
    assert (first.status_code, again.status_code) == (303, 303)
    made = office.see(lambda u: disposals.listed(u, office.people["choi"]))
    assert len(made) == 1
    path = first.headers["location"].partition("/desk")[2]
    page = choi.get(path)
    bundle = page.form("/bundle")
    assert choi.send(path, bundle).status_code == 200
    assert choi.send(path, bundle).status_code == 303  # the same press again: no second bundle
    assert choi.send(path, choi.get(path).form("/drop")).status_code == 303
    assert "거둠" in choi.get(path).text
    assert list((office.store.data_dir / ".bundles").iterdir()) == []


@pytest.mark.parametrize("who", ["kim", "park", "han", "seo"])
def test_others_do_not_find_the_pages(ripe, who):
    office, _ = ripe
    seat = make(office).seat(who)
    for path in ("/records", "/records/new", "/records/1", "/records/holds/1/end"):
        assert seat.status(path) == 404
