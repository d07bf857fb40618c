"""Questions and answers behind the walls: left outside, read inside alone (security S7)."""

from dataclasses import replace

import pytest
import sqlalchemy as sa

from bot.services import answering, peers, question_lists, questions
from bot.services.answers import Answers
from bot.services.library import Library
from knowledge import faq
from storage.models import faqs, question_askers
from storage.models import questions as table
from tests.walls.test_roles import NOT_ALLOWED, at_the_desk, desk_first, offices, refused

__all__ = ["desk_first", "offices"]

PARKING = "청사 주차장은 몇 시에 닫나요?"


@pytest.fixture
def left(offices):
    """Leave a question outside, for somebody who wants to hear."""
    public = offices["public"]

    def work(unit):
        peer = peers.meet(public.svc, unit, "web", "web", "asker", "ko")
        name = questions.leave(public.svc, unit, peer.id, PARKING, "ko")
        assert questions.leave(public.svc, unit, peer.id, PARKING, "ko") == name
        assert questions.want(public.svc, unit, peer.id, name)
        return peer.id

    return public.do(work)


def test_a_question_is_left_outside_and_its_words_are_read_inside_alone(offices, left):
    public = offices["public"].store
    for column in ("text", "faq_id", "reason"):
        found = sa.select(table.c[column])
        assert refused(public, lambda u, f=found: u.conn.execute(f)) == NOT_ALLOWED
    desk = offices["desk"]
    with at_the_desk(desk, "kim") as kim:
        (group,) = desk.do(lambda u: question_lists.listed(desk.svc, u, kim))
    assert (group.text, group.times) == (PARKING, 2)


def test_whoever_asked_may_forget_it_outside(offices, left):
    public = offices["public"]
    assert public.do(lambda u: questions.forget(public.svc, u, left)) == 1
    count = sa.select(sa.func.count()).select_from(question_askers)
    assert public.see(lambda u: u.conn.execute(count).scalar_one()) == 0


def test_an_answer_written_inside_is_told_outside_once_two_persons_let_it_out(offices, left):
    desk, public = offices["desk"], offices["public"].store
    desk.svc = replace(desk.svc, library=Library(desk.store))
    known, own = Answers(public), replace(faq.shipped()["F008"], text="우리 시의 답.")
    with at_the_desk(desk, "park") as park:
        desk.do(lambda u: answering.write(desk.svc, u, park, own, 0))
        desk.do(lambda u: answering.withdraw(desk.svc, u, park, "F007", 0))
    assert public.read(lambda u: known.present(u, ["F008", "F007"])) == {
        "F008": faq.shipped()["F008"]
    }
    for column in ("proposed", "author_id", "reviewer_id"):
        found = sa.select(faqs.c[column])
        assert refused(public, lambda u, f=found: u.conn.execute(f)) == NOT_ALLOWED
    with at_the_desk(desk, "choi") as choi:
        desk.do(lambda u: answering.publish(desk.svc, u, choi, "F008", 1))
    assert public.read(lambda u: known.present(u, ["F008"])) == {"F008": own}
    every = {one.ref for one in public.read(lambda u: list(known.published(u)))}
    assert every == set(faq.shipped()) - {"F007"}
