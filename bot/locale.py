"""Every sentence the service says: TOML per language, merged over the shipped one by a site."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeAlias, TypeGuard

from bot.errors import BadStart, no_toml
from knowledge import korean

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

SHIPPED = Path(__file__).parent / "locale"
PREVAILING = "ko"
"""The language of the law: what a translation lacks is said in it."""

_AROUND = {"line": ("", "\n"), "after": ("\n\n", "")}
"""What stands around a part that may be missing, and goes with it."""

_BETWEEN = {"rows": "\n", "dots": " · "}
"""What stands between the items of a list that is no enumeration."""

_HOLE = re.compile(r"\{(/|\??[a-z_0-9]+)(?::([^}]*))?\}")


class _Phrase(Protocol):
    """What `bot.dialogs.replies.Phrase` looks like from below."""

    @property
    def key(self) -> str: ...
    @property
    def params(self) -> Mapping[str, object]: ...


def _is_phrase(words: object) -> TypeGuard[_Phrase]:
    return hasattr(words, "params")


@dataclass(frozen=True, slots=True)
class Span:
    """A run of plain text; `bold` is the only markup there is, and only our own texts have it."""

    text: str
    bold: bool = False


_Hole: TypeAlias = tuple[str, str]
_Template: TypeAlias = tuple["str | _Hole | bool", ...]
"""Literal text, (parameter, how it is written), or True where bold begins or ends."""


def _flatten(table: Mapping[str, object], prefix: str = "") -> Iterator[tuple[str, object]]:
    for name, value in table.items():
        if isinstance(value, dict):
            yield from _flatten(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def _read(folder: Path) -> dict[str, tuple[str, str]]:
    """Read the files of one language, each text with its file; a key twice stops the start."""
    texts: dict[str, tuple[str, str]] = {}
    for path in sorted(folder.glob("*.toml")):
        try:
            table = tomllib.loads(path.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as broken:
            raise BadStart(str(path), "locale", no_toml(broken)) from broken
        for key, value in _flatten(table):
            if not isinstance(value, str):
                raise BadStart(str(path), key, "따옴표로 싼 글이어야 합니다")
            if key in texts:
                raise BadStart(str(path), key, "다른 파일에도 있습니다")
            texts[key] = (path.stem, value.strip("\n"))
    return texts


def _compile(text: str) -> _Template:
    parts: list[str | _Hole | bool] = []
    for number, piece in enumerate(text.split("**")):
        if number:
            parts.append(True)
        place = 0
        for hole in _HOLE.finditer(piece):
            parts.append(piece[place : hole.start()])
            parts.append((hole[1], hole[2] or ""))
            place = hole.end()
        parts.append(piece[place:])
    return tuple(part for part in parts if part != "")


def _is_fixed(parts: _Template) -> bool:
    return not any(isinstance(part, tuple) for part in parts)


def _fixed(parts: _Template) -> tuple[Span, ...]:
    spans: list[Span] = []
    bold = False
    for part in parts:
        if part is True:
            bold = not bold
        else:
            spans.append(Span(str(part), bold))
    return tuple(spans)


class Texts:
    """The sentences of all languages.

    In a text `{name}` is a parameter, `{name:을/를}` adds the particle that fits it,
    `{name:day}` writes an ISO date (`12월 1일(화)`, `Tue 1 Dec 2026`), `{name:date}` the same with
    its year, `{name:record}` as official papers do (`2026. 12. 1.`), `{name:month}` an ISO month,
    `{name:moment}` an ISO time, `{name:wait}` seconds, `{name:list}` a list as lines,
    `{name:line}` a line of its own that may be missing, `{name:after}` such a paragraph at the
    end; `{?name}…{/}` stands only where the parameter is not empty; `**` begins and ends bold.
    Parameters are never read as markup.
    """

    def __init__(self, texts: Mapping[str, Mapping[str, str]], *, strict: bool = False) -> None:
        self._raw = {lang: dict(table) for lang, table in texts.items()}
        self._ready = {
            lang: {key: _compile(text) for key, text in table.items()}
            for lang, table in texts.items()
        }
        # Most texts have no hole: what they give is always the same.
        self._whole = {
            lang: {key: _fixed(parts) for key, parts in table.items() if _is_fixed(parts)}
            for lang, table in self._ready.items()
        }
        self._strict = strict

    @classmethod
    def load(
        cls,
        dirs: Sequence[Path] = (SHIPPED,),
        *,
        strict: bool = False,
        new: Collection[str] = (),
    ) -> Texts:
        """Read `<dir>/<lang>/*.toml`; a later directory (a site's own) replaces keys.

        A site's files bring no key that is not there, save those of these names (`new`): the
        words of the procedures that the site adds. `strict` is for tests: a key that a language lacks, or a parameter that nobody gave,
        raises KeyError instead of falling back. Raises `BadStart` on a broken file.
        """
        merged: dict[str, dict[str, str]] = {}
        for number, folder in enumerate(dirs):
            for language in sorted(path for path in folder.iterdir() if path.is_dir()):
                table = merged.setdefault(language.name, {})
                for key, (name, text) in _read(language).items():
                    ours = key in table or key in merged.get(PREVAILING, {})
                    if number and not ours and name not in new:
                        raise BadStart(str(language), key, "이 서비스에 없는 이름입니다")
                    table[key] = text
        return cls(merged, strict=strict)

    @property
    def languages(self) -> tuple[str, ...]:
        return tuple(self._raw)

    def keys(self, lang: str = PREVAILING) -> frozenset[str]:
        return frozenset(self._raw.get(lang, {}))

    def raw(self, key: str, lang: str = PREVAILING) -> str:
        """Give a text as it stands in its file."""
        return self._raw[lang][key]

    def has(self, key: str) -> bool:
        return key in self._ready[PREVAILING]

    def known(self, key: str, instead: str) -> str:
        """Give a key, or another in the place of one that only a later release has (S23).

        Under `strict` it is given as it is: a sentence that is missing is a mistake of ours.
        """
        return key if self._strict or self.has(key) else instead

    def own(self, key: str, of: str) -> str:
        """Give the key as somebody says it who has words of his own for it (`<key>_<of>`)."""
        return own if self.has(own := f"{key}_{of}") else key

    def holes(self, key: str, lang: str = PREVAILING) -> frozenset[str]:
        """Give the names of the parameters of a text."""
        return frozenset(
            part[0].lstrip("?")
            for part in self._ready[lang][key]
            if isinstance(part, tuple) and part[0] != "/"
        )

    def render(self, words: object, lang: str, site: Mapping[str, str]) -> str:
        """Give words as plain text; raises KeyError for a key that no language has."""
        return "".join(span.text for span in self.spans(words, lang, site))

    def spans(self, words: object, lang: str, site: Mapping[str, str]) -> tuple[Span, ...]:
        """Give words with our own bold kept apart from the text, for channels to mark up."""
        if not _is_phrase(words):
            return (Span(self._param(words, lang, site, "")),)
        whole = self._whole.get(lang, {}).get(words.key)
        if whole is not None:
            return whole
        spans: list[Span] = []
        bold = hidden = False
        for part in self._find(words.key, lang):
            if isinstance(part, tuple) and part[0][0] in "?/":
                name = part[0][1:]
                hidden = bool(name) and not (words.params.get(name) or site.get(name))
            elif hidden:
                continue
            elif part is True:
                bold = not bold
            elif isinstance(part, tuple):
                value = self._value(words, part[0], lang, site)
                spans.append(Span(self._param(value, lang, site, part[1]), bold))
            else:
                spans.append(Span(str(part), bold))
        return tuple(span for span in spans if span.text)

    def _find(self, key: str, lang: str) -> _Template:
        table = self._ready.get(lang, {})
        if key not in table and not self._strict:
            table = self._ready[PREVAILING]
        return table[key]

    def _value(self, words: _Phrase, name: str, lang: str, site: Mapping[str, str]) -> object:
        if name in words.params:
            return words.params[name]
        if name in site:
            # What an agency says of itself may have a wording of its own in another language.
            return site[name] if lang == PREVAILING else site.get(f"{name}.{lang}") or site[name]
        if self._strict:
            raise KeyError(f"{words.key}: {{{name}}} ({lang})")
        return ""

    def _param(self, value: object, lang: str, site: Mapping[str, str], spec: str) -> str:
        if isinstance(value, list | tuple):
            items = [self._param(item, lang, site, "") for item in value]
            if spec == "list":
                return "\n".join(f"· {item}" for item in items)
            return _BETWEEN.get(spec, ", ").join(items)
        text = "" if value is None else str(value)
        if _is_phrase(value):
            text = self.render(value, lang, site)
        if spec in _AROUND and text:
            before, after = _AROUND[spec]
            return f"{before}{text}{after}"
        if spec in _WRITTEN:
            return _WRITTEN[spec](text, lang)
        if "/" in spec:
            return korean.with_josa(text, spec)
        return text


_DAYS = {
    "day": korean.day_text,
    "date": korean.date_text,
    "record": korean.record_text,
    "month": korean.month_text,
}


def _day(text: str, lang: str, *, spec: str = "day") -> str:
    """Write an ISO date in the language; words that are no date stay as they are."""
    try:
        day = _date_of(f"{text}-01" if spec == "month" else text)
    except ValueError:
        return text
    if lang == PREVAILING:
        return _DAYS[spec](day)
    return f"{day:%B %Y}" if spec == "month" else f"{day:%a} {day.day} {day:%b %Y}"


def _date_of(text: str) -> date:
    """Read an ISO date, or the day in Seoul of an ISO time; raises ValueError."""
    if len(text) <= len("2026-12-01"):
        return date.fromisoformat(text)
    at = datetime.fromisoformat(text)
    return (at.astimezone(korean.SEOUL) if at.tzinfo else at).date()


def _wait(text: str, lang: str) -> str:
    """Write a number of seconds as one says it: minutes from two on, rounded up."""
    seconds = int(text)
    minutes = -(-seconds // 60)
    if seconds < 120:
        return f"{seconds}초" if lang == PREVAILING else f"{seconds} seconds"
    return f"{minutes}분" if lang == PREVAILING else f"{minutes} minutes"


def _moment(text: str, lang: str) -> str:
    """Write an ISO time (already in the zone it should be read in) in the language."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return text
    at = at.astimezone(korean.SEOUL) if at.tzinfo else at
    return korean.moment_text(at) if lang == PREVAILING else f"{_day(text, lang)}, {at:%H:%M}"


_WRITTEN: Mapping[str, Callable[[str, str], str]] = {
    **{spec: partial(_day, spec=spec) for spec in _DAYS},
    "moment": _moment,
    "wait": _wait,
}
"""How a parameter is written that is a day, a time or a number of seconds."""
