"""A dialog that a later release has left is not guessed at, and not written over (S23)."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest
import sqlalchemy as sa

from bot.dialogs.events import Command
from bot.dialogs.state import MENU, State
from bot.errors import Overloaded
from knowledge.release import RELEASE
from storage import models
from storage.repositories import dialogs, inbox, turns
from storage.unit import Key, Unit
from tests.fakes.city import Somebody

LATER = RELEASE + 1
Change = Callable[[dict[str, Any]], Any]


def kept(who: Somebody) -> dict[str, Any]:
    """Read what is kept of somebody's dialog."""
    return who.city.store.read(lambda unit: json.loads(_dialog(unit, who).state))


def rewrite(who: Somebody, change: Change, release: int = LATER) -> dict[str, Any]:
    """Let another release write somebody's dialog."""

    def work(unit: Unit) -> dict[str, Any]:
        found = _dialog(unit, who)
        state: dict[str, Any] = {**json.loads(found.state), "release": release}
        change(state)
        look = turns.look(unit, who.channel, who.account, who.address, (), lock=True)
        assert look is not None
        told = json.dumps(state).encode()
        dialogs.save(unit, look.peer, state["form"], told, who.city.clock(), read=found.version)
        return state

    return who.city.store.transact(work, None)


def _dialog(unit: Unit, who: Somebody) -> Any:
    look = turns.look(unit, who.channel, who.account, who.address, (), lock=False)
    assert look is not None
    assert look.dialog is not None
    return look.dialog


def at_a_question(who: Somebody) -> None:
    who.commands("report")
    who.press("답을 들었는데")
    who.press("없어요")


STRANGE: Mapping[str, Change] = {
    "a form": lambda state: state.update(form="ombudsman"),
    "a version of a form": lambda state: state.update(version=99),
    "a question": lambda state: state.update(at="signature"),
    "a question beside the form": lambda state: state.update(hold="signing"),
    "a button": lambda state: state.update(offered=[["sign", None]]),
    "a button without a name": lambda state: state.update(offered=[[]]),
}


@pytest.mark.parametrize("what", STRANGE)
def test_somebody_in_a_dialog_of_a_later_release_is_asked_to_come_again(
    web: Somebody, what: str
) -> None:
    at_a_question(web)
    left = rewrite(web, STRANGE[what])
    for come in (lambda: web.types("그래도 씁니다."), lambda: web.commands("continue"),
                 lambda: web.commands("report"), lambda: web.press("그만")):  # fmt: skip
        with pytest.raises(Overloaded):
            come()
        assert kept(web) == left


def test_a_page_that_is_loaded_again_over_such_a_dialog_says_later(web: Somebody) -> None:
    at_a_question(web)
    rewrite(web, STRANGE["a form"])
    with pytest.raises(Overloaded):
        web.city.receiver.show(web.channel, web.account, web.address, "ko")


def test_what_only_a_later_release_knows_of_a_dialog_comes_through(web: Somebody) -> None:
    at_a_question(web)
    rewrite(web, lambda state: state.update(glow={"a": [1]}))
    web.types("10월부터 중앙시장 앞 길이 파여 있어요.")
    now = kept(web)
    assert now["glow"] == {"a": [1]}
    assert now["release"] == LATER


def test_it_comes_through_while_another_dialog_is_open(web: Somebody) -> None:
    at_a_question(web)
    rewrite(web, lambda state: state.update(glow=3))
    web.commands("switch", "national_application")
    (waits,) = kept(web)["parked"].values()
    assert waits["glow"] == 3
    assert waits["release"] == LATER


def test_a_dialog_of_a_later_release_that_waits_is_not_opened_here(web: Somebody) -> None:
    at_a_question(web)
    web.commands("switch", "national_application")

    def sign(state: dict[str, Any]) -> None:
        (waits,) = state["parked"].values()
        waits.update(form="ombudsman", release=LATER)
        state["parked"] = {"ombudsman": waits}

    left = rewrite(web, sign)
    with pytest.raises(Overloaded):
        web.commands("switch", "ombudsman")
    assert kept(web) == left


def test_a_menu_of_a_later_release_is_pressed_there(web: Somebody) -> None:
    web.commands("start")
    state = kept(web)
    assert state["form"] == MENU
    rewrite(web, lambda menu: menu.update(offered=[["command", "ombudsman"]]))
    with pytest.raises(Overloaded):
        web.press(web.buttons[0])
    web.commands("help")  # what is ours goes on


def test_what_breaks_over_such_a_dialog_is_later_and_over_ours_a_mistake(web: Somebody) -> None:
    at_a_question(web)
    rewrite(web, lambda state: state.update(drafts=5))
    with pytest.raises(Overloaded):
        web.types("그래도 씁니다.")
    rewrite(web, lambda state: state.update(drafts=5), release=RELEASE)
    with pytest.raises((AttributeError, TypeError)):
        web.types("그래도 씁니다.")


def test_a_form_that_is_no_more_is_said_to_be_gone(web: Somebody) -> None:
    at_a_question(web)
    rewrite(web, STRANGE["a form"], release=0)
    web.types("그래도 씁니다.")
    assert "서식" in web.text


def test_the_answer_to_a_repeat_that_only_a_later_release_reads_is_given_there(
    web: Somebody,
) -> None:
    first = web.inbound(Command("start"))
    web.send(first)

    def work(unit: Unit) -> None:
        look = turns.look(unit, web.channel, web.account, web.address, (), lock=True)
        assert look is not None
        key = Key(f"{web.channel}:{web.account}", look.peer.id, first.update_id)
        inbox.answer(unit, key, look.peer.sid, b'[{"kind":"hologram"}]')

    web.city.store.transact(work, None)
    with pytest.raises(Overloaded):
        web.send(first)


def test_a_state_of_the_release_before_is_read_and_marked_as_ours() -> None:
    state = State.from_json({"form": "passive_report", "version": 1, "turn": 4})
    assert state.release == RELEASE
    assert state.to_json()["release"] == RELEASE
    assert State.from_json(state.to_json()) == state


def test_a_report_by_rules_of_a_later_release_is_looked_at_there(web: Somebody) -> None:
    web.report()
    web.press("안내를 보았고")
    later = sa.update(models.filings).values(procedure_version=99)
    web.city.store.transact(lambda unit: unit.conn.execute(later), None)
    with pytest.raises(Overloaded):
        web.commands("my")
