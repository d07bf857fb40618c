"""The main job over two networks: filed outside, worked inside, answered outside."""

import os

import pytest

from bot.dialogs.call_back import CallBack
from bot.errors import Refused
from bot.services import calls, sight, status, views
from bot.services.base import citizen
from storage import journal
from storage.repositories import attachments, guards, relays, tasks, terms
from storage.repositories import calls as call_rows
from storage.repositories import filings as rows
from storage.unit import Unit
from tests.relay.conftest import MOST, Pair, Side
from tests.services.conftest import answers, at, nameless
from tests.services.test_report_story import APPROVED, RESULT


def far(side: Side, number: str) -> list[tuple[str, str]]:
    """Say what the desk shows of the road of a notice."""
    view = side.do(lambda u: views.view(side.svc, u, side.people["park"], number))
    return [(one.channel, one.status) for one in view.roads]


def test_what_is_filed_outside_is_worked_inside_and_answered_outside(pair: Pair):
    outside, inside = pair.outside, pair.inside
    filed = outside.file()
    number = filed.number
    reporter = outside.reporter(filed)
    pair.clock.advance(minutes=7)  # the road takes its time, the law's clock does not wait
    pair.settle()
    there, here = outside.filing(number), inside.filing(number)
    assert here.arrived_at == there.arrived_at
    assert (here.state, here.due_at) == (there.state, there.due_at)
    assert here.peer_id is None
    inside.act("kim", number, "assign", handler="park", unit="road", kind="neglect")
    inside.act("park", number, "start")
    park = inside.people["park"]
    inside.do(lambda u: views.declare(inside.svc, u, park, number, conflict=False))
    assert far(inside, number) == [("relay", "pending")]
    inside.step()
    assert far(inside, number) == [("relay", "sending")]
    pair.settle()
    assert far(inside, number) == [("relay", "sent")]
    asked = {"items": "고장 난 곳의 사진", "why": "어디인지 알려고요.", "days": "7"}
    inside.act("park", number, "ask_supplement", **asked)
    pair.settle()
    seen = outside.see(lambda u: status.by_number(outside.svc, u, reporter, number))
    assert seen.state == "supplement"
    assert "supplement_reply" in seen.actions
    assert seen.first_read_at == inside.filing(number).first_read_at
    assert outside.told(number)[-1] == "notice.supplement.ask"
    done = outside.act(reporter, number, "supplement_reply", text="시장 정문 앞입니다.")
    assert "안쪽 망" in outside.say(done.replies[0].text)
    assert "supplement_reply" not in outside.can(reporter, number)
    pair.settle()
    assert inside.filing(number).state == "investigating"
    assert outside.filing(number).state == "investigating"
    assert outside.told(number)[-1] == "notice.supplement.received"
    pair.clock.set(at("2026-12-01 14:00"))
    inside.act("park", number, "to_approval", **RESULT)
    inside.act("park", number, "result", **RESULT, **APPROVED)
    pair.settle()
    words = outside.words(filed, "notice.result.named")
    assert "소극행정이 있었다고 판단했습니다" in words
    assert "담당: 감사담당관 박감사" in words
    assert outside.sent("web")[-1].text.key == "notice.result.named"
    assert outside.sent("mail")[-1].text.params["text"].key == "notice.result.named"
    assert {one.text.key for one in inside.sent("mail")} == {"official.body"}
    assert not {one.text.key for one in outside.sent("mail")} & {"official.body"}


def test_no_desk_of_the_outside_sees_what_the_inside_works(pair: Pair):
    outside = pair.outside
    number = outside.file().number
    pair.settle()
    for who in outside.people.values():
        shown = outside.see(lambda u, who=who: sight.several(u, sight.visible_filings(who)))
        assert shown == ()
    due = outside.filing(number).due_at
    assert due is not None
    pair.clock.set(due)
    pair.clock.advance(days=3)
    about = ("receive", "remind", "over", "consent", "calendar", "whose", "idle")
    assert not [key for key in outside.tick() if key.startswith(about)]
    assert outside.filing(number).state == "received"
    pair.settle()  # what reached nobody is for a person, and those are inside
    assert outside.see(tasks.open_) == []
    assert pair.inside.filing(number).reach == "audit"
    guard = pair.inside.see(lambda u: guards.of(u, pair.inside.filing(number).id))
    assert [one.reason for one in guard] == ["complained"]


def test_who_reports_without_a_name_stays_without_one(pair: Pair):
    outside, inside = pair.outside, pair.inside
    filed = outside.file(nameless(), channel="telegram", address="7", link=True)
    pair.settle()
    here = inside.filing(filed.number)
    assert (here.mode, here.peer_id, here.arrived_at.minute) == ("anonymous", None, 0)
    assert inside.see(lambda u: rows.identity(u, here)) == {}
    assert set(inside.see(lambda u: rows.exact(u, here))) == {"arrived_at"}
    at_most = inside.see(lambda u: relays.of_kind(u, "state"))
    assert {one.at.minute for one in at_most} <= {0}
    inside.act("kim", filed.number, "assign", handler="park", unit="road")
    inside.act("park", filed.number, "start")
    pair.settle()
    assert [one.text.key for one in outside.sent("telegram")] == ["notice.news"]
    holder = citizen(None, outside.filing(filed.number).id)
    seen = outside.see(lambda u: status.by_number(outside.svc, u, holder, filed.number))
    assert seen.state == "investigating"


