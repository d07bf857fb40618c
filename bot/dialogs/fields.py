"""The kinds of steps: each parses what a person gave, whoever the channel was."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from bot.dialogs.contacts import Address, Email, Phone
from bot.dialogs.form import Answers, Context, Pick, Reject, Shown, Step, line_of, said
from bot.dialogs.lookup import Lookup
from bot.dialogs.replies import Phrase
from knowledge.korean import clean_line, clean_text, read_day
from knowledge.slots import without_sensitive

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from bot.dialogs.events import Json, Raw
    from bot.dialogs.replies import Input, Param, Words


@dataclass(frozen=True, slots=True)
class Notice(Step):
    """Words that are shown once, above the next question."""

    input: ClassVar[Input] = "notice"
    transient: ClassVar[bool] = True


@dataclass(frozen=True, slots=True)
class Text(Step):
    """A line, or a few (`lines`). `presets` are ready answers: their `.preset.<name>` is kept.

    `veil` hides the middle of a name in the summary, which somebody may look at from behind.
    """

    most: int = 200
    lines: bool = False
    presets: tuple[str, ...] = ()
    veil: bool = False

    input: ClassVar[Input] = "text"

    def parse(self, raw: Raw, ctx: Context) -> Json:  # noqa: ARG002
        text = clean_text(raw) if self.lines and isinstance(raw, str) else line_of(raw)
        if not any(sign.isalnum() for sign in text):
            raise Reject("required")
        if len(text) > self.most:
            raise Reject("long", most=f"{self.most:,}", have=len(text))
        return text

    def options(self, base: str, answers: Answers, ctx: Context) -> Sequence[Pick]:  # noqa: ARG002
        return [
            Pick(
                ctx.texts.render(Phrase(f"{base}.preset.{name}"), "ko", ctx.site),
                Phrase(f"{base}.options.{name}"),
            )
            for name in self.presets
        ]

    def show(self, base: str, value: Json) -> Words:  # noqa: ARG002
        return veiled(str(value)) if self.veil else str(value)


def veiled(name: str) -> str:
    """Give a name as 홍*동; of two letters the second is hidden."""
    if len(name) < 3:
        return name[:1] + "*" * (len(name) - 1)
    return name[0] + "*" * (len(name) - 2) + name[-1]


@dataclass(frozen=True, slots=True)
class LongText(Step):
    """A story in several messages, with photos and voice between, until [다 썼어요].

    There is no minimum but one letter: what is missing the office asks for later. Of what is
    longer than `most` the beginning is kept, and the person is told.
    """

    most: int = 4000

    input: ClassVar[Input] = "long"
    collects: ClassVar[bool] = True

    def parse(self, raw: Raw, ctx: Context) -> Json:  # noqa: ARG002
        if not isinstance(raw, str):
            raise Reject("text")
        text = clean_text(raw)
        if not any(sign.isalnum() for sign in text):
            raise Reject("empty")
        return text[: self.most]

    def present(self, base: str, draft: Json, answers: Answers, ctx: Context) -> Shown:  # noqa: ARG002
        kept = draft if isinstance(draft, dict) else {}
        text, done = str(kept.get("text") or ""), Pick(None, Phrase("dialog.written"), act="done")
        if kept.get("by") == "typed":
            return Shown(said(ctx, base, "more", "dialog.more"), (done,), hint=False)
        if not text:
            return Shown(Phrase(f"{base}.ask"), (done,))
        again = Pick(None, Phrase("dialog.rewrite"), act="retry")
        if kept.get("by") == "prefill":
            return Shown(said(ctx, base, "begun", "dialog.so_far", text=text), (done, again))
        return Shown(Phrase("dialog.so_far", {"text": text}), (done, again))

    def add(self, before: str, more: str) -> tuple[str, bool]:
        """Put a message under what was written; the second value says that it was too much."""
        text = f"{before}\n{clean_text(more)}".strip()
        return text[: self.most], len(text) > self.most


@dataclass(frozen=True, slots=True)
class Choice(Step):
    """One of several values. `site` names the setting that may leave some of them out.

    `default` is chosen on a page until the person chooses; a chat asks all the same. `only` are
    the values that can be gone on with: for others the error `road` says where else to go.
    """

    values: tuple[str, ...] = ()
    site: str = ""
    default: str = ""
    only: tuple[str, ...] = ()

    input: ClassVar[Input] = "choice"
    closed: ClassVar[bool] = True

    def allowed(self, ctx: Context) -> tuple[str, ...]:
        setting = ctx.site.get(self.site, "") if self.site else ""
        open_now = {name.strip() for name in setting.split(",") if name.strip()}
        return tuple(value for value in self.values if not open_now or value in open_now)

    def parse(self, raw: Raw, ctx: Context) -> Json:
        if not isinstance(raw, str) or raw not in self.allowed(ctx):
            raise Reject("choose")
        if self.only and raw not in self.only:
            raise Reject("road")
        return raw

    def options(self, base: str, answers: Answers, ctx: Context) -> Sequence[Pick]:  # noqa: ARG002
        return [
            Pick(value, self._label(base, value, ctx), self._hint(base, value, ctx))
            for value in self.allowed(ctx)
        ]

    def show(self, base: str, value: Json) -> Words:
        return Phrase(f"{base}.options.{value}")

    def _label(self, base: str, value: str, ctx: Context) -> Words:
        # A messenger keeps the account, so what is 익명 on our own page is 가명 there (S1).
        there = f"{base}.options.{value}_messenger"
        return Phrase(
            there if ctx.messenger and ctx.texts.has(there) else f"{base}.options.{value}"
        )

    def _hint(self, base: str, value: str, ctx: Context) -> Words | None:
        key = f"{base}.hints.{value}"
        return Phrase(key) if ctx.texts.has(key) else None


@dataclass(frozen=True, slots=True)
class Card(Step):
    """A word in between with buttons: `go` goes on, others show a text or are commands.

    `buttons` are (name, act, argument), the label is `.options.<name>`. `says` makes the
    parameters of its text from what was answered.
    """

    buttons: tuple[tuple[str, str, str], ...] = ()
    says: Callable[[Answers, Context], Mapping[str, Param]] | None = None

    input: ClassVar[Input] = "choice"
    transient: ClassVar[bool] = True
    closed: ClassVar[bool] = True

    def parse(self, raw: Raw, ctx: Context) -> Json:  # noqa: ARG002
        if raw == "go":
            return "go"
        raise Reject("choose")

    def present(self, base: str, draft: Json, answers: Answers, ctx: Context) -> Shown:  # noqa: ARG002
        said_of = self.says(answers, ctx) if self.says is not None else {}
        return Shown(Phrase(f"{base}.ask", said_of), tuple(self.options(base, answers, ctx)))

    def options(self, base: str, answers: Answers, ctx: Context) -> Sequence[Pick]:  # noqa: ARG002
        return [
            Pick(arg or "go", Phrase(f"{base}.options.{name}"), act=act)
            for name, act, arg in self.buttons
        ]


@dataclass(frozen=True, slots=True)
class Many(Step):
    """Any number of values, pressed one after the other until [다 골랐어요]."""

    values: tuple[str, ...] = ()

    input: ClassVar[Input] = "many"
    collects: ClassVar[bool] = True
    closed: ClassVar[bool] = True

    def parse(self, raw: Raw, ctx: Context) -> Json:  # noqa: ARG002
        items = raw if isinstance(raw, list) else [raw]
        if not items or any(item not in self.values for item in items):
            raise Reject("choose")
        return [value for value in self.values if value in items]

    def options(self, base: str, answers: Answers, ctx: Context) -> Sequence[Pick]:  # noqa: ARG002
        return [Pick(value, Phrase(f"{base}.options.{value}")) for value in self.values]

    def present(self, base: str, draft: Json, answers: Answers, ctx: Context) -> Shown:
        have = draft if isinstance(draft, list) else answers.get(self.name)
        marked = have if isinstance(have, list) else []
        picks = [
            Pick(
                pick.value,
                Phrase("dialog.picked", {"label": pick.label})
                if pick.value in marked
                else pick.label,
                act="toggle",
            )
            for pick in self.options(base, answers, ctx)
        ]
        done = Pick(None, Phrase("dialog.picked_all"), act="done")
        return Shown(Phrase(f"{base}.ask"), (*picks, done))

    def show(self, base: str, value: Json) -> Words:
        items = value if isinstance(value, list) else []
        return Phrase("list", {"items": [Phrase(f"{base}.options.{item}") for item in items]})


@dataclass(frozen=True, slots=True)
class Day(Step):
    """A day: `12월 1일`, `지난주 금요일`, `2026-12-01`. Kept as an ISO date."""

    past: bool = True
    future: bool = True

    input: ClassVar[Input] = "day"

    def parse(self, raw: Raw, ctx: Context) -> Json:
        day = read_day(line_of(raw), ctx.today, past=self.past)
        if day is None:
            raise Reject("day")
        if day > ctx.today and not self.future:
            raise Reject("day_not_yet")
        if day < ctx.today and not self.past:
            raise Reject("day_over")
        return day.isoformat()

    def show(self, base: str, value: Json) -> Words:  # noqa: ARG002
        return Phrase("day", {"day": str(value)})


@dataclass(frozen=True, slots=True)
class Place(Step):
    """A place in words or on the map: {"text", "lat", "lon"}."""

    most: int = 200

    input: ClassVar[Input] = "place"

    def parse(self, raw: Raw, ctx: Context) -> Json:  # noqa: ARG002
        if isinstance(raw, dict) and {"lat", "lon"} <= raw.keys():
            lat, lon = raw["lat"], raw["lon"]
            if not _is_number(lat) or not _is_number(lon):
                raise Reject("place")
            return {"text": str(raw.get("text") or ""), "lat": lat, "lon": lon}
        text = line_of(raw.get("text") if isinstance(raw, dict) else raw)[: self.most]
        if not text:
            raise Reject("required")
        return {"text": text, "lat": None, "lon": None}

    def show(self, base: str, value: Json) -> Words:  # noqa: ARG002
        spot = value if isinstance(value, dict) else {}
        if spot.get("lat") is None:
            return str(spot.get("text", ""))
        return Phrase("place", {key: str(spot[key]) for key in ("text", "lat", "lon")})


def _is_number(value: Json) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= 180


_KINDS = ("photo", "document", "voice")


def _file(item: Json) -> dict[str, Json]:
    """Check what a page says of a file; whose it is the service checks by `ref`."""
    if not isinstance(item, dict) or not isinstance(item.get("ref"), str) or not item["ref"]:
        raise Reject("file_kind")
    kind, size = item.get("kind", "document"), item.get("size", 0)
    if kind not in _KINDS:
        raise Reject("file_kind")
    return {
        "ref": item["ref"],
        "kind": kind,
        "name": clean_line(str(item.get("name") or ""))[:120],
        "size": size if isinstance(size, int) else 0,
        "mime": clean_line(str(item.get("mime") or ""))[:100],
    }


@dataclass(frozen=True, slots=True)
class Files(Step):
    """Files that came at any time of the dialog: a list of what `Attached` says of each."""

    most: int = 5

    input: ClassVar[Input] = "files"
    collects: ClassVar[bool] = True
    closed: ClassVar[bool] = True

    def present(self, base: str, draft: Json, answers: Answers, ctx: Context) -> Shown:  # noqa: ARG002
        have = answers.get(self.name)
        if not have and self.optional:
            return Shown(Phrase(f"{base}.ask"))
        done = Pick(None, Phrase("dialog.sent_all"), act="done")
        if not have:
            return Shown(Phrase(f"{base}.ask"), (done,))
        count = len(have) if isinstance(have, list) else 0
        text = Phrase("dialog.files_so_far", {"n": count, "most": self.most})
        return Shown(text, (done,), hint=False)

    def parse(self, raw: Raw, ctx: Context) -> Json:  # noqa: ARG002
        items = raw if isinstance(raw, list) else [raw]
        if isinstance(raw, str):
            raise Reject("files")
        if len(items) > self.most:
            raise Reject("file_many", most=self.most)
        return [_file(item) for item in items]

    def show(self, base: str, value: Json) -> Words:  # noqa: ARG002
        return Phrase("files", {"n": len(value) if isinstance(value, list) else 0})


@dataclass(frozen=True, slots=True)
class Consent(Step):
    """A yes or no that is asked apart. A no takes the sensitive sentences out of `strip`."""

    strip: tuple[str, ...] = ()

    input: ClassVar[Input] = "consent"
    closed: ClassVar[bool] = True

    def parse(self, raw: Raw, ctx: Context) -> Json:  # noqa: ARG002
        if isinstance(raw, bool):
            return raw
        if raw in ("true", "false", "yes", "no"):
            return raw in ("true", "yes")
        raise Reject("choose")

    def options(self, base: str, answers: Answers, ctx: Context) -> Sequence[Pick]:  # noqa: ARG002
        return [
            Pick(False, Phrase(f"{base}.options.no"), word="no"),
            Pick(True, Phrase(f"{base}.options.yes"), word="yes"),
        ]

    def show(self, base: str, value: Json) -> Words:
        return Phrase(f"{base}.options.{'yes' if value else 'no'}")

    def settle(self, value: Json, answers: dict[str, Json]) -> None:
        if value:
            return
        answers.pop(self.name, None)  # it is asked again should such words come back
        for name in self.strip:
            kept = without_sensitive(str(answers.get(name) or ""))
            if kept:
                answers[name] = kept
            else:
                answers.pop(name, None)


__all__ = [
    "Address",
    "Card",
    "Choice",
    "Consent",
    "Day",
    "Email",
    "Files",
    "LongText",
    "Lookup",
    "Many",
    "Notice",
    "Phone",
    "Place",
    "Text",
    "line_of",
]
