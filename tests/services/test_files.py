"""Files: taken by content, kept sealed, shown as clean copies."""

import io
from typing import Any

import pytest
from PIL import Image

from bot.dialogs import replies
from bot.dialogs.events import Attached
from bot.errors import Refused
from bot.services import attachments, notices, views
from bot.services.handover import _files as move_files
from storage.host import Space
from storage.repositories import attachments as repository
from storage.repositories import outbox, tasks
from tests.services.conftest import Office, answers, nameless


def photo(size: tuple[int, int] = (60, 40)) -> bytes:
    exif = Image.Exif()
    exif[0x010E] = "MarkedPlace"
    out = io.BytesIO()
    Image.effect_noise(size, 30).convert("RGB").save(out, "JPEG", exif=exif)
    return out.getvalue()


def put(office: Office, data: bytes, peer: int | None = None, **kw) -> Attached:
    peer = office.peer() if peer is None else peer
    return office.do(
        lambda u: attachments.put(
            office.svc, u, office.store.blobs, peer, "내 사진.jpg", data, **kw
        )
    )


def refused(work) -> str:
    with pytest.raises(Refused) as caught:
        work()
    return caught.value.key


def with_photo(office: Office):
    file = put(office, photo())
    proof = {"ref": file.ref, "kind": "photo", "name": file.name, "size": file.size}
    filed = office.investigating(answers(proof=[proof]))
    return filed, file


def test_a_photo_is_shown_without_its_marks_and_under_another_name(office: Office):
    filed, file = with_photo(office)
    assert attachments.clean_next(office.store)
    assert not attachments.clean_next(office.store)
    park = office.people["park"]
    opened = office.do(lambda u: attachments.open_clean(office.svc, u, park, file.ref))
    assert opened.name == "첨부1.jpg"
    assert b"MarkedPlace" not in opened.data
    assert office.filing(filed.number)


def test_the_original_needs_a_reason_and_is_noted(office: Office):
    filed, file = with_photo(office)
    park = office.people["park"]

    def original(why: str, *, risk: bool = True):
        return office.do(
            lambda u: attachments.open_original(office.svc, u, park, file.ref, why, risk=risk)
        )

    assert refused(lambda: original(" ")) == "file.reason"
    assert refused(lambda: original("촬영 위치 확인", risk=False)) == "file.risk"
    assert b"MarkedPlace" in original("촬영 위치 확인").data
    office.do(lambda u: views.declare(office.svc, u, park, filed.number, conflict=False))
    seen = office.do(lambda u: views.view(office.svc, u, park, filed.number))
    assert [one.detail["reason"] for one in seen.timeline if one.kind == "file_opened"] == [
        "촬영 위치 확인"
    ]


def test_nobody_else_opens_a_file(office: Office):
    _, file = with_photo(office)
    attachments.clean_next(office.store)
    for who in ("lee", "yoon", "lim", "han", "jung"):
        actor = office.people[who]
        assert refused(
            lambda a=actor: office.do(
                lambda u: attachments.open_clean(office.svc, u, a, file.ref)
            )
        ) == "file.unknown"  # fmt: skip
    seo = office.people["seo"]
    assert refused(
        lambda: office.do(
            lambda u: attachments.open_original(office.svc, u, seo, file.ref, "점검")
        )
    ) == "file.unknown"  # fmt: skip
    for ref in ("", "zz", "00" * 16):
        assert refused(
            lambda r=ref: office.do(
                lambda u: attachments.open_clean(office.svc, u, office.people["park"], r)
            )
        ) == "file.unknown"  # fmt: skip


def test_a_file_of_another_kind_or_too_much_is_refused_kindly(office: Office):
    assert refused(lambda: put(office, b"<html>")) == "file.kind"
    assert refused(lambda: put(office, b"OggS" + b"\0" * 40)) == "file.kind"
    assert put(office, b"OggS" + b"\0" * 40, voice=True).kind == "voice"
    assert refused(lambda: put(office, b"\xff\xd8" + b"\0" * attachments.MOST)) == "file.size"


