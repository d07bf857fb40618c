"""The agency's own page as a channel: its rows are pulled, it only says how a reply looks."""

from collections.abc import Mapping

from bot.channel import Delivery, Limits, Parcel, Preview, Shown
from bot.dialogs.replies import Cards, News, Option, Reply, Sheet
from bot.errors import Refused
from bot.handlers.chat.guard import WebLimits
from bot.handlers.news_words import alts, gathered
from bot.locale import Texts


class WebChannel:
    """The road that needs no sender: a page asks for its rows (S17)."""

    name = "web"  # `parts.CHANNEL`: who sends has this channel and loads no page
    limits = Limits(
        text=4000,
        file_bytes=WebLimits().file_bytes,
        per_second=1000.0,
        per_chat=1000.0,
        push=False,
    )

    def __init__(self, texts: Texts, site: Mapping[str, str]) -> None:
        self._texts = texts
        self._site = site

    def preview(self, parcel: Parcel) -> Preview:
        """Give the words and buttons as the page shows them."""
        reply = parcel.reply
        words = [getattr(reply, name, None) for name in ("error", "text", "alt", "hint")]
        if isinstance(reply, Cards):
            words += [part for card in reply.cards for part in (card.title, card.text)]
        if isinstance(reply, Sheet):
            words += [part for block in reply.blocks for part in (block.label, block.text)]
        said = [self._say(one, parcel.lang) for one in words if one is not None]
        buttons = tuple((self._say(one.label, parcel.lang),) for one in _options(reply))
        if isinstance(reply, News):
            return self._news(reply, parcel.lang, buttons)
        return Preview("\n\n".join(said), buttons)

    def _news(self, reply: News, lang: str, buttons: tuple[tuple[str, ...], ...]) -> Preview:
        beside = {part.picture for part in reply.parts}
        shown = [Shown(self._say(one, lang)) for one in (reply.text, reply.lead)]
        places = range(len(reply.pictures))
        shown += [Shown(pictures=(place,)) for place in places if place not in beside]
        for part in reply.parts:
            told = (self._say(one, lang) for one in (part.title, part.text) if one)
            shown.append(Shown("\n".join(told)))
            if part.picture is not None and part.picture in places:
                shown.append(Shown(pictures=(part.picture,)))
        pieces = tuple(one for one in shown if one.text or one.pictures)
        said = [self._say(one, lang) for one in alts(reply)]
        words = [said[one.pictures[0]] if one.pictures else one.text for one in pieces]
        return Preview("\n\n".join(filter(None, words)), buttons, pieces=gathered(pieces))

    async def deliver(self, parcel: Parcel) -> Delivery:
        """Refuse: nobody sends to a page."""
        raise NotImplementedError(f"{self.name} is pulled")

    async def fetch(self, locator: str, most: int) -> bytes:  # noqa: ARG002
        """Refuse: what comes by the page is stored when it comes."""
        raise Refused("fetch.missing")

    def _say(self, words: object, lang: str) -> str:
        return self._texts.render(words, lang, self._site)


def _options(reply: Reply) -> tuple[Option, ...]:
    cards = reply.cards if isinstance(reply, Cards) else ()
    return (*(one for card in cards for one in card.options), *getattr(reply, "options", ()))
