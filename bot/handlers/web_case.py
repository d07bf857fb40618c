"""A filing opened by its number and code (S24): where it is, what came, what may be done.

Nothing of it stands in an address: every step is a POST. After the code was right once, a mark
of ours carries the right for half an hour, so that nobody types sixteen signs for each step.
"""

import json
from asyncio import to_thread
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from bot.dialogs.events import Json, Raw
from bot.dialogs.form import Form
from bot.dialogs.replies import Phrase, Say, Words
from bot.documents import letters
from bot.errors import Refused
from bot.handlers import fields
from bot.handlers.chat.files import Sent, read_form
from bot.handlers.chat.parts import Case, Deed, WebParts
from bot.handlers.chat.problems import Trouble
from bot.handlers.chat.scenery import Page, Scenery, as_json
from bot.handlers.chat.talk import Conversations
from bot.services.moves import BadFields, MoveForm
from bot.services.status import derivation_words
from storage.receipts import MOST, Receipt

OPEN = timedelta(minutes=30)
LAST = frozenset({"withdraw"})
"""Moves that end something: they stand apart, at the end, and are asked about first."""

KEPT = "kept-"
"""Names the hidden field that carries a file from one try of a form to the next."""


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody who has shown the code of one filing; `token` is our mark of it."""

    filing_id: int
    number: str
    token: str


def pages(
    parts: WebParts, scenery: Scenery, talks: Conversations
) -> list[tuple[str, Page, list[str]]]:
    """Give the pages of an opened filing."""
    case = _Case(parts, scenery, talks)
    return [
        ("/status", case.door, ["GET"]),
        ("/status", case.open, ["POST"]),
        ("/case", case.step, ["POST"]),
        ("/case/paper", case.paper, ["POST"]),
        ("/.well-known/jeokgeuk-receipts", case.keys, ["GET"]),
    ]


class _Case:
    def __init__(self, parts: WebParts, scenery: Scenery, talks: Conversations) -> None:
        self._parts = parts
        self._scenery = scenery
        self._talks = talks

    # The door

    async def door(self, request: Request) -> Response:
        """Ask for number and code."""
        return self._door(request, {})

    async def open(self, request: Request) -> Response:
        """Open a filing; wrong number, wrong code and erased get the same answer."""
        sent = await read_form(request, self._parts.limits)
        number, code = sent.get("number").strip()[:80], sent.get("code").strip()[:80]
        receipt = sent.get("receipt").strip()[:MOST]
        typed = {"number": number, "receipt": receipt}
        wrong = {
            name: f"web.status.empty_{name}"
            for name, value in (("number", number), ("code", code))
            if not (value or receipt)
        }
        if wrong:
            return self._door(request, {**typed, "wrong": wrong}, 422)
        network = self._talks.network(request)
        self._talks.rates.check(f"look:{network}", self._parts.limits.looks)
        try:
            found = await to_thread(self._parts.back.by_code, number, code, network)
        except Refused as refused:
            if receipt and refused.key == "code.wrong":
                lost = await to_thread(self._parts.back.lost, receipt, number)
                if lost is not None:
                    return self._lost(request, lost)
            key = "slow" if refused.key == "code.slow" else "wrong"
            problem = Phrase(f"web.status.{key}", dict(refused.params))
            return self._door(request, {**typed, "problem": problem}, 422)
        return await self._show(request, self._hold(*found))

    def _lost(self, request: Request, receipt: Receipt) -> Response:
        """Say that the office has lost the report, and offer to file it again (S13)."""
        arrived = Phrase("web.lost.moment", {"at": receipt.at.isoformat()})
        values = {"page": "status", "receipt": receipt, "arrived": arrived}
        return self._scenery.draw(request, "lost", values)

    def _door(self, request: Request, values: Mapping[str, Any], status: int = 200) -> Response:
        common: dict[str, Any] = {
            "page": "status", "number": "", "receipt": "", "wrong": {}, "problem": None,
        }  # fmt: skip
        return self._scenery.draw(request, "status", {**common, **values}, status)

    async def keys(self, _request: Request) -> Response:
        """Publish what receipts are checked with: a line for each key, its id and the key."""
        found = await to_thread(self._parts.back.receipt_keys)
        lines = "".join(f"{name} {key}\n" for name, key in found.items())
        return PlainTextResponse(lines)

    # The filing

    async def step(self, request: Request) -> Response:
        """Show the filing again, show the form of a move, or make it."""
        sent = await read_form(request, self._parts.limits)
        holder = self._held(sent.get("pass"))
        if holder is None:
            gone = {"problem": Phrase("web.status.expired")}
            return self._door(request, gone, 403)
        action = sent.get("action")
        if not action:
            return await self._show(request, holder)
        try:
            case = await to_thread(self._parts.back.case, holder.filing_id, holder.number)
        except Refused:
            return self._door(request, {"problem": Phrase("web.status.wrong")}, 422)
        move = next((one for one in case.moves if one.action == action), None)
        if move is None or move.blocked:
            return await self._show(request, holder, Phrase("web.case.not_now"))
        if not sent.get("go"):
            return self._form(request, holder, case, move, dict(move.prefill), {})
        return await self._make(request, holder, case, move, sent)

    async def _make(
        self, request: Request, holder: Holder, case: Case, move: MoveForm, sent: Sent
    ) -> Response:
        raw, errors = await self._taken(holder, move.form, sent)
        if errors:
            return self._form(request, holder, case, move, raw, errors)
        version = sent.get("version")
        if not version.isdecimal() or len(version) > 9:
            raise Trouble("malformed")
        deed = Deed(int(version), move.action, raw, sent.get("id")[:64])
        try:
            replies = await to_thread(
                self._parts.back.perform, holder.filing_id, holder.number, deed
            )
        except BadFields as bad:
            return self._form(request, holder, case, move, raw, bad.errors)
        except Refused as refused:
            return await self._show(request, holder, self._why(refused))
        said = [reply.text for reply in replies if isinstance(reply, Say)]
        return await self._show(request, holder, done=tuple(said) or (Phrase("web.case.done"),))

    async def _show(
        self,
        request: Request,
        holder: Holder,
        problem: Words | None = None,
        done: tuple[Words, ...] = (),
    ) -> Response:
        try:
            case = await to_thread(self._parts.back.case, holder.filing_id, holder.number)
        except Refused:
            return self._door(request, {"problem": Phrase("web.status.wrong")}, 422)
        values = {
            "page": "status",
            "case": case,
            "lines": derivation_words(case.status.lines),
            "acts": [
                (move, move.label, move.action in LAST)
                for move in sorted(case.moves, key=lambda one: one.action in LAST)
                if not move.blocked
            ],
            "holder": holder,
            "problem": problem,
        }
        return self._scenery.draw(
            request, "case", {**values, "done": done}, 200 if problem is None else 409
        )

    def _form(
        self,
        request: Request,
        holder: Holder,
        case: Case,
        move: MoveForm,
        raw: Mapping[str, Json],
        errors: Mapping[str, Words],
    ) -> Response:
        say = self._parts.say(self._scenery.lang(request))
        shown = () if move.form is None else fields.fields(move.form, raw, case.ctx, say, errors)
        key = self._parts.texts.own(f"notice.{move.action}.ask", case.status.procedure)
        ask = Phrase(key, {"number": case.status.number})
        values = {
            "page": "status",
            "case": case,
            "holder": holder,
            "move": move,
            "label": move.label,
            "ask": ask if self._parts.texts.has(ask.key) else None,
            "grave": move.action in LAST,
            # Who wants to give up is asked whether somebody made him (wording: 취하).
            "pressed": move.action in LAST and any(one.action == "pressure" for one in case.moves),
            "fields": shown,
            "kept": self._kept(move.form, raw),
        }
        return self._scenery.draw(request, "move", values, 422 if errors else 200)

    def _why(self, refused: Refused) -> Words:
        if refused.key == "move.stale":
            return Phrase("web.case.stale")
        if self._parts.texts.has(refused.key):
            return Phrase(refused.key, dict(refused.params))
        return Phrase("web.case.not_now")

    # What a form brought

    async def _taken(
        self, holder: Holder, form: Form[Any] | None, sent: Sent
    ) -> tuple[dict[str, Raw], dict[str, Words]]:
        """Give the raw answers of a form, its files kept; and what was wrong with the files."""
        if form is None:
            return {}, {}
        raw = fields.sent(form, sent.all)
        errors: dict[str, Words] = {}
        for step in form.steps:
            if step.input != "files":
                continue
            files: list[Json] = [
                file for text in sent.all(KEPT + step.name) if (file := self._unseal(text))
            ]
            for upload in sent.files:
                if upload.field != step.name:
                    continue
                try:
                    kept = await to_thread(
                        self._parts.back.keep_for, holder.filing_id, upload.name, upload.data
                    )
                except Refused as refused:
                    errors[step.name] = Phrase(refused.key, dict(refused.params))
                else:
                    files.append(asdict(kept))
            if files:
                raw[step.name] = files
        return raw, errors

    def _kept(
        self, form: Form[Any] | None, raw: Mapping[str, Json]
    ) -> dict[str, list[tuple[str, str]]]:
        """Give the files that were kept already, by step: name and hidden value."""
        kept: dict[str, list[tuple[str, str]]] = {}
        for step in form.steps if form is not None else ():
            files = raw.get(step.name)
            if step.input != "files" or not isinstance(files, list):
                continue
            kept[step.name] = [
                (str(file.get("name", "")), self._sealed(file))
                for file in files
                if isinstance(file, dict)
            ]
        return kept

    def _sealed(self, file: Json) -> str:
        text = as_json(file)
        return f"{self._parts.back.seal('file', text)}.{text}"

    def _unseal(self, text: str) -> Json:
        mark, _, said = text.partition(".")
        if not self._parts.back.sealed("file", said, mark):
            return None
        value: Json = json.loads(said)
        return value

    # The right to be here

    def _hold(self, filing_id: int, number: str) -> Holder:
        until = int((self._parts.now() + OPEN).timestamp())
        said = f"{filing_id}.{until}.{number}"
        return Holder(filing_id, number, f"{self._parts.back.seal('case', said)}.{said}")

    def _held(self, token: str) -> Holder | None:
        mark, _, said = token.partition(".")
        if not self._parts.back.sealed("case", said, mark):
            return None
        filing_id, until, number = said.split(".", 2)
        if self._parts.now().timestamp() > int(until):
            return None
        return Holder(int(filing_id), number, token)

    # Paper

    async def paper(self, request: Request) -> Response:
        """Give one notice as an A4 page."""
        sent = await read_form(request, self._parts.limits)
        holder = self._held(sent.get("pass"))
        if holder is None:
            return self._door(request, {"problem": Phrase("web.status.expired")}, 403)
        self._talks.rates.check(f"look:{self._talks.network(request)}", self._parts.limits.looks)
        seq = sent.get("seq")
        if not seq.isdecimal() or len(seq) > 9:
            raise Trouble("malformed")
        try:
            letter = await to_thread(
                self._parts.back.letter, holder.filing_id, holder.number, int(seq)
            )
        except Refused as refused:
            raise Trouble("missing") from refused
        page = await to_thread(letters.pdf, letter)
        headers = {"content-disposition": f'attachment; filename="{letter.number}.pdf"'}
        return Response(page, media_type="application/pdf", headers=headers)
