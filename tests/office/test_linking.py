"""Whose account is whose: a code from the desk, once; and an end with what it hung on (S29)."""

import dataclasses
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from bot.dialogs.replies import Phrase, Say
from bot.errors import Refused
from bot.services import (
    accounts,
    approvals,
    base,
    house,
    leavers,
    linking,
    officials,
    peers,
    people,
    replay,
    roads,
    rooms,
    sessions,
    totp,
)
from bot.services.base import Actor, Desk
from storage import erasures, journal, models
from storage.repositories import (
    official_links,
    outbox,
    posted,
    postings,
    tickets,
    units,
    users,
)
from tests.office.conftest import ACCOUNT, CHANNEL, ROOM, address, here, link, with_messenger
from tests.services.conftest import Office

ONCE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
pytestmark = ONCE


def offer(office: Office, login: str) -> str:
    code: str = office.do(lambda u: linking.offer(office.svc, u, office.people[login]))
    return code


def says(office: Office, login: str, code: str, account: str = ACCOUNT) -> Any:
    return office.do(lambda u: linking.link(office.svc, u, account, address(login), code))


def why(call: Any) -> str:
    with pytest.raises(Refused) as caught:
        call()
    return caught.value.key


def linked(office: Office, login: str) -> bool:
    mine = id_of(office, login)
    return office.see(lambda u: official_links.of_user(u, mine)) is not None


def id_of(office: Office, login: str) -> int:
    found = office.people[login].user_id
    assert found is not None
    return found


def mails(office: Office, login: str) -> list[str]:
    """Give the keys of what was mailed to an official."""
    found = []
    for row in office.rows("mail"):
        peer = office.see(lambda u, row=row: peers.peers.get(u, row.peer_id))
        if peer.address == f"{login}@gaon.example":
            reply = office.see(lambda u, row=row: outbox.read_payload(u, row.id))
            found.append(reply.decode())
    return [text.split('"key":"')[1].split('"')[0] for text in found]


def test_a_code_of_the_desk_ties_the_account_that_says_it_once(office: Office):
    code = offer(office, "park")
    assert why(lambda: here(office, "park")) == "office.not_linked"
    who = says(office, "park", code.lower().replace("-", " "))
    assert who.name == "박감사"
    actor = here(office, "park")
    assert (actor.user_id, actor.roles) == (id_of(office, "park"), {"auditor"})
    assert actor.network == CHANNEL
    assert why(lambda: says(office, "lim", code)) == "office.code"
    assert mails(office, "park") == ["official.office_linked"]


def test_a_code_is_kept_as_a_keyed_hash_and_dies_after_ten_minutes(office: Office):
    code = offer(office, "park")
    rows = office.see(lambda u: u.conn.execute(sa.select(models.tickets)).all())
    plain = [tickets.token_hash(one) for one in (code, code.replace("-", ""))]
    assert [row.kind for row in rows] == [linking.TICKET]
    assert not {row.hash for row in rows} & set(plain)
    office.clock.set(office.clock() + timedelta(minutes=10))
    assert why(lambda: says(office, "park", code)) == "office.code"
    first, second = offer(office, "park"), offer(office, "park")
    assert why(lambda: says(office, "park", first)) == "office.code"
    assert says(office, "park", second).login == "park"


def test_only_our_own_workspace_and_only_officials_with_a_role(office: Office):
    code = offer(office, "park")
    assert why(lambda: says(office, "park", code, "T0OTHER")) == "office.other_account"
    assert says(office, "park", code).login == "park"  # it was not used up by a stranger
    other = lambda u: linking.actor(office.svc, u, "T0OTHER", address("park"))  # noqa: E731
    assert why(lambda: office.do(other)) == "office.other_account"
    code = offer(office, "lim")
    office.do(lambda u: users.revoke(u, id_of(office, "lim"), "auditor"))
    assert why(lambda: says(office, "lim", code)) == "office.no_role"
    assert why(lambda: offer(office, "lim")) == "office.no_role"
    office.do(lambda u: users.revoke(u, id_of(office, "park"), "auditor"))
    assert why(lambda: here(office, "park")) == "office.no_role"


