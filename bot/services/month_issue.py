"""The draft of a month, out of what the agency knows: cases, a question, figures, coming days.

What stands in it are public words: of published cases and answers, of figures that everybody may
read, of the agency's own days whose kind a setting names. An editor goes through all of it.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import quote

from bot.dialogs.replies import Phrase
from bot.documents import charts
from bot.documents.charts import Chart, Series
from bot.services import agency_dates, publishing
from bot.services.base import Desk
from bot.services.case_words import link
from bot.services.figures import WHOLE
from knowledge import issue_choice
from knowledge.calendar import seoul_day
from knowledge.cases import Case
from knowledge.issue_choice import Asked, Chosen, Known
from knowledge.korean import clean_line, clean_text, day_text
from knowledge.newsletter import Issue, Item, ItemKind
from knowledge.subjects import REGIONS
from storage.repositories import broadcasts, cases, questions
from storage.repositories.broadcasts import Picture
from storage.unit import Unit

EARLIER = 240
"""So many earlier issues are looked through for what was told before."""
BARS = 8
_ADDRESS = ":/?#[]@!$&'()*+,;=%"
"""What stays as it is in an address (RFC 3986, 2.2); Korean words in a law's are written in per cent."""


@dataclass(frozen=True, slots=True)
class Made:
    """A draft's words and pictures."""

    issue: Issue
    pictures: tuple[Picture, ...]


def make(svc: Desk, unit: Unit, title: str, lang: str = "ko") -> Made:
    """Choose and write the issue of today's month."""
    words = _Words(svc, lang)
    chosen = _chosen(svc, unit, lang)
    items = [words.case(one) for one in chosen.cases]
    if chosen.last_year is not None:
        items.append(words.case(chosen.last_year, "last_year"))
    asked = _question(svc, unit, lang)
    if asked is not None:
        items.append(asked)
    figures, picture = _figures(svc, unit, words)
    items += figures
    items += _coming(svc, unit, words)
    lead = words.say("newsletter.lead", n=len(chosen.cases)) if chosen.cases else ""
    pictures = (picture,) if picture is not None else ()
    return Made(Issue(title, lead, tuple(items), lang), pictures)


def case_item(svc: Desk, case: Case, lang: str = "ko", kind: ItemKind = "case") -> Item:
    """Tell a case as an issue does: two or three sentences, and whose it is."""
    return _Words(svc, lang).case(case, kind)


def known(svc: Desk, unit: Unit) -> tuple[Known, ...]:
    """Give everything that is published, with the day on which it was let out here."""
    days = cases.days(unit)
    return tuple(
        Known(one, seoul_day(days[one.ref]) if one.ref in days else None)
        for one in svc.library.published(unit)
    )


def region(svc: Desk) -> str:
    """Give the agency's own region, "" where neither a setting nor its name tells."""
    said = svc.site.newsletter.region
    return said or next((one for one in REGIONS[1:] if svc.site.agency.startswith(one)), "")


def told_before(unit: Unit) -> dict[str, set[str]]:
    """Give the refs of what stood in earlier issues, by the number of the issue."""
    states = (broadcasts.DRAFT, broadcasts.ASKED, broadcasts.APPROVED, *broadcasts.OUT)
    found = broadcasts.listed(unit, states, ("news",), most=EARLIER)
    return {one.number: {item.ref for item in one.issue.items if item.ref} for one in found}


class _Words:
    """Says what an issue says of its own, in its language."""

    def __init__(self, svc: Desk, lang: str) -> None:
        self._svc, self.lang = svc, lang

    def say(self, key: str, **params: str | int) -> str:
        return self._svc.texts.render(Phrase(key, params), self.lang, self._svc.site.words())

    def case(self, case: Case, kind: ItemKind = "case") -> Item:
        title = clean_line(case.title)
        if kind == "last_year":
            title = self.say("newsletter.item.last_year", title=title)
        year = self.say("case_search.year", published=str(case.year)) if case.year else ""
        whose = " · ".join(part for part in (case.agency, year) if part)
        text = f"{issue_choice.summary(case)}\n{whose}" if whose else issue_choice.summary(case)
        return Item(kind, title, clean_text(text), case.ref)

    def day(self, day: date) -> str:
        return day_text(day) if self.lang == "ko" else f"{day:%a} {day.day} {day:%b}"


