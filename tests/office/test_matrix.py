"""Every role before everything the messenger can do, from the table of rights (S8, S29).

The city, its places and the three reports are those of the desk's own matrix; a fourth report is
restricted, because nobody of the office may handle it. What is refused is like what is not.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest

from bot.dialogs.replies import Cards, Say
from bot.errors import Refused
from bot.services import cards, linking, moves, rights, views
from bot.services import office as acts
from bot.services.base import ROLES, Actor
from bot.services.rights import RIGHTS, Right, Scope
from storage.unit import Unit
from tests.guards.test_confirming import confirm
from tests.guards.test_matrix import SECRET, City, login, sees, settle, statements
from tests.office.conftest import ACCOUNT, address, link, with_messenger
from tests.services.conftest import Office, answers

ABSENT = "2026-AAAA-AE"
LISTS = ("대기", "내 일", "지남", "알림", "데기")
GIVEN: dict[str, dict[str, Any]] = {
    "assign": {"handler": "lim"}, "reassign": {"handler": "lim"}, "note": {"text": "메모입니다."},
}  # fmt: skip
SEATS = [(role, place) for role in ROLES for place in ("away", "inside")]
KEPT_OUT = (("auditor", "inside"), ("intake", "inside"), ("inspector", "inside"))


@dataclass(frozen=True)
class Town:
    """`fresh` is given to nobody yet, `submitted` not even received."""

    office: Office
    city: City
    restricted: str
    fresh: str
    submitted: str

    @property
    def numbers(self) -> tuple[str, ...]:
        return (*self.city.numbers, self.fresh, self.submitted, self.restricted)

    def sees(self, role: str, place: str, number: str) -> bool:
        if number == self.restricted:
            return role == "inspector"
        if number in {self.fresh, self.submitted}:
            return RIGHTS[role][Right.QUEUE] in {Scope.ALL, Scope.CONFIRMED}  # type: ignore[index]
        return sees(role, place, Right.QUEUE, self.city, number)


class Undone(Exception):  # noqa: N818 - takes back what was tried
    """What was tried is taken back, so that everybody meets the same reports."""


def tries(office: Office, work: Callable[[Unit], Any]) -> Any:
    """Try something as in earnest, and take it back; gives what came of it or why not."""
    found: list[Any] = []

    def tried(unit: Unit) -> None:
        try:
            found.append(work(unit))
        except Refused as no:
            found.append(no)
        except moves.BadFields as wrong:
            found.append(wrong)
        raise Undone

    with pytest.raises(Undone):
        office.do(tried)
    return found[0]


def who(office: Office, unit: Unit, name: str) -> Actor:
    return linking.actor(office.svc, unit, ACCOUNT, address(name))


def does(office: Office, name: str, what: str, number: str) -> Any:
    """Press a button: form first, as the modal does, then the act."""

    def work(unit: Unit) -> Any:
        actor = who(office, unit, name)
        if what in {"read", "note"} and views.unasked(unit, actor, number):
            views.declare(office.svc, unit, actor, number, conflict=False)
        if what != "read":
            acts.form(office.svc, unit, actor, what, number)
        return acts.do(office.svc, unit, actor, what, number, None, GIVEN.get(what, {}))

    return tries(office, work)


def says(office: Office, name: str, text: str) -> Any:
    return tries(
        office, lambda u: acts.command(office.svc, u, ACCOUNT, address(name), text)
    )  # fmt: skip


def told(office: Office, answer: Any) -> str:
    """Give everything of an answer in which a word may stand."""
    if isinstance(answer, Refused):
        return f"{answer.key} {answer.params}"
    if isinstance(answer, moves.BadFields):
        return str({name: office.say(words) for name, words in answer.errors.items()})
    parts = [
        office.say(answer.text),
        *(f"{one.label} {one.url} {one.arg}" for one in answer.options),
    ]
    for one in answer.cards if isinstance(answer, Cards) else ():
        parts += [office.say(one.title), office.say(one.text)]
        parts += [f"{way.url} {way.arg}" for way in one.options]
    return "\n".join(parts)


def may(town: Town, role: str, place: str, what: str, number: str) -> bool:
    """Say whether a press does something, by the procedure's moves and the table of rights."""
    office, name = town.office, login(role, place)
    if not town.sees(role, place, number):
        return False
    filing, own = office.filing(number), office.people[name]
    if what in cards.MOVES:
        open_ = office.see(lambda u: moves.available(office.svc, u, own, number))
        firm = what not in {"assign", "reassign"} or number != town.city.waiting
        return firm and any(one.action == what and not one.blocked for one in open_)
    if what == "remind":
        return filing.assignee_id not in {None, own.user_id}
    if what == "read":
        scope = RIGHTS[role][Right.ACT]  # type: ignore[index]
        mine = filing.assignee_id == own.user_id
        return (scope is Scope.OWN and mine) or scope not in {Scope.OWN, Scope.NONE}
    return what == "snooze"