def test_a_peer_may_send_thirty_megabytes_a_day(office: Office):
    big = photo() + b"\0" * (11 * 1024 * 1024)
    put(office, big)
    put(office, big)
    assert refused(lambda: put(office, big)) == "file.budget"
    put(office, big, office.peer("web", "other"))
    office.clock.advance(days=1, minutes=1)
    put(office, big)


def test_a_file_at_a_messenger_is_fetched_later_or_marked(office: Office):
    peer = office.peer("telegram", "7")
    good, bad = ("ab" * 16, "cd" * 16)
    for ref in (good, bad, bad):
        file = Attached(ref, "photo", "x.jpg", 10)
        office.do(lambda u, f=file: attachments.expect(office.svc, u, peer, f, f"tg-{f.ref}"))
    assert office.see(lambda u: attachments.waiting(office.svc, u)) == (
        (good, "telegram", f"tg-{good}"),
        (bad, "telegram", f"tg-{bad}"),
    )
    assert office.do(lambda u: attachments.arrived(office.svc, u, good, photo()))
    assert not office.do(lambda u: attachments.arrived(office.svc, u, bad, b"MZ\0"))
    assert office.see(lambda u: attachments.waiting(office.svc, u)) == ()
    assert office.see(lambda u: repository.by_ref(u, bad)).status == "failed"
    assert office.see(lambda u: repository.by_ref(u, good)).status == "stored"


def test_above_the_hours_budget_files_at_a_messenger_wait_for_a_number(build):
    office = build(budget_megabytes=10)
    known, new = (office.peer("telegram", one) for one in "12")
    refs = {one: f"{one}{one}" * 8 + "0" * 16 for one in (1, 2, 3)}

    def waits() -> list[str]:
        found = office.see(lambda u: attachments.waiting(office.svc, u))
        return [ref for ref, _, _ in found]

    def expect(ref: str, peer: int) -> None:
        file = Attached(ref, "photo", "x.jpg", 9 * 1024 * 1024)
        office.do(lambda u: attachments.expect(office.svc, u, peer, file, "at"))

    expect(refs[1], new)
    assert waits() == [refs[1]]
    big = photo() + b"\0" * (11 * 1024 * 1024)
    assert office.do(lambda u: attachments.arrived(office.svc, u, refs[1], big))
    expect(refs[2], new)
    expect(refs[3], known)
    assert waits() == []
    office.file(channel="telegram", address="1")
    assert waits() == [refs[3]]
    number = office.file(channel="telegram", address="2").number
    row = office.see(lambda u: repository.by_ref(u, refs[2]))
    filing = office.filing(number)
    office.do(lambda u: repository.attach(u, row, filing.id, keep_peer=True))
    assert waits() == [refs[2], refs[3]]


def test_what_never_came_is_not_counted_against_anybody(office: Office):
    peer, ref = office.peer("telegram", "7"), "ab" * 16
    file = Attached(ref, "photo", "x.jpg", 20 * 1024 * 1024)
    office.do(lambda u: attachments.expect(office.svc, u, peer, file, "at"))
    assert office.see(lambda u: attachments.left(office.svc, u, peer)) == 10 * 1024 * 1024
    office.do(lambda u: attachments.lost(office.svc, u, ref, Refused("fetch.missing")))
    assert office.see(lambda u: attachments.left(office.svc, u, peer)) == 30 * 1024 * 1024


def test_a_file_that_waits_is_fetched_where_it_lies_although_its_dialog_moved_on(office: Office):
    peer, page, ref = office.peer("telegram", "7"), office.peer(), "ab" * 16
    file = Attached(ref, "photo", "x.jpg", 10)
    office.do(lambda u: attachments.expect(office.svc, u, peer, file, "tg-1"))
    office.do(lambda u: move_files(u, peer, page))
    assert office.see(lambda u: attachments.waiting(office.svc, u)) == ((ref, "telegram", "tg-1"),)


def test_on_a_full_disk_no_file_is_taken(office: Office):
    office.store.blobs.look = lambda _path: Space(0, "no_files")
    assert refused(lambda: put(office, photo())) == "file.full"


