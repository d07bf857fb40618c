"""`site.toml`: what the agency says of its newsletters."""

import re
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from bot.settings_values import Part, Said

Theme = Literal["light", "dark"]


def colour(text: str) -> str:
    """Refuse what is no colour of six digits."""
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", text):
        raise ValueError('"#0b50d0"처럼 #과 여섯 자리로 적습니다')
    return text.lower()


Colour = Annotated[str, AfterValidator(colour)]


class CardsSite(Part):
    """카드뉴스 and 사례집: whose they are, and how they look."""

    agency: str = ""
    """How the agency is called on them; empty: `agency`."""
    logo: Path | None = None
    """A PNG or SVG, read and checked when the service starts."""
    theme: Theme = "light"
    colour: Colour = "#0b50d0"
    """The agency's own; where words would be hard to read on it or in it, it is made darker or
    lighter until they are not (WCAG 2.2, 1.4.3)."""
    accent: Colour = "#ffb114"
    """Ornaments alone: no word stands on it or in it."""


class NewsletterSite(Part):
    """월간 적극행정: when a draft is made, how often results are published, what is asked again."""

    rhythm: Literal["monthly", "quarterly", "off"] = "monthly"
    draft_day: Annotated[int, Field(ge=1, le=28)] = 20
    """The day of the month on which the clock makes the draft."""
    send_day: Annotated[int, Field(ge=1, le=28)] = 25
    send_hour: Annotated[int, Field(ge=8, le=20)] = 10
    """What the draft proposes; nothing is sent before two persons have let it go."""
    results_per_quarter: Annotated[int, Field(ge=0, le=100)] = 1
    """Issues with the agency's own plans and results in a quarter; 0: no limit."""
    cases: Annotated[int, Field(ge=1, le=6)] = 5
    """New cases of one issue, beside one of the same month last year."""
    region: str = ""
    """Of which region cases go first; "": as the agency's name begins (부산광역시)."""
    coming: tuple[Literal["selection", "plan", "training", "meeting", "other"], ...] = (
        "selection",
        "plan",
    )
    """Which of the agency's own days everybody may read of; the others are its staff's."""
    coming_days: Annotated[int, Field(ge=0, le=120)] = 45
    head: tuple[Said, ...] = ()
    """Names and titles of the head of the agency, found and shown to the editor."""
    doc_no_required: bool = True
    alerts: bool = True
    alert_hour: Annotated[int, Field(ge=8, le=20)] = 10
    alert_days: Literal["office", "every"] = "office"
    renewal_years: Annotated[int, Field(ge=0, le=10)] = 2
    """After so many years a reader is asked whether he wants to go on; 0: never."""
    renewal_wait_days: Annotated[int, Field(ge=7, le=365)] = 60
    """Without an answer it ends so many days after that."""
    unconfirmed_days: Annotated[int, Field(ge=1, le=60)] = 7
    """An e-mail that nobody confirmed is forgotten after so many days."""
    canaries: Annotated[int, Field(ge=0, le=1000)] = 20
    refused_percent: Annotated[int, Field(ge=1, le=100)] = 5
    late_minutes: Annotated[int, Field(ge=5, le=1440)] = 60
    """What was due longer ago than this when the service came back waits for a person."""
    cards: CardsSite = CardsSite()
