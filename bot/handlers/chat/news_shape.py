"""An issue of the news as the public JSON."""

from collections.abc import Callable

from typing_extensions import TypedDict

from bot.dialogs.replies import News, Words
from bot.handlers.cutting import clean
from bot.handlers.news_words import host, path


class NewsPartOut(TypedDict):
    """One piece of an issue: `url` is where there is more, `picture` its place in `pictures`."""

    title: str
    text: str
    url: str | None
    picture: int | None


class NewsPictureOut(TypedDict):
    """A picture of an issue: its path here, and its words for who cannot see it."""

    src: str
    alt: str


class NewsOut(TypedDict):
    """An issue of the news. The reply's `text` is its headline, its `options` have the stop.

    Pictures that no part points at stand before the parts. `page` is where it stands in the
    archive.
    """

    number: str
    lead: str
    parts: list[NewsPartOut]
    pictures: list[NewsPictureOut]
    page: str | None


def news_out(reply: News, say: Callable[[Words], str]) -> NewsOut:
    """Give an issue as the JSON of the API; no sign in it turns what stands beside it around."""

    def plain(words: Words) -> str:
        return clean(say(words))

    places = range(len(reply.pictures))
    return {
        "number": reply.number,
        "lead": plain(reply.lead),
        "parts": [
            {
                "title": plain(part.title),
                "text": plain(part.text),
                "url": part.url if part.url and host(part.url) else None,
                "picture": part.picture if part.picture in places else None,
            }
            for part in reply.parts
        ],
        "pictures": [
            {"src": path(reply, place), "alt": plain(picture.alt)}
            for place, picture in enumerate(reply.pictures)
        ],
        "page": reply.page,
    }
