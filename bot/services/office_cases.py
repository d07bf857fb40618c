"""`/civic 사례 …`: published cases for an official in the messenger, at every level alike.

What is published is everybody's, so nothing here depends on what may leave the desk. The search
runs before the transaction; who asks is judged inside (`linking.actor`).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bot.dialogs.replies import Card, Cards, Option, Phrase, Say
from bot.services import civic, finding, linking

if TYPE_CHECKING:
    from bot.dialogs.replies import Param
    from bot.services.base import Desk
    from bot.services.finding import Sought
    from knowledge.cases import Case
    from storage.unit import Unit

WISH = "cases"
LONGEST = 150
"""Signs of a question that a button gives back; a command is read up to `civic.LONGEST`."""

_FROM = re.compile(r" \+(\d{1,2})$")


def wanted(svc: Desk, text: str) -> tuple[str, int] | None:
    """Give the words that somebody looks for and from which finding on; None: he does not."""
    wish = civic.understand(svc.texts, text)
    if wish.what != WISH:
        return None
    turned = _FROM.search(wish.rest)
    words = wish.rest[: turned.start()] if turned else wish.rest
    return words, int(turned[1]) if turned else 0


def seek(svc: Desk, words: str) -> Sought:
    """Search. Never inside a transaction."""
    return finding.seek(svc, words)


def answer(
    svc: Desk, unit: Unit, account: str, address: str, asked: tuple[str, int], sought: Sought
) -> Say | Cards:
    """Show a few findings, each with the way to its page. Raises `Refused` office.*."""
    linking.actor(svc, unit, account, address)
    words, first = asked
    every = Option(Phrase("office.cases.all"), url=f"{svc.public_url}/cases")
    if not finding.asked(words):
        return Say(Phrase("office.cases.ask"), (every,))
    found = finding.shown(svc, unit, sought.refs)
    shown = found[first : first + finding.PAGE]
    meant = finding.meant(sought)
    if not shown:
        return Say(Phrase("office.cases.none", {"meant": meant}), (every,))
    last = first + len(shown)
    more = Option(Phrase("case_search.more"), command=WISH, arg=f"{words[:LONGEST]} +{last}")
    counted: dict[str, Param] = {"n": len(found), "first": first + 1, "last": last, "meant": meant}
    said = Phrase("office.cases.found" if sought.sure else "office.cases.near", counted)
    cards = tuple(_card(svc, case) for case in shown)
    return Cards(said, cards, (*((more,) if last < len(found) else ()), every))


def _card(svc: Desk, case: Case) -> Card:
    line = finding.gist(case)
    lines: list[Param] = [finding.whose(case), *([finding.words(line)] if line else [])]
    if case.kind == "passive":
        lines.insert(0, Phrase("case_search.recognised"))
    way = Option(Phrase("case_search.open"), url=f"{svc.public_url}/cases/{case.ref}")
    text = Phrase("case_search.card", {"lines": lines})
    return Card(finding.words(case.title), text, (way,))