def test_a_report_takes_nobody_else_s_file_along(office: Office):
    other = put(office, photo(), office.peer("web", "other"))
    filed = office.investigating(answers(proof=[{"ref": other.ref, "kind": "photo"}]))
    assert office.see(lambda u: repository.by_ref(u, other.ref)).filing_id is None
    assert office.see(lambda u: views.files_of(u, office.filing(filed.number))) == ()


def test_what_cannot_be_drawn_says_so(office: Office):
    hwp = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + b"HWP Document File" + b"\0" * 99
    file = put(office, hwp)
    assert attachments.clean_next(office.store)
    assert office.see(lambda u: repository.by_ref(u, file.ref)).status == "no_preview"


@pytest.mark.parametrize(
    "name", ["../../etc/passwd.png", "\u202egnp.exe", "a\x00b.png", "x" * 5000]
)
def test_no_name_of_a_sender_is_ever_shown(office: Office, name: str):
    peer = office.peer()
    file = office.do(
        lambda u: attachments.put(office.svc, u, office.store.blobs, peer, name, photo())
    )
    office.investigating(answers(proof=[{"ref": file.ref, "kind": "photo", "name": name}]))
    attachments.clean_next(office.store)
    opened = office.do(
        lambda u: attachments.open_clean(office.svc, u, office.people["park"], file.ref)
    )
    assert opened.name == "첨부1.jpg"
    stored = office.see(lambda u: repository.by_ref(u, file.ref))
    assert name[:5] not in f"{stored.blob}{stored.clean_blob}"


def test_what_the_scanner_clears_needs_no_warning(office: Office):
    _, file = with_photo(office)
    attachments.clean_next(office.store, lambda _data: "clean")
    park = office.people["park"]
    assert not office.see(lambda u: attachments.risky(u, park, file.ref))
    opened = office.do(
        lambda u: attachments.open_original(office.svc, u, park, file.ref, "위치 확인")
    )
    assert b"MarkedPlace" in opened.data


def told(office: Office, filed) -> list[str]:
    seen = office.see(lambda u: notices.told(office.svc, u, office.filing(filed.number)))
    return [reply.text.key for _, _, reply in seen]


def test_what_the_scanner_finds_is_nobody_s_and_both_sides_are_told(office: Office):
    filed, file = with_photo(office)
    attachments.clean_next(office.store, lambda _data: "found")
    park = office.people["park"]
    for work in (
        lambda u: attachments.open_clean(office.svc, u, park, file.ref),
        lambda u: attachments.open_original(office.svc, u, park, file.ref, "꼭", risk=True),
    ):
        assert refused(lambda work=work: office.do(work)) in {
            "file.no_preview", "file.quarantined"
        }  # fmt: skip
    for _ in range(2):
        office.tick()
    assert office.see(lambda u: repository.by_ref(u, file.ref)).status == "quarantined"
    assert told(office, filed).count("notice.file_stopped") == 1
    kinds = [task.kind for task in office.see(tasks.open_)]
    assert kinds.count("desk.file_found") == 1


def test_while_the_scanner_is_away_the_copy_is_made_and_the_file_is_scanned_later(office: Office):
    filed, file = with_photo(office)
    attachments.clean_next(office.store, lambda _data: "away")
    one = office.see(lambda u: repository.by_ref(u, file.ref))
    assert (one.status, one.scan) == ("clean", "away")
    assert not attachments.scan_again(office.store, lambda _data: "away")
    assert attachments.scan_again(office.store, lambda _data: "found")
    assert not attachments.scan_again(office.store, lambda _data: "found")
    assert office.store.blobs.names() == [one.blob]
    office.tick()
    assert told(office, filed)[-1] == "notice.file_stopped"


