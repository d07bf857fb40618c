"""A closed filing made into a case: nobody to be told from it, two persons, sealed words."""

from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from bot.errors import Refused
from bot.services import case_drafts, case_words, cases, views
from bot.services.history import History
from knowledge.cases import Case
from storage.errors import Erased
from storage.models import accesses
from storage.models import case_drafts as table
from storage.models import cases as cases_table
from storage.repositories import case_drafts as drafts
from storage.repositories import cases as cases_repository
from storage.repositories import guards, holds
from tests.desk.case_work import GOOD, closed, crowd, old, released, save, seen, sheet, step
from tests.desk.conftest import Desk
from tests.services.conftest import Office, answers, nameless


@pytest.fixture
def town(office: Office) -> Office:
    site = office.svc.site.model_copy(update={"document_required": False})
    office.svc = replace(office.svc, site=site)
    old(office)
    return office


def faults(office: Office, number: str, **changes: str) -> set[str]:
    return {one.key for one in save(office, number, **changes).faults}


def refused(office: Office, what: str, number: str, who: str) -> str:
    with pytest.raises(Refused) as caught:
        step(office, what, number, who)
    return caught.value.key


def case_of(office: Office, ref: str) -> Case:
    return office.see(lambda u: cases_repository.to_case(cases_repository.get(u, ref)))


def test_words_that_tell_of_nobody_go_out_by_two_persons_and_no_way_leads_back(town: Office):
    number = closed(town)
    draft = save(town, number)
    assert (draft.state, draft.faults, draft.mine) == ("open", (), True)
    step(town, "ask", number, "park")
    assert "case_asked" in town.tasks("choi")
    ref = step(town, "release", number, "choi")
    case = case_of(town, ref)
    assert (case.status, case.title, case.year, case.unit) == ("reviewed", GOOD["title"], 2026, "")
    row = town.see(lambda u: u.conn.execute(sa.select(cases_table)).one())
    told = " ".join(map(str, row))
    assert row.origin == "filing"
    for hidden in (number, "홍길동", "도로과", "park", "김철수"):
        assert hidden not in told
    out = sheet(town, number)
    assert (out.state, out.ref, out.status) == ("released", ref, "reviewed")
    assert "case_asked" not in town.tasks("choi")


def test_the_reporters_words_stand_beside_made_general(town: Office):
    number = closed(town)
    ((name, general), *_) = sheet(town, number).said
    assert name == "what"
    for hidden in ("홍길동", "중앙시장", "도로과", "김철수", "010-1234-5678", "10월 3일"):
        assert hidden not in general.text
    assert "2026년 하반기" in general.text
    assert "담당 직원에게" in general.text


TELLING = [
    ("title", "홍길동 님의 일", "person"),
    ("problem", "길동이가 알린 일입니다.", "person"),
    ("action", "김철수에게 물었습니다.", "person"),
    ("action", "박감사가 살폈습니다.", "person"),
    ("effect", "도로과에서 고쳤습니다.", "unit"),
    ("problem", "중앙시장 앞입니다.", "place"),
    ("keywords", "010-1234-5678", "phone"),
    ("field", "2026. 10. 3.", "date"),
    ("effect", "120만원이 들었습니다.", "amount"),
    ("problem", "저는 홍\u200b길동 01０-１234-5678", "phone"),
    ("problem", "앞 길이 파여서 도로과 김철수 주무관에게 세 번 전화했는데", "copied"),
    ("title", "", "empty"),
    ("told", "", "not_told"),
    ("effect", "신촌동과 문산읍에서 고쳤습니다.", "places"),
    ("effect", "2026년 상반기와 2026년 하반기에 고쳤습니다.", "halves"),
]


def test_what_tells_who_where_or_when_keeps_a_draft_in(town: Office, one: str):
    for field, words, fault in TELLING:
        assert fault in faults(town, one, **{field: words}), words
        assert refused(town, "ask", one, "park") == "case_draft.faults"


@pytest.fixture
def one(town: Office) -> str:
    return closed(town)


def test_its_own_number_in_any_shape_keeps_it_in(town: Office, one: str):
    assert "number" in faults(town, one, effect=f"{one.replace('-', ' ')} 건입니다.")


def test_a_name_is_no_neighbourhood(town: Office, one: str):
    assert faults(town, one, effect="홍길동이 알렸습니다.") == {"person"}


