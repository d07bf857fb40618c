"""What the public part may read of cases, under its own role (security S7)."""

from dataclasses import replace

import pytest
import sqlalchemy as sa

from bot.services import case_words, cases
from bot.services.library import Library
from storage.models import cases as table
from tests.services.test_cases import TYPED
from tests.walls.test_roles import NOT_ALLOWED, at_the_desk, desk_first, offices, refused

__all__ = ["desk_first", "offices"]


@pytest.fixture
def three(offices):
    """Leave a draft and a published case, and withdraw a shipped one."""
    desk = offices["desk"]
    desk.svc = replace(desk.svc, library=Library(desk.store))
    svc, found = desk.svc, {}
    for name in ("draft", "published"):
        draft = case_words.read(svc, TYPED | {"title": name})
        with at_the_desk(desk, "park") as park:
            ref = found[name] = desk.do(lambda u, d=draft, p=park: cases.write(svc, u, p, d))
        if name == "published":
            with at_the_desk(desk, "choi") as choi:
                desk.do(lambda u, r=ref, c=choi: cases.review(svc, u, c, r, 0))
                desk.do(lambda u, r=ref, c=choi: cases.publish(svc, u, c, r, 1))
    with at_the_desk(desk, "choi") as choi:
        why = "우리 기관과 맞지 않습니다."
        desk.do(lambda u: cases.withdraw(svc, u, choi, "AC-001", cases.AS_SHIPPED, why))
    return found


def test_the_public_part_finds_what_is_published_and_no_withdrawn_case(offices, three):
    store = offices["public"].store
    library = Library(store)
    wanted = [*three.values(), "AC-001", "AC-002"]
    assert set(store.read(lambda u: library.present(u, wanted))) == {three["published"], "AC-002"}
    every = {one.ref for one in store.read(lambda u: list(library.published(u)))}
    assert every & set(wanted) == {three["published"], "AC-002"}
    found = library.cases().search("부산추모공원 봉안당 증축", most=50)
    assert "AC-001" not in {hit.key for hit in (*found.hits, *found.near)}


def test_a_draft_is_no_row_of_the_public_part_nor_is_who_wrote_it(offices, three):
    store = offices["public"].store
    refs = store.read(lambda u: set(u.conn.scalars(sa.select(table.c.ref))))
    assert refs == {three["published"], "AC-001"}
    for column in ("author_id", "reason", "held"):
        found = sa.select(table.c[column])
        assert refused(store, lambda u, f=found: u.conn.execute(f)) == NOT_ALLOWED
