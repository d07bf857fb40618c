"""Who sits at the console: the same password and second factor as at the desk (security S9)."""

import uuid

import typer

from bot.app import App
from bot.errors import Refused
from bot.services import access, sessions, signing
from bot.services.base import Actor
from bot.services.signing import Caller, Half

CONSOLE = Caller("console")


def signed_in(parts: App, login: str) -> Actor:
    """Ask for the password and the code of an official; gives him, and keeps no session.

    Raises `Refused` as the desk does: access.wrong, access.slow, totp.wrong, access.enrol_first.
    """
    name = login or typer.prompt("아이디", err=True)
    password = typer.prompt("비밀번호", hide_input=True, err=True)
    svc, store = parts.svc, parts.store
    entered = signing.enter(svc, store, name, password, CONSOLE, f"cli:{uuid.uuid4()}")
    if isinstance(entered, Half):
        if entered.needs != "code":
            raise Refused("access.enrol_first")
        code = typer.prompt("인증 앱의 여섯 자리", hide_input=True, err=True)
        command = f"cli:{uuid.uuid4()}"
        entered = signing.finish(svc, store, entered.secret, code, CONSOLE, command).session
    secret = entered.secret
    try:
        actor = store.read(lambda unit: access.session(svc, unit, secret))
    finally:
        store.transact(lambda unit: sessions.sign_out(svc, unit, secret), None)
    assert actor is not None
    return actor
