"""What a page sent, as the raw answers of a form; files go into the store and come back by ref."""

import json
import re
from collections.abc import Mapping
from typing import Any

from starlette.datastructures import UploadFile

from bot.dialogs.events import Json, Raw
from bot.dialogs.form import Form
from bot.dialogs.replies import Phrase, Words
from bot.errors import Refused
from bot.handlers import fields
from bot.handlers.desk.parts import DeskParts
from bot.handlers.desk.visit import Visit
from bot.services import attachments

KEPT = "kept."
_REF = re.compile(r"[0-9a-f]{32}")


class Taking:
    """Takes a form in and gives it back."""

    def __init__(self, parts: DeskParts) -> None:
        self._parts = parts

    def take(
        self, visit: Visit, form: Form[Any] | None
    ) -> tuple[dict[str, Raw], dict[str, Words]]:
        """Give the raw answers, and the errors of the files that could not be kept."""
        if form is None:
            return {}, {}
        raw = fields.sent(form, visit.sent.all)
        wrong: dict[str, Words] = {}
        for step in form.steps:
            if step.input != "files":
                continue
            kept, problem = self.files(visit, step.name)
            if problem is not None:
                wrong[step.name] = problem
            if kept:
                raw[step.name] = kept
        return raw, wrong

    def files(self, visit: Visit, name: str) -> tuple[list[Json], Words | None]:
        """Give the files of one field, those kept before and those sent now, and what was wrong."""
        kept: list[Json] = [file for text in visit.sent.all(KEPT + name) if (file := _kept(text))]
        problem: Words | None = None
        if not visit.stale:
            for upload in visit.sent.files.get(name, ()):
                try:
                    kept.append(self._put(visit, upload))
                except Refused as error:
                    problem = Phrase(error.key, error.params)
        return kept, problem

    def _put(self, visit: Visit, upload: UploadFile) -> Json:
        most = self._parts.upload_bytes
        data = upload.file.read(most + 1)
        if len(data) > most:
            raise Refused("file.size", size=f"{most // 2**20} MB+", max=f"{most // 2**20} MB")
        svc, store = self._parts.svc, self._parts.store
        file = store.transact(
            lambda unit: attachments.put(
                svc, unit, store.blobs, None, upload.filename or "", data
            ),
            f"desk-file:{visit.actor.user_id}:{svc.random(16).hex()}",
        )
        return {
            "ref": file.ref,
            "kind": file.kind,
            "name": file.name,
            "size": file.size,
            "mime": file.mime,
        }

    @staticmethod
    def kept(form: Form[Any] | None, raw: Mapping[str, Raw]) -> dict[str, list[dict[str, str]]]:
        """Give the files that were kept, by step: what to show and what to send back."""
        steps = form.steps if form is not None else ()
        return {
            step.name: Taking.shown(raw.get(step.name)) for step in steps if step.input == "files"
        }

    @staticmethod
    def shown(files: Raw) -> list[dict[str, str]]:
        """Give kept files as what to show and what to send back."""
        return [
            {"name": str(file.get("name", "")), "json": json.dumps(file, sort_keys=True)}
            for file in _list(files)
        ]

    @classmethod
    def hidden(cls, form: Form[Any] | None, raw: Mapping[str, Raw]) -> list[tuple[str, str]]:
        """Give everything that was typed as hidden fields, to be sent on from the next page."""
        pairs: list[tuple[str, str]] = []
        for step in form.steps if form is not None else ():
            value = raw.get(step.name)
            if step.input == "files":
                files = cls.kept(form, raw)[step.name]
                pairs += [(KEPT + step.name, file["json"]) for file in files]
            elif isinstance(value, list):
                pairs += [(step.name, str(one)) for one in value]
            elif isinstance(value, dict):
                pairs.append((step.name, str(value.get("value") or value.get("label") or "")))
            elif value is not None:
                pairs.append((step.name, str(value)))
        return pairs


def _list(value: Raw) -> list[dict[str, Json]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _kept(text: str) -> dict[str, Json] | None:
    """Read back what `kept` wrote; anything else is no file of ours."""
    try:
        value = json.loads(text)
    except ValueError:
        return None
    if not isinstance(value, dict) or not _REF.fullmatch(str(value.get("ref"))):
        return None
    return {
        "ref": str(value["ref"]),
        "kind": "photo" if value.get("kind") == "photo" else "document",
        "name": str(value.get("name", ""))[:200],
        "size": value["size"] if isinstance(value.get("size"), int) else 0,
        "mime": str(value.get("mime", ""))[:100],
    }
