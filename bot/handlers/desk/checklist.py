"""The checklist before an answer goes out (wording.md §13): what is filled in and what is not."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.dialogs.events import Raw
from bot.services.moves import MoveForm
from bot.settings import Site

NO_NAMES = "no_names"
SENDS = {"result", "to_approval"}
DATED = {"action_on": "done", "action_due": "planned"}
"""Days of an answer, and the state of the action that needs each."""
HANDLER = "guard.handler_complete"


@dataclass(frozen=True, slots=True)
class Check:
    """One point. `needs` are the fields that fill it, empty for what the service looks up.

    A name with `?` is wanted only while its field applies.
    """

    name: str
    needs: tuple[str, ...]
    done: bool


def checklist(
    site: Site, move: MoveForm, lang: str, raw: Mapping[str, Raw], *, no_names: bool = False
) -> tuple[Check, ...]:
    """Give the points of an answer; nothing for other moves."""
    if move.action not in SENDS:
        return ()
    points: list[tuple[str, tuple[str, ...]]] = [
        ("judgement", ("judgement",)),
        ("checked", ("checked",)),
        ("why", ("why",)),
        ("demands", ("demands",)),
        ("action", ("action_state", "action", "action_on?", "action_due?")),
        ("remedy", ("remedy",)),
    ]
    if lang != "ko":
        points.append(("summary_en", ("summary_en",)))
    if move.action == "result":
        if site.doc_no_required:
            points.append(("doc_no", ("doc_no",)))
        points.append(("approval", ("approved_on", "approver")))
    found = [Check(name, needs, all(_filled(raw, one) for one in needs)) for name, needs in points]
    signed = not any(getattr(words, "key", "") == HANDLER for words in move.blocked)
    found.append(Check("handler", (), signed))
    if move.action == "result":
        found.append(Check(NO_NAMES, (NO_NAMES,), no_names))
    return tuple(found)


def _filled(raw: Mapping[str, Raw], name: str) -> bool:
    if name.endswith("?"):  # the day when it was finished, or the one that is promised
        name = name[:-1]
        if raw.get("action_state") != DATED[name]:
            return True
    value = raw.get(name)
    return bool(value.strip() if isinstance(value, str) else value)
