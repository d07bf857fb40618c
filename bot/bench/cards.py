"""How long card news takes to draw: the shipped cases over and over, in both themes by turns."""

import time
from itertools import cycle
from typing import Any, get_args

from bot.dialogs.replies import Phrase
from bot.documents import card_look, card_news
from bot.locale import Texts
from bot.services.case_words import link
from bot.settings_newsletter import CardsSite, Theme
from bot.settings_site import KnowledgeSite
from knowledge.cases import shipped

LIMIT = 60.0
"""Seconds for a hundred pictures."""


def measure(pictures: int) -> dict[str, Any]:
    """Draw so many pictures, or a few more: a case is drawn whole."""
    texts, terms = Texts.load(), KnowledgeSite().permission

    def say(phrase: Phrase) -> str:
        return texts.render(phrase, "ko", {})

    fit = [one for one in shipped().values() if not card_news.lacking(one, terms)]
    looks = [card_look.look(CardsSite(), "가온시", theme) for theme in get_args(Theme)]
    sizes: list[int] = []
    began = time.perf_counter()
    for case, look in zip(cycle(fit), cycle(looks), strict=False):
        to = link(case.source)
        plan = card_news.pages(case, terms, to.host if to else "")
        sizes += [len(one.png) for one in card_news.draw(plan, look, say)]
        if len(sizes) >= pictures:
            break
    seconds = time.perf_counter() - began
    each = seconds / len(sizes)
    return {
        "pictures": len(sizes),
        "seconds": round(seconds, 2),
        "ms_each": round(each * 1000, 1),
        "seconds_for_100": round(each * 100, 2),
        "largest_kb": round(max(sizes) / 1000, 1),
        "within_limit": each * 100 <= LIMIT,
    }


def words(found: dict[str, Any]) -> str:
    """Say it in a line."""
    return (
        f"{found['pictures']}장에 {found['seconds']}초(한 장에 {found['ms_each']} ms), 가장 큰 것 "
        f"{found['largest_kb']} kB. 백 장이면 {found['seconds_for_100']}초"
    )
