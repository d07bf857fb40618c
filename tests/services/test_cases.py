"""A case on its way to everybody: written, reviewed by a second person, published, withdrawn."""

from dataclasses import replace

import pytest

from bot.errors import Refused
from bot.services import case_views, case_words, cases
from bot.services.library import Library
from knowledge.cases import Case
from storage.models import users
from storage.repositories import cases as rows
from storage.repositories import versions
from tests.services.conftest import Office

TYPED = {
    "kind": "active", "title": "가로등을 먼저 고치기", "problem": "고장 신고가 밀렸다.",
    "action": "순서를 바꾸었다.", "effect": "기다리는 날이 줄었다.", "detail": "full",
    "source": "https://www.gaon.example/news/1", "keywords": "가로등, 밤길", "year": "2025",
}  # fmt: skip


@pytest.fixture
def office(office: Office) -> Office:
    """Let every process of this test look things up in the same database."""
    office.svc = replace(office.svc, library=Library(office.store))
    return office


def read(office: Office, **changes: str) -> case_words.Draft:
    return case_words.read(office.svc, TYPED | changes)


def write(office: Office, who: str = "park", **changes: str) -> str:
    draft = read(office, **changes)
    return office.do(lambda u: cases.write(office.svc, u, office.people[who], draft))


def do(office: Office, who: str, move: str, ref: str, *more, version=None, **named):
    """Make a move on the case as it stands."""
    at = state(office, ref)[1] if version is None else version
    work = getattr(cases, move)
    office.do(lambda u: work(office.svc, u, office.people[who], ref, at, *more, **named))


def refused(office: Office, *args, **named) -> str:
    with pytest.raises(Refused) as caught:
        do(office, *args, **named)
    return caught.value.key


def state(office: Office, ref: str) -> tuple[str, int]:
    row = office.see(lambda u: rows.get(u, ref))
    return (row.status, row.version) if row else ("", cases.AS_SHIPPED)


def shown(office: Office, ref: str) -> bool:
    return ref in office.see(lambda u: office.svc.library.present(u, [ref]))


def published(office: Office, **changes: str) -> str:
    ref = write(office, **changes)
    do(office, "choi", "review", ref)
    do(office, "park", "publish", ref)
    return ref


def test_a_case_is_found_once_two_persons_have_seen_it(office):
    ref = write(office)
    assert state(office, ref) == ("draft", 0)
    assert not shown(office, ref)
    do(office, "choi", "review", ref)
    assert not shown(office, ref)
    before = office.see(lambda u: versions.get(u, rows.VERSION))
    do(office, "park", "publish", ref)
    assert shown(office, ref)
    assert office.see(lambda u: versions.get(u, rows.VERSION)) == before + 1
    told = office.see(lambda u: cases.history(u, ref))
    assert [one.kind for one in told] == ["case_written", "case_reviewed", "case_published"]
    assert "가로등" not in str(told)


def test_who_wrote_any_of_the_words_does_not_review_them(office):
    ref = write(office)
    assert refused(office, "park", "review", ref) == "case.second"
    do(office, "choi", "change", ref, read(office, effect="절반으로 줄었다."))
    for who in ("park", "choi"):
        assert refused(office, who, "review", ref) == "case.second"
    do(office, "lim", "review", ref)


def brought(office: Office, who: str, status: str) -> str:
    """Leave a case as an import does: a row of its own, and no line in its journal."""
    case = replace(read(office).case, ref="I-1", status=status)
    row = cases.new_row(office.svc, case, "imported", office.people[who].user_id)
    office.do(lambda u: rows.add(u, [row]))
    return case.ref


def test_who_brought_the_words_in_a_file_does_not_review_them_after_another_s_change(office):
    ref = brought(office, "park", "draft")
    assert refused(office, "park", "review", ref) == "case.second"
    do(office, "lim", "change", ref, read(office, title="가로등 먼저"))
    assert refused(office, "park", "review", ref) == "case.second"
    do(office, "choi", "review", ref)


def test_one_person_with_two_accounts_is_one_person(office):
    ref = write(office)
    twin = users.update().where(users.c.login.in_(["park", "lim"])).values(staff_no=None)
    office.do(lambda u: u.conn.execute(twin))
    assert refused(office, "lim", "review", ref) == "approval.no_staff_no"
    made = users.update().where(users.c.login == "choi")
    office.do(lambda u: u.conn.execute(made.values(created_by_id=office.people["park"].user_id)))
    assert refused(office, "choi", "review", ref) == "approval.made_by_asker"


def test_after_it_was_published_whoever_wrote_before_may_review_another_s_change(office):
    ref = published(office)
    do(office, "choi", "change", ref, read(office, title="가로등을 먼저"))
    do(office, "park", "review", ref)


