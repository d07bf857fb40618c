"""One-time links (S2), codes (S24), and what wrong tries cost."""

import pytest

from bot.dialogs.replies import Phrase, Say
from bot.errors import Refused
from bot.services import filings, handover, peers, status
from storage.repositories import dialogs
from storage.repositories import peers as repository
from tests.services.conftest import Office, at


def started(office: Office) -> tuple[int, int, handover.Link]:
    there, page = office.peer("telegram", "1"), office.peer("web", "w")

    def draft(unit):
        peer = repository.lock(unit, there)
        dialogs.save(unit, peer, "passive_report", b'{"answers": {}}', office.clock())

    office.do(draft)
    return there, page, office.do(lambda u: handover.dialog_link(office.svc, u, there))


def secret_of(link: handover.Link) -> str:
    return link.url.partition("#")[2]


def redeem(office: Office, secret: str, nn: str, page: int) -> str:
    return office.do(lambda u: handover.redeem_dialog(office.svc, u, secret, nn, page))


def refused(work) -> str:
    with pytest.raises(Refused) as caught:
        work()
    return caught.value.key


def test_the_secret_stands_behind_the_hash_and_looking_uses_nothing_up(office: Office):
    _, page, link = started(office)
    assert "?" not in link.url
    assert len(secret_of(link)) == 22  # 128 bits
    for _ in range(3):
        seen = office.see(lambda u: handover.offered(office.svc, u, secret_of(link)))
        assert seen == handover.Offered("dialog", "telegram")
    assert redeem(office, secret_of(link), link.nn, page) == "telegram"


def test_redeeming_moves_the_dialog_and_the_origin_keeps_nothing(office: Office):
    there, page, link = started(office)
    redeem(office, secret_of(link), link.nn, page)

    def where(unit):
        return [dialogs.get(unit, repository.get(unit, one)) is not None for one in (there, page)]

    assert office.see(where) == [False, True]
    assert refused(lambda: redeem(office, secret_of(link), link.nn, page)) == "link.gone"
    assert office.see(lambda u: handover.offered(office.svc, u, secret_of(link))) is None


def test_the_origin_hears_that_it_goes_on_elsewhere_and_keeps_its_legal_notices(office: Office):
    filed = office.investigating(channel="telegram", address="1")
    office.clock.set(at("2026-11-23 22:00"))
    office.act("park", filed.number, "message", text="어느 쪽 길인가요?")  # waits for the morning
    there, page, link = started(office)
    redeem(office, secret_of(link), link.nn, page)
    last = [row.status for row in office.rows("telegram") if row.peer_id == there]
    assert office.sent("telegram")[-1] == Say(Phrase("elsewhere.moved"))
    assert last == ["pending"] * len(last)
    assert len(last) >= 3


def test_a_draft_on_the_page_is_never_silently_replaced(office: Office):
    _, page, link = started(office)

    def draft(unit):
        peer = repository.lock(unit, page)
        dialogs.save(unit, peer, "passive_report", b'{"answers": {"what": "x"}}', office.clock())

    office.do(draft)
    secret = secret_of(link)
    assert refused(lambda: redeem(office, secret, link.nn, page)) == "link.draft"
    office.do(lambda u: handover.redeem_dialog(office.svc, u, secret, link.nn, page, over=True))


def test_a_wrong_number_moves_nothing_and_the_third_kills_the_link(office: Office):
    _, page, link = started(office)
    wrong = "10" if link.nn != "10" else "11"
    for _ in range(handover.TRIES):
        assert refused(lambda: redeem(office, secret_of(link), wrong, page)) == "link.number"
        office.do(lambda u: handover.count_wrong(u, secret_of(link)))
    assert refused(lambda: redeem(office, secret_of(link), link.nn, page)) == "link.gone"


