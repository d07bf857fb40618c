"""Where something was read: a law by its name, or a page that can be opened."""

from dataclasses import dataclass
from urllib.parse import urlsplit

_LAW = "www.law.go.kr"
_LAW_NAME = "국가법령정보센터"


@dataclass(frozen=True, slots=True)
class Link:
    """A page, by https alone; whoever shows it shows its host too (security S31)."""

    title: str
    url: str

    @property
    def host(self) -> str:
        return urlsplit(self.url).hostname or ""


def is_address(source: str) -> bool:
    """Tell an address from the name of a law or a paper."""
    return source.startswith(("https://", "http://"))


def link(source: str, title: str = "") -> Link | None:
    """Make a link of a source; None for what is no address, or not by https."""
    try:
        parts = urlsplit(source)
    except ValueError:
        return None
    if parts.scheme != "https" or not parts.hostname or parts.username is not None:
        return None
    known = _LAW_NAME if parts.hostname == _LAW else parts.hostname
    return Link(title or known, source)


def named(source: str) -> str:
    """Name a source in a sentence: a page by its host."""
    if not is_address(source):
        return source
    found = link(source)
    return found.host if found is not None else urlsplit(source).hostname or source
