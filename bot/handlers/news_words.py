"""What every channel says of an issue beside its words: its pictures, and where a link leads."""

from collections.abc import Iterable, Iterator
from urllib.parse import SplitResult, quote, urlsplit

from bot.channel import Shown
from bot.dialogs.replies import News, Phrase, Words

_NOWHERE = urlsplit("")


def alts(reply: News) -> Iterator[Words]:
    """Say what each of its pictures shows, for whoever cannot see them; "" where nobody said."""
    one = len(reply.pictures) == 1
    for number, picture in enumerate(reply.pictures, 1):
        said = Phrase(
            "news.picture" if one else "news.picture_n", {"alt": picture.alt, "n": number}
        )
        yield said if picture.alt else ""


def own(url: str, page: str | None) -> bool:
    """Tell whether a link stays where the issue itself stands."""
    return page is not None and _split(url)[:2] == _split(page)[:2]


def beside(url: str, page: str | None) -> Words:
    """Say where a link leads that leaves our own pages; nothing for one that does not."""
    return "" if own(url, page) else f" ({host(url)})"


def host(url: str) -> str:
    """Give the host of an address that a browser opens; "" for any other."""
    parts = _split(url)
    return parts.hostname or "" if parts.scheme in {"http", "https"} else ""


def gathered(pieces: Iterable[Shown]) -> tuple[Shown, ...]:
    """Put together what stands in one message: pictures, and the words up to the next ones."""
    made: list[Shown] = []
    for piece in pieces:
        last = made[-1] if made else None
        if last is None or (piece.pictures and last.text):
            made.append(piece)
        else:
            words = "\n\n".join(filter(None, (last.text, piece.text)))
            made[-1] = Shown(words, (*last.pictures, *piece.pictures))
    return tuple(made)


def path(reply: News, place: int) -> str:
    """Give where a picture of an issue stands on our own pages."""
    return f"/news/{quote(reply.number, safe='')}/{place}.png"


def _split(url: str) -> SplitResult:
    try:
        return urlsplit(url)
    except ValueError:  # a bracket where none can stand
        return _NOWHERE