def test_what_comes_too_late_is_kept_and_a_person_looks_at_it(pair: Pair):
    outside, inside = pair.outside, pair.inside
    filed = outside.file()
    number, reporter = filed.number, outside.reporter(filed)
    pair.settle()
    outside.act(reporter, number, "withdraw")
    inside.act("kim", number, "assign", handler="park", unit="road")
    inside.act("park", number, "start")
    inside.act("park", number, "to_approval", **RESULT)
    inside.act("park", number, "result", **{**RESULT, **APPROVED, "action_state": "none"})
    pair.settle()
    assert inside.filing(number).state != "withdrawn"
    assert outside.told(number)[-1] == "notice.relay_late"
    assert "desk.relay_late" in inside.tasks("park")
    assert not outside.see(lambda u: relays.of_kind(u, "act"))


def test_a_stop_of_a_reporter_counts_from_when_he_did_it(turned: Pair):
    outside, inside = turned.outside, turned.inside
    filed = outside.file()
    number, reporter = filed.number, outside.reporter(filed)
    turned.settle()
    inside.act("kim", number, "assign", handler="park", unit="road")
    inside.act("park", number, "start")
    asked = {"items": "사진", "why": "어디인지 알려고요.", "days": "7"}
    inside.act("park", number, "ask_supplement", **asked)
    turned.settle()
    turned.clock.set(at("2026-11-25 11:00"))
    outside.act(reporter, number, "supplement_reply", text="시장 앞입니다.")
    turned.clock.set(at("2026-11-27 09:30"))
    turned.settle()
    stop = inside.see(lambda u: terms.stops_of(u, inside.filing(number).id))[0]
    assert stop.ended_at == at("2026-11-25 11:00")
    assert outside.filing(number).due_at == inside.filing(number).due_at
    reply = inside.see(lambda u: journal.last(u, inside.filing(number).sid, "supplement_reply"))
    assert reply.detail["text"] == "시장 앞입니다."


def test_a_file_too_big_for_one_crosses_in_pieces(pair: Pair):
    outside, inside = pair.outside, pair.inside
    peer = outside.peer()
    picture = os.urandom(700_000)

    def sent(unit: Unit) -> str:
        file = attachments.add(
            unit, kind="photo", now=outside.clock(), peer_id=peer, name="길.jpg", mime="image/jpeg"
        )
        attachments.store(unit, file, picture)
        return file.ref

    ref = outside.do(sent)
    one = {
        "ref": ref,
        "kind": "photo",
        "name": "길.jpg",
        "size": len(picture),
        "mime": "image/jpeg",
    }
    number = outside.file(answers(proof=[one])).number
    assert outside.step() > 3
    assert max(path.stat().st_size for path in outside.out()) <= MOST
    pair.settle()
    [came] = inside.see(lambda u: attachments.of_filing(u, inside.filing(number).id))
    assert (came.ref, came.name, came.status) == (ref, "길.jpg", "stored")
    assert inside.see(lambda u: attachments.original(u, came)) == picture
    assert not inside.see(lambda u: relays.of_kind(u, "piece"))


def test_what_a_person_has_to_do_and_who_wants_a_call_go_inside(pair: Pair):
    outside, inside = pair.outside, pair.inside
    by_post = {"reply_by": "post", "email": None}
    filed = outside.file(answers(**by_post))
    peer = outside.filing(filed.number).peer_id
    pair.settle()
    inside.act("kim", filed.number, "assign", handler="park", unit="road")
    inside.act("park", filed.number, "start")
    wanted = CallBack(phone="010-1234-5678", wish="any", about="진행이 궁금해요")
    outside.do(lambda u: calls.ask(outside.svc, u, peer, "ko", wanted, filed.number))
    pair.settle()
    here = inside.filing(filed.number).id
    posts = [
        one for one in inside.see(lambda u: tasks.open_(u, filing_id=here)) if one.kind == "letter"
    ]
    assert [one.reason for one in posts] == ["post"]
    [call] = inside.see(call_rows.waiting)
    assert call.filing_id == here
    assert inside.see(lambda u: call_rows.words(u, call))[0] == "010-1234-5678"
    assert outside.see(call_rows.waiting) == []


def test_two_days_after_it_arrived_the_outside_keeps_what_it_shows(pair: Pair):
    outside, inside = pair.outside, pair.inside
    filed = outside.file()
    pair.settle()
    here = outside.filing(filed.number)
    assert outside.see(lambda u: rows.answers(u, here))["what"]
    pair.clock.advance(hours=49)
    pair.settle()
    assert outside.see(lambda u: rows.answers(u, here)) == {}
    kept = {"reply_by": "email", "email": "hong@example.com"}
    assert outside.see(lambda u: rows.identity(u, here)) == kept
    assert outside.see(lambda u: relays.kept(u, "in")) == []
    inside.act("kim", filed.number, "assign", handler="park", unit="road")
    inside.act("park", filed.number, "start")
    pair.settle()
    assert outside.told(filed.number)[-1] == "notice.started"
    assert outside.sent("mail")


def test_an_official_writes_nothing_down_outside(pair: Pair):
    with pytest.raises(Refused) as caught:
        pair.outside.file(by="oral")
    assert caught.value.key == "desk.relay.outside"
    assert pair.inside.file(by="oral").number[5] == "Z"
    assert pair.outside.file().number[5] != "Z"
