"""Each kind of step takes what people write and refuses the rest by a key."""

from typing import Any, Literal

import pytest
from pydantic import BaseModel

from bot.dialogs.attaching import size_text, welcome
from bot.dialogs.contacts import Address, Email, Phone
from bot.dialogs.events import Attached
from bot.dialogs.fields import Choice, Consent, Day, Files, LongText, Many, Place, Text, veiled
from bot.dialogs.form import Choose, Errors, Form, Reject, Step
from bot.dialogs.lookup import Entry, Lookup, Table
from bot.dialogs.passive_report import FORM, PassiveReport
from bot.dialogs.replies import Phrase
from bot.dialogs.wording import check, keys_of
from bot.errors import BadStart
from bot.locale import Texts
from tests.dialogs.chat import TEXTS, UNITS, context

CTX = context()
FILE = {"ref": "x", "kind": "document", "name": "", "size": 0, "mime": ""}
TOWN = context(site={**CTX.site, "need_address": "town"})


@pytest.mark.parametrize(
    ("step", "raw", "value"),
    [
        (Text("a"), "  홍\u202e길동 \n", "홍길동"),
        (Text("a"), 12, "12"),
        (Text("a", lines=True), "가\r\n나", "가\n나"),
        (LongText("a"), "길\x00이", "길이"),
        (Choice("a", ("x", "y")), "y", "y"),
        (Many("a", ("x", "y", "z")), ["z", "x"], ["x", "z"]),
        (Many("a", ("x", "y")), "x", ["x"]),
        (Day("a"), "11월 3일", "2026-11-03"),
        (Day("a", past=False), "12월 3일", "2026-12-03"),
        (Place("a"), "시장 앞", {"text": "시장 앞", "lat": None, "lon": None}),
        (Place("a"), {"text": "시장 앞"}, {"text": "시장 앞", "lat": None, "lon": None}),
        (Place("a"), {"lat": 37.5, "lon": 127}, {"text": "", "lat": 37.5, "lon": 127}),
        (Phone("a"), "010 1234 5678", "010-1234-5678"),
        (Phone("a"), "０１０-1234-5678", "010-1234-5678"),
        (Phone("a"), "+82 10-1234-5678", "010-1234-5678"),
        (Phone("a"), "02-123-4567", "02-123-4567"),
        (Phone("a"), "0311234567", "031-123-4567"),
        (Phone("a"), "1588 0000", "1588-0000"),
        (Phone("a"), "+1 415 555 0100", "+14155550100"),
        (Email("a"), " Hong@Example.COM ", "Hong@example.com"),
        (Address("a"), "가온시 중앙로 12, 101호", "가온시 중앙로 12, 101호"),
        (Address("a"), "가온동 산 12-3", "가온동 산 12-3"),
        (Address("a"), "12 Jungang-ro", "12 Jungang-ro"),
        (Lookup("a", "units"), "도로과", {"value": "road", "label": "도로과", "note": ""}),
        (Lookup("a", "units"), "road", {"value": "road", "label": "도로과", "note": ""}),
        (
            Lookup("a", "units"),
            {"value": "road"},
            {"value": "road", "label": "도로과", "note": ""},
        ),
        (Lookup("a", "units"), "ㄷㄹㄱ", {"value": "road", "label": "도로과", "note": ""}),
        (Lookup("a", "units", free=True), "zzzz", {"value": "", "label": "zzzz", "note": ""}),
        (Files("a"), [{"ref": "x"}], [FILE]),
        (
            Files("a"),
            {"ref": "x", "name": "a\u202e.pdf", "size": "1"},
            [{**FILE, "name": "a.pdf"}],
        ),
        (Consent("a"), "yes", True),
        (Consent("a"), False, False),
    ],
)
def test_an_answer_is_taken(step: Step, raw: Any, value: Any):
    assert step.parse(raw, CTX) == value


