"""Published cases and answers for the pages and the API: read on the store, each fault by its name.

Lists and the archive may come from the replica; whether a case is still published is asked of the
primary, because what was withdrawn is gone at once.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from bot.errors import Overloaded
from bot.services import finding, news_archive
from bot.services.answers import Asked
from bot.services.base import Desk
from bot.services.finding import Sought
from bot.services.news_archive import Line, Page
from knowledge import faq
from knowledge.cases import Case
from storage.errors import Busy
from storage.store import Store
from storage.unit import Unit

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Shown:
    """Cases in their order, of `total` that fit; `facets` by what they can be narrowed."""

    cases: tuple[Case, ...]
    total: int
    facets: Mapping[str, tuple[tuple[str, int], ...]]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a search brought; `scores` by the ref of a case."""

    sought: Sought
    cases: tuple[Case, ...]

    @property
    def scores(self) -> Mapping[str, float]:
        return {hit.key: hit.score for hit in self.sought.hits}


@dataclass(frozen=True, slots=True)
class Read:
    """One case, None when it is not published; `gone`: it was once. `alike` are others."""

    case: Case | None
    gone: bool = False
    alike: tuple[Case, ...] = ()


class Book:
    """Reads what is published. Every method may raise `Overloaded` when the database is away."""

    def __init__(self, store: Store, svc: Desk) -> None:
        self._store = store
        self._svc = svc

    def listed(self, only: Mapping[str, str], first: int, most: int) -> Shown:
        """Give some of what is published, the latest first."""

        def work() -> Shown:
            found = finding.listed(self._svc, only, first, most)
            cases = self._store.read(lambda unit: finding.shown(self._svc, unit, found.refs))
            return Shown(tuple(cases), found.total, found.facets)

        return _asked(work)

    def search(self, text: str, only: Mapping[str, str], most: int) -> Answer:
        """Search for a question."""

        def work() -> Answer:
            sought = finding.seek(self._svc, text, only=finding.tags(only), most=most)
            cases = self._store.read(lambda unit: finding.shown(self._svc, unit, sought.refs))
            return Answer(sought, tuple(cases))

        return _asked(work)

    def read(self, ref: str) -> Read:
        """Read one case and what is like it."""

        def work() -> Read:
            case = self._store.read(lambda unit: finding.one(self._svc, unit, ref))
            if case is None:
                return Read(None, gone=self._store.read(lambda unit: finding.withdrawn(unit, ref)))
            refs = finding.alike(self._svc, case).refs

            def look(unit: Unit) -> Read:
                return Read(case, alike=tuple(finding.shown(self._svc, unit, refs)))

            return self._store.read(look)

        return _asked(work)

    def answers(self) -> tuple[faq.Answer, ...]:
        """Give every published answer."""
        known = self._svc.library.answers
        return _asked(lambda: self._store.stale(lambda unit: tuple(known.published(unit))))

    def ask(self, text: str) -> Asked:
        """Find what answers a question, or may."""
        return _asked(lambda: self._svc.library.answers.ask(text))

    def issues(self, first: int, most: int) -> tuple[Line, ...]:
        """List what was sent to everybody who asked, the newest first."""
        svc = self._svc
        return _asked(
            lambda: self._store.stale(lambda unit: news_archive.listed(svc, unit, first, most))
        )

    def issue(self, number: str) -> Page | None:
        """Read one issue; None when there is none."""
        svc = self._svc
        return _asked(lambda: self._store.stale(lambda unit: news_archive.page(svc, unit, number)))

    def issue_picture(self, number: str, n: int) -> bytes | None:
        """Give a picture of an issue (PNG), as long as its page shows it."""
        svc = self._svc
        return _asked(
            lambda: self._store.stale(lambda unit: news_archive.picture(svc, unit, number, n))
        )

    @property
    def permission(self) -> str:
        """On what terms a case is shown that says nothing of its own."""
        return self._svc.site.knowledge.permission


def _asked(work: Callable[[], T]) -> T:
    try:
        return work()
    except Busy as busy:
        raise Overloaded from busy