def test_a_link_lives_for_fifteen_minutes_and_a_new_one_kills_the_old(office: Office):
    there, page, link = started(office)
    newer = office.do(lambda u: handover.dialog_link(office.svc, u, there))
    assert refused(lambda: redeem(office, secret_of(link), link.nn, page)) == "link.gone"
    office.clock.advance(minutes=15)
    assert refused(lambda: redeem(office, secret_of(newer), newer.nn, page)) == "link.gone"


def test_a_code_is_shown_once_by_its_link_and_the_old_code_dies(office: Office):
    filed = office.file()
    link = office.do(lambda u: handover.code_link(office.svc, u, filed.filing_id))
    found = office.do(lambda u: handover.redeem_code(office.svc, u, secret_of(link)))
    new = office.do(lambda u: filings.new_code(office.svc, u, found))
    assert refused(
        lambda: office.do(lambda u: handover.redeem_code(office.svc, u, secret_of(link)))
    ) == ("link.gone")
    svc, store = office.svc, office.store
    assert status.by_code(svc, store, filed.number, new, "n").number == filed.number
    assert refused(lambda: status.by_code(svc, store, filed.number, filed.code, "n")) == (
        "code.wrong"
    )


def test_a_wrong_number_and_a_wrong_code_look_alike(office: Office):
    filed = office.file()
    svc, store = office.svc, office.store
    for number, code in (
        (filed.number, "0000-0000-0000-0000"),
        ("2026-2222-22", filed.code),
        ("", ""),
        ("'; drop", "x" * 5000),
    ):
        assert refused(
            lambda n=number, c=code: status.by_code(svc, store, n, c, "net")
        ) == "code.wrong"  # fmt: skip


def test_guessing_slows_the_guesser_down_and_nobody_else(office: Office):
    filed = office.file()
    svc, store = office.svc, office.store
    keys = [
        refused(lambda: status.by_code(svc, store, filed.number, "wrong", "enemy"))
        for _ in range(7)
    ]
    assert keys == ["code.wrong"] * 5 + ["code.slow"] * 2
    with pytest.raises(Refused) as caught:
        status.by_code(svc, store, filed.number, filed.code, "enemy")
    assert 600 < caught.value.params["seconds"] < 800
    assert status.by_code(svc, store, filed.number, filed.code, "home").number == filed.number


def test_somebody_with_the_code_sees_that_one_report_only(office: Office):
    first, second = office.file(), office.file(address="b")
    seen = status.by_code(office.svc, office.store, first.number, first.code, "n")
    assert seen.mode == "named"
    assert "withdraw" in seen.actions
    from bot.services.base import citizen  # noqa: PLC0415

    me = citizen(None, seen.filing_id)
    assert office.refused(me, second.number, "withdraw") == "filing.unknown"


def test_unlinking_a_messenger_forgets_what_was_not_filed(office: Office):
    there, _, _ = started(office)
    office.do(lambda u: peers.agree(office.svc, u, there, peers.TRANSFER, "v1"))
    assert office.see(lambda u: peers.may_write_here(u, repository.get(u, there)))
    data = office.see(lambda u: peers.my_data(u, there))
    assert [one["text"] for one in data["consents"]] == ["v1"]
    office.do(lambda u: peers.unlink(office.svc, u, there))
    assert not office.see(lambda u: peers.may_write_here(u, repository.get(u, there)))
    assert office.see(lambda u: peers.my_data(u, there))["draft"] is None


def test_who_never_went_on_is_forgotten_after_a_day(office: Office):
    idle, busy = office.peer("telegram", "idle"), office.peer("telegram", "busy")
    office.do(lambda u: peers.agree(office.svc, u, busy, peers.TRANSFER, "v1"))
    filed = office.file(address="filer")
    office.clock.advance(hours=23)
    assert office.do(lambda u: peers.forget_unused(office.svc, u)).count == 0
    office.clock.advance(hours=2)
    assert office.do(lambda u: peers.forget_unused(office.svc, u)).count == 1
    assert office.see(lambda u: repository.find(u, "telegram", "telegram", "idle")) is None
    assert office.filing(filed.number).peer_id is not None
    assert idle != busy
