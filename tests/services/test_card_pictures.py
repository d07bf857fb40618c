"""Which cases are drawn here, and in whose name."""

import os
from dataclasses import replace

import pytest

from bot.catalogue import Book
from bot.errors import Refused
from bot.locale import Texts
from bot.services import card_pictures, cases
from bot.services.base import Desk
from bot.settings import Site
from knowledge.cases import shipped
from storage.repositories import cases as stored
from tests.fakes.clock import FrozenClock
from tests.services.conftest import Office, calendar


def test_chosen_cases_are_parted_in_their_order(office: Office):
    rows = [
        cases.new_row(office.svc, shipped()["AC-023"], "shipped", None) | {"held": True},
        cases.new_row(office.svc, shipped()["AC-095"], "shipped", None) | {"title": "우리 제목"},
        cases.new_row(office.svc, shipped()["AC-098"], "shipped", None) | {"status": "withdrawn"},
    ]
    for row in rows:
        office.do(lambda unit, row=row: stored.add(unit, [row]))
    refs = ("AC-097", "AC-023", "AC-095", "AC-097", "AC-098", "AC-003", "none")
    found = office.see(lambda unit: card_pictures.chosen(office.svc, unit, refs))
    assert [one.title for one in found.cases] == [shipped()["AC-097"].title, "우리 제목"]
    assert found.held == ("AC-023",)
    assert found.no == (
        ("AC-098", ("state",)), ("AC-003", ("title_only",)), ("none", ("unknown",)),
    )  # fmt: skip


@pytest.fixture
def svc(texts: Texts, site: Site, catalog: Book, clock: FrozenClock) -> Desk:
    """The services without a database."""
    return Desk(
        texts, catalog.procedures, catalog, site, calendar, clock, os.urandom,
        "https://talk.gaon.example", "https://desk.gaon.example",
    )  # fmt: skip


def test_the_agency_s_own_terms_stand_where_a_case_has_none(svc: Desk):
    case = shipped()["AC-095"]
    last = card_pictures.pages(svc, case)[-1]
    assert svc.site.knowledge.permission in svc.texts.render(last.alt, "ko", {})
    knowledge = svc.site.knowledge.model_copy(update={"permission": ""})
    silent = replace(svc, site=svc.site.model_copy(update={"knowledge": knowledge}))
    assert card_pictures.lacking(silent, case) == ("permission",)
    assert card_pictures.lacking(silent, replace(case, permission="공공누리 1유형")) == ()
    for make in (
        lambda: card_pictures.drawn(silent, case),
        lambda: card_pictures.book(silent, [case], svc.now().date()),
    ):
        with pytest.raises(Refused, match=r"cards\.lack\.permission"):
            make()


def test_an_english_case_is_told_in_english(svc: Desk):
    case = replace(shipped()["AC-095"], lang="en", title="119 pass", agency="Fire agency")
    made = card_pictures.drawn(svc, case, "dark")
    assert (
        made[0].alt
        == "Card news, picture 1 of 5, cover. Good practice: 119 pass. Fire agency · 2025"
    )