def test_without_a_messenger_nothing_is_tied(office: Office):
    link(office, "park")
    office.svc = dataclasses.replace(office.svc, office=base.Office())
    assert why(lambda: offer(office, "park")) == "office.off"
    assert why(lambda: here(office, "park")) == "office.off"
    assert office.see(lambda u: linking.user_of(office.svc, u, ACCOUNT, address("park"))) is None
    assert office.see(lambda u: rooms.peer(office.svc, u)) is None


def test_an_account_and_an_official_have_one_link_each(office: Office):
    link(office, "park", "lim")
    code = offer(office, "park")
    office.do(lambda u: linking.link(office.svc, u, ACCOUNT, address("lim"), code))
    assert not linked(office, "lim")
    assert linked(office, "park")
    assert why(lambda: here(office, "park")) == "office.not_linked"
    assert here(office, "lim").user_id == id_of(office, "park")
    assert mails(office, "lim")[-1] == "official.office_unlinked"


def test_an_account_that_was_not_looked_at_for_a_day_does_nothing(office: Office):
    link(office, "park")
    office.clock.set(office.clock() + timedelta(hours=24, seconds=1))
    assert why(lambda: here(office, "park")) == "office.unchecked"
    seen = office.see(lambda u: linking.state(office.svc, u, id_of(office, "park")))
    assert seen is not None
    assert seen.asleep
    office.do(lambda u: linking.whole(office.svc, u, id_of(office, "park")))
    assert here(office, "park").user_id == id_of(office, "park")
    assert office.see(lambda u: linking.user_of(office.svc, u, ACCOUNT, "U0NOBODY")) is None


def test_who_is_to_be_looked_at_comes_longest_ago_first(office: Office):
    link(office, "park")
    office.clock.set(office.clock() + timedelta(hours=2))
    link(office, "lim")
    office.do(lambda u: linking.whole(office.svc, u, id_of(office, "park")))
    office.clock.set(office.clock() + timedelta(hours=2))
    office.do(lambda u: linking.whole(office.svc, u, id_of(office, "lim")))
    office.do(lambda u: linking.whole(office.svc, u, 10_000))  # nobody's: nothing happens
    found = office.see(linking.watched)
    assert [(one.account, one.address) for one in found] == [
        (ACCOUNT, address("park")), (ACCOUNT, address("lim")),
    ]  # fmt: skip


@pytest.mark.parametrize("reason", linking.BROKEN)
def test_what_the_messenger_does_not_call_whole_ends(office: Office, reason: str):
    link(office, "park")
    assert office.do(lambda u: linking.broken(office.svc, u, id_of(office, "park"), reason))
    assert why(lambda: here(office, "park")) == "office.not_linked"
    assert not office.do(lambda u: linking.broken(office.svc, u, id_of(office, "park"), reason))


def test_what_waited_for_the_messenger_goes_by_mail_when_the_link_ends(office: Office):
    link(office, "park")
    mine = id_of(office, "park")
    known = office.see(lambda u: official_links.of_user(u, mine))
    words = roads.replies.dump(Say(Phrase("official.none")))
    now = office.clock()
    drafts = [outbox.Draft(5, roads.OFFICIAL, words, now), outbox.Draft(5, "thread", words, now)]
    office.do(lambda u: outbox.put(u, known.peer_id, drafts, now))
    filed = office.file()
    office.do(lambda u: posted.put(u, filed.filing_id, known.peer_id, "C:1", now))
    office.do(lambda u: linking.unlink(office.svc, u, mine, office.people["park"]))
    assert [row.problem for row in office.rows(CHANNEL)] == ["unlinked", "unlinked"]
    assert mails(office, "park").count("official.none") == 1
    assert office.see(lambda u: posted.of(u, filed.filing_id, known.peer_id)) is None
    assert not office.do(lambda u: linking.unlink(office.svc, u, mine, office.people["park"]))