def test_a_change_takes_a_published_case_out_until_it_was_reviewed_anew(office):
    ref = published(office)
    do(office, "park", "change", ref, read(office, title="가로등 고치기"))
    assert state(office, ref)[0] == "draft"
    assert not shown(office, ref)
    assert refused(office, "park", "publish", ref) == "case.status"


def test_a_withdrawn_case_is_gone_at_once_and_can_be_taken_up_again(office):
    ref = published(office)
    assert refused(office, "choi", "withdraw", ref, "왜") == "case.reason"
    do(office, "choi", "withdraw", ref, "출처가 고쳐졌습니다.")
    assert not shown(office, ref)
    assert refused(office, "choi", "withdraw", ref, "출처가 고쳐졌습니다.") == "case.status"
    assert refused(office, "choi", "change", ref, read(office)) == "case.status"
    do(office, "choi", "send_back", ref, "출처를 다시 봅니다.")
    assert state(office, ref)[0] == "draft"
    assert office.see(lambda u: rows.get(u, ref)).reason == "출처를 다시 봅니다."


def test_a_shipped_case_is_changed_by_a_row_in_its_place(office):
    came = office.svc.library.shipped()["AC-001"]
    draft = case_words.read(office.svc, case_words.to_typed(came) | {"title": "봉안당 넓히기"})
    assert not draft.wrong
    do(office, "park", "change", "AC-001", draft)
    assert not shown(office, "AC-001")
    assert refused(office, "lim", "change", "AC-001", draft, version=-1) == "case.stale"
    do(office, "choi", "review", "AC-001")
    do(office, "choi", "publish", "AC-001")
    assert shown(office, "AC-001")
    row = office.see(lambda u: rows.get(u, "AC-001"))
    assert (row.origin, row.title) == ("shipped", "봉안당 넓히기")


def test_a_shipped_case_is_withdrawn_and_a_shipped_draft_has_to_be_written_here_first(office):
    do(office, "choi", "withdraw", "AC-002", "우리 기관과 맞지 않습니다.")
    assert not shown(office, "AC-002")
    assert refused(office, "choi", "review", "P019") == "case.unwritten"
    assert (
        refused(office, "choi", "withdraw", "AC-002", "또 내립니다.", version=-1) == "case.status"
    )


def test_of_two_who_change_a_case_at_once_one_wins(office):
    ref = write(office)
    do(office, "park", "change", ref, read(office, title="하나"), version=0)
    assert (
        refused(office, "lim", "change", ref, read(office, title="둘"), version=0) == "case.stale"
    )
    assert refused(office, "choi", "review", ref, version=0) == "case.stale"
    assert office.see(lambda u: rows.get(u, ref)).title == "하나"


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("changes", "lack"),
    [
        ({"source": ""}, "source"),
        ({"problem": "", "action": "", "effect": ""}, "told"),
        ({"detail": "title_only"}, "title_only"),
        ({"action": "김철수 주무관이 순서를 바꾸었다."}, "exposed"),
        ({"effect": "문의 031-000-0100"}, "exposed"),
        ({"note": "이도로 씀"}, "exposed"),
        ({"source": "김철수 주무관에게 들음"}, "exposed"),
        ({"kind": "passive", "recognised": "yes", "unit": "도로과"}, "exposed"),
        ({"kind": "passive", "recognised": "yes", "effect": "담당자가 징계를 받았다."}, "exposed"),
    ],
)
def test_nothing_is_reviewed_while_something_is_missing(office, changes, lack):
    ref = write(office, **changes)
    case = office.see(lambda u: rows.of_refs(u, [ref]))[ref]
    names = office.see(cases.staff)
    assert case_words.lacking(office.svc, case, names) == (lack,)
    assert refused(office, "choi", "review", ref) == "case.lacking"
    if lack in case_words.ACCEPTABLE:
        do(office, "choi", "review", ref, {lack})
        assert state(office, ref)[0] == "reviewed"


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("changes", "field", "key"),
    [
        ({"title": " "}, "title", "case.title"),
        ({"title": "ㄱ" * 101}, "title", "case.long"),
        ({"problem": "ㄱ" * 4001}, "problem", "case.long"),
        ({"year": "올해"}, "year", "case.year"),
        ({"year": "2027"}, "year", "case.year"),
        ({"kind": "bad"}, "kind", "case.choice"),
        ({"kind": "passive"}, "recognised", "case.recognised"),
        ({"keywords": ",".join(f"말{n}" for n in range(21))}, "keywords", "case.words"),
        ({"action": "900101-1234567"}, "action", "case.number"),
    ],
)
def test_what_cannot_be_kept_is_said_beside_its_field(office, changes, field, key):
    draft = read(office, **changes)
    assert {name: why.key for name, why in draft.wrong.items()} == {field: key}
    with pytest.raises(Refused, match=r"case\.wrong"):
        office.do(lambda u: cases.write(office.svc, u, office.people["park"], draft))
    assert "1234567" not in str(draft)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_what_is_left_open_is_filled_as_the_agency_says(office):
    draft = case_words.read(
        office.svc, {"title": "제목", "keywords": "가, 나\n나", "year": "2024년"}
    )
    case = draft.case
    assert (case.permission, case.kind) == (office.svc.site.knowledge.permission, "active")
    assert (case.keywords, case.year, draft.wrong) == (("가", "나"), 2024, {})


