"""How a dialog went, read off two states."""

from bot.dialogs.state import State
from bot.dialogs.tally import MOVED, at, resting, tally

FORMS = {"report", "question"}


def state(form: str = "report", step: str | None = "what", started: str = "9", **more) -> State:
    return State(form, 1, 4, step, started=started, **more)


def test_a_form_that_opens_is_started_and_a_menu_is_nothing():
    assert tally(None, state("menu"), FORMS) == []
    assert tally(state("menu"), state(), FORMS) == [("report", 1, "started", "")]
    assert tally(None, None, FORMS) == []


def test_a_step_further_is_nothing_to_count():
    assert tally(state(step="what"), state(step="who"), FORMS) == []


def test_what_was_filed_is_finished_whatever_comes_after():
    assert tally(state(), state("menu"), FORMS, finished=True) == [("report", 1, "finished", "")]


def test_who_stops_is_counted_at_the_step_where_he_stood():
    assert tally(state(step="unit"), None, FORMS) == [("report", 1, "stopped", "unit")]
    assert tally(state(step=None), None, FORMS) == [("report", 1, "stopped", "summary")]


def test_begun_anew_is_stopped_and_started():
    assert tally(state(), state(started="10"), FORMS) == [
        ("report", 1, "stopped", "what"),
        ("report", 1, "started", ""),
    ]


def test_a_small_form_on_top_does_not_end_what_waits_under_it():
    small = state("call_back", drafts={"waits": state().to_json()})
    assert tally(state(), small, FORMS) == []
    assert tally(small, state(step="who"), FORMS) == []
    assert tally(small, None, FORMS) == [("report", 1, "stopped", "what")]


def test_left_for_another_form_and_come_back():
    parked = State("question", 1, 4, "wish", started="10", parked={"report": {}})
    assert tally(state(), parked, FORMS) == [
        ("report", 1, "switched", "what"),
        ("question", 1, "started", ""),
    ]
    back = State("report", 1, 5, "what", started="9", parked={"question": {}})
    assert tally(parked, back, FORMS) == [
        ("question", 1, "switched", "wish"),
        ("report", 1, "returned", ""),
    ]


def test_what_rests_is_counted_where_it_rests():
    assert resting(state(step=None), FORMS, MOVED) == [("report", 1, "moved", "summary")]
    assert resting(state("menu"), FORMS, MOVED) == []
    assert at(state()) == "what"