def a_press_does_what_the_table_and_the_procedure_say(town: Town) -> None:
    office, done = town.office, set()
    for role, place in SEATS:
        for number in town.numbers if place == "away" else town.numbers[:1]:
            for what in acts.MAY:
                answer = does(office, login(role, place), what, number)
                where = (role, place, what, town.numbers.index(number), told(office, answer))
                assert isinstance(answer, Say | Cards) == may(town, role, place, what, number), (
                    where
                )
                if isinstance(answer, Say | Cards):
                    done.add(what)
                assert SECRET not in told(office, answer) or what == "read", where
    assert done == acts.MAY


def at_numbers_no_press_brings_a_word(town: Town) -> None:
    there = replace(town.office.svc.office, level="numbers")
    office = replace(town.office, svc=replace(town.office.svc, office=there))
    for role in ROLES:
        for what in ("read", "note"):
            for number in (town.city.guarded, ABSENT):
                answer = does(office, login(role, "away"), what, number)
                assert isinstance(answer, Refused)
                assert answer.key == "office.desk_only"


def a_card_a_list_and_home_show_what_one_sees(town: Town) -> None:
    office = town.office
    for role, place in SEATS:
        name = login(role, place)
        queue = rights.may(office.people[name], Right.QUEUE)
        hidden = [one for one in town.numbers if not town.sees(role, place, one)]
        for number in town.numbers:
            answer = says(office, name, number.lower().replace("-", " "))
            assert isinstance(answer, Cards) == (number not in hidden), (role, place)
        pages = [told(office, says(office, name, text)) for text in LISTS]
        home = tries(
            office, lambda u, name=name: acts.home(office.svc, u, who(office, u, name))
        )  # fmt: skip
        pages.append(str(home))
        found = tries(
            office,
            lambda u, name=name: acts.find(office.svc, u, who(office, u, name), "auditors", ""),
        )
        pages.append(str(found))
        assert queue or "office.no_queue" in pages[0]
        for page in pages:
            assert SECRET not in page
            assert [one for one in hidden if one in page] == [], (role, place)
        counted = [len(shelf.lines) + shelf.more for shelf in home.shelves]
        assert sum(counted) <= 2 * (len(town.numbers) - len(hidden)), (role, place)


def hidden_and_absent_are_one(town: Town, seats: Iterable[tuple[str, str]]) -> None:
    """The same words, and the database is asked the very same, whatever is pressed or said."""
    office = town.office
    for role, place in seats:
        name = login(role, place)
        hidden = [one for one in town.numbers if not town.sees(role, place, one)]
        for number in hidden[:1] + hidden[-1:]:
            for press in presses(office, name):
                heard = []
                for asked in (number, ABSENT):
                    with statements(office) as said:
                        words = told(office, press(asked)).replace(asked, "")
                    heard.append((words, list(said)))
                assert heard[0][1]
                assert heard[0] == heard[1], (role, place, town.numbers.index(number))


def presses(office: Office, name: str) -> Iterator[Callable[[str], Any]]:
    for what in sorted(acts.MAY):
        yield lambda number, what=what: does(office, name, what, number)
    for write in (str, str.lower, lambda number: number.replace("-", " · ")):
        yield lambda number, write=write: says(office, name, write(number))


def settled(office: Office) -> Town:
    city = settle(office)
    names = [login(*seat) for seat in SEATS]
    kept = [one for one, who in office.people.items() if who.roles & {"auditor", "audit_head"}]
    restricted = filed(office, "r", *kept)
    assert office.filing(restricted).restricted_at is not None
    fresh = filed(office, "f")
    site = office.svc.site.model_copy(update={"receive": "person"})
    submitted = filed(replace(office, svc=replace(office.svc, site=site)), "s")
    link(office, *names)
    return Town(office, city, restricted, fresh, submitted)


def filed(office: Office, address: str, *people: str) -> str:
    """File a report that names no unit, and confirm that these persons may not see it."""
    form = answers(what=f"{SECRET} {address}: 답이 없어요.", unit=None)
    number: str = office.file(form, address=address).number
    confirm(office, number, people=people, since="2026-11-01")
    return number


def test_who_may_do_and_see_what_at_the_messenger(build: Any) -> None:
    town = settled(with_messenger(build(), "full"))
    if town.office.store.engine.dialect.name != "sqlite":
        hidden_and_absent_are_one(town, KEPT_OUT[:2])
        return
    hidden_and_absent_are_one(town, KEPT_OUT)
    a_press_does_what_the_table_and_the_procedure_say(town)
    at_numbers_no_press_brings_a_word(town)
    a_card_a_list_and_home_show_what_one_sees(town)
