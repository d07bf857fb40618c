"""국민신청 길잡이 after the form: asked again only with consent, and known to nobody at the office."""

from typing import Any

import pytest
import sqlalchemy as sa

from bot.dialogs.call_back import CallBack
from bot.dialogs.national_application import NationalApplication
from bot.dialogs.replies import Say
from bot.errors import Refused
from bot.services import calls, filings, listing, portal, status, views
from bot.services.base import Actor, citizen
from bot.services.house import HOUSE
from storage import journal, models
from storage.repositories import consents, peers, tasks
from tests.services.conftest import Office, keys_of

SECRET = "옥상에서 음식을 팔고 싶어요"


def applied(**changes: Any) -> NationalApplication:
    known: dict[str, Any] = {
        "notice": "refused", "reason": "no_law", "kind": "permit", "notified": "2026-11-03",
        "ref": "가온시 건축과 2026-1234", "goal": SECRET, "quote": "규정이 없어 허가할 수 없음",
        "wish": "기준을 세워 주세요", "sent": "later", "follow": "yes", "reply_by": "here",
    }  # fmt: skip
    return NationalApplication.model_validate({**known, **changes})


def follow(office: Office, channel: str = "web", **changes: Any) -> filings.Filed:
    peer = office.peer(channel)
    prefs = filings.Prefs(channel, channel, "ko", office.clock(), own_page=channel == "web")
    return office.do(
        lambda u: filings.file(
            office.svc, u, "national_application", applied(**changes), peer, prefs
        )
    )


def asked(office: Office, channel: str = "web") -> list[Say]:
    found = [one for one in office.sent(channel) if isinstance(one, Say)]
    return [one for one in found if "notice.follow.ask" in str(one.text)]


def buttons(one: Say) -> list[str]:
    return [option.arg.split()[0] for option in one.options]


def test_what_was_written_is_not_kept(office: Office):
    filed = follow(office)
    kept = office.see(lambda u: filings.filings.answers(u, office.filing(filed.number)))
    assert kept == {
        "notice": "refused", "reason": "no_law", "kind": "permit", "notified": "2026-11-03",
        "sent": "later", "follow": "yes",
    }  # fmt: skip


def test_the_receipt_says_that_nothing_was_applied_for(office: Office):
    filed = follow(office)
    (receipt,) = filed.replies
    words = office.say(receipt.text)
    assert "여기서 쓴 것만으로는 신청된 것이 아니에요" in words
    assert filed.code is None
    assert filed.due_at is None
    assert [one.command for one in receipt.options] == ["status"]


def test_who_had_filed_it_is_not_asked_whether_he_has(office: Office):
    assert office.filing(follow(office, sent="filed").number).state == "filed_there"


def test_one_is_asked_every_other_week_with_what_can_be_answered_now(office: Office):
    filed = follow(office)
    office.goes("2026-12-07 18:00")
    assert asked(office) == []
    office.goes("2026-12-08 09:00")
    (first,) = asked(office)
    assert "국민신문고에 내셨나요?" in office.say(first.text)
    assert buttons(first) == ["told_filed", "not_yet", "stop_asking"]
    me = office.reporter(filed)
    done = office.act(me, filed.number, "told_filed")
    assert keys_of(done.replies) == ["notice.follow.noted"]
    assert "국민신문고와 이어져 있지는 않아요" in office.say(done.replies[0].text)
    office.goes("2026-12-23 09:00")
    _, second = asked(office)
    assert "어떻게 되었나요?" in office.say(second.text)
    assert buttons(second) == [
        "told_review", "told_assigned", "told_result", "nothing_new", "stop_asking"
    ]  # fmt: skip


def test_one_is_asked_where_one_wanted_to_be(office: Office):
    follow(office, reply_by="email", email="hong@example.com")
    office.goes("2026-12-08 09:00")
    assert len(asked(office, "mail")) == 1


def test_who_says_stop_is_never_asked_again_and_all_of_it_goes(office: Office):
    filed = follow(office)
    office.goes("2026-12-08 09:00")
    done = office.act(office.reporter(filed), filed.number, "stop_asking")
    assert keys_of(done.replies) == ["notice.follow.stopped"]
    assert len(asked(office)) == 1
    office.goes("2026-12-08 18:00")
    assert office.filing(filed.number).state == "ended"  # its last words can still be read
    office.goes("2026-12-23 09:00")
    assert asked(office) == []
    assert gone(office, filed)


def test_who_tells_the_result_is_asked_nothing_more(office: Office):
    filed = follow(office, sent="filed")
    me = office.reporter(filed)
    office.act(me, filed.number, "told_review")
    office.act(me, filed.number, "told_assigned")
    office.act(me, filed.number, "nothing_new")
    office.act(me, filed.number, "told_result", came="partly")
    office.goes("2026-12-28 09:00")
    assert asked(office) == []
    assert gone(office, filed)


