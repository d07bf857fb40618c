"""A broadcast on its way at the desk: how far it is, paused, resumed, ended, corrected."""

import json
from typing import Any

import pytest

from bot.services import broadcast_runs
from storage.repositories import broadcasts, sessions
from tests.desk.conftest import BASE, Desk, Seat, make
from tests.newsletters.conftest import WHEN, Press, at

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

HERE = "/newsletters/2026-11"


@pytest.fixture
def room(press: Press) -> Desk:
    return make(press.office)


@pytest.fixture
def going(press: Press) -> int:
    """This month's issue, which has just begun to leave for two readers."""
    press.case(days=3)
    press.reader("a@x.example", "mail")
    one = press.draft(None)
    press.ready(one)
    press.decide(press.ask(one), "chae")
    press.office.clock.set(at(WHEN))
    press.do(lambda u: broadcast_runs.begin(press.svc, u, one))
    press.do(lambda u: broadcast_runs.fan_out(press.svc, u, one))
    assert press.one(one).state == "sending"
    return one


def press_(seat: Seat, step: str) -> Any:
    page = seat.get(HERE)
    wanted = {
        "pause": "멈춤",
        "resume": "다시 보내기",
        "cancel": "그만 보내기",
        "revive": "모르는",
    }
    return seat.send(f"{HERE}/run", page.form("/run", wanted[step]), step)


def told(seat: Seat) -> list[dict[str, Any]]:
    answer = seat.client.get(f"{BASE}{HERE}/progress")
    assert answer.headers["content-type"].startswith("text/event-stream")
    return [json.loads(part.partition("data: ")[2]) for part in answer.text.split("\n\n") if part]


def test_who_sends_pauses_it_lets_it_go_on_and_ends_it(press: Press, room: Desk, going: int):
    seat = room.seat("min")
    page = seat.get(HERE)
    assert "0/2 보냄 · 실패 0 · 남은 시간은 아직 알 수 없음" in page.text
    for step, state in (("pause", "paused"), ("resume", "sending"), ("cancel", "cancelled")):
        assert press_(seat, step).status_code == 303, step
        assert press.one(going).state == state
    assert "그만둠" in seat.get(HERE).text
    assert room.seat("chae").post(f"{HERE}/run", {"step": "pause"}).status_code == 404


def test_those_of_whom_nobody_knows_are_sent_to_once_more_by_a_person(
    press: Press, room: Desk, going: int
):
    seat = room.seat("min")
    lost = "update sendings set status = 5 where channel = 'mail'"
    press.do(lambda u: u.conn.exec_driver_sql(lost))
    press.do(
        lambda u: broadcast_runs.count(press.svc, u, going, "mail", {(5, ""): 1}, judged=False)
    )
    page = seat.get(HERE)
    assert "모르는 1건 다시 보내기" in page.text
    assert "닿았는지 알 수 없음" in page.text
    if press.one(going).state == "paused":
        assert "닿았는지 알 수 없어 멈췄습니다(전자우편)" in page.text
    assert press_(seat, "revive").status_code == 303
    assert "모르는 1건" not in seat.get(HERE).text


def test_the_page_is_told_how_far_it_is_as_long_as_one_is_signed_in(
    press: Press, room: Desk, going: int
):
    seat = room.seat("chae")
    press.do(lambda u: broadcasts.mark(u, going, {"state": "done", "ended_at": press.svc.now()}))
    (far,) = told(seat)
    assert far["state"] == "done"
    assert "0/2 보냄" in far["html"]
    assert "<script" not in far["html"]
    secret = seat.client.cookies["__Host-desk"]
    press.do(lambda u: sessions.close(u, secret))
    assert seat.status(f"{HERE}/progress") == 303


def test_what_was_wrong_is_put_right_for_those_who_got_it(press: Press, room: Desk, going: int):
    seat = room.seat("min")
    press.do(lambda u: broadcasts.mark(u, going, {"state": "done", "ended_at": press.svc.now()}))
    form = seat.get(HERE).form(HERE, "바로잡는 글")
    same = seat.send(HERE, form, "correct", wrong="20곳", right="20곳")
    assert same.status_code == 422
    form = seat.get(HERE).form(HERE, "바로잡는 글")
    made = seat.send(HERE, form, "correct", wrong="20곳", right="12곳")
    page = seat.get(made.headers["location"].removeprefix("/desk"))
    assert "20곳 → 12곳" in page.text
    assert "잘못된 소식을 받은 분들께만" in page.text
