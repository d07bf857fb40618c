"""An issue of the news as a letter: words and markup, pictures inside it, the reader's own links.

Nothing in it is fetched from anywhere, and no link tells who pressed it but the two that stop and
choose. All that is the same for everybody is made once; a reader costs his links and his head.
"""

import re
from base64 import b64encode, encodebytes
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP as WIRE
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import escape

from bot.channel import Carried, Parcel
from bot.dialogs.replies import News, Phrase, Words
from bot.services.case_words import Link, link
from knowledge.korean import clean_line, clean_text

TEMPLATES = Path(__file__).resolve().parent / "templates" / "mail"
WIDTH = 536
"""Pixels between the margins of a letter of 600."""

PREHEADER = 110
"""Signs that clients show beside the subject."""

KEPT = 4
"""Issues in memory: a worker sends one in two languages, or two at once."""

_PNG = b"\x89PNG\r\n\x1a\n"
_URL = re.compile(r"https?://[!-~]+")
_STOP, _PREFER = "stop", "prefer"


class _Picture(NamedTuple):
    src: str
    alt: str
    width: int


class _Part(NamedTuple):
    title: str
    text: str
    link: Link | None
    picture: _Picture | None


@dataclass(frozen=True, slots=True)
class _Split:
    """A text that was cut where the reader's own links stand."""

    pieces: tuple[str, ...]

    def whole(self, links: Mapping[str, str]) -> str:
        """Put the links in: every second piece is the name of one."""
        pieces = list(self.pieces)
        pieces[1::2] = [links[name] for name in pieces[1::2]]
        return "".join(pieces)


@dataclass(frozen=True, slots=True)
class _Made:
    """What all readers of one issue in one language have in common; `of` keeps it alive."""

    of: News
    carried: tuple[bytes, ...]
    text: _Split
    html: _Split
    head: bytes
    boundary: str
    pictures: bytes


@dataclass(frozen=True, slots=True)
class Own:
    """The lines at the head of a letter that are its reader's own."""

    to: str
    date: str
    id: str
    unsubscribe: tuple[str, ...] = ()

    def wire(self) -> bytes:
        """Give them as they go over the wire; raises ValueError for what is no single line."""
        lines = [f"To: {self.to}", f"Date: {self.date}", f"Message-ID: {self.id}"]
        given = (*lines, *self.unsubscribe)
        if any(not line.isascii() or not line.isprintable() for line in given):
            raise ValueError("a line that is none")
        if self.unsubscribe:
            lines.append("List-Unsubscribe: " + ",\r\n ".join(f"<{u}>" for u in self.unsubscribe))
        if any(one.startswith("https:") for one in self.unsubscribe):
            lines.append("List-Unsubscribe-Post: List-Unsubscribe=One-Click")  # RFC 8058
        return "".join(f"{line}\r\n" for line in lines).encode("ascii")


