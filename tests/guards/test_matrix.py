"""Every role before every page, from the table of rights: what is refused is like what is not (S8).

Each role sits in five places: away from what is complained of, in the unit itself, in what took
its work over, at the head of what stands over it, and in what he has left since. The table says
what the first may open; a guard goes before it in the other four.
"""

import io
import re
import uuid
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from bot.services import officials, rights, views
from bot.services.base import ROLES, Actor
from bot.services.rights import RIGHTS, Right, Scope
from storage.repositories import postings, unit_successors, units, users
from tests.desk.conftest import BASE, Desk, Seat, make
from tests.desk.forms import Page
from tests.guards.test_confirming import confirm
from tests.people.test_rights import asked
from tests.services.conftest import Office, answers

PLACES = ("away", "inside", "after", "over", "left")
SECRET = "은행나무길"  # stands in every report and on no page of ours
ABSENT = "2026-AAAA-22"
HERE, THERE = date(2020, 1, 1), date(2026, 11, 1)
ENTRY = {"/sign-out", "/stay", "/prove"}
"""Pages that end or prove a session."""


@dataclass(frozen=True)
class City:
    """The reports: about the road unit and about no unit; who each is given to."""

    guarded: str
    other: str
    waiting: str  # not confirmed yet

    @property
    def numbers(self) -> tuple[str, ...]:
        return (self.guarded, self.other, self.waiting)


def login(role: str, place: str) -> str:
    return f"{role.replace('_', '-')}-{place}"


def people(unit: Any, office: Office) -> dict[str, int]:
    """Put somebody of each role in each place."""
    old = units.by_code(unit, "road")
    assert old is not None
    new = units.add(unit, "road2", "도로안전과", valid_from=THERE, parent_id=old.parent_id)
    unit_successors.add(unit, old.id, new, THERE)
    away = units.add(unit, "parks", "공원과", valid_from=HERE)
    units.add(unit, "books", "도서관", valid_from=HERE)
    bureau = units.by_code(unit, "infra")
    assert bureau is not None
    where = {"away": away, "inside": old.id, "after": new, "over": bureau.id, "left": away}
    found = {}
    for role in ROLES:
        for place in PLACES:
            made = users.add(
                unit, login(role, place), f"{role}{place}", office.clock(), phone="1",
                unit_id=where[place] if place != "over" else away,
            )  # fmt: skip
            assert made is not None
            users.grant(unit, made, role, office.clock())
            if place == "over":
                postings.begin(unit, made, bureau.id, HERE, head=True)
            elif place == "left":
                postings.begin(unit, made, old.id, HERE)
                postings.end(unit, made, date(2026, 11, 10))
            found[login(role, place)] = made
    return found


def settle(office: Office) -> City:
    """File three reports and give two of them to the auditors who sit away."""
    made = office.do(lambda u: people(u, office))
    for name, user_id in made.items():
        who = office.see(lambda u, user_id=user_id: officials.official(u, user_id))
        office.people[name] = officials.actor(who)
    found = []
    for n, unit in enumerate(("road", "books", "books")):
        chosen = {"value": unit, "label": unit}
        form = answers(
            what=f"{SECRET} {n}: 답이 없어요.", prior_no=f"1AA-2610-012345{n}", unit=chosen
        )
        found.append(office.file(form, address=f"p{n}").number)
    for number, unit in zip(found[:2], ("road", "books"), strict=True):
        confirm(office, number, unit, since="2026-11-01")
        office.act("kim", number, "assign", handler="auditor-away")
        office.act("auditor-away", number, "start")
    return City(*found)


def sees(role: str, place: str, right: Right, city: City, number: str) -> bool:
    """Say what the table says, and before it the guard."""
    if place != "away" and number == city.guarded:
        return False
    scope = RIGHTS[role][right]  # type: ignore[index]
    if number == city.waiting:
        return role == "intake" and scope is Scope.ALL
    mine = role == "auditor" and place == "away"
    return scope in {Scope.ALL, Scope.CONFIRMED} or (scope is Scope.OWN and mine)


def pages(room: Desk) -> dict[str, tuple[Right, ...]]:
    """Give every page of the desk with the rights that open it."""
    return {path: needs for path, needs in asked(room).items() if path not in ENTRY}