@pytest.mark.parametrize(
    ("step", "raw", "key"),
    [
        (Text("a"), "…", "required"),
        (Text("a"), True, "text"),
        (Text("a"), ["x"], "text"),
        (Text("a", 3), "가나다라", "long"),
        (LongText("a"), "!!", "empty"),
        (LongText("a"), 3, "text"),
        (Choice("a", ("x",)), "z", "choose"),
        (Choice("a", ("x",)), None, "choose"),
        (Many("a", ("x",)), ["z"], "choose"),
        (Many("a", ("x",)), [], "choose"),
        (Day("a"), "언젠가", "day"),
        (Day("a", future=False), "2027-01-01", "day_not_yet"),
        (Day("a", past=False), "2020-01-01", "day_over"),
        (Place("a"), "", "required"),
        (Place("a"), {"lat": "x", "lon": 1}, "place"),
        (Place("a"), {"lat": 999, "lon": True}, "place"),
        (Phone("a"), "12345", "phone"),
        (Phone("a"), "010-1234-567", "phone"),
        (Email("a"), "hong@", "email"),
        (Email("a"), "hong", "email"),
        (Address("a"), "몰라요", "address"),
        (Lookup("a", "units"), "zzzz", "unknown"),
        (Lookup("a", "units"), "", "required"),
        (Files("a", 1), [{"ref": "x"}, {"ref": "y"}], "file_many"),
        (Files("a"), [{"x": 1}], "file_kind"),
        (Files("a"), [{"ref": ""}], "file_kind"),
        (Files("a"), ["x"], "file_kind"),
        (Files("a"), [{"ref": "x", "kind": "video"}], "file_kind"),
        (Files("a"), "사진", "files"),
        (Consent("a"), "글쎄", "choose"),
    ],
)
def test_an_answer_is_refused_by_its_key(step: Step, raw: Any, key: str):
    with pytest.raises(Reject) as refused:
        step.parse(raw, CTX)
    assert refused.value.key == key


def test_the_agency_says_how_much_of_an_address_it_needs():
    assert Address("a").parse("가온시 행복동", TOWN) == "가온시 행복동"
    with pytest.raises(Reject):
        Address("a").parse("가온시 행복동", CTX)


def test_several_findings_become_candidates():
    with pytest.raises(Choose) as several:
        Lookup("a", "units").parse("건축허가 담당", CTX)
    assert [found.label for found in several.value.candidates] == ["건축과"]


def test_a_list_is_searched_by_part_and_likeness_and_given_whole():
    table = Table({"units": [Entry("a", "도로과", ("길",)), Entry("b", "도로관리팀")]})
    assert [found.value for found in table.find("units", "도로")] == ["a", "b"]
    assert table.find("units", "도르과")[0].value == "a"
    assert [found.value for found in table.find("units", "")] == ["a", "b"]
    assert table.find("units", "!!") == ()
    assert table.find("nothing", "도로") == ()
    assert UNITS.find("units", "감사실")[0].note == "self"


def test_a_step_without_a_parser_is_a_bug():
    with pytest.raises(NotImplementedError):
        Step("a").parse("x", CTX)
    assert Step("a").show("b", 1) == "1"
    assert Step("a").ask_words("form.a", {}, CTX) == Phrase("form.a.ask")
    assert CTX.lookups is UNITS


@pytest.mark.parametrize(
    ("name", "shown"), [("홍길동", "홍*동"), ("남궁민수", "남**수"), ("이준", "이*"), ("A", "A")]
)
def test_a_name_is_veiled_in_the_summary(name: str, shown: str):
    assert veiled(name) == shown


def test_values_are_said_back():
    assert Place("a").show("b", {"text": "앞", "lat": None}) == "앞"
    spot = Place("a").show("b", {"text": "", "lat": 37.5, "lon": 127})
    assert TEXTS.render(spot, "ko", {}) == "지도에서 고른 곳 (37.5, 127)"
    assert TEXTS.render(Day("a").show("b", "2026-12-01"), "ko", {}) == "12월 1일(화)"
    assert TEXTS.render(Day("a").show("b", "2026-12-01"), "en", {}) == "Tue 1 Dec 2026"
    assert TEXTS.render(Files("a").show("b", [{}, {}]), "ko", {}) == "2개"
    assert Lookup("a").show("b", None) == ""
    colours = Many("kind", ("a",)).show("passive_report.who", ["named", "anonymous"])
    assert TEXTS.render(colours, "ko", {}) == "이름을 밝히고 답 받기, 이름 없이 알리기"
    assert Consent("a").show("b", value=True) == Phrase("b.options.yes")


@pytest.mark.parametrize(
    ("file", "ok"),
    [
        (Attached("r", "photo"), True),
        (Attached("r", "voice"), True),
        (Attached("r", "document", "답변서.HWPX"), True),
        (Attached("r", "document", "a.exe", mime="image/png"), False),
        (Attached("r", "document", "", mime="application/pdf"), True),
        (Attached("r", "document", "", mime="application/zip"), False),
        (Attached("r", "video", "a.jpg"), False),
    ],
)
def test_kinds_of_files_that_can_be_opened(file: Attached, ok: bool):
    assert welcome(file) is ok