def test_only_its_owner_and_who_keeps_the_accounts_end_a_link(office: Office):
    link(office, "park", "lim")
    park, lim = id_of(office, "park"), id_of(office, "lim")
    for who in ("lim", "choi", "seo"):
        call = lambda u, who=who: linking.unlink(office.svc, u, park, office.people[who])  # noqa: E731
        assert why(lambda call=call: office.do(call)) == "access.not_allowed"
    assert set(office.see(lambda u: linking.everybody(office.svc, u))) == {park, lim}
    assert office.do(lambda u: linking.unlink(office.svc, u, park, office.people["han"]))
    assert set(office.see(lambda u: linking.everybody(office.svc, u))) == {lim}
    kinds = [one.kind for one in office.see(lambda u: journal.history(u, house.HOUSE))]
    assert kinds[-1] == "office_unlinked"


def _close(svc: Desk, unit: Any, by: Actor, user_id: int) -> None:
    accounts.close(svc, unit, by, user_id)


def _leave(svc: Desk, unit: Any, by: Actor, user_id: int) -> None:
    accounts.leave(svc, unit, by, user_id)


def _role(svc: Desk, unit: Any, by: Actor, user_id: int) -> None:
    who = officials.official(unit, user_id)
    assert who is not None
    accounts.set_roles(svc, unit, by, who, (), {"auditor"})


ENDS = {"closed": _close, "left": _leave, "role": _role}


