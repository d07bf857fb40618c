"""Every role, every act, every kind of report, both levels: allowed or refused as the table says.

The desk's own table goes before the messenger's: whoever may not know of a report gets, whatever he
presses, the answer that a number gives which nobody has.
"""

from dataclasses import replace
from typing import Any

import pytest

from bot.errors import Refused
from bot.services import linking, officials, views
from bot.services import office as acts
from bot.services.base import ROLES, Actor
from bot.services.cards import NUMBERS
from storage.repositories import units, users
from storage.unit import Unit
from tests.guards.test_confirming import confirm
from tests.office.conftest import ACCOUNT, with_messenger
from tests.services.conftest import Office, answers

ONCE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
pytestmark = ONCE

PLACES = ("own", "other", "new", "waiting", "restricted", "guarded")
ABSENT = "2026-AAAA-22"
OFFICE = {"intake", "auditor", "audit_head"}
WATCH = {"chief", "examiner", "inspector"}
SEES = {
    "own": OFFICE | WATCH,
    "other": (OFFICE | WATCH) - {"auditor"},
    "new": (OFFICE | WATCH) - {"auditor"},
    "waiting": {"intake"},
    "restricted": {"inspector"},
    "guarded": set(),
}
"""Who may know of it. `own` is the auditor's; `guarded` is about the unit where the asker sits."""

GIVEN: dict[str, dict[str, Any]] = {
    "assign": {"handler": "park"},
    "reassign": {"handler": "lim"},
    "note": {"text": "현장을 다시 봅니다."},
}
STRANGERS = (
    "answer", "result", "conclude", "transfer", "extend", "refer", "identity", "export", "approve",
    "erase", "destroy", "close", "withdraw", "urge", "",
)  # fmt: skip
"""What is the desk's at every level (security S29), and what is nothing at all."""


def wanted(role: str, what: str, place: str, level: str) -> str:
    """Say what the table says: "" is allowed, else why not."""
    if level == "numbers" and what in {"note", "read"}:
        return "office.desk_only"
    if role not in SEES[place]:
        return "filing.unknown"
    if what in {"assign", "reassign"} and place == "waiting":
        return "office.guard_first"
    if what == "snooze":
        return ""
    if what == "remind":
        if place in {"new", "waiting", "restricted"}:
            return "office.nobody"
        return "office.oneself" if (role, place) == ("auditor", "own") else ""
    if what == "read":
        if role in OFFICE:
            return ""
        return "office.desk_only" if role == "inspector" else "filing.unknown"
    by: dict[str, set[tuple[str, str]]] = {
        "receive": {("intake", "waiting")},
        "assign": {(one, "new") for one in ("intake", "audit_head")},
        "reassign": {(one, at) for one in ("intake", "audit_head") for at in ("own", "other")},
        "note": {(one, at) for one in OFFICE for at in PLACES},
    }
    return "" if (role, place) in by[what] else "move.not_now"


class _Back(Exception):  # noqa: N818 - the way back
    pass


def tried(office: Office, who: str, what: str, number: str) -> str:
    """Do it from the messenger and take it back; gives why it was refused, "" for nothing."""

    def work(unit: Unit) -> None:
        actor = linking.actor(office.svc, unit, ACCOUNT, f"U{who}")
        acts.do(office.svc, unit, actor, what, number, None, GIVEN.get(what, {}))
        raise _Back

    try:
        office.do(work)
    except _Back:
        return ""
    except Refused as refused:
        return refused.key
    raise AssertionError