def _chosen(svc: Desk, unit: Unit, lang: str) -> Chosen:
    today, rules = seoul_day(svc.now()), svc.site.newsletter
    before = told_before(unit)
    lately = broadcasts.listed(unit, broadcasts.OUT, ("news",), most=1)
    since = lately[0].made_at if lately else None
    year, quarter = today.year - 1, (today.month + 2) // 3
    then = {f"{year}-{today:%m}", f"{year}-q{quarter}"}
    asked = Asked(
        today,
        seoul_day(since) if since is not None else None,
        used=set().union(*before.values()),
        then=set().union(*(refs for number, refs in before.items() if number[:7] in then)),
        held=cases.held(unit),
        permission=svc.site.knowledge.permission,
        region=region(svc),
        most=rules.cases,
    )
    readable = [one for one in known(svc, unit) if one.case.lang == lang]
    return issue_choice.choose(readable, asked)


def _question(svc: Desk, unit: Unit, lang: str) -> Item | None:
    used = set().union(*told_before(unit).values())
    answers = svc.library.answers.published(unit)
    found = issue_choice.question(answers, used, questions.times(unit), lang)
    if found is None:
        return None
    urls = (quote(one.url, safe=_ADDRESS) for one in found.links)
    url = next((one for one in urls if link(one) is not None), "")
    title = _Words(svc, lang).say("newsletter.item.question", title=clean_line(found.question))
    return Item("question", title, clean_text(found.text), found.ref, url)


def _figures(svc: Desk, unit: Unit, words: _Words) -> tuple[list[Item], Picture | None]:
    """Give figures that everybody may read: of what was reported, or of what is known."""
    public = publishing.published(svc, unit)
    done = public.months[WHOLE].counts["done"] if public is not None else None
    if public is not None and done:
        months = [name for name in public.months if name != WHOLE]
        numbers = [public.months[name].counts["done"] for name in months]
        labels = [
            words.say("published.month", year=name[:4], month=int(name[5:])) for name in months
        ]
        title = words.say("newsletter.item.reports")
        text = words.say("newsletter.item.reports_text", n=done)
    else:
        counted = issue_choice.by_field(svc.library.published(unit))
        if not counted:
            return [], None
        labels = [name for name, _ in counted[:BARS]]
        numbers = [n for _, n in counted[:BARS]]
        title = words.say("newsletter.item.fields")
        field, most = counted[0]
        text = words.say(
            "newsletter.item.fields_text", n=sum(n for _, n in counted), field=field, most=most
        )
    chart = Chart("bars", title, tuple(labels), (Series(title, tuple(numbers)),))
    hide = words.say("published.hidden")
    lines = (f"{a}: {hide if n is None else n}" for a, n in zip(labels, numbers, strict=True))
    alt = words.say("newsletter.item.alt", title=title, lines=" / ".join(lines))
    item = Item("figures", title, text, picture=0)
    png = charts.png(chart)
    return [item], Picture(0, png, alt, *charts.size(png))


def _coming(svc: Desk, unit: Unit, words: _Words) -> list[Item]:
    """Give the days of the next weeks whose kind is for everybody, in order."""
    rules, today = svc.site.newsletter, seoul_day(svc.now())
    last = today + timedelta(days=rules.coming_days)
    found = [
        (day, one.title)
        for one in agency_dates.running(unit)
        if one.kind in rules.coming and (day := one.next(today)) is not None and day <= last
    ]
    if not found:
        return []
    lines = "\n".join(f"{words.day(day)} {clean_line(title)}" for day, title in sorted(found))
    return [Item("dates", words.say("newsletter.item.dates"), lines)]
