"""A card per filing: who has one, that it is the newest, and that it never says a word (S8, S14)."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.channel import Later, Never, Parcel
from bot.dialogs.replies import Cards, Say
from bot.services import accounts, base, cards, rooms, views
from storage.repositories import official_links, posted, users
from tests.guards.test_confirming import confirm
from tests.office.conftest import (
    CHANNEL,
    ROOM,
    Messenger,
    address,
    clean,
    guarded,
    link,
)
from tests.office.test_linking import id_of, mails
from tests.services.conftest import Office, answers, at, nameless

ONCE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
pytestmark = ONCE
BUILD = {"value": "build", "label": "건축과"}


def built(office: Office, **more: Any) -> str:
    """File a report about the building unit; its guard keeps nobody of the office out."""
    return office.file(answers(unit=BUILD, **more)).number


def shown(office: Office, parcel: Parcel) -> dict[str, str]:
    """Read a card as labels and values."""
    assert isinstance(parcel.reply, Cards)
    return {office.say(one.title): office.say(one.text) for one in parcel.reply.cards}


def acts(parcel: Parcel) -> list[str]:
    assert isinstance(parcel.reply, Cards | Say)
    return [one.arg.split()[0] if one.command else "desk" for one in parcel.reply.options]


def peer_of(office: Office, login: str) -> int:
    known = office.see(lambda u: official_links.of_user(u, id_of(office, login)))
    assert known is not None
    return known.peer_id


async def test_the_room_has_a_card_once_the_guard_is_confirmed(
    office: Office, messenger: Messenger
):
    clean(office)
    number = built(office)
    assert await messenger.round() == []
    guarded(office, number, "build")
    (card,) = await messenger.round()
    assert (card.address, card.replaces) == (ROOM, None)
    assert office.say(card.reply.text) == f"소극행정 신고 {number}"  # said once, at its head
    known = {"상태": "접수", "기한": "12월 1일(화)까지", "담당": "아직 없음"}
    assert shown(office, card) == known
    assert acts(card) == ["assign", "snooze", "desk"]
    assert card.reply.options[-1].url == f"https://desk.gaon.example/filings/{number}"


async def test_what_happens_is_edited_into_the_card_and_stands_in_its_thread(
    office: Office, messenger: Messenger
):
    clean(office)
    number = built(office)
    guarded(office, number, "build")
    await messenger.round()
    office.act("kim", number, "assign", handler="park")
    office.act("park", number, "start")
    found = await messenger.round()
    edits = [one for one in found if isinstance(one.reply, Cards)]
    lines = [one for one in found if isinstance(one.reply, Say)]
    assert [one.replaces for one in edits] == ["1"]  # two changes, one edit
    assert shown(office, edits[0])["담당"] == "박감사"
    assert acts(edits[0]) == ["reassign", "remind", "snooze", "desk"]
    said = [office.say(one.reply.text) for one in lines]
    assert said == ["담당 정하기 · 김접수", "조사 시작 알리기 · 박감사"]
    assert {one.address for one in found} == {ROOM}
    assert {one.thread for one in lines} == {"1"}


async def test_a_note_or_a_letter_changes_no_card(office: Office, messenger: Messenger):
    clean(office)
    number = built(office)
    guarded(office, number, "build")
    office.act("kim", number, "assign", handler="park")
    await messenger.round()
    office.act("park", number, "note", text="은행나무길을 한 번 더 봅니다.")
    found = await messenger.round()
    assert all(isinstance(one.reply, Cards) for one in found)  # the version may have moved


@pytest.mark.parametrize("why", ["dirty", "unconfirmed", "barred", "restricted", "off"])
async def test_the_room_hears_nothing_of_what_not_all_of_it_may_know(
    office: Office, messenger: Messenger, why: str
):
    if why != "dirty":
        clean(office)
    if why == "off":
        office.svc = replace(office.svc, office=base.Office())
    number = built(office)
    if why == "unconfirmed":
        office.act("kim", number, "note", text="아직 확인 전입니다.")
    elif why == "barred":
        guarded(office, number, "road")  # an auditor sits there
    elif why == "restricted":
        confirm(office, number, people=("park", "lim", "choi", "yoon"))
        assert office.filing(number).restricted_at is not None
    else:
        guarded(office, number, "build")
    assert [one for one in await messenger.round() if one.address == ROOM] == []


async def test_who_steps_back_takes_the_card_out_of_the_room(office: Office, messenger: Messenger):
    clean(office)
    number = built(office)
    guarded(office, number, "build")
    office.act("kim", number, "assign", handler="park")
    await messenger.round()
    park = office.people["park"]
    office.do(lambda u: views.declare(office.svc, u, park, number, conflict=True))
    found = await messenger.round()
    assert [(one.address, one.delete) for one in found] == [(ROOM, "1")]
    office.act("choi", number, "reassign", handler="lim")
    assert await messenger.round() == []
    room = office.do(lambda u: rooms.peer(office.svc, u))
    assert office.see(lambda u: posted.of(u, office.filing(number).id, room)) is None


async def test_people_who_move_take_the_card_out_at_the_next_look(
    office: Office, messenger: Messenger
):
    clean(office)
    number = built(office)
    guarded(office, number, "build")
    await messenger.round()
    build = office.see(lambda u: accounts.units.by_code(u, "build")).id
    lim = id_of(office, "lim")
    office.do(lambda u: accounts.move(office.svc, u, None, lim, build, head=False))
    assert await messenger.round() == []
    office.goes("2026-11-23 11:00")
    assert [one.delete for one in await messenger.round()] == ["1"]


async def test_a_room_that_is_not_clean_any_more_loses_its_cards_with_the_next_change(
    office: Office, messenger: Messenger
):
    clean(office)
    number = built(office)
    guarded(office, number, "build")
    await messenger.round()
    office.do(lambda u: rooms.note_dirty(office.svc, u))
    office.act("kim", number, "assign", handler="park")
    found = await messenger.round()
    assert [one.delete for one in found] == ["1"]


async def test_a_handler_who_is_linked_gets_a_card_and_one_who_is_not_a_letter(
    office: Office, messenger: Messenger
):
    link(office, "park")
    filed = office.file()
    office.act("kim", filed.number, "assign", handler="park", unit="road")
    (card,) = await messenger.round()
    assert card.address == address("park")
    assert office.say(card.reply.text) == "맡을 신고가 정해졌습니다"
    assert shown(office, card)["담당"] == "박감사"
    assert acts(card) == ["snooze", "desk"]  # he reminds not himself, and assigns nobody
    assert "official.body" not in mails(office, "park")
    assert mails(office, "kim")
    office.act("park", filed.number, "start")
    edit, line = await messenger.round()
    assert (edit.replaces, line.thread) == ("1", "1")


async def test_a_card_goes_from_who_does_not_handle_it_any_more(
    office: Office, messenger: Messenger
):
    link(office, "park", "lim")
    filed = office.file()
    office.act("kim", filed.number, "assign", handler="park", unit="road")
    await messenger.round()
    office.act("choi", filed.number, "reassign", handler="lim")
    found = await messenger.round()
    assert [(one.address, one.delete) for one in found if one.delete] == [(address("park"), "1")]
    (new,) = [one for one in found if isinstance(one.reply, Cards)]
    assert (new.address, new.replaces) == (address("lim"), None)


async def test_a_second_notice_of_a_filing_is_a_line_beside_its_card(
    office: Office, messenger: Messenger
):
    link(office, "park")
    filed = office.investigating()
    await messenger.round()
    office.act(office.reporter(filed), filed.number, "message", text="은행나무길이 또 파였어요.")
    found = await messenger.round()
    told = [one for one in found if isinstance(one.reply, Say)]
    assert [office.say(one.reply.text).split("\n")[0] for one in told] == ["시민의 글이 왔습니다"]
    assert [one.replaces for one in told] == [None]
    assert acts(told[0]) == ["desk"]


async def test_a_report_without_a_name_leaves_no_row_that_is_tied_to_it(
    office: Office, messenger: Messenger
):
    clean(office)
    link(office, "park")
    number = office.file(nameless(unit=BUILD)).number
    guarded(office, number, "build")
    office.act("kim", number, "assign", handler="park")
    found = await messenger.round()
    assert {one.address for one in found} == {ROOM, address("park")}
    assert {row.filing_id for row in office.rows(CHANNEL)} == {None}
    office.clock.set(office.clock() + timedelta(minutes=7))
    office.act("park", number, "start")
    await messenger.round()
    office.do(lambda u: cards.changed(office.svc, u, None, office.filing(number).id))
    (row,) = [row for row in office.rows(CHANNEL) if row.status == "pending"]
    assert row.due_at == at("2026-11-23 11:00")  # the reporter was here: the full hour


async def test_a_closed_account_gets_nothing_more(office: Office, messenger: Messenger):
    link(office, "park")
    filed = office.investigating()
    await messenger.round()
    park = id_of(office, "park")
    office.do(lambda u: accounts.close(office.svc, u, office.people["han"], park))
    assert [one for one in await messenger.round() if one.address == address("park")] == []
    assert office.filing(filed.number).assignee_id is None


async def test_a_reader_who_lost_his_role_meanwhile_gets_nothing(
    office: Office, messenger: Messenger
):
    link(office, "park")
    office.investigating()
    assert [row.status for row in office.rows(CHANNEL)] == ["pending"]
    office.do(lambda u: users.revoke(u, id_of(office, "park"), "auditor"))
    assert await messenger.round() == []
    assert [row.problem for row in office.rows(CHANNEL)] == ["stale"]


async def test_what_the_messenger_can_never_deliver_goes_by_mail_at_once(
    office: Office, messenger: Messenger
):
    link(office, "park")
    office.investigating()
    messenger.script(Never("bad_channel"))
    await messenger.round()
    assert mails(office, "park").count("official.body") == 1
    office.goes("2026-11-23 11:00")
    assert "undelivered" not in office.tasks("kim")
    assert next(row.status for row in office.rows(CHANNEL)) == "dropped"


async def test_an_account_that_is_gone_ends_its_link_and_its_notices_go_by_mail(
    office: Office, messenger: Messenger
):
    link(office, "park")
    filed = office.investigating()
    office.act(office.reporter(filed), filed.number, "message", text="덧붙입니다.")
    messenger.script(Never("gone", peer_gone=True))
    await messenger.round()
    assert office.see(lambda u: official_links.of_user(u, id_of(office, "park"))) is None
    assert mails(office, "park").count("official.body") == 2
    assert mails(office, "park")[-1] == "official.office_unlinked"


async def test_an_hour_without_the_messenger_loses_nothing(office: Office, messenger: Messenger):
    link(office, "park")
    office.investigating()
    messenger.script(Later(3600, counts=False))
    await messenger.round()
    assert await messenger.round() == []
    office.clock.set(office.clock() + timedelta(hours=1, seconds=1))
    (card,) = await messenger.round()
    assert card.address == address("park")


async def test_without_a_messenger_no_row_is_ever_written_for_it(build: Any):
    office = build()
    clean(replace_office(office))
    number = built(office)
    guarded(office, number, "build")
    office.act("kim", number, "assign", handler="park")
    office.act("park", number, "start")
    office.goes("2026-11-30 09:00")
    assert office.rows(CHANNEL) == []


def replace_office(office: Office) -> Office:
    """Give an office that has a messenger, on the same database."""
    there = replace(office.svc, office=base.Office(CHANNEL, "T0GAON", ROOM, "numbers"))
    return Office(office.store, office.clock, there, office.texts, office.people)


async def test_when_the_messenger_is_turned_off_what_waited_goes_by_mail(
    office: Office, messenger: Messenger
):
    link(office, "park")
    office.investigating()
    office.svc = replace(office.svc, office=base.Office())
    office.goes("2026-11-23 11:00")
    assert mails(office, "park").count("official.body") == 1
    assert [row.problem for row in office.rows(CHANNEL)] == ["off"]


async def test_the_message_of_a_destroyed_case_is_deleted(office: Office, messenger: Messenger):
    clean(office)
    number = built(office)
    guarded(office, number, "build")
    await messenger.round()
    filing = office.filing(number)
    assert office.do(lambda u: cards.taken(office.svc, u, filing.id)) == 1
    assert [one.delete for one in await messenger.round()] == ["1"]


async def test_a_filing_that_is_gone_has_no_card(office: Office):
    link(office, "park")
    peer = peer_of(office, "park")
    assert office.do(lambda u: cards.fresh(office.svc, u, "2026-AAAA-22", peer)) is None
    assert office.do(lambda u: cards.readable(office.svc, u, "2026-AAAA-22", peer)) is None
    number = built(office)
    citizen = office.peer()
    assert office.do(lambda u: cards.fresh(office.svc, u, number, citizen)) is None


def test_at_no_level_a_card_holds_a_word(office: Office):
    clean(office)
    secret = "은행나무길"
    number = built(office, what=f"{secret} 앞 길이 파였어요.", name="홍길동")
    for level in ("numbers", "full"):
        there = replace(office.svc.office, level=level)
        office.svc = replace(office.svc, office=there)
        for who in ("kim", "choi"):
            actor = office.people[who]
            if who == "choi":
                guarded(office, number, "build")
            card = office.do(lambda u, actor=actor: cards.board(office.svc, u, actor, number))
            told = office.say(card.text) + repr([office.say(one.text) for one in card.cards])
            assert secret not in told
            assert "홍길동" not in told
    assert any(one.arg.startswith("read") for one in card.options)
