"""Officials' accounts, for the administrator."""

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response
from starlette.routing import BaseRoute

from bot.errors import Refused
from bot.handlers.desk import plain
from bot.handlers.desk.doing import new_command, once
from bot.handlers.desk.pages import Pages
from bot.handlers.desk.parts import DeskParts
from bot.handlers.desk.reception import Reception
from bot.handlers.desk.visit import Missing, Visit, see
from bot.handlers.fields import Choice
from bot.services import access, house, officials
from bot.services.base import ROLES
from bot.services.officials import Official
from bot.services.rights import Right
from knowledge.korean import clean_line

Given = dict[str, Any]


def routes(parts: DeskParts, pages: Pages, reception: Reception) -> list[BaseRoute]:
    desk = _Users(parts, pages)
    return [
        reception.page("/admin/users", desk.listed, Right.USERS),
        reception.page("/admin/users/add", desk.add, Right.USERS),
        reception.page("/admin/users/{user_id:int}", desk.one, Right.USERS),
    ]


class _Users:
    def __init__(self, parts: DeskParts, pages: Pages) -> None:
        self._parts = parts
        self._pages = pages

    def listed(self, visit: Visit) -> Response:
        people = self._parts.store.read(officials.everybody)
        return self._pages.show(visit, "users.html", people=people)

    def add(self, visit: Visit) -> Response:
        """Add an official and show the one-time link, once."""
        if not visit.post:
            return self._form(visit, {}, {})
        given = self._given(visit)
        wrong = plain.empty(self._pages, given, "login", "name", "unit", "roles")
        if wrong:
            return self._form(visit, given, wrong)
        try:
            made = once(visit, "user_added", given, lambda unit: access.add_user(
                self._parts.svc,
                unit,
                visit.actor,
                login=given["login"],
                name=given["name"],
                unit_code=given["unit"],
                phone=given["phone"],
                email=given["email"],
                roles=[role for role in ROLES if role in given["roles"]],
            ))  # fmt: skip
        except Refused as error:
            return self._form(visit, given, {"login": self._pages.why(error)})
        return self._link(visit, given["name"], made)

    def one(self, visit: Visit) -> Response:
        """Show one official; change him, close or open the account, invite again."""
        user_id = int(visit.path("user_id"))
        who = self._parts.store.read(lambda unit: officials.official(unit, user_id))
        if who is None:
            raise Missing
        if not visit.post:
            return self._form(visit, self._now(who), {}, who)
        step = visit.sent.get("step")
        if step == "invite":
            made = once(visit, "invited", user_id, lambda unit: access.invite(
                self._parts.svc, unit, visit.actor, user_id
            ))  # fmt: skip
            return self._link(visit, who.name, made)
        if step in {"close", "open"}:
            once(visit, step, user_id, lambda unit: house.set_active(
                self._parts.svc, unit, visit.actor, user_id, active=step == "open"
            ))  # fmt: skip
            return see(f"{self._parts.base}/admin/users/{user_id}")
        return self._change(visit, who, self._given(visit))

    def _change(self, visit: Visit, who: Official, given: Given) -> Response:
        wrong = plain.empty(self._pages, given, "name", "unit", "roles")
        if wrong:
            return self._form(visit, given, wrong, who)
        try:
            once(visit, "user_changed", [who.id, given], lambda unit: house.change_user(
                self._parts.svc,
                unit,
                visit.actor,
                who.id,
                name=given["name"],
                unit_code=given["unit"],
                phone=given["phone"],
                email=given["email"],
                roles=given["roles"],
            ))  # fmt: skip
        except Refused as error:
            return self._form(visit, given, {"roles": self._pages.why(error)}, who)
        return see(f"{self._parts.base}/admin/users")

    def _now(self, who: Official) -> Given:
        codes = {row.name: row.code for row in self._parts.store.read(house.unit_rows)}
        return {
            "name": who.name,
            "unit": codes.get(who.unit, ""),
            "phone": who.phone,
            "email": who.email,
            "roles": sorted(who.roles),
        }

    def _given(self, visit: Visit) -> Given:
        names = ("login", "name", "unit", "phone", "email")
        given: Given = {name: clean_line(visit.sent.get(name)) for name in names}
        given["roles"] = [role for role in visit.sent.all("roles") if role in ROLES]
        return given

    def _form(
        self, visit: Visit, given: Given, wrong: Mapping[str, str], user: Official | None = None
    ) -> Response:
        rows = self._parts.store.read(house.unit_rows)
        units = [Choice(row.code, row.name) for row in rows if not row.valid_until]
        roles = [Choice(role, self._pages.text(f"desk.role.{role}")) for role in ROLES]
        names = ("name", "phone", "email") if user else ("login", "name", "phone", "email")
        fields = [
            plain.field(
                self._pages, "user", name, given, wrong, optional=name in {"phone", "email"}
            )
            for name in names
        ]
        fields += [
            plain.field(self._pages, "user", "unit", given, wrong, kind="lookup", options=units),
            plain.field(self._pages, "user", "roles", given, wrong, kind="many", options=roles),
        ]
        return self._pages.show(
            visit,
            "user.html",
            422 if wrong else 200,
            fields=fields,
            user=user,
            command=new_command(visit),
            own=user is not None and user.id == visit.actor.user_id,
        )

    def _link(self, visit: Visit, name: str, made: access.Invited | None) -> Response:
        """Show the link; asked for twice with one form, it is not made twice nor shown again."""
        link = f"{self._parts.url.rstrip('/')}/invite#{made.secret}" if made else ""
        return self._pages.show(visit, "invited.html", name=name, link=link)