class Issues:
    """Makes the letters of an issue. `home` is where our own pages stand.

    `fixed` are the lines at the head that do not depend on the issue; `subject` gives the one
    that does.
    """

    def __init__(
        self,
        say: Callable[[Words, str], str],
        *,
        home: str,
        domain: str,
        fixed: Callable[[Parcel], EmailMessage],
        random: Callable[[int], bytes],
    ) -> None:
        self._say = say
        self._home = home
        self._domain = domain
        self._fixed = fixed
        self._random = random
        self._made: list[tuple[tuple[Any, ...], _Made]] = []
        self._template = _template()

    def letter(self, parcel: Parcel, own: Own) -> bytes:
        """Give the letter for one reader as it goes over the wire."""
        made = self._get(parcel)
        carried = parcel.carried or Carried()
        links = {_STOP: carried.stop, _PREFER: carried.prefer}
        html = {name: str(escape(url)) for name, url in links.items()}
        inner = f"i{made.boundary}"
        text = _base64(made.text.whole(links))
        page = _part("text/html; charset=utf-8", _base64(made.html.whole(html)))
        if made.pictures:
            kind = f'multipart/related; type="text/html"; boundary="{inner}"'
            page = b"".join(
                (
                    _lines(f"Content-Type: {kind}", "", f"--{inner}"),
                    page,
                    made.pictures,
                    _lines(f"--{inner}--"),
                )
            )
        return b"".join(
            (
                own.wire(),
                made.head,
                _lines("", f"--{made.boundary}"),
                _part("text/plain; charset=utf-8", text),
                _lines(f"--{made.boundary}"),
                page,
                _lines(f"--{made.boundary}--"),
            )
        )

    def text(self, parcel: Parcel) -> str:
        """Give the words of the letter."""
        carried = parcel.carried or Carried()
        return self._get(parcel).text.whole({_STOP: carried.stop, _PREFER: carried.prefer})

    def page(self, parcel: Parcel) -> str:
        """Give the letter as a page by itself, its pictures in it."""
        reply, carried = _news(parcel), parcel.carried or Carried()
        sources = [
            f"data:image/png;base64,{b64encode(png).decode('ascii')}" if _size(png) else ""
            for png in carried.pictures
        ]
        marks = {_STOP: carried.stop, _PREFER: carried.prefer}
        return self._html(reply, parcel.lang, carried.pictures, sources, marks)

    def _get(self, parcel: Parcel) -> _Made:
        """Give what all readers have in common, from memory where it was made before."""
        reply, carried = _news(parcel), parcel.carried or Carried()
        key = (parcel.lang, parcel.again, bool(carried.stop), bool(carried.prefer))
        for known, made in self._made:
            if known == key and made.of is reply and made.carried is carried.pictures:
                return made
        made = self._make(parcel, reply, carried)
        self._made = [(key, made), *self._made[: KEPT - 1]]
        return made

    def _make(self, parcel: Parcel, reply: News, carried: Carried) -> _Made:
        mark = self._random(12).hex()
        marks = {_STOP: f"{mark}-{_STOP}", _PREFER: f"{mark}-{_PREFER}"}
        given = {name: marks[name] if getattr(carried, name) else "" for name in marks}
        boundary = f"b{self._random(16).hex()}"
        names = [
            f"{n}.{mark}@{self._domain}" if _size(png) else ""
            for n, png in enumerate(carried.pictures)
        ]
        sources = [f"cid:{name}" if name else "" for name in names]
        html = self._html(reply, parcel.lang, carried.pictures, sources, given)
        fixed = self._fixed(parcel).as_bytes(policy=WIRE).rstrip(b"\r\n")
        kind = f'Content-Type: multipart/alternative; boundary="{boundary}"'
        head = b"\r\n".join((fixed, _lines("MIME-Version: 1.0", kind)))
        shown = [(name, png) for name, png in zip(names, carried.pictures, strict=True) if name]
        return _Made(
            of=reply,
            carried=carried.pictures,
            text=_split(self._text(reply, parcel.lang, given), marks),
            html=_split(html, marks),
            head=head,
            boundary=boundary,
            pictures=_pictures(shown, f"i{boundary}"),
        )

    def _html(
        self,
        reply: News,
        lang: str,
        pngs: Sequence[bytes],
        sources: Sequence[str],
        own: Mapping[str, str],
    ) -> str:
        say, lead = self._saying(lang), self._words(reply.lead, lang)
        parts = self._parts(reply, lang)
        pictures = [
            _Picture(
                sources[n] if n < len(sources) else "",
                clean_line(say(one.alt)),
                min(_size(pngs[n]) or WIDTH, WIDTH) if n < len(pngs) else WIDTH,
            )
            for n, one in enumerate(reply.pictures)
        ]
        used = {part.picture for part in reply.parts}
        return self._template.render(
            lang=lang,
            title=clean_line(say(reply.text)),
            preheader=_preheader(lead, [part.title for part in parts]),
            kicker=say(Phrase("mail.issue.kicker")),
            lead=lead,
            pictures=[one for n, one in enumerate(pictures) if n not in used],
            parts=[
                part._replace(picture=pictures[of.picture])
                if of.picture is not None and 0 <= of.picture < len(pictures)
                else part
                for part, of in zip(parts, reply.parts, strict=True)
            ],
            more=say(Phrase("mail.issue.more")),
            page=self._link(reply.page),
            page_label=say(Phrase("news.button.page")),
            why=say(Phrase("mail.issue.why")),
            stop=own[_STOP],
            stop_label=say(Phrase("news.button.stop")),
            prefer=own[_PREFER],
            prefer_label=say(Phrase("mail.issue.prefer")),
            sender=say(Phrase("mail.footer")),
        )

    def _text(self, reply: News, lang: str, own: Mapping[str, str]) -> str:
        say = self._saying(lang)
        used = {part.picture for part in reply.parts}
        blocks = [clean_line(say(reply.text)), self._words(reply.lead, lang)]
        alts = [clean_line(say(one.alt)) for one in reply.pictures]
        blocks += [
            say(Phrase("mail.issue.picture", {"alt": alt}))
            for n, alt in enumerate(alts)
            if n not in used
        ]
        for part, of in zip(self._parts(reply, lang), reply.parts, strict=True):
            alt = (
                alts[of.picture] if of.picture is not None and 0 <= of.picture < len(alts) else ""
            )
            blocks += [
                f"■ {part.title}",
                part.text,
                say(Phrase("mail.issue.picture", {"alt": alt})) if alt else "",
                self._lead_to("mail.issue.more", part.link.href, lang) if part.link else "",
            ]
        page = self._link(reply.page)
        blocks.append(self._lead_to("news.button.page", page.href, lang) if page else "")
        end = [f"-- \n{say(Phrase('mail.issue.why'))}"]
        for name, label in ((_STOP, "news.button.stop"), (_PREFER, "mail.issue.prefer")):
            if own[name]:
                end.append(self._lead_to(label, own[name], lang))
        end.append(say(Phrase("mail.footer")))
        return "\n\n".join(block for block in (*blocks, "\n".join(end)) if block) + "\n"

    def _parts(self, reply: News, lang: str) -> list[_Part]:
        return [
            _Part(
                clean_line(self._say(part.title, lang)),
                self._words(part.text, lang),
                self._link(part.url),
                None,
            )
            for part in reply.parts
        ]

    def _lead_to(self, label: str, url: str, lang: str) -> str:
        return self._say(Phrase("mail.button", {"label": Phrase(label), "url": url}), lang)

    def _saying(self, lang: str) -> Callable[[Words], str]:
        return lambda words: self._say(words, lang)

    def _words(self, words: Words, lang: str) -> str:
        return clean_text(self._say(words, lang))

    def _link(self, url: str | None) -> Link | None:
        """Give a link that may stand in a letter: our own pages, others by https (S31)."""
        if url and url.startswith(f"{self._home}/") and _URL.fullmatch(url):
            return Link(url, urlsplit(self._home).hostname or "")
        return link(url) if url else None


