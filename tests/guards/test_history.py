"""Random histories of an organisation against a slow and obvious telling of who is kept out (S8)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.handlers.desk.doing import tryout
from bot.services.barred import bars, behind_the_wall, reasons
from storage import acting, models, roles
from storage.repositories import guards
from storage.unit import Unit
from tests import shipped
from tests.conftest import Database
from tests.services.conftest import Office

START = date(2026, 1, 1)
DAYS = st.integers(0, 40).map(lambda n: START + timedelta(days=10 * n))
UNITS, PEOPLE = 7, 4
KINDS = ("unit", "unit", "unit", "unit", "audit", "intake")


@dataclass(frozen=True)
class Tenure:
    user: int
    unit: int
    head: bool
    first: date
    last: date | None


@dataclass(frozen=True)
class Deputy:
    person: int
    deputy: int
    first: date
    last: date


@dataclass(frozen=True)
class City:
    """Units by number: their kinds and parents (always of a lower number), who followed whom."""

    kinds: tuple[str, ...]
    parents: tuple[int | None, ...]
    followed: tuple[tuple[int, int, date], ...]
    tenures: tuple[Tenure, ...]
    deputies: tuple[Deputy, ...]

    # -- the slow and obvious way: sets that grow until they do not

    def grow(self, start: set[int], more: Callable[[int], set[int]]) -> set[int]:
        while (larger := start.union(*(more(one) for one in start))) != start:
            start = larger
        return start

    def under(self, unit: int) -> set[int]:
        """Name what belongs to a whole; the audit office and 접수 stand for themselves."""
        belongs = enumerate(self.parents)
        return {n for n, up in belongs if up == unit and self.kinds[n] not in {"audit", "intake"}}

    def now(self, unit: int) -> set[int]:
        """Name what has the work of a unit today."""
        return self.grow(
            {unit},
            lambda one: self.under(one) | {new for old, new, _ in self.followed if old == one},
        )

    def then(self, unit: int, since: date) -> set[int]:
        """Name what had the work of a unit on a day."""

        def before(one: int) -> set[int]:
            return {old for old, new, day in self.followed if new == one and day > since}

        return self.grow({unit}, lambda one: self.under(one) | before(one))

    def over(self, unit: int) -> set[int]:
        """Name what stands over a unit, without the agency itself."""
        ups = self.grow({unit}, lambda one: {up for up in (self.parents[one],) if up is not None})
        return {one for one in ups if self.parents[one] is not None}

    def served(self, user: int) -> list[Tenure]:
        """List where somebody served, or acted for somebody who did."""
        own = [one for one in self.tenures if one.user == user]
        for act in (one for one in self.deputies if one.deputy == user):
            for one in (two for two in self.tenures if two.user == act.person):
                ends = one.last or date.max
                if one.first <= act.last and ends >= act.first:
                    own.append(Tenure(user, one.unit, one.head, one.first, min(ends, act.last)))
        return own

    def kept_out(self, user: int, unit: int, since: date) -> bool:
        family = self.now(unit) | self.then(unit, since)
        heads = set().union(*(self.over(one) for one in family))
        return any(
            (one.unit in family or (one.head and one.unit in heads))
            and (one.last is None or one.last >= since)
            for one in self.served(user)
        )


@st.composite
def cities(draw: st.DrawFn) -> City:
    some = range(UNITS)
    kinds = tuple(draw(st.sampled_from(KINDS)) for _ in some)
    parents = tuple(draw(st.none() | st.integers(0, n - 1)) if n else None for n in some)
    pairs = st.tuples(st.integers(0, UNITS - 1), st.integers(0, UNITS - 1))
    follows = draw(st.lists(pairs.filter(lambda two: two[0] != two[1]), max_size=4, unique=True))
    tenures = []
    for user in range(PEOPLE):
        for _ in range(draw(st.integers(0, 2))):
            first, last = draw(DAYS), draw(st.none() | DAYS)
            if last is None or last >= first:
                unit = draw(st.integers(0, UNITS - 1))
                tenures.append(Tenure(user, unit, draw(st.booleans()), first, last))
    acts = []
    for _ in range(draw(st.integers(0, 2))):
        person, deputy = draw(st.permutations(range(PEOPLE)))[:2]
        days = sorted((draw(DAYS), draw(DAYS)))
        acts.append(Deputy(person, deputy, *days))
    followed = tuple((old, new, draw(DAYS)) for old, new in follows)
    return City(kinds, parents, followed, tuple(tenures), tuple(acts))


def settle(unit: Unit, city: City, office: Office) -> tuple[list[int], list[int]]:
    """Write a city beside the one that is there; gives the ids of its units and people."""
    conn, now = unit.conn, office.clock()
    units: list[int] = []
    for n, (kind, up) in enumerate(zip(city.kinds, city.parents, strict=True)):
        row = {
            "code": f"u{n}", "name": f"부서{n}", "kind": kind, "valid_from": START,
            "parent_id": units[up] if up is not None else None,
        }  # fmt: skip
        made = sa.insert(models.units).values(row).returning(models.units.c.id)
        units.append(conn.execute(made).scalar_one())
    people = [
        conn.execute(
            sa.insert(models.users)
            .values(login=f"p{n}", name=f"사람{n}", created_at=now)
            .returning(models.users.c.id)
        ).scalar_one()
        for n in range(PEOPLE)
    ]
    for old, new, day in city.followed:
        row = {"unit_id": units[old], "successor_id": units[new], "from_day": day}
        conn.execute(sa.insert(models.unit_successors).values(row))
    for one in city.tenures:
        row = {
            "user_id": people[one.user], "unit_id": units[one.unit], "head": one.head,
            "first_day": one.first, "last_day": one.last,
        }  # fmt: skip
        conn.execute(sa.insert(models.postings).values(row))
    for act in city.deputies:
        row = {
            "person_id": people[act.person], "deputy_id": people[act.deputy],
            "first_day": act.first, "last_day": act.last, "set_at": now,
        }  # fmt: skip
        conn.execute(sa.insert(models.deputies).values(row))
    return units, people


@pytest.fixture(params=["sqlite", "walled"])
def database(request, tmp_path, ring):
    """On PostgreSQL with the walls up, as an account that may put on each role."""
    if request.param == "walled":
        walls = request.getfixturevalue("walls")
        return Database(walls.url(), tmp_path, walls.desk)
    return Database(f"sqlite:///{shipped.new_file(tmp_path)}", tmp_path, ring)


def hidden_by_the_wall(unit: Unit, who: int) -> bool:
    """Look at every filing as the desk's role does, for somebody, with no guard in the query."""
    conn, wall = unit.conn, behind_the_wall(unit, who)
    conn.info.update({"jeokgeuk_who": wall, "jeokgeuk_said": None})
    conn.exec_driver_sql(f"SET LOCAL ROLE {roles.DESK}")
    seen = conn.execute(sa.select(models.filings.c.id)).all()
    past = conn.execute(sa.select(models.events.c.id)).all()
    conn.exec_driver_sql("RESET ROLE")
    with acting.as_service(conn):
        every = len(conn.execute(sa.select(models.events.c.id)).all())
    assert bool(seen) == (len(past) == every)
    return not seen