def test_sizes_are_written_for_people():
    assert (size_text(2048), size_text(12 * 1024 * 1024)) == ("2 KB", "12 MB")


class _One(BaseModel):
    a: str


class _Other(BaseModel):
    a: str
    b: str | None = None


@pytest.mark.parametrize(
    ("model", "steps"),
    [
        (_One, (Text("a"), Text("a"))),
        (_One, (Text("a"), Text("c"))),
        (_Other, (Text("a"),)),
        (_One, (Text("a", optional=True),)),
        (_One, (Text("a", when=lambda _: True),)),
        (_One, (Text("a", unless=("x", "y")),)),
    ],
)
def test_a_form_that_does_not_fit_its_model_does_not_start(model: type[BaseModel], steps: Any):
    with pytest.raises(BadStart):
        Form("x", 1, model, steps)


def test_a_form_whose_words_are_missing_does_not_start():
    check(FORM, TEXTS)
    lacking = {
        lang: {k: TEXTS.raw(k, lang) for k in TEXTS.keys(lang) if k != "passive_report.who.ask"}
        for lang in ("ko", "en")
    }
    with pytest.raises(BadStart, match=r"passive_report\.who\.ask"):
        check(FORM, Texts(lacking))
    assert len(set(keys_of(FORM))) > 80


WHOLE: dict[str, Any] = {
    "prior": "late", "what": "길이 파였어요", "wish": "고쳐 주세요", "who": "named", "name": "김영수",
    "address": "가온시 중앙로 12", "reply_by": "email", "email": "hong@example.com",
    "unit": "건축허가 담당", "proof": [{"ref": "r", "kind": "photo"}],
}  # fmt: skip


def test_the_whole_form_is_checked_at_once():
    result = FORM.validate(WHOLE, CTX)
    assert isinstance(result, PassiveReport)
    assert result.unit is not None
    assert (result.unit.value, result.unit.label) == ("", "건축허가 담당")
    assert (result.share, result.phone) == ("ask_first", None)


def test_all_errors_of_the_whole_form_are_given_at_once():
    errors = FORM.validate({"prior": "x", "who": "named", "reply_by": "phone", "phone": "1"}, CTX)
    assert isinstance(errors, Errors)
    assert errors.by.keys() == {"prior", "what", "wish", "name", "address", "phone"}
    for phrase in errors.by.values():
        assert TEXTS.render(phrase, "ko", CTX.site)


def test_a_story_that_is_too_long_for_a_whole_form_is_given_back_and_never_cut():
    errors = FORM.validate({**WHOLE, "what": "가" * 4001}, CTX)
    assert isinstance(errors, Errors)
    assert "4,001자" in TEXTS.render(errors.by["what"], "ko", CTX.site)
    fits = FORM.validate({**WHOLE, "what": "가" * 4000}, CTX)
    assert isinstance(fits, PassiveReport)
    assert fits.what == "가" * 4000


def test_identity_numbers_are_hidden_in_the_whole_form_too():
    what = {"text": "900101-1234567", "list": ["900101-1234567"]}
    result = FORM.validate({**WHOLE, "what": "번호 900101-1234567", "when_where": what}, CTX)
    assert isinstance(result, PassiveReport)
    assert "1234567" not in str(result)


def test_sensitive_words_in_the_whole_form_need_their_own_consent():
    told = {**WHOLE, "what": "길이 파였어요. 우울증이 있어요."}
    asked = FORM.validate(told, CTX)
    assert isinstance(asked, Errors)
    assert asked.by.keys() == {"sensitive"}
    without = FORM.validate({**told, "sensitive": "no"}, CTX)
    assert isinstance(without, PassiveReport)
    assert (without.what, without.sensitive) == ("길이 파였어요.", None)
    kept = FORM.validate({**told, "sensitive": True}, CTX)
    assert isinstance(kept, PassiveReport)
    assert kept.sensitive is True
    empty = FORM.validate({**WHOLE, "what": "우울증이 있어요", "sensitive": "no"}, CTX)
    assert isinstance(empty, Errors)
    assert empty.by.keys() == {"what"}


class _Strict(BaseModel):
    a: Literal["x"]


def test_what_only_the_model_refuses_is_an_error_of_its_field():
    errors = Form("survey", 1, _Strict, (Text("a"),)).validate({"a": "y"}, CTX)
    assert isinstance(errors, Errors)
    assert errors.by == {"a": Phrase("error.text")}
