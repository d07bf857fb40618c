"""대신 맡을 사람: each unit's chain, for its head, the head of the audit office and the admin."""

from collections.abc import Mapping, Sequence
from typing import Any

from starlette.responses import Response
from starlette.routing import BaseRoute

from bot.errors import Refused
from bot.handlers.desk.doing import new_command, once
from bot.handlers.desk.pages import Pages
from bot.handlers.desk.parts import DeskParts
from bot.handlers.desk.reception import Reception
from bot.handlers.desk.visit import LONGEST_ID, Missing, Visit, see
from bot.handlers.fields import Choice, Field
from bot.services import chains, officials
from bot.services.chains import Chain
from bot.services.rights import Right

PLACES = 5
"""Fields of one page; a longer chain keeps its tail."""


def routes(parts: DeskParts, pages: Pages, reception: Reception) -> list[BaseRoute]:
    desk = _Chains(parts, pages)
    return [
        reception.page("/chains", desk.listed, Right.CHAINS),
        reception.page("/chains/{code}", desk.one, Right.CHAINS),
    ]


class _Chains:
    def __init__(self, parts: DeskParts, pages: Pages) -> None:
        self._parts = parts
        self._pages = pages

    def listed(self, visit: Visit) -> Response:
        rows = self._parts.store.read(lambda unit: chains.of(unit, visit.actor))
        wanted = self._parts.store.read(chains.without)
        return self._pages.show(visit, "chains.html", rows=rows, wanted=wanted)

    def one(self, visit: Visit) -> Response:
        """Show a unit's chain, and write it anew."""
        code = visit.path("code")
        rows = self._parts.store.read(lambda unit: chains.of(unit, visit.actor))
        chain = next((one for one in rows if one.code == code), None)
        if chain is None:
            raise Missing
        if not visit.post:
            now = {f"place{n}": str(who.id) for n, who in enumerate(chain.people, 1)}
            return self._form(visit, chain, now, {})
        given = {name: visit.sent.get(name) for name in _places()}
        picked = [value for value in given.values() if value]
        people = [int(one) for one in picked if one.isdecimal() and len(one) <= LONGEST_ID]
        people += [who.id for who in chain.people[PLACES:]]
        try:
            once(visit, f"chain {code}", given, lambda unit: chains.put(
                self._parts.svc, unit, visit.actor, code, people
            ))  # fmt: skip
        except Refused as error:
            if error.key == "filing.unknown":
                raise Missing from None
            return self._form(visit, chain, given, {"place1": self._pages.why(error)})
        return see(f"{self._parts.base}/chains")

    def _form(
        self, visit: Visit, chain: Chain, given: Mapping[str, Any], wrong: Mapping[str, str]
    ) -> Response:
        people = self._parts.store.read(officials.everybody)
        options = _fitting(chain, people)
        fields = [
            Field(
                name,
                "lookup",
                self._pages.text("desk.chain.place", n=n),
                error=wrong.get(name, ""),
                optional=True,
                values=(given[name],) if given.get(name) else (),
                options=tuple(options),
            )
            for n, name in enumerate(_places(), 1)
        ]
        return self._pages.show(
            visit,
            "chain.html",
            422 if wrong else 200,
            chain=chain,
            fields=fields,
            command=new_command(visit),
        )


def _places() -> list[str]:
    return [f"place{n}" for n in range(1, PLACES + 1)]


def _fitting(chain: Chain, people: Sequence[officials.Official]) -> list[Choice]:
    """Give who may stand in: active, of another unit, not who looks after accounts."""
    here = {who.id for who in chain.people}
    return [
        Choice(str(who.id), f"{who.unit} {who.name} ({who.login})".strip())
        for who in people
        if who.id in here
        or (who.active and who.unit_id != chain.unit_id and not who.roles & chains.APART)
    ]
