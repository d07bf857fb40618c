"""One's own filings in a chat: what stands where, why this date, what can be done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.dialogs.replies import Card, Cards, Option, Phrase, Receipt
from bot.errors import Refused
from bot.receive import dialogs, menu
from bot.receive.doors import HOME
from bot.receive.walk import offers
from bot.services import filings, moves, said, sight, status, wishes
from bot.services.base import citizen
from knowledge.calendar import seoul_day
from storage.repositories import sent_keys, tasks

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from bot.dialogs.replies import Param, Words
    from bot.receive.walk import Choice, Walk
    from bot.services.status import Status

MOST = 8
"""Cards of one message; more do not fit a messenger's."""

BESIDE = frozenset({"pressure"})
"""Moves whose button answers a question that is asked elsewhere."""

CONFIRM = {"withdraw": "notice.withdraw.ask"}
"""Moves that are asked about before they are made."""


def mine(walk: Walk, arg: str = "") -> None:
    """List one's own filings, or show one of them; `arg` `from:8` goes on with the ninth."""
    name, _, first = arg.partition(":")
    start = int(first[:4]) if name == "from" and first.isascii() and first.isdigit() else 0
    if arg and not start:
        show(walk, arg)
        return
    found = status.mine(walk.parts.svc, walk.unit, walk.peer.id)
    if not found:
        walk.say("talk.none_filed", *menu.first(walk), HOME)
    elif len(found) == 1:
        _show(walk, found[0])
    else:
        cards = tuple(_card(one) for one in found[start : start + MOST])
        rest = len(found) - start - MOST
        more: tuple[Choice, ...] = (
            (("talk.more", "my", f"from:{start + MOST}"),) if rest > 0 else ()
        )
        walk.replies.append(Cards(Phrase("talk.mine"), cards, offers((*more, HOME))))


def show(walk: Walk, arg: str = "") -> None:
    """Show one filing; raises `Refused` filing.unknown for anybody else's."""
    _show(walk, _own(walk, arg))


def _own(walk: Walk, arg: str) -> Status:
    actor = citizen(walk.peer.id)
    return status.by_number(walk.parts.svc, walk.unit, actor, arg.strip())


def _card(one: Status) -> Card:
    choices = offers((("talk.open", "status", one.number),))
    return Card(_title(one), _joined(_lines(one)), choices)


def _title(one: Status) -> Phrase:
    return Phrase("talk.card", {"name": Phrase(f"number.{one.called}"), "number": one.number})


def _show(walk: Walk, one: Status) -> None:
    choices = [*_actions(walk, one)]
    if one.lines:
        choices.append(("receipt.derivation", "derivation", one.number))
    choices.append(("talk.history", "history", one.number))
    if not one.own:
        choices.append(("button.call_back", "call_back", one.number))
    if wishes.some_left(one.wishes):
        choices.append(("button.remedy", "remedy", one.number))
    marks = [one.wishes] if one.wishes else []
    words = _joined([*_lines(one), *marks, *one.notices[:1]])
    card = Card(_title(one), words, offers(choices))
    walk.replies.append(Cards(Phrase("talk.stands"), (card,), offers((HOME,))))


def _lines(one: Status) -> list[Words]:
    return [one.now, one.then, one.read]


def _joined(lines: Sequence[Words]) -> Phrase:
    params: list[Param] = list(lines)
    return Phrase("talk.lines", {"lines": params})


def _actions(walk: Walk, one: Status) -> list[Choice]:
    """Offer the moves that the citizen may make now, by their citizens' names.

    A button that stands beside a question (`BESIDE`) is called by its own name here.
    """
    texts = walk.parts.svc.texts
    return [
        (
            f"button.{action}"
            if action not in BESIDE and texts.has(f"button.{action}")
            else f"move.{action}.name",
            dialogs.MOVE,
            f"{action} {one.number}",
        )
        for action in one.actions
    ]


