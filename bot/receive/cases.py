"""Cases in a chat: words are asked for, what fits is shown, narrowed, turned over and read.

The search itself runs outside the transaction (`Ponder`); what it found is looked up inside. Of
a search its findings are kept with the menu or the open form, never the words.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from zlib import crc32

from bot.dialogs.engine import MENU
from bot.dialogs.replies import Card, Cards, Option, Phrase, Say
from bot.dialogs.state import BESIDE
from bot.receive import menu
from bot.receive.doors import HOME
from bot.receive.walk import offers
from bot.services import finding
from bot.services.case_words import link
from bot.services.finding import Sought
from knowledge.cases import told
from storage.errors import Busy

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bot.dialogs.replies import Param, Words
    from bot.receive.walk import Choice, Walk
    from knowledge.cases import Case

KEPT = f"{BESIDE}cases"
"""Where the findings lie, among what is kept with a menu or beside a form."""

AGAIN: Choice = ("case_search.again", "cases", "")
HUMAN: Choice = ("dialog.human", "human", "")
FEW = 2
"""Values from which on it is worth asking which."""


PAGES = {
    (True, True): "case_search.found_all",
    (True, False): "case_search.found",
    (False, True): "case_search.near_all",
    (False, False): "case_search.near",
}
"""What is said over a page: by whether the search is sure, and whether these are all."""


@dataclass(slots=True)
class Kept:
    """What the last search left: refs in their order, what they were narrowed to.

    `asks`: the words are asked for, what is typed next is searched.
    """

    refs: list[str] = field(default_factory=list)
    sure: bool = True
    only: dict[str, str] = field(default_factory=dict)
    asks: bool = False

    @property
    def mark(self) -> str:
        """Name the findings, so that a button of an earlier search does not turn these over."""
        return f"{crc32(' '.join(self.refs).encode()):08x}"[:6]


def search(walk: Walk, arg: str = "") -> None:
    """Search for words, or ask for them."""
    words = finding.asked(arg)
    if not words:
        _ask(walk)
        return
    sought = _sought(walk, words)
    if not shows(walk, sought):
        _none(walk, sought)
    walk.ask_again()


def hears(walk: Walk, text: str) -> bool:
    """Search what was typed where words are asked for; False: they are about something else.

    Nobody is held in a search: what finds nothing is heard like any other words.
    """
    kept = _kept(walk)
    words = finding.asked(text) if kept is not None and kept.asks else ""
    return bool(words) and shows(walk, _sought(walk, words))


def waits(walk: Walk) -> bool:
    """Tell whether words for a search are asked for."""
    kept = _kept(walk)
    return kept is not None and kept.asks


def shows(walk: Walk, sought: Sought) -> bool:
    """Show what was found; False where nothing fits."""
    cases = finding.shown(walk.parts.svc, walk.unit, sought.refs)
    if not cases:
        return False
    kept = Kept([case.ref for case in cases], sought.sure)
    _page(walk, kept, cases, 0, finding.meant(sought))
    return True


def turn(walk: Walk, arg: str = "") -> None:
    """Turn over or narrow what was found: `5 <mark>`, `by region <mark>`, `only region <ref>`."""
    *what, mark = arg.split(" ")
    kept = _kept(walk)
    if kept is None or kept.asks or kept.mark != mark:
        walk.say("case_search.gone", *_ways(walk))
        walk.ask_again()
        return
    cases = finding.shown(walk.parts.svc, walk.unit, kept.refs)
    match what:
        case ["by", name] if name in finding.FACETS:
            _values(walk, kept, finding.narrowed(cases, kept.only), name)
        case ["only", name, ref] if name in finding.FACETS:
            value = next((getattr(one, name) for one in cases if one.ref == ref), "")
            kept.only = {**kept.only, name: str(value)} if value else kept.only
            _page(walk, kept, finding.narrowed(cases, kept.only), 0)
        case ["all"]:
            kept.only = {}
            _page(walk, kept, cases, 0)
        case [at] if at.isascii() and at.isdigit():
            _page(walk, kept, finding.narrowed(cases, kept.only), int(at[:3]))
        case _:
            _page(walk, kept, [], 0)
    walk.ask_again()


def show(walk: Walk, arg: str = "") -> None:
    """Show one case."""
    case = finding.one(walk.parts.svc, walk.unit, arg.strip())
    if case is None:
        walk.say("case_search.withdrawn", *_ways(walk))
    else:
        walk.replies.append(_detail(walk, case))
    walk.ask_again()


def like(walk: Walk, arg: str = "") -> None:
    """Show cases that are like one."""
    case = finding.one(walk.parts.svc, walk.unit, arg.strip())
    if case is None:
        walk.say("case_search.withdrawn", *_ways(walk))
    elif not shows(walk, _alike(walk, case)):
        walk.say("case_search.none_alike", *_ways(walk))
    walk.ask_again()


def good(walk: Walk, said: str) -> Sought:
    """Search for good examples that are like what somebody told: nothing that could steer.

    A search that fails brings nothing: nobody's filing waits for it.
    """

    def look() -> Sought:
        try:
            return finding.seek(walk.parts.svc, said, only={"kind": "active"}, most=finding.PAGE)
        except Busy:
            return Sought()

    return walk.thought.found(look)


def offer(walk: Walk, sought: Sought) -> None:
    """Offer cases that are like what was just done; silent unless the search is sure."""
    found = finding.shown(walk.parts.svc, walk.unit, sought.refs) if sought.sure else []
    if found:
        kept = Kept([case.ref for case in found])
        walk.say("case_search.offer", _turn("case_search.see", "0", kept), n=len(found))
        _keep(walk, kept)


# What is said


def _ask(walk: Walk) -> None:
    if walk.form() is not None:
        walk.say("case_search.ask_beside", command="/cases")
        walk.ask_again()
        return
    walk.say("case_search.ask", HOME)
    _keep(walk, Kept(asks=True))


def _none(walk: Walk, sought: Sought) -> None:
    """Say honestly that nothing fits, and what else there is."""
    ways: tuple[Choice, ...] = () if walk.form() else (*menu.first(walk), HUMAN, HOME)
    walk.say("case_search.none", *ways, meant=finding.meant(sought))
    if walk.form() is None:
        _keep(walk, Kept(asks=True))


def _page(
    walk: Walk, kept: Kept, cases: Sequence[Case], first: int, meant: Sequence[Param] = ()
) -> None:
    """Show a few of them, with the way on."""
    shown = cases[first : first + finding.PAGE]
    _keep(walk, kept)
    if not shown:
        walk.say("case_search.gone", *_ways(walk))
        return
    count = {"n": len(cases), "first": first + 1, "last": first + len(shown)}
    key = PAGES[kept.sure, len(shown) == len(cases)]
    text = Phrase(key, {**count, "meant": list(meant)})
    cards = tuple(
        Card(finding.words(case.title), _few(case), offers((_open(case),))) for case in shown
    )
    ways: list[Choice] = []
    if len(cases) > first + finding.PAGE:
        ways.append(_turn("case_search.more", str(first + finding.PAGE), kept))
    if first:
        ways.append(_turn("case_search.back", str(max(0, first - finding.PAGE)), kept))
    if len(cases) > finding.PAGE:
        ways += [
            _turn(f"case_search.by_{name}", f"by {name}", kept)
            for name in finding.FACETS
            if name not in kept.only and len(finding.facet(cases, name)) >= FEW
        ]
    if kept.only:
        ways.append(_turn("case_search.all", "all", kept))
    walk.replies.append(Cards(text, cards, offers((*ways, *_ways(walk)))))


def _ways(walk: Walk) -> tuple[Choice, ...]:
    """Give the ways on; where a form is open its own question follows."""
    return () if walk.form() is not None else (AGAIN, HOME)


def _few(case: Case) -> Phrase:
    """Say in a few lines what a case is."""
    line = finding.gist(case)
    lines: list[Param] = [finding.whose(case), *([finding.words(line)] if line else [])]
    if not line:
        lines.append(Phrase("case_search.title_only"))
    if case.kind == "passive":
        lines.insert(0, Phrase("case_search.recognised"))
    return Phrase("case_search.card", {"lines": lines})


def _values(walk: Walk, kept: Kept, cases: Sequence[Case], name: str) -> None:
    """Ask to which value it shall be narrowed."""
    found = finding.facet(cases, name)[:12]
    options = tuple(
        Option(
            Phrase("case_search.value", {"value": _value(name, value), "n": count}),
            command="found",
            arg=f"only {name} {ref} {kept.mark}",
        )
        for value, count, ref in found
    )
    back = offers((_turn("case_search.back_to", "0", kept), *_ways(walk)))
    walk.replies.append(Say(Phrase(f"case_search.which_{name}"), (*options, *back)))
    _keep(walk, kept)


def _value(name: str, value: str) -> Words:
    if name == "kind":
        return Phrase(f"case_search.kind_{value}")
    if name == "year":
        return Phrase("case_search.year", {"published": value})
    return finding.words(value)


def _detail(walk: Walk, case: Case) -> Say:
    """Tell all that is known of a case, and from where."""
    parts = {name: told(getattr(case, name)) for name in ("problem", "action", "effect", "law")}
    given = case.permission or walk.parts.svc.site.knowledge.permission
    values: dict[str, Param] = {
        **{name: finding.words(text) if text else None for name, text in parts.items()},
        "title": finding.words(case.title),
        "whose": finding.whose(case),
        "detail": Phrase(f"case_search.{case.detail}") if case.detail != "full" else None,
        "careful": Phrase("case_search.careful"),
        "source": finding.words(finding.source(case)),
        "permission": finding.words(given),
    }
    ways: list[Choice] = [("case_search.alike", "like", case.ref)]
    kept = _kept(walk)
    if kept is not None and case.ref in kept.refs:
        at = kept.refs.index(case.ref) // finding.PAGE * finding.PAGE if not kept.only else 0
        ways.append(_turn("case_search.back_to", str(at), kept))
        _keep(walk, kept)
    to = link(case.source)
    host = {"host": finding.words(to.host)} if to else {}
    out: list[Option] = [Option(Phrase("case_search.source", host), url=to.href)] if to else []
    page = f"{walk.parts.svc.public_url}/cases/{case.ref}"
    out.append(Option(Phrase("case_search.page"), url=page))
    return Say(
        Phrase(f"case_search.whole_{case.kind}", values), (*out, *offers((*ways, *_ways(walk))))
    )


def _open(case: Case) -> Choice:
    return ("case_search.open", "case", case.ref)


def _turn(label: str, what: str, kept: Kept) -> Choice:
    return (label, "found", f"{what} {kept.mark}")


# What is searched, and kept


def _sought(walk: Walk, text: str) -> Sought:
    """Give what the search brought; it is done outside of the transaction."""
    return walk.thought.found(lambda: finding.seek(walk.parts.svc, text))


def _alike(walk: Walk, case: Case) -> Sought:
    return walk.thought.found(lambda: finding.alike(walk.parts.svc, case))


def _kept(walk: Walk) -> Kept | None:
    """Read what the last search left."""
    drafts: Mapping[str, Any] = walk.was.drafts if walk.was is not None else {}
    left = drafts.get(KEPT)
    return Kept(**left) if isinstance(left, dict) else None


def _keep(walk: Walk, kept: Kept) -> None:
    """Keep the findings with the menu that comes, or beside the form that is open."""
    left: dict[str, Any] = {
        "refs": kept.refs,
        "sure": kept.sure,
        "only": kept.only,
        "asks": kept.asks,
    }
    walk.beside[KEPT] = left
    state = walk.state
    if state is not None and state.form != MENU:
        walk.state = state.copy()
        walk.state.drafts[KEPT] = left
