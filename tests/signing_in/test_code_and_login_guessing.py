"""code_and_login_guessing: ten thousand addresses, an hour, and who they must not keep out."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa

from bot.errors import Refused
from bot.services import guesses, signing, status
from bot.services.signing import Caller, Session
from storage import models
from storage.repositories import erasing, rates, users
from tests.desk.stage import PASSWORD
from tests.services.conftest import Office
from tests.signing_in.conftest import give_password

ADDRESSES = {
    "sqlite": 10_000,
    "postgresql": 1_000,
}  # the statements are the same, ten times slower
ROUNDS = 10
HOUR = 3600.0


def later(office: Office, seconds: float) -> None:
    """Move the clock that rates run on: what was taken lies that much further back."""
    back = sa.update(models.rates).values(tat=models.rates.c.tat - int(seconds * 1_000_000))
    office.do(lambda u: u.conn.execute(back))


def storm(office: Office, take: Callable[[Any, str], float]) -> int:
    """Let every address guess within the hour; gives how many tries reached the check."""
    reached, each = 0, ADDRESSES[office.store.engine.dialect.name] // ROUNDS
    for n in range(ROUNDS):
        names = [f"net-{n}-{one}" for one in range(each)]
        reached += office.do(lambda u, names=names: sum(take(u, name) == 0 for name in names))
        later(office, HOUR / ROUNDS)
    return reached


def budget(rate: tuple[float, int]) -> int:
    every, burst = rate
    return burst + int(HOUR / every) + ROUNDS


def key_of(work: Callable[[], Any]) -> str:
    with pytest.raises(Refused) as caught:
        work()
    return caught.value.key


def test_ten_thousand_addresses_reach_the_password_no_oftener_than_the_budget(office: Office):
    give_password(office, "park")
    device = office.do(lambda u: guesses.remember(u, "park", office.clock()))
    at = office.clock()
    reached = storm(office, lambda u, net: guesses.password(u, "park", net, "", at))
    assert 0 < reached <= budget(guesses.ACCOUNT)
    office.do(lambda u: [guesses.password(u, "park", f"x{n}", "", at) for n in range(300)])
    svc, store = office.svc, office.store
    stranger = Caller("one more")
    assert key_of(lambda: signing.enter(svc, store, "park", PASSWORD, stranger, "a")) == (
        "access.slow"
    )
    home = Caller("home", device=device)
    assert isinstance(signing.enter(svc, store, "park", PASSWORD, home, "b"), Session)


def test_ten_thousand_addresses_that_know_the_password_reach_few_codes(office: Office):
    device = office.do(lambda u: guesses.remember(u, "park", office.clock()))
    at = office.clock()
    reached = storm(office, lambda u, net: guesses.code(u, "park", net, "", at))
    assert 0 < reached <= budget(guesses.CODES)
    office.do(lambda u: [guesses.code(u, "park", f"x{n}", "", at) for n in range(300)])
    assert office.do(lambda u: guesses.code(u, "park", "x", "", at)) > 0
    assert office.do(lambda u: guesses.code(u, "park", "home", device, at)) == 0


def test_guesses_at_one_account_leave_the_others_alone(office: Office):
    give_password(office, "lim")
    at = office.clock()
    for n in range(200):
        office.do(lambda u, n=n: guesses.password(u, "park", f"n{n}", "", at))
    opened = signing.enter(office.svc, office.store, "lim", PASSWORD, Caller("own"), "a")
    assert isinstance(opened, Session)


def test_a_network_full_of_enemies_does_not_keep_a_known_browser_out(office: Office):
    at = office.clock()
    device = office.do(lambda u: guesses.remember(u, "park", at))
    for n in range(100):
        office.do(lambda u, n=n: guesses.password(u, f"somebody{n}", "office", "", at))
    assert office.do(lambda u: guesses.password(u, "park", "office", "", at)) > 0
    assert office.do(lambda u: guesses.password(u, "park", "office", device, at)) == 0


def test_wrong_codes_of_a_report_are_bounded_and_its_reporter_gets_in(office: Office):
    filed = office.file()
    svc, store = office.svc, office.store

    def guess(network: str) -> str:
        return key_of(lambda: status.by_code(svc, store, filed.number, "0000", network))

    told = [guess(f"n{n % 3}") for n in range(24)]
    assert told.count("code.wrong") == 3 * status.OWN
    left = status.ALL - told.count("code.wrong") - 4
    office.do(
        lambda u: rates.take(u, "code:all", every=HOUR / status.ALL, burst=status.ALL, count=left)
    )
    crowd = [guess(f"crowd{n}") for n in range(12)]
    assert crowd.count("code.wrong") <= 5
    assert set(crowd[-6:]) == {"code.slow"}
    seen = status.by_code(svc, store, filed.number, filed.code, "home")
    assert seen.number == filed.number


@contextmanager
def asked(office: Office) -> Iterator[list[str]]:
    """Write down what the database is asked, without the values."""
    seen: list[str] = []
    learner = office.store.learner
    if learner is not None:  # every five seconds a process looks at its keys: not while we listen
        learner.clock = lambda: float("-inf")

    def note(_conn: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    sa.event.listen(office.store.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        sa.event.remove(office.store.engine, "before_cursor_execute", note)


def log_of(office: Office, work: Callable[[], Any]) -> tuple[str, list[str]]:
    with asked(office) as seen:
        key = key_of(work)
    return key, list(seen)


def test_wrong_number_wrong_code_and_erased_take_the_same_path(office: Office):
    known, erased = office.file(), office.file(address="b")
    gone = office.filing(erased.number)
    office.do(lambda u: erasing.erase(u, gone.id, gone.sid, office.clock(), "clock"))
    svc, store = office.svc, office.store
    cases = {
        "wrong number": ("2026-2222-22", known.code),
        "no number": ("?", known.code),
        "wrong code": (known.number, "0000-0000-0000-0000"),
        "erased": (erased.number, erased.code),
    }
    logs = {
        name: log_of(office, lambda c=case, n=name: status.by_code(svc, store, *c, n))
        for name, case in cases.items()
    }
    assert {key for key, _ in logs.values()} == {"code.wrong"}
    first = logs["wrong code"]
    assert len(first[1]) > 2
    assert [name for name, log in logs.items() if log != first] == []


def test_unknown_closed_and_without_a_password_take_the_path_of_a_wrong_password(office: Office):
    for login in ("park", "lim"):
        give_password(office, login)
    office.do(lambda u: users.set_active(u, office.people["lim"].user_id, active=False))
    svc, store = office.svc, office.store
    logs = {
        login: log_of(
            office, lambda one=login: signing.enter(svc, store, one, "아닌 암호", Caller(one), one)
        )
        for login in ("park", "nobody", "lim", "choi", "", "'; drop", "가" * 500)
    }
    assert {key for key, _ in logs.values()} == {"access.wrong"}
    assert [login for login, log in logs.items() if log != logs["park"]] == []