def move(walk: Walk, arg: str) -> None:
    """Make a move on one's own filing, asking first where it cannot be taken back."""
    action, _, rest = arg.partition(" ")
    number, _, presets = rest.partition(" ")
    if action in CONFIRM and presets != "sure=yes":
        filing = sight.find(walk.unit, citizen(walk.peer.id), number)
        choices: list[Choice] = [
            ("button.keep", "status", number),
            ("button.withdraw", dialogs.MOVE, f"{action} {number} sure=yes"),
        ]
        svc = walk.parts.svc
        if svc.site.audit_head and "pressure" in moves.procedure_of(svc, filing).moves:
            choices.insert(0, ("button.pressure", dialogs.MOVE, f"pressure {number}"))
        walk.say(said.variant(svc, filing, CONFIRM[action]), *choices, number=number)
        return
    if not walk.may_write:
        # What is written there goes to the messenger's servers too.
        walk.next = ("web", "")
        return
    dialogs.open_move(walk, f"{action} {number} {presets.replace('sure=yes', '')}".strip())


def derivation(walk: Walk, arg: str) -> None:
    """Show how the date was counted, line by line."""
    one = _own(walk, arg)
    lines: list[Param] = list(status.derivation_words(one.lines))
    walk.tell(
        Phrase("talk.derivation", {"number": one.number, "lines": lines}),
        (walk.parts.svc.own("receipt.status", one.procedure), "status", one.number),
    )


def history(walk: Walk, arg: str) -> None:
    """Show what happened so far, a line for each thing that was told, the oldest first."""
    one = _own(walk, arg)
    lines: list[Param] = [_when(one.arrived_at, Phrase("talk.history_arrived"))]
    lines += [_when(told.at, _first_line(walk, told.say.text)) for told in one.told]
    walk.tell(
        Phrase("talk.history_text", {"number": one.number, "lines": [*lines, one.now, one.then]}),
        ("receipt.status", "status", one.number),
        ("receipt.derivation", "derivation", one.number),
    )


def _when(at: datetime, what: Words) -> Phrase:
    return Phrase("talk.history_line", {"at": seoul_day(at).isoformat(), "what": what})


def _first_line(walk: Walk, text: Words) -> str:
    """Give the line that a notice begins with, which says what it is about."""
    said_all = walk.parts.svc.texts.render(text, walk.lang, walk.parts.site)
    return said_all.strip().partition("\n")[0].replace("**", "").strip()


def paper(walk: Walk, arg: str) -> None:
    """Ask the office for the notice on paper; what somebody keeps for himself is not the office's."""
    filing = sight.find(walk.unit, citizen(walk.peer.id), arg.strip())
    if filing.reach == sight.OWN:
        raise Refused("filing.unknown")
    if sent_keys.first(walk.unit, f"paper:{filing.id}:{seoul_day(walk.now)}", filing.id):
        tasks.add(walk.unit, "letter", walk.now, filing_id=filing.id, reason="asked")
    walk.say("notice.paper_requested", HOME, number=filing.number)


def remedy(walk: Walk, arg: str) -> None:
    """Say what else can be done; it promises nothing."""
    sight.find(walk.unit, citizen(walk.peer.id), arg.strip())
    walk.tell(said.remedy(walk.parts.svc), HOME)


def new_code(walk: Walk, arg: str) -> None:
    """Make a new code for one's own filing: on the agency's page only (S24)."""
    number = arg.strip()
    filing = sight.find(walk.unit, citizen(walk.peer.id), number)
    if walk.messenger:
        walk.next = ("web", "")
        return
    code = filings.new_code(walk.parts.svc, walk.unit, filing.id)
    again = Option(Phrase("receipt.new_code"), command="new_code", arg=number)
    look = Option(
        Phrase(walk.parts.svc.own("receipt.status", filing.procedure)),
        command="status",
        arg=number,
    )
    due = seoul_day(filing.due_at).isoformat() if filing.due_at else None
    called = said.called(filing)
    words = Phrase("talk.new_code", {"name": Phrase(f"number.{called}"), "number": number})
    walk.replies.append(Receipt(number, words, due, code, options=(look, again), called=called))
