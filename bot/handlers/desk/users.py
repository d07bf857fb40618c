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
from bot.handlers.fields import Choice, Field
from bot.services import access, accounts, approvals, house, linking, officials, totp
from bot.services.base import ROLES
from bot.services.officials import Official
from bot.services.rights import GRAVE, Right
from knowledge.calendar import seoul_day
from knowledge.korean import clean_line
from storage.unit import Unit

Given = dict[str, Any]
ASKS = (accounts.PASSWORD, accounts.TOTP, accounts.REOPEN)
FIELDS: Mapping[str, str] = {
    "approval.reason": "reason",
    "access.staff_no": "staff_no",
    "access.staff_no_fixed": "staff_no",
    "access.unit_unknown": "unit",
    "access.role_unknown": "roles",
    "access.apart": "roles",
}
"""Beside which field a refusal is said."""


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
        svc = self._parts.svc
        people = self._parts.store.read(officials.everybody)
        linked = self._parts.store.read(lambda unit: linking.everybody(svc, unit))
        return self._pages.show(visit, "users.html", people=people, linked=linked)

    def add(self, visit: Visit) -> Response:
        """Add an official and show the one-time link, once."""
        if not visit.post:
            return self._form(visit, {}, {})
        given = self._given(visit)
        wrong = plain.empty(self._pages, given, "login", "name", "unit", "roles")
        if wrong:
            return self._form(visit, given, wrong)
        try:
            made = once(visit, "user_added", given, lambda unit: accounts.add(
                self._parts.svc, unit, visit.actor, given["login"], _who(given), given["roles"],
                given["reason"],
            ))  # fmt: skip
        except Refused as error:
            return self._form(visit, given, self._beside(error, "login"))
        waits = made.approval if made else None
        return self._link(visit, given["name"], made.invited if made else None, waits)

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
            made = once(visit, "invited", user_id, lambda unit: accounts.invite_again(
                self._parts.svc, unit, visit.actor, user_id
            ))  # fmt: skip
            return self._link(visit, who.name, made)
        if step == "close":
            once(visit, step, user_id, lambda unit: accounts.close(
                self._parts.svc, unit, visit.actor, user_id
            ))  # fmt: skip
            return see(f"{self._parts.base}/admin/users/{user_id}")
        if step == "unlink":
            once(visit, step, user_id, lambda unit: linking.unlink(
                self._parts.svc, unit, user_id, visit.actor
            ))  # fmt: skip
            return see(f"{self._parts.base}/admin/users/{user_id}")
        if step in ASKS:
            return self._ask(visit, who, step)
        return self._change(visit, who, self._given(visit))

    def _ask(self, visit: Visit, who: Official, step: str) -> Response:
        """Ask for what another person decides: a reset, or opening a closed account."""
        why = visit.sent.get("why").strip()

        def work(unit: Unit) -> int:
            if step == accounts.REOPEN:
                return accounts.ask_reopen(self._parts.svc, unit, visit.actor, who.id, why)
            return accounts.ask_reset(self._parts.svc, unit, visit.actor, who.id, why, step)

        try:
            once(visit, step, [who.id, why], work)
        except Refused as error:
            now = self._now(who) | {"why": why}
            return self._form(visit, now, {"why": self._pages.why(error)}, who)
        return see(f"{self._parts.base}/approvals")

    def _change(self, visit: Visit, who: Official, given: Given) -> Response:
        wrong = plain.empty(self._pages, given, "name", "unit", "roles")
        if wrong:
            return self._form(visit, given, wrong, who)
        try:
            waits = once(visit, "user_changed", [who.id, given], lambda unit: accounts.change(
                self._parts.svc, unit, visit.actor, who.id, _who(given), given["roles"],
                given["reason"],
            ))  # fmt: skip
        except Refused as error:
            return self._form(visit, given, self._beside(error, "roles"), who)
        return see(f"{self._parts.base}/{'approvals' if waits else 'admin/users'}")

    def _beside(self, error: Refused, field: str) -> Mapping[str, str]:
        """Say a refusal beside the field that it is about."""
        return {FIELDS.get(error.key, field): self._pages.why(error)}

    def _now(self, who: Official) -> Given:
        svc = self._parts.svc
        codes = {row.id: row.code for row in self._parts.store.read(house.unit_rows)}
        head = self._parts.store.read(lambda unit: accounts.heads(svc, unit, who.id))
        return {
            "name": who.name,
            "staff_no": who.staff_no,
            "title": who.title,
            "head": ["yes"] if head else [],
            "unit": codes.get(who.unit_id or 0, ""),
            "phone": who.phone,
            "email": who.email,
            "roles": sorted(who.roles),
        }

    def _given(self, visit: Visit) -> Given:
        names = ("login", "name", "staff_no", "title", "unit", "phone", "email")
        given: Given = {name: clean_line(visit.sent.get(name)) for name in names}
        given["reason"] = visit.sent.get("reason").strip()
        given["head"] = [one for one in visit.sent.all("head") if one == "yes"]
        given["roles"] = [role for role in visit.sent.all("roles") if role in ROLES]
        return given

    def _form(
        self, visit: Visit, given: Given, wrong: Mapping[str, str], user: Official | None = None
    ) -> Response:
        fields = self._fields(given, wrong, new=user is None)
        found = self._parts.store.read(
            lambda unit: approvals.open_(self._parts.svc, unit, visit.actor)
        )
        waits = [one for one in found if user and one.subject == user.id and _person(one.kind)]
        return self._pages.show(
            visit,
            "user.html",
            422 if wrong else 200,
            fields=fields,
            user=user,
            linked=self._parts.store.read(
                lambda unit: linking.state(self._parts.svc, unit, user.id)
            )
            if user
            else None,
            why=plain.field(self._pages, "user", "why", given, wrong, kind="long"),
            waits=waits,
            served=self._parts.store.read(lambda unit: accounts.served(unit, user.id))
            if user
            else (),
            asks=[kind for kind in ASKS if kind != accounts.REOPEN],
            fresh=user is not None
            and self._parts.store.read(lambda unit: accounts.fresh(unit, user.id)),
            usable={one.kind for one in waits if approvals.ripe(self._parts.svc, one)},
            factor=user is not None
            and self._parts.store.read(lambda unit: totp.has(unit, user.id)),
            command=new_command(visit),
            own=user is not None and user.id == visit.actor.user_id,
        )

    def _fields(self, given: Given, wrong: Mapping[str, str], *, new: bool) -> list[Field]:
        rows = self._parts.store.read(house.unit_rows)
        today = seoul_day(self._parts.svc.now())
        units = [
            Choice(row.code, row.name)
            for row in rows
            if row.valid_until is None or row.valid_until >= today
        ]
        roles = [
            Choice(
                role,
                self._pages.text(f"desk.role.{role}"),
                self._pages.text("desk.user.grave") if role in GRAVE else "",
            )
            for role in ROLES
        ]
        names = ("login", "name", "staff_no", "title", "phone", "email")
        may = {"staff_no", "title", "phone", "email"}
        fields = [
            plain.field(self._pages, "user", name, given, wrong, optional=name in may)
            for name in names[0 if new else 1 :]
        ]
        head = [Choice("yes", self._pages.text("desk.user.head_yes"))]
        return [
            *fields,
            plain.field(self._pages, "user", "unit", given, wrong, kind="lookup", options=units),
            plain.field(
                self._pages, "user", "head", given, wrong, kind="many", options=head, optional=True
            ),
            plain.field(self._pages, "user", "roles", given, wrong, kind="many", options=roles),
            plain.field(self._pages, "user", "reason", given, wrong, kind="long", optional=True),
        ]

    def _link(
        self, visit: Visit, name: str, made: access.Invited | None, waits: int | None = None
    ) -> Response:
        """Show the link; asked for twice with one form, it is not made twice nor shown again."""
        link = f"{self._parts.url.rstrip('/')}/invite#{made.secret}" if made else ""
        return self._pages.show(visit, "invited.html", name=name, link=link, waits=waits)


def _who(given: Given) -> accounts.Particulars:
    return accounts.Particulars(
        given["name"],
        given["unit"],
        given["phone"],
        given["email"],
        given["staff_no"],
        given["title"],
        head=bool(given["head"]),
    )


def _person(kind: str) -> bool:
    return approvals.KINDS[kind].person