def test_a_case_of_passive_administration_is_one_that_the_result_calls_so(town: Office, one: str):
    assert faults(town, one, kind="passive") == set()
    assert faults(town, one, kind="passive", unit="yes") == {"passive_unit"}
    blame = "담당자를 징계했습니다."
    assert faults(town, one, kind="passive", effect=blame) == {"blame"}


def test_fewer_than_k_people_who_share_it_keep_it_in_and_it_is_said_what_to_widen(town: Office):
    number = closed(town, others=3)  # four people in all, and k is five
    assert faults(town, number) == {"narrow_period"}
    assert refused(town, "ask", number, "park") == "case_draft.faults"
    assert faults(town, number, year="") == {"narrow_few"}
    crowd(town, 1)  # the same addresses again: no more people
    assert faults(town, number, year="") == {"narrow_few"}
    extra = answers(what="또 다른 일", name="이다섯", email="five@a.kr")
    seen(town, town.file(extra, address="fifth").number)
    assert faults(town, number) == set()


def test_a_neighbourhood_may_be_named_only_where_enough_people_told_of_it(town: Office, one: str):
    there = "신촌동에서 난 일입니다."
    assert faults(town, one, effect=there) == {"narrow_place"}
    for n in range(4):
        words = answers(
            what=f"신촌동에서 하수구가 막혔어요 {n}", name=f"신{n}", email=f"s{n}@a.kr"
        )
        seen(town, town.file(words, address=f"shin{n}").number)
    assert faults(town, one, effect=there) == {"narrow_place"}  # four, and its own tells no place
    words = answers(what="신촌동에서 또 막혔어요", name="신오", email="s5@a.kr")
    seen(town, town.file(words, address="shin5").number)
    assert faults(town, one, effect=there) == set()


def test_reports_that_a_guard_keeps_from_the_writer_do_not_count(town: Office, one: str):
    park = town.people["park"]
    for n in range(3):
        hidden = town.see(lambda u, n=n: u.conn.scalar(
            sa.text("SELECT id FROM filings ORDER BY id DESC LIMIT 1 OFFSET :n"), {"n": n}
        ))  # fmt: skip
        town.do(lambda u, h=hidden: guards.add(
            u, h, user_id=park.user_id, confirmed_at=town.clock()
        ))  # fmt: skip
    assert "narrow_period" in faults(town, one)


def test_who_wrote_any_of_it_does_not_let_it_out(town: Office, one: str):
    save(town, one)
    step(town, "ask", one, "park")
    assert refused(town, "release", one, "park") == "approval.self"
    save(town, one, "choi", effect="한 가지만 고쳤습니다.")  # now the head has written in it
    assert sheet(town, one).state == "open"
    step(town, "ask", one, "park")
    assert refused(town, "release", one, "choi") == "approval.self"


def test_what_the_head_wrote_is_for_the_handler_to_let_out(town: Office, one: str):
    save(town, one, "choi")
    step(town, "ask", one, "choi")
    assert "case_asked" in town.tasks("park")
    assert step(town, "release", one, "park").startswith("C-")


def test_one_person_with_two_accounts_is_one_person(town: Office, one: str):
    save(town, one)
    step(town, "ask", one, "park")
    same = "UPDATE users SET staff_no = 'G900' WHERE login IN ('park')"
    twin = "UPDATE users SET staff_no = '' WHERE login = 'choi'"
    town.do(lambda u: [u.conn.execute(sa.text(words)) for words in (same, twin)])
    assert refused(town, "release", one, "choi") == "approval.no_staff_no"


def test_it_is_looked_at_anew_when_it_goes_out(town: Office, one: str):
    save(town, one)
    step(town, "ask", one, "park")
    town.svc = replace(
        town.svc,
        site=town.svc.site.model_copy(
            update={"knowledge": town.svc.site.knowledge.model_copy(update={"k": 40})}
        ),
    )
    assert refused(town, "release", one, "choi") == "case_draft.faults"


def test_two_who_write_at_once_do_not_overwrite_each_other(town: Office, one: str):
    at = sheet(town, one).version
    save(town, one)
    with pytest.raises(Refused, match=r"case_draft\.stale"):
        town.do(lambda u: case_drafts.save(town.svc, u, town.people["choi"], one, at, GOOD))


def test_a_draft_that_is_given_back_or_up(town: Office, one: str):
    save(town, one)
    step(town, "ask", one, "park")
    step(town, "send_back", one, "choi")
    assert sheet(town, one).state == "open"
    step(town, "drop", one, "park")
    row = town.see(lambda u: u.conn.execute(sa.select(table)).one())
    assert row.state == "dropped"
    with pytest.raises(Erased):
        town.see(lambda u: drafts.content(u, row))
    assert save(town, one).state == "open"  # anew


