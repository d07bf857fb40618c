"""Accounts, invitations, sign-in, sessions."""

from datetime import timedelta

import pytest

from bot.errors import Refused
from bot.services import access, accounts
from bot.services.base import Actor
from storage.repositories import users
from tests.services.conftest import Office

PASSWORD = "가온시의 도로는 길고 길다"


def invited(office: Office, login: str = "new") -> access.Invited:
    return office.do(
        lambda u: access.add_user(
            office.svc, u, None, login=login, name="새직원", unit_code="audit",
            phone="031", email="new@gaon.example", roles=["auditor"],
        )
    )  # fmt: skip


def with_password(office: Office) -> Actor:
    made = invited(office)
    return access.set_password(office.svc, office.store, made.secret, PASSWORD, "set")


def sign_in(office: Office, password: str = PASSWORD, network: str = "n", run: str = "in"):
    return access.sign_in(office.svc, office.store, "new", password, network, run)


def refused(work) -> Refused:
    with pytest.raises(Refused) as caught:
        work()
    return caught.value


def test_an_invitation_sets_a_password_once(office: Office):
    made = invited(office)
    seen = office.see(lambda u: access.invited(office.svc, u, made.secret))
    assert seen is not None
    actor = access.set_password(office.svc, office.store, made.secret, PASSWORD, "a")
    assert actor.roles == {"auditor"}
    again = refused(
        lambda: access.set_password(office.svc, office.store, made.secret, PASSWORD, "b")
    )
    assert again.key == "access.invite_gone"
    assert sign_in(office).actor == actor


def test_an_invitation_ends_after_a_week_and_a_short_password_uses_nothing_up(office: Office):
    made = invited(office)
    short = refused(
        lambda: access.set_password(office.svc, office.store, made.secret, "짧음", "s")
    )
    assert short.key == "access.password_short"
    office.clock.advance(days=7)
    late = refused(
        lambda: access.set_password(office.svc, office.store, made.secret, PASSWORD, "l")
    )
    assert late.key == "access.invite_gone"


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"login": "한글"}, "access.login_bad"),
        ({"login": "park"}, "access.login_taken"),
        ({"unit_code": "none"}, "access.unit_unknown"),
        ({"roles": ["king"]}, "access.role_unknown"),
        ({"roles": []}, "access.role_unknown"),
    ],
)
def test_a_wrong_account_is_refused_by_name(office: Office, changes, key):
    known = {
        "login": "good", "name": "n", "unit_code": "audit", "phone": "", "email": "",
        "roles": ["auditor"],
    }  # fmt: skip
    given = {**known, **changes}
    assert refused(
        lambda: office.do(lambda u: access.add_user(office.svc, u, None, **given))
    ).key == key  # fmt: skip


def test_only_an_administrator_invites(office: Office):
    park = office.people["park"]
    assert refused(
        lambda: office.do(lambda u: access.invite(office.svc, u, park, park.user_id))
    ).key == "access.not_allowed"  # fmt: skip


def test_a_wrong_password_an_unknown_account_and_a_closed_one_look_alike(office: Office):
    actor = with_password(office)
    keys = [refused(lambda: sign_in(office, "wrong password 1")).key]
    keys.append(
        refused(
            lambda: access.sign_in(office.svc, office.store, "nobody", PASSWORD, "n2", "x")
        ).key
    )
    han = office.people["han"]
    office.do(lambda u: accounts.close(office.svc, u, han, actor.user_id))
    keys.append(refused(lambda: sign_in(office, network="n3")).key)
    assert keys == ["access.wrong"] * 3


def test_a_guess_at_nobody_costs_what_a_guess_at_somebody_costs(cheap_passwords):
    hasher, nobody = cheap_passwords
    assert not hasher.check_needs_rehash(nobody)


def test_guessing_slows_down_from_one_network_and_locks_nobody_out(office: Office):
    with_password(office)
    keys = [refused(lambda: sign_in(office, "guess guess guess", "enemy")).key for _ in range(7)]
    assert keys == ["access.wrong"] * 5 + ["access.slow"] * 2
    slow = refused(lambda: sign_in(office, PASSWORD, "enemy"))
    assert slow.params["seconds"] > 30
    assert sign_in(office, network="home").actor.name == "새직원"


def test_a_session_ends_when_idle_when_old_and_when_signed_out(office: Office):
    with_password(office)
    svc = office.svc

    def alive(secret: str) -> bool:
        return office.see(lambda u: access.session(svc, u, secret)) is not None

    idle = sign_in(office, run="1").secret
    office.clock.advance(minutes=14)
    office.do(lambda u: access.touch(svc, u, idle))
    office.clock.advance(minutes=14)
    assert alive(idle)
    office.clock.advance(minutes=1)
    assert not alive(idle)
    old = sign_in(office, run="2").secret
    end = office.clock() + timedelta(hours=8)
    while office.clock() < end:
        assert alive(old)
        office.do(lambda u: access.touch(svc, u, old))
        office.clock.advance(minutes=10)
    assert not alive(old)
    out = sign_in(office, run="3").secret
    office.do(lambda u: access.sign_out(svc, u, out))
    assert not alive(out)
    assert not alive("something else")


def test_a_changed_role_or_a_new_invitation_ends_every_session(office: Office):
    actor = with_password(office)
    secret = sign_in(office).secret
    han = office.people["han"]
    office.do(lambda u: access.invite(office.svc, u, han, actor.user_id))
    assert office.see(lambda u: access.session(office.svc, u, secret)) is None


def test_no_secret_and_no_password_is_stored(office: Office):
    made = invited(office)
    access.set_password(office.svc, office.store, made.secret, PASSWORD, "a")
    secret = sign_in(office).secret
    row = office.see(lambda u: users.by_login(u, "new"))
    assert row.password_hash.startswith("$argon2id$")
    from sqlalchemy import select  # noqa: PLC0415

    from storage import models  # noqa: PLC0415

    for table in (models.sessions, models.tickets, models.inbox, models.events):
        for one in office.see(lambda u, t=table: list(u.conn.execute(select(t)))):
            assert secret not in str(one)
            assert made.secret not in str(one)