def test_a_file_that_was_stopped_while_it_was_written_about_is_told_at_once_and_once(
    office: Office,
):
    file = put(office, photo())
    attachments.clean_next(office.store, lambda _data: "found")
    for _ in range(2):
        office.tick()
    (said,) = heard(office, office.peer())
    assert "안전 점검" in said
    assert "다시 보내" in said
    assert office.see(lambda u: repository.by_ref(u, file.ref)).status == "found"
    filed = office.investigating(answers(proof=[{"ref": file.ref, "kind": "photo"}]))
    office.tick()
    assert "notice.file_stopped" not in told(office, filed)
    kinds = [task.kind for task in office.see(tasks.open_)]
    assert kinds.count("desk.file_found") == 1


def waits(office: Office, peer: int, ref: str, size: int = 10) -> None:
    """Let a file lie at the messenger, where somebody has just sent it."""
    file = Attached(ref, "photo", "x.jpg", size)
    office.do(lambda u: attachments.expect(office.svc, u, peer, file, "tg"))


def heard(office: Office, peer: int) -> list[str]:
    """Give what waits to be said to somebody in a conversation."""
    rows = office.see(lambda u: outbox.waiting_of(u, peer))
    payloads = [office.see(lambda u, r=r: outbox.read_payload(u, r.id)) for r in rows]
    return [office.say(replies.load(one).text) for one in payloads if one is not None]


TOO_LARGE = Refused("fetch.too_large", max=20)


@pytest.mark.parametrize(
    ("judge", "why"),
    [
        (lambda svc, u, ref: attachments.arrived(svc, u, ref, b"MZ\0"), "열 수 없는 종류"),
        (lambda svc, u, ref: attachments.lost(svc, u, ref, TOO_LARGE), "20MB까지 돼요"),
    ],
)
def test_whoever_sent_a_file_that_is_not_taken_is_told_why_and_what_to_do(
    office: Office, judge: Any, why: str
):
    peer, ref = office.peer("telegram", "7"), "ab" * 16
    waits(office, peer, ref)
    for _ in range(2):
        office.do(lambda u: judge(office.svc, u, ref))
    (said,) = heard(office, peer)
    assert said.startswith("조금 전에 보내신 사진 하나를 받지 못했어요.")
    assert why in said


@pytest.mark.parametrize("mode", ["named", "anonymous"])
def test_a_file_of_a_filing_that_is_not_taken_is_told_with_its_number(office: Office, mode: str):
    ref = "ab" * 16
    filed = office.file(nameless() if mode == "anonymous" else answers())
    filing = office.filing(filed.number)
    waits(office, office.peer(), ref)
    file = office.see(lambda u: repository.by_ref(u, ref))
    office.do(lambda u: repository.attach(u, file, filing.id, keep_peer=mode == "named"))
    before = len(heard(office, office.peer()))
    for _ in range(2):
        office.do(lambda u: attachments.arrived(office.svc, u, ref, b"MZ\0"))
    last = office.see(lambda u: notices.told(office.svc, u, filing))[-1][2]
    assert office.say(last.text).startswith(f"{filed.number}에 보내신 사진 하나를 받지 못했어요.")
    assert [one.arg for one in last.options] == [f"message {filed.number}"]
    assert told(office, filed).count("notice.file_not_taken") == 1
    more = heard(office, office.peer())[before:]
    assert len(more) == (1 if mode == "named" else 0)  # without a name the page alone says it


def test_somebody_else_s_file_cannot_be_added(office: Office):
    filed = office.investigating()
    other = put(office, photo(), office.peer("web", "other"))
    me = office.reporter(filed)
    office.act(me, filed.number, "message", text="사진", files=[{"ref": other.ref}])
    assert office.see(lambda u: repository.of_filing(u, filed.filing_id)) == []
    mine = put(office, photo())
    office.act(me, filed.number, "message", text="사진", files=[{"ref": mine.ref}])
    assert [f.ref for f in office.see(lambda u: repository.of_filing(u, filed.filing_id))] == [
        mine.ref
    ]


def test_files_that_came_to_nothing_are_swept(office: Office):
    file = put(office, photo())
    office.clock.advance(days=3)
    office.tick()
    assert office.see(lambda u: repository.by_ref(u, file.ref)) is None
