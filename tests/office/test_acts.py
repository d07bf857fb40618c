"""What an official does from the messenger, and what he is sent to the desk for (S29)."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.dialogs.put_off import FORM
from bot.dialogs.replies import Cards, Say
from bot.dialogs.wording import check
from bot.errors import Refused
from bot.services import cards, linking, moves, rights, views
from bot.services import office as acts
from bot.services.base import Actor
from bot.services.rights import Right
from storage import journal
from storage.repositories import snoozes
from tests.office.conftest import (
    ACCOUNT,
    CHANNEL,
    Messenger,
    address,
    guarded,
    here,
    link,
    with_messenger,
)
from tests.office.test_cards import built
from tests.office.test_linking import id_of, linked, mails, why
from tests.services.conftest import WHAT, Office, answers, at

ONCE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
pytestmark = ONCE


def does(office: Office, who: str, what: str, number: str, version: int | None = None, **given: Any
         ) -> Say | Cards:  # fmt: skip
    def work(unit: Any) -> Say | Cards:
        actor = _actor(office, unit, who)
        return acts.do(office.svc, unit, actor, what, number, version, given)

    found: Say | Cards = office.do(work)
    return found


def _actor(office: Office, unit: Any, who: str) -> Actor:
    return linking.actor(office.svc, unit, ACCOUNT, address(who))


def says(office: Office, who: str, text: str) -> Any:
    return office.do(lambda u: acts.command(office.svc, u, ACCOUNT, address(who), text))


def told(office: Office, reply: Any) -> str:
    """Read a reply as one text."""
    parts = [office.say(reply.text)]
    if isinstance(reply, Cards):
        parts += [f"{office.say(one.title)}: {office.say(one.text)}" for one in reply.cards]
    return "\n".join(parts)


def asked(office: Office, who: str, what: str, number: str) -> acts.Asked | None:
    found: acts.Asked | None = office.do(
        lambda u: acts.form(office.svc, u, _actor(office, u, who), what, number)
    )
    return found


def test_a_report_is_received_by_a_press(build: Any):
    office = with_messenger(build(receive="person"))
    link(office, "kim")
    number = office.file().number
    version = office.filing(number).version
    assert told(office, does(office, "kim", "receive", number, version)) == (
        f"{number} 신고를 접수했습니다."
    )
    assert office.filing(number).state == "received"
    assert why(lambda: does(office, "kim", "receive", number, version)) == "move.stale"
    assert why(lambda: does(office, "kim", "receive", number)) == "move.not_now"


def test_a_handler_is_chosen_only_after_the_guard_was_confirmed_at_the_desk(office: Office):
    link(office, "kim")
    number = built(office)
    with pytest.raises(Refused) as caught:
        does(office, "kim", "assign", number, handler="park")
    assert caught.value.key == "office.guard_first"
    assert caught.value.params["url"] == f"https://desk.gaon.example/filings/{number}/guard"
    guarded(office, number, "build")
    page = asked(office, "kim", "assign", number)
    assert page is not None
    assert [step.name for step in page.form.steps] == ["handler"]
    assert page.prefill == {}
    version = page.version
    does(office, "kim", "assign", number, version, handler="박감사", unit="road", kind="neglect")
    filing = office.filing(number)
    assert filing.assignee_id == id_of(office, "park")
    assert filing.kind == ""  # what is not asked here is not taken from here
    link(office, "choi")
    assert why(lambda: does(office, "choi", "reassign", number, version, handler="lim")) == (
        "move.stale"
    )


def test_a_wrong_answer_is_told_beside_its_field(office: Office):
    link(office, "kim")
    number = built(office)
    guarded(office, number, "build")
    with pytest.raises(moves.BadFields) as caught:
        does(office, "kim", "assign", number, handler="없는사람")
    assert set(caught.value.errors) == {"handler"}
    with pytest.raises(moves.BadFields):
        does(office, "kim", "assign", number)
    assert office.filing(number).assignee_id is None


def test_the_same_press_twice_has_one_effect(office: Office):
    link(office, "kim")
    number = built(office)
    guarded(office, number, "build")
    version = office.filing(number).version
    does(office, "kim", "assign", number, version, handler="park")
    assert why(lambda: does(office, "kim", "assign", number, version, handler="park")) == (
        "move.stale"
    )


def test_handlers_are_found_by_a_part_of_the_name(office: Office):
    link(office, "kim")
    actor = here(office, "kim")

    def find(query: str, name: str = "auditors") -> list[str]:
        found = office.see(lambda u: acts.find(office.svc, u, actor, name, query))
        return [one.label.split(" ")[0] for one in found]

    assert find("박감") == ["박감사"]
    assert set(find("")) >= {"박감사", "임감사", "최과장"}
    assert find("도로", "units") == []
    nobody = replace(actor, roles=frozenset())
    assert office.see(lambda u: acts.find(office.svc, u, nobody, "auditors", "박")) == ()


def test_at_numbers_neither_notes_nor_words_leave_the_desk(office: Office):
    link(office, "park")
    number = office.investigating().number
    for what in ("note", "read"):
        with pytest.raises(Refused) as caught:
            does(office, "park", what, number, text="메모")
        assert caught.value.key == "office.desk_only"
        assert caught.value.params["url"] == f"https://desk.gaon.example/filings/{number}"
    assert why(lambda: does(office, "park", "result", number)) == "office.unknown_act"


def test_at_full_words_are_shown_after_the_journal_knows(full: Office):
    link(full, "park")
    filed = full.investigating()
    number = filed.number
    assert why(lambda: does(full, "park", "read", number)) == "office.ask_first"
    park = full.people["park"]
    full.do(lambda u: views.declare(full.svc, u, park, number, conflict=False))
    full.act(full.reporter(filed), number, "message", text="다시 파였어요.")
    text = told(full, does(full, "park", "read", number))
    assert WHAT in text
    assert "다시 파였어요." in text
    assert "홍길동" not in text
    assert "중앙로 12" not in text
    sid = full.filing(number).sid
    kinds = [(one.kind, one.actor) for one in full.see(lambda u: journal.history(u, sid))]
    assert kinds[-1] == ("viewed", f"user:{id_of(full, 'park')}")
    link(full, "seo")  # the inspector watches, and reads no words
    assert why(lambda: does(full, "seo", "read", number)) == "office.desk_only"


def test_at_full_a_note_is_written(full: Office):
    link(full, "park")
    number = full.investigating().number
    assert why(lambda: does(full, "park", "note", number, text="현장 약속")) == "office.ask_first"
    park = full.people["park"]
    full.do(lambda u: views.declare(full.svc, u, park, number, conflict=False))
    page = asked(full, "park", "note", number)
    assert page is not None
    assert [step.name for step in page.form.steps] == ["text"]
    assert "현장" not in told(full, does(full, "park", "note", number, text="현장 약속을 잡았다."))
    with pytest.raises(moves.BadFields):
        does(full, "park", "note", number, text="  ")


def test_a_nudge_goes_to_the_handler_once_a_day_from_each(office: Office):
    link(office, "park", "choi")
    number = office.investigating().number
    assert asked(office, "choi", "remind", number) is None
    reply = does(office, "choi", "remind", number)
    assert told(office, reply) == f"박감사 님께 {number} 신고를 한번 봐 달라고 알렸습니다."
    assert why(lambda: does(office, "choi", "remind", number)) == "office.again"
    assert why(lambda: does(office, "park", "remind", number)) == "office.oneself"
    sid = office.filing(number).sid
    assert "nudged" in [one.kind for one in office.see(lambda u: journal.history(u, sid))]
    office.clock.set(office.clock() + timedelta(days=1))
    office.do(lambda u: whole(office, u, "choi"))
    does(office, "choi", "remind", number)


def whole(office: Office, unit: Any, who: str) -> None:
    linking.whole(office.svc, unit, id_of(office, who))


def test_who_is_not_linked_is_nudged_by_mail_and_nobody_by_nothing(office: Office):
    link(office, "choi")
    number = built(office)
    guarded(office, number, "build")
    assert why(lambda: does(office, "choi", "remind", number)) == "office.nobody"
    office.act("kim", number, "assign", handler="lim")
    before = len(mails(office, "lim"))
    does(office, "choi", "remind", number)
    assert len(mails(office, "lim")) == before + 1
    link(office, "yoon")
    assert why(lambda: does(office, "yoon", "remind", number)) == "filing.unknown"


async def test_what_was_put_off_comes_back_and_reminds_of_nothing_before(
    office: Office, messenger: Messenger
):
    link(office, "park")
    filed = office.investigating()
    await messenger.round()
    until = does(office, "park", "snooze", filed.number, until="three")
    assert "11월 26일(목)" in told(office, until)
    for day in ("24", "25"):
        office.goes(f"2026-11-{day} 10:00")
    found = await messenger.round()
    assert [one for one in found if isinstance(one.reply, Say) and one.thread is None] == []
    office.clock.set(at("2026-11-26 09:01"))
    office.do(lambda u: whole(office, u, "park"))
    office.tick()
    back = [told(office, one.reply) for one in await messenger.round()]
    assert [one for one in back if "나중에 보기로 한 신고입니다" in one]
    office.goes("2026-11-26 09:31")
    assert [one for one in await messenger.round() if "나중에" in told(office, one.reply)] == []


def test_a_reminder_that_is_put_off_is_not_mailed_either(office: Office):
    number = office.investigating().number
    park, filing = id_of(office, "park"), office.filing(number)
    office.do(lambda u: snoozes.put(u, park, filing.id, at("2026-12-01 09:00")))
    before = len(mails(office, "park"))
    office.goes("2026-11-26 09:30")  # three working days before
    office.goes("2026-11-30 09:30")
    assert len(mails(office, "park")) == before
    assert "desk.answer_due" in office.tasks("park")  # the task is there all the same


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"until": "day"}, "day"),
        ({"until": "day", "day": "2026-11-20"}, "day"),
        ({"until": "day", "day": "2026-11-23"}, "day"),
        ({"until": "day", "day": "2026-12-02"}, "day"),
        ({"until": "nonsense"}, "until"),
    ],
)
def test_nothing_is_put_off_past_its_date_or_into_the_past(
    office: Office, given: dict[str, str], field: str
):
    link(office, "park")
    number = office.investigating().number
    with pytest.raises(moves.BadFields) as caught:
        does(office, "park", "snooze", number, **given)
    assert set(caught.value.errors) == {field}
    assert all(office.say(words) for words in caught.value.errors.values())


def test_what_is_late_rests_for_one_morning_at_most(office: Office):
    link(office, "park")
    number = office.investigating().number
    office.clock.set(at("2026-12-03 15:00"))
    office.do(lambda u: whole(office, u, "park"))
    with pytest.raises(moves.BadFields) as caught:
        does(office, "park", "snooze", number, until="week")
    assert set(caught.value.errors) == {"until"}
    assert "12월 4일(금)" in told(office, does(office, "park", "snooze", number))


def test_what_is_closed_is_neither_put_off_nor_nudged(office: Office):
    link(office, "kim", "choi")
    filed = office.investigating()
    office.act(office.reporter(filed), filed.number, "withdraw")
    for what in ("snooze", "remind"):
        assert why(lambda what=what: does(office, "choi", what, filed.number)) == "office.closed"


def test_the_form_of_putting_off_has_all_its_words(office: Office):
    check(FORM, office.texts)
    link(office, "park")
    page = asked(office, "park", "snooze", office.investigating().number)
    assert page is not None
    assert [step.name for step in page.form.steps] == ["until", "day"]


def test_home_shows_what_waits_for_each(office: Office):
    link(office, "park", "choi", "kim", "lee", "han")
    first = office.investigating()
    second = built(office)
    guarded(office, second, "build")

    def shelves(who: str) -> dict[str, list[str]]:
        actor = here(office, who)
        page = office.see(lambda u: acts.home(office.svc, u, actor))
        assert page.name
        assert all(office.say(one.title) and office.say(one.empty) for one in page.shelves)
        return {one.title.key.rpartition(".")[2]: [line.number for line in one.lines]
                for one in page.shelves}  # fmt: skip

    assert shelves("park") == {"mine": [first.number], "overdue": [], "deciding": []}
    assert shelves("kim") == {"mine": [], "overdue": [], "new": [second]}
    assert shelves("choi") == {"mine": [], "overdue": [], "new": [second], "deciding": []}
    assert shelves("lee") == {"facts": []}
    assert shelves("han") == {"deciding": []}
    office.clock.set(at("2026-12-03 10:00"))
    for who in ("park", "choi"):
        office.do(lambda u, who=who: whole(office, u, who))
    assert shelves("park")["overdue"] == [first.number]
    assert set(shelves("choi")["overdue"]) == {first.number, second}
    options = office.see(lambda u: acts.home(office.svc, u, office.people["kim"])).options
    assert [one.url.rpartition("/")[2] for one in options] == ["filings", "write", "tasks"]


def test_a_shelf_holds_twenty_and_counts_the_rest(office: Office):
    link(office, "kim")
    for n in range(22):
        number = office.file(answers(unit={"value": "build", "label": "건축과"}), address=f"p{n}")
        guarded(office, number.number, "build")
    actor = here(office, "kim")
    page = office.see(lambda u: acts.home(office.svc, u, actor))
    new = next(one for one in page.shelves if one.title.key == "office.shelf.new")
    assert (len(new.lines), new.more) == (20, 2)
    assert new.url == "https://desk.gaon.example/filings?show=new"
    assert "나머지 2건" in office.say(says(office, "kim", "대기").options[0].label)


def test_commands_show_what_the_asker_may_see(office: Office):
    link(office, "park", "kim", "lee", "yoon")
    number = office.investigating().number  # about the road unit
    assert number in told(office, says(office, "park", "내 일"))
    assert "기한이 지난 신고가 없습니다" in told(office, says(office, "park", "지남"))
    assert "담당을 기다리는 신고가 없습니다" in told(office, says(office, "kim", "대기"))
    assert number in told(office, says(office, "park", "대기"))  # who assigns nothing: his own
    card = told(office, says(office, "park", number.lower().replace("-", " ")))
    assert card.count(number) == card.count("소극행정 신고") == 1
    for who in ("lee", "yoon"):
        assert why(lambda who=who: says(office, who, number)) == "filing.unknown"
    assert why(lambda: says(office, "lee", "대기")) == "office.no_queue"


def test_commands_for_what_was_put_off(office: Office):
    link(office, "park")
    number = office.investigating().number
    assert "나중에 보기로 한 신고가 없습니다" in told(office, says(office, "park", "알림"))
    does(office, "park", "snooze", number)
    text = told(office, says(office, "park", "알림"))
    assert "11월 24일(화)" in text
    assert number in text


def test_linking_and_unlinking_by_command(office: Office):
    code = office.do(lambda u: offer(office, u, "park"))
    assert "박감사" in told(office, says(office, "park", f"연결 {code}"))
    assert linked(office, "park")
    assert "끊었습니다" in told(office, says(office, "park", "연결 해제"))
    assert not linked(office, "park")
    assert why(lambda: says(office, "park", "연결")) == "office.no_code"
    assert why(lambda: says(office, "park", "연결 abc")) == "office.code"
    assert why(lambda: says(office, "park", "대기")) == "office.not_linked"


def offer(office: Office, unit: Any, who: str) -> str:
    return linking.offer(office.svc, unit, office.people[who])


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("도움말", "/civic 대기"), ("사전컨설팅", "신청한 사전컨설팅이 없습니다"),
        ("알려줘", "이 말을 찾으셨나요"), ("피자", "도움말"), ("2026-AAAA-A1", "번호를 다시"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_answered_with_what_can(office: Office, said: str, words: str):
    link(office, "park")
    assert words in told(office, says(office, "park", said))


def test_nobody_is_answered_from_another_workspace(office: Office):
    for text in ("도움말", "연결", "대기"):
        call = lambda u, text=text: acts.command(office.svc, u, "T0OTHER", "U0X", text)  # noqa: E731
        assert why(lambda call=call: office.do(call)) == "office.other_account"


def test_every_act_has_its_words_and_the_levels_are_one_in_the_other(office: Office):
    assert set(cards.NUMBERS) < set(cards.FULL) == acts.MAY
    assert {"note", "read"} == set(cards.FULL) - set(cards.NUMBERS)
    for what in acts.MAY:
        assert office.texts.has(f"office.act.{what}")
    assert rights.may(office.people["park"], Right.QUEUE)
    assert office.rows(CHANNEL) == []
