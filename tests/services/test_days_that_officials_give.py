"""A day that is promised has not passed; a day on which something was done has come."""

import pytest

from bot.services.moves import BadFields
from tests.services.conftest import Office, at
from tests.services.test_report_story import APPROVED, RESULT

OVER = "이미 지난 날이에요. 오늘이나 그 뒤의 날을 적어 주세요."
NOT_YET = "아직 오지 않은 날이에요. 오늘이나 그 앞의 날을 적어 주세요."
FINISHED = {key: value for key, value in RESULT.items() if key != "action_due"} | {
    "action_state": "done",
    "action": "구간을 다시 포장했습니다.",
}


def wrong(office: Office, who: str, number: str, move: str, **fields: str) -> dict[str, str]:
    """Give what is wrong with the fields of a move, by field, in Korean."""
    with pytest.raises(BadFields) as caught:
        office.act(who, number, move, **fields)
    return {name: office.say(words) for name, words in caught.value.errors.items()}


def test_an_action_that_was_finished_is_told_with_its_day(office: Office):
    filed = office.investigating()
    dated = {**FINISHED, "action_on": "2026-11-20"}
    office.act("park", filed.number, "to_approval", **dated)
    office.act("park", filed.number, "result", **dated, **APPROVED)
    assert office.filing(filed.number).state == "answered"
    words = office.words(filed, "notice.result.named")
    assert "구간을 다시 포장했습니다. · 11월 20일(금)에 마침" in words
    assert "finished on Fri 20 Nov 2026" in office.words(filed, "notice.result.named", "en")


def test_an_action_that_was_finished_wants_a_day_that_has_come(office: Office):
    filed = office.investigating()
    assert set(wrong(office, "park", filed.number, "to_approval", **FINISHED)) == {"action_on"}
    tomorrow = {**FINISHED, "action_on": "2026-11-24"}
    assert wrong(office, "park", filed.number, "to_approval", **tomorrow) == {"action_on": NOT_YET}


def test_an_action_that_is_planned_wants_a_day_to_come(office: Office):
    filed = office.investigating()
    past = {**RESULT, "action_due": "2026-11-22"}
    assert wrong(office, "park", filed.number, "to_approval", **past) == {"action_due": OVER}
    today = {**RESULT, "action_due": "2026-11-23"}
    office.act("park", filed.number, "to_approval", **today)
    office.clock.set(at("2026-11-24 10:00"))
    sent = {**today, **APPROVED}
    assert wrong(office, "park", filed.number, "result", **sent) == {"action_due": OVER}


@pytest.mark.parametrize(
    ("move", "field", "rest"),
    [
        ("ask_refer", "due", {"unit": "road", "reason": "보수는 도로과의 일입니다."}),
        ("fact_request", "due", {"unit": "road", "matter": "m", "questions": "q"}),
        ("onsite", "start", {"place": "중앙시장", "until": "2026-11-27"}),
        ("onsite", "until", {"place": "중앙시장", "start": "2026-11-25"}),
        (
            "refer",
            "due",
            {
                "how": "with_name", "unit": "road", "reason": "r", "new_no": "1", "remedy": "r",
                "unit_handler": "이도로", "unit_phone": "031-000-0100",
            },
        ),
    ],
)  # fmt: skip
def test_a_day_that_has_passed_is_no_promise(
    office: Office, move: str, field: str, rest: dict[str, str]
):
    filed = office.investigating()
    given = {**rest, field: "2026-11-20"}
    assert wrong(office, "park", filed.number, move, **given) == {field: OVER}


def test_a_late_answer_is_promised_for_a_day_to_come(office: Office):
    filed = office.investigating()
    office.clock.set(at("2026-12-02 10:00"))
    yesterday = {"reason": "자료가 늦어", "promise": "2026-12-01"}
    assert wrong(office, "park", filed.number, "overdue", **yesterday) == {"promise": OVER}


def test_nothing_is_approved_or_finished_tomorrow(office: Office):
    filed = office.investigating()
    office.act("park", filed.number, "to_approval", **RESULT)
    tomorrow = {**RESULT, **APPROVED, "approved_on": "2026-11-24"}
    assert wrong(office, "park", filed.number, "result", **tomorrow) == {"approved_on": NOT_YET}
    office.act("park", filed.number, "result", **RESULT, **APPROVED)
    finished = {"date": "2026-11-24", "action": "다시 포장했습니다"}
    assert wrong(office, "park", filed.number, "action_done", **finished) == {"date": NOT_YET}
