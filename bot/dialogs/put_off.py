"""How long an official does not want to hear of a filing."""

from datetime import date
from typing import Literal

from pydantic import BaseModel

from bot.dialogs.fields import Choice, Day
from bot.dialogs.form import Form, Is

SPANS = ("tomorrow", "three", "week", "day")


class PutOff(BaseModel):
    """Until the next working morning, the third or fifth one, or a day of one's own."""

    until: Literal["tomorrow", "three", "week", "day"] = "tomorrow"
    day: date | None = None


FORM = Form(
    "put_off",
    1,
    PutOff,
    (
        Choice("until", values=SPANS, default="tomorrow"),
        Day("day", when=Is("until", ("day",)), past=False),
    ),
    summary=False,
)
