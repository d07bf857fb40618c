"""내 로그인: one's own sessions, password, second factor, and where one signed in from."""

from typing import Any

from starlette.responses import Response
from starlette.routing import BaseRoute

from bot.errors import Refused
from bot.handlers.desk import auth, plain, second, stepup
from bot.handlers.desk.doing import new_command, once
from bot.handlers.desk.pages import Pages
from bot.handlers.desk.parts import SESSION_SECONDS, DeskParts
from bot.handlers.desk.reception import Reception
from bot.handlers.desk.visit import Visit, see
from bot.handlers.fields import Field
from bot.services import access_log, officials, sessions, signing, totp
from storage.unit import Unit

FIELDS = ("old", "new", "again")


def routes(parts: DeskParts, pages: Pages, reception: Reception) -> list[BaseRoute]:
    desk = _Own(parts, pages)
    return [
        reception.page("/me", desk.page, resends=False),
        reception.page("/me/password", desk.password, resends=False),
        reception.page("/me/enrol", desk.enrol, resends=False),
        reception.page("/me/codes", desk.codes, resends=False),
    ]


class _Own:
    def __init__(self, parts: DeskParts, pages: Pages) -> None:
        self._parts = parts
        self._pages = pages

    def page(self, visit: Visit) -> Response:
        """Show one's own doors; end one session or all."""
        svc, actor = self._parts.svc, visit.actor
        step, ref = visit.sent.get("step"), visit.sent.get("ref")
        if visit.post and step == "everywhere":
            road = self._parts.store.read(lambda unit: sessions.road(unit, visit.token))
            once(visit, "me everywhere", "", lambda unit: sessions.end_all(svc, unit, actor))
            return auth.left(self._parts, road)
        if visit.post:
            once(visit, "me end", ref, lambda unit: sessions.end_one(svc, unit, actor, ref))
            return see(f"{self._parts.base}/me")
        user_id = actor.user_id or 0

        def look(unit: Unit) -> dict[str, Any]:
            return {
                "sessions": sessions.own(svc, unit, actor, visit.token),
                "factor": totp.has(unit, user_id),
                "left": totp.paper_left(unit, user_id),
                "signed": access_log.own_sign_ins(unit, user_id),
                "who": officials.official(unit, user_id),
                "password": signing.has_password(unit, user_id),
            }

        found = self._parts.store.read(look)
        found["messenger"] = svc.office.on
        return self._pages.show(visit, "me.html", command=new_command(visit), **found)

    def password(self, visit: Visit) -> Response:
        """Change one's own password; the old one is asked, every session ends but this."""
        if not visit.post:
            return self._password(visit, {})
        sent = {name: visit.sent.get(name) for name in FIELDS}
        wrong = plain.empty(self._pages, sent, *FIELDS)
        if not wrong and sent["new"] != sent["again"]:
            wrong["again"] = self._pages.text("desk.invite.error.differ")
        if wrong:
            return self._password(visit, wrong)
        svc, store = self._parts.svc, self._parts.store
        who = store.read(lambda unit: officials.official(unit, visit.actor.user_id or 0))
        try:
            opened = signing.change_password(
                svc,
                store,
                visit.actor,
                sent["old"],
                sent["new"],
                self._parts.caller(visit.request, who.login if who else ""),
                f"password:{svc.random(16).hex()}",
            )
        except Refused as error:
            field = "new" if error.key == "access.password_short" else "old"
            return self._password(visit, {field: self._pages.why(error)})
        answer = see(f"{self._parts.base}/me")
        self._parts.set_cookie(answer, "desk", opened.secret, SESSION_SECONDS)
        return answer

    def _password(self, visit: Visit, wrong: dict[str, str]) -> Response:
        fields = [
            Field(
                name,
                "text",
                self._pages.text(f"desk.password.{name}"),
                hint=self._pages.maybe(f"desk.password.{name}_hint"),
                error=wrong.get(name, ""),
                max=200,
            )
            for name in FIELDS
        ]
        return self._pages.show(visit, "password.html", 422 if wrong else 200, fields=fields)

    def enrol(self, visit: Visit) -> Response:
        """Let a telephone learn its codes, where it was left open at the first sign-in."""
        stepup.require(visit)
        svc, user_id = self._parts.svc, visit.actor.user_id or 0
        if self._parts.store.read(lambda unit: totp.has(unit, user_id)):
            return see(f"{self._parts.base}/me")
        half = self._parts.store.transact(
            lambda unit: signing.half(svc, unit, user_id, "enrol"), None
        )
        return second.ask(self._parts, half, "/me")

    def codes(self, visit: Visit) -> Response:
        """Make ten new codes on paper; those of before are void."""
        stepup.require(visit)
        svc, actor = self._parts.svc, visit.actor
        if not visit.post or "command" not in visit.sent.words:
            return self._pages.show(visit, "codes.html", command=new_command(visit))
        made = once(visit, "me codes", "", lambda unit: totp.paper(svc, unit, actor))
        if made is None:
            return see(f"{self._parts.base}/me")
        return self._pages.show(visit, "paper_codes.html", codes=made, own=True, next="/me")
