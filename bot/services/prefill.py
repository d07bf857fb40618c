"""What stands in the fields of a move when its page is opened."""

from collections.abc import Callable, Mapping
from typing import Any

from bot.dialogs.replies import Phrase
from bot.services import officials, repeats, said
from bot.services.work import Work
from storage.repositories import units

_DRAFTED = ("result", "to_approval")


def prefill(work: Work) -> Mapping[str, Any]:
    """Give the values that are known already; every one of them can be changed."""
    names = {field.name for field in work.move.fields}
    known: dict[str, Any] = {}
    if "remedy" in names:
        known["remedy"] = said.standard_remedy(work.svc)
    if "unit" in names and work.filing.unit_id is not None:
        row = units.get(work.unit, work.filing.unit_id)
        if row is not None:
            known["unit"] = {"value": row.code, "label": row.name, "note": ""}
    if "handler" in names and work.filing.assignee_id is not None:
        who = officials.official(work.unit, work.filing.assignee_id)
        if who is not None:
            known["handler"] = {"value": str(who.id), "label": f"{who.name} ({who.unit})"}
    if "kind" in names and work.filing.kind:
        known["kind"] = work.filing.kind
    if work.move.action in _DRAFTED:
        draft = work.history.last("to_approval")
        if draft is not None:
            known |= {name: value for name, value in draft.detail.items() if name in names}
    if work.move.action in _OWN:
        known |= _OWN[work.move.action](work)
    return {name: value for name, value in known.items() if name in names}


def _asked(work: Work) -> dict[str, Any]:
    asked = work.history.last("ask_refer")
    found = dict(asked.detail) if asked is not None else {}
    if work.filing.share in {"with_name", "without_name"}:
        found["how"] = work.filing.share
    return found


def _repeated(work: Work) -> dict[str, Any]:
    """Propose the close of a repeat once there is something to propose (민원처리법 제23조)."""
    known = dict(repeats.proposal(work.unit, work.filing, work.actor))
    if known:
        words = Phrase("desk.repeats.reason")
        known["reason"] = work.svc.texts.render(words, "ko", work.svc.site.words())
    return known


_OWN: Mapping[str, Callable[[Work], dict[str, Any]]] = {
    "refer": _asked,
    "close_repeat": _repeated,
}
