"""Every kind of event is one that the public part may read, or one that it may not (security S7)."""

import ast
from collections.abc import Iterator
from pathlib import Path

from bot.services import hands, notices, nudges
from knowledge.procedures import Procedures
from storage import journal
from storage.roles import HIDDEN

BY_NAME: dict[str, set[str]] = {
    "bot/services/moves.py": set(),  # the moves of the procedures
    "bot/services/house.py": set(),  # of the house: hidden by what they are about
    "bot/services/case_drafts.py": {
        "case_asked",
        "case_drafted",
        "case_dropped",
        "case_released",
        "case_sent_back",
    },
    "bot/services/cases.py": set(),  # of no filing either
    "bot/services/broadcast_log.py": set(),  # nor these
    "bot/services/views.py": {"conflict", "no_conflict"},
    "bot/services/guarding.py": {"guard_open", "guard_confirmed"},
    "bot/services/hands.py": {hands.RESTRICTED, hands.TAKEN, hands.LIFTED, hands.RELEASED},
    "bot/services/notices.py": {notices.TOLD},
    "bot/services/nudges.py": {nudges.NUDGED},
}
"""Where a kind is no constant of the call: what it can be there."""

BARE = {
    "assign", "call_missed", "close", "code_kept", "code_made", "code_printed", "day_kept",
    "deem_withdrawn", "filed", "let_in", "paper_asked", "reassign", "receipt_printed", "receive",
    "recount", "recounted", "recounted_beside", "refer_silence", "refiled", "relayed", "request_record",
    "start", "unlinked", "viewed", "ask_how", "let_go", "not_yet", "nothing_new", "stop_asking",
    "told_assigned", "told_filed", "told_result", "told_review", *BY_NAME["bot/services/hands.py"],
}  # fmt: skip
"""Nobody's words: digests, days, numbers of accounts."""

TELLING = {
    "action_done", "ask_again", "ask_extension2", "ask_refer", "ask_supplement", "close_excluded",
    "close_repeat", "conclude", "decline", "erase", "extend", "fulfil", "give_record", "go_on",
    "interim", "onsite", "onsite_end", "onsite_extend", "overdue", "refer", "result", "return",
    "take_up", "tell_result", "transfer", "turn_down", notices.TOLD,
}  # fmt: skip
"""What an official says to the reporter himself, who reads it on his page."""


def written() -> Iterator[tuple[str, ast.expr]]:
    """Give every call that writes into the journal, with the kind that it writes."""
    for path in sorted(Path("bot").rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        if "journal" not in text:
            continue
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "journal.append":
                yield str(path), node.args[4]


def kinds(procedures: Procedures) -> set[str]:
    found = {move for one in procedures.every() for move in one.moves}
    for path, kind in written():
        if isinstance(kind, ast.Constant):
            found.add(str(kind.value))
        else:
            assert path in BY_NAME, f"{path} writes a kind that nobody has looked at"
            found |= BY_NAME[path]
    return found


def test_every_kind_of_event_has_its_place(catalog):
    places = (set(HIDDEN), BARE, TELLING, set(journal.WORDS))
    found = kinds(catalog.procedures)
    assert found == set().union(*places)
    assert sum(map(len, places)) == len(found)


def test_what_a_reporter_says_later_is_sealed_to_the_desk(catalog):
    said = {
        name
        for one in catalog.procedures.every()
        for name, move in one.moves.items()
        if "citizen" in move.by and any(field.kind in {"long", "text"} for field in move.fields)
    }
    assert said <= journal.WORDS
