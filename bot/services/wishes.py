"""Each wish of a reporter: met or not, as he marks it himself.

The wishes are the lines of the answer as he was told them. The part of the service that takes a
reporter's mark cannot read it again (S7); what it may read is what it told him back.
"""

import json
from collections.abc import Iterable

from bot.dialogs import replies
from bot.dialogs.replies import Param, Phrase, Say, Words
from bot.services.history import Happened, History
from bot.services.work import Work
from storage.repositories.filings import Filing

LEAST = 2
"""Of one wish the answer as a whole says everything."""
TOLD = "told"


def lines(history: History, filing: Filing, told: str) -> list[str]:
    """Give the lines of `<notice>.<parameter>` as last told; none where there is only one."""
    key, _, param = told.rpartition(".")
    value = _said(history.all, filing, key).get(param)
    each = (" ".join(line.split()) for line in str(value or "").splitlines())
    found = list(dict.fromkeys(line for line in each if line))
    return found if len(found) >= LEAST else []


def marked(work: Work) -> dict[str, Param]:
    """Say every wish back with its mark; nothing where none was marked."""
    field = next((one for one in work.move.fields if one.told), None)
    left = work.answers.get(field.name) if field else None
    content = work.answers.get("satisfied") == "yes"
    if field is None or not (left or content):
        return {"wishes": ""}
    each = lines(work.history, work.filing, field.told)
    items: list[Param] = [
        Phrase(f"notice.survey.{'unmet' if one in (left or ()) else 'met'}", {"wish": one})
        for one in each
    ]
    return {"wishes": Phrase("notice.survey.wishes", {"items": items}) if items else ""}


def kept(history: History, filing: Filing) -> Phrase | None:
    """Give the wishes with the marks that the reporter gave last."""
    newest = _said(history.all, filing, "survey.thanks", "survey.left").get("wishes")
    return newest if isinstance(newest, Phrase) else None


def some_left(marks: Words) -> bool:
    """Tell whether a wish is marked as not met."""
    items = marks.params["items"] if isinstance(marks, Phrase) else ()
    assert isinstance(items, list | tuple)
    return any(isinstance(one, Phrase) and one.key == "notice.survey.unmet" for one in items)


def _said(events: Iterable[Happened], filing: Filing, *keys: str) -> dict[str, Param]:
    """Give the parameters of the newest of these notices, under its name or the procedure's own."""
    names = {f"notice.{key}{own}" for key in keys for own in ("", f"_{filing.procedure}")}
    told = [one.detail for one in events if one.kind == TOLD and one.detail.get("key") in names]
    if not told:
        return {}
    try:
        reply = replies.load(json.dumps(told[-1]["reply"]).encode())
    except ValueError:  # a later release's way of saying it (S23)
        return {}
    assert isinstance(reply, Say)
    return dict(reply.text.params) if isinstance(reply.text, Phrase) else {}