def test_after_half_a_year_it_ends_by_itself(office: Office):
    filed = follow(office)
    office.goes("2027-05-25 09:00")
    assert office.filing(filed.number).state == "ended"
    assert "notice.follow.over" in office.told(filed)
    office.goes("2027-05-26 10:00")
    assert gone(office, filed)


def gone(office: Office, filed: filings.Filed) -> bool:
    f = models.filings.c
    row = office.see(
        lambda u: u.conn.execute(sa.select(models.filings).where(f.id == filed.filing_id)).one()
    )
    return row.state == "erased" and row.peer_id is None and row.answers is None


@pytest.mark.parametrize("channel", ["web", "telegram"])
def test_nobody_at_the_office_learns_that_it_is_there(office: Office, channel: str):
    """What lists, counts, finds, prints and tells: for every official, at every stage."""
    filed = follow(office, channel)
    office.act(office.reporter(filed), filed.number, "not_yet")
    office.goes("2027-02-08 09:00")
    for who, actor in office.people.items():
        with pytest.raises(Refused):
            office.see(lambda u, a=actor: views.by_number(office.svc, u, a, filed.number))
        for wanted in (listing.Wanted(show=show) for show in listing.SHOWS):
            page = office.see(lambda u, a=actor, w=wanted: listing.rows(office.svc, u, a, w))
            assert filed.number not in str(page), (who, wanted)
        assert filed.number not in str(office.see(lambda u, w=who: office.tasks(w)))
    told = office.see(tasks.open_)
    assert [row for row in told if row.filing_id == filed.filing_id] == []
    assert [row for row in office.rows("mail") if row.filing_id == filed.filing_id] == []
    assert office.rows("slack") == []


def test_what_cannot_be_delivered_is_no_task(office: Office):
    filed = follow(office, "telegram")
    peer = office.filing(filed.number).peer_id
    office.do(lambda u: peers.set_state(u, peer, "gone"))
    office.goes("2026-12-08 09:00")
    assert office.see(tasks.open_) == []


def test_a_call_is_about_nothing_that_is_ones_own(office: Office):
    filed = follow(office)
    peer = office.filing(filed.number).peer_id
    wanted = CallBack(phone="010-1234-5678", wish="any")
    office.do(lambda u: calls.ask(office.svc, u, peer, "ko", wanted, filed.number))
    (waiting,) = office.see(lambda u: calls.waiting(u, office.people["kim"]))
    assert waiting.number == ""


def test_one_finds_ones_own_and_can_stop_it(office: Office):
    filed = follow(office)
    me = citizen(office.filing(filed.number).peer_id)
    (found,) = office.see(lambda u: status.mine(office.svc, u, me.peer_id))
    assert found.own
    assert found.actions == ("told_filed", "not_yet", "stop_asking")
    assert "이어져 있지 않아요" in office.say(found.read)
    assert office.refused(Actor("clock", roles=frozenset({"clock"})), filed.number, "told_filed")


# 국민신문고가 멈춘 때


def turn(office: Office, *, down: bool, actor: Actor | None = None) -> None:
    by = actor or office.people["han"]
    office.do(lambda u: portal.turn(office.svc, u, by, is_down=down))


def test_who_waits_for_the_portal_is_told_once_when_it_is_back(office: Office):
    peer = office.peer()
    wait = lambda: office.do(lambda u: portal.wait(office.svc, u, peer, "v", "ko"))  # noqa: E731
    assert wait() == "open"
    turn(office, down=True)
    assert (wait(), wait()) == ("asked", "already")
    assert office.see(lambda u: portal.state(office.svc, u)).waiting == 1
    office.goes("2026-11-24 10:00")
    assert office.sent("web") == []
    turn(office, down=False)
    office.goes("2026-11-24 11:00")
    office.goes("2026-11-24 12:00")
    (told,) = office.sent("web")
    assert "다시 열렸어요" in office.say(told.text)
    assert not office.see(lambda u: consents.has(u, peer, portal.WAITS))


def test_nobody_is_told_of_a_portal_that_went_down_again(office: Office):
    peer = office.peer()
    turn(office, down=True)
    office.do(lambda u: portal.wait(office.svc, u, peer, "v", "ko"))
    turn(office, down=False)
    (due,) = office.see(lambda u: list(portal.due(office.svc, u)))
    turn(office, down=True)
    office.do(due[2])
    assert office.sent("web") == []


def test_only_the_chief_and_the_administrator_turn_it_and_it_is_written_down(office: Office):
    for who in ("kim", "choi", "seo"):
        with pytest.raises(Refused):
            turn(office, down=True, actor=office.people[who])
    turn(office, down=True)
    turn(office, down=True)
    assert office.see(lambda u: portal.down(office.svc, u))
    turn(office, down=False)
    kinds = [one.kind for one in office.see(lambda u: journal.history(u, HOUSE))]
    assert [one for one in kinds if one.startswith("portal")] == ["portal_down", "portal_up"]
