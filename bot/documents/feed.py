"""An Atom feed (RFC 4287), made by the standard library's own XML writer."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote, urlsplit
from xml.etree import ElementTree as ET  # writes, never parses

ATOM = "http://www.w3.org/2005/Atom"
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 (section 2.2, Char) has no way to write, escaped or not."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry; times are aware. `number` names it for good."""

    number: str
    address: str
    title: str
    text: str
    lang: str
    published: datetime
    updated: datetime


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed at `address` of what stands on `page`; `now` dates one that is empty."""

    address: str
    page: str
    title: str
    author: str
    lang: str
    now: datetime
    entries: Sequence[Entry] = ()


def atom(feed: Feed) -> bytes:
    """Write the feed. Its ids are tag URIs (RFC 4151), and stay when the words change."""
    host = urlsplit(feed.address).hostname or "localhost"
    root = ET.Element("feed", {"xmlns": ATOM, "xml:lang": feed.lang})
    newest = max((one.updated for one in feed.entries), default=feed.now)
    _put(root, "id", f"tag:{host},2026:news")
    _put(root, "title", feed.title)
    _put(root, "updated", _moment(newest))
    ET.SubElement(
        root, "link", {"rel": "self", "type": "application/atom+xml", "href": feed.address}
    )
    ET.SubElement(root, "link", {"rel": "alternate", "type": "text/html", "href": feed.page})
    _put(ET.SubElement(root, "author"), "name", feed.author)
    for one in feed.entries:
        entry = ET.SubElement(root, "entry", {"xml:lang": one.lang})
        _put(entry, "id", f"tag:{host},2026:news/{quote(one.number, safe='')}")
        _put(entry, "title", one.title)
        _put(entry, "published", _moment(one.published))
        _put(entry, "updated", _moment(one.updated))
        ET.SubElement(
            entry, "link", {"rel": "alternate", "type": "text/html", "href": one.address}
        )
        _put(entry, "content", one.text, type="text")
    made: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return made


def _put(parent: ET.Element, name: str, text: str, **given: str) -> None:
    ET.SubElement(parent, name, given).text = _FORBIDDEN.sub("", text)


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