@pytest.mark.parametrize("how", ENDS)
def test_link_sessions_and_reports_end_with_the_account_or_its_role(office: Office, how: str):
    filed = office.investigating()
    link(office, "park")
    park, now = id_of(office, "park"), office.clock()
    office.do(lambda u: sessions.sessions.open_(u, "s", park, now, now + timedelta(hours=8)))
    han = office.people["han"]
    with pytest.raises(ZeroDivisionError):  # before the commit nothing of it has happened
        office.do(lambda u: (ENDS[how](office.svc, u, han, park), 1 // 0))
    assert linked(office, "park")
    assert office.filing(filed.number).assignee_id == park
    office.do(lambda u: ENDS[how](office.svc, u, han, park))
    assert not linked(office, "park")
    assert office.see(lambda u: sessions.session(office.svc, u, "s")) is None
    assert office.filing(filed.number).assignee_id is None
    assert "desk.unassigned" in office.tasks("choi")
    left = office.see(lambda u: leavers.handover_list(office.svc, u, office.people["choi"]))
    assert [(one.number, one.who) for one in left] == [(filed.number, "박감사")]
    assert office.see(lambda u: leavers.handover_list(office.svc, u, office.people["lim"])) == ()


def test_a_move_to_another_unit_ends_the_link_and_what_its_guard_keeps_from_him(office: Office):
    filed = office.investigating()  # about the road unit
    link(office, "park")
    park = id_of(office, "park")
    road = office.see(lambda u: units.by_code(u, "road")).id
    office.do(lambda u: accounts.move(office.svc, u, office.people["han"], park, road, head=False))
    assert not linked(office, "park")
    assert office.filing(filed.number).assignee_id is None


def test_a_posting_that_begins_by_the_clock_does_so_too(office: Office):
    filed = office.investigating()
    link(office, "park")
    park = id_of(office, "park")
    road, day = office.see(lambda u: units.by_code(u, "road")).id, office.clock().date()
    office.do(lambda u: postings.move(u, park, road, day, head=False))
    for key, work in office.see(lambda u: list(people.due(office.svc, u))):
        assert key.startswith("posted:")
        office.do(work)
    assert not linked(office, "park")
    assert office.filing(filed.number).assignee_id is None


def test_a_role_that_is_given_ends_no_link(office: Office):
    link(office, "lee")
    lee = office.see(lambda u: officials.official(u, id_of(office, "lee")))
    han = office.people["han"]
    office.do(lambda u: accounts.set_roles(office.svc, u, han, lee, {"unit_head"}, ()))
    assert linked(office, "lee")


@pytest.mark.parametrize("how", ["everywhere", "factor", "invited"])
def test_whatever_ends_all_sign_ins_ends_the_link(office: Office, how: str):
    link(office, "park")
    park, actor = id_of(office, "park"), office.people["park"]
    acts: dict[str, Any] = {
        "everywhere": lambda u: sessions.end_all(office.svc, u, actor),
        "factor": lambda u: totp.reset(office.svc, u, park),
        "invited": lambda u: accounts.access.invite(office.svc, u, None, park),
    }
    office.do(acts[how])
    assert not linked(office, "park")
    assert "official.office_unlinked" in mails(office, "park")


def test_a_lost_group_ends_the_link(office: Office):
    link(office, "park")
    park = id_of(office, "park")
    office.do(lambda u: approvals.void_of(office.svc, u, park))
    who = office.see(lambda u: officials.official(u, park))
    office.do(lambda u: accounts.set_roles(office.svc, u, None, who, (), who.roles))
    assert not linked(office, "park")


def test_neither_the_room_nor_a_linked_account_is_swept_with_newcomers(office: Office):
    link(office, "park", "lim")
    room = office.do(lambda u: rooms.peer(office.svc, u))
    office.peer("telegram", "newcomer")
    office.do(lambda u: linking.unlink(office.svc, u, id_of(office, "lim"), office.people["lim"]))
    office.clock.set(office.clock() + timedelta(days=60))
    gone = office.do(lambda u: peers.forget_unused(office.svc, u))
    assert gone.count == 2  # the newcomer, and the account that is nobody's any more
    left = office.see(lambda u: u.conn.scalars(sa.select(models.peers.c.id)).all())
    assert room in left
    assert {one.address for one in office.see(linking.watched)} == {address("park")}


def test_the_room_speaks_while_it_was_found_clean_lately(office: Office):
    svc = office.svc
    assert not office.see(lambda u: rooms.clean(svc, u))
    office.do(lambda u: rooms.note_clean(svc, u))
    assert office.see(lambda u: rooms.clean(svc, u))
    old = office.clock() - timedelta(days=365)
    office.do(lambda u: u.conn.execute(sa.update(models.heartbeats).values(at=old)))
    assert not office.see(lambda u: rooms.clean(svc, u))
    office.do(lambda u: rooms.note_clean(svc, u))
    office.do(lambda u: rooms.note_dirty(svc, u))
    assert not office.see(lambda u: rooms.clean(svc, u))


def test_a_room_that_is_gone_takes_its_messages_along(office: Office):
    svc, now = office.svc, office.clock()
    filed = office.file()
    room = office.do(lambda u: rooms.peer(svc, u))
    office.do(lambda u: posted.put(u, filed.filing_id, room, f"{ROOM}:1", now))
    office.do(lambda u: outbox.put(u, room, [outbox.Draft(5, "thread", b"{}", now)], now))
    assert office.do(lambda u: linking.lost(svc, u, room))
    assert office.see(lambda u: posted.of(u, filed.filing_id, room)) is None
    assert [row.status for row in office.rows(CHANNEL)] == ["dropped"]


def test_a_messenger_that_lets_go_of_us_ends_every_link(office: Office):
    link(office, "park", "lim")
    peer = office.see(lambda u: official_links.of_user(u, id_of(office, "lim"))).peer_id
    assert office.do(lambda u: linking.lost(office.svc, u, peer))
    citizen = office.peer()
    assert not office.do(lambda u: linking.lost(office.svc, u, citizen))
    assert office.do(lambda u: linking.app_gone(office.svc, u)) == 1
    assert office.see(linking.watched) == ()


def test_a_link_that_ended_stays_ended_after_a_restore(office: Office):
    link(office, "park")
    park = id_of(office, "park")
    peer = office.see(lambda u: official_links.of_user(u, park)).peer_id
    office.clock.set(office.clock() + timedelta(hours=1))
    office.do(lambda u: linking.unlink(office.svc, u, park, office.people["park"]))
    lines = erasures.read(office.store.erasures.path, office.store.ring)
    assert lines[-1].what == linking.ENDED
    before = office.clock() - timedelta(hours=1)
    office.do(lambda u: official_links.put(u, park, peer, before))  # as the backup had it
    assert office.do(lambda u: replay.replay(office.svc, u, lines))[linking.ENDED] == 1
    assert not linked(office, "park")
    office.clock.set(office.clock() + timedelta(hours=1))
    link(office, "park")
    assert office.do(lambda u: replay.replay(office.svc, u, lines))[linking.ENDED] == 0
    assert linked(office, "park")  # a new one is another matter


def test_the_levels_differ_in_words_alone(office: Office):
    assert (office.svc.office.on, office.svc.office.words) == (True, False)
    assert with_messenger(office, "full").svc.office.words
