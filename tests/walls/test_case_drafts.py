"""A case of a closed filing behind the walls: the public part knows of no way between the two."""

from dataclasses import replace

import sqlalchemy as sa

from bot.services import beside, case_drafts, cases, errands
from bot.services.base import citizen
from bot.services.search import Searches
from storage.acting import SERVICE
from storage.repositories import cases as cases_repository
from tests.desk.case_work import GOOD, closed, old, save, step
from tests.services.conftest import answers
from tests.walls.test_roles import NOT_ALLOWED, asked_by, at_the_desk, desk_first, offices, refused

__all__ = ["desk_first", "offices"]


def test_it_goes_out_at_the_desk_and_comes_back_by_an_errand_of_the_public_part(offices):
    desk, public, work = (offices[name] for name in ("desk", "public", "work"))
    site = desk.svc.site.model_copy(update={"document_required": False})
    desk.svc = replace(desk.svc, site=site)
    old(work)
    with asked_by(SERVICE):
        number = closed(desk)
    with at_the_desk(desk, "park"):
        assert save(desk, number).faults == ()
        step(desk, "ask", number, "park")
        looked = beside.of(
            desk.svc, desk.store, Searches(lambda _s, _w: None), desk.people["park"], number
        )
        assert number not in {one.row.number for one in looked.likes}
    with at_the_desk(desk, "choi") as choi:
        ref = step(desk, "release", number, "choi")
        at = desk.see(lambda u: cases_repository.get(u, ref).version)
        desk.do(lambda u: cases.publish(desk.svc, u, choi, ref, at))
    assert public.see(lambda u: ref in public.svc.library.present(u, [ref]))
    for words in (
        "SELECT * FROM case_drafts",
        "SELECT reviewer_id FROM cases",
        "UPDATE cases SET status = ''",
    ):
        assert refused(public.store, lambda u, w=words: u.conn.execute(sa.text(w))) == NOT_ALLOWED
    peer = work.filing(number).peer_id
    public.act(citizen(peer), number, "message", text="또 파였습니다.")
    assert public.see(lambda u: ref in public.svc.library.present(u, [ref]))  # until the next tick
    for due in work.see(lambda u: errands.due(work.svc, u)):
        work.store.transact(due.work, due.run_key)
    assert public.see(lambda u: public.svc.library.present(u, [ref])) == {}
    assert "case_taken_back" in work.tasks("choi")


def test_a_move_at_the_desk_takes_it_back_in_its_own_transaction(offices):
    desk, work = offices["desk"], offices["work"]
    site = desk.svc.site.model_copy(update={"document_required": False})
    desk.svc = replace(desk.svc, site=site)
    old(work)
    with asked_by(SERVICE):
        number = closed(desk)
    with at_the_desk(desk, "park") as park:
        desk.do(lambda u: case_drafts.save(desk.svc, u, park, number, case_drafts.NEW, GOOD))
    form = answers(what="다시 알립니다.", prior_no=number, name="박다른", email="o@a.kr")
    with asked_by(SERVICE):
        desk.file(form, address="new")
    with at_the_desk(desk, "park") as park:
        assert desk.do(lambda u: case_drafts.sheet(desk.svc, u, park, number)).state == "dropped"