def test_who_is_kept_out_is_what_the_history_tells(office: Office):
    filed = office.file().filing_id

    @settings(
        max_examples=40, deadline=None, database=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )  # fmt: skip
    @given(cities(), st.integers(0, UNITS - 1), DAYS)
    def tell(city: City, about: int, since: date) -> None:
        def look(unit: Unit) -> tuple[list[bool], set[int], list[bool]]:
            units, people = settle(unit, city, office)
            guards.clear(unit, filed)
            guards.add(unit, filed, unit_id=units[about], since=since, confirmed_at=office.clock())
            asked = [bars(sa.literal(filed), one) for one in people]
            found = [bool(unit.conn.scalar(sa.select(one))) for one in asked]
            named = {row.user_id for row in unit.conn.execute(reasons(filed))}
            walled = unit.dialect == "postgresql"
            wall = [hidden_by_the_wall(unit, one) for one in people] if walled else found
            return found, {n for n, one in enumerate(people) if one in named}, wall

        found, named, wall = tryout(office.store, look)
        expected = [city.kept_out(user, about, since) for user in range(PEOPLE)]
        assert found == expected
        assert named == {user for user, out in enumerate(expected) if out}
        assert wall == expected

    tell()


def test_a_guard_without_a_day_is_about_who_is_there_now(office: Office):
    lee, jung = (office.people[one].user_id for one in ("lee", "jung"))
    filed = office.file().filing_id

    def look(unit: Unit) -> list[bool]:
        road = office.people["lee"].unit_id
        left = {"user_id": jung, "unit_id": road, "first_day": START, "last_day": START}
        unit.conn.execute(sa.insert(models.postings).values(left))
        guards.clear(unit, filed)
        guards.add(unit, filed, unit_id=road, confirmed_at=office.clock())
        asked = [bars(sa.literal(filed), one) for one in (lee, jung)]
        return [bool(unit.conn.scalar(sa.select(one))) for one in asked]

    assert office.do(look) == [True, False]