def about(found: dict[str, tuple[Right, ...]]) -> dict[str, tuple[Right, ...]]:
    return {path: needs for path, needs in found.items() if "{number}" in path}


def fill(path: str, number: str) -> str:
    """Put something into the other holes of a path."""
    known = {
        "number": number,
        "action": "note",
        "seq": "3",
        "ref": "0" * 32,
        "issue": "2026-11",
        "n": "0",
    }
    return re.sub(r"\{(\w+)(?::\w+)?\}", lambda hole: known[hole[1]], path)


def body(answer: Any) -> str:
    """Give everything of an answer in which a word may stand: page, header, the sheets of a book."""
    told = " ".join(f"{name}: {value}" for name, value in answer.headers.items())
    if answer.content[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(answer.content)) as book:
            told += "".join(book.read(name).decode(errors="ignore") for name in book.namelist())
    return told + answer.content.decode(errors="ignore")


@contextmanager
def statements(office: Office) -> Iterator[list[str]]:
    """Write down every statement that reaches the database."""
    said: list[str] = []

    def note(_conn: Any, _cursor: Any, text: str, *_rest: Any) -> None:
        if "FROM instance" not in text:  # now and then, whoever asks for what: the keys' version
            said.append(text)

    engine = office.store.engine
    sa.event.listen(engine, "before_cursor_execute", note)
    try:
        yield said
    finally:
        sa.event.remove(engine, "before_cursor_execute", note)


def get(seat: Seat, path: str) -> Any:
    return seat.client.get(f"{BASE}{path}", follow_redirects=False)


def post(seat: Seat, path: str) -> Any:
    seal = Page(get(seat, "/me").text).form().fields["seal"][0]
    return seat.post(
        path, {"seal": seal, "command": str(uuid.uuid4()), "reason": "필요해서 봅니다"}
    )


def like(answer: Any, number: str) -> tuple[int, str]:
    """Give what can be told of an answer, the number that was asked for left out."""
    told = Page(answer.text).text + answer.headers.get("location", "")
    return answer.status_code, told.replace(number, "")


def a_page_of_a_report_opens_as_the_table_says(desk: Desk, city: City, office: Office) -> None:
    found = about(pages(desk))
    assert len(found) > 10
    for role in ROLES:
        seat = desk.seat(login(role, "away"))
        knows = rights.may(office.people[seat.login], Right.QUEUE)
        for number in city.numbers if knows else (city.other,):
            may = {path for path, needs in found.items() for right in needs
                   if sees(role, "away", right, city, number)}  # fmt: skip
            for path in found:
                status = get(seat, fill(path, number)).status_code
                if path in may:
                    maybe_nothing = "{ref}" in path or path.endswith(("/receipt", "/unredacted"))
                    assert status != 404 or maybe_nothing, (role, path, number)
                else:  # some pages are only sent to: they lead back to the report's own
                    assert status in {303, 404}, (role, path, number, status)
        assert get(seat, f"/filings/{ABSENT}").status_code == 404


def a_guard_goes_before_the_table_for_every_role(desk: Desk, city: City, office: Office) -> None:
    """Whoever is kept out gets of each page, sent or asked for, what he gets of no report at all."""
    found = list(about(pages(desk)))
    for role in ROLES:
        if not rights.may(office.people[login(role, "away")], Right.QUEUE):
            continue  # no report at all: the table's own affair
        for place in PLACES[1:]:
            seat = desk.seat(login(role, place))
            for path in found if place == "inside" else found[:2]:
                one, other = (get(seat, fill(path, n)) for n in (city.guarded, ABSENT))
                assert like(one, city.guarded) == like(other, ABSENT), (role, place, path)
                assert one.status_code in {303, 404}
            assert get(seat, f"/filings/{city.guarded}").status_code == 404
    for role in ("intake", "audit_head"):
        seat = desk.seat(login(role, "inside"))
        for path in found:
            one, other = (post(seat, fill(path, n)) for n in (city.guarded, ABSENT))
            assert like(one, city.guarded) == like(other, ABSENT), (role, path)


