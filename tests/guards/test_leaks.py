"""The leaks that security S8 names, one by one: what is closed, and stays closed."""

import itertools

import pytest

from bot.errors import Refused
from bot.services import attachments, facts, listing, officials, reporter, search, views
from bot.services.overlap import numbered
from storage.repositories import peers
from tests.guards.test_confirming import confirm
from tests.services.conftest import WHAT, Office, answers, keys_of

ASKED = {
    "unit": "road",
    "matter": "간선도로 보수 지연",
    "questions": "1. 계획?",
    "due": "2026-11-27",
}


@pytest.fixture
def filed(office: Office):
    return office.investigating(answers(prior_no="1AA-2610-0123456, 10월 전화"))


def mails(office: Office) -> list[str]:
    return [office.say(reply.text) for reply in office.sent("mail")]


def test_what_goes_to_officials_by_mail_is_number_kind_state_due_and_a_link(office, filed):
    office.act(office.reporter(filed), filed.number, "message", text="은행나무길 이야기")
    rows = [row for row in office.rows("mail") if row.kind == "official"]
    assert rows
    for words in mails(office):
        for telling in (WHAT, "은행나무길", "홍길동", "중앙로", "1AA", "도로과", "hong@"):
            assert telling not in words


def test_what_goes_to_a_unit_by_mail_has_not_even_the_number(office, filed):
    before = len(mails(office))
    office.act("park", filed.number, "fact_request", **ASKED)
    (words,) = set(mails(office)[before:])
    assert filed.number not in words
    assert "간선도로" not in words


def test_a_reminder_reaches_nobody_who_is_kept_out(office, filed):
    """독촉장: to the handler and the head, and to them only where the report exists for them."""
    choi = office.people["choi"]
    office.do(lambda u: views.declare(office.svc, u, choi, filed.number, conflict=True))
    before = len(office.rows("mail"))
    office.goes("2026-12-02 09:10")
    sent = [row for row in office.rows("mail")[before:] if row.kind == "official"]
    to = office.see(lambda u: {peers.get(u, row.peer_id).address for row in sent})
    assert "park@gaon.example" in to
    assert not to & {"choi@gaon.example", "yoon@gaon.example", "lee@gaon.example"}
    assert office.tasks("choi") == []


def test_a_search_of_who_is_kept_out_knows_neither_hit_nor_word(office, filed):
    searches = search.Searches(later=lambda _seconds, _work: None)
    for who, hits in (("choi", 1), ("yoon", 0)):
        found = searches.find(office.svc, office.store, office.people[who], "중앙시장")
        assert len(found.hits) == hits, who


def test_numbers_have_no_order_that_tells_how_many_there_are(office):
    numbers = [office.file(address=f"p{n}").number for n in range(6)]
    assert numbers != sorted(numbers)
    ends = [int(number[5:9].translate(str.maketrans("", "", "-")), 36) for number in numbers]
    assert all(abs(a - b) > 1 for a, b in itertools.pairwise(ends))


def test_what_a_file_is_called_tells_nothing(office):
    peer = office.peer(address="f")
    put = office.do(lambda u: attachments.put(
        office.svc, u, office.store.blobs, peer, "홍길동_도로과.png", PNG
    ))  # fmt: skip
    proof = ({"ref": put.ref, "kind": "photo", "name": put.name, "size": put.size},)
    filed = office.investigating(answers(proof=proof), address="f")
    attachments.clean_next(office.store)
    park = office.people["park"]
    opened = office.do(lambda u: attachments.open_clean(office.svc, u, park, put.ref))
    assert "홍길동" not in opened.name
    assert filed.number not in opened.name
    for who in ("yoon", "lee", "lim"):
        actor = office.people[who]
        with pytest.raises(Refused) as caught:
            office.do(lambda u, a=actor: attachments.open_clean(office.svc, u, a, put.ref))
        assert caught.value.key == "file.unknown"


PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108020000009077"
    "53de0000000c4944415408d763f8cfc000000301010018dd8db00000000049454e44ae426082"
)


@pytest.mark.parametrize("name", ["matter", "questions", "materials"])
def test_a_letter_to_a_unit_bears_no_number_that_leads_to_the_reporter(office, filed, name):
    for words in (
        filed.number,
        "1AA-2610-0123456",
        "1AA 2610 0123456 건",
        "１ＡＡ－２６１０－０１２３４５６",
    ):
        given = {**ASKED, "materials": "대장", name: f"문서 {words} 관련"}
        assert office.refused("park", filed.number, "fact_request", **given) == "guard.numbers"
    office.act("park", filed.number, "fact_request", **{**ASKED, name: "10월 대장"})


def test_a_day_or_a_short_number_is_no_number_of_a_petition():
    assert not numbered(
        "2026-10-01에 10월 전화 3건", ["2026-10-01 전화", "10월 3번", "전화 두 번"]
    )
    assert numbered("민원 2610-0123", ["2610-0123"])


def test_a_request_to_another_unit_is_like_none(office, filed):
    office.act("park", filed.number, "fact_request", **ASKED)
    jung = office.people["jung"]
    for request in (1, 99):
        with pytest.raises(Refused) as caught:
            office.do(lambda u, n=request: facts.opened(office.svc, u, jung, n))
        assert caught.value.key == "filing.unknown"


def test_what_was_closed_is_no_draft_for_who_is_kept_out(office, filed):
    """The closed list, too, starts from what one may see."""
    office.act(office.reporter(filed), filed.number, "withdraw")
    for who, found in (("choi", 1), ("yoon", 0)):
        actor = office.people[who]
        rows = office.see(
            lambda u, actor=actor: listing.count(
                office.svc, u, actor, listing.Wanted(show="closed")
            )
        )
        assert rows == found, who


def test_who_reported_is_opened_for_a_reason_out_of_a_list_and_in_words(office, filed):
    park = office.people["park"]
    for code, reason, key in (
        ("nosiness", "궁금해서 봅니다", "reporter.code"),
        ("contact", "확인", "reporter.reason"),
    ):
        with pytest.raises(Refused) as caught:
            office.do(lambda u, c=code, r=reason: reporter.reveal(
                office.svc, u, park, filed.number, r, code=c
            ))  # fmt: skip
        assert caught.value.key == key
    with pytest.raises(Refused) as caught:  # at 접수 one sees the report, never who it was
        office.do(lambda u: reporter.reveal(
            office.svc, u, office.people["kim"], filed.number, "연락하려고 합니다", code="contact"
        ))  # fmt: skip
    assert caught.value.key == "access.not_allowed"
    office.do(lambda u: reporter.reveal(
        office.svc, u, park, filed.number, "보완을 설명하려고", code="contact"
    ))  # fmt: skip
    me = office.reporter(filed)
    asked = office.act(me, filed.number, "request_record")
    assert keys_of(asked.replies)
    office.act("choi", filed.number, "give_record")
    words = office.words(filed, "notice.record.given")
    assert "신고하신 분을 확인함" in words
    assert "감사담당관" in words
    assert "박감사" not in words
    assert "looked up who reported" in office.words(filed, "notice.record.given", "en")


def test_an_official_kept_out_is_nobodys_choice_of_audience(office, filed):
    confirm(office, filed.number, "road", people=("park",))
    assert office.filing(filed.number).assignee_id is None
    park = office.see(lambda u: officials.official(u, office.people["park"].user_id or 0))
    assert not office.see(lambda u: officials.may_handle(u, filed.filing_id, park))