def test_words_are_written_anew_only_after_the_case_was_taken_back(town: Office, one: str):
    ref = released(town, one)
    with pytest.raises(Refused, match=r"case_draft\.state"):
        save(town, one)
    step(town, "renew", one, "choi")
    assert case_of(town, ref).status == "withdrawn"
    assert save(town, one).state == "open"


def not_made(office: Office, number: str, who: str = "choi") -> str:
    closed_ = sheet(office, number, who).closed
    assert closed_ is not None
    with pytest.raises(Refused, match=closed_.key.replace(".", r"\.")):
        office.do(
            lambda u: case_drafts.save(
                office.svc, u, office.people[who], number, case_drafts.NEW, GOOD
            )
        )
    return closed_.key


def declared(office: Office, number: str, who: str = "choi") -> None:
    actor = office.people[who]
    office.do(lambda u: views.declare(office.svc, u, actor, number, conflict=False))


def test_not_every_filing_can_become_a_case(town: Office, one: str):
    waiting = town.investigating(address="w").number
    declared(town, waiting)
    assert not_made(town, waiting) == "case_draft.no.open"
    filed = town.investigating(address="v")
    declared(town, filed.number)
    town.act(town.reporter(filed), filed.number, "withdraw")
    assert not_made(town, filed.number) == "case_draft.no.outcome"
    filing = town.filing(one)
    town.do(lambda u: holds.add(u, filing.id, "소송 중입니다", 1, town.clock()))
    assert not_made(town, one) == "case_draft.no.held"


def test_without_a_name_it_becomes_none_unless_the_agency_says_so(town: Office):
    filed = town.file(nameless(what="길이 파였어요"), address="n")
    seen(town, filed.number)
    town.act("kim", filed.number, "assign", handler="park", unit="road")
    town.act("park", filed.number, "start")
    town.act("park", filed.number, "conclude", judgement="upheld", summary="살펴보았습니다.")
    declared(town, filed.number)
    assert not_made(town, filed.number) == "case_draft.no.nameless"


def test_only_the_audit_office_and_nobody_whom_a_guard_keeps_out(town: Office, one: str):
    for who in ("kim", "lee", "lim", "han", "seo", "oh"):
        with pytest.raises(Refused, match=r"filing\.unknown"):
            sheet(town, one, who)
    choi, filing = town.people["choi"], town.filing(one)
    town.do(lambda u: guards.add(u, filing.id, user_id=choi.user_id, confirmed_at=town.clock()))
    with pytest.raises(Refused, match=r"filing\.unknown"):
        sheet(town, one, "choi")


def test_words_are_sealed_and_every_opening_is_noted(town: Office, one: str):
    save(town, one)
    row = town.see(lambda u: u.conn.execute(sa.select(table)).one())
    assert "파인".encode() not in row.content
    kinds = town.see(lambda u: [e.kind for e in History(u, town.filing(one).sid).all])
    assert "case_drafted" in kinds
    whats = town.see(lambda u: set(u.conn.scalars(sa.select(accesses.c.what))))
    assert {"case_draft", "opened"} <= whats


def test_a_case_of_a_filing_is_changed_where_its_draft_is(town: Office, one: str):
    ref = released(town, one)
    typed: dict[str, Any] = {**case_words.to_typed(case_of(town, ref)), "title": "홍길동의 일"}
    draft = case_words.read(town.svc, typed)
    with pytest.raises(Refused, match=r"case\.of_filing"):
        town.do(lambda u: cases.change(town.svc, u, town.people["choi"], ref, 0, draft))


def test_the_page_from_the_first_word_to_the_case(room: Desk, town: Office, one: str):
    room.office = town
    park = room.seat("park")
    path = f"/filings/{one}/case"
    page = park.get(path)
    form = page.form("/case")
    hostile = "<script>alert(1)</script> 010-1234-5678"
    answer = park.send(
        path,
        form,
        "save",
        **{**GOOD, "told": ["yes"], "year": ["yes"], "unit": [], "problem": hostile},
    )
    assert answer.status_code == 303
    page = park.get(path)
    assert "고칠 곳" in page.text
    assert "General(" not in page.text
    assert "저장했습니다" in park.get(f"{path}?done=save").text
    raw = park.client.get(f"https://desk.gaon.example/desk{path}").text
    assert "<script>alert" not in raw
