"""Commands, drafts that collide, and what is over."""

import json
from dataclasses import replace

import pytest
import sqlalchemy as sa

from bot.dialogs.events import Press, Submit
from bot.receive import commands
from storage import models
from storage.unit import Unit
from tests.fakes.city import Somebody


@pytest.mark.parametrize(
    ("name", "seen"),
    [
        ("help", "이렇게 쓰실 수 있어요"),
        ("human", "전화해 주세요"),
        ("ordinary", "담당 부서에 알릴 글"),
        ("national", "국민신청"),
        ("ask", "편하게 물어보세요"),
        ("under14", "보호자와 함께"),
        ("other", "어떤 일을 도와 드릴까요"),
        ("back", "쓰던 것이 없어요"),
        ("no_such_thing", "어떤 일을 도와 드릴까요"),
    ],
)
def test_commands_outside_a_form(web: Somebody, name: str, seen: str) -> None:
    web.commands(name)
    assert seen in web.text


def test_a_command_inside_a_form_leaves_the_question_where_it_is(web: Somebody) -> None:
    web.commands("report")
    turn = web.last.turn if web.last else 0
    web.commands("human")
    assert "전화해 주세요" in web.text
    assert "전에 알리신 적이" in web.text
    web.press("답을 들었는데")
    assert web.last is not None
    assert web.last.turn == turn + 1


def test_help_inside_a_form_can_be_pressed_and_so_can_the_question(web: Somebody) -> None:
    web.commands("report")
    web.commands("help")
    web.press("낸 신고 확인하기")
    assert "내신 신고가 아직" in web.text
    web.commands("help")
    web.press("답을 들었는데")
    assert "접수번호가 있으면" in web.text


def test_telling_the_office_first_comes_back_to_what_was_written(web: Somebody) -> None:
    web.commands("report")
    web.press("처음이에요")
    web.press("담당 부서에 알리기")
    web.press("쓰던 것으로 돌아가기")
    assert "그래도 신고하기" in web.text


def test_a_second_report_asks_which_shall_be(web: Somebody) -> None:
    web.commands("report")
    web.press("답을 들었는데")
    web.commands("report")
    assert "이어서 쓰기" in web.text
    web.press("이어서 쓰기")
    assert "접수번호가 있으면" in web.text
    web.commands("report")
    web.press("새로 쓰기")
    assert "전에 알리신 적이" in web.text


def test_new_begins_anew(web: Somebody) -> None:
    web.commands("report")
    web.press("답을 들었는데")
    web.types("새로 쓰기")
    web.press("새로 쓰기")
    assert "전에 알리신 적이" in web.text
    other = web.city.person("web", "z")
    other.commands("new")
    assert "전에 알리신 적이" in other.text


def test_an_old_button_is_refused_kindly(web: Somebody) -> None:
    web.commands("report")
    old = web.event_of("답을 들었는데")
    web.press("답을 들었는데")
    web.does(old)
    assert "지난 질문의 버튼이에요" in web.text
    assert "접수번호가 있으면" in web.text


@pytest.mark.parametrize("event", [Press(7, 0), Submit(7, {})])
def test_a_button_of_nothing_leads_to_the_first_screen(
    web: Somebody, event: Press | Submit
) -> None:
    web.does(event)
    assert "지난 화면의 버튼이에요" in web.text
    web.press("처음으로")
    assert "무엇을 도와 드릴까요" in web.text


def test_a_page_that_is_sent_to_a_menu_is_told_where_it_is(web: Somebody) -> None:
    web.commands("start")
    web.does(Submit(1, {"name": "홍길동"}))
    assert "지난 화면의 버튼이에요" in web.text


def test_numbers_of_a_dialog_are_never_used_again(web: Somebody) -> None:
    web.commands("report")
    turns = [web.last.turn if web.last else 0]
    for act in ("그만", "지우기", "신고", "그만", "지우기", "신고"):
        web.types(act)
        assert web.last is not None
        turns.append(web.last.turn)
    assert turns == sorted(turns)
    assert len(set(turns)) == len(turns)


def rewrite(person: Somebody, **changes: object) -> None:
    """Change the state that is stored, as another release would have left it."""

    def work(unit: Unit) -> None:
        peer = unit.conn.execute(sa.select(models.peers)).mappings().first()
        row = unit.conn.execute(sa.select(models.dialogs)).mappings().first()
        assert peer is not None
        assert row is not None
        state = json.loads(unit.keys.open("dialogs.state", peer["sid"], row["state"]))
        state |= changes
        sealed = unit.keys.seal("dialogs.state", peer["sid"], json.dumps(state).encode())
        unit.conn.execute(sa.update(models.dialogs).values(state=sealed))

    person.city.store.transact(work, None)


def test_a_form_that_is_no_more_is_told_and_let_go(web: Somebody) -> None:
    web.commands("report")
    rewrite(web, form="long_gone")
    web.types("길이 파였어요")
    assert "서식이 바뀌어서" in web.text
    web.press("일을 미뤄서")
    assert "전에 알리신 적이" in web.text


def test_a_move_that_is_no_more_is_told_and_let_go(web: Somebody) -> None:
    web.commands("report")
    rewrite(web, form="move.long_gone", subject="")
    web.types("길이 파였어요")
    assert "서식이 바뀌어서" in web.text


def test_a_dialog_that_was_moved_here_cannot_be_pressed_by_old_numbers(web: Somebody) -> None:
    web.commands("start")
    web.commands("report")
    old = web.event_of("답을 들었는데")
    for _ in range(3):
        web.commands("help")
    rewrite(web, turn=1)
    web.does(old)
    assert "지난 질문의 버튼이에요" in web.text
    web.press("답을 들었는데")
    assert "접수번호가 있으면" in web.text


def test_commands_that_lead_in_a_circle_are_a_bug(
    web: Somebody, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(
        commands.COMMANDS,  # type: ignore[arg-type]
        "circle",
        lambda walk, _arg: setattr(walk, "next", ("circle", "")),
    )
    with pytest.raises(RuntimeError, match="circle"):
        web.commands("circle")


def test_another_language_shows_the_question_again(web: Somebody, agreed: Somebody) -> None:
    web.commands("report")
    web.commands("lang", "en")
    assert "전에 알리신 적이" in web.text
    agreed.commands("lang", "en")
    assert agreed.last is not None
    assert agreed.last.lang == "en"


def test_on_a_full_disk_no_report_is_begun_and_those_begun_go_on(web: Somebody) -> None:
    web.commands("report")
    receiver = web.city.receiver
    receiver.parts = replace(receiver.parts, room=lambda: "no_dialogs")
    web.press("답을 들었는데")
    assert "접수번호가 있으면" in web.text
    other = web.city.person("web", "other")
    other.commands("report")
    assert "조금 뒤에 다시" in other.text
    other.commands("my")
    assert "내신 신고가 아직" in other.text


def test_too_many_reports_at_once_wait(web: Somebody) -> None:
    web.city.settles(budget_drafts=8)
    people = [web.city.person("web", f"n{n}") for n in range(3)]
    for person in people:
        person.commands("report")
    assert ["조금 뒤에 다시" in person.text for person in people] == [False, False, True]
