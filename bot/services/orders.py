"""`/civic …`: understood, and answered with what the official may see."""

from collections.abc import Callable, Mapping

from bot.dialogs.replies import Card, Cards, Option, Phrase, Reply, Say
from bot.errors import Refused
from bot.services import (
    cards,
    civic,
    homes,
    linking,
    office_apply,
    office_news,
    outlook,
    rights,
    sight,
)
from bot.services.base import Actor, Desk
from bot.services.digests import words
from bot.services.homes import Shelf
from bot.services.listing import rows_of
from bot.services.rights import Right
from storage.repositories import snoozes
from storage.unit import Unit

COMMAND = "/civic"


def command(svc: Desk, unit: Unit, account: str, address: str, text: str) -> Reply:
    """Answer a command. Linking and help need no link yet; the rest asks who it is.

    Raises `Refused` office.*, filing.unknown.
    """
    wish = civic.understand(svc.texts, text)
    if wish.what == "link":
        return _link(svc, unit, account, address, wish.rest)
    if wish.what == "help":
        linking.ours(svc, account)
        return _help(svc)
    if wish.what in civic.NEWS:
        return office_news.told(svc, unit, account, address, wish.what)
    actor = linking.actor(svc, unit, account, address)
    if wish.what == civic.SHOW:
        return cards.board(svc, unit, actor, wish.rest)
    if wish.what in {one.id for one in svc.offered("official")}:
        return office_apply.listed(svc, unit, actor, wish.what)
    answer = _ANSWERS.get(wish.what)
    return answer(svc, unit, actor) if answer is not None else _cannot(wish)


def _link(svc: Desk, unit: Unit, account: str, address: str, code: str) -> Say:
    if not code:
        linking.ours(svc, account)
        raise Refused("office.no_code", url=f"{svc.desk_url}/slack")
    who = linking.link(svc, unit, account, address, code)
    return Say(Phrase("office.civic.linked", {"name": who.name}))


def _unlink(svc: Desk, unit: Unit, actor: Actor) -> Say:
    linking.unlink(svc, unit, actor.user_id or 0, actor)
    return Say(Phrase("office.civic.unlinked"))


def _help(svc: Desk) -> Say:
    way = Option(Phrase("office.start.queue"), url=f"{svc.desk_url}/filings")
    return Say(Phrase("office.civic.help", {"command": COMMAND}), (way,))


def _waiting(svc: Desk, unit: Unit, actor: Actor) -> Reply:
    """Give what waits for somebody to take it; who assigns nothing, what waits for himself."""
    _may(actor)
    one = homes.new if rights.may(actor, Right.ASSIGN) else homes.mine
    return _listed(one(svc, unit, actor))


def _mine(svc: Desk, unit: Unit, actor: Actor) -> Reply:
    _may(actor)
    return _listed(homes.mine(svc, unit, actor))


def _overdue(svc: Desk, unit: Unit, actor: Actor) -> Reply:
    _may(actor)
    return _listed(homes.overdue(svc, unit, actor))


def _snoozed(svc: Desk, unit: Unit, actor: Actor) -> Reply:
    """Give what this official has put off, by the day on which it comes back."""
    put_off = snoozes.of(unit, actor.user_id or 0, svc.now())
    seen = sight.visible_filings(actor)
    about = seen.where(seen.selected_columns.id.in_([one for one, _ in put_off]))
    numbers = {one.id: one.number for one in sight.several(unit, about)}
    rows = rows_of(svc, unit, actor, list(numbers.values()))
    found = []
    for filing_id, until in put_off:
        row = rows.get(numbers.get(filing_id, ""))
        if row is not None:
            title = Phrase("office.until", {"at": until.isoformat()})
            found.append(Card(title, words(svc, row), (cards.link(svc, row.number),)))
    key = "office.shelf.snoozed" if found else "office.empty.snoozed"
    return Cards(Phrase(key), tuple(found[: homes.MOST]))


def _listed(shelf: Shelf) -> Cards:
    if not shelf.lines:
        return Cards(shelf.empty, ())
    found = tuple(Card("", line.text, line.options) for line in shelf.lines)
    label = (
        Phrase("office.digest.more", {"n": shelf.more}) if shelf.more else Phrase("office.open")
    )
    return Cards(shelf.title, found, (Option(label, url=shelf.url),))


def _cannot(wish: civic.Wish) -> Say:
    """Say what cannot be done here, and what to do instead."""
    if wish.what == civic.WRONG_NUMBER:
        return Say(Phrase("office.civic.wrong_number", {"said": wish.rest[:40]}))
    near = [Phrase(f"civic.name.{one}") for one in wish.near]
    if not near:
        return Say(Phrase("office.civic.unknown", {"command": COMMAND}))
    return Say(Phrase("office.civic.near", {"command": COMMAND, "near": list(near)}))


def _may(actor: Actor) -> None:
    if not rights.may(actor, Right.QUEUE):
        raise Refused("office.no_queue")


_ANSWERS: Mapping[str, Callable[[Desk, Unit, Actor], Reply]] = {
    "waiting": _waiting,
    "mine": _mine,
    "overdue": _overdue,
    "snoozed": _snoozed,
    "statistics": outlook.told,
    "unlink": _unlink,
}
