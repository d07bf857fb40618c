"""The officials' messenger behind the walls: the public part puts, the desk hears, `work` sends."""

from dataclasses import replace

import pytest

from bot.errors import Refused
from bot.services import base, deliveries, linking, rooms, views
from bot.services import office as acts
from storage.acting import SERVICE
from storage.repositories import claims
from tests.office.conftest import ACCOUNT, CHANNEL, ROOM, address
from tests.services.conftest import answers
from tests.walls.test_roles import asked_by, at_the_desk, offices, on_behalf, on_the_desk, tick

__all__ = ["offices"]


@pytest.fixture
def parts(offices):
    there = base.Office(CHANNEL, ACCOUNT, ROOM, "full")
    for office in offices.values():
        office.svc = replace(office.svc, office=there)
    return offices["public"], offices["desk"], offices["work"]


def from_the_messenger(desk, who, work):
    """Do something as whoever speaks from there: the service finds out who it is."""
    with asked_by(SERVICE):
        return desk.do(lambda u: work(u, linking.actor(desk.svc, u, ACCOUNT, address(who))))


def tie(desk, who):
    with at_the_desk(desk, who) as actor:
        code = desk.do(lambda u: linking.offer(desk.svc, u, actor))
    with asked_by(SERVICE):
        desk.do(lambda u: linking.link(desk.svc, u, ACCOUNT, address(who), code))


def send(work):
    """Claim what is due at the messenger as the worker does; gives who gets what."""
    found = []

    def claim(unit):
        for row in claims.claim(unit, work.clock(), [CHANNEL]):
            made = deliveries.made(work.svc, unit, row)
            found.append((row.address, row.kind, made is not None and made.reply is not None))
            (told,) = deliveries.before(work.svc, unit, [row.id])
            if made is not None:
                deliveries.arrived(work.svc, unit, told, f"D:{row.id}")
            verdict = claims_verdict(row)
            deliveries.outbox.settle(unit, [verdict])

    for _ in range(6):
        work.do(claim)
    return found


def claims_verdict(row):
    return deliveries.outbox.Verdict(row.id, row.token, "sent", message_id=f"D:{row.id}")


def test_a_citizen_s_word_reaches_an_official_and_his_press_the_report(parts):
    public, desk, work = parts
    tie(desk, "park")
    with asked_by(SERVICE):
        desk.do(lambda u: rooms.note_clean(desk.svc, u))
    build = {"value": "build", "label": "건축과"}
    filed = public.file(answers(unit=build))
    number = filed.number
    on_the_desk(desk, "kim", number, "assign", handler="park", unit="build")
    on_the_desk(desk, "park", number, "start")
    assert {one for one in send(work) if one[2]} >= {
        (address("park"), "official", True), (ROOM, "card", True),
    }  # fmt: skip
    public.act(public.reporter(filed), number, "message", text="덧붙입니다.")
    assert (address("park"), "official", True) in send(work)
    on_behalf(desk, "park", lambda u: views.declare(
        desk.svc, u, desk.people["park"], number, conflict=False
    ))  # fmt: skip
    told = from_the_messenger(
        desk, "park", lambda u, who: acts.do(desk.svc, u, who, "read", number, None, {})
    )
    assert len(told.cards) > 2
    given = {"text": "전화로 약속을 잡았습니다."}
    from_the_messenger(
        desk, "park", lambda u, who: acts.do(desk.svc, u, who, "note", number, None, given)
    )
    from_the_messenger(desk, "park", lambda u, who: acts.home(desk.svc, u, who))
    tick(work)


def test_whoever_is_kept_out_finds_nothing_there_either(parts):
    public, desk, _work = parts
    tie(desk, "yoon")
    filed = public.file(answers())  # about his own unit
    on_the_desk(desk, "kim", filed.number, "assign", handler="park", unit="road")
    for what in ("read", "remind", "snooze", "assign"):
        with pytest.raises(Refused) as caught:
            from_the_messenger(
                desk, "yoon",
                lambda u, who, what=what: acts.do(desk.svc, u, who, what, filed.number, None, {}),
            )  # fmt: skip
        assert caught.value.key == "filing.unknown"
