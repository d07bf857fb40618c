"""Looking something up while a form is filled in: the step, and a list in memory to look in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from bot.dialogs.form import Choose, Context, Found, Pick, Reject, Shown, Step, line_of, said
from bot.dialogs.replies import Phrase
from knowledge.korean import fold, initials, jamo

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from bot.dialogs.events import Json, Raw
    from bot.dialogs.form import Answers
    from bot.dialogs.replies import Input, Words


@dataclass(frozen=True, slots=True)
class Lookup(Step):
    """Something of a list that only the context knows: {"value", "label", "note"}.

    `guess` gives words to look for in earlier answers: what is found so is asked back. `free`
    takes words that fit nothing as they are (value ""), for somebody else to find.
    """

    list: str = ""
    guess: Callable[[Answers], tuple[str, ...]] | None = None
    free: bool = False

    input: ClassVar[Input] = "lookup"

    def parse(self, raw: Raw, ctx: Context) -> Json:
        if isinstance(raw, dict):
            raw = raw.get("value") or raw.get("label")
        text = line_of(raw)[:100]
        if not text:
            raise Reject("required")
        found = ctx.lookups.find(self.list, text)
        for one in found:
            if one.exact or text in (one.value, one.label):
                return one.json()
        if found:
            raise Choose("several", text, found[:3])
        if self.free:
            return Found("", text).json()
        raise Reject("unknown")

    def present(self, base: str, draft: Json, answers: Answers, ctx: Context) -> Shown:
        kept = draft if isinstance(draft, dict) else {}
        if kept.get("candidates"):
            return self._candidates(base, kept, ctx)
        if kept.get("label"):
            value, label, note = (str(kept.get(n) or "") for n in ("value", "label", "note"))
            one: Found | None = Found(value, label, note)
        elif kept.get("open") or self.name in answers:
            one = None
        else:
            one = self.guessed(answers, ctx)
        if one is None:
            return Shown(Phrase(f"{base}.ask"))
        picks = [
            Pick(one.json(), said(ctx, base, "options.right", "dialog.right"), word="yes"),
            Pick(None, said(ctx, base, "options.other", "dialog.other"), act="open", word="no"),
        ]
        text = said(ctx, base, "confirm", "dialog.confirm", unit=one.label)
        return Shown(text, tuple(picks), closed=True)

    def _candidates(self, base: str, kept: dict[str, Json], ctx: Context) -> Shown:
        items = kept["candidates"]
        picks = [
            Pick(item, str(item["label"]))
            for item in (items if isinstance(items, list) else [])
            if isinstance(item, dict)
        ]
        none = said(ctx, base, "options.not_here", "dialog.not_here")
        if self.free:
            picks.append(Pick(Found("", str(kept["said"])).json(), none))
        else:
            picks.append(Pick(None, none, act="open"))
        text = said(ctx, base, "candidates", "dialog.candidates")
        return Shown(text, tuple(picks), closed=True)

    def guessed(self, answers: Answers, ctx: Context) -> Found | None:
        """Give the one thing that the earlier answers seem to speak of."""
        for word in self.guess(answers) if self.guess else ():
            found = ctx.lookups.find(self.list, word)
            if found:
                return found[0]
        return None

    def show(self, base: str, value: Json) -> Words:  # noqa: ARG002
        return str(value["label"]) if isinstance(value, dict) else ""


# Under this likeness of letters a name is no candidate.
_LIKE = 72.0


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that can be found: its code, its name, and what else people call it."""

    value: str
    label: str
    aliases: tuple[str, ...] = ()
    note: str = ""


class Table:
    """Lists in memory that answer `Lookups.find`: by code, name, alias, 초성 and likeness."""

    def __init__(self, lists: Mapping[str, Sequence[Entry]]) -> None:
        self._lists = {
            name: [(entry, _forms(entry)) for entry in entries] for name, entries in lists.items()
        }
        self._names = {
            (name, form): entry
            for name, entries in self._lists.items()
            for entry, forms in reversed(entries)
            for form in forms
        }

    def find(self, name: str, query: str) -> Sequence[Found]:
        """Give at most five things that fit, best first; an exact one stands alone.

        Without a query the whole list, for a page that offers it.
        """
        entries = self._lists.get(name, [])
        if not query:
            return tuple(Found(entry.value, entry.label, entry.note) for entry, _ in entries)
        said = fold(query)
        exact = self._names.get((name, said))
        if exact is not None:
            return (Found(exact.value, exact.label, exact.note, exact=True),)
        scored = [(max(_score(said, form) for form in forms), entry) for entry, forms in entries]
        scored.sort(key=lambda pair: -pair[0])
        return tuple(
            Found(entry.value, entry.label, entry.note)
            for score, entry in scored[:5]
            if said and score >= _LIKE
        )


def _forms(entry: Entry) -> tuple[str, ...]:
    names = (entry.value, entry.label, *entry.aliases)
    return tuple(dict.fromkeys([*map(fold, names), initials(fold(entry.label))]))


def _score(said: str, form: str) -> float:
    if len(said) > 1 and (said in form or (len(form) > 1 and form in said)):
        return 90.0 + 10.0 * min(len(said), len(form)) / max(len(said), len(form))
    from rapidfuzz import fuzz  # noqa: PLC0415 - 3 MB, and `work` compares nothing

    return fuzz.ratio(jamo(said), jamo(form))
