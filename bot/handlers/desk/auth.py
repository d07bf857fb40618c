"""The way in and out: sign-in, invitation, sign-out (security S18, S30)."""

from starlette.responses import Response
from starlette.routing import BaseRoute

from bot.errors import Refused
from bot.handlers.desk import second
from bot.handlers.desk.pages import Pages
from bot.handlers.desk.parts import SESSION_SECONDS, DeskParts
from bot.handlers.desk.reception import Reception
from bot.handlers.desk.visit import Knock, Visit, inside, see
from bot.services import access, sessions, signing
from bot.services.signing import Half

PASSWORD_LEAST = 12
NOTES = {"out", "idle", "welcome", "half_gone"}


def routes(parts: DeskParts, pages: Pages, reception: Reception) -> list[BaseRoute]:
    door = _Door(parts, pages)
    return [
        reception.door("/sign-in", door.sign_in),
        reception.door("/invite", door.invite),
        reception.page("/sign-out", door.sign_out, resends=False),
        reception.page("/stay", door.stay, resends=False),
    ]


def left(parts: DeskParts, road: str) -> Response:
    """Send away whose session is over; who came by the agency's sign-in goes out there too."""
    site = parts.svc.site.oidc
    there = road == "oidc" and site is not None and site.sign_out_there
    answer = see(f"{parts.base}{'/oidc/out' if there else '/sign-in?note=out'}")
    parts.drop_cookie(answer, "desk")
    answer.headers["Clear-Site-Data"] = '"cache"'
    return answer


class _Door:
    def __init__(self, parts: DeskParts, pages: Pages) -> None:
        self._parts = parts
        self._pages = pages

    def sign_in(self, knock: Knock) -> Response:
        if not knock.post:
            note = knock.asked("note")
            return self._ask(knock, note=note if note in NOTES else "")
        login = knock.sent.get("login").strip()
        try:
            opened = signing.enter(
                self._parts.svc,
                self._parts.store,
                login,
                knock.sent.get("password"),
                self._parts.caller(knock.request, login),
                f"sign-in:{self._parts.svc.random(16).hex()}",
            )
        except Refused as error:
            slow = error.key == "access.slow"
            answer = self._ask(knock, 429 if slow else 401, login=login, error=error)
            if slow:
                answer.headers["Retry-After"] = str(error.params.get("seconds", 1))
            return answer
        wanted = inside(knock.sent.get("next"))
        if isinstance(opened, Half):
            return second.ask(self._parts, opened, wanted)
        answer = see(self._parts.base + wanted)
        self._parts.set_cookie(answer, "desk", opened.secret, SESSION_SECONDS)
        self._parts.drop_cookie(answer, "desk-door")
        return answer

    def _ask(
        self,
        knock: Knock,
        status: int = 200,
        *,
        login: str = "",
        note: str = "",
        error: Refused | None = None,
    ) -> Response:
        wanted = knock.sent.get("next") if knock.post else knock.asked("next")
        return self._pages.show(
            knock,
            "sign_in.html",
            status,
            login=login,
            next=inside(wanted),
            note=self._pages.text(f"desk.sign_in.{note}") if note else "",
            error=self._pages.why(error) if error else "",
        )

    def invite(self, knock: Knock) -> Response:
        """Let the holder of a one-time link set a password; a GET uses nothing up (S2)."""
        if not knock.post:
            return self._invited(knock)
        errors: dict[str, str] = {}
        password = knock.sent.get("password")
        if len(password) < PASSWORD_LEAST:
            errors["password"] = self._pages.text("desk.invite.error.short")
        elif password != knock.sent.get("again"):
            errors["again"] = self._pages.text("desk.invite.error.differ")
        if errors:
            return self._invited(knock, 422, errors=errors)
        ticket = knock.sent.get("ticket").strip()
        try:
            actor = access.set_password(
                self._parts.svc,
                self._parts.store,
                ticket,
                password,
                f"invite:{self._parts.svc.random(16).hex()}",
            )
        except Refused as error:
            return self._invited(knock, 422, error=self._pages.why(error))
        half = self._parts.store.transact(
            lambda unit: signing.second_step(self._parts.svc, unit, actor.user_id or 0), None
        )
        if half is not None:
            return second.ask(self._parts, half, "/")
        return see(f"{self._parts.base}/sign-in?note=welcome")

    def _invited(
        self,
        knock: Knock,
        status: int = 200,
        *,
        errors: dict[str, str] | None = None,
        error: str = "",
    ) -> Response:
        return self._pages.show(
            knock,
            "invite.html",
            status,
            ticket=knock.sent.get("ticket"),
            errors=errors or {},
            error=error,
        )

    def sign_out(self, visit: Visit) -> Response:
        if not visit.post:
            return see(f"{self._parts.base}/")
        road = self._parts.store.read(lambda unit: sessions.road(unit, visit.token))
        self._parts.store.transact(
            lambda unit: access.sign_out(self._parts.svc, unit, visit.token),
            f"sign-out:{self._parts.svc.random(16).hex()}",
        )
        return left(self._parts, road)

    def stay(self, visit: Visit) -> Response:  # noqa: ARG002 - coming here is all there is to it
        """Keep a session alive while somebody writes (WCAG 2.2.1); the visit itself is noted."""
        return Response(status_code=204)