def settle(office: Office) -> dict[str, str]:
    """Put somebody of each role away from it and in the unit complained of; file the reports."""

    def people(unit: Unit) -> dict[str, int]:
        away = units.add(unit, "parks", "공원과", valid_from=office.clock().date())
        road = units.by_code(unit, "road")
        assert road is not None
        found = {}
        for role in ROLES:
            for place, where in (("away", away), ("in", road.id)):
                login = f"{role.replace('_', '-')}-{place}"
                made = users.add(unit, login, f"{role}{place}", office.clock(), unit_id=where,
                                 phone="1", email=f"{login}@gaon.example")  # fmt: skip
                assert made is not None
                users.grant(unit, made, role, office.clock())
                found[login] = made
        return found

    for login, user_id in office.do(people).items():
        who = office.see(lambda u, user_id=user_id: officials.official(u, user_id))
        office.people[login] = officials.actor(who)
    found = {}
    for n, place in enumerate(PLACES):
        unit = {"value": "road" if place == "guarded" else "build", "label": "부서"}
        form = answers(unit=unit, prior_no=f"1AA-2610-012345{n}")
        found[place] = office.file(form, address=f"p{n}").number
    for place, handler in (("own", "auditor-away"), ("other", "lim"), ("guarded", "auditor-away")):
        receive(office, found[place])
        confirm(
            office, found[place], "road" if place == "guarded" else "build", since="2026-11-20"
        )
        office.act("kim", found[place], "assign", handler=handler)
    receive(office, found["new"])
    confirm(office, found["new"], "build", since="2026-11-20")
    every = {login for login, who in office.people.items() if who.may("auditor", "audit_head")}
    receive(office, found["restricted"])
    confirm(office, found["restricted"], people=tuple(sorted(every)), since="2026-11-20")
    assert office.filing(found["restricted"]).restricted_at is not None
    return found


def receive(office: Office, number: str) -> None:
    office.act("kim", number, "receive")


def tie(office: Office, who: str) -> None:
    actor: Actor = office.people[who]
    code = office.do(lambda u: linking.offer(office.svc, u, actor))
    office.do(lambda u: linking.link(office.svc, u, ACCOUNT, f"U{who}", code))


def declare(office: Office, numbers: dict[str, str]) -> None:
    """Let everybody who reads words have said that he has no interest in them."""
    for place, number in numbers.items():
        for role in sorted(OFFICE & SEES[place]):
            who = office.people[f"{role.replace('_', '-')}-away"]
            office.do(lambda u, who=who, n=number: views.declare(
                office.svc, u, who, n, conflict=False
            ))  # fmt: skip


def test_every_role_does_from_the_messenger_what_the_table_says(build: Any):
    office = with_messenger(build(receive="person"), "full")
    numbers = settle(office)
    declare(office, numbers)
    for role in ROLES:
        for where in ("away", "in"):
            tie(office, f"{role.replace('_', '-')}-{where}")
    wrong = []
    for level in ("full", "numbers"):
        there = replace(office.svc.office, level=level)
        office.svc = replace(office.svc, office=there)
        for role in ROLES:
            for place in PLACES if role in OFFICE | WATCH else ("other", "guarded"):
                who = f"{role.replace('_', '-')}-{'in' if place == 'guarded' else 'away'}"
                for what in sorted(acts.MAY):
                    if level == "numbers" and what in NUMBERS and place != "other":
                        continue  # the level says nothing about these
                    got = tried(office, who, what, numbers[place])
                    if got != wanted(role, what, place, level):
                        wrong.append((level, role, place, what, got))
    assert wrong == []


def test_a_report_that_is_hidden_answers_like_one_that_never_was(build: Any):
    office = with_messenger(build(receive="person"), "full")
    numbers = settle(office)
    for role in ROLES:
        who = f"{role.replace('_', '-')}-in"
        tie(office, who)
        for what in sorted(acts.MAY):
            hidden, absent = (tried(office, who, what, n) for n in (numbers["guarded"], ABSENT))
            assert hidden == absent == "filing.unknown", (role, what)
            form = _asked(office, who, what, numbers["guarded"])
            assert form == "filing.unknown", (role, what)


def _asked(office: Office, who: str, what: str, number: str) -> str:
    def look(unit: Unit) -> Any:
        actor = linking.actor(office.svc, unit, ACCOUNT, f"U{who}")
        return acts.form(office.svc, unit, actor, what, number)

    with pytest.raises(Refused) as caught:
        office.see(look)
    return caught.value.key


def test_what_is_the_desk_s_and_what_is_asked_first_is_done_from_nowhere_else(build: Any):
    office = with_messenger(build(receive="person"), "full")
    numbers = settle(office)
    for role in ("intake", "audit_head", "auditor"):
        who = f"{role.replace('_', '-')}-away"
        tie(office, who)
        for what in STRANGERS:
            assert tried(office, who, what, numbers["own"]) == "office.unknown_act", what
        for what in ("read", "note"):
            assert tried(office, who, what, numbers["own"]) == "office.ask_first", (role, what)