@cache
def _template() -> Template:
    env = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined
    )
    return env.get_template("issue.html")


def _news(parcel: Parcel) -> News:
    assert isinstance(parcel.reply, News)
    return parcel.reply


def _preheader(lead: str, titles: Sequence[str]) -> str:
    text = clean_line(lead) or " · ".join(titles)
    return text if len(text) <= PREHEADER else text[: PREHEADER - 1].rstrip() + "…"


def _size(png: bytes) -> int:
    """Give the width of a PNG in pixels; 0 for what is none."""
    whole = png.startswith(_PNG) and png[12:16] == b"IHDR"
    return int.from_bytes(png[16:20], "big") if whole else 0


def _split(text: str, marks: Mapping[str, str]) -> _Split:
    named = {mark: name for name, mark in marks.items()}
    cut = re.split("(" + "|".join(map(re.escape, named)) + ")", text)
    return _Split(
        tuple(named.get(piece, piece) if n % 2 else piece for n, piece in enumerate(cut))
    )


def _base64(text: str) -> bytes:
    """Give words in lines of 76 signs (RFC 2045)."""
    plain = text.replace("\n", "\r\n").encode("utf-8", "replace")
    return encodebytes(plain).replace(b"\n", b"\r\n")


def _lines(*lines: str) -> bytes:
    return "".join(f"{line}\r\n" for line in lines).encode("ascii")


def _part(kind: str, body: bytes) -> bytes:
    return _lines(f"Content-Type: {kind}", "Content-Transfer-Encoding: base64", "") + body


def _pictures(shown: Sequence[tuple[str, bytes]], boundary: str) -> bytes:
    return b"".join(
        _lines(
            f"--{boundary}",
            "Content-Type: image/png",
            "Content-Transfer-Encoding: base64",
            f"Content-ID: <{name}>",
            f'Content-Disposition: inline; filename="{n}.png"',
            "",
        )
        + encodebytes(png).replace(b"\n", b"\r\n")
        for n, (name, png) in enumerate(shown, 1)
    )