@pytest.mark.parametrize(
    ("source", "host"),
    [
        ("https://www.gaon.example/news/1", "www.gaon.example"),
        ("http://www.gaon.example/news/1", None),
        ("javascript:alert(1)", None),
        ("https://gaon.example@evil.example/", None),
        ("https://가온.example/", None),
        ("https://[bad", None),
        ("감사결과 2025-12호", None),
    ],
)
def test_only_a_plain_address_is_a_link(source, host):
    found = case_words.link(source)
    assert (found.host if found else None) == host


def test_the_audit_office_alone_holds_a_case_back_and_it_is_still_found(office):
    ref = published(office)
    office.people["ed"] = replace(office.people["lee"], roles=frozenset({"editor"}))
    assert refused(office, "ed", "hold", ref, on=True) == "access.not_allowed"
    do(office, "park", "hold", ref, on=True)
    do(office, "park", "hold", ref, on=True)
    assert shown(office, ref)
    assert office.see(lambda u: rows.get(u, ref)).held
    do(office, "park", "hold", ref, on=False)
    kinds = [one.kind for one in office.see(lambda u: cases.history(u, ref))]
    assert kinds[-2:] == ["case_held", "case_let_go"]


def test_without_the_right_nothing_is_done(office):
    ref = write(office)
    lee = office.people["lee"]
    with pytest.raises(Refused, match=r"access\.not_allowed"):
        office.do(lambda u: cases.write(office.svc, u, lee, read(office)))
    for move, more in (
        ("change", (read(office),)), ("review", ()), ("publish", ()),
        ("send_back", ("까닭이 있습니다",)), ("withdraw", ("까닭이 있습니다",)),
    ):  # fmt: skip
        assert refused(office, "lee", move, ref, *more) == "access.not_allowed"


def test_what_comes_of_a_filing_is_reviewed_already_and_taken_back_when_it_is_open_again(office):
    case = replace(read(office).case, status="draft")
    ids = [office.people[who].user_id for who in ("park", "choi")]
    ref = office.do(
        lambda u: cases.let_in(office.svc, u, case, author_id=ids[0], reviewer_id=ids[1])
    )
    assert state(office, ref)[0] == "reviewed"
    do(office, "park", "publish", ref)
    assert refused(office, "choi", "change", ref, read(office)) == "case.of_filing"
    seen = office.see(lambda u: case_views.one(office.svc, u, office.people["choi"], ref))
    assert (seen.moves, set(seen.no)) == (("withdraw",), {"change"})
    for _ in range(2):
        office.do(
            lambda u: cases.take_back(office.svc, u, office.people["choi"], ref, "다시 살핍니다.")
        )
    assert not shown(office, ref)
    assert refused(office, "choi", "send_back", ref, "다시 싣고 싶습니다.") == "case.of_filing"
    with pytest.raises(Refused, match=r"case\.lacking"):
        office.do(
            lambda u: cases.let_in(
                office.svc, u, Case("", ""), author_id=ids[0], reviewer_id=ids[1]
            )
        )


def test_a_case_that_nobody_knows_is_unknown(office):
    assert refused(office, "park", "publish", "C-0000") == "case.unknown"


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_case_is_told_twice_by_its_title_or_its_words_and_not_by_what_it_is_about(office):
    came = office.svc.library.shipped()["AC-001"]
    again = replace(came, ref="", title="봉안당을 넓혔다: 부산추모공원 봉안당", year=2024)
    other = replace(
        came, ref="", title="봉안당 안내판", problem="", action="", effect="", year=2020
    )
    for case, twice in (
        (replace(came, ref="", agency="다른 곳"), True),
        (again, True),
        (other, False),
    ):
        alike = case_views.similar(office.svc, office.store, case)
        assert case_views.told_before(case, alike) is twice, case.title


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_what_was_reviewed_elsewhere_is_published_by_a_second_person(office):
    case = replace(read(office).case, status="reviewed")
    for ref, changes in (("I-1", {}), ("I-2", {"problem": "홍길동 주무관이 미뤘다"})):
        author = office.people["park"].user_id
        row = cases.new_row(office.svc, replace(case, ref=ref, **changes), "imported", author)
        office.do(lambda u, row=row: rows.add(u, [row]))
    assert refused(office, "park", "publish", "I-1") == "case.second"
    assert refused(office, "choi", "publish", "I-2") == "case.lacking"
    do(office, "choi", "publish", "I-1")
    assert state(office, "I-1")[0] == "published"
