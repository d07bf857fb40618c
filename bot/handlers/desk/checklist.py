"""The checklist before an answer goes out (wording.md §13): what is filled in and what is not."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from bot.dialogs.events import Raw
from bot.services import templates
from bot.services.moves import MoveForm
from bot.settings import Site

NO_NAMES = "no_names"
FILLED = "filled"
SENDS = {"result", "to_approval"}
DATED = {"action_on": "done", "action_due": "planned"}
"""Days of an answer, and the state of the action that needs each."""
HANDLER = "guard.handler_complete"


@dataclass(frozen=True, slots=True)
class Check:
    """One point. `needs` are the fields that fill it, empty for what the service looks up itself.

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
        if site.wants_document():
            points.append(("document", ("document",)))
    found = [Check(name, needs, all(_filled(raw, one) for one in needs)) for name, needs in points]
    signed = not any(getattr(words, "key", "") == HANDLER for words in move.blocked)
    found.append(Check("handler", (), signed))
    found.append(Check(FILLED, (), not holes(raw)))
    if move.action == "result":
        found.append(Check(NO_NAMES, (NO_NAMES,), no_names))
    return tuple(found)


def holes(raw: Mapping[str, Raw]) -> tuple[str, ...]:
    """Name the holes of inserted words that nobody has filled."""
    texts = [value for value in raw.values() if isinstance(value, str)]
    return tuple(dict.fromkeys(hole for text in texts for hole in templates.unfilled(text)))


def named(raw: Mapping[str, Raw], names: Collection[str]) -> tuple[str, ...]:
    """Name the officials whose names stand in an answer (wording.md §9: 이름은 적지 않는다)."""
    texts = "\n".join(value for value in raw.values() if isinstance(value, str))
    return tuple(sorted(name for name in set(names) if len(name) > 1 and name in texts))


def _filled(raw: Mapping[str, Raw], name: str) -> bool:
    if name.endswith("?"):  # the day when it was finished, or the one that is promised
        name = name[:-1]
        if raw.get("action_state") != DATED[name]:
            return True
    value = raw.get(name)
    return bool(value.strip() if isinstance(value, str) else value)
