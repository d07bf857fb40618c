"""The table of rights: every page asks it, every role before every page, and the page of it."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.catalogue import Book
from bot.cli.rights import page
from bot.handlers import desk as desk_pages
from bot.handlers.desk.pages import NAV, Pages
from bot.handlers.desk.reception import Reception
from bot.services import base, officials, rights
from bot.services.base import ROLES, Actor
from bot.services.rights import GRAVE, RIGHTS, Right, Scope
from storage.repositories import users
from tests import shipped
from tests.desk.conftest import Desk, make
from tests.services.conftest import Office

ROOT = Path(__file__).parents[2]
OPEN_TO_ALL = {"/", "/sign-out", "/stay", "/prove"}  # and what is one's own
ONCE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
CONTENT = (
    Right.OPEN, Right.CONTENT, Right.ACT, Right.IDENTITY, Right.ORIGINAL, Right.PRINT, Right.SEARCH,
)  # fmt: skip


class Noting(Reception):
    """Notes which rights every page asks for."""

    noted: dict[str, tuple[Right, ...]] = {}  # noqa: RUF012

    def page(self, path: str, work: Any, *needs: Right, **kw: Any) -> Any:
        self.noted[path] = needs
        return super().page(path, work, *needs, **kw)


def asked(room: Desk) -> dict[str, tuple[Right, ...]]:
    pages = Pages(room.parts)
    reception = Noting(room.parts, pages)
    for area in desk_pages._AREAS:
        area(room.parts, pages, reception)
    return dict(Noting.noted)


def actor(*roles: str) -> Actor:
    return Actor("official", 1, "x", 1, frozenset(roles))


def test_the_document_is_what_the_table_says():
    told = (ROOT / "docs" / "rights.md").read_text(encoding="utf-8")
    assert told == page(shipped.texts())


def test_the_table_is_whole_and_its_words_are_there():
    texts = shipped.texts()
    assert {right for row in RIGHTS.values() for right in row} == set(Right)
    assert set(RIGHTS) == set(ROLES)
    for right in Right:
        assert texts.has(f"right.{right}")
        assert rights.roles_with(right), right


def test_who_keeps_accounts_has_no_content_and_who_watches_never_acts():
    for right in (*CONTENT, Right.QUEUE, Right.EXPORT, Right.CALLERS, Right.FACTS):
        assert not rights.may(actor("admin"), right), right
        assert not rights.may(actor("editor"), right), right
    for right in (Right.ACT, Right.ASSIGN, Right.IDENTITY, Right.CONTENT, Right.ORIGINAL):
        assert not rights.may(actor("inspector"), right), right
    for role in ("chief", "examiner"):
        assert rights.may(actor(role), Right.QUEUE)
        assert not any(rights.may(actor(role), right) for right in CONTENT), role


def test_who_lets_people_in_or_watches_has_no_second_hat():
    assert rights.together(frozenset({"admin", "auditor", "editor"})) == {"admin", "editor"}
    assert rights.together(frozenset({"inspector", "audit_head"})) == {"inspector"}
    assert rights.together(frozenset({"admin", "inspector"})) == {"admin"}
    assert rights.together(frozenset({"auditor", "intake"})) == {"auditor", "intake"}


def test_of_several_roles_the_widest_counts_and_a_scope_finds_its_roles():
    assert rights.scope(actor("auditor", "audit_head"), Right.OPEN) is Scope.CONFIRMED
    assert rights.scope(actor(), Right.OPEN) is Scope.NONE
    assert rights.roles_with(Right.OPEN, [Scope.ALL]) == {"intake"}
    assert rights.roles_with(Right.SELF) == set(ROLES)


def test_whatever_shows_reports_or_lets_somebody_in_is_a_grave_role():
    for role in ROLES:
        shows = any(RIGHTS[role][right] is not Scope.NONE for right in CONTENT)
        keeps = RIGHTS[role][Right.USERS] is not Scope.NONE
        assert not (shows or keeps) or role in GRAVE, role


def test_every_role_that_a_procedure_names_may_act_or_answer(catalog: Book):
    known = {"citizen", "clock", "unit_member"}
    for one in catalog.procedures.values():
        for move in one.moves.values():
            for role in set(move.by) - known:
                acts = rights.may(actor(role), Right.ACT, Right.URGE)
                assert role == "inspector" or acts, (move, role)


@ONCE
def test_every_page_asks_for_a_right_and_the_way_there_for_the_same(room: Desk):
    needs = asked(room)
    free = {path for path, wanted in needs.items() if not wanted}
    assert {path for path in free if not path.startswith("/me")} <= OPEN_TO_ALL
    for path, _, right in NAV:
        assert right in needs[path], path


@ONCE
@pytest.mark.parametrize("role", ROLES)
def test_each_role_alone_opens_what_the_table_gives_and_finds_nothing_else(
    office: Office, role: str
):
    office.svc = replace(office.svc, office=base.Office("slack", "T0GAON", "", "numbers"))
    room = make(office)  # with a messenger, so that its page is there
    user = office.people["lim"].user_id
    assert user is not None

    def only(unit: Any) -> None:
        for had in users.roles(unit, user):
            users.revoke(unit, user, had)
        users.grant(unit, user, role, office.clock())

    office.do(only)
    who = office.see(lambda u: officials.actor(officials.official(u, user)))
    seat = room.seat("lim")
    for path, needs in asked(room).items():
        if not needs:
            continue
        plain = "{" not in path
        status = seat.status(re.sub(r"\{[^}]*\}", "1", path))
        if not rights.may(who, *needs):
            assert status == 404, (role, path)
        elif plain:
            assert status in {200, 303, 400, 422}, (role, path, status)