def refused_and_absent_take_the_same_path(desk: Desk, city: City, office: Office) -> None:
    """The database is asked the very same, whether a report is hidden or was never there."""
    for role in ("intake", "auditor", "audit_head", "inspector"):
        seat = desk.seat(login(role, "inside"))
        get(seat, "/me")  # notes the session once a minute
        for path in about(pages(desk)):
            heard = []
            for number in (city.guarded, ABSENT):
                with statements(office) as said:
                    get(seat, fill(path, number))
                heard.append(list(said))
            assert heard[0], path
            assert heard[0] == heard[1], (role, path)


def no_list_no_count_and_no_file_tells_of_what_one_may_not_see(
    desk: Desk, city: City, office: Office
) -> None:
    found = {path: needs for path, needs in pages(desk).items() if "{" not in path}
    assert len(found) > 15
    for role in ROLES:
        for place in ("away", "inside"):
            seat = desk.seat(login(role, place))
            actor = office.people[seat.login]
            hidden = [n for n in city.numbers if not sees(role, place, Right.QUEUE, city, n)]
            for path, needs in found.items():
                may = not needs or rights.may(actor, *needs)
                if not may and place != "away":
                    continue
                answer = get(seat, path)
                assert may or answer.status_code == 404, (role, path)
                told = body(answer)
                for number in hidden:
                    assert number not in told, (role, place, path)
                assert SECRET not in told, (role, place, path)


def a_search_and_a_number_said_find_only_what_one_sees(
    desk: Desk, city: City, office: Office
) -> None:
    for role in ("intake", "auditor", "audit_head"):
        for place in PLACES:
            seat = desk.seat(login(role, place))
            for path in (f"/search?q={SECRET}", f"/filings/find?number={city.guarded}"):
                answer = get(seat, path)
                shown = city.guarded in body(answer).replace(f"number={city.guarded}", "")
                if not sees(role, place, Right.SEARCH, city, city.guarded):
                    found = f"{city.guarded}: " in Page(answer.text).text  # what was typed
                    assert found or not shown, (role, place, path)


def counts_are_of_what_one_sees(desk: Desk, city: City, office: Office) -> None:
    """Two heads look at the same list: the one who is kept out finds one report less."""
    seen = {}
    for place in ("away", "inside"):
        text = get(desk.seat(login("audit_head", place)), "/filings?show=open").text
        seen[place] = [number for number in city.numbers if number in text]
    assert seen == {"away": [city.guarded, city.other], "inside": [city.other]}
    for place in PLACES[1:]:
        actor = office.people[login("audit_head", place)]
        tasks = office.see(lambda u, actor=actor: views.tasks_for(u, actor))
        assert city.guarded not in {task.number for task in tasks}


def a_deputy_sees_what_is_given_to_whom_he_stands_for_and_no_more(
    desk: Desk, city: City, office: Office
) -> None:
    own = office.people[login("auditor", "away")].user_id
    for place in PLACES:
        deputy = Actor(
            "official", office.people[login("editor", place)].user_id, roles=frozenset({"auditor"}),
            stands_for=frozenset({own or 0}),
        )  # fmt: skip
        seen = office.see(
            lambda u, deputy=deputy: {
                row.number for row in u.conn.execute(views.visible_filings(deputy))
            }
        )
        assert seen == ({city.guarded, city.other} if place == "away" else {city.other})


EVERYWHERE = (
    refused_and_absent_take_the_same_path,
    counts_are_of_what_one_sees,
    a_deputy_sees_what_is_given_to_whom_he_stands_for_and_no_more,
)
PAGES = (
    a_page_of_a_report_opens_as_the_table_says,
    a_guard_goes_before_the_table_for_every_role,
    no_list_no_count_and_no_file_tells_of_what_one_may_not_see,
    a_search_and_a_number_said_find_only_what_one_sees,
)
"""What hangs on pages alone is the same on both databases."""


def test_who_may_see_what(office: Office):
    city, desk = settle(office), make(office)
    for check in EVERYWHERE:
        check(desk, city, office)
    if office.store.engine.dialect.name == "sqlite":
        for check in PAGES:
            check(desk, city, office)
