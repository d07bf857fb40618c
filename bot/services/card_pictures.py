"""Card news and the case book of chosen cases, in the agency's look.

What everybody may read alone is drawn: published cases that say where they come from and on what
terms. What the audit office holds back is left out, and nobody is told why.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from bot.documents import card_look, card_news, case_book
from bot.errors import Refused
from bot.services.case_words import link
from storage.repositories import cases as stored

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from bot.dialogs.replies import Phrase
    from bot.documents.card_news import Drawn, Page
    from bot.services.base import Desk
    from bot.settings_newsletter import Theme
    from knowledge.cases import Case
    from storage.unit import Unit


class Chosen(NamedTuple):
    """Chosen cases in their order; `held` by their refs, `no` with what each of them lacks."""

    cases: tuple[Case, ...]
    held: tuple[str, ...]
    no: tuple[tuple[str, tuple[str, ...]], ...]


def lacking(svc: Desk, case: Case) -> tuple[str, ...]:
    """Name what is missing for pictures of a case: words of `cards.lack.<name>`."""
    return card_news.lacking(case, terms(svc, case))


def terms(svc: Desk, case: Case) -> str:
    """Give on what terms a case is shown: its own, or the agency's."""
    return case.permission or svc.site.knowledge.permission


def pages(svc: Desk, case: Case) -> tuple[Page, ...]:
    """Plan the pictures of a case. Raises `Refused` cards.lack.<name>."""
    to = link(case.source)
    return card_news.pages(case, terms(svc, case), to.host if to else "")


def drawn(svc: Desk, case: Case, theme: Theme | None = None) -> tuple[Drawn, ...]:
    """Draw the pictures of a case, a fifth of a second. Raises `Refused` cards.lack.<name>.

    Never inside a transaction. `theme` stands in place of the agency's own.
    """
    look = card_look.look(svc.site.newsletter.cards, svc.site.named("agency", case.lang), theme)
    return card_news.draw(pages(svc, case), look, partial(_say, svc, case.lang), case.lang)


def book(svc: Desk, cases: Sequence[Case], day: date) -> bytes:
    """Print cases that are fit as a book, PDF/A-2b, always light: it is paper.

    Never inside a transaction. Raises `Refused` cards.lack.<name>.
    """
    for case in cases:
        for name in lacking(svc, case):
            raise Refused(f"cards.lack.{name}")
    look = card_look.look(svc.site.newsletter.cards, svc.site.named("agency", "ko"), "light")
    printed = case_book.book([(case, terms(svc, case)) for case in cases])
    return case_book.pdf(printed, look, partial(_say, svc, "ko"), day)


def chosen(svc: Desk, unit: Unit, refs: Sequence[str]) -> Chosen:
    """Read chosen cases, each once, and part them: to be drawn, held back, not fit or not known."""
    wanted = tuple(dict.fromkeys(refs))
    rows, came = stored.rows(unit, wanted), svc.library.shipped()
    held = tuple(ref for ref in wanted if ref in rows and rows[ref].held)
    fit: list[Case] = []
    no: list[tuple[str, tuple[str, ...]]] = []
    for ref in wanted:
        case = stored.to_case(rows[ref]) if ref in rows else came.get(ref)
        missing = ("unknown",) if case is None else lacking(svc, case)
        if ref in held:
            continue
        if case is None or missing:
            no.append((ref, missing))
        else:
            fit.append(case)
    return Chosen(tuple(fit), held, tuple(no))


def _say(svc: Desk, lang: str, phrase: Phrase) -> str:
    return svc.texts.render(phrase, lang, svc.site.words())
