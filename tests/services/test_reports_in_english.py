"""Who writes in English is told in English what happened, and that attached words are Korean."""

import pytest

from bot.services import filings, moves
from tests.services.conftest import Office, answers, at, nameless
from tests.services.test_report_story import APPROVED, RESULT

KOREAN = "What the office wrote here is in Korean. Interpreter by phone: 1345."
REFER = {"unit": "road", "reason": "보수는 도로과의 일입니다.", "due": "2026-12-04"}
MOVES = [
    ("ask_supplement", {"items": "사진", "why": "어디인지 보려고", "days": "7"},
     "supplement.ask", "We need one more thing"),
    ("extend", {"days": "7", "reason": "자료가 늦어", "done": "현장을 봄"},
     "extension.first", "The answer is now due by"),
    ("ask_refer", REFER, "refer.ask", "This looks like an ordinary request for"),
    ("transfer", {"other_agency": "경기도", "other_phone": "031-120", "reason": "도의 일입니다."},
     "transfer.agency", "This belongs to"),
    ("message", {"text": "내일 전화드리겠습니다."}, "message.office", "left a note"),
]  # fmt: skip


def english(office: Office, **kw: object) -> filings.Filed:
    return office.investigating(answers(), lang="en", **kw)


def standard(office: Office, number: str, action: str) -> str:
    """Give the remedies that stand in the field when an official opens it."""
    park = office.people["park"]
    found = office.see(lambda u: moves.available(office.svc, u, park, number))
    return str(next(one for one in found if one.action == action).prefill["remedy"])


@pytest.mark.parametrize(("move", "fields", "key", "said"), MOVES)
def test_korean_words_in_an_english_notice_are_said_to_be_korean(
    office: Office, move: str, fields: dict[str, str], key: str, said: str
):
    filed = english(office)
    office.act("park", filed.number, move, **fields)
    words = office.words(filed, f"notice.{key}", "en")
    assert said in words
    assert KOREAN in words
    assert "한국어입니다" not in office.words(filed, f"notice.{key}")


def test_a_report_that_is_passed_on_returned_or_not_decided_says_so_in_english(office: Office):
    passed, returned, excluded = (english(office) for _ in range(3))
    office.act("park", passed.number, "ask_refer", **REFER)
    me = office.reporter(passed)
    office.act(me, passed.number, "refer_reply", share="with_name")
    given = {"new_no": "1AB-2", "unit_handler": "이도로", "unit_phone": "031-000-0100"}
    remedy = standard(office, passed.number, "refer")
    office.act(
        "park", passed.number, "refer", how="with_name", remedy=remedy, **REFER, **given
    )  # fmt: skip
    office.act("choi", excluded.number, "close_excluded", ground="private", reason="사인 사이의 일",
               remedy="법원")  # fmt: skip
    office.act("park", returned.number, "ask_supplement", **MOVES[0][1])
    office.clock.set(at("2026-12-01 10:00"))
    office.act("park", returned.number, "ask_again", items="사진", days="5")
    office.clock.set(at("2026-12-08 10:00"))
    office.act("park", returned.number, "return", reason="사진이 오지 않음", remedy=remedy)
    for filed, key, said in (
        (passed, "refer.done", "as an ordinary request"),
        (returned, "returned", "We return your report."),
        (excluded, "closed.excluded", "This procedure cannot decide it"),
    ):
        words = office.words(filed, f"notice.{key}", "en")
        assert said in words
        assert KOREAN in words
    for filed, key in ((passed, "refer.done"), (returned, "returned")):
        words = office.words(filed, f"notice.{key}", "en")
        assert "· With new facts or papers you can report again." in words
        assert "다시 신고하실 수" not in words


def test_an_answer_in_korean_has_its_summary_and_says_what_is_korean(office: Office):
    filed = english(office)
    office.act("park", filed.number, "to_approval", **RESULT)
    summary = "We found that the repair was put off. It will be paved."
    office.act("park", filed.number, "result", **RESULT, **APPROVED, summary_en=summary)
    words = office.words(filed, "notice.result.named", "en")
    assert KOREAN in words
    assert f"English summary: {summary}" in words


def test_remedies_that_were_written_anew_stay_as_they_were_written(office: Office):
    filed = english(office)
    office.act("park", filed.number, "to_approval", **RESULT)
    office.act("park", filed.number, "result", **RESULT, **APPROVED, summary_en="Paved.")
    assert RESULT["remedy"] in office.words(filed, "notice.result.named", "en")


def test_words_that_are_english_are_not_called_korean(office: Office):
    filed = english(office)
    office.act("park", filed.number, "message", text="We will call you tomorrow.")
    assert KOREAN not in office.words(filed, "notice.message.office", "en")


def test_without_a_name_it_is_the_same(office: Office):
    filed = office.investigating(nameless(), lang="en")
    office.act("park", filed.number, "message", text="사진을 더 올려 주세요.")
    assert KOREAN in office.words(filed, "notice.message.office_anonymous", "en")


def test_a_report_in_korean_reads_as_before(office: Office):
    filed = office.investigating()
    office.act("park", filed.number, "message", text="내일 전화드리겠습니다.")
    assert "한국어" not in office.words(filed, "notice.message.office")
    assert KOREAN not in office.words(filed, "notice.message.office", "en")
